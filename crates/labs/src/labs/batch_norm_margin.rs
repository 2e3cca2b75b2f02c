//! The margins that batch normalization leads to: all of them equal, not the least of them largest.
//!
//! Two linear models (see [`crate::batch_norm`]) start from the same weights on points `zᵢ = yᵢxᵢ`. Without batch
//! normalization the direction tends to that of the maximum ℓ2 margin, as slowly as `1/log t` (Soudry et al. 2018). With it
//! the margins `mᵢ` become equal: their discrepancy `D` is `exp(−Ω(log² t))` (Cao, Zou, Li and Gu 2023, arXiv 2306.11680).
//!
//! **This book's own law**, not from the literature. For `mᵢ = 1 + δᵢ` with small `δᵢ` of mean zero, `ℓᵢ ≈ −(g/n)(1 − γδᵢ)`
//! with `g = 1/(1 + e^γ)`, so that to first order
//!
//! `Σᵢ ℓᵢzᵢ − (Σᵢ ℓᵢmᵢ)·Sw/N = (g/n)·(γ + 1)·Σᵢ δᵢzᵢ`,
//!
//! and gradient flow has `dδ/dt = −η·g·γ(γ + 1)/(nN²)·PKPδ`, `K = ZZᵀ` and `P` the projector off the vector of ones. As
//! `dγ/dt = ηg`, the slowest direction, with the least eigenvalue `λ` of `PKP` there, gives
//!
//! `log D = const − 2λ/(nN²)·(γ³/3 + γ²/2)`, `γ ≈ log(ηt + e^γ₀)`,
//!
//! the last because `g ≈ e^−γ`. This is faster than, and so consistent with, the published bound. With `γ` held fixed the
//! same step gives `log D = const − 2λ/(nN²)·ηgγ(γ(1 − g) + 1)·t`, in which `ℓᵢ` is taken exactly to first order.

use crate::{
    batch_norm::{
        DISCREPANCY_FLOOR, Descents, NORMALIZED, PLAIN, Points, Rule, discrepancy, discrepancy_axis, equal_margins,
        level, log10_discrepancy, logistic, max_margin_label, normalized_label, plain_label, step_axis,
    },
    declarations,
    numerals::{fixed, plain, short},
    prelude::*,
    random::Random,
};
use kernels::double::{View, squared_norm, symmetric_eigenvalues, syrk};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// The lab.
pub static LAB: BatchNormMargin = BatchNormMargin;

/// See the module's description.
pub struct BatchNormMargin;

const DATASETS: &[Choice] = &[
    Choice::new("plane", Text::new("two points in the plane", "平面上的两个点")),
    Choice::new("gaussian", Text::new("15 Gaussian points in 20 dimensions", "20 维空间中的 15 个高斯点")),
];

