//! Which of the many directions that separate the data does an optimizer find?
//!
//! On separable points the logistic loss has no minimum: weights grow without end, and only their direction settles. For
//! gradient descent it is that of the greatest ℓ2 margin, reached as slowly as `1/ln t` (Soudry et al. 2018, arXiv
//! 1710.10345); normalized gradient descent has the same limit and a gap of `1/t`. Steepest descent in another norm finds
//! that norm's direction (Gunasekar et al. 2018, arXiv 1802.08246): coordinate descent ℓ1, sign descent ℓ∞. Adam with a
//! decaying learning rate follows ℓ∞ (Zhang, Zou and Cao 2024, arXiv 2406.10650) as long as its `ε` is negligible; once
//! gradients are below `ε`, it is gradient descent with momentum, and turns to ℓ2 (Wang et al. 2021, arXiv 2012.06244).

mod training;

use crate::{
    declarations,
    max_margin::{MaxMargin, Norm},
    numerals::{plain, short},
    points::{self, Point, REACH},
    prelude::*,
};
use serde::{Deserialize, Serialize};
use training::{Optimizer, Problem, Recipe, Snapshot, Training};

/// The lab.
pub static LAB: MaxMarginLab = MaxMarginLab;

/// See the module's description.
pub struct MaxMarginLab;

/// Points for which the three directions differ: 26.57°, 0° and 45°.
const SET_A: &str = "1,0.5;1.2,3;2,2.5;1.5,4;-1.4,-2,-;-1.1,-1.2,-;-2,-3,-;-1.3,-0.6,-";
/// Points for which ℓ2 and ℓ∞ agree.
const SET_B: &str = "1,0.8;1.5,-0.2;2,1;2.5,2;-1.8,-0.1,-;-1.2,-2.2,-;-3,-0.4,-;-2.2,-1.5,-";

const DATASETS: &[Choice] = &[
    Choice::new("A", Text::new("A: three directions", "A：三个方向各异")),
    Choice::new("B", Text::new("B: ℓ2 and ℓ∞ agree", "B：ℓ2 与 ℓ∞ 重合")),
    Choice::new("gaussian20", Text::new("20 dimensions", "20 维数据")),
    Choice::new("points", Text::new("your own points", "自定的点")),
];

