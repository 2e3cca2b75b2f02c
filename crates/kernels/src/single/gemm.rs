//! Products of row-major matrices.
//!
//! C is computed in tiles that stay in registers: 4 × 8 in the main, 8 × 4 where columns are left over, and smaller ones
//! at the edges. One step of a 4 × 8 tile reads eight numbers of B in two vectors and four of
//! A, each spread over four lanes, and does eight multiplications and eight additions of vectors; together they fill
//! fourteen of the sixteen registers.
//!
//! - The left-hand matrix is read in place, transposed or not: a tile walks along four rows or down four columns.
//! - The right-hand matrix is read in place where it is small or where only a few rows use it. Otherwise the columns of a
//!   tile are first gathered into a panel, contiguous in the order of use; a transposed one always, by 4 × 4 blocks that are
//!   turned in registers.
//! - Long sums are cut into stretches of some 384 terms, so that panel and rows stay in the nearest cache.
//! - A single row, and a column times a row, use each number once: they have loops of their own, without tiles.
//! - What follows the product, [`Finish`], is done on the tile before it leaves the registers.
//!
//! Each entry of C is one running sum from the first inner index to the last, so a plain triple loop gives the same
//! bits, whatever the shape.

use super::{
    F32x4,
    activation::{relu, relu_gradient, relu_gradient_lanes, relu_lanes},
    thin,
    vector::Lanes,
};
use core::ops::Range;

/// Lanes of a vector.
const LANES: usize = F32x4::LANES;
/// Columns of a panel.
const COLUMNS: usize = 2 * LANES;
/// About as many terms of a sum are added up before the next tile: a panel of 8 × 384 takes 12 kB.
const STRETCH: usize = 384;
/// A right-hand matrix of up to so many numbers, 32 kB, is read in place.
const SMALL: usize = 8192;
/// Numbers of the largest tile.
const TILE: usize = 32;
/// What sums begin with that begin with nothing.
static ZEROS: [f32; TILE] = [0.0; TILE];
/// For fewer rows than these it does not pay to gather a panel: each number of it would be used four times at most.
const FEW_ROWS: usize = 17;

/// What the sums begin with.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    /// Zero: C = A B.
    Zero,
    /// A number for each column: C = A B + bias.
    Bias(&'a [f32]),
    /// What C holds: C = C + A B.
    Sum,
}

/// What is done to the sums before they are written.
#[derive(Clone, Copy, Debug)]
pub enum Finish<'a> {
    /// Nothing.
    Keep,
    /// The rectifier max(0, ·), as in [`super::activation::relu`].
    Relu,
    /// The derivative of the rectifier: kept where this matrix, which has the shape of C, is positive, and zero
    /// elsewhere, as in [`super::activation::relu_gradient`].
    WherePositive(&'a [f32]),
}

/// The buffer of matrix products.
#[derive(Clone, Debug, Default)]
pub struct Gemm {
    panel: Vec<f32>,
}

/// The left-hand matrix: entry (i, k) stands at `i * row + k * inner`.
#[derive(Clone, Copy)]
struct Left<'a> {
    values: &'a [f32],
    row: usize,
    inner: usize,
}

/// How the right-hand matrix is stored.
#[derive(Clone, Copy)]
enum Right<'a> {
    /// inner × columns.
    Plain(&'a [f32]),
    /// columns × inner.
    Transposed(&'a [f32]),
}

/// The part of a product that one pass works off.
#[derive(Clone, Copy)]
struct Pass<'a> {
    a: Left<'a>,
    start: Start<'a>,
    finish: Finish<'a>,
    /// Columns of C.
    n: usize,
    /// First inner index and number of them.
    stretch: (usize, usize),
}

impl Gemm {
    /// A buffer for products with up to `inner` terms a sum. It grows if a longer product comes.
    pub fn new(inner: usize) -> Self {
        Self { panel: vec![0.0; inner.min(STRETCH) * COLUMNS] }
    }

