//! Double descent in a network's width.
//!
//! A d-h-10 network, logits = relu(x W₁ + b₁) W₂ + b₂, is trained on n digits of which a share has a wrong label:
//! softmax cross-entropy, Adam (learning rate 0.01, β = 0.9, 0.999, ε = 10⁻⁸), batches of 50 reshuffled every epoch,
//! no weight decay, weights and biases from U(−1/√inputs, 1/√inputs). Inputs are standardized by one mean and one
//! deviation of the training pixels. The test set is all the other digits, with true labels.
//!
//! Where the width is just enough to fit the wrong labels, test error and test loss peak (Nakkiran, Kaplun, Bansal,
//! Yang, Barak and Sutskever 2019, "Deep Double Descent"); at each width's best epoch there is no peak.

mod picture;
mod task;
mod words;

use crate::{declarations, prelude::*};
pub use task::{Moment, Record, Spec};

/// The lab.
pub static LAB: NetworkWidth = NetworkWidth;

/// See the module's description.
pub struct NetworkWidth;

/// The widths of the curve.
const WIDTHS: [usize; 11] = [2, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256];

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("network-width"),
    title: Text::new("Double descent in network width", "网络宽度的双下降"),
    about: Text::new(
        "Real networks of 2 to 256 hidden units, trained by Adam on digits with wrong labels: test error falls, \
         rises and falls again, unless training stops early.",
        "在带错误标签的手写数字上用 Adam 训练 2 到 256 个隐藏单元的真实网络：测试误差先降、后升、再降，早停则不然。",
    ),
    parameters: Cow::Borrowed(&PARAMETERS),
    outputs: Cow::Borrowed(&OUTPUTS),
};

static PARAMETERS: [Parameter; 5] = [
    Parameter::integer(
        "samples",
        "n",
        Text::new("Training samples", "训练样本数"),
        Text::new(
            "How many digits are trained on; all the others are the test set. More of them move the peak to wider networks.",
            "用多少个数字训练，其余全部作为测试集。样本越多，峰越向更宽的网络移动。",
        ),
        [200, 1000, 50],
        500,
    ),
    declarations::label_noise(
        "",
        Text::new(
            "The share of training labels replaced by a wrong class. Fitting them is what makes the peak.",
            "被换成错误类别的训练标签所占的比例。正是拟合这些标签造成了峰。",
        ),
        [0.0, 0.5, 0.05],
    ),
    Parameter::integer(
        "width",
        "h",
        Text::new("Width", "宽度"),
        Text::new(
            "Hidden units of the network that the numbers and the training curve report.",
            "数值和训练曲线所报告的那个网络的隐藏单元数。",
        ),
        [2, 256, 1],
        16,
    )
    .scaled(Scale::Logarithmic),
    Parameter::integer(
        "epochs",
        "",
        Text::new("Epochs", "训练轮数"),
        Text::new(
            "Passes over the training set, alike for all widths. After about ten there is no peak yet.",
            "遍历训练集的次数，各宽度相同。只训练约十轮时还没有峰。",
        ),
        [1, 1000, 1],
        150,
    )
    .scaled(Scale::Logarithmic),
    Parameter::seeds(5, 30),
];

