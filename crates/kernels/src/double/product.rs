//! Matrix products. One packed kernel serves `A·B` with either factor transposed and the symmetric products `X·Xᵀ` and
//! `Xᵀ·X`, after Goto and van de Geijn, "Anatomy of high-performance matrix multiplication" (2008): both factors are
//! copied into panels that the innermost loop reads in order, and a tile of the result stays in registers meanwhile.
//!
//! Each element of a result is the sum over `k` in rising order within blocks of [`DEPTH_BLOCK`], the blocks added in
//! rising order; so it depends on the two vectors it is the product of, and not on the shape around them.

use super::vector::F64x2;
use std::ops::Range;

/// Rows of a register tile.
const TILE_ROWS: usize = 4;
/// Columns of a register tile: two vectors.
const TILE_COLUMNS: usize = 4;
/// Terms summed before they are added to the result: panels of both factors fit the first-level cache.
const DEPTH_BLOCK: usize = 256;
/// Rows of `A` packed at a time: 64 × 256 numbers are 128 kB.
const ROW_BLOCK: usize = 64;
/// Columns of `B` packed at a time: 256 × 512 numbers are 1 MB.
const COLUMN_BLOCK: usize = 512;

/// A matrix seen in a slice. The transpose is another view of the same numbers.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    values: &'a [f64],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> View<'a> {
    /// A row-major `rows × columns` matrix.
    ///
    /// # Panics
    /// If the slice is not `rows * columns` long.
    pub fn new(values: &'a [f64], rows: usize, columns: usize) -> Self {
        assert!(values.len() == rows * columns, "a matrix of another size");
        Self { values, rows, columns, row_stride: columns, column_stride: 1 }
    }

    /// The transpose, without moving anything.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self {
            values: self.values,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }

    /// The sub-matrix of these rows and columns.
    ///
    /// # Panics
    /// If a range reaches out of the matrix.
    #[must_use]
    pub fn block(self, rows: Range<usize>, columns: Range<usize>) -> Self {
        assert!(rows.start <= rows.end && rows.end <= self.rows, "rows beyond the matrix");
        assert!(columns.start <= columns.end && columns.end <= self.columns, "columns beyond the matrix");
        let start = rows.start * self.row_stride + columns.start * self.column_stride;
        // An empty block may begin past the end.
        let values = self.values.get(start..).unwrap_or(&[]);
        Self { values, rows: rows.len(), columns: columns.len(), ..self }
    }

    /// Number of rows.
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub const fn columns(&self) -> usize {
        self.columns
    }

    /// One element.
    ///
    /// # Panics
    /// If the place lies out of the matrix.
    #[inline]
    pub fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.row_stride + column * self.column_stride]
    }
}

/// Which elements of a product are wanted.
#[derive(Clone, Copy)]
enum Part {
    All,
    /// Those on and below the diagonal, if the first row of this product is row `row_offset` of the whole. Tiles that
    /// touch the diagonal are computed whole.
    Lower {
        row_offset: usize,
    },
}

/// Writes `A·B` into `out`, row-major, `a.rows() × b.columns()`.
///
/// # Panics
/// If the shapes do not fit.
pub fn gemm(out: &mut [f64], a: View, b: View) {
    out.fill(0.0);
    gemm_add(out, a, b);
}

/// Adds `A·B` to `out`, row-major, `a.rows() × b.columns()`.
///
/// # Panics
/// If the shapes do not fit.
pub fn gemm_add(out: &mut [f64], a: View, b: View) {
    assert!(out.len() == a.rows * b.columns, "a result of another size");
    accumulate(out, b.columns, a, b, 1.0, Part::All);
}

/// Subtracts `A·B` from `out`, row-major, `a.rows() × b.columns()`.
///
/// # Panics
/// If the shapes do not fit.
pub fn gemm_subtract(out: &mut [f64], a: View, b: View) {
    assert!(out.len() == a.rows * b.columns, "a result of another size");
    accumulate(out, b.columns, a, b, -1.0, Part::All);
}

/// Writes the symmetric `X·Xᵀ` into `out`, row-major, `x.rows()` squared; `Xᵀ·X` is `syrk(out, x.transposed())`.
///
/// # Panics
/// If `out` has another size.
pub fn syrk(out: &mut [f64], x: View) {
    out.fill(0.0);
    syrk_add_lower(out, x);
    mirror_lower(out, x.rows);
}

