//! The run as a figure.

use super::{
    CONTINUOUS, DRAWN, Found,
    descent::{Descent, Landscape, stability_range},
    task::{BINS, Course, mean_wait},
};
use crate::{
    declarations,
    figure::{Axis, AxisScale, Figure, Mark, Panel, Role, Stroke},
    landscapes::{self, LogWalk, SHARPNESS},
    settings::Settings,
    statistics,
    text::Text,
};
use std::borrow::Cow;

/// Balls whose distance from one is drawn.
const PATHS: usize = 12;

/// The panels of a run.
pub(super) fn draw(settings: &Settings, found: &Found) -> Figure {
    let mut panels = vec![landscape_panel(found), escaped_panel(settings, found)];
    match found.descent.landscape {
        Landscape::LinearStability => panels.extend([paths_panel(found), stability_sweep(settings, found)]),
        Landscape::DoubleWell => panels.extend([well_sweep(settings, found), occupancy_panel(found)]),
    }
    Figure { panels }
}

fn points(name: &'static str, label: Text, role: Role, x: Vec<f64>, landscape: Landscape) -> Mark {
    let y = x.iter().map(|&place| landscape.loss(place)).collect();
    Mark::Points { name: Cow::Borrowed(name), label, role, x, y }
}

fn landscape_panel(found: &Found) -> Panel {
    const POINTS: u32 = 321;
    let landscape = found.descent.landscape;
    let (range, height) = landscape.window();
    let x: Vec<f64> =
        (0..POINTS).map(|k| range[0] + (range[1] - range[0]) * f64::from(k) / f64::from(POINTS - 1)).collect();
    let values = |loss: &dyn Fn(f64) -> f64| x.iter().map(|&place| loss(place)).collect::<Vec<_>>();
    let mut marks = Vec::new();
    if landscape == Landscape::LinearStability {
        let sample = |name, label, sample, stroke| {
            let y = values(&|place| landscapes::sample_loss(sample, place));
            Mark::line(name, label, Role::Noise, stroke, &x, y)
        };
        marks.push(sample("sample_1_loss", Text::new("sample 1", "样本 1"), 0, Stroke::Thin));
        marks.push(sample("sample_2_loss", Text::new("sample 2", "样本 2"), 1, Stroke::Dotted));
    }
    let loss = values(&|place| landscape.loss(place));
    marks.push(Mark::line("loss", Text::new("loss", "损失"), Role::Neutral, Stroke::Solid, &x, loss));
    if let Some(course) = found.first {
        let step = found.shown_step();
        let places = &course.places[found.shown * DRAWN..][..DRAWN];
        let (out, waiting): (Vec<_>, Vec<_>) =
            places.iter().zip(&course.escaped_at).partition(|&(_, &at)| at > 0 && at <= step);
        let places = |balls: Vec<(&f64, &u32)>| balls.into_iter().map(|(&place, _)| place).collect::<Vec<_>>();
        let label = Text::owned(format!("balls at step {step}"), format!("第 {step} 步的小球"));
        marks.push(points("balls", label, Role::Test, places(waiting), landscape));
        let label = Text::new("balls that have escaped", "已逃逸的小球");
        marks.push(points("escaped_balls", label, Role::Regularized, places(out), landscape));
    }
    let symbol = if landscape == Landscape::LinearStability { "x" } else { "w" };
    let x = Axis::new(Text::same(symbol), AxisScale::Linear, range);
    let y = Axis::new(Text::new("loss", "损失"), AxisScale::Linear, [0.0, height]);
    let title = Text::owned(format!("{DRAWN} balls of the first seed"), format!("第一个种子的 {DRAWN} 个小球"));
    Panel::chart(title, x, y, marks)
}

/// The spread over seeds and the mean of a share along steps, or of a quantity along the sweep.
fn curve(
    settings: &Settings,
    name: &'static str,
    label: Text,
    x: &[f64],
    columns: &[Vec<f64>],
    mean: Vec<f64>,
) -> Vec<Mark> {
    let mut marks = Vec::new();
    if settings.seeds() > 1 {
        let over = |statistic: fn(&[f64]) -> f64| columns.iter().map(|values| statistic(values)).collect();
        let (low, high) = (over(statistics::low), over(statistics::high));
        let label = declarations::SPREAD;
        marks.push(Mark::spread(name, label, Role::Train, x, low, high));
    }
    marks.push(Mark::line(name, label, Role::Train, Stroke::Solid, x, mean));
    marks
}

