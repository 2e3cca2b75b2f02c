//! The phase diagram of benign overfitting: final losses over training-set size and signal-to-noise ratio.
//!
//! Each cell is a training of [`super::signal_noise_cnn`], its course left out; what is no parameter here is as there by
//! default. The paper's heuristic (see [`crate::patch_cnn`]) puts the line between benign and harmful at `n·SNR^q = 2`; the
//! lab fits the constant at which half of the networks are benign.

mod boundary;

use crate::{
    declarations,
    figure::Opens,
    numerals::{percent, plain, short},
    patch_cnn::{BENIGN_TEST_LOSS, Moment, Record, Spec, Training},
    prelude::*,
};
use boundary::Trial;

/// The lab.
pub static LAB: BenignPhase = BenignPhase;

/// See the module's description.
pub struct BenignPhase;

/// The powers `q` by the index of their choice.
const POWERS: [u32; 2] = [3, 4];
const POWER_CHOICES: &[Choice] = &[Choice::new("3", Text::same("3")), Choice::new("4", Text::same("4"))];

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("benign-phase"),
    title: Text::new("The phase diagram of benign overfitting", "良性过拟合的相图"),
    about: Text::new(
        "Many small networks, each trained until it fits: a sharp line in sample size and signal-to-noise ratio divides those that generalize from those that do not.",
        "许多小网络，个个都训练到拟合为止：在样本数与信噪比的平面上，一条锐利的线把会泛化的与不会泛化的分开。",
    ),
    parameters: Cow::Borrowed(&[
        Parameter::choice(
            "activation_power",
            Text::new("Activation power q", "激活函数的幂次 q"),
            Text::new(
                "The activation is max(z, 0)^q. It sets the slope of the line, −1/q.",
                "激活函数为 max(z, 0)^q。它决定分界线的斜率 −1/q。",
            ),
            POWER_CHOICES,
            0,
        ),
        declarations::filters(Text::new(
                "The heuristic's line does not depend on them. With few, more is left to the luck of the first weights.",
                "启发式论证得出的分界线与它无关。滤波器少时，更多的事要看初始权重的运气。",
            ), [2, 20, 1], 10)
        .scaled(Scale::Logarithmic),
        Parameter::real(
            "init_factor",
            "",
            Text::new("First weights, times", "初始权重的倍数"),
            Text::new(
                "Multiplies the initialization scale, which is 0.01 for q = 3 and 0.05 for q = 4. The theory is about small first weights.",
                "初始化尺度乘以此数；原为 0.01（q = 3）或 0.05（q = 4）。理论讲的是很小的初始权重。",
            ),
            [0.5, 4.0, 0.5],
            1.0,
        ),
        Parameter::integer(
            "grid",
            "",
            Text::new("Cells a side", "每边格数"),
            Text::new(
                "How fine the map is. Twelve cells a side take three times as long as seven.",
                "相图的精细程度。每边十二格所需的时间是七格的三倍。",
            ),
            [4, 12, 1],
            7,
        ),
        Parameter::integer(
            "seeds",
            "",
            Text::new("Seeds", "随机种子数"),
            Text::new(
                "Networks in each cell. Near the line one seed is benign and the next is not.",
                "每格训练的网络个数。在分界线附近，一个种子良性，下一个就未必。",
            ),
            [1, 12, 1],
            3,
        ),
    ]),
    outputs: Cow::Borrowed(&[
        Output::new(
            "boundary_constant",
            Text::new("Constant of the line", "分界的常数"),
            Text::new(
                "The product of n and the power q of SNR where half of the networks are benign, by logistic regression on its logarithm. The heuristic says 2.",
                "半数网络为良性之处，n 与 SNR 的 q 次方之积，由对其对数作逻辑回归得到。启发式论证给出 2。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "boundary_width",
            Text::new("Width of the line", "分界的宽度"),
            Text::new(
                "The factor in that product from a tenth of the networks being benign to nine tenths.",
                "良性比例从 10% 升到 90%，这个乘积所需乘上的倍数。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "benign_fraction",
            Text::new("Benign share", "良性比例"),
            Text::new("The share of all networks that end benign.", "所有网络中最终为良性的比例。"),
            Aggregate::Exact,
        ),
        Output::new(
            "greatest_train_loss",
            Text::new("Greatest training loss", "最大训练损失"),
            Text::new(
                "The greatest median training loss of a cell: how far every cell fits its training set.",
                "各格训练损失中位数的最大值：每一格的训练集都被拟合到什么程度。",
            ),
            Aggregate::Exact,
        ),
    ]),
};

/// The ends of the axes.
const SAMPLE_RANGE: [f64; 2] = [10.0, 40.0];
const SNR_RANGE: [f64; 2] = [0.25, 1.0];
/// The losses at the ends of the color scale: none and a coin's.
const LOSS_RANGE: [f64; 2] = [0.0, 0.7];

/// The cells' centers and what every cell has in common.
struct Grid {
    power: u32,
    filters: usize,
    init_scale: f64,
    samples: Vec<usize>,
    snr: Vec<f64>,
    seeds: Vec<u64>,
}

impl Grid {
    fn new(settings: &Settings) -> Self {
        let side = settings.count("grid");
        let even =
            |[low, high]: [f64; 2]| (0..side).map(move |k| low * libm::pow(high / low, k as f64 / (side - 1) as f64));
        let power = POWERS[settings.choice("activation_power")];
        // At q = 4 small first weights would take too long to grow. In whole steps of `signal-noise-cnn`'s parameter.
        let init_scale = settings.real("init_factor") * if power == 4 { 0.05 } else { 0.01 };
        Self {
            power,
            filters: settings.count("filters"),
            init_scale: (2000.0 * init_scale).round() / 2000.0,
            samples: even(SAMPLE_RANGE).map(|n| n.round() as usize).collect(),
            // With three places, as a link writes them.
            snr: even(SNR_RANGE).map(|snr| (1000.0 * snr).round() / 1000.0).collect(),
            seeds: settings.seed_list().collect(),
        }
    }

    /// A training of `signal-noise-cnn` with this map's network.
    fn spec(&self, samples: usize, snr: f64, seed: u64) -> Spec {
        Spec {
            activation_power: self.power,
            samples,
            snr,
            filters: self.filters,
            dimension: 1000,
            init_scale: self.init_scale,
            learning_rate: 2.0,
            label_flip: 0.0,
            target_loss: 0.01,
            max_steps: 20_000,
            history: false,
            seed,
        }
    }

    /// What a cell opens: the same trainings with their course.
    fn opens(&self) -> Opens {
        let written = [
            ("activation_power", self.power.to_string()),
            ("filters", self.filters.to_string()),
            ("init_scale", plain(self.init_scale)),
            ("seeds", self.seeds.len().to_string()),
            ("seed", self.seeds[0].to_string()),
        ];
        let write = |(name, value): (&'static str, String)| (Cow::Borrowed(name), Cow::Owned(value));
        Opens {
            lab: Cow::Borrowed("signal-noise-cnn"),
            x: Cow::Borrowed("samples"),
            y: Cow::Borrowed("snr"),
            settings: written.into_iter().map(write).collect(),
        }
    }

    /// Seed after seed, the whole map for each: from the greatest signal-to-noise ratio, where training is short, down.
    fn tasks(&self) -> Vec<Spec> {
        let mut tasks = Vec::new();
        for &seed in &self.seeds {
            for &snr in self.snr.iter().rev() {
                tasks.extend(self.samples.iter().map(|&samples| self.spec(samples, snr, seed)));
            }
        }
        tasks
    }

    /// The ends of the finished trainings of each cell, row by row from the least signal-to-noise ratio.
    fn cells<'a>(&self, records: &'a [Entry<Record>]) -> Vec<Vec<&'a Moment>> {
        let (rows, columns) = (self.snr.len(), self.samples.len());
        let cell = |row: usize, column: usize| {
            let first = (rows - 1 - row) * columns + column;
            let entries = records.iter().skip(first).step_by(rows * columns);
            entries.filter_map(Entry::done).filter_map(Record::last).collect()
        };
        (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))).map(|(r, c)| cell(r, c)).collect()
    }

    /// `n·SNR^q` in a cell.
    fn condition(&self, index: usize) -> f64 {
        let columns = self.samples.len();
        let (samples, snr) = (self.samples[index % columns], self.snr[index / columns]);
        samples as f64 * libm::pow(snr, f64::from(self.power))
    }

    fn trials(&self, cells: &[Vec<&Moment>]) -> Vec<Trial> {
        let trial = |(index, ends): (usize, &Vec<&Moment>)| Trial {
            place: libm::log(self.condition(index)),
            successes: ends.iter().filter(|end| is_benign(end)).count(),
            count: ends.len(),
        };
        cells.iter().enumerate().map(trial).filter(|trial| trial.count > 0).collect()
    }
}

