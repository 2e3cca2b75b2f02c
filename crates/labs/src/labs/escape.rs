//! Many balls that roll down a one-dimensional loss by stochastic gradient descent, and how they leave a minimum.
//!
//! The losses, the descent and every formula are in [`crate::landscapes`]. On the *linear-stability* loss the balls begin
//! around `x = 1` with deviation 0.001, each step takes the gradient of one of the two samples, and a ball has escaped when
//! both samples pull it to zero, from where, without momentum, it cannot come back. In the *double well* they begin at the
//! bottom of the sharp minimum, and a ball has escaped when it reaches the bottom of the flat one.
//!
//! The mean escape time is the time that all balls waited over the number that escaped: their mean if all did, and the
//! maximum-likelihood estimate for exponential times if some were still waiting at the end.

use crate::{
    data::Data,
    figure::{Axis, AxisScale, Figure, Mark, Panel, Role, Stroke},
    frame::{OutputValue, Report},
    lab::{AtOnce, Entry, Lab, Plan, Work},
    landscapes::{self, FLAT, Langevin, LogWalk, SHARP, SHARPNESS},
    numerals::{percent, plain, short},
    random::Random,
    schema::{Aggregate, Choice, Output, Parameter, Scale, Schema},
    settings::Settings,
    statistics,
    text::Text,
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

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
    Parameter::real(
        "learning_rate",
        "η",
        Text::new("Learning rate", "学习率"),
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
        Text::new("Time on the flat side, theory", "在平坦一侧的时间（理论）"),
        Text::new("Of the Boltzmann distribution in the double well.", "双势阱中由玻尔兹曼分布给出。"),
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
/// Balls that escape on average within this share of the time have come to equilibrium in its second half.
const SETTLED: f64 = 0.15;
/// A ball beyond this has diverged and stands still.
const FAR: f64 = 1e6;
/// Steps of balls in one slice.
const WORK_PER_SLICE: usize = 60_000;
/// Bins of the occupancy in a double well.
const BINS: usize = 72;
/// Learning rates of the double well's sweep.
const WELL_RATES: [f64; 19] = [
    0.004, 0.006, 0.008, 0.01, 0.0125, 0.016, 0.02, 0.025, 0.03, 0.04, 0.05, 0.065, 0.08, 0.1, 0.13, 0.17, 0.25, 0.5, 1.0,
];
/// Points of the other sweep.
const STABILITY_POINTS: u32 = 25;
/// Balls whose distance from one is drawn.
const PATHS: usize = 12;

/// What the balls roll on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Landscape {
    LinearStability,
    DoubleWell,
}

impl Landscape {
    fn of(settings: &Settings) -> Self {
        if settings.choice("landscape") == 0 { Self::LinearStability } else { Self::DoubleWell }
    }

    /// After so many steps a run ends.
    const fn horizon(self) -> u32 {
        match self {
            Self::LinearStability => 2000,
            Self::DoubleWell => 20_000,
        }
    }

    /// Balls of a seed, and of a seed at a point of the sweep.
    const fn balls(self) -> [usize; 2] {
        match self {
            Self::LinearStability => [4000, 400],
            Self::DoubleWell => [500, 60],
        }
    }

    fn loss(self, place: f64) -> f64 {
        match self {
            Self::LinearStability => {
                f64::midpoint(landscapes::sample_loss(0, place), landscapes::sample_loss(1, place))
            }
            Self::DoubleWell => landscapes::well_loss(place),
        }
    }

    /// The part of the landscape that is drawn, and how high.
    const fn window(self) -> ([f64; 2], f64) {
        match self {
            Self::LinearStability => ([-0.8, 2.4], 1.5),
            Self::DoubleWell => ([-2.2, 5.0], 6.0),
        }
    }

    /// Left of this is one minimum's side, right of it the other's.
    fn border(self) -> f64 {
        match self {
            Self::LinearStability => 0.5,
            Self::DoubleWell => landscapes::barrier(),
        }
    }

    /// The steps at which a course is recorded: all at first, then about eight an e-fold.
    fn moments(self) -> Vec<u32> {
        let horizon = self.horizon();
        let next = |&step: &u32| (step < horizon).then(|| (step + 1).max(step + step / 8).min(horizon));
        std::iter::successors(Some(0), next).collect()
    }

    /// The learning rates of the sweep.
    fn rates(self, momentum: f64) -> Vec<f64> {
        match self {
            Self::LinearStability => {
                let [low, high] = stability_range(momentum);
                let share = |k: u32| f64::from(k) / f64::from(STABILITY_POINTS - 1);
                (0..STABILITY_POINTS).map(|k| low + (high - low) * share(k)).collect()
            }
            Self::DoubleWell => WELL_RATES.to_vec(),
        }
    }
}

/// The learning rates around both thresholds, which momentum lowers and drives apart.
fn stability_range(momentum: f64) -> [f64; 2] {
    let threshold = landscapes::mean_square_threshold(momentum);
    [threshold * (0.96 - 0.5 * momentum), threshold * (1.06 + 2.0 * momentum * momentum)]
}

/// How balls descend.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Descent {
    landscape: Landscape,
    learning_rate: f64,
    noise_scale: f64,
    momentum: f64,
}

