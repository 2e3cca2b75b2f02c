//! Minimum norm: which of infinitely many solutions gradient descent finds.
//!
//! `n` equations `Xw = y` in `p > n` unknowns, `X` and `y` with standard normal entries. Gradient descent on
//! `‖Xw − y‖²/2n` with step `1/L`, `L` the greatest eigenvalue of `XᵀX/n`, moves within the span of the rows of `X` only. So
//! what `w₀` has outside of it stays, and the limit is `X⁺y + (I − P)w₀`, `P` the projector onto the rows. With
//! `X = Σₖ sₖuₖvₖᵀ` and `λₖ = sₖ²/n`,
//!
//! `‖w(t) − X⁺y‖² = ‖(I − P)w₀‖² + Σₖ (1 − λₖ/L)²ᵗ·(vₖᵀw₀ − uₖᵀy/sₖ)²`,
//!
//! so that one decomposition gives every `t` and every length of `w₀`. On average over `w₀` and `y`, and over the
//! eigenvalues by the law of Marchenko and Pastur for `g = p/n`,
//!
//! `E‖w(t) − X⁺y‖² ≈ ‖w₀‖²·(1 − n/p) + ∫ (1 − λ/(√g + 1)²)²ᵗ·(n‖w₀‖²/p + 1/λ)·√((b − λ)(λ − a))/(2πλ) dλ`,
//!
//! with `a, b = (√g ∓ 1)²`; and `E‖X⁺y‖² = n/(p − n − 1)` exactly.

use super::training_time::power;
use crate::{
    course::Course,
    declarations,
    lab::AtOnce,
    numerals::{plain, round_up, short},
    prelude::*,
    random::Random,
};
use kernels::double::{View, gemv, symmetric_eigen, syrk};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// The lab.
pub static LAB: MinNorm = MinNorm;

/// See the module's description.
pub struct MinNorm;

/// The last step that can be asked for.
const LAST_STEP: u32 = 2000;
/// What lies below is drawn as if it were this: rounding ends the way of any real run not far below.
const FLOOR: f64 = 1e-16;

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("min-norm"),
    title: Text::new("Minimum norm", "最小范数"),
    about: Text::new(
        "Gradient descent from zero finds the shortest of infinitely many solutions; from a random start elsewhere it never gets there.",
        "解有无穷多个：从零出发的梯度下降找到其中最短的一个，从别处的随机起点出发则永远到不了。",
    ),
    parameters: Cow::Borrowed(&[
        Parameter::real(
            "init_norm",
            "‖w₀‖",
            Text::new("Length of the initial weights", "初始权重的长度"),
            Text::new(
                "How far from zero descent begins, in a random direction. At 0 the distance goes to zero; anything else is never forgotten.",
                "梯度下降从离零多远处出发，方向随机。取 0 时距离趋于零；取其他值，起点永远不会被忘掉。",
            ),
            [0.0, 3.0, 0.1],
            0.0,
        ),
        declarations::samples(
            Text::new(
                "How many equations the weights must satisfy. Each takes one direction of the initial weights away.",
                "权重要满足多少个方程。每个方程抹去初始权重的一个方向。",
            ),
            [10, 50, 1],
            50,
        ),
        declarations::features(
            "p",
            Text::new(
                "How many unknowns there are. Nearer to n, descent takes longer and the shortest solution is longer.",
                "未知数的个数。越接近 n，下降越慢，最短的解也越长。",
            ),
            [60, 500, 1],
            250,
        ),
        declarations::steps(
            Text::new(
                "When training stops: the point of the curves that the numbers report.",
                "何时停止训练，即下方数值所报告的曲线位置。",
            ),
            [0, LAST_STEP as i64, 1],
            400,
        )
        .scaled(Scale::LogarithmicFromZero),
        Parameter::seeds(20, 100),
    ]),
    outputs: Cow::Borrowed(&[
        Output::new(
            "squared_distance_to_min_norm",
            Text::new("Squared distance to the minimum-norm solution", "到最小范数解的平方距离"),
            Text::new(
                "How far the weights still are from the shortest solution, squared, in exact arithmetic.",
                "权重与最短解之间距离的平方（按精确算术）。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "theory_squared_distance",
            Text::new("Squared distance, theory", "平方距离（理论）"),
            Text::new(
                "Its mean for large n and p; after many steps ‖w₀‖²(1 − n/p).",
                "n、p 很大时它的平均值；步数足够多时为 ‖w₀‖²(1 − n/p)。",
            ),
            Aggregate::Exact,
        ),
        Output::new(
            "squared_norm",
            Text::new("Squared norm of the weights", "权重的平方范数"),
            Text::new("Of the weights after these steps.", "训练到该步数时权重的平方范数。"),
            Aggregate::Mean,
        ),
        Output::new(
            "squared_norm_of_min_norm",
            Text::new("Squared norm of the minimum-norm solution", "最小范数解的平方范数"),
            Text::new("Of the shortest of all solutions.", "所有解中最短者的平方范数。"),
            Aggregate::Mean,
        ),
        Output::new(
            "theory_squared_norm_of_min_norm",
            Text::new("Squared norm of the minimum-norm solution, theory", "最小范数解的平方范数（理论）"),
            Text::new("Its exact mean n/(p − n − 1).", "它的精确平均值 n/(p − n − 1)。"),
            Aggregate::Exact,
        ),
        declarations::train_mse(Text::new(
            "Mean squared error on the training samples. It goes to zero from every start.",
            "训练样本上的均方误差。无论从哪里出发，它都趋于零。",
        )),
        Output::new(
            "slowest_contraction",
            Text::new("Slowest contraction", "最慢的收缩因子"),
            Text::new(
                "What a step leaves of the error in the slowest direction among those that training sees.",
                "在训练看得见的方向中，最慢的那个方向上每一步之后误差剩下的比例。",
            ),
            Aggregate::Mean,
        ),
        Output::new(
            "theory_slowest_contraction",
            Text::new("Slowest contraction, theory", "最慢的收缩因子（理论）"),
            Text::new(
                "Its limit for large n and p, 1 − ((√g − 1)/(√g + 1))² with g = p/n.",
                "n、p 很大时的极限 1 − ((√g − 1)/(√g + 1))²，其中 g = p/n。",
            ),
            Aggregate::Exact,
        ),
    ]),
};

