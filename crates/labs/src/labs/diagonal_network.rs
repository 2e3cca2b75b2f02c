//! The diagonal network: how the scale of the initial weights alone chooses between solutions.
//!
//! Least squares `‖Xβ − y‖²/2n` on the linear model `β = u∘u − v∘v`, trained from `u = v = α·1`. Gradient flow keeps
//! `β = 2α² sinh(Xᵀν)`, so that its limit is the one such `β` with `Xβ = y`: the solution with the least
//!
//! `Q(β) = α² Σᵢ q(βᵢ/α²)`, `q(z) = 2 − √(4 + z²) + z·arsinh(z/2)`,
//!
//! which is the least ℓ2 norm for `α → ∞` and the least ℓ1 norm for `α → 0` (Woodworth et al. 2020, arXiv 2002.09277). The
//! truth has `k` coefficients `1/√k` among `d`, there is no noise, and `X` is standard normal.
//!
//! The limit needs no training: `ν` minimizes the convex `2α² Σᵢ cosh(Xᵀν)ᵢ − yᵀν`. Newton's step `Δν` moves the exponents
//! by at most `δ = ‖XᵀΔν‖∞`, along which the second derivative grows by `exp(δt)` at most; so the share `ln(1 + δ)/δ` of
//! it always descends, and near the end it is nearly the whole step.

use crate::{
    course::Course,
    declarations,
    numerals::{plain, round_up, short},
    prelude::*,
    random::Random,
};
use kernels::double::{Cholesky, View, gemv, squared_norm, symmetric_eigenvalues, syrk};
use serde::{Deserialize, Serialize};

/// The lab.
pub static LAB: DiagonalNetwork = DiagonalNetwork;