const OPTIMIZERS: &[Choice] = &[
    Choice::new("gd", Text::new("gradient descent", "梯度下降")),
    Choice::new("ngd", Text::new("normalized gradient descent", "归一化梯度下降")),
    Choice::new("cd", Text::new("coordinate descent", "坐标下降")),
    Choice::new("sign", Text::new("sign descent", "符号下降")),
    Choice::new("adam", Text::new("Adam", "Adam")),
];

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("max-margin"),
    title: Text::new("Max margin", "最大间隔"),
    about: Text::new(
        "Logistic regression on separable points: gradient descent, coordinate descent, sign descent and Adam each end at another classifier, against the exact ℓ2, ℓ1 and ℓ∞ max-margin directions.",
        "可分数据上的逻辑回归：梯度下降、坐标下降、符号下降与 Adam 各自走向不同的分类器，并与精确的 ℓ2、ℓ1、ℓ∞ 最大间隔方向对照。",
    ),
    parameters: Cow::Borrowed(&[
        Parameter::choice(
            "dataset",
            Text::new("Data set", "数据集"),
            Text::new(
                "Two sets in the plane, ten sets in 20 dimensions, or points of your own, which you can drag over the figure. Only the sets in 20 dimensions depend on the seeds: in the plane nothing is random.",
                "平面上的两个数据集、20 维中的十个数据集，或你自己的点：可在图上直接拖动。只有 20 维数据会因随机种子而不同，平面上的点不带随机性。",
            ),
            DATASETS,
            0,
        ),
        Parameter::choice(
            "optimizer",
            Text::new("Optimizer", "优化器"),
            Text::new(
                "How the weights are moved. Each has a norm of its own, and tends to that norm's max-margin direction.",
                "权重如何更新。每种优化器都有自己的范数，并趋向该范数的最大间隔方向。",
            ),
            OPTIMIZERS,
            0,
        ),
        declarations::learning_rate(Text::new(
                "0 takes the one that suits the optimizer: 0.2 for gradient descent and its normalized form, 0.02 for the others; in 20 dimensions 0.1 for these two and Adam, 0.02 for coordinate and 0.01 for sign descent.",
                "取 0 时按优化器自动选择：梯度下降与归一化梯度下降为 0.2，其余为 0.02；在 20 维数据上，这两种与 Adam 为 0.1，坐标下降为 0.02，符号下降为 0.01。",
            ),
            [0.0, 1.0, 0.001],
            0.0,
        ),
        Parameter::real(
            "decay_exponent",
            "a",
            Text::new("Decay of the learning rate", "学习率衰减指数"),
            Text::new(
                "At step t the learning rate is η·t⁻ᵃ. Adam comes near its ℓ∞ direction with a = 0.5; with 0 it takes far longer.",
                "第 t 步的学习率为 η·t⁻ᵃ。Adam 取 a = 0.5 时接近 ℓ∞ 方向；取 0 则要久得多。",
            ),
            [0.0, 1.0, 0.01],
            0.0,
        ),
        Parameter::real(
            "epsilon",
            "ε",
            Text::new("Adam's constant", "Adam 的小常数"),
            Text::new(
                "It is added to Adam's denominator. Once gradients fall below it, Adam turns from the ℓ∞ to the ℓ2 classifier.",
                "加在 Adam 的分母上。梯度一旦小于它，Adam 就从 ℓ∞ 分类器转向 ℓ2 分类器。",
            ),
            [0.0, 0.1, 1e-8],
            0.0,
        )
        .scaled(Scale::LogarithmicFromZero),
        declarations::steps(Text::new(
                "How long to train. Gradient descent still moves after a million steps.",
                "训练多少步。一百万步之后，梯度下降仍在移动。",
            ),
            [10, 1_000_000, 10],
            10_000,
        )
        .scaled(Scale::Logarithmic),
        Parameter::points(
            "points",
            Text::new("Your own points", "自定的点"),
            Text::new(
                "Used with the data set of your own points: x,y for a point of the class +, x,y,- for one of the class −, semicolons between them.",
                "数据集选“自定的点”时使用：+ 类的点写作 x,y，− 类的点写作 x,y,-，以分号隔开。",
            ),
            SET_A,
        ),
        Parameter::seeds(10, 10),
    ]),
    outputs: Cow::Borrowed(&[
        Output::new(
            "angle_degrees",
            Text::new("Angle of the weights, degrees", "权重的角度（度）"),
            Text::new("Of the trained weights in the plane, from the first axis.", "平面上训练所得权重与第一坐标轴的夹角。"),
            Aggregate::Mean,
        ),
        Output::new(
            "l2_margin_ratio",
            Text::new("ℓ2 margin over the greatest", "ℓ2 间隔与最大值之比"),
            Text::new(
                "The least margin of the weights scaled to ℓ2 norm 1, over the greatest that any weights have; 1 is the max-margin direction.",
                "把权重缩放到 ℓ2 范数为 1 时的最小间隔，除以所有权重中的最大值；等于 1 即为最大间隔方向。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "l1_margin_ratio",
            Text::new("ℓ1 margin over the greatest", "ℓ1 间隔与最大值之比"),
            Text::new("The same for ℓ1 norm 1.", "同上，ℓ1 范数为 1。"),
            Aggregate::Mean,
        ),
        Output::new(
            "linf_margin_ratio",
            Text::new("ℓ∞ margin over the greatest", "ℓ∞ 间隔与最大值之比"),
            Text::new("The same for ℓ∞ norm 1.", "同上，ℓ∞ 范数为 1。"),
            Aggregate::Mean,
        ),
        Output::new(
            "angle_to_l2_max_margin_degrees",
            Text::new("Angle to the ℓ2 direction, degrees", "与 ℓ2 方向的夹角（度）"),
            Text::new(
                "Between the weights and the exact ℓ2 max-margin direction.",
                "权重与精确的 ℓ2 最大间隔方向之间的夹角。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "norm",
            Text::new("Norm of the weights", "权重的范数"),
            Text::new("It grows without end, for gradient descent like ln t.", "它无限增长；对梯度下降，像 ln t 那样增长。"),
            Aggregate::Mean,
        ),
        Output::new(
            "log10_loss",
            Text::new("Decimal logarithm of the loss", "损失的常用对数"),
            Text::new(
                "Computed in log space, so that it is known far below the least number of a computer.",
                "在对数域中计算，因此远小于计算机能表示的最小数时仍可得知。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "separable",
            Text::new("Can be separated", "是否可分"),
            Text::new(
                "1 if a line through the origin separates the classes; otherwise there is no max-margin direction, and the weights stay finite.",
                "若有过原点的直线把两类分开，则为 1；否则不存在最大间隔方向，权重保持有限。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "l2_angle_degrees",
            Text::new("Exact ℓ2 direction, degrees", "精确的 ℓ2 方向（度）"),
            Text::new("The angle of the ℓ2 max-margin direction in the plane.", "平面上 ℓ2 最大间隔方向的角度。"),
            Aggregate::Exact,
        ),
        Output::new(
            "l1_angle_degrees",
            Text::new("Exact ℓ1 direction, degrees", "精确的 ℓ1 方向（度）"),
            Text::new("The same for ℓ1.", "同上，ℓ1 范数。"),
            Aggregate::Exact,
        ),
        Output::new(
            "linf_angle_degrees",
            Text::new("Exact ℓ∞ direction, degrees", "精确的 ℓ∞ 方向（度）"),
            Text::new("The same for ℓ∞.", "同上，ℓ∞ 范数。"),
            Aggregate::Exact,
        ),
    ]),
};

/// Ten sets of 15 points in 20 dimensions, thousandths as little-endian `i16`.
static GAUSSIAN: &[u8] = include_bytes!("../../data/gaussian20.bin");
const GAUSSIAN_SETS: usize = 10;
const GAUSSIAN_DIMENSION: usize = 20;

/// Snapshots to a decade of steps.
const SNAPSHOTS: f64 = 24.0;
/// Operations of one slice.
const SLICE: f64 = 5e6;
/// Steps of the first slice, after which the first frame is drawn.
const FIRST_SLICE: u32 = 500;
/// Length of the directions that are drawn in the plane.
const RAY: f64 = 4.6;
/// Half the width of the signs on points there.
const SIGN: f64 = 0.17;
/// The least gap of a margin ratio that has a place on its axis.
const GAP_FLOOR: f64 = 1e-6;

/// The data of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Set {
    /// In the plane.
    Plane(Vec<Point>),
    /// In 20 dimensions: which of the sets.
    Gaussian(usize),
}

/// Data and how to train on them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    set: Set,
    recipe: Recipe,
    steps: u32,
}

/// The course of a training.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    steps: Vec<u32>,
    seen: Vec<Snapshot>,
}

