//! Slices of the loss around the minima that two batch sizes find.
//!
//! The network and the digits are those of [`super::batch_size`]. It is trained twice from the same weights for the same
//! number of steps, with small batches and with all examples. Around where each training ends, the loss on all examples
//! is computed along random directions `d` that are scaled, filter by filter, to the network's own weights (Li, Xu,
//! Taylor, Studer and Goldstein 2018), so that distance 1 means as much in both networks. Near the end the slice is
//! `L(w + αd) ≈ L(w) + α²·dᵀHd/2`, with the exact Hessian, where the slope has become small.

mod task;

use super::batch_size::training::{LEARNING_RATE, SAMPLES};
use crate::{declarations, numerals::percent, prelude::*};
use task::{DIRECTIONS, Record, Spec, Study, distance};

/// The lab.
pub static LAB: LossSlice = LossSlice;

/// See the module's description.
pub struct LossSlice;

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("loss-slice"),
    title: Text::new("Slices of the loss", "损失切片"),
    about: Text::new(
        "The loss around the minima that small batches and full batches find, on slices that rescaling cannot deceive.",
        "小批量与全批量各自找到的极小值周围的损失，切片按滤波器归一化，重标度骗不了它。",
    ),
    parameters: Cow::Borrowed(&PARAMETERS),
    outputs: Cow::Borrowed(&OUTPUTS),
};

const PARAMETERS: [Parameter; 5] = [
    Parameter::integer(
        "batch_size",
        "B",
        Text::new("Batch size", "批量大小"),
        Text::new(
            "Of the first network; the other is trained on all 300 examples at once. The smaller, the wider its valley.",
            "第一个网络的批量大小；另一个网络每步用全部 300 个样本。批量越小，谷越宽。",
        ),
        [4, 300, 1],
        16,
    )
    .scaled(Scale::Logarithmic),
    declarations::label_noise("", Text::new(
            "The probability that a training label is redrawn from all ten classes.",
            "训练标签从全部十类中重新抽取的概率。",
        ),
        [0.0, 0.4, 0.01]),
    declarations::steps(Text::new(
            "Steps of both trainings. The same number for both, so that small batches see fewer examples.",
            "两次训练的步数。两者步数相同，因此小批量看过的样本较少。",
        ),
        [500, 6000, 100],
        4000,
    ),
    Parameter::integer(
        "resolution",
        "",
        Text::new("Resolution", "分辨率"),
        Text::new(
            "Points along each direction; a map has its square.",
            "每个方向上的点数；平面图有它的平方个点。",
        ),
        [11, 81, 2],
        41,
    ),
    Parameter::seeds(2, 20),
];