/// See the module's description.
pub struct DiagonalNetwork;

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("diagonal-network"),
    title: Text::new("Diagonal network", "对角网络"),
    about: Text::new(
        "Same data, same loss, zero training error: the scale of the initial weights alone leads from a useless solution to the exact one.",
        "同样的数据、同样的损失、训练误差都为零：仅凭初始权重的尺度，就能从毫无用处的解走到完全正确的解。",
    ),
    parameters: Cow::Borrowed(&[
        Parameter::real(
            "init_scale",
            "α",
            Text::new("Initialization scale", "初始化尺度"),
            Text::new(
                "How large the weights are before training: the point of the curves that the numbers report. Small ones find the sparse truth.",
                "训练开始前权重有多大，即下方数值所报告的曲线位置。取小值能找回稀疏的真相。",
            ),
            [1e-4, 3.0, 1e-4],
            0.1,
        )
        .scaled(Scale::Logarithmic),
        declarations::samples(Text::new(
                "With too few of them even the solution of least ℓ1 norm is not the truth.",
                "样本太少时，连 ℓ1 范数最小的解也不是真相。",
            ), [10, 60, 1], 40),
        declarations::features("d", Text::new("How many coefficients there are.", "系数的个数。"), [80, 200, 1], 100),
        Parameter::integer(
            "nonzero",
            "k",
            Text::new("Nonzero coefficients", "非零系数个数"),
            Text::new(
                "How many coefficients of the truth are not zero, all of them equal. The fewer, the more a small scale helps.",
                "真实系数中不为零的个数，它们彼此相等。个数越少，小尺度越有利。",
            ),
            [1, 40, 1],
            4,
        ),
        declarations::steps(Text::new(
                "The most steps that gradient descent takes on the first seed; it stops earlier once it has fitted the data. A small scale takes long to leave its start.",
                "在第一个种子上，梯度下降至多走多少步；拟合好数据就提前停止。尺度越小，离开起点越慢。",
            ),
            [100, 60_000, 100],
            20_000,
        )
        .scaled(Scale::Logarithmic),
        Parameter::seeds(20, 50),
    ]),
    outputs: Cow::Borrowed(&[
        Output::new(
            "l1_norm",
            Text::new("ℓ1 norm", "ℓ1 范数"),
            Text::new("Of the limit of training, computed exactly.", "训练极限的 ℓ1 范数，精确计算。"),
            Aggregate::Mean,
        ),
        Output::new(
            "l2_norm",
            Text::new("ℓ2 norm", "ℓ2 范数"),
            Text::new("Of the same limit.", "同一极限的 ℓ2 范数。"),
            Aggregate::Mean,
        ),
        declarations::excess_risk(Text::new(
                "The squared distance of that limit from the truth; predicting zero has 1.",
                "该极限到真实系数的平方距离；恒预测零时为 1。",
            )),
        Output::new(
            "truth_l1_norm",
            Text::new("ℓ1 norm of the truth", "真实系数的 ℓ1 范数"),
            Text::new("√k.", "√k。"),
            Aggregate::Exact,
        ),
        Output::new(
            "min_norm_l1_norm",
            Text::new("ℓ1 norm of the minimum-norm solution", "最小范数解的 ℓ1 范数"),
            Text::new(
                "Of the solution of least ℓ2 norm, to which large scales lead.",
                "ℓ2 范数最小的解的 ℓ1 范数；大尺度走向这个解。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "min_norm_excess_risk",
            Text::new("Excess risk of the minimum-norm solution", "最小范数解的超额风险"),
            Text::new("Of the same solution.", "同一个解的超额风险。"),
            Aggregate::Mean,
        ),
        Output::new(
            "theory_min_norm_excess_risk",
            Text::new("Excess risk of the minimum-norm solution, theory", "最小范数解的超额风险（理论）"),
            Text::new("Its exact mean 1 − n/d.", "它的精确平均值 1 − n/d。"),
            Aggregate::Exact,
        ),
        Output::new(
            "gd_steps",
            Text::new("Steps of gradient descent", "梯度下降的步数"),
            Text::new(
                "That the first seed took until the residual was a millionth of the labels, or the most it was given.",
                "第一个种子上，残差降到标签的百万分之一所用的步数，或允许的最多步数。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "gd_relative_residual",
            Text::new("Relative residual of gradient descent", "梯度下降的相对残差"),
            Text::new("‖Xβ − y‖/‖y‖ after these steps.", "走完这些步之后的 ‖Xβ − y‖/‖y‖。"),
            Aggregate::Exact,
        ),
        Output::new(
            "gd_l1_norm",
            Text::new("ℓ1 norm by gradient descent", "梯度下降得到的 ℓ1 范数"),
            Text::new("Of the first seed, after these steps.", "第一个种子走完这些步之后的 ℓ1 范数。"),
            Aggregate::Exact,
        ),
        Output::new(
            "theory_gd_l1_norm",
            Text::new("ℓ1 norm by gradient descent, theory", "梯度下降得到的 ℓ1 范数（理论）"),
            Text::new("Of the exact limit for that seed.", "该种子的精确极限的 ℓ1 范数。"),
            Aggregate::Exact,
        ),
    ]),
};

/// The scales at which the curves are computed.
const SCALES: [f64; 14] = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 3.0];
/// The ends of their axis.
const SCALE_RANGE: [f64; 2] = [1e-4, 3.0];
/// Gradient descent has fitted the data when `‖Xβ − y‖/‖y‖` is below this.
const FITTED: f64 = 1e-6;
/// The exact limit is found when the same is below this.
const SOLVED: f64 = 1e-11;
/// More of Newton's steps are a failure.
const NEWTON_STEPS: usize = 500;
/// The step size of gradient descent, where it is stable.
const LEARNING_RATE: f64 = 0.02;
/// Steps of gradient descent in one slice: about ten million operations.
const STEPS_PER_SLICE: usize = 400;
/// Least values on the axis of the excess risk.
const RISK_FLOOR: f64 = 1e-8;

/// A data set.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Problem {
    samples: usize,
    features: usize,
    nonzero: usize,
    seed: u64,
}

/// A data set and what is to be found.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Spec {
    problem: Problem,
    /// `α`; infinite for the minimum-norm solution.
    scale: f64,
    /// The most steps of gradient descent; zero for its limit instead.
    steps: u32,
}

/// A solution.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Solution {
    l1_norm: f64,
    l2_norm: f64,
    excess_risk: f64,
}

/// The course of gradient descent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Descent {
    steps: Vec<f64>,
    l1_norm: Vec<f64>,
    excess_risk: Vec<f64>,
    relative_residual: Vec<f64>,
    coefficients: Vec<f64>,
}

/// What a task found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Where it has come to; not finite if it failed.
    solution: Solution,
    /// How it got there; empty for a limit.
    descent: Descent,
}

/// The numbers of a data set.
struct Sample {
    problem: Problem,
    /// `X`, row by row.
    design: Vec<f64>,
    labels: Vec<f64>,
}

impl Sample {
    fn new(problem: Problem) -> Self {
        let Problem { samples, features, nonzero, seed } = problem;
        let mut design = vec![0.0; samples * features];
        Random::new(seed, 0).fill_normal(&mut design);
        let weight = 1.0 / (nonzero as f64).sqrt();
        // No feature is special: the truth may as well be the first few.
        let labels = design.chunks_exact(features).map(|row| weight * row[..nonzero].iter().sum::<f64>()).collect();
        Self { problem, design, labels }
    }