impl Descent {
    fn of(settings: &Settings) -> Self {
        let landscape = Landscape::of(settings);
        let noise_scale = match landscape {
            // So that what does not depend on it is not run again.
            Landscape::LinearStability => 0.0,
            Landscape::DoubleWell => settings.real("noise_scale"),
        };
        let (learning_rate, momentum) = (settings.real("learning_rate"), settings.real("momentum"));
        Self { landscape, learning_rate, noise_scale, momentum }
    }

    fn langevin(&self) -> Langevin {
        Langevin::new(self.learning_rate, self.noise_scale, self.momentum)
    }

    /// The mean escape time in theory; NaN where there is none.
    fn theory_mean_steps(&self) -> f64 {
        match self.landscape {
            Landscape::LinearStability if self.momentum > 0.0 => f64::NAN,
            Landscape::LinearStability => LogWalk::new(self.learning_rate).mean_steps(),
            Landscape::DoubleWell => self.langevin().mean_steps(),
        }
    }

    /// The share that theory lets escape within each of so many steps; NaN where there is none.
    fn theory_escaped(&self, steps: &[f64]) -> Vec<f64> {
        match self.landscape {
            Landscape::LinearStability if self.momentum > 0.0 => vec![f64::NAN; steps.len()],
            Landscape::LinearStability => {
                let walk = LogWalk::new(self.learning_rate);
                steps.iter().map(|&steps| walk.left(steps)).collect()
            }
            Landscape::DoubleWell => {
                let mean = self.theory_mean_steps();
                steps.iter().map(|steps| -libm::expm1(-steps / mean)).collect()
            }
        }
    }

    fn threshold(&self) -> f64 {
        match self.landscape {
            Landscape::LinearStability => landscapes::mean_square_threshold(self.momentum),
            Landscape::DoubleWell => landscapes::descent_threshold(SHARPNESS, self.momentum),
        }
    }

    fn sharpness(&self) -> f64 {
        match self.landscape {
            Landscape::LinearStability => f64::midpoint(landscapes::CURVATURES[0], landscapes::CURVATURES[1]),
            Landscape::DoubleWell => SHARPNESS,
        }
    }

    fn step_times_sharpness(&self) -> f64 {
        let kept = 1.0 - self.momentum;
        self.learning_rate * self.sharpness() / (kept * kept)
    }
}

/// Balls that descend together.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Crowd {
    descent: Descent,
    seed: u64,
    balls: usize,
    /// How many of them leave a trace.
    drawn: usize,
    /// Whether balls that escape leave the crowd, for a point of the sweep.
    stops: bool,
}

/// All that one task depends on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub enum Spec {
    /// Balls that descend.
    Crowd(Crowd),
    /// The almost-sure threshold at a momentum.
    Threshold(f64),
}

/// What balls did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Course {
    balls: usize,
    /// How many escaped, and all balls' steps before they did.
    escapes: u32,
    waited: f64,
    /// How many flew off.
    diverged: u32,
    /// Steps of balls in the second half of the time, and those of them on the other side.
    counted: f64,
    beyond: f64,
    /// How many had escaped at each moment that came.
    escaped: Vec<u32>,
    /// The places of the drawn balls at these moments, one moment after the other.
    places: Vec<f64>,
    /// The steps in which the drawn balls escaped; zero if they did not.
    escaped_at: Vec<u32>,
    /// Visits of the bins in the second half of the time.
    visits: Vec<u32>,
}