const GAMMAS: &[Choice] = &[
    Choice::new("trained", Text::new("trained, from 1", "训练，从 1 开始")),
    Choice::new("fixed", Text::new("fixed at 3", "固定为 3")),
];

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("batch-norm-margin"),
    title: Text::new("Margins with batch normalization", "批归一化的间隔"),
    about: Text::new(
        "With batch normalization gradient descent turns away from the maximum margin and makes all margins equal, faster than any power of time.",
        "有了批归一化，梯度下降会背离最大间隔方向，使所有间隔变得相等，而且比时间的任何幂次都快。",
    ),
    parameters: Cow::Borrowed(&[
        Parameter::choice(
            "dataset",
            Text::new("Points", "数据点"),
            Text::new(
                "In the plane both directions can be seen. In 20 dimensions every seed draws other points.",
                "在平面上能看到两个方向；在 20 维空间里，每个种子抽取一组不同的点。",
            ),
            DATASETS,
            0,
        ),
        declarations::learning_rate(Text::new(
                "The step size of both models. Ten times the rate does in a tenth of the steps about the same.",
                "两个模型的步长。学习率大十倍，大约只需十分之一的步数。",
            ),
            [0.01, 10.0, 0.01],
            0.1,
        )
        .scaled(Scale::Logarithmic),
        declarations::steps(Text::new(
                "How long both models are trained. In the plane the margins agree to about 8 digits after 1000 steps; one or two thousand more reach the limit of 64-bit numbers.",
                "两个模型训练多久。在平面上，1000 步之后间隔约有 8 位数字一致，再走一两千步就到了 64 位数字的极限。",
            ),
            [10, 30_000, 10],
            1000,
        )
        .scaled(Scale::Logarithmic),
        Parameter::real(
            "init_scale",
            "c",
            Text::new("Scale of the initial weights", "初始权重的倍数"),
            Text::new(
                "Multiplies the weights at the start. With γ fixed, c and the rate c²η take batch normalization through the very directions of 1 and η.",
                "把初始权重放大多少倍。γ 固定时，倍数 c 配学习率 c²η，与倍数 1 配 η 走过完全相同的方向。",
            ),
            [0.1, 10.0, 0.1],
            1.0,
        )
        .scaled(Scale::Logarithmic),
        Parameter::choice(
            "gamma",
            Text::new("Gain γ", "增益 γ"),
            Text::new(
                "What batch normalization multiplies its result by. It is trained along with the weights unless it is fixed.",
                "批归一化的结果要乘上的系数。除非固定，它与权重一起训练。",
            ),
            GAMMAS,
            0,
        ),
        Parameter::integer(
            "seeds",
            "",
            Text::new("Seeds", "随机种子数"),
            Text::new(
                "How many draws of Gaussian points are averaged; the curves are the first one's. The points in the plane are always the same.",
                "对多少次高斯点的抽样取平均；曲线属于第一次抽样。平面上的点始终相同。",
            ),
            [1, 50, 1],
            10,
        ),
    ]),
    outputs: Cow::Borrowed(&[
        Output::new(
                "bn_angle_degrees",
                Text::new("Angle with batch normalization (°)", "批归一化的角度（°）"),
                Text::new("Of the weights, from the first axis; in the plane only.", "权重与第一坐标轴的夹角；仅限平面。"),
                Aggregate::Mean,
        ),
        Output::new(
                "uniform_margin_angle_degrees",
                Text::new("Angle of the uniform margin (°)", "均匀间隔的角度（°）"),
                Text::new(
                    "Of the direction in which all points have one margin; in the plane only.",
                    "使所有点间隔相等的方向；仅限平面。",
                ),
                Aggregate::Exact,
        ),
        Output::new(
                "gd_angle_degrees",
                Text::new("Angle of gradient descent alone (°)", "普通梯度下降的角度（°）"),
                Text::new("The same without batch normalization.", "没有批归一化时的同一角度。"),
                Aggregate::Mean,
        ),
        Output::new(
                "max_margin_angle_degrees",
                Text::new("Angle of the maximum margin (°)", "最大间隔的角度（°）"),
                Text::new("Of the exact solution; in the plane only.", "精确解的角度；仅限平面。"),
                Aggregate::Exact,
        ),
        declarations::normalized_discrepancy(Text::new(
                "Mean squared difference between two margins, in powers of ten; −29 stands for that and all that is less.",
                "两个间隔之差的均方，以 10 的幂次计；不足 −29 者一律记为 −29。",
            )),
        declarations::plain_discrepancy(),
        declarations::max_margin_discrepancy(),
        Output::new(
            "law_slope_ratio",
            Text::new("Measured slope over that of this book's law", "实测斜率与本书规律的斜率之比"),
            Text::new(
                "Of log D where D lies between 10⁻⁴ and 10⁻²⁷; the law says 1. Nothing if training ends before.",
                "在 D 介于 10⁻⁴ 与 10⁻²⁷ 之间时，log D 的斜率之比；规律预言为 1。训练未到此处则没有数值。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "bn_gamma",
            Text::new("Gain γ", "增益 γ"),
            Text::new("At the last step.", "最后一步的数值。"),
            Aggregate::Mean,
        ),
        Output::new(
            "theory_gamma",
            Text::new("Gain γ, theory", "增益 γ（理论）"),
            Text::new("log(ηt + e), or 3 if it is fixed.", "log(ηt + e)；固定时为 3。"),
            Aggregate::Exact,
        ),
        Output::new(
            "bn_weight_norm",
            Text::new("Length of the weights, batch normalization", "权重的长度（批归一化）"),
            Text::new("It grows at every step: the gradient is orthogonal to the weights.", "每一步都增大：梯度与权重正交。"),
            Aggregate::Mean,
        ),
    ]),
};

/// The points in the plane, a row each.
const PLANE: [f64; 4] = [1.0, 0.5, 1.4, 2.0];
/// Where training begins there.
const PLANE_START: [f64; 2] = [0.3, 1.0];
/// The points elsewhere.
const GAUSSIAN_SAMPLES: usize = 15;
const GAUSSIAN_DIMENSION: usize = 20;
/// `γ` when it is fixed.
const FIXED_GAMMA: f64 = 3.0;
/// `γ` when its training begins.
const FIRST_GAMMA: f64 = 1.0;
/// Where the discrepancy first falls below this, the law and the published rate are fitted to the measurement.
const FITTED: f64 = 1e-4;
/// Below this, rounding is seen in the discrepancy.
const ROUNDED: f64 = 1e-27;
/// The least discrepancy on the axis.
const LEAST: f64 = 1e-30;

/// A training set and how it is trained on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// The seed of Gaussian points; none for those in the plane.
    seed: Option<u64>,
    learning_rate: f64,
    steps: u32,
    init_scale: f64,
    trains_gamma: bool,
}

/// The course of one model.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Course {
    discrepancy: Vec<f64>,
    /// Of the first two weights.
    degrees: Vec<f64>,
    /// `mᵢ`, all of a step together.
    margins: Vec<f64>,
}

impl Course {
    fn push(&mut self, margins: Vec<f64>, weights: &[f64]) {
        self.discrepancy.push(discrepancy(&margins));
        self.degrees.push(degrees(weights));
        self.margins.extend(margins);
    }
}

/// What training on one set found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    steps: Vec<f64>,
    normalized: Course,
    plain: Course,
    gamma: Vec<f64>,
    /// `‖w‖` and `N` with batch normalization at the last step.
    weight_norm: f64,
    batch_norm: f64,
    /// `λ/n`.
    eigenvalue: f64,
    /// Of the exact separator.
    max_margin_discrepancy: f64,
    max_margin_degrees: f64,
}

