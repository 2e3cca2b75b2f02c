//! Patches and batch normalization: one margin for every patch, where that helps and where it loses.
//!
//! A sample of class `y = ±1` has `P` patches `x_p = y·e₁ + ξ_p`, with `ξ_p` standard normal off the first coordinate. Three
//! classifiers `sign Σₚ ⟨w, x_p⟩` see `n` samples: gradient descent with batch normalization and without (see
//! [`crate::batch_norm`]), from one start of length 1 with learning rates 0.5 and 0.1, and the exact separator of maximum margin. On new samples such a `w` errs
//! with probability
//!
//! `Φ(−√P·w₁/‖w_⊥‖)`, `w_⊥` what `w` has off the first coordinate.
//!
//! Batch normalization leads to one margin for all patches (Cao, Zou, Li and Gu 2023, arXiv 2306.11680): `w = e₁` has that,
//! and nothing else if there are as many patches as dimensions, so that its error tends to zero. The maximum margin looks
//! only at each sample's sum. But the way to the former is slow: with 8 patches a sample the maximum margin, which needs no
//! training, errs by orders of magnitude less than what training has come to.

use crate::{
    batch_norm::{
        Descents, NORMALIZED, PLAIN, Points, Rule, discrepancy_axis, equal_margins, level, log10_discrepancy,
        max_margin_label, normalized_label, plain_label, step_axis,
    },
    declarations,
    numerals::short,
    prelude::*,
    random::Random,
};
use kernels::double::squared_norm;
use serde::{Deserialize, Serialize};
use std::f64::consts::FRAC_1_SQRT_2;

/// The lab.
pub static LAB: BatchNormPatches = BatchNormPatches;

/// See the module's description.
pub struct BatchNormPatches;

/// The choices of [`PATCHES`], by their numbers.
const PATCH_CHOICES: &[Choice] =
    &[Choice::new("2", Text::same("2")), Choice::new("4", Text::same("4")), Choice::new("8", Text::same("8"))];
const PATCHES: [usize; 3] = [2, 4, 8];

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("batch-norm-patches"),
    title: Text::new("Patches and batch normalization", "逐块均匀间隔"),
    about: Text::new(
        "Batch normalization gives every patch one margin. With 2 patches a sample that beats the maximum margin; with 4 it is about even, with 8 it loses.",
        "批归一化让每一块的间隔都相等。每个样本有 2 块时，它胜过最大间隔；有 4 块时不相上下；有 8 块时则输给它。",
    ),
    parameters: Cow::Borrowed(&[
        Parameter::choice(
            "patches",
            Text::new("Patches per sample P", "每个样本的块数 P"),
            Text::new(
                "How many patches each sample has, all of them with its signal: what the numbers report. At 8 the maximum margin wins.",
                "每个样本有多少块，每一块都带有信号；下方数值报告的就是这种情形。取 8 时最大间隔获胜。",
            ),
            PATCH_CHOICES,
            0,
        ),
        Parameter::integer(
            "samples",
            "n",
            Text::new("Samples", "样本数"),
            Text::new(
                "How many training samples there are. The more patches in all, the fewer directions give them one margin.",
                "训练样本的个数。块的总数越多，使各块间隔相等的方向就越少。",
            ),
            [5, 40, 1],
            20,
        ),
        Parameter::integer(
            "dimension",
            "d",
            Text::new("Dimension", "维数"),
            Text::new(
                "Coordinates of a patch: one has the signal, the others noise.",
                "每一块的坐标数：一个坐标是信号，其余都是噪声。",
            ),
            [40, 80, 1],
            40,
        ),
        declarations::steps(Text::new(
                "How long both models are trained: at a learning rate of 0.5 with batch normalization, 0.1 without. The maximum margin is exact and needs no steps.",
                "两个模型训练多久：学习率在有批归一化时为 0.5，没有时为 0.1。最大间隔直接精确求解，不需要训练。",
            ),
            [10, 20_000, 10],
            10_000,
        )
        .scaled(Scale::Logarithmic),
        Parameter::seeds(20, 50),
    ]),
    outputs: Cow::Borrowed(&[
        Output::new(
            "bn_error",
            Text::new("Test error, batch normalization", "测试误差（批归一化）"),
            Text::new(
                "Probability of a wrong answer on a new sample, by an exact formula.",
                "在新样本上答错的概率，由精确公式算出。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "gd_error",
            Text::new("Test error, gradient descent alone", "测试误差（普通梯度下降）"),
            declarations::WITHOUT_NORMALIZATION,
            Aggregate::Mean,
        ),
        Output::new(
            "max_margin_error",
            Text::new("Test error, maximum margin", "测试误差（最大间隔）"),
            Text::new("The same for the exact solution.", "精确解的同一数值。"),
            Aggregate::Mean,
        ),
        declarations::normalized_discrepancy(Text::new(
                "Mean squared difference between the margins of two patches of the training set, in powers of ten.",
                "训练集中任意两块间隔之差的均方，以 10 的幂次计。",
            )),
        declarations::plain_discrepancy(),
        declarations::max_margin_discrepancy(),
    ]),
};

