//! Rescaling: one function, as sharp a minimum as one likes.
//!
//! A 64-16-10 network of rectifiers without biases, `f(x) = relu(x W₁) W₂`, is trained on 300 handwritten digits (pixels
//! centered, mean squared length 16) by squared loss, `½ ‖f − e‖²` on average, and gradient descent: 400 steps of 0.1. Since
//! `relu(az) = a·relu(z)` for `a > 0`, `(aW₁, W₂/a)` is the same function. The Hessian is not the same: its blocks become
//! `H₁₁/a²`, `H₁₂` and `a²·H₂₂`, so that the trace is `t₁₁/a² + a²·t₂₂` exactly and the largest eigenvalue is unbounded (Dinh,
//! Pascanu, Bengio and Bengio 2017, arXiv 1703.04933). A slice of the loss along a direction that is scaled filter by filter
//! to the weights' own lengths moves along (Li, Xu, Taylor, Studer and Goldstein 2018, arXiv 1712.09913): it stays the same.
//!
//! All of it is measured on the rescaled network itself, in double precision, with exact Hessian products.

use crate::{
    curvature::{Activation, Loss, Model, Objective, Tape, filter_normalized, moved},
    data::Digits,
    declarations,
    digits::{self, CLASSES, CenteredDigits},
    lab::slice,
    numerals::{plain, round_up},
    prelude::*,
    random::Random,
};
use kernels::double::{Lanczos, Progress};
use serde::{Deserialize, Serialize};

/// The lab.
pub static LAB: Rescaling = Rescaling;

/// See the module's description.
pub struct Rescaling;

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("rescaling"),
    title: Text::new("Rescaling", "重标度"),
    about: Text::new(
        "Multiply one layer, divide the next: every prediction stays, and the minimum gets as sharp as you like. Filter-normalized slices are not deceived.",
        "一层乘、下一层除：所有预测原封不动，极小值却要多尖锐有多尖锐。滤波器归一化的切片不受其骗。",
    ),
    parameters: Cow::Borrowed(&[
        Parameter::real(
            "scale",
            "a",
            Text::new("Scale", "标度"),
            Text::new(
                "The first layer is multiplied by it, the second divided. The network computes the same function; watch its sharpness.",
                "第一层乘以它，第二层除以它。网络计算的函数不变，请看锐度。",
            ),
            SCALE_RANGE_AND_STEP,
            1.0,
        )
        .scaled(Scale::Logarithmic),
        Parameter::seeds(3, 20),
    ]),
    outputs: Cow::Borrowed(&[
        Output::new(
            "max_output_change",
            Text::new("Largest change of an output", "输出的最大变化"),
            Text::new(
                "Over all training digits and classes. Nothing but rounding.",
                "对所有训练数字和类别取最大；只有舍入误差。",
            ),
            Aggregate::Mean,
        ),
        declarations::lambda_max(Text::new(
                "The largest eigenvalue of the training loss's Hessian at the rescaled weights.",
                "重标度后的权重处，训练损失海森矩阵的最大特征值。",
            )),
        declarations::trace(Text::new("The sum of all its eigenvalues, at the same weights.", "同一权重处全部特征值之和。")),
        Output::new(
            "theory_trace",
            Text::new("Trace of the Hessian, theory", "海森矩阵的迹（理论）"),
            Text::new(
                "t₁₁/a² + a²t₂₂, from the traces t₁₁, t₂₂ of the two layers' blocks before rescaling.",
                "t₁₁/a² + a²t₂₂，其中 t₁₁、t₂₂ 是重标度之前两层各自对角块的迹。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "filter_normalised_slice_change",
            Text::new("Change of the filter-normalized slice", "滤波器归一化切片的变化"),
            Text::new(
                "The largest change of the loss along a slice whose direction is scaled to the weights filter by filter. Nothing but rounding.",
                "方向逐个滤波器缩放到权重长度时，沿该切片损失的最大变化；只有舍入误差。",
            ),
            Aggregate::Mean,
        ),
    ]),
};