/// One draw of the equations and of the direction in which descent begins.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Spec {
    samples: usize,
    features: usize,
    seed: u64,
}

/// One direction that training sees.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Direction {
    /// `λₖ`.
    eigenvalue: f64,
    /// `vₖᵀw₀` for `‖w₀‖ = 1`.
    start: f64,
    /// `uₖᵀy/sₖ`: the coordinate of the minimum-norm solution.
    solution: f64,
}

/// A draw in the coordinates in which descent is simple.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Equations {
    directions: Vec<Direction>,
    /// `‖(I − P)w₀‖²` for `‖w₀‖ = 1`.
    unseen: f64,
}

/// What descent has come to after some steps.
#[derive(Clone, Copy, Debug)]
struct Moment {
    squared_distance: f64,
    squared_norm: f64,
    train_mse: f64,
}

impl Equations {
    fn new(spec: &Spec) -> Self {
        let (n, p) = (spec.samples, spec.features);
        let mut design = vec![0.0; n * p];
        Random::new(spec.seed, 0).fill_normal(&mut design);
        let mut labels = vec![0.0; n];
        Random::new(spec.seed, 1).fill_normal(&mut labels);
        let start = Random::new(spec.seed, 2).on_sphere(p, 1.0);
        let x = View::new(&design, n, p);
        let mut gram = vec![0.0; n * n];
        syrk(&mut gram, x);
        let eigen = symmetric_eigen(&gram, n);
        let basis = View::new(&eigen.vectors, n, n);
        let mut fitted = vec![0.0; n];
        gemv(&mut fitted, x, &start);
        let (mut along_start, mut along_labels) = (vec![0.0; n], vec![0.0; n]);
        gemv(&mut along_start, basis, &fitted);
        gemv(&mut along_labels, basis, &labels);
        let directions: Vec<Direction> = (0..n)
            .map(|k| {
                let length = eigen.values[k].sqrt();
                Direction {
                    eigenvalue: eigen.values[k] / n as f64,
                    start: along_start[k] / length,
                    solution: along_labels[k] / length,
                }
            })
            .collect();
        let seen: f64 = directions.iter().map(|direction| direction.start * direction.start).sum();
        Self { directions, unseen: (1.0 - seen).max(0.0) }
    }

    /// `L`.
    fn smoothness(&self) -> f64 {
        self.directions.iter().map(|direction| direction.eigenvalue).fold(0.0, f64::max)
    }