impl Set {
    fn problem(&self) -> Problem {
        match self {
            Self::Plane(points) => {
                let signed = points.iter().flat_map(|point| {
                    let sign = if point.is_positive { 1.0 } else { -1.0 };
                    [sign * point.x, sign * point.y]
                });
                Problem::new(signed.collect(), 2)
            }
            Self::Gaussian(index) => {
                let size = GAUSSIAN.len() / GAUSSIAN_SETS;
                let bytes = &GAUSSIAN[index * size..][..size];
                let pairs = bytes.as_chunks().0.iter();
                let values = pairs.map(|pair| f64::from(i16::from_le_bytes(*pair)) / 1000.0);
                Problem::new(values.collect(), GAUSSIAN_DIMENSION)
            }
        }
    }
}

/// The points of the plane that are looked at; nothing for the sets in 20 dimensions.
fn plane(settings: &Settings) -> Option<Vec<Point>> {
    match settings.choice("dataset") {
        0 => Some(points::read(SET_A)),
        1 => Some(points::read(SET_B)),
        2 => None,
        _ => Some(settings.points()),
    }
}

fn recipe(settings: &Settings) -> Recipe {
    let optimizer = match settings.choice("optimizer") {
        0 => Optimizer::Gradient,
        1 => Optimizer::Normalized,
        2 => Optimizer::Coordinate,
        3 => Optimizer::Sign,
        _ => Optimizer::Adam,
    };
    let given = settings.real("learning_rate");
    let suits = match (optimizer, settings.choice("dataset") == 2) {
        (Optimizer::Gradient | Optimizer::Normalized, false) => 0.2,
        (Optimizer::Gradient | Optimizer::Normalized | Optimizer::Adam, true) => 0.1,
        (Optimizer::Sign, true) => 0.01,
        _ => 0.02,
    };
    Recipe {
        optimizer,
        learning_rate: if given > 0.0 { given } else { suits },
        decay_exponent: settings.real("decay_exponent"),
        // Nobody else has one, and records serve whoever has the same spec.
        epsilon: if optimizer == Optimizer::Adam { settings.real("epsilon") } else { 0.0 },
    }
}

impl Lab for MaxMarginLab {
    type Spec = Spec;
    type Record = Record;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let spec = |set| Spec { set, recipe: recipe(settings), steps: settings.count("steps") as u32 };
        let tasks: Vec<Spec> = match plane(settings) {
            Some(points) => vec![spec(Set::Plane(points))],
            None => settings.seed_list().map(|seed| spec(Set::Gaussian(seed as usize % GAUSSIAN_SETS))).collect(),
        };
        Plan { probe: (0..tasks.len()).collect(), tasks }
    }

    fn cost(&self, spec: &Spec) -> f64 {
        let (count, dimension) = match &spec.set {
            Set::Plane(points) => (points.len(), 2),
            Set::Gaussian(_) => (GAUSSIAN.len() / 2 / GAUSSIAN_SETS / GAUSSIAN_DIMENSION, GAUSSIAN_DIMENSION),
        };
        f64::from(spec.steps) * (count * (4 * dimension + 20)) as f64
    }

    fn begin<'a>(&self, spec: &Spec, _: &'a Data) -> Box<dyn Work<Record> + 'a> {
        let training = Training::new(spec.recipe, spec.set.problem());
        Box::new(Course { training, last: spec.steps, record: Record::default() })
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let found = Found::new(settings, records);
        let outputs = found.outputs();
        let description = found.describe(settings, &outputs);
        Report { figure: Figure { panels: found.panels(settings) }, outputs, description }
    }
}

/// A training under way.
struct Course {
    training: Training,
    last: u32,
    record: Record,
}