const SCALE_RANGE: [f64; 2] = [0.2, 5.0];
const SCALE_RANGE_AND_STEP: [f64; 3] = [SCALE_RANGE[0], SCALE_RANGE[1], 0.01];
/// Scales of the curves.
const GRID: usize = 25;
const SAMPLES: usize = 300;
const PIXELS: usize = 64;
const HIDDEN: usize = 16;
const LEARNING_RATE: f64 = 0.1;
const STEPS: usize = 400;
/// Steps of Lanczos' method.
const LANCZOS_STEPS: usize = 40;
/// Points of a slice, from −1 to 1 times its direction.
const SLICE_POINTS: usize = 41;
/// Operations of one slice of work.
const SLICE: f64 = 6e6;

/// The uses of a seed.
mod stream {
    pub const SPLIT: u64 = 0;
    pub const WEIGHTS: u64 = 1;
    pub const DIRECTION: u64 = 2;
    pub const START: u64 = 3;
}

/// A network and the scales at which it is looked at.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spec {
    /// The one scale that outputs and slices are of; none for the curves.
    scale: Option<f64>,
    seed: u64,
}

/// A rescaled network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Moment {
    scale: f64,
    max_output_change: f64,
    lambda_max: f64,
    trace: f64,
}

/// The loss along lines through the weights, from −1 to 1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Slices {
    /// Along one direction of the unscaled weights' length, before and after rescaling.
    plain: [Vec<f64>; 2],
    /// Along that direction filter-normalized, before and after.
    normalized: [Vec<f64>; 2],
}

/// What was found of a network.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// `t₁₁` and `t₂₂`, once the network is trained.
    blocks: Option<[f64; 2]>,
    moments: Vec<Moment>,
    slices: Slices,
}

impl Record {
    fn theory_trace(&self, scale: f64) -> f64 {
        self.blocks.map_or(f64::NAN, |[first, second]| first / (scale * scale) + second * scale * scale)
    }

    /// The outputs of a single scale.
    fn moment(&self) -> Option<&Moment> {
        self.moments.first()
    }
}

impl Slices {
    /// The largest difference between the normalized slices.
    fn change(&self) -> f64 {
        let [before, after] = &self.normalized;
        before.iter().zip(after).map(|(before, after)| (before - after).abs()).fold(0.0, f64::max)
    }
}

/// `aW₁, W₂/a`.
fn rescaled(model: &Model, parameters: &[f64], scale: f64) -> Vec<f64> {
    let mut rescaled = parameters.to_vec();
    let [first, second] = [0, 1].map(|layer| model.layers()[layer].parameters());
    for value in &mut rescaled[first] {
        *value *= scale;
    }
    for value in &mut rescaled[second] {
        *value /= scale;
    }
    rescaled
}

/// The scales of the curves.
fn grid() -> Vec<f64> {
    let [low, high] = SCALE_RANGE;
    let step = libm::log(high / low) / (GRID - 1) as f64;
    // The middle is 1, to the last bit.
    let at = |k: usize| if 2 * k + 1 == GRID { 1.0 } else { low * libm::exp(step * k as f64) };
    (0..GRID).map(at).collect()
}

/// Distances along a slice.
fn distances() -> Vec<f64> {
    (0..SLICE_POINTS).map(|k| 2.0 * k as f64 / (SLICE_POINTS - 1) as f64 - 1.0).collect()
}

/// What a task does next.
enum Stage {
    Train(usize),
    /// The next scale.
    Look(usize),
    /// Lanczos' method at a scale.
    Sharpen(usize, Lanczos),
    /// The next slice.
    Slice(usize),
    Finished,
}

/// A network under way.
struct Task {
    scales: Vec<f64>,
    has_slices: bool,
    model: Model,
    inputs: Vec<f64>,
    labels: Vec<u32>,
    parameters: Vec<f64>,
    /// The rescaled ones.
    current: Vec<f64>,
    gradient: Vec<f64>,
    /// Before rescaling.
    outputs: Vec<f64>,
    direction: Vec<f64>,
    start: Vec<f64>,
    tape: Tape<f64>,
    stage: Stage,
    record: Record,
}

