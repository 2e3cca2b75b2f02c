//! The figure in sentences, made from the same records.

use super::{Curve, FITTED, Records, WIDTHS, abscissas, fitting_width, values};
use crate::{
    course::Course,
    numerals::{fixed, percent},
    settings::Settings,
    statistics,
    text::Text,
};

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
    let share = |quantity| course(&records.curve(quantity), 0.02, |share| percent(share, 1));
    let (noise, n, seeds) = (percent(settings.real("label_noise"), 0), settings.count("samples"), settings.seeds());
    let plural = if seeds == 1 { "" } else { "s" };
    let test = share(|record| record.last().test_error);
    let best = share(|record| record.best_epoch_test_error);
    let loss = course(&records.curve(|record| record.last().test_loss), 0.1, |loss| fixed(loss, 2));
    let mut sentences = vec![
        Text::owned(
            format!(
                "With {n} training digits, {noise} label noise and {seeds} seed{plural}, the test error of width h {}.",
                test.en
            ),
            format!("训练数字 {n} 个、标签噪声 {noise}、随机种子 {seeds} 个时，宽度为 h 的网络的测试误差{}。", test.zh),
        ),
        Text::owned(format!("The test loss {}.", loss.en), format!("测试损失{}。", loss.zh)),
    ];
    if let Some(width) = fitting_width(&records.curve(|record| record.last().train_error)) {
        let fitted = percent(FITTED, 0);
        sentences.push(Text::owned(
            format!("The training set is fitted (error at most {fitted}) from h = {width} on."),
            format!("从 h = {width} 起，网络拟合了训练集（误差不超过 {fitted}）。"),
        ));
    }
    sentences.push(Text::owned(
        format!("Stopped at each width's best epoch, the test error {}.", best.en),
        format!("若各宽度都停在最佳轮次，测试误差{}。", best.zh),
    ));
    sentences
}

fn course(curve: &Curve, least: f64, write: fn(f64) -> String) -> Text {
    Course { x: &abscissas(), mean: &curve.mean, error: &curve.standard_error, least }.words("h", write)
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