    fn after(&self, steps: u32, init_norm: f64) -> Moment {
        let smoothness = self.smoothness();
        let unseen = init_norm * init_norm * self.unseen;
        let mut moment = Moment { squared_distance: unseen, squared_norm: unseen, train_mse: 0.0 };
        for direction in &self.directions {
            let left = power(1.0 - direction.eigenvalue / smoothness, steps);
            let missed = left * (init_norm * direction.start - direction.solution);
            let weight = direction.solution + missed;
            moment.squared_distance += missed * missed;
            moment.squared_norm += weight * weight;
            moment.train_mse += direction.eigenvalue * missed * missed;
        }
        moment
    }

    fn squared_norm_of_min_norm(&self) -> f64 {
        self.directions.iter().map(|direction| direction.solution * direction.solution).sum()
    }

    fn slowest_contraction(&self) -> f64 {
        let least = self.directions.iter().map(|direction| direction.eigenvalue).fold(f64::INFINITY, f64::min);
        1.0 - least / self.smoothness()
    }
}

/// The averages over equations and starts, for large sizes.
struct Theory {
    samples: f64,
    features: f64,
    init_norm: f64,
}

impl Theory {
    fn of(settings: &Settings) -> Self {
        Self {
            samples: settings.real("samples"),
            features: settings.real("features"),
            init_norm: settings.real("init_norm"),
        }
    }

    /// `√a` and `√b`.
    fn edges(&self) -> [f64; 2] {
        let root = (self.features / self.samples).sqrt();
        [root - 1.0, root + 1.0]
    }

    fn squared_distance(&self, steps: u32) -> f64 {
        /// Points of the midpoint rule in the angle, for which it converges faster than any power.
        const POINTS: usize = 256;
        let squared = self.init_norm * self.init_norm;
        let [low, high] = self.edges().map(|edge| edge * edge);
        let (middle, half) = (f64::midpoint(low, high), 0.5 * (high - low));
        let seen: f64 = (0..POINTS)
            .map(|point| {
                let cosine = libm::cos(PI * (point as f64 + 0.5) / POINTS as f64);
                let eigenvalue = middle + half * cosine;
                // √((b − λ)(λ − a)) dλ/(2πλ)
                let weight = half * half * (1.0 - cosine * cosine) / (2.0 * eigenvalue * POINTS as f64);
                let left = power(1.0 - eigenvalue / high, steps);
                weight * left * left * (squared * self.samples / self.features + 1.0 / eigenvalue)
            })
            .sum();
        self.limit() + seen
    }

    /// Of the squared distance, after many steps.
    fn limit(&self) -> f64 {
        self.init_norm * self.init_norm * (1.0 - self.samples / self.features)
    }

    fn squared_norm_of_min_norm(&self) -> f64 {
        self.samples / (self.features - self.samples - 1.0)
    }

    fn slowest_contraction(&self) -> f64 {
        let [low, high] = self.edges();
        1.0 - low * low / (high * high)
    }
}

impl Lab for MinNorm {
    type Spec = Spec;
    type Record = Equations;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let (samples, features) = (settings.count("samples"), settings.count("features"));
        Plan::of_seeds(settings, |seed| Spec { samples, features, seed })
    }

    fn cost(&self, spec: &Spec) -> f64 {
        let (n, p) = (spec.samples as f64, spec.features as f64);
        n * p * (30.0 + n) + 10.0 * n * n * n
    }

    fn begin<'a>(&self, spec: &Spec, _data: &'a Data) -> Box<dyn Work<Equations> + 'a> {
        let spec = spec.clone();
        Box::new(AtOnce::new(move || Equations::new(&spec)))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Equations>]) -> Report {
        let draws: Vec<&Equations> = records.iter().filter_map(Entry::done).collect();
        let curve = Curve::new(settings, &draws);
        let theory = Theory::of(settings);
        let outputs = outputs(settings, &draws, &theory);
        let description = describe(&curve, settings, &outputs);
        let panels = vec![
            distance_panel(&curve, settings, &theory),
            training_panel(&curve, settings),
            norm_panel(&curve, settings, &theory),
        ];
        Report { figure: Figure { panels }, outputs, description }
    }
}

