//! What a worker does with its messages, apart from the web: the lead's and the helper's part of a run.
//!
//! A clock decides when a slice ends and when a frame is sent, never what is in it.

use super::protocol::{Finished, FromWorker, JobId, Phase, Task, ToWorker};
use labs::{
    data::Data,
    lab::{Engine, Work},
    labs::Program,
    run::{Memory, Run, Scope},
    text::Text,
};

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
    program: &'static Program,
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
    lab: String,
    engine: &'static dyn Engine,
    run: Run<'static>,
    phase: Phase,
    /// Free helpers.
    helpers: u32,
    /// The tasks that helpers have, by errand.
    errands: Vec<(u32, Vec<usize>)>,
    next_errand: u32,
    /// When the last frame was sent and how long it took to make; nothing before the first.
    last_frame: Option<(f64, f64)>,
}

/// The task under way: its index and its work.
type Current = (usize, Box<dyn Work<Vec<u8>>>);

struct Help {
    job: JobId,
    errand: u32,
    lab: &'static dyn Engine,
    waiting: std::vec::IntoIter<Task>,
    current: Option<Current>,
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
    /// An idle worker that runs the labs of a program, with the data loaded so far.
    pub const fn new(program: &'static Program, data: &'static Data) -> Self {
        Self { program, data, duty: Duty::None, out: Vec::new() }
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
                    Duty::Lead(lead) if !fresh && lead.lab == lab => lead.run.memory(),
                    _ => Memory::new(),
                };
                self.duty = Duty::None;
                let Some(found) = self.program.engine(&lab) else {
                    self.out.push(FromWorker::Failed(job, unknown_lab(&lab)));
                    return;
                };
                self.duty = Duty::Lead(Box::new(Lead {
                    job,
                    lab,
                    engine: found,
                    run: Run::new(found, settings, Scope::Full, self.data, &memory),
                    phase: if paused { Phase::Paused } else { Phase::Running },
                    helpers: 0,
                    errands: Vec::new(),
                    next_errand: 0,
                    last_frame: None,
                }));
            }
            ToWorker::Help { job, errand, lab, data: _, tasks } => {
                let Some(lab) = self.program.engine(&lab) else {
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
            ToWorker::Ask(_) => {}
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
                    if lead.take_errand(errand).is_some() {
                        for done in records {
                            lead.run.deliver(done.index, done.record);
                        }
                    }
                }
            }
            ToWorker::Lost(job, errand) => {
                if let Some(lead) = self.lead(job) {
                    let tasks = lead.take_errand(errand).unwrap_or_default();
                    for index in tasks {
                        lead.run.take_back(index);
                    }
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

    /// The tasks of an errand that a helper has, which it has no longer.
    fn take_errand(&mut self, errand: u32) -> Option<Vec<usize>> {
        let found = self.errands.iter().position(|(number, _)| *number == errand)?;
        Some(self.errands.swap_remove(found).1)
    }

    fn hand_out(&mut self, out: &mut Vec<FromWorker>) {
        while self.helpers > 0 {
            let mut tasks = Vec::new();
            let mut cost = 0.0;
            while cost < ERRAND_COST && tasks.len() < ERRAND_TASKS {
                let Some((index, spec)) = self.run.hand_out() else { break };
                cost += self.engine.cost(&spec);
                tasks.push(Task { index, spec });
            }
            if tasks.is_empty() {
                return;
            }
            let errand = self.next_errand;
            self.next_errand += 1;
            self.helpers -= 1;
            self.errands.push((errand, tasks.iter().map(|task| task.index).collect()));
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

#[cfg(test)]
mod tests {
    use super::*;
    use labs::{frame::Frame, run::complete, settings::Settings};
    use labs::{
        lab::AnyLab,
        labs::{LINEAR, find},
    };
    use std::{cell::Cell, collections::VecDeque};

    static NO_DATA: Data = Data::none();

    /// A clock on which every glance takes a while, so that slices end and frames fall due.
    fn clock(step: f64) -> impl Fn() -> f64 {
        let time = Cell::new(0.0);
        move || {
            time.set(time.get() + step);
            time.get()
        }
    }

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        Settings::read(lab().schema(), pairs.iter().copied()).0
    }

    fn lab() -> &'static dyn AnyLab {
        find("ridgeless").expect("the lab ridgeless is in the registry")
    }

    fn small(pairs: &[(&str, &str)]) -> Settings {
        settings(&[&[("samples", "50"), ("seeds", "2")], pairs].concat())
    }

    fn run(job: JobId, settings: &Settings, fresh: bool, paused: bool) -> ToWorker {
        let settings = settings.clone();
        ToWorker::Run { job, lab: "ridgeless".into(), settings, data: Vec::new(), fresh, paused }
    }

    fn frames(out: &[FromWorker]) -> Vec<(JobId, Phase, &Frame)> {
        out.iter()
            .filter_map(|message| match message {
                FromWorker::Frame { job, phase, frame } => Some((*job, *phase, &**frame)),
                _ => None,
            })
            .collect()
    }

    /// Lets a lead work to the end with so many helpers, which answer in the order in which they were asked or, with
    /// `reversed`, the other way round; returns everything that the lead sent.
    fn work(lead: &mut Desk, job: JobId, helpers: u32, reversed: bool) -> Vec<FromWorker> {
        let now = clock(7.0);
        let mut errands = VecDeque::new();
        let mut sent = Vec::new();
        lead.hear(ToWorker::Lend(job, helpers), &now);
        loop {
            let goes_on = lead.tick(&now);
            for message in lead.take_out() {
                if let FromWorker::HandOut { errand, tasks, .. } = &message {
                    errands.push_back((*errand, tasks.clone()));
                }
                sent.push(message);
            }
            let next = if reversed { errands.pop_back() } else { errands.pop_front() };
            let Some((errand, tasks)) = next else {
                if goes_on {
                    continue;
                }
                return sent;
            };
            let mut helper = Desk::new(&LINEAR, &NO_DATA);
            helper.hear(ToWorker::Help { job, errand, lab: "ridgeless".into(), data: Vec::new(), tasks }, &now);
            while helper.tick(&now) {}
            for answer in helper.take_out() {
                if let FromWorker::Records { job, errand, records } = answer {
                    lead.hear(ToWorker::Deliver { job, errand, records }, &now);
                }
            }
        }
    }

    #[test]
    fn the_result_does_not_depend_on_the_number_of_helpers_or_their_order() {
        let settings = small(&[]);
        let alone = complete(lab(), settings.clone(), &NO_DATA);
        for (helpers, reversed) in [(0, false), (1, false), (3, false), (3, true), (50, true)] {
            let mut lead = Desk::new(&LINEAR, &NO_DATA);
            lead.hear(run(1, &settings, true, false), &clock(1.0));
            let sent = work(&mut lead, 1, helpers, reversed);
            let frames = frames(&sent);
            let (_, phase, last) = frames.last().expect("a run ends with a frame");
            assert_eq!((*phase, &last.digest), (Phase::Done, &alone.digest), "{helpers} helpers");
            assert_eq!(sent.iter().any(|m| matches!(m, FromWorker::HandOut { .. })), helpers > 0);
        }
    }

    #[test]
    fn the_first_slice_is_shown_at_once() {
        let mut lead = Desk::new(&LINEAR, &NO_DATA);
        let now = clock(0.001);
        lead.hear(run(1, &small(&[]), true, false), &now);
        lead.tick(&now);
        assert_eq!(frames(&lead.take_out()).len(), 1);
    }

    #[test]
    fn a_paused_run_sends_nothing_until_it_is_resumed() {
        let now = clock(20.0);
        let mut lead = Desk::new(&LINEAR, &NO_DATA);
        lead.hear(run(1, &small(&[]), true, false), &now);
        lead.tick(&now);
        lead.take_out();
        lead.hear(ToWorker::Pause(1), &now);
        assert_eq!(frames(&lead.take_out()).iter().map(|frame| frame.1).collect::<Vec<_>>(), [Phase::Paused]);
        assert!(!lead.tick(&now));
        assert_eq!(lead.take_out(), []);
        lead.hear(ToWorker::Resume(1), &now);
        while lead.tick(&now) {}
        assert_eq!(frames(&lead.take_out()).last().map(|frame| frame.1), Some(Phase::Done));
    }

    #[test]
    fn a_step_shows_one_frame_and_waits() {
        let now = clock(20.0);
        let mut lead = Desk::new(&LINEAR, &NO_DATA);
        lead.hear(run(1, &small(&[]), true, true), &now);
        assert!(!lead.tick(&now));
        for _ in 0..2 {
            lead.hear(ToWorker::Step(1), &now);
            assert!(!lead.tick(&now));
            assert_eq!(frames(&lead.take_out()).iter().map(|frame| frame.1).collect::<Vec<_>>(), [Phase::Paused]);
        }
    }

    #[test]
    fn new_settings_replace_the_run_and_keep_what_they_do_not_touch() {
        let now = clock(1.0);
        let mut lead = Desk::new(&LINEAR, &NO_DATA);
        lead.hear(run(1, &small(&[]), true, false), &now);
        while lead.tick(&now) {}
        lead.take_out();
        let moved = small(&[("gamma", "2")]);
        lead.hear(run(2, &moved, false, false), &now);
        let kept = match &lead.duty {
            Duty::Lead(lead) => lead.run.progress(),
            _ => 0.0,
        };
        assert!(kept > 0.5, "{kept}");
        while lead.tick(&now) {}
        let out = lead.take_out();
        let frames = frames(&out);
        let (job, _, last) = frames.last().expect("a run ends with a frame");
        assert_eq!((*job, &last.digest), (2, &complete(lab(), moved, &NO_DATA).digest));
    }

    #[test]
    fn an_explicit_run_computes_everything_anew() {
        let now = clock(1.0);
        let mut lead = Desk::new(&LINEAR, &NO_DATA);
        lead.hear(run(1, &small(&[]), true, false), &now);
        while lead.tick(&now) {}
        lead.hear(run(2, &small(&[]), true, false), &now);
        match &lead.duty {
            Duty::Lead(lead) => assert_eq!(lead.run.progress(), 0.0),
            _ => panic!("the worker leads a run"),
        }
    }

    #[test]
    fn a_lost_errand_is_done_by_the_lead() {
        let now = clock(7.0);
        let settings = small(&[]);
        let mut lead = Desk::new(&LINEAR, &NO_DATA);
        lead.hear(run(1, &settings, true, false), &now);
        lead.hear(ToWorker::Lend(1, 2), &now);
        lead.tick(&now);
        for message in lead.take_out() {
            if let FromWorker::HandOut { job, errand, .. } = message {
                lead.hear(ToWorker::Lost(job, errand), &now);
            }
        }
        while lead.tick(&now) {}
        let out = lead.take_out();
        let frames = frames(&out);
        let (_, _, last) = frames.last().expect("a run ends with a frame");
        assert_eq!(last.digest, complete(lab(), settings, &NO_DATA).digest);
    }

    #[test]
    fn messages_of_a_replaced_run_are_dropped() {
        let now = clock(7.0);
        let mut lead = Desk::new(&LINEAR, &NO_DATA);
        lead.hear(run(2, &small(&[]), true, false), &now);
        for stale in [ToWorker::Pause(1), ToWorker::Cancel(1), ToWorker::Lend(1, 4), ToWorker::Lost(1, 0)] {
            lead.hear(stale, &now);
        }
        assert!(lead.tick(&now));
        assert!(lead.take_out().iter().all(|message| !matches!(message, FromWorker::HandOut { .. })));
    }

    #[test]
    fn an_unknown_lab_is_told_in_both_languages() {
        let mut desk = Desk::new(&LINEAR, &NO_DATA);
        let settings = small(&[]);
        let message =
            ToWorker::Run { job: 1, lab: "none".into(), settings, data: Vec::new(), fresh: true, paused: false };
        desk.hear(message, &clock(1.0));
        match &desk.take_out()[..] {
            [FromWorker::Failed(1, text)] => assert!(text.en.contains("none") && text.zh.contains("none")),
            other => panic!("{other:?}"),
        }
    }
}
