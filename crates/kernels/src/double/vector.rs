//! Two `f64` lanes, on whatever the target has: WebAssembly `simd128`, SSE2, NEON, or plain numbers.

use std::ops::{Add, Mul, Sub};

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use std::arch::wasm32::{f64x2, f64x2_add, f64x2_extract_lane, f64x2_mul, f64x2_splat, f64x2_sub, v128};

    pub type Lanes = v128;

    pub fn splat(value: f64) -> Lanes {
        f64x2_splat(value)
    }

    pub fn pair(low: f64, high: f64) -> Lanes {
        f64x2(low, high)
    }

    pub fn unpack(a: Lanes) -> [f64; 2] {
        [f64x2_extract_lane::<0>(a), f64x2_extract_lane::<1>(a)]
    }

    pub fn add(a: Lanes, b: Lanes) -> Lanes {
        f64x2_add(a, b)
    }

    pub fn sub(a: Lanes, b: Lanes) -> Lanes {
        f64x2_sub(a, b)
    }

    pub fn mul(a: Lanes, b: Lanes) -> Lanes {
        f64x2_mul(a, b)
    }
}

#[cfg(target_arch = "x86_64")]
mod lanes {
    use std::arch::x86_64::{
        __m128d, _mm_add_pd, _mm_cvtsd_f64, _mm_mul_pd, _mm_set_pd, _mm_set1_pd, _mm_sub_pd, _mm_unpackhi_pd,
    };

    pub type Lanes = __m128d;

    pub fn splat(value: f64) -> Lanes {
        // SAFETY: SSE2 is part of every x86-64 processor.
        unsafe { _mm_set1_pd(value) }
    }

    pub fn pair(low: f64, high: f64) -> Lanes {
        // SAFETY: SSE2 is part of every x86-64 processor.
        unsafe { _mm_set_pd(high, low) }
    }

    pub fn unpack(a: Lanes) -> [f64; 2] {
        // SAFETY: SSE2 is part of every x86-64 processor.
        unsafe { [_mm_cvtsd_f64(a), _mm_cvtsd_f64(_mm_unpackhi_pd(a, a))] }
    }

    pub fn add(a: Lanes, b: Lanes) -> Lanes {
        // SAFETY: SSE2 is part of every x86-64 processor.
        unsafe { _mm_add_pd(a, b) }
    }

    pub fn sub(a: Lanes, b: Lanes) -> Lanes {
        // SAFETY: SSE2 is part of every x86-64 processor.
        unsafe { _mm_sub_pd(a, b) }
    }

    pub fn mul(a: Lanes, b: Lanes) -> Lanes {
        // SAFETY: SSE2 is part of every x86-64 processor.
        unsafe { _mm_mul_pd(a, b) }
    }
}

// Elsewhere two plain numbers, which LLVM turns into the target's own vectors (NEON on AArch64).
#[cfg(not(any(all(target_arch = "wasm32", target_feature = "simd128"), target_arch = "x86_64")))]
mod lanes {
    pub type Lanes = [f64; 2];

    pub fn splat(value: f64) -> Lanes {
        [value; 2]
    }

    pub fn pair(low: f64, high: f64) -> Lanes {
        [low, high]
    }

    pub fn unpack(a: Lanes) -> [f64; 2] {
        a
    }

    pub fn add(a: Lanes, b: Lanes) -> Lanes {
        [a[0] + b[0], a[1] + b[1]]
    }

    pub fn sub(a: Lanes, b: Lanes) -> Lanes {
        [a[0] - b[0], a[1] - b[1]]
    }

    pub fn mul(a: Lanes, b: Lanes) -> Lanes {
        [a[0] * b[0], a[1] * b[1]]
    }
}

/// Two numbers that are added, subtracted and multiplied lane by lane, each operation rounded on its own.
#[derive(Clone, Copy, Debug)]
pub struct F64x2(lanes::Lanes);

impl F64x2 {
    /// The same number in both lanes.
    #[inline]
    pub fn splat(value: f64) -> Self {
        Self(lanes::splat(value))
    }

    /// The first two numbers of a slice.
    ///
    /// # Panics
    /// If the slice holds fewer than two.
    #[inline]
    pub fn load(values: &[f64]) -> Self {
        Self(lanes::pair(values[0], values[1]))
    }

    /// Writes both lanes to the front of a slice.
    ///
    /// # Panics
    /// If the slice holds fewer than two.
    #[inline]
    pub fn store(self, values: &mut [f64]) {
        values[..2].copy_from_slice(&self.to_array());
    }

    /// The lanes, low first.
    #[inline]
    pub fn to_array(self) -> [f64; 2] {
        lanes::unpack(self.0)
    }

    /// Low lane plus high lane.
    #[inline]
    pub fn sum(self) -> f64 {
        let [low, high] = self.to_array();
        low + high
    }
}

impl Add for F64x2 {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self(lanes::add(self.0, other.0))
    }
}

impl Sub for F64x2 {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(lanes::sub(self.0, other.0))
    }
}

impl Mul for F64x2 {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        Self(lanes::mul(self.0, other.0))
    }
}

#[cfg(test)]
mod tests {
    use super::F64x2;

    #[test]
    fn lanes_keep_their_order_and_round_like_plain_numbers() {
        let (a, b) = ([0.1, 3.0], [0.2, -7.0]);
        let (va, vb) = (F64x2::load(&a), F64x2::load(&b));
        assert_eq!((va + vb).to_array(), [a[0] + b[0], a[1] + b[1]]);
        assert_eq!((va - vb).to_array(), [a[0] - b[0], a[1] - b[1]]);
        assert_eq!((va * vb).to_array(), [a[0] * b[0], a[1] * b[1]]);
        assert_eq!(va.sum(), a[0] + a[1]);
        assert_eq!(F64x2::splat(2.5).to_array(), [2.5, 2.5]);
        let mut out = [0.0; 3];
        va.store(&mut out);
        assert_eq!(out, [0.1, 3.0, 0.0]);
    }
}