    fn features(&self) -> View<'_> {
        View::new(&self.design, self.problem.samples, self.problem.features)
    }

    fn truth(&self, feature: usize) -> f64 {
        truth(self.problem.nonzero, feature)
    }

    fn solution(&self, coefficients: &[f64]) -> Solution {
        let missed = coefficients.iter().enumerate().map(|(feature, value)| value - self.truth(feature));
        Solution {
            l1_norm: coefficients.iter().map(|value| value.abs()).sum(),
            l2_norm: squared_norm(coefficients).sqrt(),
            excess_risk: missed.map(|value| value * value).sum(),
        }
    }

    /// `Xβ − y`.
    fn residual(&self, coefficients: &[f64]) -> Vec<f64> {
        let mut residual = vec![0.0; self.problem.samples];
        gemv(&mut residual, self.features(), coefficients);
        residual.iter_mut().zip(&self.labels).for_each(|(fitted, label)| *fitted -= label);
        residual
    }

    fn relative(&self, residual: &[f64]) -> f64 {
        (squared_norm(residual) / squared_norm(&self.labels)).sqrt()
    }

    /// `Σᵢ wᵢ·xᵢxᵢᵀ` over features, `samples × samples`.
    fn weighted_gram(&self, weights: impl Fn(usize) -> f64) -> Vec<f64> {
        let (n, d) = (self.problem.samples, self.problem.features);
        let roots: Vec<f64> = (0..d).map(|feature| weights(feature).sqrt()).collect();
        let mut scaled = self.design.clone();
        for row in scaled.chunks_exact_mut(d) {
            row.iter_mut().zip(&roots).for_each(|(value, root)| *value *= root);
        }
        let mut gram = vec![0.0; n * n];
        syrk(&mut gram, View::new(&scaled, n, d));
        gram
    }

    /// `Xᵀν`.
    fn back(&self, dual: &[f64]) -> Vec<f64> {
        let mut back = vec![0.0; self.problem.features];
        gemv(&mut back, self.features().transposed(), dual);
        back
    }
}

/// A coefficient of the truth.
fn truth(nonzero: usize, feature: usize) -> f64 {
    if feature < nonzero { 1.0 / (nonzero as f64).sqrt() } else { 0.0 }
}

const UNKNOWN: Solution = Solution { l1_norm: f64::NAN, l2_norm: f64::NAN, excess_risk: f64::NAN };

/// The minimum-norm solution.
struct MinNorm {
    sample: Sample,
    solution: Solution,
}

impl Work<Record> for MinNorm {
    fn advance(&mut self) -> bool {
        let gram = self.sample.weighted_gram(|_| 1.0);
        if let Ok(cholesky) = Cholesky::new(gram, self.sample.problem.samples) {
            let mut dual = self.sample.labels.clone();
            cholesky.solve(&mut dual);
            self.solution = self.sample.solution(&self.sample.back(&dual));
        }
        true
    }

    fn record(&self) -> Record {
        Record { solution: self.solution, descent: Descent::default() }
    }
}

/// The limit of gradient flow by Newton's method.
struct Newton {
    sample: Sample,
    scale: f64,
    /// `Xᵀν`.
    exponents: Vec<f64>,
    taken: usize,
    solution: Solution,
}

impl Newton {
    fn new(sample: Sample, scale: f64) -> Self {
        let exponents = vec![0.0; sample.problem.features];
        Self { sample, scale, exponents, taken: 0, solution: UNKNOWN }
    }

    fn coefficients(&self) -> Vec<f64> {
        self.exponents.iter().map(|&exponent| 2.0 * self.scale * self.scale * libm::sinh(exponent)).collect()
    }

    /// One step; true at the end.
    fn step(&mut self) -> bool {
        let coefficients = self.coefficients();
        let mut residual = self.sample.residual(&coefficients);
        if self.sample.relative(&residual) <= SOLVED {
            self.solution = self.sample.solution(&coefficients);
            return true;
        }
        let squared = self.scale * self.scale;
        let hessian = self.sample.weighted_gram(|feature| 2.0 * squared * libm::cosh(self.exponents[feature]));
        let Ok(cholesky) = Cholesky::new(hessian, self.sample.problem.samples) else { return true };
        cholesky.solve(&mut residual);
        let step = self.sample.back(&residual);
        let reach = step.iter().map(|value| value.abs()).fold(0.0, f64::max);
        let share = if reach > 0.0 { libm::log1p(reach) / reach } else { 1.0 };
        self.exponents.iter_mut().zip(&step).for_each(|(exponent, change)| *exponent -= share * change);
        self.taken += 1;
        self.taken == NEWTON_STEPS
    }
}

