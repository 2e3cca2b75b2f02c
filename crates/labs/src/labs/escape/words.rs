//! The run in words.

use super::{CONTINUOUS, Found, descent::Landscape};
use crate::{
    declarations,
    frame::OutputValue,
    numerals::{percent, plain, short},
    text::Text,
};

/// Balls that escape on average within this share of the time have come to equilibrium in its second half.
const SETTLED: f64 = 0.15;
/// The run in words.
pub(super) fn describe(found: &Found, outputs: &[OutputValue]) -> Text {
    if found.seeds.is_empty() {
        return declarations::NOTHING_YET;
    }
    match found.descent.landscape {
        Landscape::LinearStability => describe_stability(found, outputs),
        Landscape::DoubleWell => describe_wells(found, outputs),
    }
}

fn share(outputs: &[OutputValue], name: &str) -> String {
    let value = outputs.iter().find(|output| output.name == name).map_or(f64::NAN, |output| output.value);
    if value.is_nan() { short(value) } else { percent(value, 1) }
}

fn describe_stability(found: &Found, outputs: &[OutputValue]) -> Text {
    let descent = &found.descent;
    let (rate, momentum) = (plain(descent.learning_rate), plain(descent.momentum));
    let escaped = share(outputs, "escaped_fraction");
    let value = |name| OutputValue::written(outputs, name);
    let (mean_square, almost_sure) = (value("theory_threshold"), value("theory_almost_sure_threshold"));
    let text = Text::owned(
        format!(
            "Both minima have mean curvature 2, and gradient descent would stay at either. With batch size 1, learning rate {rate} and momentum {momentum}, {escaped} of the balls leave x = 1 for x = 0 within 2000 steps. The mean of (x − 1)² grows above η = {mean_square}, almost every path above {almost_sure}."
        ),
        format!(
            "两个极小值的平均曲率都是 2，梯度下降停在哪一个都稳定。批量大小为 1、学习率为 {rate}、动量为 {momentum} 时，{escaped} 的小球在 2000 步内离开 x = 1，到达 x = 0。η 超过 {mean_square} 时 (x − 1)² 的均值增长，超过 {almost_sure} 时几乎每条路径都增长。"
        ),
    );
    let steps = value("mean_escape_steps");
    let (en, zh) = if descent.momentum > 0.0 {
        (
            format!(" An escape takes {steps} steps on average; no formula for it is drawn with momentum."),
            format!("平均 {steps} 步逃逸；有动量时，图中没有相应的公式。"),
        )
    } else {
        let (theory, theory_steps) = (share(outputs, "theory_escaped_fraction"), value("theory_mean_escape_steps"));
        (
            format!(
                " The random walk of ln|x − 1| lets {theory} escape, after {theory_steps} steps on average; measured are {steps}."
            ),
            format!("按 ln|x − 1| 的随机游走，{theory} 会逃逸，平均需 {theory_steps} 步；实测为 {steps} 步。"),
        )
    };
    Text::owned(text.en.into_owned() + &en, text.zh.into_owned() + &zh)
}

fn describe_wells(found: &Found, outputs: &[OutputValue]) -> Text {
    let descent = &found.descent;
    let (rate, noise, momentum) = (plain(descent.learning_rate), plain(descent.noise_scale), plain(descent.momentum));
    let (escaped, occupancy, boltzmann) =
        (share(outputs, "escaped_fraction"), share(outputs, "flat_occupancy"), share(outputs, "theory_flat_occupancy"));
    let value = |name| OutputValue::written(outputs, name);
    let (steps, theory, product) =
        (value("mean_escape_steps"), value("theory_mean_escape_steps"), value("step_times_sharpness"));
    let threshold = value("theory_threshold");
    let is_settled = outputs.iter().any(|output| {
        output.name == "mean_escape_steps" && output.value < SETTLED * f64::from(descent.landscape.horizon())
    });
    let settled = if is_settled {
        Text::same("")
    } else {
        Text::new(" They have not come to equilibrium by then.", "此时它们尚未达到平衡。")
    };
    let verdict = if descent.learning_rate > descent.threshold() {
        Text::owned(
            format!(
                "Above η = {threshold} the sharp minimum throws balls out without any noise: this is no diffusion, and Langevin theory does not hold."
            ),
            format!("η 超过 {threshold} 时，无需噪声，尖锐极小值就会把小球抛出：这不是扩散，朗之万理论不成立。"),
        )
    } else if descent.step_times_sharpness() > CONTINUOUS {
        Text::owned(
            format!(
                "With ηa/(1 − β)² = {product} steps are too long, or momentum lasts too long, for Langevin theory, which wants it far below 1."
            ),
            format!("ηa/(1 − β)² = {product}，步长过大或动量持续过久；朗之万理论要求它远小于 1。"),
        )
    } else {
        Text::owned(
            format!("With ηa/(1 − β)² = {product} steps are short enough for Langevin theory to be near."),
            format!("ηa/(1 − β)² = {product}，步长足够小，朗之万理论大体适用。"),
        )
    };
    Text::owned(
        format!(
            "With learning rate {rate}, gradient noise {noise} and momentum {momentum}, {escaped} of the balls get from the sharp minimum to the flat one within 20,000 steps, after {steps} steps on average; Langevin theory says {theory}. {} In the second half of the time {occupancy} are on the flat side; the Boltzmann distribution has {boltzmann} there.{}",
            verdict.en, settled.en
        ),
        format!(
            "学习率为 {rate}、梯度噪声为 {noise}、动量为 {momentum} 时，{escaped} 的小球在 20000 步内从尖锐极小值到达平坦极小值，平均 {steps} 步；朗之万理论给出 {theory} 步。{}在后一半时间里，{occupancy} 的小球在平坦一侧；按玻尔兹曼分布应为 {boltzmann}。{}",
            verdict.zh, settled.zh
        ),
    )
}
