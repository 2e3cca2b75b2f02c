//! Many balls that roll down a one-dimensional loss by stochastic gradient descent, and how they leave a minimum.
//!
//! The losses, the descent and every formula are in [`crate::landscapes`]. On the *linear-stability* loss the balls begin
//! around `x = 1` with deviation 0.001, each step takes the gradient of one of the two samples, and a ball has escaped when
//! both samples pull it to zero, from where, without momentum, it cannot come back. In the *double well* they begin at the
//! bottom of the sharp minimum, and a ball has escaped when it reaches the bottom of the flat one.
//!
//! The mean escape time is the time that all balls waited over the number that escaped: their mean if all did, and the
//! maximum-likelihood estimate for exponential times if some were still waiting at the end.

mod descent;
mod picture;
mod task;
mod words;

use crate::{declarations, lab::AtOnce, landscapes, prelude::*};
use descent::{Descent, Landscape};
use task::{Course, Crowd, Record, Simulation, Spec};

/// The lab.
pub static LAB: Escape = Escape;

/// See the module's description.
pub struct Escape;

static SCHEMA: Schema = Schema {
    id: Cow::Borrowed("escape"),
    title: Text::new("Escape from a minimum", "逃离极小值"),
    about: Text::new(
        "Thousands of balls under stochastic gradient descent leave a minimum that gradient descent alone would keep, and theory says when.",
        "成千上万个小球在随机梯度下降下离开极小值，而不带噪声的梯度下降会留在那里；何时离开，由理论给出。",
    ),
    parameters: Cow::Borrowed(&PARAMETERS),
    outputs: Cow::Borrowed(&OUTPUTS),
};

const LANDSCAPES: &[Choice] = &[
    Choice::new("linear_stability", Text::new("linear stability", "线性稳定性")),
    Choice::new("double_well", Text::new("double well", "双势阱")),
];

const PARAMETERS: [Parameter; 6] = [
    Parameter::choice(
        "landscape",
        Text::new("Landscape", "损失景观"),
        Text::new(
            "Two minima of equal mean curvature with unequal samples, or a sharp and a flat well with noise in the gradient.",
            "两个极小值平均曲率相同而各样本曲率不同；或者一个尖锐、一个平坦的两个势阱，梯度带噪声。",
        ),
        LANDSCAPES,
        0,
    ),
    declarations::learning_rate(
        Text::new(
            "Cross the thresholds of the sweep. For the double well begin at 0.02 and go up.",
            "让它越过扫描图中的阈值。双势阱请从 0.02 开始，逐渐加大。",
        ),
        [0.002, 1.0, 0.0005],
        0.58,
    )
    .scaled(Scale::Logarithmic),
    Parameter::real(
        "noise_scale",
        "σ",
        Text::new("Gradient noise", "梯度噪声"),
        Text::new(
            "The standard deviation of the noise in the gradient of the double well. The other landscape has its samples for noise.",
            "双势阱中梯度噪声的标准差。另一种景观的噪声来自样本的抽取。",
        ),
        [0.0, 10.0, 0.1],
        6.0,
    ),
    Parameter::real(
        "momentum",
        "β",
        Text::new("Momentum", "动量"),
        Text::new(
            "The share of the last step that is kept. Compare the escape times at equal η/(1 − β).",
            "保留上一步的比例。请在 η/(1 − β) 相同时比较逃逸时间。",
        ),
        [0.0, 0.95, 0.01],
        0.0,
    ),
    Parameter::integer(
        "shown_step",
        "t",
        Text::new("Step shown", "显示的步数"),
        Text::new(
            "The balls are drawn where they were after so many steps. Move it to play their paths back and forth.",
            "画出小球在这么多步之后的真实位置。拖动它，便可来回播放它们的轨迹。",
        ),
        [0, 20_000, 1],
        200,
    )
    .scaled(Scale::LogarithmicFromZero),
    Parameter::seeds(5, 20),
];

