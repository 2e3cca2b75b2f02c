//! Elementwise loops over slices of any length: one pass, whole vectors, then what is left.

use super::F32x4;

/// Lanes from up to four numbers, the rest zero.
#[inline]
pub(super) fn load_part(values: &[f32]) -> F32x4 {
    F32x4::from_array(core::array::from_fn(|lane| values.get(lane).copied().unwrap_or(0.0)))
}

/// The first `to.len() ≤ 4` lanes.
#[inline]
pub(super) fn store_part(lanes: F32x4, to: &mut [f32]) {
    let lanes = lanes.to_array();
    match to {
        [] => {}
        [a] => *a = lanes[0],
        [a, b] => [*a, *b] = [lanes[0], lanes[1]],
        [a, b, c] => [*a, *b, *c] = [lanes[0], lanes[1], lanes[2]],
        _ => to.copy_from_slice(&lanes),
    }
}

/// `changed = f(changed, read)`, elementwise over slices of one length, `M` that change and `N` that are only read.
#[inline]
pub(super) fn update<const M: usize, const N: usize>(
    changed: [&mut [f32]; M],
    read: [&[f32]; N],
    f: impl Fn([F32x4; M], [F32x4; N]) -> [F32x4; M],
) {
    let length = changed.first().map_or(0, |slice| slice.len());
    assert!(changed.iter().all(|slice| slice.len() == length), "slices of one length");
    assert!(read.iter().all(|slice| slice.len() == length), "slices of one length");
    let whole = length - length % F32x4::LANES;
    let mut changed = changed.map(|slice| slice.split_at_mut(whole));
    let read = read.map(|slice| slice.split_at(whole));
    let to = changed.each_mut().map(|(whole, _)| whole.as_mut_ptr());
    let from = read.map(|(whole, _)| whole.as_ptr());
    let mut at = 0;
    while at < whole {
        // SAFETY: every slice holds `whole` numbers from its pointer on, and `at + 4 <= whole`.
        unsafe {
            let new = f(to.map(|to| F32x4::load(to.add(at))), from.map(|from| F32x4::load(from.add(at))));
            for (new, to) in new.into_iter().zip(to) {
                new.store(to.add(at));
            }
        }
        at += F32x4::LANES;
    }
    if whole < length {
        let old = changed.each_ref().map(|(_, tail)| load_part(tail));
        let new = f(old, read.map(|(_, tail)| load_part(tail)));
        for (new, (_, tail)) in new.into_iter().zip(changed) {
            store_part(new, tail);
        }
    }
}

/// `x = f(x)`.
#[inline]
pub(super) fn map(x: &mut [f32], f: impl Fn(F32x4) -> F32x4) {
    update([x], [], |[x], []| [f(x)]);
}

/// `x = f(x, y)`.
#[inline]
pub(super) fn map_with(x: &mut [f32], y: &[f32], f: impl Fn(F32x4, F32x4) -> F32x4) {
    update([x], [y], |[x], [y]| [f(x, y)]);
}