impl Work<Record> for Newton {
    fn advance(&mut self) -> bool {
        const STEPS: usize = 20;
        (0..STEPS).any(|_| self.step())
    }

    fn record(&self) -> Record {
        Record { solution: self.solution, descent: Descent::default() }
    }
}

/// Gradient descent on `u` and `v`.
struct Training {
    sample: Sample,
    rate: f64,
    most: usize,
    taken: usize,
    /// The next step that is recorded.
    due: usize,
    positive: Vec<f64>,
    negative: Vec<f64>,
    descent: Descent,
}

impl Training {
    fn new(sample: Sample, scale: f64, most: usize) -> Self {
        let Problem { samples, features, .. } = sample.problem;
        let eigenvalues = symmetric_eigenvalues(&sample.weighted_gram(|_| 1.0), samples);
        let smoothness = eigenvalues.into_iter().fold(0.0, f64::max) / samples as f64;
        // At large scales the loss is steeper by 8α².
        let rate = LEARNING_RATE.min(0.15 / (smoothness * (8.0 * scale * scale).max(1.0)));
        let (positive, negative) = (vec![scale; features], vec![scale; features]);
        Self { sample, rate, most, taken: 0, due: 0, positive, negative, descent: Descent::default() }
    }

    fn coefficients(&self) -> Vec<f64> {
        self.positive.iter().zip(&self.negative).map(|(u, v)| (u - v) * (u + v)).collect()
    }

    /// Looks at where descent is, and takes a step unless this is the end.
    fn step(&mut self) -> bool {
        let coefficients = self.coefficients();
        let residual = self.sample.residual(&coefficients);
        let relative = self.sample.relative(&residual);
        // Written so that a value that is not a number is an end, too.
        let goes_on = relative > FITTED && relative < 1e6 && self.taken < self.most;
        if self.taken == self.due || !goes_on {
            self.due = (self.due + 1).max(self.due + self.due / 12);
            let solution = self.sample.solution(&coefficients);
            self.descent.steps.push(self.taken as f64);
            self.descent.l1_norm.push(solution.l1_norm);
            self.descent.excess_risk.push(solution.excess_risk);
            self.descent.relative_residual.push(relative);
        }
        if !goes_on {
            return true;
        }
        let gradient = self.sample.back(&residual);
        let factor = 2.0 * self.rate / self.sample.problem.samples as f64;
        for ((u, v), slope) in self.positive.iter_mut().zip(&mut self.negative).zip(&gradient) {
            *u -= factor * slope * *u;
            *v += factor * slope * *v;
        }
        self.taken += 1;
        false
    }
}

impl Work<Record> for Training {
    fn advance(&mut self) -> bool {
        (0..STEPS_PER_SLICE).any(|_| self.step())
    }

    fn record(&self) -> Record {
        let coefficients = self.coefficients();
        let solution = self.sample.solution(&coefficients);
        Record { solution, descent: Descent { coefficients, ..self.descent.clone() } }
    }
}

impl Lab for DiagonalNetwork {
    type Spec = Spec;
    type Record = Record;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let scale = settings.real("init_scale");
        let spec = |seed: u64, scale: f64, steps: u32| Spec {
            problem: Problem {
                samples: settings.count("samples"),
                features: settings.count("features"),
                nonzero: settings.count("nonzero"),
                seed,
            },
            scale,
            steps,
        };
        let seeds = settings.seeds();
        // The first seed's curve, the numbers, the training of the first seed, then what makes the band.
        let mut tasks: Vec<Spec> = SCALES.iter().map(|&scale| spec(settings.seed, scale, 0)).collect();
        tasks.extend(settings.seed_list().map(|seed| spec(seed, scale, 0)));
        tasks.extend(settings.seed_list().map(|seed| spec(seed, f64::INFINITY, 0)));
        tasks.push(spec(settings.seed, scale, settings.count("steps") as u32));
        tasks.extend(
            settings.seed_list().skip(1).flat_map(|seed| SCALES.iter().map(move |&scale| spec(seed, scale, 0))),
        );
        Plan { tasks, probe: (SCALES.len()..=SCALES.len() + 2 * seeds).collect() }
    }

    fn cost(&self, spec: &Spec) -> f64 {
        let (n, d) = (spec.problem.samples as f64, spec.problem.features as f64);
        let newton = if spec.scale.is_finite() { 15.0 - 10.0 * libm::log10(spec.scale).min(0.0) } else { 1.0 };
        if spec.steps > 0 { f64::from(spec.steps) * 4.0 * n * d } else { newton * (n * n * d + n * n * n + 50.0 * d) }
    }

    fn begin<'a>(&self, spec: &Spec, _data: &'a Data) -> Box<dyn Work<Record> + 'a> {
        let sample = Sample::new(spec.problem);
        if spec.steps > 0 {
            return Box::new(Training::new(sample, spec.scale, spec.steps as usize));
        }
        if spec.scale.is_finite() {
            return Box::new(Newton::new(sample, spec.scale));
        }
        Box::new(MinNorm { sample, solution: UNKNOWN })
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let found = Found::new(settings, records);
        let outputs = outputs(settings, &found);
        let description = describe(settings, &found, &outputs);
        let panels = vec![
            norm_panel(settings, &found),
            risk_panel(settings, &found),
            training_panel(settings, &found, &outputs),
            coefficients_panel(settings, &found),
        ];
        Report { figure: Figure { panels }, outputs, description }
    }
}