const OUTPUTS: [Output; 10] = [
    Output::new(
        "escaped_fraction",
        Text::new("Escaped", "逃逸比例"),
        Text::new(
            "The share of balls that escaped within 2000 steps, 20,000 in the double well.",
            "在 2000 步（双势阱为 20000 步）之内逃逸的小球所占比例。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "mean_escape_steps",
        Text::new("Mean escape time, steps", "平均逃逸步数"),
        Text::new(
            "All balls' waiting time over the number that escaped; ∞ if none did.",
            "全部小球的等待步数之和除以逃逸的个数；无一逃逸时为 ∞。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "flat_occupancy",
        Text::new("Time on the other side", "在另一侧的时间"),
        Text::new(
            "The share of the second half of the time that balls spent around the flat minimum, or around x = 0.",
            "在后一半时间里，小球处于平坦极小值一侧（或 x = 0 一侧）的比例。",
        ),
        Aggregate::Mean,
    ),
    Output::new(
        "theory_threshold",
        Text::new("Threshold of the learning rate", "学习率阈值"),
        Text::new(
            "Above it the mean of (x − 1)² grows; in the double well, above it gradient descent leaves the sharp minimum without noise.",
            "高于它时 (x − 1)² 的均值增长；双势阱中，高于它时梯度下降无需噪声也会离开尖锐极小值。",
        ),
        Aggregate::Exact,
    ),
    Output::new(
        "theory_almost_sure_threshold",
        Text::new("Almost-sure threshold", "几乎必然阈值"),
        Text::new(
            "Above it |x − 1| grows along almost every path. With momentum it is measured on one long random product.",
            "高于它时 |x − 1| 沿几乎每条路径增长。有动量时，由一条很长的随机乘积测得。",
        ),
        Aggregate::Exact,
    ),
    Output::new(
        "theory_escaped_fraction",
        Text::new("Escaped, theory", "逃逸比例（理论）"),
        Text::new(
            "First passage of a random walk of ln|x − 1|, without momentum; in the double well an exponential law with the mean below.",
            "ln|x − 1| 随机游走的首达概率（无动量时）；双势阱中为以下述均值为参数的指数律。",
        ),
        Aggregate::Exact,
    ),
    Output::new(
        "theory_mean_escape_steps",
        Text::new("Mean escape time, theory", "平均逃逸步数（理论）"),
        Text::new(
            "Wald's identity for that walk, without momentum; in the double well the integral of Langevin theory.",
            "该随机游走的 Wald 恒等式（无动量时）；双势阱中为朗之万理论的积分。",
        ),
        Aggregate::Exact,
    ),
    Output::new(
        "theory_flat_occupancy",
        Text::new("Time on the other side, theory", "在另一侧的时间（理论）"),
        Text::new(
            "The escaped share of theory, averaged over that half, without momentum; in the double well the Boltzmann distribution's.",
            "理论逃逸比例在后一半时间里的平均（无动量时）；双势阱中由玻尔兹曼分布给出。",
        ),
        Aggregate::Exact,
    ),
    Output::new(
        "step_times_sharpness",
        Text::new("ηa/(1 − β)²", "ηa/(1 − β)²"),
        Text::new(
            "For the curvature a of the minimum that is left. Langevin theory wants it far below 1.",
            "其中 a 为所离开的极小值的曲率。朗之万理论要求它远小于 1。",
        ),
        Aggregate::Exact,
    ),
    Output::new(
        "diverged",
        Text::new("Diverged", "发散比例"),
        Text::new(
            "The share of balls that flew off beyond a million; momentum can do that.",
            "飞到一百万以外的小球所占比例；动量可能造成这种情况。",
        ),
        Aggregate::Mean,
    ),
];

/// Balls that are drawn.
const DRAWN: usize = 200;
/// The product `ηa/(1 − β)²` beyond which Langevin theory is visibly wrong.
const CONTINUOUS: f64 = 0.3;
impl Lab for Escape {
    type Spec = Spec;
    type Record = Record;

    const SCHEMA: &'static Schema = &SCHEMA;

    fn plan(&self, settings: &Settings) -> Plan<Spec> {
        let descent = Descent::of(settings);
        let [many, few] = descent.landscape.balls();
        let mut tasks: Vec<Spec> = settings
            .seed_list()
            .enumerate()
            .map(|(index, seed)| {
                let drawn = if index == 0 { DRAWN } else { 0 };
                Spec::Crowd(Crowd { descent, seed, balls: many, drawn, stops: false })
            })
            .collect();
        tasks.push(Spec::Threshold(descent.momentum));
        let probe = (0..tasks.len()).collect();
        let rates = descent.landscape.rates(descent.momentum);
        tasks.extend(settings.seed_list().flat_map(|seed| {
            rates.iter().map(move |&learning_rate| {
                let descent = Descent { learning_rate, ..descent };
                Spec::Crowd(Crowd { descent, seed, balls: few, drawn: 0, stops: true })
            })
        }));
        Plan { tasks, probe }
    }

    fn cost(&self, spec: &Spec) -> f64 {
        match spec {
            Spec::Crowd(crowd) => 40.0 * crowd.balls as f64 * f64::from(crowd.descent.landscape.horizon()),
            Spec::Threshold(_) => 4e6,
        }
    }

    fn begin<'a>(&self, spec: &Spec, _data: &'a Data) -> Box<dyn Work<Record> + 'a> {
        match *spec {
            Spec::Crowd(crowd) => Box::new(Simulation::new(crowd)),
            Spec::Threshold(momentum) => {
                Box::new(AtOnce::new(move || Record::Threshold(landscapes::almost_sure_threshold_with(momentum))))
            }
        }
    }

    fn report(&self, settings: &Settings, records: &[Entry<Record>]) -> Report {
        let found = Found::new(settings, records);
        let outputs = outputs(&found);
        let description = words::describe(&found, &outputs);
        Report { figure: picture::draw(settings, &found), outputs, description }
    }
}