/// Batch normalization takes longer steps: its gradient shrinks as its weights grow.
const RULE: Rule = Rule { learning_rate: 0.5, plain_learning_rate: 0.1, gamma: 1.0, trains_gamma: true };
/// The least errors on the axis over time, by [`PATCHES`]: what is less is drawn as if it were this.
const LEAST_ERRORS: [f64; 3] = [1e-4, 1e-8, 1e-13];
/// The same where all are compared.
const LEAST_ERROR: f64 = LEAST_ERRORS[2];
/// The least discrepancy on the axis.
const LEAST_DISCREPANCY: f64 = 1e-3;

/// A training set and how long it is trained on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    patches: usize,
    samples: usize,
    dimension: usize,
    steps: u32,
    seed: u64,
}

/// What is measured of a classifier.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Moment {
    error: f64,
    discrepancy: f64,
}

/// What training on one set found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    steps: Vec<f64>,
    normalized: Vec<Moment>,
    plain: Vec<Moment>,
    max_margin: Moment,
    /// The margins of all patches, least first: with batch normalization, without, and of the exact separator.
    margins: [Vec<f64>; 3],
}

impl Spec {
    /// The training set. Labels do not matter: `y·x_p = e₁ + y·ξ_p` has one law for both classes.
    fn draw(&self) -> Points {
        let mut values = vec![0.0; self.samples * self.patches * self.dimension];
        let mut random = Random::new(self.seed, 0);
        for patch in values.chunks_exact_mut(self.dimension) {
            patch[0] = 1.0;
            random.fill_normal(&mut patch[1..]);
        }
        Points::new(values, self.samples, self.dimension)
    }
}

/// `Φ(−√P·w₁/‖w_⊥‖)`.
fn error(weights: &[f64], patches: usize) -> f64 {
    let noise = squared_norm(&weights[1..]).sqrt();
    0.5 * libm::erfc((patches as f64).sqrt() * weights[0] / noise * FRAC_1_SQRT_2)
}

fn measure(points: &Points, weights: &[f64], patches: usize) -> Moment {
    Moment { error: error(weights, patches), discrepancy: points.discrepancy(weights) }
}

fn sorted(mut margins: Vec<f64>) -> Vec<f64> {
    margins.sort_by(f64::total_cmp);
    margins
}

/// Training under way.
struct Training {
    spec: Spec,
    descents: Descents,
    record: Record,
}

impl Training {
    fn new(spec: &Spec) -> Self {
        let points = spec.draw();
        let exact = points.max_margin().map(|exact| exact.direction);
        let unknown = Moment { error: f64::NAN, discrepancy: f64::NAN };
        let record = Record {
            steps: Vec::new(),
            normalized: Vec::new(),
            plain: Vec::new(),
            max_margin: exact.as_ref().map_or(unknown, |weights| measure(&points, weights, spec.patches)),
            margins: [Vec::new(), Vec::new(), exact.map_or_else(Vec::new, |weights| sorted(points.margins(&weights)))],
        };
        let start = Random::new(spec.seed, 1).on_sphere(spec.dimension, 1.0);
        Self { spec: *spec, descents: Descents::new(points, start, RULE), record }
    }
}

