//! Random-feature regression on handwritten digits: double descent on real data.
//!
//! An image `x` (the pixels minus the training images' mean image, divided by one standard deviation) becomes `N`
//! fixed random features,
//!
//! ```text
//! relu      φⱼ(x) = max(0, wⱼ·x) / √N          fourier   φⱼ(x) = √(2/N) · cos(wⱼ·x + uⱼ)
//! wⱼ ~ N(0, I/d),  uⱼ ~ U[0, 2π)
//! ```
//!
//! and ten outputs linear in them are fitted to the targets `Y` = one-hot label − 0.1 on `n` images, of whose labels
//! exactly `round(f·n)` are wrong. With `Z` the `n × N` matrix of features, `W` is
//!
//! - the minimum-norm solution of `min ‖Z·W − Y‖²`, or for `λ > 0` the minimizer of `‖Z·W − Y‖² + λ·‖W‖²`;
//! - for `T > 0` gradient-descent steps the `T`-th iterate from zero on half that objective, with step size
//!   `1/(s_max² + λ)`, where `s_max` is the greatest singular value of `Z`.
//!
//! The class of the greatest output is the answer. Errors are shares of images; squared errors are summed over the ten
//! outputs and averaged over images. Testing is on 1200 other images with clean labels.
//!
//! Sources: Belkin, Hsu, Ma, Mandal, "Reconciling modern machine learning practice and the bias-variance trade-off"
//! (2019); Mei, Montanari, "The generalization error of random features regression" (2022).

mod features;
mod report;
mod solver;
mod task;

use crate::{
    data::{Data, DataSet},
    declarations,
    frame::Report,
    lab::{Entry, Lab, Plan, Work},
    schema::{Aggregate, Choice, Output, Parameter, Scale, Schema},
    settings::Settings,
    text::Text,
};
use features::Activation;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The lab.
pub static LAB: RandomFeatures = RandomFeatures;

/// See the module's description.
pub struct RandomFeatures;

/// The most features that a control offers, and where every curve ends.
const MOST_FEATURES: i64 = 1500;

/// The curve's features per sample: dense around the interpolation threshold, where the error moves fastest.
const RATIOS: [f64; 19] =
    [0.05, 0.1, 0.2, 0.3, 0.4, 0.55, 0.7, 0.8, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2, 1.4, 2.0, 3.0, 5.0, 8.0];