fn degrees(weights: &[f64]) -> f64 {
    libm::atan2(weights[1], weights[0]) * (180.0 / PI)
}

/// The direction in which both points in the plane have one margin.
fn uniform_degrees() -> f64 {
    let [a, b, c, d] = PLANE;
    // Orthogonal to their difference, and on their side.
    degrees(&[d - b, a - c])
}

impl Spec {
    /// The training set and where training begins.
    fn draw(&self) -> (Points, Vec<f64>) {
        let (points, mut start) = match self.seed {
            None => (Points::new(PLANE.to_vec(), PLANE.len() / 2, 2), PLANE_START.to_vec()),
            Some(seed) => {
                let mut values = vec![0.0; GAUSSIAN_SAMPLES * GAUSSIAN_DIMENSION];
                Random::new(seed, 0).fill_normal(&mut values);
                let start = Random::new(seed, 1).on_sphere(GAUSSIAN_DIMENSION, 1.0);
                (Points::new(values, GAUSSIAN_SAMPLES, GAUSSIAN_DIMENSION), start)
            }
        };
        for weight in &mut start {
            *weight *= self.init_scale;
        }
        (points, start)
    }

    fn rule(&self) -> Rule {
        Rule {
            learning_rate: self.learning_rate,
            plain_learning_rate: self.learning_rate,
            gamma: if self.trains_gamma { FIRST_GAMMA } else { FIXED_GAMMA },
            trains_gamma: self.trains_gamma,
        }
    }

    fn theory_gamma(&self, step: f64) -> f64 {
        let gamma = self.rule().gamma;
        if self.trains_gamma { libm::log(self.learning_rate * step + libm::exp(gamma)) } else { gamma }
    }

    /// What `log D` is linear in, by this book's law.
    fn clock(&self, step: f64) -> f64 {
        let gamma = self.theory_gamma(step);
        if self.trains_gamma {
            return gamma * gamma * (gamma / 3.0 + 0.5);
        }
        let pull = logistic(-gamma);
        self.learning_rate * step * pull * gamma * (gamma * (1.0 - pull) + 1.0)
    }
}

/// `λ/n`: the least eigenvalue of `PKP` off the vector of ones.
fn least_eigenvalue(points: &Points) -> f64 {
    let (n, sums) = (points.samples(), points.sums());
    let mut centered: Vec<f64> =
        (0..n * sums.columns()).map(|at| sums.at(at / sums.columns(), at % sums.columns())).collect();
    for column in 0..sums.columns() {
        let mean = (0..n).map(|row| sums.at(row, column)).sum::<f64>() / n as f64;
        centered.iter_mut().skip(column).step_by(sums.columns()).for_each(|value| *value -= mean);
    }
    let mut gram = vec![0.0; n * n];
    syrk(&mut gram, View::new(&centered, n, sums.columns()));
    let mut eigenvalues = symmetric_eigenvalues(&gram, n);
    eigenvalues.sort_by(f64::total_cmp);
    // The least of all is that of the vector of ones.
    eigenvalues[1].max(0.0) / n as f64
}

/// Training under way.
struct Training {
    descents: Descents,
    steps: usize,
    record: Record,
}

impl Training {
    fn new(spec: &Spec) -> Self {
        let (points, start) = spec.draw();
        let exact = points.max_margin().map(|exact| exact.direction);
        let record = Record {
            eigenvalue: least_eigenvalue(&points),
            max_margin_discrepancy: exact.as_ref().map_or(f64::NAN, |weights| points.discrepancy(weights)),
            max_margin_degrees: exact.as_ref().map_or(f64::NAN, |weights| degrees(weights)),
            ..Record::default()
        };
        Self { descents: Descents::new(points, start, spec.rule()), steps: spec.steps as usize, record }
    }
}

impl Work<Record> for Training {
    fn advance(&mut self) -> bool {
        let record = &mut self.record;
        self.descents.advance(self.steps, |step, descents| {
            let points = descents.points();
            record.steps.push(step as f64);
            record.normalized.push(points.margins(&descents.normalized), &descents.normalized);
            record.plain.push(points.margins(&descents.plain), &descents.plain);
            record.gamma.push(descents.gamma);
            record.weight_norm = squared_norm(&descents.normalized).sqrt();
            record.batch_norm = points.norm(&descents.normalized);
        })
    }

    fn record(&self) -> Record {
        self.record.clone()
    }
}

/// This book's law and the published rate, fitted to a measurement at one step.
struct Law {
    spec: Spec,
    /// Where.
    step: f64,
    /// `ln D` there.
    fitted: f64,
    /// `ln D` at the start.
    first: f64,
    /// `d ln D/d clock` by the law.
    slope: f64,
}

impl Law {
    fn new(spec: &Spec, record: &Record) -> Option<Self> {
        let measured = &record.normalized.discrepancy;
        let place = measured.iter().position(|&value| value < FITTED)?;
        let slope = -2.0 * record.eigenvalue / (record.batch_norm * record.batch_norm);
        let (fitted, first) = (libm::log(measured[place].max(DISCREPANCY_FLOOR)), libm::log(measured[0]));
        Some(Self { spec: *spec, step: record.steps[place], fitted, first, slope })
    }

