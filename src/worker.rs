//! What a worker does with its messages, apart from the web: the lead's and the helper's part of a run.
//!
//! A clock decides when a slice ends and when a frame is sent, never what is in it.

use crate::protocol::{Finished, FromWorker, JobId, Phase, Task, ToWorker};
use labs::{
    data::Data,
    lab::{AnyLab, Work},
    labs::find,
    run::{Memory, Run, Scope},
    text::Text,
};
use std::collections::BTreeMap;

/// How long a worker works before it looks at its messages, in milliseconds.
const SLICE: f64 = 25.0;
/// Least time between two frames, in milliseconds.
const FRAME_INTERVAL: f64 = 50.0;
/// Making frames takes at most one part in this many of the time.
const FRAME_SHARE: f64 = 4.0;
/// An errand collects tasks up to this cost, in floating-point operations: some ten milliseconds.
const ERRAND_COST: f64 = 2e7;
/// And at most so many tasks.
const ERRAND_TASKS: usize = 64;

/// A worker's state between two messages.
pub struct Desk {
    data: &'static Data,
    duty: Duty,
    out: Vec<FromWorker>,
}

enum Duty {
    None,
    Lead(Box<Lead>),
    Help(Help),
}

struct Lead {
    job: JobId,
    lab: &'static dyn AnyLab,
    run: Run<'static>,
    phase: Phase,
    /// Free helpers.
    helpers: u32,
    /// The tasks that helpers have, by errand.
    errands: BTreeMap<u32, Vec<usize>>,
    next_errand: u32,
    /// When the last frame was sent and how long it took to make; nothing before the first.
    last_frame: Option<(f64, f64)>,
}

struct Help {
    job: JobId,
    errand: u32,
    lab: &'static dyn AnyLab,
    waiting: std::vec::IntoIter<Task>,
    current: Option<(usize, Box<dyn Work<Vec<u8>>>)>,
    finished: Vec<Finished>,
}

/// The sentence for a job that names a lab which this site does not have.
fn unknown_lab(lab: &str) -> Text {
    Text::owned(
        format!("This copy of the book has no lab “{lab}”. Reload the page to get a matching version."),
        format!("本站没有名为“{lab}”的实验。请重新加载页面，以取得一致的版本。"),
    )
}

/// The sentence for work that the lab's own code cannot read.
fn unreadable() -> Text {
    Text::new(
        "The page and its worker are of different versions. Reload the page.",
        "页面与后台程序的版本不一致，请重新加载页面。",
    )
}

impl Desk {
    /// An idle worker with the data loaded so far.
    pub const fn new(data: &'static Data) -> Self {
        Self { data, duty: Duty::None, out: Vec::new() }
    }

    /// Puts other data on the desk, for the jobs that come.
    pub const fn set_data(&mut self, data: &'static Data) {
        self.data = data;
    }

    /// The messages to send, oldest first.
    pub fn take_out(&mut self) -> Vec<FromWorker> {
        std::mem::take(&mut self.out)
    }

    /// Takes in one message. `now` is in milliseconds.
    pub fn hear(&mut self, message: ToWorker, now: &dyn Fn() -> f64) {
        match message {
            ToWorker::Run { job, lab, settings, data: _, fresh, paused } => {
                let memory = match &self.duty {
                    Duty::Lead(lead) if !fresh && lead.lab.schema().id == lab => lead.run.memory(),
                    _ => Memory::new(),
                };
                self.duty = Duty::None;
                let Some(found) = find(&lab) else {
                    self.out.push(FromWorker::Failed(job, unknown_lab(&lab)));
                    return;
                };
                self.duty = Duty::Lead(Box::new(Lead {
                    job,
                    lab: found,
                    run: Run::new(found, settings, Scope::Full, self.data, &memory),
                    phase: if paused { Phase::Paused } else { Phase::Running },
                    helpers: 0,
                    errands: BTreeMap::new(),
                    next_errand: 0,
                    last_frame: None,
                }));
            }
            ToWorker::Help { job, errand, lab, data: _, tasks } => {
                let Some(lab) = find(&lab) else {
                    self.out.push(FromWorker::Failed(job, unknown_lab(&lab)));
                    return;
                };
                let waiting = tasks.into_iter();
                self.duty = Duty::Help(Help { job, errand, lab, waiting, current: None, finished: Vec::new() });
            }
            ToWorker::Cancel(job) => {
                if self.job() == Some(job) {
                    self.duty = Duty::None;
                }
            }
            ToWorker::Pause(job) => {
                if let Some(lead) = self.lead(job).filter(|lead| lead.phase == Phase::Running) {
                    lead.phase = Phase::Paused;
                    let message = lead.frame(now);
                    self.out.push(message);
                }
            }
            ToWorker::Resume(job) => {
                if let Some(lead) = self.lead(job).filter(|lead| lead.phase == Phase::Paused) {
                    lead.phase = Phase::Running;
                }
            }
            ToWorker::Step(job) => {
                if let Some(lead) = self.lead(job).filter(|lead| lead.phase == Phase::Paused) {
                    lead.run.advance();
                    lead.settle();
                    let message = lead.frame(now);
                    self.out.push(message);
                }
            }
            ToWorker::Lend(job, count) => {
                if let Some(lead) = self.lead(job) {
                    lead.helpers += count;
                }
            }
            ToWorker::Deliver { job, errand, records } => {
                if let Some(lead) = self.lead(job) {
                    lead.helpers += 1;
                    if lead.errands.remove(&errand).is_some() {
                        records.into_iter().for_each(|done| lead.run.deliver(done.index, done.record));
                    }
                }
            }
            ToWorker::Lost(job, errand) => {
                if let Some(lead) = self.lead(job) {
                    let tasks = lead.errands.remove(&errand).unwrap_or_default();
                    tasks.into_iter().for_each(|index| lead.run.take_back(index));
                }
            }
        }
    }