static ACTIVATIONS: [Choice; 2] =
    [Choice::new("relu", Text::same("ReLU")), Choice::new("fourier", Text::new("Fourier (cosine)", "傅里叶（余弦）"))];

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("random-features"),
    title: Text::new("Random features", "随机特征"),
    about: Text::new(
        "Real digits, random features, least squares: the test error peaks where the number of features equals the \
         number of samples, and a little regularization removes the peak.",
        "真实的手写数字、随机特征、最小二乘：特征数等于样本数时测试错误率达到峰值，而少许正则化就能抹平它。",
    ),
    parameters: Cow::Borrowed(&[
        Parameter::integer(
            "samples",
            "n",
            Text::new("Training images", "训练图像数"),
            Text::new(
                "Images that are trained on. The peak moves with it: it stands where N = n.",
                "用于训练的图像数。峰值随之移动，始终位于 N = n 处。",
            ),
            [100, 500, 10],
            300,
        ),
        Parameter::integer(
            "features",
            "N",
            Text::new("Random features", "随机特征数"),
            Text::new(
                "The probed size of the model: the outputs and the digits shown belong to it.",
                "所探测的模型大小：输出的数值和展示的数字都对应于它。",
            ),
            [15, MOST_FEATURES, 5],
            300,
        )
        .scaled(Scale::Logarithmic),
        declarations::label_noise(
            "f",
            Text::new(
                "The share of training labels that are wrong. Even at 0 a peak remains.",
                "训练标签中错误标签的比例。即使为 0，峰值依然存在。",
            ),
            [0.0, 0.5, 0.05],
        ),
        Parameter::real(
            "ridge",
            "λ",
            Text::new("Ridge", "岭参数"),
            Text::new(
                "The penalty on the squared norm of the weights. Find the smallest one that removes the peak.",
                "对权重平方范数的惩罚。试着找出能抹平峰值的最小值。",
            ),
            [0.0, 1.0, 0.01],
            0.0,
        ),
        Parameter::choice(
            "activation",
            Text::new("Features", "特征类型"),
            Text::new(
                "The function applied to a random projection. The peak does not depend on it.",
                "作用于随机投影的函数。峰值的存在与它无关。",
            ),
            &ACTIVATIONS,
            0,
        ),
        Parameter::integer(
            "gd_steps",
            "T",
            Text::new("Gradient-descent steps", "梯度下降步数"),
            Text::new(
                "Stop gradient descent after so many steps; 0 goes all the way to the solution. Stopping early acts \
                 like a ridge.",
                "在这么多步之后停止梯度下降；0 表示直接取最终解。早停的作用类似于岭惩罚。",
            ),
            [0, 1_000_000, 1],
            0,
        )
        .scaled(Scale::LogarithmicFromZero),
        Parameter::seeds(5, 50),
    ]),
    outputs: Cow::Borrowed(&[
        Output::new(
            "test_error",
            Text::new("Test error", "测试错误率"),
            Text::new(
                "The share of 1200 test images, with clean labels, that are classified wrongly.",
                "1200 张测试图像（标签无噪声）中被分错的比例。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "train_error",
            Text::new("Training error", "训练错误率"),
            Text::new(
                "The share of training images whose answer differs from the (noisy) label.",
                "训练图像中预测与（含噪声的）标签不同的比例。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "train_mse",
            Text::new("Training MSE", "训练均方误差"),
            Text::new(
                "The squared error on the training images, summed over the ten outputs; 0 once N ≥ n.",
                "训练图像上的平方误差（对十个输出求和）；当 N ≥ n 时为 0。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "log10_test_mse",
            Text::new("log₁₀ of the test MSE", "测试均方误差的 log₁₀"),
            Text::new(
                "The decimal logarithm of the squared error on the test images, summed over the ten outputs.",
                "测试图像上平方误差（对十个输出求和）的常用对数。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "log10_squared_norm",
            Text::new("log₁₀ of the squared norm", "平方范数的 log₁₀"),
            Text::new(
                "The decimal logarithm of the squared norm of all weights: how hard the model has to bend to fit.",
                "全部权重平方范数的常用对数：模型为了拟合需要“弯折”到什么程度。",
            ),
            Aggregate::Mean,
        ),
    ]),
};

/// One fit: one draw of images, wrong labels and features, at one size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    samples: usize,
    features: usize,
    label_noise: f64,
    ridge: f64,
    activation: Activation,
    gd_steps: u64,
    seed: u64,
}

/// What one fit came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    test_error: f64,
    train_error: f64,
    train_mse: f64,
    log10_test_mse: f64,
    log10_squared_norm: f64,
    /// The first test images that are got wrong.
    mistakes: Vec<Mistake>,
}

/// A test image that is got wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mistake {
    /// 8×8 pixels, 0..=16.
    pixels: Vec<u8>,
    label: u8,
    answer: u8,
}

/// What the settings say of every fit of a run.
struct Setup {
    samples: usize,
    /// The probed number of features.
    features: usize,
    /// The sizes along the curve, rising.
    grid: Vec<usize>,
    /// Whether anything keeps the fit from the minimum-norm solution. Then the unregularized curve is shown beside.
    regularized: bool,
    seeds: Vec<u64>,
}

impl Setup {
    fn new(settings: &Settings) -> Self {
        let samples = settings.count("samples");
        let sizes = RATIOS.iter().map(|ratio| (ratio * samples as f64).round() as usize);
        let mut grid: Vec<usize> = sizes.filter(|&size| size < MOST_FEATURES as usize).collect();
        grid.push(MOST_FEATURES as usize);
        Self {
            samples,
            features: settings.count("features"),
            grid,
            regularized: settings.real("ridge") > 0.0 || settings.count("gd_steps") > 0,
            seeds: settings.seed_list().collect(),
        }
    }

    /// Sizes of one seed's tasks: the probed one, then the curve.
    fn sizes(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.features).chain(self.grid.iter().copied())
    }
}

impl Lab for RandomFeatures {
    type Spec = Spec;
    type Record = Option<Outcome>;

    const SCHEMA: &'static Schema = &SCHEMA;
    const DATA: &'static [DataSet] = &[DataSet::Digits8x8];