/// The step of a snapshot: evenly spread over decades.
fn snapshot_step(index: usize) -> u32 {
    libm::exp(index as f64 / SNAPSHOTS * std::f64::consts::LN_10).round() as u32
}

impl Work<Record> for Course {
    fn advance(&mut self) -> bool {
        let steps = self.training.steps();
        let slice = if steps == 0 { FIRST_SLICE } else { (SLICE / self.training.cost()).max(1.0) as u32 };
        let end = self.last.min(steps + slice);
        // Steps rise with the index, but not strictly at first.
        let mut index = 0;
        while snapshot_step(index) <= steps {
            index += 1;
        }
        while self.training.steps() < end {
            self.training.step();
            let now = self.training.steps();
            if now == snapshot_step(index) || now == self.last {
                self.record.steps.push(now);
                self.record.seen.push(self.training.snapshot());
            }
            while snapshot_step(index) <= now {
                index += 1;
            }
        }
        end == self.last
    }

    fn record(&self) -> Record {
        self.record.clone()
    }
}

/// What a run shows.
struct Found<'a> {
    /// The set in the plane and its exact directions.
    plane: Option<(Vec<Point>, [Option<MaxMargin>; 3])>,
    /// The courses, the first as far as it has come.
    courses: Vec<&'a Record>,
    /// Steps of the longest course.
    steps: Vec<f64>,
    optimizer: Optimizer,
    /// Whether a law of the distance to the ℓ2 direction is known.
    has_law: bool,
}

/// Reads a number off a snapshot.
type Reading = fn(&Snapshot) -> f64;

/// The three norms: names, labels and looks, in the order of [`Norm::ALL`].
struct Look {
    ratio: &'static str,
    gap: &'static str,
    direction: &'static str,
    angle: &'static str,
    symbol: &'static str,
    label: Text,
    role: Role,
    stroke: Stroke,
    read: Reading,
}

const LOOKS: [Look; 3] = [
    Look {
        ratio: "l2_margin_ratio",
        gap: "l2_margin_gap",
        direction: "l2_direction",
        angle: "l2_angle_degrees",
        symbol: "ℓ2",
        label: Text::new("exact ℓ2 max-margin", "精确的 ℓ2 最大间隔"),
        role: Role::Norm,
        stroke: Stroke::Dashed,
        read: |seen| seen.ratios[0],
    },
    Look {
        ratio: "l1_margin_ratio",
        gap: "l1_margin_gap",
        direction: "l1_direction",
        angle: "l1_angle_degrees",
        symbol: "ℓ1",
        label: Text::new("exact ℓ1 max-margin", "精确的 ℓ1 最大间隔"),
        role: Role::Variance,
        stroke: Stroke::Dotted,
        read: |seen| seen.ratios[1],
    },
    Look {
        ratio: "linf_margin_ratio",
        gap: "linf_margin_gap",
        direction: "linf_direction",
        angle: "linf_angle_degrees",
        symbol: "ℓ∞",
        label: Text::new("exact ℓ∞ max-margin", "精确的 ℓ∞ 最大间隔"),
        role: Role::Regularized,
        stroke: Stroke::Solid,
        read: |seen| seen.ratios[2],
    },
];

/// Groups of dashes that an exact line is broken into where its curve is solid.
const DASHES: usize = 7;

impl Look {
    /// How an exact line is drawn, in the figure and in its legend: the optimizer's alone is solid.
    fn line(&self) -> Stroke {
        if self.stroke == Stroke::Solid { Stroke::Dashed } else { self.stroke }
    }

    /// The shares of an exact line's length that are drawn: the gaps tell one dashed line from the other.
    fn shares(&self) -> Vec<f64> {
        if self.stroke != Stroke::Solid {
            return vec![0.0, 1.0];
        }
        let dash = |index: usize| [index as f64, index as f64 + 0.78, f64::NAN].map(|at| at / (DASHES as f64 - 0.22));
        (0..DASHES).flat_map(dash).collect()
    }
}

/// The angle of a vector in the plane, in degrees; zero has none.
fn degrees(vector: &[f64]) -> f64 {
    if vector == [0.0, 0.0] { f64::NAN } else { libm::atan2(vector[1], vector[0]).to_degrees() }
}

/// An angle turned by whole turns to within half a turn of another.
fn near(angle: f64, center: f64) -> f64 {
    angle - 360.0 * ((angle - center) / 360.0).round()
}

impl<'a> Found<'a> {
    fn new(settings: &Settings, records: &'a [Entry<Record>]) -> Self {
        let plane = plane(settings).map(|points| {
            let problem = Set::Plane(points.clone()).problem();
            (points, problem.best)
        });
        let (first, rest) = records.split_at(records.len().min(1));
        let courses: Vec<&Record> =
            first.iter().filter_map(Entry::latest).chain(rest.iter().filter_map(Entry::done)).collect();
        let longest = courses.iter().map(|course| &course.steps).max_by_key(|steps| steps.len());
        let recipe = recipe(settings);
        Self {
            plane,
            steps: longest.map_or_else(Vec::new, |steps| steps.iter().map(|&step| f64::from(step)).collect()),
            courses,
            optimizer: recipe.optimizer,
            has_law: recipe.decay_exponent == 0.0
                && matches!(recipe.optimizer, Optimizer::Gradient | Optimizer::Normalized),
        }
    }