fn is_benign(end: &Moment) -> bool {
    end.test_loss < BENIGN_TEST_LOSS
}

impl Lab for BenignPhase {
    type Spec = Spec;
    type Record = Record;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let tasks = Grid::new(settings).tasks();
        Plan { probe: (0..tasks.len()).collect(), tasks }
    }

    fn cost(&self, spec: &Spec) -> f64 {
        spec.cost()
    }

    fn begin<'a>(&self, spec: &Spec, _data: &'a Data) -> Box<dyn Work<Record> + 'a> {
        Box::new(Training::new(spec))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let grid = Grid::new(settings);
        let cells = grid.cells(records);
        let trials = grid.trials(&cells);
        let line = boundary::fit(&trials);
        let median = |read: fn(&Moment) -> f64| -> Vec<f64> {
            let values = |ends: &Vec<&Moment>| ends.iter().map(|end| read(end)).collect::<Vec<_>>();
            cells.iter().map(|ends| statistics::median(&values(ends))).collect()
        };
        let (test, train) = (median(|end| end.test_loss), median(|end| end.train_loss));
        let count: usize = trials.iter().map(|trial| trial.count).sum();
        let successes: usize = trials.iter().map(|trial| trial.successes).sum();
        let greatest = train.iter().copied().filter(|loss| loss.is_finite()).fold(f64::NAN, f64::max);
        let constant = line.map_or(f64::NAN, |line| libm::exp(line.middle));
        let outputs = vec![
            OutputValue::exact("boundary_constant", constant),
            OutputValue::exact("boundary_width", line.map_or(f64::NAN, |line| line.width())),
            OutputValue::exact("benign_fraction", successes as f64 / count as f64),
            OutputValue::exact("greatest_train_loss", greatest),
        ];
        let description = describe(&grid, &cells, &outputs);
        let panels = vec![
            map_panel(&grid, "test_loss", Text::new("Test loss", "测试损失"), test, Some(constant)),
            map_panel(&grid, "train_loss", Text::new("Training loss", "训练损失"), train, None),
        ];
        Report { figure: Figure { panels }, outputs, description }
    }
}

