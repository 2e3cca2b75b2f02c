//! Products in which a side of a matrix is 1: a row times a matrix, and a column times a row.
//!
//! They use every number of the matrix once, so that nothing is gathered and no tile helps: what counts is to read, and
//! for a column times a row to write, each number once and in few instructions. Entries are the running sums of
//! [`super::gemm`], to the bit.
//!
//! Columns are worked off in strips of eight vectors, at the end of four, and of one to five. In the last strip the last
//! vector is moved back onto whole lanes of the row, where it meets the one before and comes out the same, as both are read
//! before either is written.

use super::{
    F32x4,
    gemm::Start,
    slices::{load_part, store_part},
    vector::Lanes,
};

const LANES: usize = F32x4::LANES;
/// Vectors of a strip.
const STRIP: usize = 8;
/// Vectors of a strip where columns run out.
const HALF_STRIP: usize = 4;
/// Groups of four rows that are added up side by side, so that one sum need not wait for another.
const GROUPS: usize = 2;
/// What sums begin with that begin with nothing.
static ZEROS: [f32; STRIP * LANES] = [0.0; STRIP * LANES];

/// Calls `$work::<V>($first, $last, …)` for each strip of `$n >= LANES` columns: it begins at column `$first`, and
/// its last vector at column `$first + $last`.
macro_rules! strips {
    ($n:expr, $work:ident($($argument:expr),*)) => {{
        let n: usize = $n;
        let mut first = 0;
        while n - first > (STRIP + 1) * LANES {
            $work::<STRIP>(first, (STRIP - 1) * LANES, $($argument),*);
            first += STRIP * LANES;
        }
        if n - first > (HALF_STRIP + 1) * LANES {
            $work::<HALF_STRIP>(first, (HALF_STRIP - 1) * LANES, $($argument),*);
            first += HALF_STRIP * LANES;
        }
        let last = n - first - LANES;
        match last.div_ceil(LANES) {
            0 => $work::<1>(first, last, $($argument),*),
            1 => $work::<2>(first, last, $($argument),*),
            2 => $work::<3>(first, last, $($argument),*),
            3 => $work::<4>(first, last, $($argument),*),
            _ => $work::<5>(first, last, $($argument),*),
        }
    }};
}

/// Where vector `v` of `V` begins in a strip.
#[inline(always)]
const fn place<const V: usize>(v: usize, last: usize) -> usize {
    if v + 1 < V { v * LANES } else { last }
}

/// Whether the vectors of a strip end in order, and within a row of `n` numbers.
const fn fits<const V: usize>(first: usize, last: usize, n: usize) -> bool {
    let greatest = (V - 1) * LANES;
    V <= STRIP && last <= greatest && greatest <= last + LANES && first + last + LANES <= n
}

/// `c = a · B + start` for a row `a`, with B of `c.len() >= 4` columns.
pub(super) fn row_times_matrix(a: &[f32], b: &[f32], c: &mut [f32], start: Start) {
    assert!(b.len() == a.len() * c.len(), "shapes fit together");
    strips!(c.len(), row_strip(a, b, c, start));
}

#[inline(never)]
fn row_strip<const V: usize>(first: usize, last: usize, a: &[f32], b: &[f32], c: &mut [f32], start: Start) {
    let n = c.len();
    assert!(fits::<V>(first, last, n) && b.len() == a.len() * n, "a strip of B");
    let c = c[first..].as_mut_ptr();
    let start = match start {
        Start::Zero => ZEROS.as_ptr(),
        Start::Bias(bias) => bias[first..n].as_ptr(),
        Start::Sum => c.cast_const(),
    };
    // SAFETY: `last + 4` numbers can be read; of the zeros, because `V` is 8 at most.
    let mut sums: [F32x4; V] = core::array::from_fn(|v| unsafe { F32x4::load(start.add(place::<V>(v, last))) });
    let mut row = b.as_ptr().wrapping_add(first);
    for k in 0..a.len() {
        // SAFETY: `k` is an index of `a`. B has as many rows of `n` numbers, of which `row` is number `k` from column
        // `first` on. Vectors end before the last of the strip does, and that one within the row.
        unsafe {
            let x = F32x4::load_splat(a.as_ptr().add(k));
            for (v, sum) in sums.iter_mut().enumerate() {
                *sum = *sum + x * F32x4::load(row.add(place::<V>(v, last)));
            }
        }
        row = row.wrapping_add(n);
    }
    for (v, sum) in sums.into_iter().enumerate() {
        // SAFETY: `last + 4` numbers can be written.
        unsafe { sum.store(c.add(place::<V>(v, last))) };
    }
}