/// A quantity of a solution.
type Reading = fn(&Solution) -> f64;

/// The records by their use.
struct Found {
    /// A list a scale, a solution a seed.
    columns: Vec<Vec<Solution>>,
    probed: Vec<Solution>,
    min_norm: Vec<Solution>,
    /// The exact limit for the first seed.
    first: Option<Solution>,
    training: Option<Descent>,
}

impl Found {
    fn new(settings: &Settings, records: &[Entry<Record>]) -> Self {
        let seeds = settings.seeds();
        let done = |entries: &[Entry<Record>]| -> Vec<Solution> {
            entries.iter().filter_map(Entry::done).map(|record| record.solution).collect()
        };
        let (first, rest) = records.split_at(SCALES.len());
        let (probed, rest) = rest.split_at(seeds);
        let (min_norm, rest) = rest.split_at(seeds);
        let (training, rest) = rest.split_at(1);
        let columns = (0..SCALES.len())
            .map(|index| {
                let entries = std::iter::once(&first[index]).chain(rest.iter().skip(index).step_by(SCALES.len()));
                entries.filter_map(Entry::done).map(|record| record.solution).collect()
            })
            .collect();
        Self {
            columns,
            probed: done(probed),
            min_norm: done(min_norm),
            first: probed[0].done().map(|record| record.solution),
            training: training[0].latest().map(|record| record.descent.clone()),
        }
    }

    fn over_seeds(&self, statistic: fn(&[f64]) -> f64, read: Reading) -> Vec<f64> {
        self.columns.iter().map(|solutions| statistic(&values(solutions, read))).collect()
    }

    fn last(&self, read: fn(&Descent) -> &Vec<f64>) -> f64 {
        self.training.as_ref().and_then(|descent| read(descent).last()).copied().unwrap_or(f64::NAN)
    }
}

fn values(solutions: &[Solution], read: Reading) -> Vec<f64> {
    solutions.iter().map(read).collect()
}

/// The mean excess risk of the minimum-norm solution.
fn theory_min_norm_risk(settings: &Settings) -> f64 {
    1.0 - settings.real("samples") / settings.real("features")
}

fn outputs(settings: &Settings, found: &Found) -> Vec<OutputValue> {
    let mean = |name, solutions: &[Solution], read: Reading| OutputValue::mean(name, &values(solutions, read));
    let (probed, min_norm) = (&found.probed, &found.min_norm);
    vec![
        mean("l1_norm", probed, |solution| solution.l1_norm),
        mean("l2_norm", probed, |solution| solution.l2_norm),
        mean("excess_risk", probed, |solution| solution.excess_risk),
        OutputValue::exact("truth_l1_norm", settings.real("nonzero").sqrt()),
        mean("min_norm_l1_norm", min_norm, |solution| solution.l1_norm),
        mean("min_norm_excess_risk", min_norm, |solution| solution.excess_risk),
        OutputValue::exact("theory_min_norm_excess_risk", theory_min_norm_risk(settings)),
        OutputValue::exact("gd_steps", found.last(|descent| &descent.steps)),
        OutputValue::exact("gd_relative_residual", found.last(|descent| &descent.relative_residual)),
        OutputValue::exact("gd_l1_norm", found.last(|descent| &descent.l1_norm)),
        OutputValue::exact("theory_gd_l1_norm", found.first.map_or(f64::NAN, |solution| solution.l1_norm)),
    ]
}

