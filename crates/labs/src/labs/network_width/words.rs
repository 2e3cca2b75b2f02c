//! The figure in sentences, made from the same records.

use super::{Curve, FITTED, Records, WIDTHS, fitting_width, values};
use crate::{
    numerals::{fixed, percent},
    settings::Settings,
    statistics,
    text::Text,
};
use std::ops::Range;

/// A rise of the error that is small beside what single seeds scatter is not called a peak.
const LEAST_RISE: f64 = 0.02;

/// A fall, a rise and a fall: indices into a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Peak {
    /// The lowest point before the top.
    pub dip: usize,
    /// The top.
    pub top: usize,
    /// The lowest point after it.
    pub after: usize,
}

/// The highest peak over its surroundings that stands out from both sides by `least` and by twice the standard error
/// of the difference. Few seeds tell little about their own spread, so no standard error counts for less than the
/// median along the curve.
pub(super) fn peak(curve: &Curve, least: f64) -> Option<Peak> {
    let y = &curve.mean;
    let lowest = |range: Range<usize>| range.reduce(|best, k| if y[k] < y[best] { k } else { best });
    let rise = |peak: &Peak| y[peak.top] - y[peak.dip].max(y[peak.after]);
    let all = (0..y.len()).filter_map(|top| Some(Peak { dip: lowest(0..top)?, top, after: lowest(top + 1..y.len())? }));
    let highest = all.reduce(|best, next| if rise(&next) > rise(&best) { next } else { best })?;
    let squares: Vec<f64> = curve.standard_error.iter().map(|error| error * error).collect();
    let typical = statistics::median(&squares);
    let clear = |other: usize| {
        let spread = (squares[highest.top].max(typical) + squares[other].max(typical)).sqrt();
        y[highest.top] - y[other] > least.max(2.0 * spread)
    };
    (clear(highest.dip) && clear(highest.after)).then_some(highest)
}

pub(super) fn description(settings: &Settings, records: &Records) -> Text {
    let (done, all) = (records.count_done(), records.entries.len());
    let mut sentences = Vec::new();
    if done < all {
        sentences.push(Text::owned(
            format!("{done} of {all} networks are trained."),
            format!("{all} 个网络已训练完 {done} 个。"),
        ));
    }
    if WIDTHS.iter().all(|&width| !records.done(width).is_empty()) {
        sentences.extend(curves(settings, records));
    }
    sentences.extend(probed(settings, records));
    let join = |texts: Vec<&str>, space: &str| texts.join(space);
    Text::owned(
        join(sentences.iter().map(|text| &*text.en).collect(), " "),
        join(sentences.iter().map(|text| &*text.zh).collect(), ""),
    )
}

fn curves(settings: &Settings, records: &Records) -> Vec<Text> {
    let test = records.curve(|record| record.last().test_error);
    let train = records.curve(|record| record.last().train_error);
    let best = records.curve(|record| record.best_epoch_test_error);
    let loss = records.curve(|record| record.last().test_loss);
    let mut sentences = vec![shape(settings, &test)];
    if let Some(Peak { dip, top, after }) = peak(&loss, 0.1) {
        let [low, high, end] = [dip, top, after].map(|k| fixed(loss.mean[k], 2));
        let [dip, top, after] = [dip, top, after].map(|k| WIDTHS[k]);
        sentences.push(Text::owned(
            format!("The test loss peaks too: {low} at width {dip}, {high} at {top}, {end} at {after}."),
            format!("测试损失同样有峰：宽度 {dip} 处为 {low}，{top} 处为 {high}，{after} 处为 {end}。"),
        ));
    }
    if let Some(width) = fitting_width(&train) {
        let fitted = percent(FITTED, 0);
        sentences.push(Text::owned(
            format!("The training set is fitted (error at most {fitted}) from width {width} on."),
            format!("从宽度 {width} 起，网络拟合了训练集（误差不超过 {fitted}）。"),
        ));
    }
    sentences.push(early_stopping(&test, &best));
    sentences
}

