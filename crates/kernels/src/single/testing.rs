//! What the tests of this folder share: errors in ulp, equality of bits, and points all over the line of numbers.

/// Numbers on either side of a critical point that [`Function::check`] looks at.
const NEIGHBORS: u32 = 2000;

/// The distance between neighboring numbers at `near`; among the subnormals that is 2⁻¹⁴⁹.
fn spacing(near: f32) -> f64 {
    let exponent = (near.to_bits() >> 23 & 0xff).clamp(1, 254);
    f64::from_bits(u64::from(exponent + 1023 - 150) << 52)
}

/// How far `value` is from `exact`, in units of the last place of the `f32` nearest to `exact`. Where that overflows,
/// infinity stands for 2¹²⁸, the number that comes next.
pub fn ulps(value: f32, exact: f64) -> f64 {
    const NEXT: f64 = 2.0 * (1u128 << 127) as f64;
    if exact.is_finite() && !value.is_nan() {
        let place = |x: f64| x.clamp(-NEXT, NEXT);
        (place(f64::from(value)) - place(exact)).abs() / spacing(exact as f32)
    } else if f64::from(value) == exact || value.is_nan() && exact.is_nan() {
        0.0
    } else {
        f64::INFINITY
    }
}

/// Equality of bits, any NaN being like any other.
pub fn same_bits(a: &[f32], b: &[f32]) -> bool {
    let same = |(a, b): (&f32, &f32)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan();
    a.len() == b.len() && a.iter().zip(b).all(same)
}

/// Numbers in [−1, 1) without a pattern that a wrong index could repeat.
pub fn numbers(count: usize, salt: u32) -> Vec<f32> {
    let hash = |index: usize| (index as u32).wrapping_add(salt.wrapping_mul(77_777)).wrapping_mul(0x9e37_79b9) >> 8;
    (0..count).map(|index| hash(index) as f32 / 8_388_608.0 - 1.0).collect()
}

/// A function of one number, and what it should be.
#[derive(Clone, Copy)]
pub struct Function {
    /// The kernel.
    pub kernel: fn(&mut [f32]),
    /// Its scalar twin.
    pub twin: fn(&mut [f32]),
    /// Far more exact than either.
    pub exact: fn(f64) -> f64,
}

impl Function {
    /// The greatest error in ulp over the given bit patterns, and where it stands. The twin has the kernel's bits.
    fn greatest_error(&self, patterns: impl Iterator<Item = u32>) -> (f64, f32) {
        let mut patterns = patterns.peekable();
        let mut greatest = (0.0, 0.0);
        let (mut points, mut values, mut twins) = (Vec::new(), Vec::new(), Vec::new());
        while patterns.peek().is_some() {
            points.clear();
            points.extend(patterns.by_ref().take(4096).map(f32::from_bits));
            values.clone_from(&points);
            twins.clone_from(&points);
            (self.kernel)(&mut values);
            (self.twin)(&mut twins);
            for ((&x, &value), &twin) in points.iter().zip(&values).zip(&twins) {
                assert!(value.to_bits() == twin.to_bits() || value.is_nan() && twin.is_nan(), "at {x:e}");
                let error = ulps(value, (self.exact)(f64::from(x)));
                if error > greatest.0 {
                    greatest = (error, x);
                }
            }
        }
        greatest
    }

    /// Fails if the error exceeds `bound` ulp at every 251st number or close to the `critical` ones.
    pub fn check(&self, bound: f64, critical: &[f32]) {
        let close = critical.iter().flat_map(|x| {
            let bits = x.to_bits();
            (0..2 * NEIGHBORS).map(move |k| bits.wrapping_add(k).wrapping_sub(NEIGHBORS))
        });
        let (error, x) = self.greatest_error((0..=u32::MAX).step_by(251).chain(close));
        assert!(error <= bound, "{error} ulp at {x:e}");
    }
}

#[test]
fn ulps_count_neighbors_from_subnormals_to_overflow() {
    assert_eq!(ulps(1.0, 1.0 + f64::from(f32::EPSILON)), 1.0);
    assert_eq!(ulps(f32::from_bits(5), f64::from(f32::from_bits(3))), 2.0);
    assert_eq!(ulps(0.0, f64::from(f32::from_bits(1))), 1.0);
    assert_eq!(ulps(f32::INFINITY, f64::from(f32::MAX)), 1.0);
    assert_eq!(ulps(f32::INFINITY, 1e300), 0.0);
    assert_eq!(ulps(f32::MAX, f64::INFINITY), f64::INFINITY);
    assert_eq!(ulps(f32::NAN, 0.0), f64::INFINITY);
    assert_eq!(ulps(f32::NAN, f64::NAN), 0.0);
}