impl Task {
    fn new(spec: &Spec, digits: &Digits) -> Self {
        let drawn = CenteredDigits::new(digits, SAMPLES, &mut Random::new(spec.seed, stream::SPLIT));
        let model = Model::without_biases(&[PIXELS, HIDDEN, CLASSES], Activation::Relu, Loss::Squared);
        let parameters: Vec<f64> = model.draw(1.0, &mut Random::new(spec.seed, stream::WEIGHTS));
        let count = parameters.len();
        Self {
            scales: spec.scale.map_or_else(grid, |scale| vec![scale]),
            has_slices: spec.scale.is_some(),
            inputs: drawn.train,
            labels: digits::labels(digits, &drawn.split.train).into_iter().map(u32::from).collect(),
            current: parameters.clone(),
            gradient: vec![0.0; count],
            outputs: Vec::new(),
            direction: Random::new(spec.seed, stream::DIRECTION).on_sphere(count, 1.0),
            start: Random::new(spec.seed, stream::START).on_sphere(count, 1.0),
            tape: Tape::new(&model, SAMPLES),
            stage: Stage::Train(0),
            record: Record::default(),
            parameters,
            model,
        }
    }

    /// Does the next indivisible piece and returns about how many operations it took.
    fn piece(&mut self) -> f64 {
        let objective = Objective { model: &self.model, inputs: &self.inputs, labels: &self.labels };
        let gradient_cost = self.model.gradient_cost() * self.labels.len() as f64;
        let (stage, cost) = match std::mem::replace(&mut self.stage, Stage::Finished) {
            Stage::Train(step) => {
                self.tape.gradient(&objective, &self.parameters, &mut self.gradient);
                if step < STEPS {
                    for (value, slope) in self.parameters.iter_mut().zip(&self.gradient) {
                        *value -= LEARNING_RATE * slope;
                    }
                    (Stage::Train(step + 1), gradient_cost)
                } else {
                    self.outputs = self.tape.outputs().to_vec();
                    self.record.blocks = self.tape.layer_traces(&objective, &self.parameters).try_into().ok();
                    (Stage::Look(0), 3.0 * gradient_cost)
                }
            }
            Stage::Look(index) => {
                self.current = rescaled(&self.model, &self.parameters, self.scales[index]);
                self.tape.gradient(&objective, &self.current, &mut self.gradient);
                let changes =
                    self.outputs.iter().zip(self.tape.outputs()).map(|(before, after)| (before - after).abs());
                self.record.moments.push(Moment {
                    scale: self.scales[index],
                    max_output_change: changes.fold(0.0, f64::max),
                    lambda_max: f64::NAN,
                    trace: self.tape.layer_traces(&objective, &self.current).iter().sum(),
                });
                (Stage::Sharpen(index, Lanczos::new(&self.start, LANCZOS_STEPS)), 3.0 * gradient_cost)
            }
            Stage::Sharpen(index, mut lanczos) => {
                let (tape, current) = (&mut self.tape, &self.current);
                let progress = lanczos.step(|v, out| tape.hessian_operator(&objective, current, v, out));
                let next = if progress == Progress::Going {
                    Stage::Sharpen(index, lanczos)
                } else {
                    if let (Some(moment), Some(pair)) = (self.record.moments.last_mut(), lanczos.top()) {
                        moment.lambda_max = pair.value;
                    }
                    match index + 1 {
                        next if next < self.scales.len() => Stage::Look(next),
                        _ if self.has_slices => Stage::Slice(0),
                        _ => Stage::Finished,
                    }
                };
                (next, 2.0 * gradient_cost)
            }
            Stage::Slice(index) => {
                let centers = [&self.parameters, &self.current];
                let along = if index < 2 {
                    let length = self.parameters.iter().map(|value| value * value).sum::<f64>().sqrt();
                    self.direction.iter().map(|value| length * value).collect()
                } else {
                    filter_normalized(&self.model, centers[index % 2], &self.direction)
                };
                let loss = |distance: f64| self.tape.loss(&objective, &moved(centers[index % 2], &along, distance));
                let losses = distances().into_iter().map(loss).collect();
                let Slices { plain, normalized } = &mut self.record.slices;
                let group = if index < 2 { plain } else { normalized };
                group[index % 2] = losses;
                let next = if index < 3 { Stage::Slice(index + 1) } else { Stage::Finished };
                (next, 0.5 * SLICE_POINTS as f64 * gradient_cost)
            }
            Stage::Finished => (Stage::Finished, f64::INFINITY),
        };
        self.stage = stage;
        cost
    }
}