/// The steps on the curves: all at first, then about twelve an e-fold.
fn curve_steps() -> Vec<u32> {
    let mut steps = vec![0];
    while let Some(&last) = steps.last()
        && last < LAST_STEP
    {
        steps.push((last + 1).max(last + last / 12).min(LAST_STEP));
    }
    steps
}

/// A quantity that a moment shows.
type Reading = fn(&Moment) -> f64;

/// The course of the finished seeds.
struct Curve {
    steps: Vec<u32>,
    /// A list a step, a value a seed.
    moments: Vec<Vec<Moment>>,
}

impl Curve {
    fn new(settings: &Settings, draws: &[&Equations]) -> Self {
        let init_norm = settings.real("init_norm");
        let steps = curve_steps();
        let moments =
            steps.iter().map(|&step| draws.iter().map(|draw| draw.after(step, init_norm)).collect()).collect();
        Self { steps, moments }
    }

    fn x(&self) -> Vec<f64> {
        self.steps.iter().map(|&step| f64::from(step)).collect()
    }

    fn over_seeds(&self, statistic: fn(&[f64]) -> f64, read: Reading) -> Vec<f64> {
        self.moments.iter().map(|moments| statistic(&moments.iter().map(read).collect::<Vec<_>>())).collect()
    }

    /// What a chart shows of a quantity: the spread over seeds and the mean, lifted to the floor of a logarithmic axis.
    fn marks(&self, settings: &Settings, line: &Line) -> Vec<Mark> {
        let x = self.x();
        let lifted = |statistic| {
            let mut values = self.over_seeds(statistic, line.read);
            values.iter_mut().filter(|value| **value < line.floor).for_each(|value| *value = line.floor);
            values
        };
        let mut marks = Vec::new();
        if settings.seeds() > 1 {
            let label = declarations::SPREAD;
            marks.push(Mark::spread(
                line.name,
                label,
                line.role,
                &x,
                lifted(statistics::low),
                lifted(statistics::high),
            ));
        }
        marks.push(Mark::line(line.name, line.label.clone(), line.role, Stroke::Solid, &x, lifted(statistics::mean)));
        marks
    }
}

/// A measured quantity on a chart.
struct Line {
    name: &'static str,
    label: Text,
    role: Role,
    read: Reading,
    floor: f64,
}

fn outputs(settings: &Settings, draws: &[&Equations], theory: &Theory) -> Vec<OutputValue> {
    let steps = settings.count("steps") as u32;
    let moments: Vec<Moment> = draws.iter().map(|draw| draw.after(steps, settings.real("init_norm"))).collect();
    let mean = |name, read: Reading| OutputValue::mean(name, &moments.iter().map(read).collect::<Vec<_>>());
    let of_draws = |name, read: fn(&Equations) -> f64| {
        OutputValue::mean(name, &draws.iter().map(|draw| read(draw)).collect::<Vec<_>>())
    };
    vec![
        mean("squared_distance_to_min_norm", |moment| moment.squared_distance),
        OutputValue::exact("theory_squared_distance", theory.squared_distance(steps)),
        mean("squared_norm", |moment| moment.squared_norm),
        of_draws("squared_norm_of_min_norm", Equations::squared_norm_of_min_norm),
        OutputValue::exact("theory_squared_norm_of_min_norm", theory.squared_norm_of_min_norm()),
        mean("train_mse", |moment| moment.train_mse),
        of_draws("slowest_contraction", Equations::slowest_contraction),
        OutputValue::exact("theory_slowest_contraction", theory.slowest_contraction()),
    ]
}

fn steps_axis() -> Axis {
    let range = [0.0, f64::from(LAST_STEP)];
    Axis::new(Text::new("gradient steps t", "梯度下降步数 t"), AxisScale::LogFromZero, range)
}

fn distance_panel(curve: &Curve, settings: &Settings, theory: &Theory) -> Panel {
    let mut marks = curve.marks(
        settings,
        &Line {
            name: "squared_distance_to_min_norm",
            label: Text::new("squared distance, measured", "平方距离（测量）"),
            role: Role::Norm,
            read: |moment| moment.squared_distance,
            floor: FLOOR,
        },
    );
    let formula = curve.steps.iter().map(|&step| theory.squared_distance(step).max(FLOOR)).collect();
    let label = Text::new("squared distance, theory", "平方距离（理论）");
    marks.push(Mark::line("theory_squared_distance", label, Role::Theory, Stroke::Dashed, &curve.x(), formula));
    marks.push(Mark::probe("steps", settings));
    let label = Text::new("squared distance to X⁺y", "到 X⁺y 的平方距离");
    let y = Axis::new(label, AxisScale::Log, [FLOOR, 100.0]);
    Panel::chart(Text::new("Distance to the minimum-norm solution", "到最小范数解的距离"), steps_axis(), y, marks)
}