fn scale_axis() -> Axis {
    Axis::new(Text::new("initialization scale α", "初始化尺度 α"), AxisScale::Log, SCALE_RANGE)
}

/// A level line across an axis.
fn level(label: Text, ends: &[f64; 2], value: f64) -> Mark {
    Mark::line("", label, Role::Neutral, Stroke::Dotted, ends, vec![value; 2])
}

/// The spread over seeds and the mean of a quantity along the scale.
fn curve(settings: &Settings, found: &Found, name: &'static str, label: Text, role: Role, read: Reading) -> Vec<Mark> {
    let mut marks = Vec::new();
    if settings.seeds() > 1 {
        let (low, high) = (found.over_seeds(statistics::low, read), found.over_seeds(statistics::high, read));
        marks.push(Mark::spread(name, declarations::SPREAD, role, &SCALES, low, high));
    }
    marks.push(Mark::line(name, label, role, Stroke::Solid, &SCALES, found.over_seeds(statistics::mean, read)));
    marks
}

fn norm_panel(settings: &Settings, found: &Found) -> Panel {
    let truth = settings.real("nonzero").sqrt();
    let mut marks = vec![level(Text::new("ℓ1 norm of the truth", "真实系数的 ℓ1 范数"), &SCALE_RANGE, truth)];
    let least = statistics::mean(&values(&found.min_norm, |solution| solution.l1_norm));
    marks.push(Mark::line(
        "theory_min_norm_l1_norm",
        Text::new("minimum-norm solution", "最小范数解"),
        Role::Theory,
        Stroke::Dashed,
        &SCALE_RANGE,
        vec![least; 2],
    ));
    let label = Text::new("ℓ1 norm of the limit", "极限的 ℓ1 范数");
    marks.extend(curve(settings, found, "l1_norm", label, Role::Norm, |solution| solution.l1_norm));
    marks.push(Mark::probe("init_scale", settings));
    // A vector of length 1 among d coordinates, of which the rows of X see n.
    let range = [0.0, round_up(1.15 * truth.max(0.8 * settings.real("samples").sqrt()))];
    let y = Axis::new(Text::new("ℓ1 norm", "ℓ1 范数"), AxisScale::Linear, range);
    Panel::chart(Text::new("ℓ1 norm of the solution", "解的 ℓ1 范数"), scale_axis(), y, marks)
}

fn risk_panel(settings: &Settings, found: &Found) -> Panel {
    let label = Text::new("minimum-norm solution, theory", "最小范数解（理论）");
    let level = vec![theory_min_norm_risk(settings); 2];
    let mut marks =
        vec![Mark::line("theory_min_norm_excess_risk", label, Role::Theory, Stroke::Dashed, &SCALE_RANGE, level)];
    let label = Text::new("excess risk of the limit", "极限的超额风险");
    marks.extend(curve(settings, found, "excess_risk", label, Role::Test, |solution| {
        // Exact recovery has no place on a logarithmic axis; what is not known stays so.
        if solution.excess_risk < RISK_FLOOR { RISK_FLOOR } else { solution.excess_risk }
    }));
    marks.push(Mark::probe("init_scale", settings));
    let y = Axis::new(Text::new("excess risk", "超额风险"), AxisScale::Log, [RISK_FLOOR, 2.0]);
    Panel::chart(Text::new("Excess risk", "超额风险"), scale_axis(), y, marks)
}

fn training_panel(settings: &Settings, found: &Found, outputs: &[OutputValue]) -> Panel {
    let ends = [0.0, settings.real("steps")];
    let limit = OutputValue::find(outputs, "theory_gd_l1_norm");
    let label = Text::new("exact limit", "精确极限");
    let mut marks = vec![Mark::line("theory_gd_l1_norm", label, Role::Theory, Stroke::Dashed, &ends, vec![limit; 2])];
    if let Some(descent) = &found.training {
        let x = &descent.steps;
        let label = Text::new("ℓ1 norm by gradient descent", "梯度下降的 ℓ1 范数");
        marks.push(Mark::line("gd_l1_norm", label, Role::Norm, Stroke::Solid, x, descent.l1_norm.clone()));
        let label = Text::new("relative residual", "相对残差");
        let residual = descent.relative_residual.clone();
        marks.push(Mark::line("gd_relative_residual", label, Role::Train, Stroke::Solid, x, residual));
        let label = Text::new("excess risk", "超额风险");
        marks.push(Mark::line("gd_excess_risk", label, Role::Test, Stroke::Solid, x, descent.excess_risk.clone()));
    }
    let x = Axis::new(Text::new("gradient steps t", "梯度下降步数 t"), AxisScale::LogFromZero, ends);
    let greatest = settings.real("nonzero").sqrt().max(0.8 * settings.real("samples").sqrt());
    let label = Text::new("value", "数值");
    let y = Axis::new(label, AxisScale::Linear, [0.0, round_up(1.15 * greatest)]);
    Panel::chart(Text::new("Training, first seed", "训练过程（第一个种子）"), x, y, marks)
}

