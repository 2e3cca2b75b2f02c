//! Declarations that several labs share, so that one thing has one name and one label throughout the book.

use crate::{
    schema::{Aggregate, Output, Parameter},
    text::Text,
};

/// The number of training samples.
pub const fn samples(help: Text, range: [i64; 3], default: i64) -> Parameter {
    Parameter::integer("samples", "n", Text::new("Samples", "样本数"), help, range, default)
}

/// The number of features.
pub const fn features(symbol: &'static str, help: Text, range: [i64; 3], default: i64) -> Parameter {
    Parameter::integer("features", symbol, Text::new("Features", "特征数"), help, range, default)
}

/// The squared length of the true weights.
pub const fn signal_power(help: Text, default: f64) -> Parameter {
    Parameter::real("signal_power", "r²", Text::new("Signal power", "信号功率"), help, [0.1, 20.0, 0.1], default)
}

/// The variance of the noise in the labels.
pub const fn noise_variance(help: Text, range: [f64; 3], default: f64) -> Parameter {
    Parameter::real("noise_variance", "σ²", Text::new("Noise variance", "噪声方差"), help, range, default)
}

/// Filters of a convolutional network whose two layers count with opposite signs.
pub const fn filters(help: Text, range: [i64; 3], default: i64) -> Parameter {
    let label = Text::new("Filters of each sign", "每种符号的滤波器数");
    Parameter::integer("filters", "m", label, help, range, default)
}

/// How many training labels are wrong, or the chance that one is drawn anew: see the meaning that each lab gives.
pub const fn label_noise(symbol: &'static str, help: Text, range: [f64; 3]) -> Parameter {
    Parameter::real("label_noise", symbol, Text::new("Label noise", "标签噪声"), help, range, 0.2)
}

/// The step size.
pub const fn learning_rate(help: Text, range: [f64; 3], default: f64) -> Parameter {
    Parameter::real("learning_rate", "η", Text::new("Learning rate", "学习率"), help, range, default)
}

/// How long training lasts.
pub const fn steps(help: Text, range: [i64; 3], default: i64) -> Parameter {
    Parameter::integer("steps", "t", Text::new("Steps", "步数"), help, range, default)
}

/// Where training stops if nothing has stopped it before.
pub const fn max_steps(range: [i64; 3], default: i64) -> Parameter {
    let help = Text::new("Training stops after so many steps at the latest.", "训练最多进行这么多步。");
    Parameter::integer("max_steps", "", Text::new("Greatest number of steps", "最大步数"), help, range, default)
}

/// The excess risk, a mean over seeds.
pub const fn excess_risk(meaning: Text) -> Output {
    Output::new("excess_risk", Text::new("Excess risk", "超额风险"), meaning, Aggregate::Mean)
}

/// Its median.
pub const fn median_excess_risk(meaning: Text) -> Output {
    let label = Text::new("Median excess risk", "超额风险中位数");
    Output::new("median_excess_risk", label, meaning, Aggregate::Median)
}

/// The bias, a mean over seeds.
pub const fn bias(meaning: Text) -> Output {
    Output::new("bias", Text::new("Bias", "偏差"), meaning, Aggregate::Mean)
}

/// The variance, a mean over seeds.
pub const fn variance(meaning: Text) -> Output {
    Output::new("variance", Text::new("Variance", "方差"), meaning, Aggregate::Mean)
}

/// What a formula says of the excess risk.
pub const fn theory_excess_risk(meaning: Text) -> Output {
    let label = Text::new("Excess risk, theory", "超额风险（理论）");
    Output::new("theory_excess_risk", label, meaning, Aggregate::Exact)
}

/// What a formula says of the bias.
pub const fn theory_bias(meaning: Text) -> Output {
    Output::new("theory_bias", Text::new("Bias, theory", "偏差（理论）"), meaning, Aggregate::Exact)
}

/// What a formula says of the variance.
pub const fn theory_variance(meaning: Text) -> Output {
    Output::new("theory_variance", Text::new("Variance, theory", "方差（理论）"), meaning, Aggregate::Exact)
}

/// The meaning of [`theory_bias`] where the formula is exact at every size.
pub const EXPECTED_BIAS: Text = Text::new("The expectation of the bias.", "偏差的期望。");
/// The meaning of [`theory_variance`] where the formula is exact at every size.
pub const EXPECTED_VARIANCE: Text = Text::new("The expectation of the variance.", "方差的期望。");