/// Adds the lower triangle of `X·Xᵀ` to that of `out` (`x.rows()` squared). What stands above the diagonal is of no
/// use until [`mirror_lower`]. Sums over many columns are built up slice by slice with this.
///
/// # Panics
/// If `out` has another size.
pub fn syrk_add_lower(out: &mut [f64], x: View) {
    syrk_lower_rows(out, x, 0..x.rows);
}

/// Adds some rows of the lower triangle of `X·Xᵀ` to those of `out`: a part of [`syrk_add_lower`], in bounded time.
///
/// # Panics
/// If `out` is not `x.rows()` squared, or the range reaches out of it.
pub fn syrk_lower_rows(out: &mut [f64], x: View, rows: Range<usize>) {
    let order = x.rows;
    assert!(out.len() == order * order, "a result of another size");
    let some = x.block(rows.clone(), 0..x.columns);
    let reach = x.block(0..rows.end, 0..x.columns).transposed();
    let band = &mut out[rows.start * order..rows.end * order];
    accumulate(band, order, some, reach, 1.0, Part::Lower { row_offset: rows.start });
}

/// Copies the lower triangle of an `order × order` matrix onto the upper.
///
/// # Panics
/// If the slice has another size.
pub fn mirror_lower(matrix: &mut [f64], order: usize) {
    assert!(matrix.len() == order * order, "a square matrix of another order");
    for row in 1..order {
        for column in 0..row {
            matrix[column * order + row] = matrix[row * order + column];
        }
    }
}

/// Subtracts from the lower triangle of a block that lies in `out` (rows `stride` apart) the product `A·B`.
pub(super) fn subtract_lower(out: &mut [f64], stride: usize, a: View, b: View, row_offset: usize) {
    accumulate(out, stride, a, b, -1.0, Part::Lower { row_offset });
}

/// Subtracts `A·B` from a block that lies in `out`, rows `stride` apart.
pub(super) fn subtract(out: &mut [f64], stride: usize, a: View, b: View) {
    accumulate(out, stride, a, b, -1.0, Part::All);
}

/// `out += sign · A·B` with `sign` ±1, on the wanted part.
fn accumulate(out: &mut [f64], stride: usize, a: View, b: View, sign: f64, part: Part) {
    assert!(a.columns == b.rows, "the factors of a product share one dimension");
    if a.rows == 0 || b.columns == 0 || a.columns == 0 {
        return;
    }
    let depth_block = DEPTH_BLOCK.min(a.columns);
    let mut packed_a = vec![0.0; ROW_BLOCK.min(a.rows).next_multiple_of(TILE_ROWS) * depth_block];
    let mut packed_b = vec![0.0; COLUMN_BLOCK.min(b.columns).next_multiple_of(TILE_COLUMNS) * depth_block];
    for column in (0..b.columns).step_by(COLUMN_BLOCK) {
        let columns = column..(column + COLUMN_BLOCK).min(b.columns);
        for depth in (0..a.columns).step_by(DEPTH_BLOCK) {
            let depths = depth..(depth + DEPTH_BLOCK).min(a.columns);
            pack::<TILE_COLUMNS>(&mut packed_b, b.block(depths.clone(), columns.clone()).transposed(), 1.0);
            for row in (0..a.rows).step_by(ROW_BLOCK) {
                let rows = row..(row + ROW_BLOCK).min(a.rows);
                if let Part::Lower { row_offset } = part
                    && row_offset + rows.end <= columns.start
                {
                    continue;
                }
                pack::<TILE_ROWS>(&mut packed_a, a.block(rows.clone(), depths.clone()), sign);
                multiply_block(out, stride, rows, columns.clone(), depths.len(), &packed_a, &packed_b, part);
            }
        }
    }
}

/// Copies a block into panels of `WIDTH` rows, each panel column by column; missing rows become zeros.
fn pack<const WIDTH: usize>(packed: &mut [f64], block: View, sign: f64) {
    let panels = packed.chunks_exact_mut(WIDTH * block.columns);
    for (panel, first) in panels.zip((0..block.rows).step_by(WIDTH)) {
        let present = WIDTH.min(block.rows - first);
        if present < WIDTH {
            panel.fill(0.0);
        }
        if block.column_stride == 1 {
            // Reading along rows.
            for row in 0..present {
                let start = (first + row) * block.row_stride;
                let source = &block.values[start..start + block.columns];
                for (group, &value) in panel.as_chunks_mut::<WIDTH>().0.iter_mut().zip(source) {
                    group[row] = sign * value;
                }
            }
        } else {
            for (column, group) in panel.as_chunks_mut::<WIDTH>().0.iter_mut().enumerate() {
                for (row, slot) in group[..present].iter_mut().enumerate() {
                    *slot = sign * block.at(first + row, column);
                }
            }
        }
    }
}