const OUTPUTS: [Output; 10] = [
    Output::new(
        "sharpness_ratio",
        Text::new("Sharpness, full batch over small", "锐度之比（全批量比小批量）"),
        Text::new(
            "The largest eigenvalue of the Hessian where full batches end, over that where small ones end.",
            "全批量终点处海森矩阵的最大特征值，除以小批量终点处的最大特征值。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "slice_curvature_ratio",
        Text::new("Curvature of the slices, full batch over small", "切片曲率之比（全批量比小批量）"),
        Text::new(
            "The ratio of dᵀHd, each the mean over five filter-normalized directions.",
            "dᵀHd 之比，各取五个滤波器归一化方向的平均。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "lambda_max",
        Text::new("Sharpness, small batch", "锐度（小批量）"),
        Text::new("The largest eigenvalue of the Hessian, small batches.", "训练损失的海森矩阵的最大特征值。"),
        Aggregate::Mean,
    ),
    Output::new(
        "full_batch_lambda_max",
        Text::new("Sharpness, full batch", "锐度（全批量）"),
        Text::new("The same for full batches; 2/η is 10.", "全批量的同一特征值；2/η 为 10。"),
        Aggregate::Mean,
    ),
    Output::new(
        "slice_curvature",
        Text::new("Curvature of the slices, small batch", "切片曲率（小批量）"),
        Text::new("The mean of dᵀHd over five directions.", "五个方向上 dᵀHd 的平均。"),
        Aggregate::Mean,
    ),
    Output::new(
        "full_batch_slice_curvature",
        Text::new("Curvature of the slices, full batch", "切片曲率（全批量）"),
        Text::new("The same for full batches.", "全批量的同一数值。"),
        Aggregate::Mean,
    ),
    Output::new(
        "train_loss",
        Text::new("Training loss, small batch", "训练损失（小批量）"),
        Text::new("On all training examples, at the end.", "训练结束时在全部训练样本上的损失。"),
        Aggregate::Mean,
    ),
    Output::new(
        "full_batch_train_loss",
        Text::new("Training loss, full batch", "训练损失（全批量）"),
        Text::new("The same for full batches.", "全批量的同一数值。"),
        Aggregate::Mean,
    ),
    Output::new(
        "test_accuracy",
        Text::new("Test accuracy, small batch", "测试准确率（小批量）"),
        Text::new("On 1497 digits with true labels.", "在 1497 个标签正确的数字上。"),
        Aggregate::Mean,
    ),
    Output::new(
        "full_batch_test_accuracy",
        Text::new("Test accuracy, full batch", "测试准确率（全批量）"),
        Text::new("The same for full batches.", "全批量的同一数值。"),
        Aggregate::Mean,
    ),
];

/// The ends of the losses' axis and of the maps' colors.
const LOSS_RANGE: [f64; 2] = [0.01, 20.0];

impl Lab for LossSlice {
    type Spec = Spec;
    type Record = Record;

    const SCHEMA: &'static Schema = &SCHEMA;
    const DATA: &'static [DataSet] = &[DataSet::Digits8x8];

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let tasks: Vec<Spec> = settings
            .seed_list()
            .enumerate()
            .flat_map(|(index, seed)| {
                [settings.count("batch_size"), SAMPLES].map(|batch_size| Spec {
                    seed,
                    batch_size,
                    label_noise: settings.real("label_noise"),
                    steps: settings.count("steps"),
                    resolution: settings.count("resolution"),
                    is_mapped: index == 0,
                })
            })
            .collect();
        Plan { probe: (0..tasks.len()).collect(), tasks }
    }

    fn cost(&self, spec: &Spec) -> f64 {
        spec.cost()
    }

    fn begin<'a>(&self, spec: &Spec, data: &'a Data) -> Box<dyn Work<Record> + 'a> {
        Box::new(Study::new(*spec, data.digits_8x8()))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let found = [0, 1].map(|side| {
            let of_side = || records.iter().skip(side).step_by(2);
            Found { first: of_side().next().and_then(Entry::latest), done: of_side().map(Entry::done).collect() }
        });
        let outputs = outputs(&found);
        let description = describe(settings, &outputs);
        let panels = vec![
            line_panel(settings, &found),
            sharpness_panel(settings, &found),
            map_panel(settings, &found, 0),
            map_panel(settings, &found, 1),
        ];
        Report { figure: Figure { panels }, outputs, description }
    }
}

/// A quantity of a record.
type Reading = fn(&Record) -> f64;

/// The records of one batch size.
struct Found<'a> {
    /// The first seed, perhaps still under way.
    first: Option<&'a Record>,
    /// Every seed, if it is finished.
    done: Vec<Option<&'a Record>>,
}

impl Found<'_> {
    fn values(&self, read: Reading) -> Vec<f64> {
        self.done.iter().flatten().map(|record| read(record)).collect()
    }
}

fn outputs(found: &[Found; 2]) -> Vec<OutputValue> {
    let [small, full] = found;
    let ratio = |name, read: Reading| {
        let pairs = small.done.iter().zip(&full.done);
        let ratios: Vec<f64> = pairs.filter_map(|(small, full)| Some(read((*full)?) / read((*small)?))).collect();
        OutputValue::mean(name, &ratios)
    };
    let both = |names: [&str; 2], read: Reading| {
        [(names[0], small), (names[1], full)].map(|(name, found)| OutputValue::mean(name, &found.values(read)))
    };
    let lambda_max: Reading = |record| record.last(|moment| moment.lambda_max);
    let curvature: Reading = |record| record.curvature;
    let mut outputs = vec![ratio("sharpness_ratio", lambda_max), ratio("slice_curvature_ratio", curvature)];
    outputs.extend(both(["lambda_max", "full_batch_lambda_max"], lambda_max));
    outputs.extend(both(["slice_curvature", "full_batch_slice_curvature"], curvature));
    outputs.extend(both(["train_loss", "full_batch_train_loss"], |record| record.last(|moment| moment.train_loss)));
    outputs.extend(both(["test_accuracy", "full_batch_test_accuracy"], |record| {
        record.last(|moment| moment.test_accuracy)
    }));
    outputs
}

