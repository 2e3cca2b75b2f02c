//! Four `f32` lanes with one meaning on every processor.
//!
//! The operations are IEEE 754 single precision, rounded to nearest, denormals kept, one rounding each: a product and
//! a sum are never fused. `minimum` and `maximum` are those of SSE and of WebAssembly's `pmin` and `pmax`, spelled
//! out below, so that zeros and NaNs come out alike too. Only the payload of a NaN is left to the processor.

#[cfg(any(test, not(any(target_arch = "x86_64", target_arch = "aarch64", target_feature = "simd128"))))]
mod array;
#[cfg(target_arch = "aarch64")]
mod neon;
#[cfg(target_arch = "x86_64")]
mod sse2;
#[cfg(target_feature = "simd128")]
mod wasm;

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64", target_feature = "simd128")))]
use array as backend;
#[cfg(target_arch = "aarch64")]
use neon as backend;
#[cfg(target_arch = "x86_64")]
use sse2 as backend;
#[cfg(target_feature = "simd128")]
use wasm as backend;

pub use backend::F32x4;
use core::ops::{Add, Div, Mul, Sub};

/// What kernels are written over: [`F32x4`], or `f32` for the scalar twin of the same kernel.
///
/// Methods named after bits read a lane as a 32-bit pattern; a mask is a lane of all ones or all zeros.
pub(crate) trait Lanes:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self>
{
    /// The same number in every lane.
    fn splat(value: f32) -> Self;
    /// The correctly rounded square root.
    fn sqrt(self) -> Self;
    /// `if self < other { self } else { other }`: a NaN or a tie gives `other`.
    fn minimum(self, other: Self) -> Self;
    /// `if self > other { self } else { other }`: a NaN or a tie gives `other`.
    fn maximum(self, other: Self) -> Self;
    /// The mask of `self < other`.
    fn less(self, other: Self) -> Self;
    /// The bits of `yes` where the mask `self` is set, of `no` elsewhere.
    fn select(self, yes: Self, no: Self) -> Self;
    /// Bitwise and.
    fn and_bits(self, other: Self) -> Self;
    /// The sum of the lanes as 32-bit integers, wrapping.
    fn add_bits(self, other: Self) -> Self;
    /// The difference of the lanes as 32-bit integers, wrapping.
    fn sub_bits(self, other: Self) -> Self;
    /// The lanes as 32-bit integers, shifted towards the high end.
    fn shift_left<const BY: i32>(self) -> Self;
    /// The lanes as signed 32-bit integers, shifted towards the low end.
    fn shift_right<const BY: i32>(self) -> Self;
    /// The lanes as signed 32-bit integers, turned into numbers, rounded to nearest.
    fn integer_to_number(self) -> Self;

    /// The same bit pattern in every lane.
    #[inline(always)]
    fn splat_bits(bits: u32) -> Self {
        Self::splat(f32::from_bits(bits))
    }
}

impl Lanes for f32 {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        value
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        f32::sqrt(self)
    }
    #[inline(always)]
    fn minimum(self, other: Self) -> Self {
        if self < other { self } else { other }
    }
    #[inline(always)]
    fn maximum(self, other: Self) -> Self {
        if self > other { self } else { other }
    }
    #[inline(always)]
    fn less(self, other: Self) -> Self {
        f32::from_bits(if self < other { u32::MAX } else { 0 })
    }
    #[inline(always)]
    fn select(self, yes: Self, no: Self) -> Self {
        let mask = self.to_bits();
        f32::from_bits(mask & yes.to_bits() | !mask & no.to_bits())
    }
    #[inline(always)]
    fn and_bits(self, other: Self) -> Self {
        f32::from_bits(self.to_bits() & other.to_bits())
    }
    #[inline(always)]
    fn add_bits(self, other: Self) -> Self {
        f32::from_bits(self.to_bits().wrapping_add(other.to_bits()))
    }
    #[inline(always)]
    fn sub_bits(self, other: Self) -> Self {
        f32::from_bits(self.to_bits().wrapping_sub(other.to_bits()))
    }
    #[inline(always)]
    fn shift_left<const BY: i32>(self) -> Self {
        f32::from_bits(self.to_bits() << BY)
    }
    #[inline(always)]
    fn shift_right<const BY: i32>(self) -> Self {
        f32::from_bits((self.to_bits().cast_signed() >> BY).cast_unsigned())
    }
    #[inline(always)]
    fn integer_to_number(self) -> Self {
        self.to_bits().cast_signed() as f32
    }
}

macro_rules! operators {
    ($vector:ty: $($trait:ident $method:ident),*) => {
        $(impl core::ops::$trait for $vector {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                self.$method(other)
            }
        })*
    };
}
pub(crate) use operators;

impl F32x4 {
    /// The number of lanes.
    pub const LANES: usize = 4;