    /// Works for a slice; true while there is more to do without another message.
    pub fn tick(&mut self, now: &dyn Fn() -> f64) -> bool {
        match &mut self.duty {
            Duty::None => false,
            Duty::Lead(lead) if lead.phase != Phase::Running => false,
            Duty::Lead(lead) => lead.tick(now, &mut self.out),
            Duty::Help(help) => {
                let more = help.tick(self.data, now, &mut self.out);
                if !more {
                    self.duty = Duty::None;
                }
                more
            }
        }
    }

    /// The job under way or last done.
    pub fn job(&self) -> Option<JobId> {
        match &self.duty {
            Duty::None => None,
            Duty::Lead(lead) => Some(lead.job),
            Duty::Help(help) => Some(help.job),
        }
    }

    fn lead(&mut self, job: JobId) -> Option<&mut Lead> {
        match &mut self.duty {
            Duty::Lead(lead) if lead.job == job => Some(lead),
            _ => None,
        }
    }
}

impl Lead {
    fn tick(&mut self, now: &dyn Fn() -> f64, out: &mut Vec<FromWorker>) -> bool {
        let start = now();
        // The first slice goes before the first errand, so that what is worth seeing first is drawn live; and its
        // frame goes out at once, so that a slider answers.
        let mut exhausted = self.run.advance();
        self.hand_out(out);
        while !exhausted && self.last_frame.is_some() && now() - start < SLICE {
            exhausted = self.run.advance();
        }
        self.settle();
        if exhausted && self.phase == Phase::Running && self.errands.is_empty() {
            // Nothing is left to begin and nobody has anything, yet records are missing: the specs are unreadable.
            out.push(FromWorker::Failed(self.job, unreadable()));
            self.phase = Phase::Paused;
            return false;
        }
        if self.phase == Phase::Done || self.is_frame_due(now()) {
            out.push(self.frame(now));
        }
        !exhausted && self.phase == Phase::Running
    }

    /// Notices that every task is done.
    fn settle(&mut self) {
        if self.run.is_complete() {
            self.phase = Phase::Done;
        }
    }

    fn is_frame_due(&self, now: f64) -> bool {
        self.last_frame.is_none_or(|(sent, took)| now - sent >= FRAME_INTERVAL.max(FRAME_SHARE * took))
    }

    fn frame(&mut self, now: &dyn Fn() -> f64) -> FromWorker {
        let start = now();
        let frame = Box::new(self.run.frame());
        let sent = now();
        self.last_frame = Some((sent, sent - start));
        FromWorker::Frame { job: self.job, phase: self.phase, frame }
    }

    fn hand_out(&mut self, out: &mut Vec<FromWorker>) {
        while self.helpers > 0 {
            let mut tasks = Vec::new();
            let mut cost = 0.0;
            while cost < ERRAND_COST && tasks.len() < ERRAND_TASKS {
                let Some((index, spec)) = self.run.hand_out() else { break };
                cost += self.lab.cost(&spec);
                tasks.push(Task { index, spec });
            }
            if tasks.is_empty() {
                return;
            }
            let errand = self.next_errand;
            self.next_errand += 1;
            self.helpers -= 1;
            self.errands.insert(errand, tasks.iter().map(|task| task.index).collect());
            out.push(FromWorker::HandOut { job: self.job, errand, tasks });
        }
    }
}

impl Help {
    fn tick(&mut self, data: &'static Data, now: &dyn Fn() -> f64, out: &mut Vec<FromWorker>) -> bool {
        let start = now();
        loop {
            if self.current.is_none() {
                let Some(task) = self.waiting.next() else {
                    let records = std::mem::take(&mut self.finished);
                    out.push(FromWorker::Records { job: self.job, errand: self.errand, records });
                    return false;
                };
                let Some(work) = self.lab.begin(&task.spec, data) else {
                    out.push(FromWorker::Failed(self.job, unreadable()));
                    return false;
                };
                self.current = Some((task.index, work));
            }
            if let Some((index, work)) = &mut self.current
                && work.advance()
            {
                self.finished.push(Finished { index: *index, record: work.record() });
                self.current = None;
            }
            if now() - start >= SLICE {
                return true;
            }
        }
    }
}