fn training_panel(curve: &Curve, settings: &Settings) -> Panel {
    let mut marks = curve.marks(
        settings,
        &Line {
            name: "train_mse",
            label: Text::new("training error, measured", "训练误差（测量）"),
            role: Role::Train,
            read: |moment| moment.train_mse,
            floor: FLOOR,
        },
    );
    marks.push(Mark::probe("steps", settings));
    let y = Axis::new(Text::new("training error", "训练误差"), AxisScale::Log, [FLOOR, 100.0]);
    Panel::chart(Text::new("Training error", "训练误差"), steps_axis(), y, marks)
}

fn norm_panel(curve: &Curve, settings: &Settings, theory: &Theory) -> Panel {
    let mut marks = curve.marks(
        settings,
        &Line {
            name: "squared_norm",
            label: Text::new("squared norm of the weights", "权重的平方范数"),
            role: Role::Norm,
            read: |moment| moment.squared_norm,
            floor: 0.0,
        },
    );
    let ends = [0.0, f64::from(LAST_STEP)];
    let least = theory.squared_norm_of_min_norm();
    let label = Text::new("of the minimum-norm solution, theory", "最小范数解（理论）");
    marks.push(Mark::line(
        "theory_squared_norm_of_min_norm",
        label,
        Role::Theory,
        Stroke::Dashed,
        &ends,
        vec![least; 2],
    ));
    marks.push(Mark::probe("steps", settings));
    let squared = theory.init_norm * theory.init_norm;
    let range = [0.0, round_up(1.2 * (theory.limit() + 1.5 * least).max(squared))];
    let y = Axis::new(Text::new("squared norm", "平方范数"), AxisScale::Linear, range);
    Panel::chart(Text::new("Length of the weights", "权重的长度"), steps_axis(), y, marks)
}