impl Course {
    fn escaped_fraction(&self) -> f64 {
        f64::from(self.escapes) / self.balls as f64
    }

    fn mean_escape_steps(&self) -> f64 {
        mean_wait([self].into_iter())
    }

    fn flat_occupancy(&self) -> f64 {
        self.beyond / self.counted
    }
}

/// The mean escape time over several courses.
fn mean_wait<'a>(courses: impl Iterator<Item = &'a Course>) -> f64 {
    let (waited, escapes) = courses.fold((0.0, 0.0), |(waited, escapes), course| {
        (waited + course.waited, escapes + f64::from(course.escapes))
    });
    waited / escapes
}

/// What a task found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Record {
    /// Of a crowd.
    Course(Course),
    /// A threshold.
    Threshold(f64),
}

/// The work of one crowd.
struct Simulation {
    crowd: Crowd,
    random: Random,
    /// What a ball has to reach, see the landscapes.
    capture: f64,
    border: f64,
    places: Vec<f64>,
    speeds: Vec<f64>,
    /// Whether a ball has escaped.
    is_out: Vec<bool>,
    step: u32,
    moments: Vec<u32>,
    course: Course,
}

impl Simulation {
    fn new(crowd: Crowd) -> Self {
        let landscape = crowd.descent.landscape;
        // A point of the sweep shall not repeat the crowd that stands beside it.
        let mut random = Random::new(crowd.seed, u64::from(crowd.stops));
        let places: Vec<f64> = match landscape {
            Landscape::LinearStability => {
                (0..crowd.balls).map(|_| 1.0 + landscapes::START_DEVIATION * random.normal()).collect()
            }
            Landscape::DoubleWell => vec![SHARP; crowd.balls],
        };
        let course = Course {
            balls: crowd.balls,
            escaped_at: vec![0; crowd.drawn],
            visits: if crowd.stops { Vec::new() } else { vec![0; BINS] },
            ..Course::default()
        };
        let mut simulation = Self {
            crowd,
            random,
            capture: landscapes::capture(),
            border: landscape.border(),
            speeds: vec![0.0; crowd.balls],
            is_out: vec![false; crowd.balls],
            places,
            step: 0,
            moments: landscape.moments(),
            course,
        };
        simulation.look();
        simulation
    }

    /// Notes where things are, if this is a moment.
    fn look(&mut self) {
        if !self.crowd.stops && self.moments.get(self.course.escaped.len()) == Some(&self.step) {
            self.course.escaped.push(self.course.escapes);
            self.course.places.extend(&self.places[..self.crowd.drawn]);
        }
    }

    /// Moves one ball.
    fn roll(&mut self, ball: usize) -> f64 {
        let Descent { landscape, learning_rate, noise_scale, momentum } = self.crowd.descent;
        let place = self.places[ball];
        if place.abs() >= FAR {
            return place;
        }
        let slope = match landscape {
            Landscape::LinearStability => {
                landscapes::sample_slope(usize::from(self.random.uniform() < 0.5), place)
            }
            Landscape::DoubleWell => landscapes::well_slope(place) + noise_scale * self.random.normal(),
        };
        let speed = momentum * self.speeds[ball] - learning_rate * slope;
        let place = (place + speed).clamp(-FAR, FAR);
        self.speeds[ball] = speed;
        self.places[ball] = place;
        place
    }

    fn has_arrived(&self, place: f64) -> bool {
        match self.crowd.descent.landscape {
            Landscape::LinearStability => place.abs() <= self.capture,
            Landscape::DoubleWell => (FLAT..FAR).contains(&place),
        }
    }

    fn is_beyond(&self, place: f64) -> bool {
        match self.crowd.descent.landscape {
            Landscape::LinearStability => place < self.border,
            Landscape::DoubleWell => place > self.border,
        }
    }