    /// The last snapshots of the courses.
    fn last(&self, read: impl Fn(&Snapshot) -> f64) -> Vec<f64> {
        self.courses.iter().filter_map(|course| course.seen.last()).map(read).collect()
    }

    /// A statistic over the courses at each step that some have reached.
    fn along(&self, statistic: fn(&[f64]) -> f64, read: impl Fn(&Snapshot) -> f64) -> Vec<f64> {
        let at = |index: usize| -> Vec<f64> {
            self.courses.iter().filter_map(|course| course.seen.get(index)).map(&read).collect()
        };
        (0..self.steps.len()).map(|index| statistic(&at(index))).collect()
    }

    /// The exact angle of a norm's direction; not a number if there is none.
    fn exact_angle(&self, norm: usize) -> f64 {
        let best = self.plane.as_ref().and_then(|(_, best)| best[norm].as_ref());
        best.map_or(f64::NAN, |best| degrees(&best.direction))
    }

    fn is_separable(&self) -> bool {
        // The sets in 20 dimensions are.
        self.plane.as_ref().is_none_or(|(_, best)| best[0].is_some())
    }

    fn outputs(&self) -> Vec<OutputValue> {
        let in_plane = self.plane.is_some();
        let mean = |name: &str, read: Reading| OutputValue::mean(name, &self.last(read));
        let angle = self.last(|seen| if in_plane { degrees(&seen.plane) } else { f64::NAN });
        let mut outputs = vec![OutputValue::mean("angle_degrees", &angle)];
        outputs.extend(LOOKS.iter().map(|look| mean(look.ratio, look.read)));
        outputs.push(mean("angle_to_l2_max_margin_degrees", |seen| seen.angle_to_l2));
        outputs.push(mean("norm", |seen| seen.norm));
        outputs.push(mean("log10_loss", |seen| seen.log10_loss));
        outputs.push(OutputValue::exact("separable", f64::from(u8::from(self.is_separable()))));
        outputs.extend((0..3).map(|norm| OutputValue::exact(LOOKS[norm].angle, self.exact_angle(norm))));
        outputs
    }

    fn panels(&self, settings: &Settings) -> Vec<Panel> {
        let ends = [1.0, settings.real("steps")];
        match &self.plane {
            Some((points, best)) => {
                vec![self.plane_panel(points, best), self.angle_panel(points, ends), self.ratio_panel(ends)]
            }
            None => vec![self.ratio_panel(ends), self.gap_panel(ends)],
        }
    }

    fn plane_panel(&self, points: &[Point], best: &[Option<MaxMargin>; 3]) -> Panel {
        let mut marks = Vec::new();
        let classes = [
            (true, "positive_points", Text::new("class +", "+ 类"), Role::Signal),
            (false, "negative_points", Text::new("class −", "− 类"), Role::Noise),
        ];
        for (is_positive, name, label, role) in classes {
            let class = || points.iter().filter(move |point| point.is_positive == is_positive);
            // A sign on each point, which tells the classes apart without color.
            let across = |point: &Point| [point.x - SIGN, point.x + SIGN, f64::NAN, point.x, point.x, f64::NAN];
            let up = |point: &Point| [point.y, point.y, f64::NAN, point.y - SIGN, point.y + SIGN, f64::NAN];
            let strokes = if is_positive { 6 } else { 3 };
            let x: Vec<f64> = class().flat_map(|point| across(point).into_iter().take(strokes)).collect();
            let y = class().flat_map(|point| up(point).into_iter().take(strokes)).collect();
            marks.push(Mark::line("", Text::default(), role, Stroke::Solid, &x, y));
            let (x, y) = (class().map(|point| point.x).collect(), class().map(|point| point.y).collect());
            marks.push(Mark::Points { name: Cow::Borrowed(name), label, role, x, y });
        }
        for (look, best) in LOOKS.iter().zip(best) {
            if let Some(best) = best {
                let shares = look.shares();
                marks.push(ray(look.direction, look.label.clone(), look.role, look.line(), &best.direction, &shares));
            }
        }
        if let Some(seen) = self.courses.first().and_then(|course| course.seen.last()).filter(|seen| seen.norm > 0.0) {
            let label = Text::new("the optimizer's direction", "优化器的方向");
            marks.push(ray("direction", label, Role::Train, Stroke::Solid, &seen.plane, &[0.0, 1.0]));
            let [x, y] = unit(&seen.plane).map(|value| 2.0 * REACH * value);
            let label = Text::new("its decision boundary", "它的决策边界");
            marks.push(Mark::line("boundary", label, Role::Train, Stroke::Thin, &[y, -y], vec![-x, x]));
        }
        let axis = |label| Axis::new(Text::same(label), AxisScale::Linear, [-REACH, REACH]);
        let title = if self.is_separable() {
            Text::new("Points and directions", "点与方向")
        } else {
            Text::new("No line through the origin separates these points", "没有过原点的直线能分开这些点")
        };
        let y = Axis::new(Text::same("x₂"), AxisScale::Equal, [-REACH, REACH]);
        Panel::chart(title, axis("x₁"), y, marks)
    }