    /// `D` at a step by the law.
    fn discrepancy(&self, step: f64) -> f64 {
        libm::exp(self.fitted + self.slope * (self.spec.clock(step) - self.spec.clock(self.step)))
    }

    /// `D` at a step by the published rate, `D(0)·exp(−c·log²(1 + t))`.
    fn published(&self, step: f64) -> f64 {
        let share = libm::log1p(step) / libm::log1p(self.step);
        libm::exp(self.first + share * share * (self.fitted - self.first))
    }

    /// The measured slope of `log D`, by least squares, over that of the law.
    fn slope_ratio(&self, record: &Record) -> f64 {
        let points: Vec<[f64; 2]> = record
            .steps
            .iter()
            .zip(&record.normalized.discrepancy)
            .filter(|&(&step, &value)| step >= self.step && value > ROUNDED)
            .map(|(&step, &value)| [self.spec.clock(step), libm::log(value)])
            .collect();
        if points.len() < 3 {
            return f64::NAN;
        }
        let mean = |axis: usize| points.iter().map(|point| point[axis]).sum::<f64>() / points.len() as f64;
        let (x, y) = (mean(0), mean(1));
        let along: f64 = points.iter().map(|point| (point[0] - x) * (point[1] - y)).sum();
        along / points.iter().map(|point| (point[0] - x) * (point[0] - x)).sum::<f64>() / self.slope
    }
}

fn is_plane(settings: &Settings) -> bool {
    settings.choice("dataset") == 0
}

fn spec(settings: &Settings, seed: u64) -> Spec {
    Spec {
        seed: (!is_plane(settings)).then_some(seed),
        learning_rate: settings.real("learning_rate"),
        steps: settings.count("steps") as u32,
        init_scale: settings.real("init_scale"),
        trains_gamma: settings.choice("gamma") == 0,
    }
}

impl Lab for BatchNormMargin {
    type Spec = Spec;
    type Record = Record;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let draws = if is_plane(settings) { 1 } else { settings.seeds() };
        let tasks: Vec<Spec> = settings.seed_list().take(draws).map(|seed| spec(settings, seed)).collect();
        Plan { probe: (0..tasks.len()).collect(), tasks }
    }

    fn cost(&self, spec: &Spec) -> f64 {
        let (samples, dimension) =
            if spec.seed.is_some() { (GAUSSIAN_SAMPLES, GAUSSIAN_DIMENSION) } else { (PLANE.len() / 2, 2) };
        f64::from(spec.steps) * Descents::cost_of_step(samples, dimension)
    }

    fn begin<'a>(&self, spec: &Spec, _data: &'a Data) -> Box<dyn Work<Record> + 'a> {
        Box::new(Training::new(spec))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let spec = spec(settings, settings.seed);
        let done: Vec<&Record> = records.iter().filter_map(Entry::done).collect();
        let first = records.first().and_then(Entry::latest).filter(|record| !record.steps.is_empty());
        let law = first.and_then(|record| Law::new(&spec, record));
        let outputs = outputs(settings, &spec, &done);
        let description = describe(settings, first, law.as_ref(), &outputs);
        let shown = Shown { spec, first, law: law.as_ref(), done: &done };
        let mut panels = Vec::new();
        if is_plane(settings) {
            panels.extend([shown.plane_panel(), shown.angle_panel()]);
        }
        panels.extend([shown.margins_panel(), shown.discrepancy_panel(), shown.law_panel(), shown.gamma_panel()]);
        Report { figure: Figure { panels }, outputs, description }
    }
}

fn outputs(settings: &Settings, spec: &Spec, done: &[&Record]) -> Vec<OutputValue> {
    let mean = |name, read: &dyn Fn(&Record) -> f64| {
        let values: Vec<f64> = done.iter().map(|record| read(record)).collect();
        OutputValue::mean(name, &values)
    };
    let last = |values: &[f64]| values.last().copied().unwrap_or(f64::NAN);
    let angle = |name, course: fn(&Record) -> &Course| {
        let in_plane = if is_plane(settings) { done } else { &[] };
        let values: Vec<f64> = in_plane.iter().map(|record| last(&course(record).degrees)).collect();
        OutputValue::mean(name, &values)
    };
    let in_plane = |value: f64| if is_plane(settings) { value } else { f64::NAN };
    let ratios: Vec<f64> = done
        .iter()
        .filter_map(|record| Some(Law::new(spec, record)?.slope_ratio(record)))
        .filter(|ratio| ratio.is_finite())
        .collect();
    vec![
        angle("bn_angle_degrees", |record| &record.normalized),
        OutputValue::exact("uniform_margin_angle_degrees", in_plane(uniform_degrees())),
        angle("gd_angle_degrees", |record| &record.plain),
        OutputValue::exact(
            "max_margin_angle_degrees",
            in_plane(done.first().map_or(f64::NAN, |record| record.max_margin_degrees)),
        ),
        mean("bn_log10_margin_discrepancy", &|record| log10_discrepancy(last(&record.normalized.discrepancy))),
        mean("gd_log10_margin_discrepancy", &|record| log10_discrepancy(last(&record.plain.discrepancy))),
        mean("max_margin_log10_margin_discrepancy", &|record| log10_discrepancy(record.max_margin_discrepancy)),
        OutputValue::mean("law_slope_ratio", &ratios),
        mean("bn_gamma", &|record| last(&record.gamma)),
        OutputValue::exact("theory_gamma", spec.theory_gamma(f64::from(spec.steps))),
        mean("bn_weight_norm", &|record| record.weight_norm),
    ]
}