fn escaped_panel(settings: &Settings, found: &Found) -> Panel {
    let steps = found.steps();
    let label = match found.descent.landscape {
        Landscape::LinearStability => Text::new("first passage, theory", "首达（理论）"),
        Landscape::DoubleWell => Text::new("Langevin theory", "朗之万理论"),
    };
    let theory = found.descent.theory_escaped(&steps);
    let mut marks = Vec::new();
    // Without a formula there is no entry in the legend either.
    if theory.iter().any(|share| share.is_finite()) {
        marks.push(Mark::line("theory_escaped_by_step", label, Role::Theory, Stroke::Dashed, &steps, theory));
    }
    // The first seed is seen while it is under way.
    let courses: Vec<&Course> =
        if found.seeds.is_empty() { found.first.into_iter().collect() } else { found.seeds.clone() };
    let columns: Vec<Vec<f64>> = (0..steps.len())
        .map(|index| {
            let shares =
                courses.iter().filter_map(|course| Some(f64::from(*course.escaped.get(index)?) / course.balls as f64));
            shares.collect()
        })
        .collect();
    let mean = columns.iter().map(|values| statistics::mean(values)).collect();
    marks.extend(curve(settings, "escaped_by_step", Text::new("escaped", "已逃逸"), &steps, &columns, mean));
    if found.is_under_way(settings) {
        let now = f64::from(found.shown_step());
        marks.push(Mark::line("", Text::same(""), Role::Neutral, Stroke::Solid, &[now; 2], vec![0.0, 1.0]));
    }
    let horizon = f64::from(found.descent.landscape.horizon());
    let shown = settings.real("shown_step").min(horizon);
    marks.push(Mark::Probe { parameter: Cow::Borrowed("shown_step"), x: shown });
    let x = Axis::new(Text::new("steps t", "步数 t"), AxisScale::LogFromZero, [0.0, horizon]);
    let y = Axis::new(Text::new("share of balls", "小球比例"), AxisScale::Linear, [0.0, 1.05]);
    Panel::chart(Text::new("Escaped so far", "到此时已逃逸"), x, y, marks)
}

fn paths_panel(found: &Found) -> Panel {
    let steps = found.steps();
    let mut marks = Vec::new();
    if let Some(course) = found.first {
        let label = Text::owned(format!("{PATHS} of the balls"), format!("其中 {PATHS} 个小球"));
        for ball in 0..PATHS {
            let distances = course.places.iter().skip(ball).step_by(DRAWN).map(|place| (place - 1.0).abs());
            marks.push(Mark::Line {
                name: Cow::Owned(format!("distance_{}", ball + 1)),
                label: if ball == 0 { label.clone() } else { Text::same("") },
                role: Role::Test,
                stroke: Stroke::Thin,
                x: steps[..course.escaped.len()].to_vec(),
                y: distances.collect(),
            });
        }
    }
    if found.descent.momentum == 0.0 {
        let walk = LogWalk::new(found.descent.learning_rate);
        let y = steps.iter().map(|&steps| walk.typical_distance(steps)).collect();
        let label = Text::new("mean drift, theory", "平均漂移（理论）");
        marks.push(Mark::line("theory_distance", label, Role::Theory, Stroke::Dashed, &steps, y));
    }
    let x = Axis::new(
        Text::new("steps t", "步数 t"),
        AxisScale::LogFromZero,
        [0.0, f64::from(found.descent.landscape.horizon())],
    );
    let y = Axis::new(Text::new("|x − 1|", "|x − 1|"), AxisScale::Log, [1e-6, 10.0]);
    Panel::chart(Text::new("Distance from x = 1", "与 x = 1 的距离"), x, y, marks)
}

fn stability_sweep(settings: &Settings, found: &Found) -> Panel {
    let momentum = found.descent.momentum;
    let [low, high] = stability_range(momentum);
    let mut marks = Vec::new();
    if momentum == 0.0 {
        let horizon = f64::from(found.descent.landscape.horizon());
        let x: Vec<f64> = (0..=96).map(|k| low + (high - low) * f64::from(k) / 96.0).collect();
        let y = x.iter().map(|&rate| LogWalk::new(rate).left(horizon)).collect();
        let label = Text::new("first passage, theory", "首达（理论）");
        marks.push(Mark::line("theory_escaped_fraction", label, Role::Theory, Stroke::Dashed, &x, y));
    }
    let columns: Vec<Vec<f64>> =
        found.sweep.iter().map(|courses| courses.iter().map(|course| course.escaped_fraction()).collect()).collect();
    let mean = columns.iter().map(|values| statistics::mean(values)).collect();
    marks.extend(curve(settings, "escaped_fraction", Text::new("escaped", "已逃逸"), &found.rates, &columns, mean));
    marks.push(Mark::Threshold { label: Text::new("mean sq.", "均方"), x: found.descent.threshold() });
    marks.push(Mark::Threshold { label: Text::new("almost sure", "几乎必然"), x: found.almost_sure });
    marks.push(Mark::probe("learning_rate", settings));
    let x = Axis::new(Text::new("learning rate η", "学习率 η"), AxisScale::Linear, [low, high]);
    let y = Axis::new(Text::new("share of balls", "小球比例"), AxisScale::Linear, [0.0, 1.05]);
    Panel::chart(Text::new("Escaped after 2000 steps", "2000 步后已逃逸的比例"), x, y, marks)
}