fn coefficients_panel(settings: &Settings, found: &Found) -> Panel {
    let features = settings.count("features");
    let x: Vec<f64> = (1..=features).map(|feature| feature as f64).collect();
    let nonzero = settings.count("nonzero");
    let truth: Vec<f64> = (0..features).map(|feature| truth(nonzero, feature)).collect();
    let greatest = 1.0 / (nonzero as f64).sqrt();
    let label = Text::new("truth", "真实系数");
    let mut marks = vec![Mark::line("truth", label, Role::Signal, Stroke::Thin, &x, truth)];
    if let Some(descent) = &found.training {
        let label = Text::new("by gradient descent", "梯度下降所得");
        let (name, role) = (Cow::Borrowed("coefficients"), Role::Norm);
        marks.push(Mark::Points { name, label, role, x: x.clone(), y: descent.coefficients.clone() });
    }
    let x = Axis::new(Text::new("feature", "特征"), AxisScale::Linear, [0.0, features as f64 + 1.0]);
    let range = [-round_up(0.8 * greatest), round_up(1.3 * greatest)];
    let y = Axis::new(Text::new("coefficient", "系数"), AxisScale::Linear, range);
    Panel::chart(Text::new("Coefficients, first seed", "系数（第一个种子）"), x, y, marks)
}