impl Work<Record> for Task {
    fn advance(&mut self) -> bool {
        slice(SLICE, || self.piece());
        matches!(self.stage, Stage::Finished)
    }

    fn record(&self) -> Record {
        self.record.clone()
    }
}

impl Lab for Rescaling {
    type Spec = Spec;
    type Record = Record;

    const SCHEMA: &'static Schema = &SCHEMA;
    const DATA: &'static [DataSet] = &[DataSet::Digits8x8];

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let scale = Some(settings.real("scale"));
        let mut tasks: Vec<Spec> = settings.seed_list().map(|seed| Spec { scale, seed }).collect();
        let probe = (0..tasks.len()).collect();
        tasks.extend(settings.seed_list().map(|seed| Spec { scale: None, seed }));
        Plan { tasks, probe }
    }

    fn cost(&self, spec: &Spec) -> f64 {
        let gradient = (SAMPLES * (4 * PIXELS + 6 * CLASSES) * HIDDEN) as f64;
        let looks = if spec.scale.is_some() { 1 } else { GRID };
        gradient * (STEPS + looks * (2 * LANCZOS_STEPS + 3)) as f64
    }

    fn begin<'a>(&self, spec: &Spec, data: &'a Data) -> Box<dyn Work<Record> + 'a> {
        Box::new(Task::new(spec, data.digits_8x8()))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let (probed, curves) = records.split_at(records.len() / 2);
        let done: Vec<&Record> = probed.iter().filter_map(Entry::done).collect();
        let outputs = outputs(settings, &done);
        let curves: Vec<&Record> = curves.iter().filter_map(Entry::latest).collect();
        let first = probed.first().and_then(Entry::latest);
        let panels = vec![
            sharpness_panel(settings, &curves),
            slice_panel(settings, first, |slices| &slices.plain, &PLAIN),
            slice_panel(settings, first, |slices| &slices.normalized, &NORMALIZED),
        ];
        let description = describe(settings, &outputs);
        Report { figure: Figure { panels }, outputs, description }
    }
}

fn outputs(settings: &Settings, done: &[&Record]) -> Vec<OutputValue> {
    let scale = settings.real("scale");
    let moment = |name, read: fn(&Moment) -> f64| {
        OutputValue::mean(name, &done.iter().filter_map(|record| record.moment()).map(read).collect::<Vec<_>>())
    };
    let record = |name, read: &dyn Fn(&Record) -> f64| {
        OutputValue::mean(name, &done.iter().map(|record| read(record)).collect::<Vec<_>>())
    };
    vec![
        moment("max_output_change", |moment| moment.max_output_change),
        moment("lambda_max", |moment| moment.lambda_max),
        moment("trace", |moment| moment.trace),
        record("theory_trace", &|record| record.theory_trace(scale)),
        record("filter_normalised_slice_change", &|record| record.slices.change()),
    ]
}

