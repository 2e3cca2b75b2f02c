//! The lanes on WebAssembly: `simd128`, never its relaxed form.

use super::{Lanes, operators};
use core::arch::wasm32::{
    f32x4_add, f32x4_convert_i32x4, f32x4_div, f32x4_lt, f32x4_mul, f32x4_pmax, f32x4_pmin, f32x4_splat, f32x4_sqrt,
    f32x4_sub, i32x4_add, i32x4_shl, i32x4_shr, i32x4_shuffle, i32x4_sub, v128, v128_and, v128_bitselect, v128_load,
    v128_load32_splat, v128_store,
};

/// Four `f32` lanes.
#[derive(Clone, Copy, Debug)]
pub struct F32x4(v128);

operators!(F32x4: Add add, Sub sub, Mul mul, Div div);

impl F32x4 {
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        Self(f32x4_add(self.0, other.0))
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        Self(f32x4_sub(self.0, other.0))
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        Self(f32x4_mul(self.0, other.0))
    }
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        Self(f32x4_div(self.0, other.0))
    }

    /// The rows of the 4 × 4 matrix whose columns are given.
    #[inline(always)]
    pub fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        let [low_ab, high_ab] = [i32x4_shuffle::<0, 4, 1, 5>(a.0, b.0), i32x4_shuffle::<2, 6, 3, 7>(a.0, b.0)];
        let [low_cd, high_cd] = [i32x4_shuffle::<0, 4, 1, 5>(c.0, d.0), i32x4_shuffle::<2, 6, 3, 7>(c.0, d.0)];
        [
            Self(i32x4_shuffle::<0, 1, 4, 5>(low_ab, low_cd)),
            Self(i32x4_shuffle::<2, 3, 6, 7>(low_ab, low_cd)),
            Self(i32x4_shuffle::<0, 1, 4, 5>(high_ab, high_cd)),
            Self(i32x4_shuffle::<2, 3, 6, 7>(high_ab, high_cd)),
        ]
    }

    /// Reads four numbers; no alignment is asked for.
    ///
    /// # Safety
    /// Four numbers can be read at `from`.
    #[inline(always)]
    pub unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { v128_load(from.cast()) })
    }

    /// Reads one number into every lane.
    ///
    /// # Safety
    /// A number can be read at `from`.
    #[inline(always)]
    pub unsafe fn load_splat(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { v128_load32_splat(from.cast()) })
    }

    /// Writes four numbers; no alignment is asked for.
    ///
    /// # Safety
    /// Four numbers can be written at `to`.
    #[inline(always)]
    pub unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { v128_store(to.cast(), self.0) };
    }
}

impl Lanes for F32x4 {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        Self(f32x4_splat(value))
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        Self(f32x4_sqrt(self.0))
    }
    #[inline(always)]
    fn minimum(self, other: Self) -> Self {
        // `pmin(a, b)` is `b < a ? b : a`.
        Self(f32x4_pmin(other.0, self.0))
    }
    #[inline(always)]
    fn maximum(self, other: Self) -> Self {
        // `pmax(a, b)` is `a < b ? b : a`.
        Self(f32x4_pmax(other.0, self.0))
    }
    #[inline(always)]
    fn less(self, other: Self) -> Self {
        Self(f32x4_lt(self.0, other.0))
    }
    #[inline(always)]
    fn select(self, yes: Self, no: Self) -> Self {
        Self(v128_bitselect(yes.0, no.0, self.0))
    }
    #[inline(always)]
    fn and_bits(self, other: Self) -> Self {
        Self(v128_and(self.0, other.0))
    }
    #[inline(always)]
    fn add_bits(self, other: Self) -> Self {
        Self(i32x4_add(self.0, other.0))
    }
    #[inline(always)]
    fn sub_bits(self, other: Self) -> Self {
        Self(i32x4_sub(self.0, other.0))
    }
    #[inline(always)]
    fn shift_left<const BY: i32>(self) -> Self {
        Self(i32x4_shl(self.0, BY as u32))
    }
    #[inline(always)]
    fn shift_right<const BY: i32>(self) -> Self {
        Self(i32x4_shr(self.0, BY as u32))
    }
    #[inline(always)]
    fn integer_to_number(self) -> Self {
        Self(f32x4_convert_i32x4(self.0))
    }
}
