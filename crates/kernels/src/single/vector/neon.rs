//! The lanes on aarch64: NEON, which every such processor has; never its fused multiply-add.

use super::{Lanes, operators};
use core::arch::aarch64::{
    float32x4_t, vaddq_f32, vaddq_s32, vandq_s32, vbslq_f32, vcgtq_f32, vcltq_f32, vcvtq_f32_s32, vdivq_f32,
    vdupq_n_f32, vld1q_dup_f32, vld1q_f32, vmulq_f32, vreinterpretq_f32_s32, vreinterpretq_f32_u32,
    vreinterpretq_s32_f32, vreinterpretq_u32_f32, vshlq_n_s32, vshrq_n_s32, vsqrtq_f32, vst1q_f32, vsubq_f32,
    vsubq_s32, vzip1q_f32, vzip2q_f32,
};

/// Four `f32` lanes.
#[derive(Clone, Copy, Debug)]
pub struct F32x4(float32x4_t);

operators!(F32x4: Add add, Sub sub, Mul mul, Div div);

impl F32x4 {
    #[inline(always)]
    fn add(self, other: Self) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vaddq_f32(self.0, other.0) })
    }
    #[inline(always)]
    fn sub(self, other: Self) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vsubq_f32(self.0, other.0) })
    }
    #[inline(always)]
    fn mul(self, other: Self) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vmulq_f32(self.0, other.0) })
    }
    #[inline(always)]
    fn div(self, other: Self) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vdivq_f32(self.0, other.0) })
    }

    /// The rows of the 4 × 4 matrix whose columns are given.
    #[inline(always)]
    pub fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        // SAFETY: NEON is part of aarch64.
        unsafe {
            let [low_ac, high_ac] = [vzip1q_f32(a.0, c.0), vzip2q_f32(a.0, c.0)];
            let [low_bd, high_bd] = [vzip1q_f32(b.0, d.0), vzip2q_f32(b.0, d.0)];
            [
                Self(vzip1q_f32(low_ac, low_bd)),
                Self(vzip2q_f32(low_ac, low_bd)),
                Self(vzip1q_f32(high_ac, high_bd)),
                Self(vzip2q_f32(high_ac, high_bd)),
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
        Self(unsafe { vld1q_f32(from) })
    }

    /// Reads one number into every lane.
    ///
    /// # Safety
    /// A number can be read at `from`.
    #[inline(always)]
    pub unsafe fn load_splat(from: *const f32) -> Self {
        // SAFETY: the caller's promise.
        Self(unsafe { vld1q_dup_f32(from) })
    }

    /// Writes four numbers; no alignment is asked for.
    ///
    /// # Safety
    /// Four numbers can be written at `to`.
    #[inline(always)]
    pub unsafe fn store(self, to: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { vst1q_f32(to, self.0) };
    }
}

impl Lanes for F32x4 {
    #[inline(always)]
    fn splat(value: f32) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vdupq_n_f32(value) })
    }
    #[inline(always)]
    fn sqrt(self) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vsqrtq_f32(self.0) })
    }
    #[inline(always)]
    fn minimum(self, other: Self) -> Self {
        // NEON's own minimum differs at zeros and NaNs.
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vbslq_f32(vcltq_f32(self.0, other.0), self.0, other.0) })
    }
    #[inline(always)]
    fn maximum(self, other: Self) -> Self {
        // NEON's own maximum differs at zeros and NaNs.
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vbslq_f32(vcgtq_f32(self.0, other.0), self.0, other.0) })
    }
    #[inline(always)]
    fn less(self, other: Self) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vreinterpretq_f32_u32(vcltq_f32(self.0, other.0)) })
    }
    #[inline(always)]
    fn select(self, yes: Self, no: Self) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vbslq_f32(vreinterpretq_u32_f32(self.0), yes.0, no.0) })
    }
    #[inline(always)]
    fn and_bits(self, other: Self) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vreinterpretq_f32_s32(vandq_s32(vreinterpretq_s32_f32(self.0), vreinterpretq_s32_f32(other.0))) })
    }
    #[inline(always)]
    fn add_bits(self, other: Self) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vreinterpretq_f32_s32(vaddq_s32(vreinterpretq_s32_f32(self.0), vreinterpretq_s32_f32(other.0))) })
    }
    #[inline(always)]
    fn sub_bits(self, other: Self) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vreinterpretq_f32_s32(vsubq_s32(vreinterpretq_s32_f32(self.0), vreinterpretq_s32_f32(other.0))) })
    }
    #[inline(always)]
    fn shift_left<const BY: i32>(self) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vreinterpretq_f32_s32(vshlq_n_s32::<BY>(vreinterpretq_s32_f32(self.0))) })
    }
    #[inline(always)]
    fn shift_right<const BY: i32>(self) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vreinterpretq_f32_s32(vshrq_n_s32::<BY>(vreinterpretq_s32_f32(self.0))) })
    }
    #[inline(always)]
    fn integer_to_number(self) -> Self {
        // SAFETY: NEON is part of aarch64.
        Self(unsafe { vcvtq_f32_s32(vreinterpretq_s32_f32(self.0)) })
    }
}