/// All tiles of one packed block of `A` times one packed block of `B`.
#[expect(clippy::too_many_arguments, reason = "the inner half of one loop nest; a struct would only rename its locals")]
fn multiply_block(
    out: &mut [f64],
    stride: usize,
    rows: Range<usize>,
    columns: Range<usize>,
    depth: usize,
    packed_a: &[f64],
    packed_b: &[f64],
    part: Part,
) {
    let panels_b = packed_b.chunks_exact(TILE_COLUMNS * depth);
    for (panel_b, column) in panels_b.zip(columns.clone().step_by(TILE_COLUMNS)) {
        let width = TILE_COLUMNS.min(columns.end - column);
        let panels_a = packed_a.chunks_exact(TILE_ROWS * depth);
        for (panel_a, row) in panels_a.zip(rows.clone().step_by(TILE_ROWS)) {
            let height = TILE_ROWS.min(rows.end - row);
            if let Part::Lower { row_offset } = part
                && row_offset + row + height <= column
            {
                continue;
            }
            let tile = multiply_tile(panel_a, panel_b);
            for (line, sums) in tile.iter().enumerate().take(height) {
                let start = (row + line) * stride + column;
                let target = &mut out[start..start + width];
                if width == TILE_COLUMNS {
                    (F64x2::load(target) + sums[0]).store(target);
                    (F64x2::load(&target[2..]) + sums[1]).store(&mut target[2..]);
                } else {
                    let [a, b] = sums[0].to_array();
                    let [c, d] = sums[1].to_array();
                    target.iter_mut().zip([a, b, c, d]).for_each(|(slot, sum)| *slot += sum);
                }
            }
        }
    }
}

/// One tile: the sum over the panels' depth of column times row.
#[inline]
fn multiply_tile(panel_a: &[f64], panel_b: &[f64]) -> [[F64x2; 2]; TILE_ROWS] {
    let mut sums = [[F64x2::splat(0.0); 2]; TILE_ROWS];
    let (panel_a, _) = panel_a.as_chunks::<TILE_ROWS>();
    let (panel_b, _) = panel_b.as_chunks::<TILE_COLUMNS>();
    for (a, b) in panel_a.iter().zip(panel_b) {
        let (left, right) = (F64x2::load(&b[..2]), F64x2::load(&b[2..]));
        for (sum, &factor) in sums.iter_mut().zip(a) {
            let factor = F64x2::splat(factor);
            sum[0] = sum[0] + factor * left;
            sum[1] = sum[1] + factor * right;
        }
    }
    sums
}

/// The scalar reference of [`gemm`]: the textbook's three loops.
///
/// # Panics
/// If the shapes do not fit.
pub fn gemm_reference(out: &mut [f64], a: View, b: View) {
    assert!(a.columns == b.rows, "the factors of a product share one dimension");
    assert!(out.len() == a.rows * b.columns, "a result of another size");
    for row in 0..a.rows {
        for column in 0..b.columns {
            out[row * b.columns + column] = (0..a.columns).map(|k| a.at(row, k) * b.at(k, column)).sum();
        }
    }
}

/// Writes `A·x` into `out` (`a.rows()` numbers).
///
/// # Panics
/// If the shapes do not fit.
pub fn gemv(out: &mut [f64], a: View, x: &[f64]) {
    assert!(out.len() == a.rows && x.len() == a.columns, "a matrix of that shape times a vector");
    if a.column_stride == 1 {
        for (row, slot) in out.iter_mut().enumerate() {
            *slot = dot(&a.values[row * a.row_stride..][..a.columns], x);
        }
        return;
    }
    if a.row_stride == 1 {
        // Columns lie contiguous: a sum of columns.
        out.fill(0.0);
        for (column, &factor) in x.iter().enumerate() {
            let values = &a.values[column * a.column_stride..][..a.rows];
            out.iter_mut().zip(values).for_each(|(slot, value)| *slot += factor * value);
        }
        return;
    }
    for (row, slot) in out.iter_mut().enumerate() {
        *slot = (0..a.columns).map(|column| a.at(row, column) * x[column]).sum();
    }
}