fn sharpness_panel(settings: &Settings, curves: &[&Record]) -> Panel {
    let x = grid();
    let over_seeds = |statistic: fn(&[f64]) -> f64, read: &dyn Fn(&Record, usize) -> f64| -> Vec<f64> {
        let column = |k: usize| curves.iter().map(|record| read(record, k)).filter(|value| value.is_finite()).collect();
        (0..GRID).map(|k| statistic(&Vec::from_iter::<Vec<f64>>(column(k)))).collect()
    };
    let lambda = |record: &Record, k: usize| record.moments.get(k).map_or(f64::NAN, |moment| moment.lambda_max);
    let trace = |record: &Record, k: usize| record.moments.get(k).map_or(f64::NAN, |moment| moment.trace);
    let theory = |record: &Record, k: usize| record.theory_trace(x[k]);
    let mut marks = Vec::new();
    if curves.len() > 1 {
        let (low, high) = (over_seeds(statistics::low, &lambda), over_seeds(statistics::high, &lambda));
        marks.push(Mark::spread("lambda_max", Text::same(""), Role::Norm, &x, low, high));
    }
    let label = Text::new("trace, measured", "迹（实测）");
    let y = over_seeds(statistics::mean, &trace);
    marks.push(Mark::Points { name: Cow::Borrowed("trace"), label, role: Role::Signal, x: x.clone(), y });
    let label = Text::new("trace, t₁₁/a² + a²t₂₂", "迹，t₁₁/a² + a²t₂₂");
    let y = over_seeds(statistics::mean, &theory);
    marks.push(Mark::line("theory_trace", label, Role::Theory, Stroke::Dashed, &x, y));
    let label = Text::new("sharpness λₘₐₓ", "锐度 λₘₐₓ");
    let y = over_seeds(statistics::mean, &lambda);
    marks.push(Mark::line("lambda_max", label, Role::Norm, Stroke::Solid, &x, y));
    marks.push(Mark::probe("scale", settings));
    let x = Axis::new(Text::new("scale a", "标度 a"), AxisScale::Log, SCALE_RANGE);
    let y = Axis::new(Text::new("sharpness, trace", "锐度，迹"), AxisScale::Log, [1.0, 2000.0]);
    Panel::chart(Text::new("Curvature", "曲率"), x, y, marks)
}