fn shape(settings: &Settings, test: &Curve) -> Text {
    let (noise, n, seeds) = (percent(settings.real("label_noise"), 0), settings.count("samples"), settings.seeds());
    let error = |k: usize| percent(test.mean[k], 1);
    let last = WIDTHS.len() - 1;
    let plural = if seeds == 1 { "" } else { "s" };
    let start = Text::owned(
        format!("With {n} training digits, {noise} label noise and {seeds} seed{plural}, test error"),
        format!("训练数字 {n} 个、标签噪声 {noise}、随机种子 {seeds} 个时，测试误差"),
    );
    let course = if let Some(Peak { dip, top, after }) = peak(test, LEAST_RISE) {
        let [low, high, end] = [dip, top, after].map(error);
        let [dip, top, after] = [dip, top, after].map(|k| WIDTHS[k]);
        Text::owned(
            format!(
                "falls to {low} at width {dip}, rises to {high} at width {top} and falls again to {end} at width {after}."
            ),
            format!("在宽度 {dip} 处降到 {low}，在宽度 {top} 处升到 {high}，到宽度 {after} 又降到 {end}。"),
        )
    } else {
        let (first, end) = (error(0), error(last));
        let (narrow, wide) = (WIDTHS[0], WIDTHS[last]);
        Text::owned(
            format!("goes from {first} at width {narrow} to {end} at width {wide} without a clear peak."),
            format!("从宽度 {narrow} 的 {first} 变到宽度 {wide} 的 {end}，没有明显的峰。"),
        )
    };
    Text::owned(format!("{} {}", start.en, course.en), format!("{}{}", start.zh, course.zh))
}

fn early_stopping(test: &Curve, best: &Curve) -> Text {
    let last = WIDTHS.len() - 1;
    let (wide, end) = (WIDTHS[last], percent(best.mean[last], 1));
    let stopped = Text::new("Stopped at each width's best epoch, the test error", "若各宽度都停在最佳轮次，测试误差");
    let course = match (peak(best, LEAST_RISE), peak(test, LEAST_RISE)) {
        (Some(Peak { top, .. }), _) => {
            let (width, high) = (WIDTHS[top], percent(best.mean[top], 1));
            Text::owned(
                format!("still peaks, at {high} at width {width}."),
                format!("仍在宽度 {width} 处有峰，为 {high}。"),
            )
        }
        (None, Some(_)) => Text::owned(
            format!("has no peak and is {end} at width {wide}."),
            format!("没有峰，宽度 {wide} 处为 {end}。"),
        ),
        (None, None) => Text::owned(format!("is {end} at width {wide}."), format!("在宽度 {wide} 处为 {end}。")),
    };
    Text::owned(format!("{} {}", stopped.en, course.en), format!("{}{}", stopped.zh, course.zh))
}

/// The numbers of the probed network.
fn probed(settings: &Settings, records: &Records) -> Option<Text> {
    let width = settings.count("width");
    let done = records.done(width);
    if done.is_empty() {
        return None;
    }
    if done.iter().any(|record| record.diverged()) {
        return Some(Text::owned(
            format!("At the probed width {width} the training diverged."),
            format!("在所探测的宽度 {width}，训练发散了。"),
        ));
    }
    let mean = |quantity: fn(&super::Record) -> f64| percent(statistics::mean(&values(&done, quantity)), 1);
    let train = mean(|record| record.last().train_error);
    let test = mean(|record| record.last().test_error);
    let best = mean(|record| record.best_epoch_test_error);
    Some(Text::owned(
        format!(
            "The probed width {width} ends at {train} train error and {test} test error, which was {best} at its best epoch."
        ),
        format!("所探测的宽度 {width} 最终训练误差为 {train}，测试误差为 {test}，最佳轮次时曾为 {best}。"),
    ))
}
