//! The lanes as a plain array, for processors without a backend of their own.

use super::{Lanes, operators};

/// Four `f32` lanes.
#[derive(Clone, Copy, Debug)]
pub struct F32x4([f32; 4]);

operators!(F32x4: Add add, Sub sub, Mul mul, Div div);

impl F32x4 {
    fn zip(self, other: Self, f: impl Fn(f32, f32) -> f32) -> Self {
        Self(core::array::from_fn(|lane| f(self.0[lane], other.0[lane])))
    }

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.zip(other, |a, b| a + b)
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        self.zip(other, |a, b| a - b)
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        self.zip(other, |a, b| a * b)
    }
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        self.zip(other, |a, b| a / b)
    }

    /// The rows of the 4 × 4 matrix whose columns are given.
    pub fn transpose(columns: [Self; 4]) -> [Self; 4] {
        core::array::from_fn(|row| Self(columns.map(|column| column.0[row])))
    }

    /// Reads four numbers; no alignment is asked for.
    ///
    /// # Safety
    /// Four numbers can be read at `from`.
    #[inline(always)]
    pub unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise; arrays of `f32` need no more alignment than `f32`.
        Self(unsafe { from.cast::<[f32; 4]>().read_unaligned() })
    }

    /// Reads one number into every lane.
    ///
    /// # Safety
    /// A number can be read at `from`.
    #[inline(always)]
    pub unsafe fn load_splat(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        Self([unsafe { *from }; 4])
    }

    /// Writes four numbers; no alignment is asked for.
    ///
    /// # Safety
    /// Four numbers can be written at `to`.
    #[inline(always)]
    pub unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { to.cast::<[f32; 4]>().write_unaligned(self.0) };
    }
}

impl Lanes for F32x4 {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self([value; 4])
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(self.0.map(f32::sqrt))
    }
    #[inline(always)]
    fn minimum(self, other: Self) -> Self {
        self.zip(other, Lanes::minimum)
    }
    #[inline(always)]
    fn maximum(self, other: Self) -> Self {
        self.zip(other, Lanes::maximum)
    }
    #[inline(always)]
    fn less(self, other: Self) -> Self {
        self.zip(other, Lanes::less)
    }
    #[inline(always)]
    fn select(self, yes: Self, no: Self) -> Self {
        Self(core::array::from_fn(|lane| self.0[lane].select(yes.0[lane], no.0[lane])))
    }
    #[inline(always)]
    fn and_bits(self, other: Self) -> Self {
        self.zip(other, Lanes::and_bits)
    }
    #[inline(always)]
    fn add_bits(self, other: Self) -> Self {
        self.zip(other, Lanes::add_bits)
    }
    #[inline(always)]
    fn sub_bits(self, other: Self) -> Self {
        self.zip(other, Lanes::sub_bits)
    }
    #[inline(always)]
    fn shift_left<const BY: i32>(self) -> Self {
        Self(self.0.map(Lanes::shift_left::<BY>))
    }
    #[inline(always)]
    fn shift_right<const BY: i32>(self) -> Self {
        Self(self.0.map(Lanes::shift_right::<BY>))
    }
    #[inline(always)]
    fn integer_to_number(self) -> Self {
        Self(self.0.map(Lanes::integer_to_number))
    }
}

#[cfg(test)]
impl F32x4 {
    pub(super) fn from_array(values: [f32; 4]) -> Self {
        // SAFETY: the array is four readable numbers.
        unsafe { Self::load(values.as_ptr()) }
    }
    pub(super) fn to_array(self) -> [f32; 4] {
        let mut values = [0.0; 4];
        // SAFETY: the array is four writable numbers.
        unsafe { self.store(values.as_mut_ptr()) };
        values
    }
}
