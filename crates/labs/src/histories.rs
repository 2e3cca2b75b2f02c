//! Trainings of several seeds on common steps, as curves: a statistic over the seeds at every step that was recorded.

use crate::{
    figure::{Mark, Role, Stroke},
    statistics,
    text::Text,
};

/// What is known of a training at one moment.
pub trait Snapshot {
    /// Steps that have been done.
    fn step(&self) -> usize;

    /// Mean losses on training and test samples.
    fn losses(&self) -> [f64; 2];

    /// Whether a loss has stopped being finite.
    fn diverged(&self) -> bool {
        !self.losses().iter().all(|loss| loss.is_finite())
    }
}

/// Trainings on common steps. One that has ended stays as it is.
pub struct Histories<'a, M> {
    /// The steps.
    pub steps: Vec<f64>,
    /// The moments of all trainings, step by step.
    pub moments: Vec<Vec<&'a M>>,
}

impl<'a, M: Snapshot> Histories<'a, M> {
    /// Brings trainings together, each recorded at the same steps as the others but for its last.
    pub fn new(histories: &[&'a [M]]) -> Self {
        let Some(longest) = histories.iter().max_by_key(|moments| moments.len()) else {
            return Self { steps: Vec::new(), moments: Vec::new() };
        };
        let at = |index: usize| histories.iter().filter_map(|moments| moments.get(index).or(moments.last())).collect();
        Self {
            steps: longest.iter().map(|moment| moment.step() as f64).collect(),
            moments: (0..longest.len()).map(at).collect(),
        }
    }

    /// How many trainings there are.
    pub fn count(&self) -> usize {
        self.moments.first().map_or(0, Vec::len)
    }

    /// A statistic over the trainings, step by step.
    pub fn over_seeds(&self, statistic: fn(&[f64]) -> f64, read: fn(&M) -> f64) -> Vec<f64> {
        let column = |moments: &Vec<&M>| statistic(&moments.iter().map(|moment| read(moment)).collect::<Vec<_>>());
        self.moments.iter().map(column).collect()
    }

    /// The spread of a quantity over the trainings, if there are several.
    pub fn spread(&self, name: &'static str, label: Text, role: Role, read: fn(&M) -> f64) -> Option<Mark> {
        (self.count() > 1).then(|| {
            let (low, high) = (self.over_seeds(statistics::low, read), self.over_seeds(statistics::high, read));
            Mark::spread(name, label, role, &self.steps, low, high)
        })
    }
}

/// A quantity along one training: a thin line without an entry in the legend.
pub fn one_seed<M: Snapshot>(name: &'static str, role: Role, moments: &[M], read: fn(&M) -> f64) -> Mark {
    let steps: Vec<f64> = moments.iter().map(|moment| moment.step() as f64).collect();
    Mark::line(name, Text::same(""), role, Stroke::Thin, &steps, moments.iter().map(read).collect())
}

/// `3 of 12 seeds are done.` for the front of a description; nothing once all are done.
pub fn seeds_done(done: usize, all: usize) -> Text {
    if done < all {
        Text::owned(format!("{done} of {all} seeds are done."), format!("{all} 个种子已完成 {done} 个。"))
    } else {
        Text::same("")
    }
}