    /// Lanes from four numbers.
    #[inline(always)]
    pub fn from_array(values: [f32; 4]) -> Self {
        // SAFETY: the array is four readable numbers.
        unsafe { Self::load(values.as_ptr()) }
    }

    /// The lanes as four numbers.
    #[inline(always)]
    pub fn to_array(self) -> [f32; 4] {
        let mut values = [0.0; 4];
        // SAFETY: the array is four writable numbers.
        unsafe { self.store(values.as_mut_ptr()) };
        values
    }
}

#[cfg(test)]
mod tests {
    use super::{F32x4, Lanes, array};
    use proptest::prelude::*;

    fn bits(values: [f32; 4]) -> [u32; 4] {
        values.map(|v| if v.is_nan() { f32::NAN.to_bits() } else { v.to_bits() })
    }

    /// Any bit pattern, with the awkward ones often.
    fn lane() -> impl Strategy<Value = f32> {
        prop_oneof![
            any::<u32>().prop_map(f32::from_bits),
            prop::sample::select(vec![
                0.0,
                -0.0,
                1.0,
                -1.0,
                f32::NAN,
                f32::INFINITY,
                f32::NEG_INFINITY,
                1e-40,
                f32::MAX
            ]),
        ]
    }

    /// Exact bits, for operations that move bits rather than numbers.
    fn raw(values: [f32; 4]) -> [u32; 4] {
        values.map(f32::to_bits)
    }

    macro_rules! same_on_all {
        ($a:ident, $b:ident, $read:ident: $($name:ident),*) => {
            $(
                let vector = F32x4::from_array($a).$name(F32x4::from_array($b)).to_array();
                let plain = array::F32x4::from_array($a).$name(array::F32x4::from_array($b)).to_array();
                let scalar = core::array::from_fn(|lane| <f32 as Lanes>::$name($a[lane], $b[lane]));
                prop_assert_eq!($read(vector), $read(scalar), "{}", stringify!($name));
                prop_assert_eq!($read(plain), $read(scalar), "{}", stringify!($name));
            )*
        };
    }

    proptest! {
        #[test]
        fn vector_operations_are_the_scalar_ones_lane_by_lane(a in [lane(), lane(), lane(), lane()], b in [lane(), lane(), lane(), lane()]) {
            use core::ops::{Add, Div, Mul, Sub};
            macro_rules! arithmetic {
                ($($name:ident),*) => { $(
                    let vector = F32x4::from_array(a).$name(F32x4::from_array(b)).to_array();
                    let plain = array::F32x4::from_array(a).$name(array::F32x4::from_array(b)).to_array();
                    let scalar = core::array::from_fn(|lane| a[lane].$name(b[lane]));
                    prop_assert_eq!(bits(vector), bits(scalar), "{}", stringify!($name));
                    prop_assert_eq!(bits(plain), bits(scalar), "{}", stringify!($name));
                )* };
            }
            arithmetic!(add, sub, mul, div);
            same_on_all!(a, b, bits: minimum, maximum);
            same_on_all!(a, b, raw: less, and_bits, add_bits, sub_bits);
            let unary = |f: fn(F32x4) -> F32x4| f(F32x4::from_array(a)).to_array();
            prop_assert_eq!(bits(unary(Lanes::sqrt)), bits(a.map(f32::sqrt)));
            prop_assert_eq!(raw(unary(Lanes::shift_left::<23>)), raw(a.map(Lanes::shift_left::<23>)));
            prop_assert_eq!(raw(unary(Lanes::shift_right::<23>)), raw(a.map(Lanes::shift_right::<23>)));
            prop_assert_eq!(raw(unary(Lanes::integer_to_number)), raw(a.map(Lanes::integer_to_number)));
            let mask = F32x4::from_array(a).less(F32x4::from_array(b));
            let matrix = [a, b, b.map(|x| -x), a.map(|x| -x)];
            let rows: [[f32; 4]; 4] = core::array::from_fn(|row| matrix.map(|column| column[row]));
            prop_assert_eq!(F32x4::transpose(matrix.map(F32x4::from_array)).map(|row| raw(row.to_array())), rows.map(raw));
            let plain = array::F32x4::transpose(matrix.map(array::F32x4::from_array));
            prop_assert_eq!(plain.map(|row| raw(row.to_array())), rows.map(raw));
            // SAFETY: the array's first number can be read.
            let [spread, plain] = unsafe { [F32x4::load_splat(a.as_ptr()).to_array(), array::F32x4::load_splat(a.as_ptr()).to_array()] };
            prop_assert_eq!([raw(spread), raw(plain)], [raw([a[0]; 4]); 2]);
            let chosen = mask.select(F32x4::from_array(a), F32x4::from_array(b)).to_array();
            let expected = core::array::from_fn(|lane| if a[lane] < b[lane] { a[lane] } else { b[lane] });
            prop_assert_eq!(raw(chosen), raw(expected));
        }
    }
}