/// The courses along the scale and the probed point in words.
fn describe(settings: &Settings, found: &Found, outputs: &[OutputValue]) -> Text {
    if found.columns.iter().any(Vec::is_empty) {
        return declarations::NOTHING_YET;
    }
    let course = |read: Reading| {
        let (mean, error) =
            (found.over_seeds(statistics::mean, read), found.over_seeds(statistics::standard_error, read));
        Course { x: &SCALES, mean: &mean, error: &error, least: 0.0 }.words("α", short)
    };
    let norm = course(|solution| solution.l1_norm);
    let risk = course(|solution| solution.excess_risk);
    let value = |name| OutputValue::written(outputs, name);
    let (l1, l2, excess) = (value("l1_norm"), value("l2_norm"), value("excess_risk"));
    let (truth, shortest) = (value("truth_l1_norm"), value("min_norm_l1_norm"));
    let (steps, trained) = (value("gd_steps"), value("gd_l1_norm"));
    let (n, d, k) = (settings.count("samples"), settings.count("features"), settings.count("nonzero"));
    let scale = plain(settings.real("init_scale"));
    let text = Text::owned(
        format!(
            "{n} samples, {d} features, {k} nonzero coefficients. As the initialization scale α grows, the ℓ1 norm of the limit {}; that of the truth is {truth}, that of the minimum-norm solution {shortest}. The excess risk {}. At α = {scale} the ℓ1 norm is {l1}, the ℓ2 norm {l2} and the excess risk {excess}.",
            norm.en, risk.en
        ),
        format!(
            "{n} 个样本、{d} 个特征、{k} 个非零系数。随着初始化尺度 α 增大，极限的 ℓ1 范数{}；真实系数为 {truth}，最小范数解为 {shortest}。超额风险{}。α = {scale} 时，ℓ1 范数为 {l1}，ℓ2 范数为 {l2}，超额风险为 {excess}。",
            norm.zh, risk.zh
        ),
    );
    if found.training.is_none() {
        return text;
    }
    let en = format!(" On the first seed gradient descent has an ℓ1 norm of {trained} after {steps} steps.");
    let zh = format!("在第一个种子上，梯度下降 {steps} 步之后的 ℓ1 范数为 {trained}。");
    Text::owned(text.en.into_owned() + &en, text.zh.into_owned() + &zh)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, probe};
    use kernels::double::dot;

    const PROBLEM: Problem = Problem { samples: 40, features: 100, nonzero: 4, seed: 3 };

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
    }

    fn finish(work: &mut dyn Work<Record>) -> Record {
        while !work.advance() {}
        work.record()
    }

    fn limit(problem: Problem, scale: f64) -> Newton {
        let mut newton = Newton::new(Sample::new(problem), scale);
        finish(&mut newton);
        newton
    }

    #[test]
    fn the_exact_limit_solves_the_equations_at_every_scale_and_size() {
        for (samples, features, nonzero) in [(40, 100, 4), (10, 200, 40), (60, 80, 1), (60, 80, 40)] {
            for scale in SCALES {
                let problem = Problem { samples, features, nonzero, seed: 11 };
                let newton = limit(problem, scale);
                assert!(newton.solution.l1_norm.is_finite(), "{problem:?} α = {scale}");
                let residual = newton.sample.residual(&newton.coefficients());
                assert!(newton.sample.relative(&residual) <= SOLVED);
            }
        }
    }

    #[test]
    fn gradient_descent_arrives_at_the_exact_limit() {
        for scale in [0.1, 0.3, 1.0] {
            let exact = limit(PROBLEM, scale);
            let trained = finish(&mut Training::new(Sample::new(PROBLEM), scale, 60_000));
            assert!(trained.descent.relative_residual.last().unwrap() <= &FITTED);
            let coefficients = exact.coefficients();
            let missed: Vec<f64> = coefficients.iter().zip(&trained.descent.coefficients).map(|(a, b)| a - b).collect();
            // Steps of a finite length end a little beside the flow's limit.
            assert!(squared_norm(&missed).sqrt() < 0.01, "α = {scale}: {}", squared_norm(&missed).sqrt());
            assert!((trained.solution.l1_norm / exact.solution.l1_norm - 1.0).abs() < 0.005);
        }
    }

    #[test]
    fn the_limit_has_the_least_q_of_all_solutions() {
        let scale: f64 = 0.1;
        let exact = limit(PROBLEM, scale);
        let coefficients = exact.coefficients();
        // The gradient of Q is arsinh(β/2α²), so nothing along solutions, that is orthogonal to the rows, changes it.
        let mut direction = vec![0.0; PROBLEM.features];
        Random::new(1, 9).fill_normal(&mut direction);
        let mut fitted = vec![0.0; PROBLEM.samples];
        gemv(&mut fitted, exact.sample.features(), &direction);
        Cholesky::new(exact.sample.weighted_gram(|_| 1.0), PROBLEM.samples).unwrap().solve(&mut fitted);
        let seen = exact.sample.back(&fitted);
        direction.iter_mut().zip(&seen).for_each(|(value, seen)| *value -= seen);
        let gradient: Vec<f64> = coefficients.iter().map(|value| libm::asinh(value / (2.0 * scale * scale))).collect();
        assert!(dot(&gradient, &direction).abs() < 1e-8);
    }

    #[test]
    fn a_large_scale_gives_the_minimum_norm_solution_and_a_small_one_the_truth() {
        let least = finish(&mut MinNorm { sample: Sample::new(PROBLEM), solution: UNKNOWN }).solution;
        let large = limit(PROBLEM, 3.0).solution;
        assert!((large.l2_norm - least.l2_norm).abs() < 1e-4 && large.l2_norm >= least.l2_norm - 1e-12);
        let small = limit(PROBLEM, 1e-4).solution;
        assert!(small.excess_risk < 1e-3 && least.excess_risk > 0.3);
        assert!((small.l1_norm - 2.0).abs() < 0.02);
    }

    #[test]
    fn a_run_tells_its_course_and_its_training() {
        let pairs = [("seeds", "2"), ("steps", "1000"), ("init_scale", "0.3")];
        let report = complete(&LAB, settings(&pairs), &Data::none()).report;
        assert!(report.outputs.iter().all(|output| output.value.is_finite()), "{:?}", report.outputs);
        let description = report.description;
        assert!(description.en.contains("rises from") && description.zh.contains("升到"), "{}", description.en);
        let names: Vec<String> = report.figure.series().into_iter().map(|series| series.name).collect();
        for name in ["l1_norm", "l1_norm_low", "excess_risk", "gd_l1_norm", "theory_gd_l1_norm", "coefficients"] {
            assert!(names.iter().any(|other| other == name), "{name}");
        }
    }

    #[test]
    fn the_mean_risk_of_the_minimum_norm_solution_is_one_minus_the_share_of_samples() {
        let report = probe(&LAB, settings(&[("seeds", "50"), ("steps", "100"), ("init_scale", "1")]), &Data::none());
        let output = |name: &str| testing::output(&report, name);
        let measured = output("min_norm_excess_risk");
        let error = measured.standard_error.unwrap();
        assert!((measured.value - output("theory_min_norm_excess_risk").value).abs() < 4.0 * error);
    }
}