    /// C (m × n) = finish(A (m × k) · B (k × n) + start); `shape` is [m, k, n].
    pub fn multiply(&mut self, shape: [usize; 3], a: &[f32], b: &[f32], c: &mut [f32], start: Start, finish: Finish) {
        self.product(shape, Left { values: a, row: shape[1], inner: 1 }, Right::Plain(b), c, start, finish);
    }

    /// C (m × n) = Aᵀ · B + start, with A (k × m) and B (k × n); `shape` is [m, k, n].
    pub fn multiply_transposed_left(&mut self, shape: [usize; 3], a: &[f32], b: &[f32], c: &mut [f32], start: Start) {
        let [m, k, n] = shape;
        if n == 1 && !matches!(start, Start::Bias(_)) {
            // A column is worked off as the row bᵀ · A, whose sums are the same.
            return self.multiply([1, k, m], b, a, c, start, Finish::Keep);
        }
        self.product(shape, Left { values: a, row: 1, inner: m }, Right::Plain(b), c, start, Finish::Keep);
    }

    /// C (m × n) = finish(A · Bᵀ + start), with A (m × k) and B (n × k); `shape` is [m, k, n].
    pub fn multiply_transposed_right(
        &mut self,
        shape: [usize; 3],
        a: &[f32],
        b: &[f32],
        c: &mut [f32],
        start: Start,
        finish: Finish,
    ) {
        self.product(shape, Left { values: a, row: shape[1], inner: 1 }, Right::Transposed(b), c, start, finish);
    }

    fn product(&mut self, [m, k, n]: [usize; 3], a: Left, b: Right, c: &mut [f32], start: Start, finish: Finish) {
        let (Right::Plain(right) | Right::Transposed(right)) = b;
        assert!(a.values.len() == m * k && right.len() == k * n && c.len() == m * n, "shapes fit together");
        if let Start::Bias(bias) = start {
            assert!(bias.len() == n, "a bias has a number for each column");
        }
        if let Finish::WherePositive(outputs) = finish {
            assert!(outputs.len() == m * n, "the outputs have the shape of the product");
        }
        if m == 1 && n >= LANES {
            match b {
                Right::Plain(b) => thin::row_times_matrix(a.values, b, c, start),
                Right::Transposed(b) => thin::row_times_transposed(a.values, b, c, start),
            }
            return match finish {
                Finish::Keep => {}
                Finish::Relu => relu(c),
                Finish::WherePositive(outputs) => relu_gradient(c, outputs),
            };
        }
        if k == 1 && matches!((start, finish), (Start::Zero, Finish::Keep)) {
            return thin::map_with_outer_product(a.values, right, c, |_, product| product);
        }
        let stretches = k.div_ceil(STRETCH).max(1);
        let length = k.div_ceil(stretches);
        for stretch in 0..stretches {
            let first = stretch * length;
            let pass = Pass {
                a,
                n,
                stretch: (first, length.min(k - first)),
                start: if stretch == 0 { start } else { Start::Sum },
                finish: if stretch + 1 == stretches { finish } else { Finish::Keep },
            };
            self.pass(m, pass, b, c);
        }
    }

    fn pass(&mut self, m: usize, pass: Pass, b: Right, c: &mut [f32]) {
        let (n, (first, inner)) = (pass.n, pass.stretch);
        let mut column = 0;
        if let Right::Plain(b) = b
            && inner > 0
        {
            let b = &b[first * n..][..inner * n];
            if m < FEW_ROWS || inner * n <= SMALL {
                while column + COLUMNS <= n {
                    wide(&pass, m, column..column + COLUMNS, Columns { values: &b[column..], step: n }, c);
                    column += COLUMNS;
                }
                // The columns left over are worked off with some before them, which come out the same once more; but a
                // sum that is added to must not come twice.
                if (1..n).contains(&column) && !matches!(pass.start, Start::Sum) {
                    let last = n - COLUMNS;
                    wide(&pass, m, last..n, Columns { values: &b[last..], step: n }, c);
                    column = n;
                }
            }
        }
        if self.panel.len() < inner * COLUMNS {
            self.panel.resize(inner * COLUMNS, 0.0);
        }
        while column < n {
            let columns = column..n.min(column + COLUMNS);
            column += COLUMNS;
            if columns.len() > LANES {
                let panel = &mut self.panel[..inner * COLUMNS];
                gather::<2>(panel, b, &pass, columns.clone());
                wide(&pass, m, columns, Columns { values: panel, step: COLUMNS }, c);
            } else {
                let panel = &mut self.panel[..inner * LANES];
                gather::<1>(panel, b, &pass, columns.clone());
                narrow(&pass, m, columns, Columns { values: panel, step: LANES }, c);
            }
        }
    }
}