/// The words of a panel of slices, and the series' names.
struct SliceWords {
    title: Text,
    names: [&'static str; 2],
}

const PLAIN: SliceWords = SliceWords {
    title: Text::new("The same direction for both, first seed", "两者沿同一方向（第一个种子）"),
    names: ["slice", "rescaled_slice"],
};
const NORMALIZED: SliceWords = SliceWords {
    title: Text::new("Filter-normalized direction, first seed", "滤波器归一化方向（第一个种子）"),
    names: ["filter_normalized_slice", "rescaled_filter_normalized_slice"],
};

fn slice_panel(
    settings: &Settings,
    first: Option<&Record>,
    read: fn(&Slices) -> &[Vec<f64>; 2],
    words: &SliceWords,
) -> Panel {
    let scale = plain(settings.real("scale"));
    let mut marks = Vec::new();
    if let Some([before, after]) = first.map(|record| read(&record.slices)).filter(|slices| !slices[0].is_empty()) {
        let [name, rescaled] = words.names;
        let x = distances();
        let label = Text::new("before, a = 1", "重标度前，a = 1");
        marks.push(Mark::line(name, label, Role::Train, Stroke::Solid, &x, before.clone()));
        if !after.is_empty() {
            let label = Text::owned(format!("rescaled, a = {scale}"), format!("重标度后，a = {scale}"));
            marks.push(Mark::line(rescaled, label, Role::Noise, Stroke::Dashed, &x, after.clone()));
        }
    }
    let x = Axis::new(Text::new("distance", "距离"), AxisScale::Linear, [-1.0, 1.0]);
    let y = Axis::new(Text::new("training loss", "训练损失"), AxisScale::Linear, [0.0, round_up(LOSS_TOP)]);
    Panel::chart(words.title.clone(), x, y, marks)
}

/// Above it slices are cut off.
const LOSS_TOP: f64 = 3.0;

fn describe(settings: &Settings, outputs: &[OutputValue]) -> Text {
    if outputs.iter().any(|output| output.value.is_nan()) {
        return declarations::NOTHING_YET;
    }
    let value = |name| OutputValue::written(outputs, name);
    let (change, sharpness, trace) = (value("max_output_change"), value("lambda_max"), value("trace"));
    let (theory, slice) = (value("theory_trace"), value("filter_normalised_slice_change"));
    let scale = plain(settings.real("scale"));
    Text::owned(
        format!(
            "With the first layer multiplied and the second divided by a = {scale}, no output changes by more than {change}. The largest eigenvalue of the Hessian is {sharpness}, its trace {trace}, in theory {theory}. The filter-normalized slice of the loss changes by {slice} at most."
        ),
        format!(
            "第一层乘以 a = {scale}，第二层除以同一个数，任何输出的变化都不超过 {change}。海森矩阵的最大特征值为 {sharpness}，迹为 {trace}（理论值 {theory}）。滤波器归一化的损失切片至多变化 {slice}。"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, probe, value};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
    }

    fn trained(seed: u64) -> Task {
        let data = Data::bundled();
        let mut task = Task::new(&Spec { scale: Some(1.0), seed }, data.digits_8x8());
        while matches!(task.stage, Stage::Train(_)) {
            task.piece();
        }
        task
    }

    #[test]
    fn rescaling_leaves_outputs_and_normalized_slices_alone_and_moves_the_trace_by_its_law() {
        let data = Data::bundled();
        let at = |scale: &str| probe(&LAB, settings(&[("scale", scale), ("seeds", "2")]), &data);
        let base = at("1");
        assert_eq!(value(&base, "max_output_change"), 0.0);
        assert_eq!(value(&base, "filter_normalised_slice_change"), 0.0);
        for scale in ["0.2", "0.7", "3.3", "5"] {
            let report = at(scale);
            assert!(value(&report, "max_output_change") < 1e-14, "{}", value(&report, "max_output_change"));
            let change = value(&report, "filter_normalised_slice_change");
            assert!(change < 1e-14, "{change}");
            assert!((value(&report, "trace") / value(&report, "theory_trace") - 1.0).abs() < 1e-12);
        }
        assert!(value(&at("5"), "lambda_max") > 10.0 * value(&base, "lambda_max"));
    }

    #[test]
    fn single_precision_keeps_every_output_to_a_millionth() {
        let task = trained(2);
        let narrow = |values: &[f64]| values.iter().map(|&value| value as f32).collect::<Vec<f32>>();
        let inputs = narrow(&task.inputs);
        let objective = Objective { model: &task.model, inputs: &inputs, labels: &task.labels };
        let mut tape = Tape::new(&task.model, SAMPLES);
        tape.loss(&objective, &narrow(&task.parameters));
        let before = tape.outputs().to_vec();
        for scale in [0.2, 0.37, 3.0, 5.0] {
            tape.loss(&objective, &narrow(&rescaled(&task.model, &task.parameters, scale)));
            let change = before.iter().zip(tape.outputs()).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(change <= 1e-6, "a = {scale}: {change}");
        }
    }

    #[test]
    fn the_largest_eigenvalue_does_not_change_with_more_steps_from_elsewhere() {
        for scale in [0.2, 1.0, 5.0] {
            let mut task = trained(1);
            task.scales = vec![scale];
            while !task.advance() {}
            let moment = task.record().moments[0];
            let objective = Objective { model: &task.model, inputs: &task.inputs, labels: &task.labels };
            let mut lanczos = Lanczos::new(&task.direction, 150);
            task.tape.gradient(&objective, &task.current, &mut task.gradient);
            while lanczos.step(|v, out| task.tape.hessian_operator(&objective, &task.current, v, out))
                == Progress::Going
            {}
            let found = lanczos.top().unwrap().value;
            assert!((moment.lambda_max / found - 1.0).abs() < 1e-6, "a = {scale}: {} {found}", moment.lambda_max);
            assert!(moment.lambda_max < moment.trace);
        }
    }

    #[test]
    fn the_curves_and_slices_are_drawn_and_the_law_lies_on_the_measurements() {
        let report = complete(&LAB, settings(&[("scale", "5"), ("seeds", "1")]), &Data::bundled()).report;
        let series = report.figure.series();
        let find = |name: &str| series.iter().find(|series| series.name == name).unwrap();
        let (trace, theory) = (find("trace"), find("theory_trace"));
        assert_eq!(trace.x.len(), GRID);
        assert!(trace.y.iter().zip(&theory.y).all(|(a, b)| (a / b - 1.0).abs() < 1e-12));
        let apart = |a: &str, b: &str| find(a).y.iter().zip(&find(b).y).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        assert!(apart("slice", "rescaled_slice") > 0.1);
        assert!(apart("filter_normalized_slice", "rescaled_filter_normalized_slice") < 1e-14);
        assert_eq!(grid()[GRID / 2], 1.0);
        assert!((grid()[GRID - 1] - 5.0).abs() < 1e-12);
    }
}