static OUTPUTS: [Output; 7] = [
    Output::new(
        "train_error",
        Text::new("Train error", "训练误差"),
        Text::new(
            "The share of training digits misclassified at the end, counted against their noisy labels.",
            "训练结束时，按含噪标签计算的训练数字错分比例。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "test_error",
        Text::new("Test error", "测试误差"),
        Text::new("The share of test digits misclassified at the end.", "训练结束时测试数字的错分比例。"),
        Aggregate::Mean,
    ),
    declarations::test_loss(Text::new(
        "Mean cross-entropy on the test digits at the end.",
        "训练结束时测试数字上的平均交叉熵。",
    )),
    Output::new(
        "best_epoch_test_error",
        Text::new("Test error at the best epoch", "最佳轮次的测试误差"),
        Text::new(
            "The least test error after any epoch: early stopping by an oracle that sees the test set.",
            "各轮之后测试误差的最小值，即由看得到测试集的“先知”来早停。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "best_epoch",
        Text::new("Best epoch", "最佳轮次"),
        Text::new("The first epoch with that least test error.", "首次达到该最小测试误差的轮次。"),
        Aggregate::Mean,
    ),
    Output::new(
        "squared_norm",
        Text::new("Squared norm", "范数平方"),
        Text::new("‖w‖² over all weights and biases at the end.", "训练结束时全部权重与偏置的 ‖w‖²。"),
        Aggregate::Mean,
    ),
    Output::new(
        "diverged",
        Text::new("Diverged", "是否发散"),
        Text::new(
            "1 if any seed's weights or loss stopped being finite numbers, 0 otherwise.",
            "若任一随机种子的权重或损失不再是有限数则为 1，否则为 0。",
        ),
        Aggregate::Exact,
    ),
];

/// The widths of one seed's tasks, in the order of work: the probed one first.
fn widths(settings: &Settings) -> Vec<usize> {
    let probed = settings.count("width");
    let mut widths = vec![probed];
    widths.extend(WIDTHS.into_iter().filter(|&width| width != probed));
    widths
}

/// The records of a run by width.
struct Records<'a> {
    widths: Vec<usize>,
    entries: &'a [Entry<Record>],
}

impl<'a> Records<'a> {
    fn new(settings: &Settings, entries: &'a [Entry<Record>]) -> Self {
        Self { widths: widths(settings), entries }
    }

    /// The entries of a width, seed by seed.
    fn entries(&self, width: usize) -> impl Iterator<Item = &'a Entry<Record>> {
        let first = self.widths.iter().position(|&other| other == width).unwrap_or(self.entries.len());
        self.entries.iter().skip(first).step_by(self.widths.len())
    }

    /// The finished records of a width.
    fn done(&self, width: usize) -> Vec<&'a Record> {
        self.entries(width).filter_map(Entry::done).collect()
    }

    /// What there is to draw for a width: the finished records, or else the one that is under way.
    fn visible(&self, width: usize) -> Vec<&'a Record> {
        let done = self.done(width);
        if !done.is_empty() {
            return done;
        }
        self.entries(width).filter_map(Entry::latest).filter(|record| !record.history.is_empty()).take(1).collect()
    }

    /// Mean and standard error of a quantity at each width of the curve; NaN where nothing is known.
    fn curve(&self, quantity: fn(&Record) -> f64) -> Curve {
        let mut curve = Curve::default();
        for width in WIDTHS {
            curve.push(&values(&self.visible(width), quantity));
        }
        curve
    }

    fn count_done(&self) -> usize {
        self.entries.iter().filter(|entry| entry.done().is_some()).count()
    }
}

fn values(records: &[&Record], quantity: fn(&Record) -> f64) -> Vec<f64> {
    records.iter().map(|record| quantity(record)).collect()
}

/// A quantity along [`WIDTHS`] or epochs, over seeds.
#[derive(Default)]
struct Curve {
    mean: Vec<f64>,
    standard_error: Vec<f64>,
}

impl Curve {
    /// Adds a point.
    fn push(&mut self, values: &[f64]) {
        self.mean.push(statistics::mean(values));
        self.standard_error.push(statistics::standard_error(values));
    }
}

/// The widths of the curve as abscissas.
fn abscissas() -> Vec<f64> {
    WIDTHS.map(|width| width as f64).to_vec()
}

/// The train error up to which the training set counts as fitted.
const FITTED: f64 = 0.01;

/// The narrowest width of the curve whose mean train error is at most [`FITTED`], once every narrower one is known.
fn fitting_width(train_error: &Curve) -> Option<usize> {
    let first = train_error.mean.iter().position(|&error| error.is_nan() || error <= FITTED)?;
    (train_error.mean[first] <= FITTED).then_some(WIDTHS[first])
}

impl Lab for NetworkWidth {
    type Spec = Spec;
    type Record = Record;

    const SCHEMA: &'static Schema = &SCHEMA;
    const DATA: &'static [DataSet] = &[DataSet::Digits8x8];

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let widths = widths(settings);
        let spec = |width: usize, seed: u64| Spec {
            samples: settings.count("samples"),
            label_noise: settings.real("label_noise"),
            width,
            epochs: settings.count("epochs"),
            seed,
        };
        let tasks: Vec<Spec> =
            settings.seed_list().flat_map(|seed| widths.iter().map(move |&width| spec(width, seed))).collect();
        let probe = (0..tasks.len()).step_by(widths.len()).collect();
        Plan { tasks, probe }
    }

    fn cost(&self, spec: &Spec) -> f64 {
        spec.cost()
    }

    fn begin<'a>(&self, spec: &Spec, data: &'a Data) -> Box<dyn Work<Record> + 'a> {
        Box::new(task::Task::new(spec, data.digits_8x8()))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let records = Records::new(settings, records);
        let probed = records.done(settings.count("width"));
        Report {
            figure: picture::figure(settings, &records),
            outputs: outputs(&probed),
            description: words::description(settings, &records),
        }
    }
}

fn outputs(probed: &[&Record]) -> Vec<OutputValue> {
    let mean = |name, quantity| OutputValue::mean_of(name, probed, quantity);
    vec![
        mean("train_error", |record| record.last().train_error),
        mean("test_error", |record| record.last().test_error),
        mean("test_loss", |record| record.last().test_loss),
        mean("best_epoch_test_error", |record| record.best_epoch_test_error),
        mean("best_epoch", |record| f64::from(record.best_epoch)),
        mean("squared_norm", |record| record.squared_norm),
        OutputValue::diverged(probed, Record::diverged),
    ]
}

#[cfg(test)]
mod tests;