impl Work<Record> for Training {
    fn advance(&mut self) -> bool {
        let (record, patches) = (&mut self.record, self.spec.patches);
        let finished = self.descents.advance(self.spec.steps as usize, |step, descents| {
            record.steps.push(step as f64);
            record.normalized.push(measure(descents.points(), &descents.normalized, patches));
            record.plain.push(measure(descents.points(), &descents.plain, patches));
        });
        let points = self.descents.points();
        record.margins[0] = sorted(points.margins(&self.descents.normalized));
        record.margins[1] = sorted(points.margins(&self.descents.plain));
        finished
    }

    fn record(&self) -> Record {
        self.record.clone()
    }
}

/// The tasks that are not of the chosen number of patches.
fn others(settings: &Settings) -> impl Iterator<Item = usize> {
    let chosen = PATCHES[settings.choice("patches")];
    PATCHES.into_iter().filter(move |&patches| patches != chosen)
}

impl Lab for BatchNormPatches {
    type Spec = Spec;
    type Record = Record;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let spec = |seed, patches| Spec {
            patches,
            samples: settings.count("samples"),
            dimension: settings.count("dimension"),
            steps: settings.count("steps") as u32,
            seed,
        };
        let chosen = PATCHES[settings.choice("patches")];
        let mut tasks: Vec<Spec> = settings.seed_list().map(|seed| spec(seed, chosen)).collect();
        let probe = (0..tasks.len()).collect();
        for patches in others(settings) {
            tasks.extend(settings.seed_list().map(|seed| spec(seed, patches)));
        }
        Plan { tasks, probe }
    }

    fn cost(&self, spec: &Spec) -> f64 {
        f64::from(spec.steps) * Descents::cost_of_step(spec.samples, spec.dimension)
    }

    fn begin<'a>(&self, spec: &Spec, _data: &'a Data) -> Box<dyn Work<Record> + 'a> {
        Box::new(Training::new(spec))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let seeds = settings.seeds();
        let chosen = PATCHES[settings.choice("patches")];
        let order: Vec<usize> = [chosen].into_iter().chain(others(settings)).collect();
        let columns: Vec<Vec<&Record>> = PATCHES
            .iter()
            .map(|patches| {
                let place = order.iter().position(|other| other == patches).unwrap_or(0);
                records.iter().skip(place * seeds).take(seeds).filter_map(Entry::done).collect()
            })
            .collect();
        let done = &columns[settings.choice("patches")];
        let first = records.first().and_then(Entry::latest).filter(|record| !record.steps.is_empty());
        let outputs = outputs(done);
        let description = describe(settings, &columns, &outputs);
        let shown = Shown { settings, columns: &columns, done, first };
        let panels = vec![shown.patches_panel(), shown.error_panel(), shown.discrepancy_panel(), shown.margins_panel()];
        Report { figure: Figure { panels }, outputs, description }
    }
}

/// One of the three classifiers.
#[derive(Clone, Copy)]
enum Classifier {
    Normalized,
    Plain,
    MaxMargin,
}

impl Classifier {
    const ALL: [Self; 3] = [Self::MaxMargin, Self::Plain, Self::Normalized];

    const fn label(self) -> Text {
        match self {
            Self::Normalized => normalized_label(),
            Self::Plain => plain_label(),
            Self::MaxMargin => max_margin_label(),
        }
    }

    const fn role(self) -> Role {
        match self {
            Self::Normalized => NORMALIZED,
            Self::Plain => PLAIN,
            Self::MaxMargin => Role::Neutral,
        }
    }

    const fn stroke(self) -> Stroke {
        match self {
            Self::Normalized | Self::Plain => Stroke::Solid,
            Self::MaxMargin => Stroke::Dotted,
        }
    }

    /// Its moments over time; the exact separator has one.
    fn moments(self, record: &Record) -> &[Moment] {
        match self {
            Self::Normalized => &record.normalized,
            Self::Plain => &record.plain,
            Self::MaxMargin => std::slice::from_ref(&record.max_margin),
        }
    }

    /// Where training has led it.
    fn end(self, record: &Record) -> Moment {
        self.moments(record).last().copied().unwrap_or(record.max_margin)
    }

    fn margins(self, record: &Record) -> &[f64] {
        match self {
            Self::Normalized => &record.margins[0],
            Self::Plain => &record.margins[1],
            Self::MaxMargin => &record.margins[2],
        }
    }
}