/// Copies columns of B into the panel: for each inner index `V` vectors, zeros beyond the last column.
fn gather<const V: usize>(panel: &mut [f32], b: Right, pass: &Pass, columns: Range<usize>) {
    let width = V * LANES;
    let (first, inner) = pass.stretch;
    if inner == 0 {
        return;
    }
    match b {
        Right::Plain(b) => {
            if columns.len() < width {
                panel.fill(0.0);
            }
            copy_rows(&b[first * pass.n + columns.start..], pass.n, panel, width, columns.len());
        }
        Right::Transposed(b) => {
            let k = b.len() / pass.n;
            for v in 0..V {
                let columns = columns.start + v * LANES..columns.end;
                let row = |lane: usize| {
                    if lane < columns.len() { &b[(columns.start + lane) * k + first..][..inner] } else { &[] }
                };
                turn(core::array::from_fn(row), &mut panel[v * LANES..], width);
            }
        }
    }
}

/// Writes four rows as columns: number i of them goes to `i * step`. A row may be empty, and counts as zeros then.
fn turn(rows: [&[f32]; LANES], to: &mut [f32], step: usize) {
    let inner = rows[0].len();
    let mut turn_block = |first: usize| {
        let four = rows.map(|row| row[row.len().min(first)..].first_chunk().copied().unwrap_or([0.0; LANES]));
        for (i, column) in F32x4::transpose(four.map(F32x4::from_array)).into_iter().enumerate() {
            to[(first + i) * step..][..LANES].copy_from_slice(&column.to_array());
        }
    };
    (0..inner / LANES).for_each(|block| turn_block(block * LANES));
    if !inner.is_multiple_of(LANES) && inner > LANES {
        // The last block begins within the one before, and writes some numbers again.
        turn_block(inner - LANES);
    } else if inner < LANES {
        for i in 0..inner {
            to[i * step..][..LANES].copy_from_slice(&rows.map(|row| row.get(i).copied().unwrap_or(0.0)));
        }
    }
}

/// The columns of B that a tile needs: those of inner index k begin at `k * step`.
#[derive(Clone, Copy)]
struct Columns<'a> {
    values: &'a [f32],
    step: usize,
}

/// Five to eight columns of C.
fn wide(pass: &Pass, m: usize, columns: Range<usize>, b: Columns, c: &mut [f32]) {
    let fours = m / 4 * 4;
    tiles::<4, 2>(pass, 0..fours, columns.clone(), b, c);
    let twos = fours + (m - fours) / 2 * 2;
    tiles::<2, 2>(pass, fours..twos, columns.clone(), b, c);
    tiles::<1, 2>(pass, twos..m, columns, b, c);
}

/// One to four columns of C.
fn narrow(pass: &Pass, m: usize, columns: Range<usize>, b: Columns, c: &mut [f32]) {
    let eights = m / 8 * 8;
    tiles::<8, 1>(pass, 0..eights, columns.clone(), b, c);
    let twos = eights + (m - eights) / 2 * 2;
    tiles::<2, 1>(pass, eights..twos, columns.clone(), b, c);
    tiles::<1, 1>(pass, twos..m, columns, b, c);
}

