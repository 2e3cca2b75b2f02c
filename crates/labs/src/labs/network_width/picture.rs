//! The figure: errors against width, loss against width, and the training of the probed network.

use super::{Curve, FITTED, Moment, Record, Records, abscissas, fitting_width, values};
use crate::{
    figure::{Axis, AxisScale, Chart, Figure, Mark, Panel, Role, Stroke},
    numerals::percent,
    settings::Settings,
    statistics,
    text::Text,
};
use std::borrow::Cow;

pub(super) fn figure(settings: &Settings, records: &Records) -> Figure {
    let panels = [errors(settings, records), loss(settings, records), training(settings, records)];
    Figure { panels: panels.into_iter().map(Panel::Chart).collect() }
}

fn line(name: &'static str, label: Text, role: Role, x: &[f64], y: Vec<f64>) -> Mark {
    Mark::line(name, label, role, Stroke::Solid, x, y)
}

/// One standard error to either side of the mean.
fn band(name: &'static str, role: Role, x: &[f64], curve: &Curve) -> Mark {
    let shifted = |sign: f64| curve.mean.iter().zip(&curve.standard_error).map(|(m, e)| m + sign * e).collect();
    let label = Text::new("± one standard error", "± 一个标准误差");
    Mark::spread(name, label, role, x, shifted(-1.0), shifted(1.0))
}

fn width_axis() -> Axis {
    Axis::new(Text::new("width h (hidden units)", "宽度 h（隐藏单元数）"), AxisScale::Log, [1.8, 290.0])
}

fn error_axis(settings: &Settings) -> Axis {
    // Barely trained networks, and those that fit much noise, err on most digits.
    let top = if settings.real("label_noise") > 0.25 || settings.count("epochs") < 20 { 0.9 } else { 0.7 };
    Axis::new(Text::new("error", "误差"), AxisScale::Linear, [0.0, top])
}

/// The probed width's point, where a finished record gives one.
fn probed_point(name: &'static str, settings: &Settings, records: &Records, quantity: fn(&Record) -> f64) -> Mark {
    let values = values(&records.visible(settings.count("width")), quantity);
    Mark::Points {
        name: Cow::Borrowed(name),
        label: Text::default(),
        role: Role::Test,
        x: vec![settings.real("width")],
        y: vec![statistics::mean(&values)],
    }
}

fn errors(settings: &Settings, records: &Records) -> Chart {
    let test = records.curve(|record| record.last().test_error);
    let train = records.curve(|record| record.last().train_error);
    let best = records.curve(|record| if record.history.is_empty() { f64::NAN } else { record.best_epoch_test_error });
    let threshold = fitting_width(&train).map(|width| {
        let fitted = percent(FITTED, 0);
        let label = Text::owned(format!("train error ≤ {fitted}"), format!("训练误差 ≤ {fitted}"));
        Mark::Threshold { label, x: width as f64 }
    });
    let mut marks = vec![band("test_error_band", Role::Test, &abscissas(), &test)];
    marks.extend(threshold);
    marks.extend([
        line("train_error", Text::new("train error", "训练误差"), Role::Train, &abscissas(), train.mean),
        line(
            "best_epoch_test_error",
            Text::new("test error at the best epoch", "最佳轮次的测试误差"),
            Role::Regularized,
            &abscissas(),
            best.mean,
        ),
        line("test_error", Text::new("test error", "测试误差"), Role::Test, &abscissas(), test.mean),
        probed_point("probed_test_error", settings, records, |record| record.last().test_error),
        Mark::probe("width", settings),
    ]);
    Chart {
        title: Text::new("Error against width", "误差随宽度的变化"),
        x: width_axis(),
        y: error_axis(settings),
        marks,
    }
}

fn loss(settings: &Settings, records: &Records) -> Chart {
    let test = records.curve(|record| record.last().test_loss);
    let label = Text::new("test cross-entropy", "测试交叉熵");
    let axis = Axis::new(label, AxisScale::Linear, [0.0, loss_top(settings)]);
    let marks = vec![
        band("test_loss_band", Role::Test, &abscissas(), &test),
        line("test_loss", Text::new("test loss", "测试损失"), Role::Test, &abscissas(), test.mean),
        probed_point("probed_test_loss", settings, records, |record| record.last().test_loss),
        Mark::probe("width", settings),
    ];
    Chart {
        title: Text::new("Test loss against width", "测试损失随宽度的变化"), x: width_axis(), y: axis, marks
    }
}

/// The top of the loss axis: the loss of confident errors grows with training and with the share of wrong labels.
fn loss_top(settings: &Settings) -> f64 {
    let training = (settings.real("epochs") / 150.0).max(1.0).sqrt();
    let noise = (0.2 + 4.0 * settings.real("label_noise")).max(0.6);
    (5.0 * training * noise).ceil() / 2.0
}

/// The training of the probed network, mean over its finished seeds.
fn training(settings: &Settings, records: &Records) -> Chart {
    let width = settings.count("width");
    let visible = records.visible(width);
    let kept = visible.iter().map(|record| record.history.len()).min().unwrap_or(0);
    let epochs: Vec<f64> =
        visible.first().map_or_else(Vec::new, |r| r.history[..kept].iter().map(|m| f64::from(m.epoch)).collect());
    let curve = |quantity: fn(&Moment) -> f64| {
        let mut curve = Curve::default();
        for k in 0..kept {
            curve.push(&visible.iter().map(|record| quantity(&record.history[k])).collect::<Vec<f64>>());
        }
        curve
    };
    let (test, train) = (curve(|moment| moment.test_error), curve(|moment| moment.train_error));
    let best = values(&records.done(width), |record| f64::from(record.best_epoch));
    let mut marks = vec![band("epoch_test_error_band", Role::Test, &epochs, &test)];
    if !best.is_empty() {
        marks.push(Mark::Threshold { label: Text::new("best epoch", "最佳轮次"), x: statistics::median(&best) });
    }
    marks.extend([
        line("epoch_train_error", Text::new("train error", "训练误差"), Role::Train, &epochs, train.mean),
        line("epoch_test_error", Text::new("test error", "测试误差"), Role::Test, &epochs, test.mean),
    ]);
    Chart {
        title: Text::owned(format!("Training at width {width}"), format!("宽度 {width} 的训练过程")),
        x: Axis::new(Text::new("epoch", "训练轮次"), AxisScale::Log, [1.0, settings.real("epochs").max(2.0)]),
        y: error_axis(settings),
        marks,
    }
}
