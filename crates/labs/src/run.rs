//! One run of one lab: which tasks are done, which is under way, what it shows now. The terminal, the press and the
//! workers all drive this.

use crate::{
    data::Data,
    frame::{Frame, Report},
    lab::{Engine, Entry, Work},
    settings::Settings,
};
use std::collections::VecDeque;

/// How much of a plan is worked off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Only what the outputs need; the figure stays incomplete.
    Probe,
    /// Everything.
    Full,
}

/// Finished records by spec, kept while a reader moves sliders: a hash table with open addressing.
#[derive(Default)]
pub struct Memory {
    /// A power of two of places, half of them empty at least; or none.
    places: Vec<Option<(Vec<u8>, Vec<u8>)>>,
}

impl Memory {
    /// An empty one.
    pub const fn new() -> Self {
        Self { places: Vec::new() }
    }

    /// An empty one with room for so many records.
    fn with_room(records: usize) -> Self {
        let mut places = Vec::new();
        places.resize_with((2 * records).next_power_of_two(), || None);
        Self { places }
    }

    /// Where a spec is, or the empty place where it belongs. There are places.
    fn place(&self, spec: &[u8]) -> usize {
        // Fowler, Noll and Vo's hash.
        let hash = spec.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
        let mut place = hash as usize & (self.places.len() - 1);
        while self.places[place].as_ref().is_some_and(|(other, _)| other != spec) {
            place = (place + 1) & (self.places.len() - 1);
        }
        place
    }

    /// The record of a spec.
    pub fn get(&self, spec: &[u8]) -> Option<&Vec<u8>> {
        if self.places.is_empty() {
            return None;
        }
        self.places[self.place(spec)].as_ref().map(|(_, record)| record)
    }
}

/// The work of a task, its record as bytes.
type Working<'a> = Box<dyn Work<Vec<u8>> + 'a>;

/// One run under way.
pub struct Run<'a> {
    lab: &'static dyn Engine,
    data: &'a Data,
    settings: Settings,
    specs: Vec<Vec<u8>>,
    costs: Vec<f64>,
    entries: Vec<Entry<Vec<u8>>>,
    /// Tasks that nobody has begun, in order.
    waiting: VecDeque<usize>,
    /// The task that this run itself is working on.
    current: Option<(usize, Working<'a>)>,
}

impl<'a> Run<'a> {
    /// Plans a run; records that `memory` holds are taken over as done.
    pub fn new(lab: &'static dyn Engine, settings: Settings, scope: Scope, data: &'a Data, memory: &Memory) -> Self {
        let plan = lab.plan(&settings);
        let entries: Vec<_> = plan
            .tasks
            .iter()
            .map(|spec| memory.get(spec).map_or(Entry::Pending, |record| Entry::Done(record.clone())))
            .collect();
        let wanted: Vec<usize> = match scope {
            Scope::Full => (0..entries.len()).collect(),
            Scope::Probe => plan.probe,
        };
        let waiting = wanted.into_iter().filter(|&index| entries[index] == Entry::Pending).collect();
        let costs = plan.tasks.iter().map(|spec| lab.cost(spec)).collect();
        Self { lab, data, settings, specs: plan.tasks, costs, entries, waiting, current: None }
    }

    /// Does one slice of work; true when this run has nothing left to begin or go on with.
    pub fn advance(&mut self) -> bool {
        if self.current.is_none() && !self.begin_next() {
            return true;
        }
        if let Some((index, work)) = &mut self.current {
            let index = *index;
            let finished = work.advance();
            let record = work.record();
            self.entries[index] = if finished { Entry::Done(record) } else { Entry::Partial(record) };
            if finished {
                self.current = None;
            }
        }
        self.current.is_none() && self.waiting.is_empty()
    }

    fn begin_next(&mut self) -> bool {
        while let Some(index) = self.waiting.pop_front() {
            // A task that came up twice in the plan is done by the first.
            if let Some(twin) = self.finished_twin(index) {
                self.entries[index] = Entry::Done(twin);
                continue;
            }
            if let Some(work) = self.lab.begin(&self.specs[index], self.data) {
                self.current = Some((index, work));
                return true;
            }
        }
        false
    }

    fn finished_twin(&self, index: usize) -> Option<Vec<u8>> {
        let spec = &self.specs[index];
        let twin = self.specs.iter().position(|other| other == spec).filter(|&first| first != index)?;
        self.entries[twin].done().cloned()
    }

    /// Hands out the next task to a helper: its index and its spec. Helpers take from the far end, so that what is
    /// worth seeing first stays with the one who draws.
    pub fn hand_out(&mut self) -> Option<(usize, Vec<u8>)> {
        let index = self.waiting.pop_back()?;
        Some((index, self.specs[index].clone()))
    }

    /// Takes back a task that a helper did not finish.
    pub fn take_back(&mut self, index: usize) {
        if self.entries.get(index).is_some_and(|entry| entry.done().is_none()) && !self.waiting.contains(&index) {
            self.waiting.push_back(index);
        }
    }

    /// Takes a helper's finished record.
    pub fn deliver(&mut self, index: usize, record: Vec<u8>) {
        if let Some(entry) = self.entries.get_mut(index) {
            *entry = Entry::Done(record);
        }
    }

    /// Whether every task of the full plan is done.
    pub fn is_complete(&self) -> bool {
        self.entries.iter().all(|entry| entry.done().is_some())
    }

    /// The share of the work that is done, by cost.
    pub fn progress(&self) -> f64 {
        let total: f64 = self.costs.iter().sum();
        let done: f64 = self
            .entries
            .iter()
            .zip(&self.costs)
            .filter(|(entry, _)| entry.done().is_some())
            .map(|(_, cost)| cost)
            .sum();
        if total > 0.0 { done / total } else { 1.0 }
    }

    /// What the lab makes of the records so far.
    pub fn report(&self) -> Report {
        self.lab.report(&self.settings, &self.entries)
    }

    /// What the run shows now.
    pub fn frame(&self) -> Frame {
        let report = self.report();
        let digest = if self.is_complete() { report.digest().hex() } else { String::new() };
        Frame { report, progress: self.progress(), digest }
    }

    /// The finished records of this run, for the next one.
    pub fn memory(&self) -> Memory {
        let mut memory = Memory::with_room(self.specs.len());
        for (spec, entry) in self.specs.iter().zip(&self.entries) {
            if let Some(record) = entry.done() {
                let place = memory.place(spec);
                memory.places[place] = Some((spec.clone(), record.clone()));
            }
        }
        memory
    }

    /// The settings it runs with.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }
}

/// Runs a lab to the end and returns its last frame.
pub fn complete(lab: &'static dyn Engine, settings: Settings, data: &Data) -> Frame {
    let mut run = Run::new(lab, settings, Scope::Full, data, &Memory::new());
    while !run.advance() {}
    run.frame()
}

/// Runs only what the outputs need and returns the report.
pub fn probe(lab: &'static dyn Engine, settings: Settings, data: &Data) -> Report {
    let mut run = Run::new(lab, settings, Scope::Probe, data, &Memory::new());
    while !run.advance() {}
    run.report()
}
