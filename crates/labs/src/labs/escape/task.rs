//! The work of one crowd of balls.

use super::descent::{Descent, Landscape};
use crate::{
    lab::Work,
    landscapes::{self, FLAT, SHARP},
    random::Random,
};
use serde::{Deserialize, Serialize};

/// A ball beyond this has diverged and stands still.
const FAR: f64 = 1e6;
/// Steps of balls in one slice.
const WORK_PER_SLICE: usize = 60_000;
/// Bins of the occupancy in a double well.
pub(super) const BINS: usize = 72;
/// Balls that descend together.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Crowd {
    pub(super) descent: Descent,
    pub(super) seed: u64,
    pub(super) balls: usize,
    /// How many of them leave a trace.
    pub(super) drawn: usize,
    /// Whether balls that escape leave the crowd, for a point of the sweep.
    pub(super) stops: bool,
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
    pub(super) balls: usize,
    /// How many escaped, and all balls' steps before they did.
    pub(super) escapes: u32,
    pub(super) waited: f64,
    /// How many flew off.
    pub(super) diverged: u32,
    /// Steps of balls in the second half of the time, and those of them on the other side.
    pub(super) counted: f64,
    pub(super) beyond: f64,
    /// How many had escaped at each moment that came.
    pub(super) escaped: Vec<u32>,
    /// The places of the drawn balls at these moments, one moment after the other.
    pub(super) places: Vec<f64>,
    /// The steps in which the drawn balls escaped; zero if they did not.
    pub(super) escaped_at: Vec<u32>,
    /// Visits of the bins in the second half of the time.
    pub(super) visits: Vec<u32>,
}

impl Course {
    pub(super) fn escaped_fraction(&self) -> f64 {
        f64::from(self.escapes) / self.balls as f64
    }

    pub(super) fn mean_escape_steps(&self) -> f64 {
        mean_wait([self].into_iter())
    }

    pub(super) fn flat_occupancy(&self) -> f64 {
        self.beyond / self.counted
    }
}

/// The mean escape time over several courses.
pub(super) fn mean_wait<'a>(courses: impl Iterator<Item = &'a Course>) -> f64 {
    let (waited, escapes) = courses
        .fold((0.0, 0.0), |(waited, escapes), course| (waited + course.waited, escapes + f64::from(course.escapes)));
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
pub(super) struct Simulation {
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
    pub(super) fn new(crowd: Crowd) -> Self {
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
            Landscape::LinearStability => landscapes::sample_slope(usize::from(self.random.uniform() < 0.5), place),
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