/// The course of the distance and of the training error, and the probed point, in words.
fn describe(curve: &Curve, settings: &Settings, outputs: &[OutputValue]) -> Text {
    if curve.moments.iter().any(Vec::is_empty) {
        return declarations::NOTHING_YET;
    }
    let x = curve.x();
    let course = |read| {
        let mut mean = curve.over_seeds(statistics::mean, read);
        mean.iter_mut().filter(|value| **value < FLOOR).for_each(|value| *value = FLOOR);
        let error = curve.over_seeds(statistics::standard_error, read);
        Course { x: &x, mean: &mean, error: &error, least: 0.0 }.words("t", short)
    };
    let distance = course(|moment| moment.squared_distance);
    let train = course(|moment| moment.train_mse);
    let value = |name| OutputValue::written(outputs, name);
    let (here, theory) = (value("squared_distance_to_min_norm"), value("theory_squared_distance"));
    let (norm, least) = (value("squared_norm"), value("squared_norm_of_min_norm"));
    let (n, p, t) = (settings.count("samples"), settings.count("features"), settings.count("steps"));
    let start = plain(settings.real("init_norm"));
    Text::owned(
        format!(
            "Gradient descent on {n} equations in {p} unknowns, from weights of length {start}; values below 1e-16 are shown as 1e-16. The squared distance to the minimum-norm solution {}. The training error {}. After {t} steps the squared distance is {here}, by the formula {theory}; the squared norm of the weights is {norm}, that of the minimum-norm solution {least}.",
            distance.en, train.en
        ),
        format!(
            "{n} 个方程、{p} 个未知数，从长度为 {start} 的权重出发做梯度下降；低于 1e-16 的值一律画作 1e-16。到最小范数解的平方距离{}。训练误差{}。{t} 步之后，平方距离为 {here}，公式给出 {theory}；权重的平方范数为 {norm}，最小范数解的平方范数为 {least}。",
            distance.zh, train.zh
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, complete, probe, series};
    use kernels::double::{gemm, squared_norm};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        testing::settings(&LAB, pairs)
    }

    fn value(pairs: &[(&str, &str)], name: &str) -> f64 {
        let report = probe(&LAB, settings(pairs), &Data::none());
        testing::value(&report, name)
    }

    #[test]
    fn closed_form_is_gradient_descent() {
        let (n, p, steps, init_norm) = (12, 60, 30, 1.5);
        let spec = Spec { samples: n, features: p, seed: 4 };
        let mut design = vec![0.0; n * p];
        Random::new(4, 0).fill_normal(&mut design);
        let mut labels = vec![0.0; n];
        Random::new(4, 1).fill_normal(&mut labels);
        let x = View::new(&design, n, p);
        let equations = Equations::new(&spec);
        let rate = 1.0 / equations.smoothness();
        let descend = |mut weights: Vec<f64>, steps: usize| {
            let mut residual = vec![0.0; n];
            for step in 0..=steps {
                gemm(&mut residual, x, View::new(&weights, p, 1));
                residual.iter_mut().zip(&labels).for_each(|(fitted, label)| *fitted -= label);
                if step == steps {
                    break;
                }
                let mut gradient = vec![0.0; p];
                gemv(&mut gradient, x.transposed(), &residual);
                weights.iter_mut().zip(&gradient).for_each(|(weight, slope)| *weight -= rate * slope / n as f64);
            }
            (weights, squared_norm(&residual) / n as f64)
        };
        let (weights, train_mse) = descend(Random::new(4, 2).on_sphere(p, init_norm), steps);
        // Long enough for the last bit.
        let (shortest, _) = descend(vec![0.0; p], 4000);
        let missed: Vec<f64> = weights.iter().zip(&shortest).map(|(a, b)| a - b).collect();
        let moment = equations.after(steps as u32, init_norm);
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9 * b, "{a} {b}");
        close(moment.squared_distance, squared_norm(&missed));
        close(moment.squared_norm, squared_norm(&weights));
        close(moment.train_mse, train_mse);
        close(equations.squared_norm_of_min_norm(), squared_norm(&shortest));
    }

    #[test]
    fn descent_from_zero_finds_the_shortest_solution_and_from_elsewhere_another_one() {
        assert!(value(&[], "squared_distance_to_min_norm") < 1e-20);
        let away = [("init_norm", "1")];
        assert!(value(&away, "train_mse") < 1e-20);
        assert!((value(&away, "squared_distance_to_min_norm") - 0.8).abs() < 0.06);
        let (norm, least) = (value(&away, "squared_norm"), value(&away, "squared_norm_of_min_norm"));
        assert!((norm - least - value(&away, "squared_distance_to_min_norm")).abs() < 1e-9);
    }

    #[test]
    fn theory_holds_along_the_whole_way() {
        for steps in ["0", "2", "8", "20", "400"] {
            let pairs = [("init_norm", "2"), ("features", "200"), ("steps", steps), ("seeds", "100")];
            let (measured, theory) =
                (value(&pairs, "squared_distance_to_min_norm"), value(&pairs, "theory_squared_distance"));
            assert!((measured - theory).abs() < 0.04 * theory, "after {steps}: {measured} and {theory}");
        }
        let theory = Theory { samples: 50.0, features: 250.0, init_norm: 0.0 };
        // The moments of the law of Marchenko and Pastur: ∫ dμ/λ = 1/(g − 1).
        assert!((theory.squared_distance(0) - 0.25).abs() < 1e-12);
        let theory = Theory { init_norm: 3.0, ..theory };
        assert!((theory.squared_distance(0) - 9.25).abs() < 1e-12);
        assert!((theory.limit() - 7.2).abs() < 1e-12);
    }

    #[test]
    fn the_slowest_direction_contracts_as_the_law_of_the_eigenvalues_says() {
        let (measured, theory) = (value(&[], "slowest_contraction"), value(&[], "theory_slowest_contraction"));
        assert!((theory - 0.854_101_966).abs() < 1e-9);
        assert!((measured - theory).abs() < 0.03, "{measured}");
    }

    #[test]
    fn the_curve_passes_through_the_probed_point() {
        let report =
            complete(&LAB, settings(&[("init_norm", "1"), ("steps", "6"), ("seeds", "4")]), &Data::none()).report;
        let series = series(&report, "squared_distance_to_min_norm");
        let there = series.x.iter().position(|&x| x == 6.0).unwrap();
        assert_eq!(series.y[there], testing::value(&report, "squared_distance_to_min_norm"));
        assert!(report.description.en.contains("falls from"), "{}", report.description.en);
    }
}