/// The rows `rows` of some columns, `R` at a time.
fn tiles<const R: usize, const V: usize>(
    pass: &Pass,
    rows: Range<usize>,
    columns: Range<usize>,
    b: Columns,
    c: &mut [f32],
) {
    let (begin, inner) = pass.stretch;
    if rows.is_empty() {
        return;
    }
    if inner > 0 {
        let last = (rows.end - 1) * pass.a.row + (begin + inner - 1) * pass.a.inner;
        assert!(last < pass.a.values.len(), "the tiles lie within A");
        assert!((inner - 1) * b.step + V * LANES <= b.values.len(), "the tiles lie within B");
    }
    // In two copies, for the distance that is known to be 1 is worth several instructions a step.
    let work = if pass.a.inner == 1 { work_tiles::<R, V, true> } else { work_tiles::<R, V, false> };
    let part = |first: usize, rows: usize| first * pass.n + columns.start..(first + rows - 1) * pass.n + columns.end;
    let outputs = |part: &Range<usize>| match pass.finish {
        Finish::WherePositive(outputs) => &outputs[part.clone()],
        Finish::Keep | Finish::Relu => &[],
    };
    let tiles = |first: usize, count: usize, bias: *const f32, c: *mut f32, outputs: *const f32, n: usize| {
        let (start, start_row) = match pass.start {
            Start::Zero => (ZEROS.as_ptr(), 0),
            Start::Bias(_) => (bias, 0),
            Start::Sum => (c.cast_const(), n),
        };
        Tiles {
            count,
            inner,
            // Wrapping, because without terms there is nothing to point at.
            a: pass.a.values.as_ptr().wrapping_add(first * pass.a.row + begin * pass.a.inner),
            row: pass.a.row,
            along: pass.a.inner,
            b: b.values.as_ptr(),
            step: b.step,
            start,
            start_row,
            c,
            outputs,
            n,
            finish: pass.finish,
        }
    };
    if columns.len() == V * LANES {
        let part = part(rows.start, rows.len());
        let (outputs, c) = (outputs(&part), &mut c[part]);
        let bias = if let Start::Bias(numbers) = pass.start { &numbers[columns] } else { &[] };
        let tiles = tiles(rows.start, rows.len() / R, bias.as_ptr(), c.as_mut_ptr(), outputs.as_ptr(), pass.n);
        // SAFETY: the greatest indices that are read from A and B are those asserted above. All rows of `V` vectors at
        // distance `n` lie in the slice of C, and of the outputs where they are read; so does the start, or it is the one
        // row of the bias.
        unsafe { work(&tiles) };
        return;
    }
    // Where C has fewer columns than a tile, a tile is worked off here, and its columns are copied.
    let (mut edge, mut edge_outputs, mut bias) = ([0.0; TILE], [0.0; TILE], [0.0; TILE]);
    if let Start::Bias(numbers) = pass.start {
        bias[..columns.len()].copy_from_slice(&numbers[columns.clone()]);
    }
    for first in rows.step_by(R) {
        let part = part(first, R);
        copy_rows(outputs(&part), pass.n, &mut edge_outputs, V * LANES, columns.len());
        let c = &mut c[part];
        copy_rows(c, pass.n, &mut edge, V * LANES, columns.len());
        let tile = tiles(first, 1, bias.as_ptr(), edge.as_mut_ptr(), edge_outputs.as_ptr(), V * LANES);
        // SAFETY: as above, with the two buffers for C and the outputs.
        unsafe { work(&tile) };
        copy_rows(&edge, V * LANES, c, pass.n, columns.len());
    }
}

/// Copies up to eight `columns` of as many rows as there are in both, `distance` apart in one and `other` in the other.
fn copy_rows(from: &[f32], distance: usize, to: &mut [f32], other: usize, columns: usize) {
    // One copy of the loop for each number of columns: for a number that is not known, every row would be a call.
    let copy = match columns {
        1 => copy_columns::<1>,
        2 => copy_columns::<2>,
        3 => copy_columns::<3>,
        4 => copy_columns::<4>,
        5 => copy_columns::<5>,
        6 => copy_columns::<6>,
        7 => copy_columns::<7>,
        _ => copy_columns::<8>,
    };
    copy(from, distance, to, other);
}