/// The ends of the sweep's axes in a double well.
const WELL_RATE_RANGE: [f64; 2] = [0.002, 1.0];
const WELL_STEPS_RANGE: [f64; 2] = [1.0, 1e5];

fn well_sweep(settings: &Settings, found: &Found) -> Panel {
    const POINTS: u32 = 49;
    let descent = found.descent;
    let [least, greatest] = WELL_RATE_RANGE;
    let x: Vec<f64> =
        (0..POINTS).map(|k| least * libm::pow(greatest / least, f64::from(k) / f64::from(POINTS - 1))).collect();
    let y = x.iter().map(|&learning_rate| Descent { learning_rate, ..descent }.theory_mean_steps()).collect();
    let label = Text::new("Langevin theory", "朗之万理论");
    let mut marks = vec![Mark::line("theory_mean_escape_steps", label, Role::Theory, Stroke::Dashed, &x, y)];
    let columns: Vec<Vec<f64>> = found
        .sweep
        .iter()
        .map(|courses| {
            courses.iter().map(|course| course.mean_escape_steps()).filter(|steps| steps.is_finite()).collect()
        })
        .collect();
    let mean = found.sweep.iter().map(|courses| mean_wait(courses.iter().copied())).collect();
    let label = Text::new("mean escape time", "平均逃逸时间");
    marks.extend(curve(settings, "mean_escape_steps", label, &found.rates, &columns, mean));
    let kept = 1.0 - descent.momentum;
    let label = if descent.momentum > 0.0 { "ηa/(1 − β)² = 0.3" } else { "ηa = 0.3" };
    marks.push(Mark::Threshold { label: Text::same(label), x: CONTINUOUS * kept * kept / SHARPNESS });
    let label = Text::new("unstable without noise", "无噪声也不稳定");
    marks.push(Mark::Threshold { label, x: descent.threshold() });
    marks.push(Mark::probe("learning_rate", settings));
    let x = Axis::new(Text::new("learning rate η", "学习率 η"), AxisScale::Log, WELL_RATE_RANGE);
    let y = Axis::new(Text::new("steps", "步数"), AxisScale::Log, WELL_STEPS_RANGE);
    Panel::chart(Text::new("From the sharp bottom to the flat one", "从尖锐谷底到平坦谷底"), x, y, marks)
}

fn occupancy_panel(found: &Found) -> Panel {
    let landscape = found.descent.landscape;
    let ([from, to], _) = landscape.window();
    let width = (to - from) / BINS as f64;
    let centers: Vec<f64> = (0..BINS).map(|bin| from + width * (bin as f64 + 0.5)).collect();
    let temperature = found.descent.langevin().temperature;
    let mut marks = Vec::new();
    if temperature > 0.0 {
        let weights = || centers.iter().map(|&place| libm::exp(-landscape.loss(place) / temperature));
        // What little lies outside the window is left out of both curves.
        let mass: f64 = weights().sum::<f64>() * width;
        let density = weights().map(|weight| weight / mass).collect();
        let label = Text::new("Boltzmann distribution", "玻尔兹曼分布");
        marks.push(Mark::line("theory_density", label, Role::Theory, Stroke::Dashed, &centers, density));
    }
    let visits: Vec<f64> = (0..BINS)
        .map(|bin| found.seeds.iter().filter_map(|course| course.visits.get(bin)).map(|&count| f64::from(count)).sum())
        .collect();
    let all: f64 = visits.iter().sum::<f64>() * width;
    let density = visits.iter().map(|count| count / all).collect();
    let label = Text::new("second half of the time", "后一半时间");
    marks.push(Mark::line("density", label, Role::Train, Stroke::Solid, &centers, density));
    let x = Axis::new(Text::same("w"), AxisScale::Linear, [from, to]);
    let y = Axis::new(Text::new("density", "密度"), AxisScale::Linear, [0.0, 0.8]);
    Panel::chart(Text::new("Where the balls are", "小球在哪里"), x, y, marks)
}