/// A map of a loss; with both lines where the fitted constant is given.
fn map_panel(grid: &Grid, name: &'static str, title: Text, values: Vec<f64>, constant: Option<f64>) -> Panel {
    let mut marks = vec![Mark::HeatMap {
        name: Cow::Borrowed(name),
        label: title.clone(),
        x: grid.samples.iter().map(|&n| n as f64).collect(),
        y: grid.snr.clone(),
        values,
        range: LOSS_RANGE,
        opens: Some(grid.opens()),
    }];
    if let Some(constant) = constant {
        let line = |constant: f64| line_of(grid.power, constant);
        let (x, y) = line(2.0);
        let product = product(grid.power);
        let label = Text::owned(format!("{product} = 2, theory"), format!("{product} = 2（理论）"));
        marks.push(Mark::line("theory_boundary", label, Role::Theory, Stroke::Dashed, &x, y));
        let (x, y) = line(constant);
        let label = Text::new("half benign, fitted", "半数良性（拟合）");
        marks.push(Mark::line("boundary", label, Role::Test, Stroke::Solid, &x, y));
    }
    let [x, y] = axes(grid);
    Panel::chart(title, x, y, marks)
}

/// Axes that reach to the outer edges of the outermost cells.
fn axes(grid: &Grid) -> [Axis; 2] {
    let ends = |range: [f64; 2]| {
        let half = libm::pow(range[1] / range[0], 0.5 / (grid.snr.len() - 1) as f64);
        [range[0] / half, range[1] * half]
    };
    [
        Axis::new(Text::new("samples n", "样本数 n"), AxisScale::Log, ends(SAMPLE_RANGE)),
        Axis::new(Text::new("signal-to-noise ratio SNR", "信噪比 SNR"), AxisScale::Log, ends(SNR_RANGE)),
    ]
}

/// The product that is constant on the line.
const fn product(power: u32) -> &'static str {
    if power == 3 { "n·SNR³" } else { "n·SNR⁴" }
}

/// `SNR = (constant/n)^(1/q)`: straight on logarithmic axes.
fn line_of(power: u32, constant: f64) -> (Vec<f64>, Vec<f64>) {
    const POINTS: usize = 41;
    let [low, high] = [SAMPLE_RANGE[0] / 2.0, 2.0 * SAMPLE_RANGE[1]];
    let x: Vec<f64> = (0..POINTS).map(|k| low * libm::pow(high / low, k as f64 / (POINTS - 1) as f64)).collect();
    let y = x.iter().map(|n| libm::pow(constant / n, 1.0 / f64::from(power))).collect();
    (x, y)
}