/// `c = a · Bᵀ + start` for a row `a`, with B of `c.len() >= 4` rows.
///
/// Four rows of B at a time, turned in registers by 4 × 4 blocks; the last four meet the ones before.
pub(super) fn row_times_transposed(a: &[f32], b: &[f32], c: &mut [f32], start: Start) {
    let (k, n) = (a.len(), c.len());
    assert!(b.len() == k * n && n >= LANES, "shapes fit together");
    let begin = |c: &[f32], first: usize| match start {
        Start::Zero => F32x4::splat(0.0),
        Start::Bias(bias) => lanes(bias, first),
        Start::Sum => lanes(c, first),
    };
    let last = n - LANES;
    // Read before any of them is written.
    let last_begin = begin(c, last);
    let mut first = 0;
    while first + GROUPS * LANES <= n {
        let begins = core::array::from_fn(|group| begin(c, first + group * LANES));
        row_times_rows::<GROUPS>(a, &b[first * k..], begins, &mut c[first..]);
        first += GROUPS * LANES;
    }
    while first <= last {
        row_times_rows(a, &b[first * k..], [begin(c, first)], &mut c[first..]);
        first += LANES;
    }
    if first < n {
        row_times_rows(a, &b[last * k..], [last_begin], &mut c[last..]);
    }
}

/// Four numbers.
#[inline(always)]
fn lanes(numbers: &[f32], first: usize) -> F32x4 {
    let numbers = &numbers[first..first + LANES];
    // SAFETY: the slice holds four numbers.
    unsafe { F32x4::load(numbers.as_ptr()) }
}

/// `c = a · Bᵀ + sums` for the first `G` groups of four rows of B.
#[inline(never)]
fn row_times_rows<const G: usize>(a: &[f32], b: &[f32], mut sums: [F32x4; G], c: &mut [f32]) {
    let k = a.len();
    assert!(b.len() >= G * LANES * k && c.len() >= G * LANES, "so many rows");
    let whole = k - k % LANES;
    // SAFETY: `at + 4 <= k`, so that four numbers can be read from there on in `a` and in each row.
    let block = |group: usize, at: usize| unsafe {
        F32x4::transpose(core::array::from_fn(|row| F32x4::load(b.as_ptr().add((group * LANES + row) * k + at))))
    };
    // SAFETY: indices are below `k`.
    let number = |at: usize| unsafe { F32x4::load_splat(a.as_ptr().add(at)) };
    let mut at = 0;
    while at < whole {
        for (group, sum) in sums.iter_mut().enumerate() {
            for (lane, column) in block(group, at).into_iter().enumerate() {
                *sum = *sum + number(at + lane) * column;
            }
        }
        at += LANES;
    }
    if whole > 0 && whole < k {
        // The last block begins within the one before, whose part of it was added.
        let at = k - LANES;
        for (group, sum) in sums.iter_mut().enumerate() {
            let [_, second, third, fourth] = block(group, at);
            if at + 1 >= whole {
                *sum = *sum + number(at + 1) * second;
            }
            if at + 2 >= whole {
                *sum = *sum + number(at + 2) * third;
            }
            *sum = *sum + number(at + 3) * fourth;
        }
    } else {
        for at in whole..k {
            for (group, sum) in sums.iter_mut().enumerate() {
                let column = core::array::from_fn(|row| b[(group * LANES + row) * k + at]);
                *sum = *sum + number(at) * F32x4::from_array(column);
            }
        }
    }
    for (group, sum) in sums.into_iter().enumerate() {
        c[group * LANES..][..LANES].copy_from_slice(&sum.to_array());
    }
}

/// `C = f(C, 0 + x · yᵀ)`, elementwise, for a column `x` and a row `y`.
#[inline(always)]
pub(super) fn map_with_outer_product(x: &[f32], y: &[f32], c: &mut [f32], f: impl Fn(F32x4, F32x4) -> F32x4 + Copy) {
    assert!(c.len() == x.len() * y.len(), "shapes fit together");
    // A column is worked off as a row; products do not depend on the order of factors.
    let (x, y) = if y.len() == 1 { (y, x) } else { (x, y) };
    if y.len() >= LANES {
        strips!(y.len(), outer_strip(x, y, c, f));
    } else if !y.is_empty() {
        let row = load_part(y);
        for (&x, c) in x.iter().zip(c.chunks_exact_mut(y.len())) {
            store_part(f(load_part(c), F32x4::splat(0.0) + F32x4::splat(x) * row), c);
        }
    }
}

#[inline(always)]
fn outer_strip<const V: usize>(
    first: usize,
    last: usize,
    x: &[f32],
    y: &[f32],
    c: &mut [f32],
    f: impl Fn(F32x4, F32x4) -> F32x4 + Copy,
) {
    let n = y.len();
    assert!(fits::<V>(first, last, n) && c.len() == x.len() * n, "a strip of C");
    let zero = F32x4::splat(0.0);
    let y: [F32x4; V] = core::array::from_fn(|v| lanes(y, first + place::<V>(v, last)));
    let mut row = c.as_mut_ptr().wrapping_add(first);
    for k in 0..x.len() {
        // SAFETY: as in `row_strip`, of C.
        unsafe {
            let x = F32x4::load_splat(x.as_ptr().add(k));
            // The last is read before the one that it may meet is written.
            let end = F32x4::load(row.add(last));
            for (v, &y) in y[..V - 1].iter().enumerate() {
                let c = row.add(v * LANES);
                f(F32x4::load(c), zero + x * y).store(c);
            }
            f(end, zero + x * y[V - 1]).store(row.add(last));
        }
        row = row.wrapping_add(n);
    }
}