    /// A seed after the other, the probed size first; then, for a regularized run, the unregularized curves.
    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let setup = Setup::new(settings);
        let spec = |features, seed| Spec {
            samples: setup.samples,
            features,
            label_noise: settings.real("label_noise"),
            ridge: settings.real("ridge"),
            activation: Activation::of_choice(settings.choice("activation")),
            gd_steps: settings.count("gd_steps") as u64,
            seed,
        };
        let mut tasks = Vec::new();
        let mut probe = Vec::new();
        for &seed in &setup.seeds {
            probe.push(tasks.len());
            tasks.extend(setup.sizes().map(|features| spec(features, seed)));
        }
        if setup.regularized {
            let plain = |features, seed| Spec { ridge: 0.0, gd_steps: 0, ..spec(features, seed) };
            for &seed in &setup.seeds {
                tasks.extend(setup.grid.iter().map(|&features| plain(features, seed)));
            }
        }
        Plan { tasks, probe }
    }

    fn cost(&self, spec: &Spec) -> f64 {
        task::cost(spec)
    }

    fn begin<'a>(&self, spec: &Spec, data: &'a Data) -> Box<dyn Work<Option<Outcome>> + 'a> {
        Box::new(task::Task::new(spec.clone(), data.digits_8x8()))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Option<Outcome>>]) -> Report {
        report::report(settings, &Setup::new(settings), records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        run::{complete, probe},
        statistics::mean,
        testing,
    };

    /// Settings with 100 training images and two seeds, so that a test takes a moment.
    fn small(pairs: &[(&str, &str)]) -> Settings {
        let quick = [("samples", "100"), ("seeds", "2")];
        testing::settings(&LAB, &[&quick, pairs].concat())
    }

    fn output(pairs: &[(&str, &str)], name: &str) -> f64 {
        let report = probe(&LAB, small(pairs), &Data::bundled());
        testing::value(&report, name)
    }

    #[test]
    fn as_many_features_as_images_fit_noisy_labels_exactly() {
        for activation in ["relu", "fourier"] {
            let settings = |features| [("features", features), ("activation", activation)];
            assert!(output(&settings("90"), "train_mse") > 1e-3);
            assert!(output(&settings("110"), "train_mse") < 1e-20);
            assert_eq!(output(&settings("110"), "train_error"), 0.0);
        }
    }

    #[test]
    fn the_test_error_peaks_at_the_threshold_and_a_ridge_removes_the_peak() {
        let test_error = |features, ridge| output(&[("features", features), ("ridge", ridge)], "test_error");
        assert!(test_error("100", "0") > test_error("20", "0") + 0.3);
        assert!(test_error("100", "0") > test_error("500", "0") + 0.3);
        assert!(test_error("100", "0.3") < test_error("20", "0.3"));
    }

    #[test]
    fn gradient_descent_goes_from_no_weights_to_the_minimum_norm_solution() {
        let norm = |steps| output(&[("features", "500"), ("gd_steps", steps)], "log10_squared_norm");
        let limit = norm("0");
        let way: Vec<f64> = ["1", "10", "100", "1000", "1000000"].map(norm).to_vec();
        assert!(way.is_sorted(), "{way:?}");
        assert!((way[4] - limit).abs() < 1e-6 && way[2] < limit - 0.1, "{way:?}, {limit}");
    }

    #[test]
    fn a_regularized_run_shows_the_unregularized_curve_beside_its_own() {
        let curve = |pairs: &[(&str, &str)], name: &str| {
            let frame = complete(&LAB, small(pairs), &Data::bundled());
            frame.report.figure.series().into_iter().find(|series| series.name == name).map(|series| series.y)
        };
        let plain = curve(&[], "test_error").unwrap();
        assert_eq!(curve(&[("ridge", "0.3")], "test_error_unregularized").as_ref(), Some(&plain));
        assert!(mean(&curve(&[("ridge", "0.3")], "test_error").unwrap()) < mean(&plain));
        assert_eq!(curve(&[], "test_error_unregularized"), None);
    }

    #[test]
    fn the_curve_reaches_from_the_smallest_model_to_the_largest_whatever_the_samples() {
        for samples in (100..=500).step_by(10) {
            let setup = Setup::new(&small(&[("samples", &samples.to_string())]));
            assert!(setup.grid.is_sorted_by(|a, b| a < b), "{:?}", setup.grid);
            assert!(setup.grid.contains(&samples) && setup.grid[0] < samples / 10, "{:?}", setup.grid);
        }
    }

    #[test]
    fn the_digits_shown_are_got_wrong() {
        let settings = small(&[("features", "100")]);
        let plan = Lab::plan(&LAB, &settings);
        let data = Data::bundled();
        let mut work = Lab::begin(&LAB, &plan.tasks[plan.probe[0]], &data);
        assert_eq!(work.record(), None);
        while !work.advance() {}
        let mistakes = work.record().unwrap().mistakes;
        assert_eq!(mistakes.len(), 10);
        let digits = data.digits_8x8();
        for mistake in mistakes {
            assert_ne!(mistake.label, mistake.answer);
            let found = digits.values.as_chunks::<64>().0.iter().zip(&digits.labels);
            assert!(found.into_iter().any(|(pixels, &label)| pixels[..] == mistake.pixels && label == mistake.label));
        }
    }
}