/// The map in words.
fn describe(grid: &Grid, cells: &[Vec<&Moment>], outputs: &[OutputValue]) -> Text {
    let known = cells.iter().filter(|ends| !ends.is_empty()).count();
    if known == 0 {
        return Text::new("No cell has been computed yet.", "尚未算出任何一格。");
    }
    let (all, seeds, q) = (cells.len(), grid.seeds.len(), grid.power);
    let value = |name| OutputValue::written(outputs, name);
    let row = |row: usize| {
        let columns = grid.samples.len();
        let ends: Vec<&&Moment> = cells[row * columns..][..columns].iter().flatten().collect();
        let benign = ends.iter().filter(|end| is_benign(end)).count();
        percent(benign as f64 / ends.len() as f64, 0)
    };
    let (top, bottom) = (grid.snr.len() - 1, 0);
    let (high, low) = (plain(grid.snr[top]), plain(grid.snr[bottom]));
    let (of_high, of_low) = (row(top), row(bottom));
    let (constant, width) = (value("boundary_constant"), value("boundary_width"));
    let product = product(q);
    let greatest = short(outputs.last().map_or(f64::NAN, |output| output.value));
    let progress = if known < all {
        Text::owned(format!("{known} of {all} cells are known. "), format!("{all} 格已算出 {known} 格。"))
    } else {
        Text::same("")
    };
    Text::owned(
        format!(
            "{}Final test loss over sample size and signal-to-noise ratio, q = {q}, {seeds} seeds a cell. At a ratio of {high}, {of_high} of the networks are benign, at {low}, {of_low}. No cell's training loss is above {greatest}. The line at which half are benign falls with slope −1/{q} and has {product} = {constant}, where the heuristic says 2; from a tenth benign to nine tenths takes a factor of {width}.",
            progress.en
        ),
        format!(
            "{}不同样本数与信噪比下的最终测试损失，q = {q}，每格 {seeds} 个种子。信噪比为 {high} 时，{of_high} 的网络为良性；信噪比为 {low} 时为 {of_low}。各格的训练损失都不超过 {greatest}。半数良性的分界线以斜率 −1/{q} 下降，其上 {product} = {constant}，启发式论证给出 2；良性比例从 10% 升到 90%，{product} 增至 {width} 倍。",
            progress.zh
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;
    use crate::{run::Memory, run::Run, run::Scope, run::complete};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
    }

    fn heat_map(report: &Report, name: &str) -> Vec<f64> {
        testing::series(report, name).y
    }

    #[test]
    fn the_fitted_line_is_near_the_heuristic_one() {
        for power in ["3", "4"] {
            let settings = settings(&[("activation_power", power), ("grid", "5")]);
            let report = complete(&LAB, settings, &Data::none()).report;
            assert_eq!(report.outputs[0].name, "boundary_constant");
            assert!((1.3..3.5).contains(&report.outputs[0].value), "q = {power}: {}", report.outputs[0].value);
        }
    }

    #[test]
    fn few_filters_leave_more_to_luck() {
        let width = |filters: &str| {
            let settings = settings(&[("filters", filters), ("grid", "5"), ("seeds", "5")]);
            let report = complete(&LAB, settings, &Data::none()).report;
            testing::value(&report, "boundary_width")
        };
        assert!(width("4") > 1.5 * width("10"));
    }

    #[test]
    fn cells_fill_one_by_one_and_agree_with_the_lab_that_a_click_opens() {
        let data = Data::none();
        let pairs = [("grid", "4"), ("seeds", "1"), ("filters", "6"), ("init_factor", "1.5")];
        let mut run = Run::new(&LAB, settings(&pairs), Scope::Full, &data, &Memory::new());
        let known = |run: &Run| heat_map(&run.report(), "test_loss").iter().filter(|loss| loss.is_finite()).count();
        assert_eq!(known(&run), 0);
        while known(&run) < 1 {
            run.advance();
        }
        assert_eq!(known(&run), 1, "the first cell is the one of the greatest ratio and the fewest samples");
        let map = heat_map(&run.report(), "test_loss");
        let report = run.report();
        let Panel::Chart(chart) = &report.figure.panels[0] else { panic!("a map is a chart") };
        let Mark::HeatMap { x, y, opens: Some(opens), .. } = &chart.marks[0] else { panic!("its cells open a lab") };
        let lab = crate::labs::find(&opens.lab).unwrap();
        let place = [(&*opens.x, x[0].to_string()), (&*opens.y, y[3].to_string())];
        let rest = opens.settings.iter().map(|(name, value)| (&**name, value.to_string()));
        let words: Vec<_> = place.into_iter().chain(rest).collect();
        let words = words.iter().map(|(name, value)| (*name, value.as_str()));
        let (other, refusals) = Settings::read(lab.schema(), words);
        assert!(refusals.is_empty(), "{refusals:?}");
        let opened = complete(lab, other, &data).report;
        assert_eq!(map[12], opened.outputs[0].value);
    }

    #[test]
    fn finer_maps_have_cells_of_their_own() {
        for grid in 4..=12 {
            let grid = Grid::new(&settings(&[("grid", &grid.to_string())]));
            assert!(grid.samples.is_sorted_by(|a, b| a < b) && grid.snr.is_sorted_by(|a, b| a < b));
            assert_eq!((grid.samples[0], *grid.samples.last().unwrap()), (10, 40));
        }
    }
}