/// The names of the two networks, their colors and the names of their series.
fn sides(settings: &Settings) -> [(Text, Role, [&'static str; 4]); 2] {
    let size = settings.count("batch_size");
    let small = Text::owned(format!("batch size {size}"), format!("批量大小 {size}"));
    let full = Text::new("full batch", "全批量");
    [
        (small, Role::Regularized, ["slice", "theory_slice", "sharpness", "plane"]),
        (
            full,
            Role::Noise,
            ["full_batch_slice", "theory_full_batch_slice", "full_batch_sharpness", "full_batch_plane"],
        ),
    ]
}

fn distances(settings: &Settings) -> Vec<f64> {
    let resolution = settings.count("resolution");
    (0..resolution).map(|index| distance(index, resolution)).collect()
}

fn loss_axis() -> Axis {
    Axis::new(Text::new("training loss", "训练损失"), AxisScale::Log, LOSS_RANGE)
}

fn line_panel(settings: &Settings, found: &[Found; 2]) -> Panel {
    let x = distances(settings);
    let mut marks = Vec::new();
    for ((label, role, [name, theory, ..]), found) in sides(settings).into_iter().zip(found) {
        let lines: Vec<&Vec<f64>> = found.done.iter().flatten().map(|record| &record.line).collect();
        if lines.is_empty() {
            // The first seed is seen while it is under way.
            let Some(record) = found.first.filter(|record| !record.line.is_empty()) else { continue };
            let y = record.line.clone();
            marks.push(Mark::line(name, label, role, Stroke::Solid, &x[..y.len()], y));
            continue;
        }
        let over = |statistic: fn(&[f64]) -> f64| -> Vec<f64> {
            (0..x.len()).map(|index| statistic(&lines.iter().map(|line| line[index]).collect::<Vec<_>>())).collect()
        };
        if settings.seeds() > 1 {
            let spread = declarations::SPREAD;
            marks.push(Mark::spread(name, spread, role, &x, over(statistics::low), over(statistics::high)));
        }
        let theory_label = Text::owned(
            format!("parabola of the exact Hessian, {}", label.en),
            format!("精确海森矩阵给出的抛物线（{}）", label.zh),
        );
        marks.push(Mark::line(name, label, role, Stroke::Solid, &x, over(statistics::mean)));
        let base = statistics::mean(&found.values(|record| record.last(|moment| moment.train_loss)));
        let curvature = statistics::mean(&found.values(|record| record.curvature));
        let parabola = x.iter().map(|distance| base + 0.5 * curvature * distance * distance).collect();
        marks.push(Mark::line(theory, theory_label, Role::Theory, Stroke::Dashed, &x, parabola));
    }
    let x = Axis::new(Text::new("distance α", "距离 α"), AxisScale::Linear, [-1.0, 1.0]);
    let title =
        Text::owned(format!("Mean over {DIRECTIONS} random directions"), format!("{DIRECTIONS} 个随机方向的平均"));
    Panel::chart(title, x, loss_axis(), marks)
}

fn sharpness_panel(settings: &Settings, found: &[Found; 2]) -> Panel {
    let ends = [0.0, settings.real("steps")];
    let label = Text::new("2/η, where descent is just stable", "2/η，下降恰好稳定");
    let mut marks =
        vec![Mark::line("theory_edge", label, Role::Theory, Stroke::Dashed, &ends, vec![2.0 / LEARNING_RATE; 2])];
    for ((label, role, [_, _, name, _]), found) in sides(settings).into_iter().zip(found) {
        let Some(record) = found.first else { continue };
        let steps: Vec<f64> = record.course.moments.iter().map(|moment| moment.step as f64).collect();
        let lambda_max = record.course.moments.iter().map(|moment| moment.lambda_max).collect();
        marks.push(Mark::line(name, label, role, Stroke::Solid, &steps, lambda_max));
    }
    let x = Axis::new(Text::new("steps t", "步数 t"), AxisScale::LogFromZero, ends);
    let y = Axis::new(Text::same("λₘₐₓ"), AxisScale::Linear, [0.0, 15.0]);
    Panel::chart(Text::new("Sharpness, first seed", "锐度（第一个种子）"), x, y, marks)
}

fn map_panel(settings: &Settings, found: &[Found; 2], side: usize) -> Panel {
    let x = distances(settings);
    let cells = x.len() * x.len();
    let mut values: Vec<f64> = found[side].first.map_or_else(Vec::new, |record| record.map.clone());
    for loss in &mut values {
        *loss = libm::log10(*loss);
    }
    values.resize(cells, f64::NAN);
    let (label, _, [.., name]) = sides(settings)[side].clone();
    let half = 1.0 / (x.len() - 1) as f64;
    let range = [-1.0 - half, 1.0 + half];
    let map = Mark::HeatMap {
        name: Cow::Borrowed(name),
        label: Text::new("log₁₀ of the training loss", "训练损失的 log₁₀"),
        y: x.clone(),
        x,
        values,
        range: LOSS_RANGE.map(libm::log10),
        opens: None,
    };
    // Both directions have the length of the weights, so that the plane has angles.
    let axis = |en, zh| Axis::new(Text::new(en, zh), AxisScale::Equal, range);
    Panel::chart(label, axis("first direction", "第一个方向"), axis("second direction", "第二个方向"), vec![map])
}

/// Both minima in words.
fn describe(settings: &Settings, outputs: &[OutputValue]) -> Text {
    let known = |name: &str| outputs.iter().find(|output| output.name == name).map_or(f64::NAN, |output| output.value);
    if known("sharpness_ratio").is_nan() {
        return declarations::NOTHING_YET;
    }
    let value = |name| OutputValue::written(outputs, name);
    let (size, steps) = (settings.count("batch_size"), settings.count("steps"));
    let (ratio, small, full) = (value("sharpness_ratio"), value("lambda_max"), value("full_batch_lambda_max"));
    let (slices, loss, full_loss) =
        (value("slice_curvature_ratio"), value("train_loss"), value("full_batch_train_loss"));
    let [accuracy, full_accuracy] = ["test_accuracy", "full_batch_test_accuracy"].map(|name| percent(known(name), 1));
    Text::owned(
        format!(
            "After {steps} steps the largest eigenvalue of the Hessian is {small} with batch size {size} and {full} with full batches, {ratio} times as much. Along filter-normalized random directions full batches have {slices} times the curvature. The training loss is {loss} with small batches and {full_loss} with full ones, the test accuracy {accuracy} and {full_accuracy}."
        ),
        format!(
            "训练 {steps} 步之后，批量大小为 {size} 时海森矩阵的最大特征值为 {small}，全批量时为 {full}，是前者的 {ratio} 倍。沿滤波器归一化的随机方向，全批量的曲率是小批量的 {slices} 倍。小批量的训练损失为 {loss}，全批量为 {full_loss}；测试准确率分别为 {accuracy} 与 {full_accuracy}。"
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        run::{Memory, Run, Scope},
        testing::{self, complete, probe, value},
    };

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
    }

    fn series(report: &Report, name: &str) -> Vec<f64> {
        testing::series(report, name).y
    }

    #[test]
    fn full_batches_end_sharper_with_a_lower_training_loss() {
        let report = probe(&LAB, settings(&[("seeds", "2"), ("resolution", "11")]), &Data::bundled());
        assert!(value(&report, "sharpness_ratio") > 1.2 && value(&report, "slice_curvature_ratio") > 1.5);
        // Full batches end where descent is just stable.
        let edge = 2.0 / LEARNING_RATE;
        assert!((value(&report, "full_batch_lambda_max") / edge - 1.0).abs() < 0.1);
        assert!(value(&report, "full_batch_train_loss") < 0.7 * value(&report, "train_loss"));
    }

    #[test]
    fn slices_have_the_training_loss_in_the_middle_and_the_curvature_of_the_hessian_around_it() {
        let pairs = [("seeds", "1"), ("steps", "500"), ("resolution", "81")];
        let report = complete(&LAB, settings(&pairs), &Data::bundled()).report;
        for (slice, theory, plane, loss) in [
            ("slice", "theory_slice", "plane", "train_loss"),
            ("full_batch_slice", "theory_full_batch_slice", "full_batch_plane", "full_batch_train_loss"),
        ] {
            let (slice, theory, plane) = (series(&report, slice), series(&report, theory), series(&report, plane));
            let base = value(&report, loss);
            assert!((slice[40] / base - 1.0).abs() < 1e-6 && (plane[40 * 81 + 40] - libm::log10(base)).abs() < 1e-6);
            // The slope, which is not yet zero, does not count in the sum of both sides.
            let rise = |values: &[f64]| values[35] + values[45] - 2.0 * values[40];
            assert!((rise(&slice) / rise(&theory) - 1.0).abs() < 0.05, "{} {}", rise(&slice), rise(&theory));
        }
    }

    #[test]
    fn a_map_fills_in_while_it_is_computed() {
        let data = Data::bundled();
        let pairs = [("seeds", "1"), ("steps", "500"), ("resolution", "61"), ("batch_size", "4")];
        let mut run = Run::new(&LAB, settings(&pairs), Scope::Full, &data, &Memory::new());
        let mut known = Vec::new();
        while !run.advance() {
            known.push(series(&run.report(), "plane").iter().filter(|loss| loss.is_finite()).count());
        }
        assert!(known.is_sorted() && known[0] == 0 && known.last() == Some(&(61 * 61)));
        known.dedup();
        assert!(known.len() > 50, "{}", known.len());
    }
}