/// The records by their use.
struct Found<'a> {
    descent: Descent,
    moments: Vec<u32>,
    /// The first seed, perhaps still under way.
    first: Option<&'a Course>,
    /// The finished seeds.
    seeds: Vec<&'a Course>,
    almost_sure: f64,
    rates: Vec<f64>,
    /// The finished seeds at each rate of the sweep.
    sweep: Vec<Vec<&'a Course>>,
    /// The index of the moment at which the balls are drawn.
    shown: usize,
}

fn course(record: &Record) -> Option<&Course> {
    match record {
        Record::Course(course) => Some(course),
        Record::Threshold(_) => None,
    }
}

impl<'a> Found<'a> {
    fn new(settings: &Settings, records: &'a [Entry<Record>]) -> Self {
        let descent = Descent::of(settings);
        let moments = descent.landscape.moments();
        let rates = descent.landscape.rates(descent.momentum);
        let (crowds, rest) = records.split_at(settings.seeds());
        let (threshold, sweep) = rest.split_at(1);
        let done = |entry: &'a Entry<Record>| entry.done().and_then(course);
        let at = |index: usize| sweep.iter().skip(index).step_by(rates.len()).filter_map(done).collect();
        let first = crowds[0].latest().and_then(course);
        // While a run goes on, the balls go from the start to the moment that is asked for as the work goes from
        // nothing to all: what is drawn has been computed, and there is time to see it.
        let asked = settings.count("shown_step") as u32;
        let last = moments.partition_point(|&moment| moment < asked).min(moments.len() - 1);
        let finished = records.iter().filter(|entry| entry.done().is_some()).count();
        let known = first.map_or(0, |course| course.escaped.len().saturating_sub(1));
        Self {
            first,
            seeds: crowds.iter().filter_map(done).collect(),
            almost_sure: match threshold[0].done() {
                Some(Record::Threshold(threshold)) if descent.landscape == Landscape::LinearStability => *threshold,
                _ => f64::NAN,
            },
            sweep: (0..rates.len()).map(at).collect(),
            shown: (last * finished / records.len()).min(known),
            descent,
            moments,
            rates,
        }
    }

    fn shown_step(&self) -> u32 {
        self.moments[self.shown]
    }

    fn is_under_way(&self, settings: &Settings) -> bool {
        self.seeds.len() < settings.seeds() || self.sweep.iter().any(|courses| courses.len() < settings.seeds())
    }

    fn steps(&self) -> Vec<f64> {
        self.moments.iter().map(|&moment| f64::from(moment)).collect()
    }
}

fn outputs(found: &Found) -> Vec<OutputValue> {
    let descent = &found.descent;
    let horizon = f64::from(descent.landscape.horizon());
    let mean = |name, read: fn(&Course) -> f64| {
        OutputValue::mean(name, &found.seeds.iter().map(|course| read(course)).collect::<Vec<_>>())
    };
    let occupancy = match descent.landscape {
        // Who has left stays away: on average over the second half of the time.
        Landscape::LinearStability => {
            const MOMENTS: usize = 101;
            let steps: Vec<f64> =
                (0..MOMENTS).map(|k| horizon * (1.0 + k as f64 / (MOMENTS - 1) as f64) / 2.0).collect();
            descent.theory_escaped(&steps).iter().sum::<f64>() / MOMENTS as f64
        }
        Landscape::DoubleWell => descent.langevin().flat_occupancy(),
    };
    vec![
        mean("escaped_fraction", Course::escaped_fraction),
        mean("mean_escape_steps", Course::mean_escape_steps),
        mean("flat_occupancy", Course::flat_occupancy),
        OutputValue::exact("theory_threshold", descent.threshold()),
        OutputValue::exact("theory_almost_sure_threshold", found.almost_sure),
        OutputValue::exact("theory_escaped_fraction", descent.theory_escaped(&[horizon])[0]),
        OutputValue::exact("theory_mean_escape_steps", descent.theory_mean_steps()),
        OutputValue::exact("theory_flat_occupancy", occupancy),
        OutputValue::exact("step_times_sharpness", descent.step_times_sharpness()),
        mean("diverged", |course| f64::from(course.diverged) / course.balls as f64),
    ]
}

#[cfg(test)]
mod tests;