/// What the figure shows.
struct Shown<'a> {
    spec: Spec,
    first: Option<&'a Record>,
    law: Option<&'a Law>,
    done: &'a [&'a Record],
}

impl Shown<'_> {
    fn last_step(&self) -> f64 {
        f64::from(self.spec.steps)
    }

    /// The points, both exact directions, and the way of both models' directions on arcs around the origin.
    fn plane_panel(&self) -> Panel {
        /// Radii of the arcs.
        const ARCS: [f64; 2] = [1.0, 1.2];
        const REACH: f64 = 2.3;
        let at = |degrees: f64, radius: f64| {
            let radians = degrees * (PI / 180.0);
            [radius * libm::cos(radians), radius * libm::sin(radians)]
        };
        let ray = |name, label, role, stroke, degrees: f64| {
            let [x, y] = at(degrees, REACH);
            Mark::line(name, label, role, stroke, &[0.0, x], vec![0.0, y])
        };
        let label = Text::new("uniform margin, exact", "均匀间隔，精确解");
        let mut marks = vec![ray("uniform_margin", label, Role::Theory, Stroke::Dashed, uniform_degrees())];
        if let Some(record) = self.first {
            let degrees = record.max_margin_degrees;
            marks.push(ray("max_margin", max_margin_label(), Role::Neutral, Stroke::Dotted, degrees));
            for (course, label, role, radius, names) in [
                (&record.plain, plain_label(), PLAIN, ARCS[1], ["gd_course", "gd_direction"]),
                (&record.normalized, normalized_label(), NORMALIZED, ARCS[0], ["bn_course", "bn_direction"]),
            ] {
                let course: Vec<[f64; 2]> = course.degrees.iter().map(|&degrees| at(degrees, radius)).collect();
                let [x, y] = [0, 1].map(|axis| course.iter().map(|place| place[axis]).collect::<Vec<f64>>());
                if let Some(&[end_x, end_y]) = course.last() {
                    let (name, label, role) = (Cow::Borrowed(names[1]), Text::same(""), role);
                    marks.push(Mark::Points { name, label, role, x: vec![end_x], y: vec![end_y] });
                }
                marks.push(Mark::line(names[0], label, role, Stroke::Solid, &x, y));
            }
        }
        let [x, y] = [0, 1].map(|axis| PLANE.iter().copied().skip(axis).step_by(2).collect());
        let label = Text::new("points y·x", "数据点 y·x");
        marks.push(Mark::Points { name: Cow::Borrowed("points"), label, role: Role::Neutral, x, y });
        let x = Axis::new(Text::new("first coordinate", "第一坐标"), AxisScale::Linear, [-0.8, 3.6]);
        let y = Axis::new(Text::new("second coordinate", "第二坐标"), AxisScale::Linear, [-0.7, 2.2]);
        let title = Text::new("Directions of the weights in the plane", "平面上权重的方向");
        Panel::chart(title, x, y, marks)
    }

    fn angle_panel(&self) -> Panel {
        let ends = [0.0, self.last_step()];
        let label = Text::new("uniform margin, exact", "均匀间隔，精确解");
        let level_of = vec![uniform_degrees(); 2];
        let mut marks =
            vec![Mark::line("theory_uniform_margin_angle", label, Role::Theory, Stroke::Dashed, &ends, level_of)];
        if let Some(record) = self.first {
            marks.push(level("max_margin_angle", max_margin_label(), ends, record.max_margin_degrees));
            marks.extend(both(record, &record.steps, ["gd_angle_degrees", "bn_angle_degrees"], |course| {
                course.degrees.clone()
            }));
        }
        let y = Axis::new(Text::new("angle in degrees", "角度（度）"), AxisScale::Linear, [-30.0, 90.0]);
        Panel::chart(Text::new("Angle of the weights", "权重的角度"), step_axis(ends[1]), y, marks)
    }

    fn margins_panel(&self) -> Panel {
        let ends = [0.0, self.last_step()];
        let mut marks = vec![equal_margins(ends)];
        for (name, role, label) in [("gd", PLAIN, plain_label()), ("bn", NORMALIZED, normalized_label())] {
            let Some(record) = self.first else { break };
            let course = if name == "gd" { &record.plain } else { &record.normalized };
            let count = course.margins.len() / record.steps.len();
            for point in 0..count {
                let y = course.margins.iter().copied().skip(point).step_by(count).collect();
                let label = if point == 0 { label.clone() } else { Text::same("") };
                let name = Cow::Owned(format!("{name}_margin_{}", point + 1));
                let stroke = if count > 2 { Stroke::Thin } else { Stroke::Solid };
                marks.push(Mark::Line { name, label, role, stroke, x: record.steps.clone(), y });
            }
        }
        let title = match self.spec.seed {
            None => Text::new("Margin of each point", "每个点的间隔"),
            Some(_) => Text::new("Margin of each point, first seed", "每个点的间隔（第一个种子）"),
        };
        let label = Text::new("margin over its root mean square", "间隔与其均方根之比");
        let range = if self.spec.seed.is_some() { [-3.0, 3.0] } else { [0.0, 2.0] };
        Panel::chart(title, step_axis(ends[1]), Axis::new(label, AxisScale::Linear, range), marks)
    }

    /// Measured discrepancies, along an axis that the steps are mapped to.
    fn discrepancy_marks(&self, names: [&'static str; 2], place: impl Fn(f64) -> f64) -> Vec<Mark> {
        let Some(record) = self.first else { return Vec::new() };
        let x: Vec<f64> = record.steps.iter().map(|&step| place(step)).collect();
        both(record, &x, names, |course| lifted(&course.discrepancy))
    }

    /// This book's law, the published rate and the point at which both are fitted.
    fn law_marks(&self, names: [&'static str; 3], place: impl Fn(f64) -> f64) -> Vec<Mark> {
        let (Some(law), Some(record)) = (self.law, self.first) else { return Vec::new() };
        let x: Vec<f64> = record.steps.iter().map(|&step| place(step)).collect();
        let curve =
            |value: &dyn Fn(f64) -> f64| lifted(&record.steps.iter().map(|&step| value(step)).collect::<Vec<_>>());
        let label = Text::new("this book's own law", "本书自己推出的规律");
        let own = curve(&|step| law.discrepancy(step));
        let mut marks = vec![Mark::line(names[0], label, Role::Theory, Stroke::Dashed, &x, own)];
        // The published rate is for a gain that is trained.
        if self.spec.trains_gamma {
            let label = Text::new("shape of the published rate, exp(−c·log²t)", "文献所证速率的形状 exp(−c·log²t)");
            let published = curve(&|step| law.published(step));
            marks.push(Mark::line(names[1], label, Role::Neutral, Stroke::Dashed, &x, published));
        }
        let label = Text::new("point of the fit", "拟合点");
        let (x, y) = (vec![place(law.step)], lifted(&[libm::exp(law.fitted)]));
        marks.push(Mark::Points { name: Cow::Borrowed(names[2]), label, role: Role::Theory, x, y });
        marks
    }

    fn discrepancy_panel(&self) -> Panel {
        let ends = [0.0, self.last_step()];
        let mut marks = floor_marks(ends);
        if let Some(record) = self.first {
            marks.push(level("", max_margin_label(), ends, record.max_margin_discrepancy));
        }
        if let [first, _, ..] = self.done {
            let same: Vec<&Record> = self.done.iter().copied().filter(|record| record.steps == first.steps).collect();
            let over = |statistic: fn(&[f64]) -> f64| -> Vec<f64> {
                let values =
                    |at: usize| same.iter().map(|record| record.normalized.discrepancy[at]).collect::<Vec<_>>();
                lifted(&(0..first.steps.len()).map(|at| statistic(&values(at))).collect::<Vec<_>>())
            };
            let label = declarations::SPREAD;
            let (low, high) = (over(statistics::low), over(statistics::high));
            marks.push(Mark::spread("bn_discrepancy", label, NORMALIZED, &first.steps, low, high));
        }
        marks.extend(self.discrepancy_marks(["gd_discrepancy", "bn_discrepancy"], |step| step));
        marks.extend(self.law_marks(["theory_law", "published_rate", "fitted"], |step| step));
        let title = match self.spec.seed {
            None => Text::new("Margin discrepancy over time", "间隔离散度随时间的变化"),
            Some(_) => Text::new("Margin discrepancy over time, first seed", "间隔离散度随时间的变化（第一个种子）"),
        };
        Panel::chart(title, step_axis(ends[1]), discrepancy_axis(LEAST), marks)
    }

    fn law_panel(&self) -> Panel {
        let clock = |step| self.spec.clock(step);
        let ends = [clock(0.0), clock(self.last_step())];
        let mut marks = floor_marks(ends);
        let names = ["gd_discrepancy_by_law_time", "bn_discrepancy_by_law_time"];
        marks.extend(self.discrepancy_marks(names, clock));
        let names = ["theory_law_by_law_time", "published_rate_by_law_time", "fitted_by_law_time"];
        marks.extend(self.law_marks(names, clock));
        let label = if self.spec.trains_gamma {
            Text::new("γ³/3 + γ²/2 with γ = log(ηt + e)", "γ³/3 + γ²/2，其中 γ = log(ηt + e)")
        } else {
            Text::new("ηt·g·γ(γ(1 − g) + 1) with g = 1/(1 + e^γ)", "ηt·g·γ(γ(1 − g) + 1)，其中 g = 1/(1 + e^γ)")
        };
        let x = Axis::new(label, AxisScale::Linear, ends);
        let title = Text::new("The same where this book's law is a straight line", "换到本书规律成为直线的横轴上");
        Panel::chart(title, x, discrepancy_axis(LEAST), marks)
    }

    fn gamma_panel(&self) -> Panel {
        let ends = [0.0, self.last_step()];
        let mut marks = Vec::new();
        if let Some(record) = self.first {
            let x = &record.steps;
            let label = Text::new("γ, measured", "γ（实测）");
            marks.push(Mark::line("bn_gamma", label, NORMALIZED, Stroke::Solid, x, record.gamma.clone()));
            if self.spec.trains_gamma {
                let label = Text::new("γ = log(ηt + e), theory", "γ = log(ηt + e)（理论）");
                let y = x.iter().map(|&step| self.spec.theory_gamma(step)).collect();
                marks.push(Mark::line("theory_gamma", label, Role::Theory, Stroke::Dashed, x, y));
            }
        }
        let top = (self.spec.theory_gamma(ends[1]) + 1.0) as u32;
        let y = Axis::new(Text::new("gain γ", "增益 γ"), AxisScale::Linear, [0.0, f64::from(top)]);
        Panel::chart(Text::new("Gain of batch normalization", "批归一化的增益"), step_axis(ends[1]), y, marks)
    }
}

/// A quantity of both models, plain first.
fn both(record: &Record, x: &[f64], names: [&'static str; 2], read: impl Fn(&Course) -> Vec<f64>) -> Vec<Mark> {
    let line = |name, label, role, course: &Course| Mark::line(name, label, role, Stroke::Solid, x, read(course));
    vec![
        line(names[0], plain_label(), PLAIN, &record.plain),
        line(names[1], normalized_label(), NORMALIZED, &record.normalized),
    ]
}

/// Values that a logarithmic axis has a place for, those below rounding's floor on it.
fn lifted(values: &[f64]) -> Vec<f64> {
    values.iter().map(|&value| if value < DISCREPANCY_FLOOR { DISCREPANCY_FLOOR } else { value }).collect()
}

fn floor_marks(ends: [f64; 2]) -> Vec<Mark> {
    let label = Text::new("floor of 64-bit arithmetic", "64 位算术的下限");
    vec![Mark::line("", label, Role::Neutral, Stroke::Thin, &ends, vec![DISCREPANCY_FLOOR; 2])]
}

/// Both models' ends, and what became of the law, in words.
fn describe(settings: &Settings, first: Option<&Record>, law: Option<&Law>, outputs: &[OutputValue]) -> Text {
    let Some(record) =
        first.filter(|_| outputs.iter().any(|output| output.name == "bn_gamma" && output.value.is_finite()))
    else {
        return declarations::NOTHING_YET;
    };
    let number = |name: &str| outputs.iter().find(|output| output.name == name).map_or(f64::NAN, |output| output.value);
    let written = |name: &str| fixed(number(name), 1).replace('-', "−");
    let steps = settings.count("steps");
    let rate = plain(settings.real("learning_rate"));
    let mut sentences = Vec::new();
    if is_plane(settings) {
        let [bn, uniform, gd, exact] =
            ["bn_angle_degrees", "uniform_margin_angle_degrees", "gd_angle_degrees", "max_margin_angle_degrees"]
                .map(written);
        sentences.push(Text::owned(
            format!(
                "After {steps} steps with learning rate {rate} the weights point at {bn}° with batch normalization and at {gd}° without. All margins are equal at {uniform}°, and the least of them is largest at {exact}°."
            ),
            format!(
                "以学习率 {rate} 走 {steps} 步之后，有批归一化时权重指向 {bn}°，没有时指向 {gd}°。{uniform}° 方向上所有间隔相等，{exact}° 方向上最小的间隔最大。"
            ),
        ));
    } else {
        let seeds = settings.seeds();
        sentences.push(Text::owned(
            format!("{steps} steps with learning rate {rate} on Gaussian points, {seeds} seeds."),
            format!("高斯点，{seeds} 个种子，以学习率 {rate} 走 {steps} 步。"),
        ));
    }
    let [bn, gd, exact] =
        ["bn_log10_margin_discrepancy", "gd_log10_margin_discrepancy", "max_margin_log10_margin_discrepancy"]
            .map(written);
    sentences.push(Text::owned(
        format!(
            "The margin discrepancy D is 10^{bn} with batch normalization, 10^{gd} without, and 10^{exact} for the maximum margin itself."
        ),
        format!("间隔离散度 D 在有批归一化时为 10^{bn}，没有时为 10^{gd}，最大间隔本身为 10^{exact}。"),
    ));
    sentences.push(if let Some(law) = law {
        let (ratio, step) = (short(number("law_slope_ratio")), plain(law.step));
        let clock = if law.spec.trains_gamma { "(γ³/3 + γ²/2)" } else { "ηgγ(γ(1 − g) + 1)·t" };
        Text::owned(
            format!(
                "This book's own law, log D = c − (2λ/nN²)·{clock}, is fitted at step {step}; the measured slope is {ratio} times that of the law."
            ),
            format!("本书自己推出的规律 log D = c − (2λ/nN²)·{clock} 在第 {step} 步拟合；实测斜率是它的 {ratio} 倍。"),
        )
    } else {
        Text::new(
            "This book's own law holds near equal margins, which this run has not come to.",
            "本书自己推出的规律只在间隔接近相等时成立，这次运行尚未到达那里。",
        )
    });
    if record.normalized.discrepancy.iter().any(|&value| value < 10.0 * DISCREPANCY_FLOOR) {
        sentences.push(Text::new(
            "Numbers of 64 bits cannot tell the margins apart below about D = 10^−29, where the curves are clipped.",
            "D 小到 10^−29 左右时，64 位数字已分辨不出间隔之差，曲线在那里截平。",
        ));
    }
    Text::paragraph(&sentences)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, probe, value};

    fn report(pairs: &[(&str, &str)]) -> Report {
        probe(&LAB, testing::settings(&LAB, pairs), &Data::none())
    }

    #[test]
    fn batch_normalization_arrives_at_uniform_margins_and_gradient_descent_stays_on_its_way_to_the_maximum() {
        let report = report(&[]);
        let [bn, uniform, gd, exact] =
            ["bn_angle_degrees", "uniform_margin_angle_degrees", "gd_angle_degrees", "max_margin_angle_degrees"]
                .map(|name| value(&report, name));
        assert!((uniform + 14.931_417).abs() < 1e-6 && (exact - 26.565_051).abs() < 1e-6);
        assert!((bn - uniform).abs() < 1e-5);
        assert!(gd > exact + 10.0 && gd < 45.0);
    }

    #[test]
    fn with_a_fixed_gain_larger_weights_and_a_rate_larger_by_the_square_give_the_same_directions() {
        let angle = |scale, rate| {
            let pairs = [("gamma", "fixed"), ("steps", "200"), ("init_scale", scale), ("learning_rate", rate)];
            value(&report(&pairs), "bn_angle_degrees")
        };
        let base = angle("1", "0.1");
        assert!((base - 15.631).abs() < 1e-3, "{base}");
        for (scale, rate) in [("2", "0.4"), ("0.5", "0.025"), ("10", "10")] {
            assert!((angle(scale, rate) - base).abs() < 1e-9);
        }
        // The weights alone, at one rate.
        for (scale, degrees) in [("0.5", -14.931), ("2", 54.618), ("5", 69.728)] {
            assert!((angle(scale, "0.1") - degrees).abs() < 1e-3);
        }
    }

    #[test]
    fn the_law_has_the_measured_slope() {
        for (pairs, tolerance) in [
            (&[("learning_rate", "0.1")] as &[(&str, &str)], 0.03),
            // Longer steps bring more than flow of the same length would.
            (&[("gamma", "fixed"), ("learning_rate", "0.01"), ("steps", "10000")], 0.005),
            (&[("dataset", "gaussian"), ("learning_rate", "0.5"), ("steps", "30000")], 0.06),
        ] {
            let ratio = value(&report(pairs), "law_slope_ratio");
            assert!((ratio - 1.0).abs() < tolerance, "{pairs:?}: {ratio}");
        }
    }

    #[test]
    fn the_law_is_nearer_to_the_measurement_than_the_shape_of_the_published_rate() {
        for seed in 0..5 {
            let spec =
                Spec { seed: Some(seed), learning_rate: 0.5, steps: 30_000, init_scale: 1.0, trains_gamma: true };
            let mut training = Training::new(&spec);
            while !training.advance() {}
            let record = training.record();
            let law = Law::new(&spec, &record).unwrap();
            let missed = |predict: &dyn Fn(f64) -> f64| {
                let pairs = record.steps.iter().zip(&record.normalized.discrepancy);
                let after = pairs.filter(|&(&step, &value)| step >= law.step && value > ROUNDED);
                after.map(|(&step, &value)| libm::log(predict(step) / value).abs()).fold(0.0, f64::max)
            };
            let (own, published) = (missed(&|step| law.discrepancy(step)), missed(&|step| law.published(step)));
            assert!(own < published, "seed {seed}: {own} {published}");
        }
    }

    #[test]
    fn a_discrepancy_that_rounding_made_is_told_as_such() {
        let (settings, _) = Settings::read(&SCHEMA, [("steps", "30000")]);
        let report = complete(&LAB, settings, &Data::none()).report;
        assert_eq!(value(&report, "bn_log10_margin_discrepancy"), -29.0);
        assert!(report.description.en.contains("64 bits") && report.description.zh.contains("64 位"));
        for series in report.figure.series().iter().filter(|series| series.name.contains("bn_discrepancy")) {
            assert!(series.y.iter().all(|&value| value >= DISCREPANCY_FLOOR));
        }
    }

    #[test]
    fn every_draw_of_gaussian_points_counts_and_the_plane_is_drawn_once() {
        let (settings, _) = Settings::read(&SCHEMA, [("dataset", "gaussian"), ("seeds", "4"), ("steps", "300")]);
        let report = complete(&LAB, settings.clone(), &Data::none()).report;
        assert_eq!(LAB.plan(&settings).tasks.len(), 4);
        assert!(value(&report, "bn_angle_degrees").is_nan() && value(&report, "bn_log10_margin_discrepancy") < -1.0);
        let names: Vec<String> = report.figure.series().into_iter().map(|series| series.name).collect();
        for name in ["bn_discrepancy", "bn_discrepancy_low", "gd_margin_15", "bn_gamma"] {
            assert!(names.iter().any(|other| other == name), "{name} of {names:?}");
        }
        assert_eq!(LAB.plan(&Settings::defaults(&SCHEMA)).tasks.len(), 1);
    }
}