fn copy_columns<const N: usize>(from: &[f32], distance: usize, to: &mut [f32], other: usize) {
    for (from, to) in from.chunks(distance).zip(to.chunks_mut(other)) {
        if let (Some(from), Some(to)) = (from.first_chunk::<N>(), to.first_chunk_mut::<N>()) {
            *to = *from;
        }
    }
}

/// Where the matrices of the first of some tiles begin, and how far apart their rows are.
struct Tiles<'a> {
    /// The number of tiles, one below the other.
    count: usize,
    inner: usize,
    a: *const f32,
    row: usize,
    along: usize,
    b: *const f32,
    step: usize,
    start: *const f32,
    start_row: usize,
    c: *mut f32,
    outputs: *const f32,
    /// The distance of rows of C and of the outputs.
    n: usize,
    finish: Finish<'a>,
}

/// Works off tiles of `R` rows and `V` vectors.
///
/// # Safety
/// The tiles lie within their matrices.
#[inline(never)]
unsafe fn work_tiles<const R: usize, const V: usize, const ALONG: bool>(tiles: &Tiles) {
    let distances = if ALONG { [tiles.row, 1] } else { [1, tiles.along] };
    let (mut a, mut start, mut c, mut outputs) = (tiles.a, tiles.start, tiles.c, tiles.outputs);
    for _ in 0..tiles.count {
        // SAFETY: the caller's promise, for each of these pointers.
        unsafe {
            let mut sums = [[F32x4::splat(0.0); V]; R];
            for (r, row) in sums.iter_mut().enumerate() {
                for (v, sum) in row.iter_mut().enumerate() {
                    *sum = F32x4::load(start.add(r * tiles.start_row + v * LANES));
                }
            }
            sums = accumulate(tiles.inner, a, distances, tiles.b, tiles.step, sums);
            for (r, row) in sums.into_iter().enumerate() {
                for (v, sum) in row.into_iter().enumerate() {
                    let place = r * tiles.n + v * LANES;
                    let sum = match tiles.finish {
                        Finish::Keep => sum,
                        Finish::Relu => relu_lanes(sum),
                        Finish::WherePositive(_) => relu_gradient_lanes(sum, F32x4::load(outputs.add(place))),
                    };
                    sum.store(c.add(place));
                }
            }
        }
        // Wrapping, because after the last tile nothing is there.
        a = a.wrapping_add(R * distances[0]);
        start = start.wrapping_add(R * tiles.start_row);
        c = c.wrapping_add(R * tiles.n);
        outputs = outputs.wrapping_add(R * tiles.n);
    }
}

/// The inner loop: `sums[r] += A(r, k) · B(k)` for every k in order.
///
/// # Safety
/// `a + r · row + k · along` can be read for all r < `R` and k < `inner`, and `V` vectors at `b + k · step`.
#[inline(always)]
unsafe fn accumulate<const R: usize, const V: usize>(
    inner: usize,
    a: *const f32,
    [row, along]: [usize; 2],
    b: *const f32,
    step: usize,
    mut sums: [[F32x4; V]; R],
) -> [[F32x4; V]; R] {
    for k in 0..inner {
        // SAFETY: the caller's promise, for this k.
        sums = unsafe { add_products(core::array::from_fn(|r| a.add(r * row + k * along)), b.add(k * step), sums) };
    }
    sums
}

/// One step of the inner loop.
///
/// # Safety
/// Each of `a` can be read, and `V` vectors at `b`.
#[inline(always)]
unsafe fn add_products<const R: usize, const V: usize>(
    a: [*const f32; R],
    b: *const f32,
    mut sums: [[F32x4; V]; R],
) -> [[F32x4; V]; R] {
    // SAFETY: the caller's promise.
    let b: [F32x4; V] = core::array::from_fn(|v| unsafe { F32x4::load(b.add(v * LANES)) });
    for (sums, a) in sums.iter_mut().zip(a) {
        // SAFETY: the caller's promise.
        let x = unsafe { F32x4::load_splat(a) };
        for (sum, b) in sums.iter_mut().zip(b) {
            *sum = *sum + x * b;
        }
    }
    sums
}