    fn angle_panel(&self, points: &[Point], ends: [f64; 2]) -> Panel {
        let signed = |point: &Point| if point.is_positive { [point.x, point.y] } else { [-point.x, -point.y] };
        let center = points.iter().map(signed).fold([0.0; 2], |sum, z| [sum[0] + z[0], sum[1] + z[1]]);
        let exact = [0, 1, 2].map(|norm| self.exact_angle(norm));
        let middle = [exact[0], degrees(&center)].into_iter().find(|angle| angle.is_finite()).unwrap_or(0.0);
        // What the optimizers begin with: the mean, its signs, its greater coordinate.
        let sign = center.map(|value| if value == 0.0 { 0.0 } else { value.signum() });
        let axis = if center[1].abs() > center[0].abs() { [0.0, sign[1]] } else { [sign[0], 0.0] };
        let angles = exact.into_iter().chain([center, sign, axis].map(|vector| degrees(&vector)));
        let angles: Vec<f64> = angles.filter(|angle| angle.is_finite()).map(|angle| near(angle, middle)).collect();
        let range = if self.is_separable() {
            let low = angles.iter().copied().fold(middle, f64::min);
            let high = angles.iter().copied().fold(middle, f64::max);
            [((low - 4.0) / 5.0).floor() * 5.0, ((high + 4.0) / 5.0).ceil() * 5.0]
        } else {
            [middle - 180.0, middle + 180.0].map(|end| (end / 5.0).round() * 5.0)
        };
        let mut marks = Vec::new();
        for (look, angle) in LOOKS.iter().zip(exact).filter(|(_, angle)| angle.is_finite()) {
            let x: Vec<f64> = look.shares().iter().map(|share| libm::pow(ends[1], *share)).collect();
            let level = vec![near(angle, middle); x.len()];
            marks.push(Mark::line(look.angle, look.label.clone(), look.role, look.line(), &x, level));
        }
        let course: Vec<f64> = self.along(statistics::mean, |seen| near(degrees(&seen.plane), middle));
        marks.extend(self.law("theory_angle_degrees", exact[0], &course));
        let label = Text::new("the optimizer's direction", "优化器的方向");
        marks.push(Mark::line("angle_degrees", label, Role::Train, Stroke::Solid, &self.steps, course));
        let y = Axis::new(Text::new("angle, degrees", "角度（度）"), AxisScale::Linear, range);
        Panel::chart(Text::new("Direction of the weights", "权重的方向"), step_axis(ends), y, marks)
    }

    /// The law by which a quantity comes to its limit, through its present value: `1/ln t` for gradient descent, `1/t` for
    /// its normalized form.
    fn law(&self, name: &'static str, limit: f64, course: &[f64]) -> Option<Mark> {
        let (&now, &value) = (self.steps.last()?, course.last()?);
        if !(self.has_law && limit.is_finite() && now >= 10.0) {
            return None;
        }
        let (label, pace): (Text, fn(f64) -> f64) = if self.optimizer == Optimizer::Gradient {
            (Text::new("law 1/ln t, through the last step", "1/ln t 律，经过最后一步"), libm::log)
        } else {
            (Text::new("law 1/t, through the last step", "1/t 律，经过最后一步"), |step| step)
        };
        let x: Vec<f64> = self.steps.iter().copied().filter(|step| *step >= 2.0).collect();
        let y = x.iter().map(|&step| limit + (value - limit) * pace(now) / pace(step)).collect();
        Some(Mark::line(name, label, Role::Theory, Stroke::Dashed, &x, y))
    }

    fn ratio_panel(&self, ends: [f64; 2]) -> Panel {
        let mut marks = vec![Mark::line("", Text::default(), Role::Neutral, Stroke::Dotted, &ends, vec![1.0; 2])];
        for look in &LOOKS {
            marks.extend(self.curve(look.ratio, look, look.read));
        }
        let y = Axis::new(Text::new("margin over the greatest", "间隔与最大值之比"), AxisScale::Linear, [0.0, 1.05]);
        Panel::chart(Text::new("Margins in three norms", "三种范数下的间隔"), step_axis(ends), y, marks)
    }