fn outputs(done: &[&Record]) -> Vec<OutputValue> {
    let values = |classifier: Classifier, read: fn(Moment) -> f64| -> Vec<f64> {
        done.iter().map(|record| read(classifier.end(record))).collect()
    };
    let error = |name, classifier| OutputValue::mean(name, &values(classifier, |moment| moment.error));
    let spread =
        |name, classifier| OutputValue::mean(name, &values(classifier, |moment| log10_discrepancy(moment.discrepancy)));
    vec![
        error("bn_error", Classifier::Normalized),
        error("gd_error", Classifier::Plain),
        error("max_margin_error", Classifier::MaxMargin),
        spread("bn_log10_margin_discrepancy", Classifier::Normalized),
        spread("gd_log10_margin_discrepancy", Classifier::Plain),
        spread("max_margin_log10_margin_discrepancy", Classifier::MaxMargin),
    ]
}

fn mean_error(records: &[&Record], classifier: Classifier) -> f64 {
    statistics::mean(&records.iter().map(|record| classifier.end(record).error).collect::<Vec<_>>())
}

/// On how many seeds batch normalization errs less than the maximum margin.
fn wins(records: &[&Record]) -> usize {
    let errs_less = |record: &&&Record| Classifier::Normalized.end(record).error < record.max_margin.error;
    records.iter().filter(errs_less).count()
}

/// Values that an axis has a place for, those that are too small on its lower end.
fn lifted(values: &[f64], least: f64) -> Vec<f64> {
    values.iter().map(|&value| if value < least { least } else { value }).collect()
}

fn error_axis(least: f64) -> Axis {
    Axis::new(Text::new("test error", "测试误差"), AxisScale::Log, [least, 1.0])
}

/// What the figure shows.
struct Shown<'a> {
    settings: &'a Settings,
    /// Finished records by [`PATCHES`].
    columns: &'a [Vec<&'a Record>],
    /// Those of the chosen number.
    done: &'a [&'a Record],
    /// The first seed, finished or not.
    first: Option<&'a Record>,
}