/// The scalar twin of [`Gemm::multiply`] and its transposed forms: `a(i, k)` and `b(k, j)` read the entries.
pub fn multiply_scalar(
    [m, k, n]: [usize; 3],
    a: impl Fn(usize, usize) -> f32,
    b: impl Fn(usize, usize) -> f32,
    c: &mut [f32],
    start: Start,
    finish: Finish,
) {
    for i in 0..m {
        for j in 0..n {
            let first = match start {
                Start::Zero => 0.0,
                Start::Bias(bias) => bias[j],
                Start::Sum => c[i * n + j],
            };
            let sum = (0..k).fold(first, |sum, k| sum + a(i, k) * b(k, j));
            c[i * n + j] = match finish {
                Finish::Keep => sum,
                Finish::Relu => relu_lanes(sum),
                Finish::WherePositive(outputs) => relu_gradient_lanes(sum, outputs[i * n + j]),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::single::testing::same_bits;
    use proptest::prelude::*;

    /// Numbers without a pattern that a wrong index could repeat.
    fn values(count: usize, salt: u32) -> Vec<f32> {
        let hash = |index: usize| (index as u32).wrapping_add(salt).wrapping_mul(0x9e37_79b9) >> 8;
        (0..count).map(|index| hash(index) as f32 / 8_388_608.0 - 1.0).collect()
    }

    /// All products of one shape against the scalar twin.
    fn check(shape: [usize; 3], salt: u32, start: usize, finish: usize) {
        let [m, k, n] = shape;
        let (a, b, bias) = (values(m * k, salt), values(k * n, salt ^ 1), values(n, salt ^ 2));
        let (old, outputs) = (values(m * n, salt ^ 3), values(m * n, salt ^ 4));
        let start = [Start::Zero, Start::Bias(&bias), Start::Sum][start];
        let finish = [Finish::Keep, Finish::Relu, Finish::WherePositive(&outputs)][finish];
        let mut gemm = Gemm::new(7);
        let mut compare = |form: usize| {
            let (mut c, mut twin) = (old.clone(), old.clone());
            let b = |l: usize, j: usize| if form == 2 { b[j * k + l] } else { b[l * n + j] };
            let a_entry = |i: usize, l: usize| if form == 1 { a[l * m + i] } else { a[i * k + l] };
            let finish = if form == 1 { Finish::Keep } else { finish };
            multiply_scalar(shape, a_entry, b, &mut twin, start, finish);
            let b = values(k * n, salt ^ 1);
            match form {
                0 => gemm.multiply(shape, &a, &b, &mut c, start, finish),
                1 => gemm.multiply_transposed_left(shape, &a, &b, &mut c, start),
                _ => gemm.multiply_transposed_right(shape, &a, &b, &mut c, start, finish),
            }
            assert!(same_bits(&c, &twin), "{shape:?}, form {form}, {start:?}, {finish:?}");
        };
        (0..3).for_each(&mut compare);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]
        #[test]
        fn products_of_any_shape_give_the_bits_of_a_triple_loop(
            m in 0usize..20, k in 0usize..20, n in 0usize..45, salt: u32, start in 0usize..3, finish in 0usize..3,
        ) {
            check([m, k, n], salt, start, finish);
        }
    }

    #[test]
    fn long_sums_and_large_matrices_give_the_bits_of_a_triple_loop() {
        for shape in [[1, 1000, 70], [9, 385, 21], [12, 1153, 1], [33, 129, 67], [2, 784, 131], [130, 40, 110]] {
            (0..3).for_each(|way| check(shape, 5, way, way));
            (0..3).for_each(|way| check(shape, 6, way, 2 - way));
        }
    }
}