    fn gap_panel(&self, ends: [f64; 2]) -> Panel {
        let mut marks = Vec::new();
        let reads: [Reading; 3] = [|seen| gap(seen.ratios[0]), |seen| gap(seen.ratios[1]), |seen| gap(seen.ratios[2])];
        for (look, read) in LOOKS.iter().zip(reads) {
            marks.extend(self.curve(look.gap, look, read));
        }
        marks.extend(self.law("theory_l2_margin_gap", 0.0, &self.along(statistics::mean, reads[0])));
        let label = Text::new("1 − margin over the greatest", "1 − 间隔与最大值之比");
        let y = Axis::new(label, AxisScale::Log, [1e-4, 2.0]);
        Panel::chart(Text::new("Gap to the greatest margin", "与最大间隔的差距"), step_axis(ends), y, marks)
    }

    /// A quantity's mean over the courses, with their spread if there are several.
    fn curve(&self, name: &'static str, look: &Look, read: Reading) -> Vec<Mark> {
        let mut marks = Vec::new();
        if self.courses.len() > 1 {
            let (low, high) = (self.along(statistics::low, read), self.along(statistics::high, read));
            marks.push(Mark::spread(name, Text::default(), look.role, &self.steps, low, high));
        }
        let label = Text::owned(format!("{} margin", look.symbol), format!("{} 间隔", look.symbol));
        let mean = self.along(statistics::mean, read);
        marks.push(Mark::line(name, label, look.role, look.stroke, &self.steps, mean));
        marks
    }

    fn describe(&self, settings: &Settings, outputs: &[OutputValue]) -> Text {
        let Some(&steps) = self.steps.last() else {
            return declarations::NOTHING_YET;
        };
        let name = &OPTIMIZERS[settings.choice("optimizer")].label;
        let value = |name: &str| OutputValue::written(outputs, name);
        let steps = plain(steps);
        if !self.is_separable() {
            let norm = value("norm");
            return Text::owned(
                format!(
                    "No line through the origin separates these points, so that no max-margin direction exists in any norm. The loss has a minimum; after {steps} steps of {} the weights have norm {norm}.",
                    name.en
                ),
                format!(
                    "没有过原点的直线能分开这些点，因此任何范数下都不存在最大间隔方向。损失有最小值；{}走 {steps} 步之后，权重的范数为 {norm}。",
                    name.zh
                ),
            );
        }
        let [l2, l1, largest] = LOOKS.each_ref().map(|look| value(look.ratio));
        let margins = Text::owned(
            format!("Their margins are {l2} of the greatest in ℓ2, {l1} in ℓ1 and {largest} in ℓ∞."),
            format!("它们的间隔与最大值之比在 ℓ2、ℓ1、ℓ∞ 下分别为 {l2}、{l1}、{largest}。"),
        );
        let (before, before_zh) = if self.plane.is_some() {
            let [l2, l1, largest] = [0, 1, 2].map(|norm| short(self.exact_angle(norm)));
            let angle = value("angle_degrees");
            (
                format!(
                    "The exact max-margin directions have the angles {l2}° in ℓ2, {l1}° in ℓ1 and {largest}° in ℓ∞. After {steps} steps of {} the weights stand at {angle}°.",
                    name.en
                ),
                format!(
                    "精确的最大间隔方向，ℓ2 为 {l2}°，ℓ1 为 {l1}°，ℓ∞ 为 {largest}°。{}走 {steps} 步之后，权重位于 {angle}°。",
                    name.zh
                ),
            )
        } else {
            let angle = value("angle_to_l2_max_margin_degrees");
            (
                format!(
                    "After {steps} steps of {} the weights stand {angle}° from the exact ℓ2 max-margin direction.",
                    name.en
                ),
                format!("{}走 {steps} 步之后，权重与精确的 ℓ2 最大间隔方向相差 {angle}°。", name.zh),
            )
        };
        Text::owned(before + " " + &margins.en, before_zh + &margins.zh)
    }
}

fn gap(ratio: f64) -> f64 {
    // What is exact to rounding has no place on a logarithmic axis; what is not known stays so.
    if 1.0 - ratio < GAP_FLOOR { GAP_FLOOR } else { 1.0 - ratio }
}

/// The vector of length 1 in a direction of the plane.
fn unit(direction: &[f64]) -> [f64; 2] {
    let length = Norm::L2.of(direction);
    [direction[0] / length, direction[1] / length]
}

/// A direction in the plane, from the origin, through these shares of its length.
fn ray(name: &'static str, label: Text, role: Role, stroke: Stroke, direction: &[f64], shares: &[f64]) -> Mark {
    let [x, y] = unit(direction).map(|value| shares.iter().map(|share| RAY * share * value).collect::<Vec<_>>());
    Mark::line(name, label, role, stroke, &x, y)
}