impl Shown<'_> {
    /// A title about the chosen number of patches.
    fn title(&self, en: &str, zh: &str) -> Text {
        let patches = PATCHES[self.settings.choice("patches")];
        Text::owned(format!("{en}, P = {patches}"), format!("{zh}（P = {patches}）"))
    }

    /// All three numbers of patches side by side.
    fn patches_panel(&self) -> Panel {
        let mut marks = Vec::new();
        let x = PATCHES.map(|patches| patches as f64);
        for (classifier, names) in Classifier::ALL.into_iter().zip([
            ["max_margin_error_by_patches", "max_margin_error_points"],
            ["gd_error_by_patches", "gd_error_points"],
            ["bn_error_by_patches", "bn_error_points"],
        ]) {
            let y = self.columns.iter().map(|records| mean_error(records, classifier)).collect::<Vec<_>>();
            let y = lifted(&y, LEAST_ERROR);
            let (name, label, role) = (Cow::Borrowed(names[1]), Text::same(""), classifier.role());
            marks.push(Mark::Points { name, label, role, x: x.to_vec(), y: y.clone() });
            marks.push(Mark::line(names[0], classifier.label(), role, classifier.stroke(), &x, y));
        }
        let x = Axis::new(Text::new("patches per sample P", "每个样本的块数 P"), AxisScale::Linear, [1.0, 9.0]);
        let title = Text::new("Who wins: mean test error after training", "谁赢：训练结束时的平均测试误差");
        Panel::chart(title, x, error_axis(LEAST_ERROR), marks)
    }

    /// A quantity over time: the first seed while there is no more, then means over seeds with their spread.
    fn course(&self, names: [&'static str; 3], read: fn(Moment) -> f64, least: f64) -> Vec<Mark> {
        let live: Vec<&Record> =
            if self.done.is_empty() { self.first.into_iter().collect() } else { self.done.to_vec() };
        let Some(first) = live.first() else { return Vec::new() };
        let ends = [0.0, self.settings.real("steps")];
        let mut marks = Vec::new();
        for (classifier, name) in Classifier::ALL.into_iter().zip(names) {
            let (label, role) = (classifier.label(), classifier.role());
            let over = |statistic: fn(&[f64]) -> f64| -> Vec<f64> {
                let count = classifier.moments(first).len();
                let values = |at: usize| -> Vec<f64> {
                    live.iter().filter_map(|record| classifier.moments(record).get(at).copied().map(read)).collect()
                };
                lifted(&(0..count).map(|at| statistic(&values(at))).collect::<Vec<_>>(), least)
            };
            if matches!(classifier, Classifier::MaxMargin) {
                marks.push(level(name, label, ends, over(statistics::mean)[0]));
                continue;
            }
            if live.len() > 1 {
                let label = declarations::SPREAD;
                marks.push(Mark::spread(
                    name,
                    label,
                    role,
                    &first.steps,
                    over(statistics::low),
                    over(statistics::high),
                ));
            }
            marks.push(Mark::line(name, label, role, Stroke::Solid, &first.steps, over(statistics::mean)));
        }
        marks
    }

    fn error_panel(&self) -> Panel {
        let least = LEAST_ERRORS[self.settings.choice("patches")];
        let marks = self.course(["max_margin_error", "gd_error", "bn_error"], |moment| moment.error, least);
        let title = self.title("Test error over time", "测试误差随时间的变化");
        Panel::chart(title, step_axis(self.settings.real("steps")), error_axis(least), marks)
    }

    fn discrepancy_panel(&self) -> Panel {
        let names = ["max_margin_discrepancy", "gd_discrepancy", "bn_discrepancy"];
        let marks = self.course(names, |moment| moment.discrepancy, LEAST_DISCREPANCY);
        let title = self.title("Margin discrepancy over time", "间隔离散度随时间的变化");
        Panel::chart(title, step_axis(self.settings.real("steps")), discrepancy_axis(LEAST_DISCREPANCY), marks)
    }

    /// The margins of all patches of the first seed, in order of size.
    fn margins_panel(&self) -> Panel {
        let count = self.settings.count("samples") * PATCHES[self.settings.choice("patches")];
        let ranks: Vec<f64> = (1..=count).map(|rank| rank as f64).collect();
        let ends = [0.0, count as f64 + 1.0];
        let mut marks = vec![equal_margins(ends)];
        let names = ["max_margin_patch_margins", "gd_patch_margins", "bn_patch_margins"];
        for (classifier, name) in Classifier::ALL.into_iter().zip(names) {
            let Some(record) = self.first else { break };
            let (label, role, y) = (classifier.label(), classifier.role(), classifier.margins(record));
            marks.push(Mark::line(name, label, role, classifier.stroke(), &ranks[..y.len()], y.to_vec()));
        }
        let x = Axis::new(Text::new("patch, by its margin", "块，按间隔排序"), AxisScale::Linear, ends);
        let label = Text::new("margin over its root mean square", "间隔与其均方根之比");
        let title = self.title("Margins of all patches, first seed", "所有块的间隔，第一个种子");
        Panel::chart(title, x, Axis::new(label, AxisScale::Linear, [-1.5, 3.0]), marks)
    }
}