    /// One step of every ball.
    fn step(&mut self) {
        let horizon = self.crowd.descent.landscape.horizon();
        let is_counted = !self.crowd.stops && self.step >= horizon / 2;
        let ([from, to], _) = self.crowd.descent.landscape.window();
        let bins_per_unit = BINS as f64 / (to - from);
        self.step += 1;
        let mut ball = 0;
        while ball < self.places.len() {
            let place = self.roll(ball);
            if !self.is_out[ball] {
                self.course.waited += 1.0;
                if self.has_arrived(place) {
                    self.course.escapes += 1;
                    self.is_out[ball] = true;
                    if ball < self.crowd.drawn {
                        self.course.escaped_at[ball] = self.step;
                    }
                    if self.crowd.stops {
                        self.places.swap_remove(ball);
                        self.speeds.swap_remove(ball);
                        self.is_out.swap_remove(ball);
                        continue;
                    }
                }
            }
            if is_counted {
                self.course.counted += 1.0;
                self.course.beyond += f64::from(u8::from(self.is_beyond(place)));
                // A negative number becomes zero, so the lower end is looked at apart.
                let bin = ((place - from) * bins_per_unit) as usize;
                if place >= from && bin < BINS {
                    self.course.visits[bin] += 1;
                }
            }
            ball += 1;
        }
        self.look();
    }

    fn is_finished(&self) -> bool {
        self.step == self.crowd.descent.landscape.horizon() || self.places.is_empty()
    }
}

impl Work<Record> for Simulation {
    fn advance(&mut self) -> bool {
        let mut work = 0;
        while work < WORK_PER_SLICE && !self.is_finished() {
            work += self.places.len();
            self.step();
        }
        self.course.diverged = self.places.iter().filter(|place| place.abs() >= FAR).count() as u32;
        self.is_finished()
    }

    fn record(&self) -> Record {
        Record::Course(self.course.clone())
    }
}

impl Lab for Escape {
    type Spec = Spec;
    type Record = Record;

    fn schema(&self) -> &'static Schema {
        &SCHEMA
    }

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
        let description = describe(&found, &outputs);
        let mut panels = vec![landscape_panel(&found), escaped_panel(settings, &found)];
        match found.descent.landscape {
            Landscape::LinearStability => panels.extend([paths_panel(&found), stability_sweep(settings, &found)]),
            Landscape::DoubleWell => panels.extend([well_sweep(settings, &found), occupancy_panel(&found)]),
        }
        Report { figure: Figure { panels }, outputs, description }
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
        Landscape::LinearStability => f64::NAN,
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
fn curve(settings: &Settings, name: &'static str, label: Text, x: &[f64], columns: &[Vec<f64>], mean: Vec<f64>) -> Vec<Mark> {
    let mut marks = Vec::new();
    if settings.seeds() > 1 {
        let over = |statistic: fn(&[f64]) -> f64| columns.iter().map(|values| statistic(values)).collect();
        let (low, high) = (over(statistics::low), over(statistics::high));
        let label = Text::new("10 to 90 % of seeds", "10–90% 的种子");
        marks.push(Mark::spread(name, label, Role::Train, x, low, high));
    }
    marks.push(Mark::line(name, label, Role::Train, Stroke::Solid, x, mean));
    marks
}