fn step_axis(ends: [f64; 2]) -> Axis {
    Axis::new(Text::new("steps t", "步数 t"), AxisScale::Log, ends)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, value};

    fn run(pairs: &[(&str, &str)]) -> Report {
        complete(&LAB, testing::settings(&LAB, pairs), &Data::none()).report
    }

    #[test]
    fn the_printed_sets_can_be_read() {
        for set in [SET_A, SET_B] {
            assert_eq!((points::refused(set), &*points::write(&points::read(set))), (None, set));
        }
    }

    #[test]
    fn the_same_points_give_the_same_run_by_name_and_in_a_link() {
        for (name, text) in [("A", SET_A), ("B", SET_B)] {
            let (by_name, own) = (run(&[("dataset", name)]), run(&[("dataset", "points"), ("points", text)]));
            assert_eq!(by_name.digest().hex(), own.digest().hex());
        }
    }

    #[test]
    fn no_exact_line_is_declared_solid_like_the_optimizers() {
        let report = run(&[("steps", "10")]);
        let lines: Vec<(&str, Stroke)> = report
            .figure
            .panels
            .iter()
            .filter_map(|panel| if let Panel::Chart(chart) = panel { Some(&chart.marks) } else { None })
            .flatten()
            .filter_map(|mark| if let Mark::Line { name, stroke, .. } = mark { Some((&**name, *stroke)) } else { None })
            .collect();
        for look in &LOOKS {
            for name in [look.direction, look.angle] {
                assert!(lines.iter().any(|line| line.0 == name && line.1 != Stroke::Solid), "{name}");
            }
        }
        assert!(lines.contains(&("direction", Stroke::Solid)));
    }

    #[test]
    fn the_exact_angles_are_those_that_are_known() {
        for (name, exact) in [("A", [26.565_051_177, 0.0, 45.0]), ("B", [26.565_051_177, 0.0, 26.565_051_177])] {
            let report = run(&[("dataset", name), ("steps", "10")]);
            for (look, exact) in LOOKS.iter().zip(exact) {
                assert!((value(&report, look.angle) - exact).abs() < 1e-6, "{name} {}", look.symbol);
            }
        }
    }

    #[test]
    fn epsilon_decides_between_two_classifiers() {
        let angle = |epsilon: &str| {
            let pairs = [("optimizer", "adam"), ("steps", "300000"), ("epsilon", epsilon)];
            value(&run(&pairs), "angle_degrees")
        };
        assert!(angle("0") > 43.0 && angle("0.00000001") < 28.0);
    }

    #[test]
    fn points_without_a_separating_line_are_said_to_have_none_and_still_run() {
        let optimizers = ["gd", "ngd", "cd", "sign", "adam"].into_iter();
        // The second set leaves the weights at zero.
        for (optimizer, points) in optimizers.flat_map(|it| [(it, "1,0;-1,1;1,1,-"), (it, "1,1;1,1,-")]) {
            let pairs = [("dataset", "points"), ("points", points), ("optimizer", optimizer)];
            let report = run(&pairs);
            assert!(report.description.en.starts_with("No line through the origin"), "{}", report.description.en);
            assert_eq!(value(&report, "separable"), 0.0);
            assert!(value(&report, "norm").is_finite() && value(&report, "l2_margin_ratio").is_nan());
            let Panel::Chart(plane) = &report.figure.panels[0] else { panic!("the plane is a chart") };
            assert!(plane.title.zh.contains("没有过原点的直线"));
            let Panel::Chart(angle) = &report.figure.panels[1] else { panic!("the angle is a chart") };
            assert!(angle.y.range[1] - angle.y.range[0] > 300.0, "{:?}", angle.y.range);
            assert!(report.figure.series().iter().all(|series| series.name != "l2_direction"));
        }
    }

    #[test]
    fn a_run_shows_its_whole_course_and_one_frame_at_once() {
        let report = run(&[("steps", "1000000"), ("optimizer", "ngd")]);
        let course = report.figure.series().into_iter().find(|series| series.name == "angle_degrees").unwrap();
        assert_eq!((course.x[0], *course.x.last().unwrap()), (1.0, 1e6));
        assert!(course.x.windows(2).all(|pair| pair[1] > pair[0] && pair[1] <= 2.0 * pair[0]), "{:?}", course.x);
        let (settings, _) = Settings::read(&SCHEMA, [("steps", "1000000")]);
        let data = Data::none();
        let mut work = Lab::begin(&LAB, &LAB.plan(&settings).tasks[0], &data);
        assert!(!work.advance());
        assert_eq!(work.record().steps.last(), Some(&464));
    }

    #[test]
    fn the_twenty_dimensional_sets_come_one_a_seed() {
        let report = run(&[("dataset", "gaussian20"), ("seeds", "3"), ("steps", "100"), ("seed", "9")]);
        assert!(value(&report, "angle_degrees").is_nan() && value(&report, "l2_margin_ratio") > 0.5);
        let single = |seed: &str| {
            let pairs = [("dataset", "gaussian20"), ("seeds", "1"), ("steps", "100"), ("seed", seed)];
            value(&run(&pairs), "norm")
        };
        let mean = (single("9") + single("0") + single("1")) / 3.0;
        assert!((value(&report, "norm") - mean).abs() < 1e-12);
    }
}