/// Who errs least, for every number of patches.
fn describe(settings: &Settings, columns: &[Vec<&Record>], outputs: &[OutputValue]) -> Text {
    let Some(chosen) = columns.get(settings.choice("patches")).filter(|records| !records.is_empty()) else {
        return declarations::NOTHING_YET;
    };
    let (n, d, steps) = (settings.count("samples"), settings.count("dimension"), settings.count("steps"));
    let seeds = chosen.len();
    let mut sentences = vec![Text::owned(
        format!("{n} samples in {d} dimensions, {steps} steps, {seeds} seeds."),
        format!("{n} 个样本，{d} 维，{steps} 步，{seeds} 个种子。"),
    )];
    for (patches, records) in PATCHES.iter().zip(columns) {
        if records.is_empty() {
            continue;
        }
        let [bn, gd, exact] = [Classifier::Normalized, Classifier::Plain, Classifier::MaxMargin]
            .map(|classifier| mean_error(records, classifier));
        // Means over few seeds hang on the worst of them; how many seeds either wins does not.
        let (wins, seeds) = (wins(records), records.len());
        let (end, end_zh) = if 4 * wins >= 3 * seeds {
            ("batch normalization beats the maximum margin", "批归一化胜过最大间隔")
        } else if 4 * wins <= seeds {
            ("batch normalization loses to the maximum margin", "批归一化输给最大间隔")
        } else {
            ("neither clearly beats the other", "两者难分胜负")
        };
        let [bn, gd, exact] = [bn, gd, exact].map(short);
        sentences.push(Text::owned(
            format!(
                "With {patches} patches a sample the test error is {bn} with batch normalization, {gd} without, {exact} for the maximum margin: {end}, with less error on {wins} of {seeds} seeds."
            ),
            format!(
                "每个样本 {patches} 块时，测试误差在有批归一化时为 {bn}，没有时为 {gd}，最大间隔为 {exact}：{end_zh}，在 {seeds} 个种子中的 {wins} 个上误差更小。"
            ),
        ));
    }
    let spread = |name| {
        let value = outputs.iter().find(|output| output.name == name).map_or(f64::NAN, |output| output.value);
        short(libm::exp10(value))
    };
    let (patches, bn) = (PATCHES[settings.choice("patches")], spread("bn_log10_margin_discrepancy"));
    let exact = spread("max_margin_log10_margin_discrepancy");
    sentences.push(Text::owned(
        format!(
            "With {patches} patches batch normalization has brought the margin discrepancy down to {bn}; that of the maximum margin is {exact}."
        ),
        format!("{patches} 块时，批归一化把间隔离散度降到了 {bn}；最大间隔的离散度为 {exact}。"),
    ));
    Text::paragraph(&sentences)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete};
    use kernels::double::dot;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
    }

    #[test]
    fn the_error_is_the_share_of_new_samples_on_the_wrong_side() {
        let weights = [0.6, 0.5, -0.9, 0.3, 0.2];
        let mut random = Random::new(8, 0);
        let (patches, count) = (3, 200_000);
        let mut noise = [0.0; 4];
        let wrong = (0..count).filter(|_| {
            let score = |noise: &mut [f64; 4], random: &mut Random| {
                random.fill_normal(noise);
                weights[0] + dot(&weights[1..], noise)
            };
            (0..patches).map(|_| score(&mut noise, &mut random)).sum::<f64>() < 0.0
        });
        let share = wrong.count() as f64 / f64::from(count);
        let exact = error(&weights, patches);
        assert!((share - exact).abs() < 4.0 * (exact / f64::from(count)).sqrt(), "{share} {exact}");
    }

    #[test]
    fn the_signal_alone_gives_every_patch_one_margin() {
        let points = Spec { patches: 4, samples: 20, dimension: 40, steps: 10, seed: 3 }.draw();
        let mut signal = vec![0.0; 40];
        signal[0] = 2.0;
        assert_eq!(points.discrepancy(&signal), 0.0);
        assert_eq!(error(&signal, 4), 0.0);
    }

    #[test]
    fn batch_normalization_wins_with_two_and_four_patches_and_loses_with_eight() {
        for (patches, least, most) in [(2, 16, 20), (4, 15, 20), (8, 0, 0)] {
            let records: Vec<Record> = (0..20)
                .map(|seed| {
                    let mut training =
                        Training::new(&Spec { patches, samples: 20, dimension: 40, steps: 10_000, seed });
                    while !training.advance() {}
                    training.record()
                })
                .collect();
            let wins = wins(&records.iter().collect::<Vec<_>>());
            assert!((least..=most).contains(&wins), "{wins} of 20 with {patches} patches");
        }
    }

    #[test]
    fn a_run_says_in_both_languages_where_batch_normalization_loses() {
        let report = complete(&LAB, settings(&[("seeds", "20")]), &Data::none()).report;
        let description = report.description;
        let en = &description.en;
        assert!(en.contains("beats the maximum margin") && en.contains("loses to the maximum margin"), "{en}");
        assert!(description.zh.contains("胜过最大间隔") && description.zh.contains("输给最大间隔"));
        let names: Vec<String> = report.figure.series().into_iter().map(|series| series.name).collect();
        for name in ["bn_error_by_patches", "bn_error", "bn_error_low", "max_margin_error", "gd_patch_margins"] {
            assert!(names.iter().any(|other| other == name), "{name} of {names:?}");
        }
    }
}