/// The scalar product of two vectors of one length, in four running sums.
///
/// # Panics
/// If the lengths differ.
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert!(a.len() == b.len(), "vectors of one length");
    let (groups_a, rest_a) = a.as_chunks::<4>();
    let (groups_b, rest_b) = b.as_chunks::<4>();
    let mut sums = [F64x2::splat(0.0); 2];
    for (x, y) in groups_a.iter().zip(groups_b) {
        sums[0] = sums[0] + F64x2::load(&x[..2]) * F64x2::load(&y[..2]);
        sums[1] = sums[1] + F64x2::load(&x[2..]) * F64x2::load(&y[2..]);
    }
    let tail: f64 = rest_a.iter().zip(rest_b).map(|(x, y)| x * y).sum();
    (sums[0] + sums[1]).sum() + tail
}

/// The sum of squares, in four running sums.
pub fn squared_norm(a: &[f64]) -> f64 {
    dot(a, a)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::double::testing::numbers;
    use proptest::prelude::*;

    fn close(a: &[f64], b: &[f64], depth: usize) -> bool {
        a.iter().zip(b).all(|(x, y)| (x - y).abs() <= 1e-15 * (depth + 1) as f64)
    }

    proptest! {
        #[test]
        fn gemm_agrees_with_its_reference_in_every_shape_and_layout(
            m in 0usize..70, k in 0usize..300, n in 0usize..20, seed in 0u64..1000, flip_a: bool, flip_b: bool,
        ) {
            let (va, vb) = (numbers(m * k, seed), numbers(k * n, seed + 1));
            let a = if flip_a { View::new(&va, k, m).transposed() } else { View::new(&va, m, k) };
            let b = if flip_b { View::new(&vb, n, k).transposed() } else { View::new(&vb, k, n) };
            let (mut fast, mut slow) = (vec![f64::NAN; m * n], vec![0.0; m * n]);
            gemm(&mut fast, a, b);
            gemm_reference(&mut slow, a, b);
            prop_assert!(close(&fast, &slow, k));
            gemm_subtract(&mut fast, a, b);
            prop_assert!(fast.iter().all(|v| v.abs() <= 1e-13));
        }

        #[test]
        fn syrk_is_the_product_with_the_transpose(m in 1usize..80, k in 1usize..300, seed in 0u64..1000, flip: bool) {
            let values = numbers(m * k, seed);
            let x = if flip { View::new(&values, k, m).transposed() } else { View::new(&values, m, k) };
            let (mut symmetric, mut product) = (vec![0.0; m * m], vec![0.0; m * m]);
            syrk(&mut symmetric, x);
            gemm(&mut product, x, x.transposed());
            prop_assert_eq!(&symmetric, &product);
            // Row bands put together give the same bits.
            let mut banded = vec![0.0; m * m];
            for first in (0..m).step_by(7) {
                syrk_lower_rows(&mut banded, x, first..(first + 7).min(m));
            }
            mirror_lower(&mut banded, m);
            prop_assert_eq!(&banded, &symmetric);
        }

        #[test]
        fn gemv_agrees_with_gemm(m in 1usize..40, k in 1usize..90, seed in 0u64..1000, flip: bool) {
            let (values, x) = (numbers(m * k, seed), numbers(k, seed + 1));
            let a = if flip { View::new(&values, k, m).transposed() } else { View::new(&values, m, k) };
            let (mut vector, mut product) = (vec![0.0; m], vec![0.0; m]);
            gemv(&mut vector, a, &x);
            gemm(&mut product, a, View::new(&x, k, 1));
            prop_assert!(close(&vector, &product, k));
        }
    }

    #[test]
    fn wide_products_cross_every_block_boundary() {
        let (m, k, n) = (70, 520, 530);
        let (va, vb) = (numbers(m * k, 1), numbers(k * n, 2));
        let (a, b) = (View::new(&va, m, k), View::new(&vb, k, n));
        let (mut fast, mut slow) = (vec![0.0; m * n], vec![0.0; m * n]);
        gemm(&mut fast, a, b);
        gemm_reference(&mut slow, a, b);
        assert!(close(&fast, &slow, k));
    }

    #[test]
    fn a_block_of_a_transpose_is_the_transpose_of_a_block() {
        let values = numbers(35, 3);
        let view = View::new(&values, 5, 7);
        let (one, other) = (view.transposed().block(2..6, 1..4), view.block(1..4, 2..6).transposed());
        for row in 0..4 {
            for column in 0..3 {
                assert_eq!(one.at(row, column), other.at(row, column));
            }
        }
    }
}