fn escaped_panel(settings: &Settings, found: &Found) -> Panel {
    let steps = found.steps();
    let theory = found.descent.theory_escaped(&steps);
    let label = match found.descent.landscape {
        Landscape::LinearStability => Text::new("first passage, theory", "首达（理论）"),
        Landscape::DoubleWell => Text::new("Langevin theory", "朗之万理论"),
    };
    let mut marks =
        vec![Mark::line("theory_escaped_by_step", label, Role::Theory, Stroke::Dashed, &steps, theory)];
    // The first seed is seen while it is under way.
    let courses: Vec<&Course> = if found.seeds.is_empty() { found.first.into_iter().collect() } else { found.seeds.clone() };
    let columns: Vec<Vec<f64>> = (0..steps.len())
        .map(|index| {
            let shares = courses.iter().filter_map(|course| Some(f64::from(*course.escaped.get(index)?) / course.balls as f64));
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
    let columns: Vec<Vec<f64>> = found
        .sweep
        .iter()
        .map(|courses| courses.iter().map(|course| course.escaped_fraction()).collect())
        .collect();
    let mean = columns.iter().map(|values| statistics::mean(values)).collect();
    marks.extend(curve(settings, "escaped_fraction", Text::new("escaped", "已逃逸"), &found.rates, &columns, mean));
    marks.push(Mark::Threshold { label: Text::new("mean square", "均方"), x: found.descent.threshold() });
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
    let x: Vec<f64> = (0..POINTS)
        .map(|k| least * libm::pow(greatest / least, f64::from(k) / f64::from(POINTS - 1)))
        .collect();
    let y = x.iter().map(|&learning_rate| Descent { learning_rate, ..descent }.theory_mean_steps()).collect();
    let label = Text::new("Langevin theory", "朗之万理论");
    let mut marks = vec![Mark::line("theory_mean_escape_steps", label, Role::Theory, Stroke::Dashed, &x, y)];
    let columns: Vec<Vec<f64>> = found
        .sweep
        .iter()
        .map(|courses| courses.iter().map(|course| course.mean_escape_steps()).filter(|steps| steps.is_finite()).collect())
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

/// The run in words.
fn describe(found: &Found, outputs: &[OutputValue]) -> Text {
    if found.seeds.is_empty() {
        return Text::new("Nothing has been measured yet.", "尚无测量结果。");
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
    let (rate, noise, momentum) =
        (plain(descent.learning_rate), plain(descent.noise_scale), plain(descent.momentum));
    let (escaped, occupancy, boltzmann) = (
        share(outputs, "escaped_fraction"),
        share(outputs, "flat_occupancy"),
        share(outputs, "theory_flat_occupancy"),
    );
    let value = |name| OutputValue::written(outputs, name);
    let (steps, theory, product) =
        (value("mean_escape_steps"), value("theory_mean_escape_steps"), value("step_times_sharpness"));
    let threshold = value("theory_threshold");
    let is_settled = outputs
        .iter()
        .any(|output| output.name == "mean_escape_steps" && output.value < SETTLED * f64::from(descent.landscape.horizon()));
    let settled = if is_settled {
        Text::same("")
    } else {
        Text::new(" They have not come to equilibrium by then.", "此时它们尚未达到平衡。")
    };
    let verdict = if descent.learning_rate > descent.threshold() {
        Text::owned(
            format!("Above η = {threshold} the sharp minimum throws balls out without any noise: this is no diffusion, and Langevin theory does not hold."),
            format!("η 超过 {threshold} 时，无需噪声，尖锐极小值就会把小球抛出：这不是扩散，朗之万理论不成立。"),
        )
    } else if descent.step_times_sharpness() > CONTINUOUS {
        Text::owned(
            format!("With ηa/(1 − β)² = {product} steps are too long, or momentum lasts too long, for Langevin theory, which wants it far below 1."),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::{Memory, Run, Scope, complete, probe};

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let (settings, refusals) = Settings::read(&SCHEMA, pairs.iter().copied());
        assert!(refusals.is_empty(), "{refusals:?}");
        settings
    }

    fn output(report: &Report, name: &str) -> f64 {
        report.outputs.iter().find(|output| output.name == name).unwrap().value
    }

    fn measured(pairs: &[(&str, &str)]) -> Report {
        probe(&LAB, settings(pairs), &Data::none())
    }

    fn well(pairs: &[(&str, &str)]) -> Report {
        measured(&[&[("landscape", "double_well")], pairs].concat())
    }

    #[test]
    fn below_the_thresholds_no_ball_leaves_and_above_them_all_do() {
        for (rate, escaped) in [("0.52", 0.0), ("0.58", 1.0)] {
            assert_eq!(output(&measured(&[("learning_rate", rate), ("seeds", "1")]), "escaped_fraction"), escaped);
        }
        let between = measured(&[("learning_rate", "0.56"), ("seeds", "1")]);
        let (measured, theory) = (output(&between, "escaped_fraction"), output(&between, "theory_escaped_fraction"));
        assert!((measured - theory).abs() < 0.05, "{measured} {theory}");
    }

    #[test]
    fn walds_identity_gives_the_escape_time() {
        for rate in ["0.57", "0.58", "0.6"] {
            let report = measured(&[("learning_rate", rate), ("seeds", "1")]);
            let ratio = output(&report, "mean_escape_steps") / output(&report, "theory_mean_escape_steps");
            assert!((0.98..1.1).contains(&ratio), "η = {rate}: {ratio}");
        }
    }

    #[test]
    fn langevin_theory_is_approached_as_steps_get_shorter() {
        let ratio = |rate, noise| {
            let report = well(&[("learning_rate", rate), ("noise_scale", noise), ("seeds", "2")]);
            output(&report, "mean_escape_steps") / output(&report, "theory_mean_escape_steps")
        };
        let ratios = [ratio("0.13", "2"), ratio("0.02", "6"), ratio("0.008", "10")];
        assert!(ratios[0] < 0.02 && (0.6..0.8).contains(&ratios[1]) && (0.85..1.1).contains(&ratios[2]), "{ratios:?}");
    }

    #[test]
    fn momentum_delays_escape_at_equal_learning_rate_over_one_minus_momentum() {
        let steps = |rate, momentum| {
            output(&well(&[("learning_rate", rate), ("momentum", momentum), ("seeds", "1")]), "mean_escape_steps")
        };
        assert!(steps("0.01", "0.5") > 1.4 * steps("0.02", "0"));
        assert!(steps("0.002", "0.9") > 2.5 * steps("0.02", "0"));
    }

    #[test]
    fn without_noise_every_ball_stays_and_the_numbers_say_so() {
        let report = well(&[("noise_scale", "0"), ("learning_rate", "0.1"), ("seeds", "2")]);
        assert_eq!(output(&report, "escaped_fraction"), 0.0);
        assert_eq!(output(&report, "mean_escape_steps"), f64::INFINITY);
        assert_eq!(output(&report, "flat_occupancy"), 0.0);
        assert!(report.description.en.contains("not come to equilibrium"), "{}", report.description.en);
    }

    #[test]
    fn balls_that_fly_off_are_counted_and_every_number_stays_finite() {
        let report = measured(&[("momentum", "0.95"), ("learning_rate", "1"), ("seeds", "1")]);
        assert!(output(&report, "diverged") > 0.0);
        assert!(output(&report, "escaped_fraction").is_finite() && output(&report, "flat_occupancy").is_finite());
    }

    #[test]
    fn the_drawn_balls_are_those_of_the_first_seed_at_the_step_that_is_asked_for() {
        let data = Data::none();
        let figure = |step: &str| complete(&LAB, settings(&[("seeds", "1"), ("shown_step", step)]), &data).report.figure;
        let balls = |figure: &Figure, name: &str| {
            figure.series().into_iter().find(|series| series.name == name).map(|series| series.x).unwrap()
        };
        let start = figure("0");
        assert!(balls(&start, "balls").iter().all(|place| (place - 1.0).abs() < 0.01));
        assert_eq!((balls(&start, "balls").len(), balls(&start, "escaped_balls").len()), (DRAWN, 0));
        let end = figure("20000");
        assert_eq!((balls(&end, "balls").len(), balls(&end, "escaped_balls").len()), (0, DRAWN));
        assert!(balls(&end, "escaped_balls").iter().all(|place| place.abs() < 1e-3));
        let middle = figure("200");
        assert!(balls(&middle, "balls").len() > 40 && balls(&middle, "escaped_balls").len() > 40);
    }

    #[test]
    fn the_balls_move_through_all_steps_while_the_work_goes_on() {
        let data = Data::none();
        let mut run = Run::new(&LAB, settings(&[("seeds", "2")]), Scope::Full, &data, &Memory::new());
        let mut labels = Vec::new();
        loop {
            let is_done = run.advance();
            let report = run.report();
            let Panel::Chart(chart) = &report.figure.panels[0] else { panic!("the landscape is a chart") };
            let shown = chart.marks.iter().find_map(|mark| match mark {
                Mark::Points { name, label, .. } if name == "balls" => Some(label.en.clone()),
                _ => None,
            });
            labels.extend(shown);
            if is_done {
                break;
            }
        }
        assert_eq!(labels.first().map(|label| &**label), Some("balls at step 0"));
        labels.dedup();
        assert!(labels.len() > 25, "{}", labels.len());
    }
}
