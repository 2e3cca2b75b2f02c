//! Elementwise loops over slices of any length.

use super::F32x4;

/// Lanes from up to four numbers, the rest zero.
#[inline]
pub(super) fn load_part(values: &[f32]) -> F32x4 {
    let mut lanes = [0.0; 4];
    lanes[..values.len()].copy_from_slice(values);
    F32x4::from_array(lanes)
}

/// The first `to.len() ≤ 4` lanes.
#[inline]
pub(super) fn store_part(lanes: F32x4, to: &mut [f32]) {
    to.copy_from_slice(&lanes.to_array()[..to.len()]);
}

/// `x = f(x)`.
#[inline]
pub(super) fn map(x: &mut [f32], f: impl Fn(F32x4) -> F32x4) {
    let (blocks, tail) = x.as_chunks_mut::<4>();
    for block in blocks {
        *block = f(F32x4::from_array(*block)).to_array();
    }
    store_part(f(load_part(tail)), tail);
}

/// `x = f(x, y)`.
#[inline]
pub(super) fn map_with(x: &mut [f32], y: &[f32], f: impl Fn(F32x4, F32x4) -> F32x4) {
    assert_eq!(x.len(), y.len());
    let (blocks, tail) = x.as_chunks_mut::<4>();
    let (others, other_tail) = y.as_chunks::<4>();
    for (block, other) in blocks.iter_mut().zip(others) {
        *block = f(F32x4::from_array(*block), F32x4::from_array(*other)).to_array();
    }
    store_part(f(load_part(tail), load_part(other_tail)), tail);
}