/// The mean squared error on what was trained on.
pub const fn train_mse(meaning: Text) -> Output {
    Output::new("train_mse", Text::new("Training error", "训练误差"), meaning, Aggregate::Mean)
}

/// The meaning of [`train_mse`] for regression.
pub const ON_TRAINING_POINTS: Text = Text::new("Mean squared error on the training points.", "训练样本上的均方误差。");

/// Whether the excess risk of the minimum-norm solution has a mean.
pub const fn mean_exists() -> Output {
    Output::new(
        "mean_exists",
        Text::new("The mean exists", "均值存在"),
        Text::new(
            "1 where the excess risk has a finite mean; 0 for |p − n| ≤ 1, where an average over seeds settles on nothing.",
            "超额风险的均值有限时为 1；|p − n| ≤ 1 时为 0，此时对随机种子取平均不会收敛。",
        ),
        Aggregate::Exact,
    )
}

/// The loss on the training samples, a mean over seeds.
pub const fn train_loss(meaning: Text) -> Output {
    Output::new("train_loss", Text::new("Training loss", "训练损失"), meaning, Aggregate::Mean)
}

/// The loss on samples for testing, a mean over seeds.
pub const fn test_loss(meaning: Text) -> Output {
    Output::new("test_loss", Text::new("Test loss", "测试损失"), meaning, Aggregate::Mean)
}

/// The share of training labels that are met, a mean over seeds.
pub const fn train_accuracy(meaning: Text) -> Output {
    Output::new("train_accuracy", Text::new("Training accuracy", "训练准确率"), meaning, Aggregate::Mean)
}

/// The share of test labels that are met, a mean over seeds.
pub const fn test_accuracy(meaning: Text) -> Output {
    Output::new("test_accuracy", Text::new("Test accuracy", "测试准确率"), meaning, Aggregate::Mean)
}

/// The largest eigenvalue of the training loss's Hessian, a mean over seeds.
pub const fn lambda_max(meaning: Text) -> Output {
    Output::new("lambda_max", Text::new("Sharpness λₘₐₓ", "锐度 λₘₐₓ"), meaning, Aggregate::Mean)
}

/// The sum of the Hessian's eigenvalues, a mean over seeds.
pub const fn trace(meaning: Text) -> Output {
    Output::new("trace", Text::new("Trace of the Hessian", "海森矩阵的迹"), meaning, Aggregate::Mean)
}

/// How far batch normalization is from one margin for all, a mean over seeds.
pub const fn normalized_discrepancy(meaning: Text) -> Output {
    let label = Text::new("log₁₀ of the margin discrepancy, batch normalization", "间隔离散度的 log₁₀（批归一化）");
    Output::new("bn_log10_margin_discrepancy", label, meaning, Aggregate::Mean)
}

/// How far gradient descent alone is from it.
pub const fn plain_discrepancy() -> Output {
    let label =
        Text::new("log₁₀ of the margin discrepancy, gradient descent alone", "间隔离散度的 log₁₀（普通梯度下降）");
    Output::new("gd_log10_margin_discrepancy", label, WITHOUT_NORMALIZATION, Aggregate::Mean)
}

/// How far the maximum margin is from it.
pub const fn max_margin_discrepancy() -> Output {
    let label = Text::new("log₁₀ of the margin discrepancy, maximum margin", "间隔离散度的 log₁₀（最大间隔）");
    let meaning = Text::new("The same for the exact solution.", "精确解的同一数值。");
    Output::new("max_margin_log10_margin_discrepancy", label, meaning, Aggregate::Mean)
}

/// The meaning of a number of gradient descent alone, after that of batch normalization.
pub const WITHOUT_NORMALIZATION: Text =
    Text::new("The same without batch normalization.", "没有批归一化时的同一数值。");

/// What a lab says before it has a result.
pub const NOTHING_YET: Text = Text::new("Nothing has been measured yet.", "尚无测量结果。");

/// The legend's entry for a spread over seeds.
pub const SPREAD: Text = Text::new("10 to 90% of seeds", "10–90% 的种子");

/// Whether a training went to infinity: of every lab that trains step by step. See
/// [`crate::frame::OutputValue::diverged`].
pub const fn diverged() -> Output {
    Output::new(
        "diverged",
        Text::new("Diverged", "是否发散"),
        Text::new(
            "1 if any seed's loss stopped being a finite number, 0 otherwise.",
            "若任一随机种子的损失不再是有限数则为 1，否则为 0。",
        ),
        Aggregate::Exact,
    )
}
