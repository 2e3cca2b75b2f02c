//! The lanes on x86-64: SSE2, which every such processor has.

use super::{Lanes, operators};
use core::arch::x86_64::{
    __m128, _mm_add_epi32, _mm_add_ps, _mm_and_ps, _mm_andnot_ps, _mm_castps_si128, _mm_castsi128_ps, _mm_cmplt_ps,
    _mm_cvtepi32_ps, _mm_div_ps, _mm_load1_ps, _mm_loadu_ps, _mm_max_ps, _mm_min_ps, _mm_movehl_ps, _mm_movelh_ps,
    _mm_mul_ps, _mm_or_ps, _mm_set1_ps, _mm_slli_epi32, _mm_sqrt_ps, _mm_srai_epi32, _mm_storeu_ps, _mm_sub_epi32,
    _mm_sub_ps, _mm_unpackhi_ps, _mm_unpacklo_ps,
};

/// Four `f32` lanes.
#[derive(Clone, Copy, Debug)]
pub struct F32x4(__m128);

operators!(F32x4: Add add, Sub sub, Mul mul, Div div);

impl F32x4 {
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_add_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_sub_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_mul_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_div_ps(self.0, other.0) })
    }

    /// The rows of the 4 × 4 matrix whose columns are given.
    #[inline(always)]
    pub fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        // SAFETY: SSE2 is part of x86-64.
        unsafe {
            let [low_ab, high_ab] = [_mm_unpacklo_ps(a.0, b.0), _mm_unpackhi_ps(a.0, b.0)];
            let [low_cd, high_cd] = [_mm_unpacklo_ps(c.0, d.0), _mm_unpackhi_ps(c.0, d.0)];
            [
                Self(_mm_movelh_ps(low_ab, low_cd)),
                Self(_mm_movehl_ps(low_cd, low_ab)),
                Self(_mm_movelh_ps(high_ab, high_cd)),
                Self(_mm_movehl_ps(high_cd, high_ab)),
            ]
        }
    }

    /// Reads four numbers; no alignment is asked for.
    ///
    /// # Safety
    /// Four numbers can be read at `from`.
    #[inline(always)]
    pub unsafe fn load(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm_loadu_ps(from) })
    }

    /// Reads one number into every lane.
    ///
    /// # Safety
    /// A number can be read at `from`.
    #[inline(always)]
    pub unsafe fn load_splat(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { _mm_load1_ps(from) })
    }

    /// Writes four numbers; no alignment is asked for.
    ///
    /// # Safety
    /// Four numbers can be written at `to`.
    #[inline(always)]
    pub unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { _mm_storeu_ps(to, self.0) };
    }
}

impl Lanes for F32x4 {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_set1_ps(value) })
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_sqrt_ps(self.0) })
    }
    #[inline(always)]
    fn minimum(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_min_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn maximum(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_max_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn less(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_cmplt_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn select(self, yes: Self, no: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_or_ps(_mm_and_ps(self.0, yes.0), _mm_andnot_ps(self.0, no.0)) })
    }
    #[inline(always)]
    fn and_bits(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_and_ps(self.0, other.0) })
    }
    #[inline(always)]
    fn add_bits(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_castsi128_ps(_mm_add_epi32(_mm_castps_si128(self.0), _mm_castps_si128(other.0))) })
    }
    #[inline(always)]
    fn sub_bits(self, other: Self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_castsi128_ps(_mm_sub_epi32(_mm_castps_si128(self.0), _mm_castps_si128(other.0))) })
    }
    #[inline(always)]
    fn shift_left<const BY: i32>(self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_castsi128_ps(_mm_slli_epi32::<BY>(_mm_castps_si128(self.0))) })
    }
    #[inline(always)]
    fn shift_right<const BY: i32>(self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_castsi128_ps(_mm_srai_epi32::<BY>(_mm_castps_si128(self.0))) })
    }
    #[inline(always)]
    fn integer_to_number(self) -> Self {
        // SAFETY: SSE2 is part of x86-64.
        Self(unsafe { _mm_cvtepi32_ps(_mm_castps_si128(self.0)) })
    }
}
