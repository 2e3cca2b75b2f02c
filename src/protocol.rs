//! What the page and its workers say to each other: plain values, written as bytes.
//!
//! A worker is the *lead* of one lab or a *helper*. The lead plans a run, works on it, and draws its frames; when the
//! page lends it helpers, it hands out errands, which the page carries to a helper and whose records it carries back.
//! Job ids are unique in a page, so that whatever belongs to a run that was replaced is told apart and dropped.

use labs::{frame::Frame, settings::Settings, text::Text};
use serde::{Deserialize, Serialize};

/// One run of one lab, or the part of it that a helper works on.
pub type JobId = u32;

/// A task on its way to a helper.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Its index in the plan.
    pub index: usize,
    /// All that its record depends on.
    pub spec: Vec<u8>,
}

/// A helper's finished task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// Its index in the plan.
    pub index: usize,
    /// What was found.
    pub record: Vec<u8>,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Phase {
    /// It goes on by itself.
    Running,
    /// It waits for the reader.
    Paused,
    /// Every task is done.
    Done,
}

/// From the page to a worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ToWorker {
    /// Lead: begin this run at once, whatever was under way.
    Run {
        /// The new job.
        job: JobId,
        /// The lab's id.
        lab: String,
        /// What to run it with.
        settings: Settings,
        /// Absolute URLs of the data sets that the lab names, in its order.
        data: Vec<String>,
        /// Whether to compute everything anew instead of keeping the records of the run before.
        fresh: bool,
        /// Whether to wait for [`ToWorker::Step`] or [`ToWorker::Resume`].
        paused: bool,
    },
    /// Lead: stop after the current slice and keep everything.
    Pause(JobId),
    /// Lead: go on.
    Resume(JobId),
    /// Lead: do one slice, show it, and wait.
    Step(JobId),
    /// Lead and helper: drop this job.
    Cancel(JobId),
    /// Lead and helper: say that you are there. A lead that waits for its helpers, or a helper, says nothing of its own
    /// accord.
    Ask(JobId),
    /// Lead: so many more helpers are free for this job.
    Lend(JobId, u32),
    /// Lead: a helper finished an errand, and is free again.
    Deliver {
        /// The lead's job.
        job: JobId,
        /// The lead's number for the errand.
        errand: u32,
        /// One record for each task.
        records: Vec<Finished>,
    },
    /// Lead: a helper was lost with this errand.
    Lost(JobId, u32),
    /// Helper: work off these tasks.
    Help {
        /// The lead's job.
        job: JobId,
        /// The lead's number for the errand.
        errand: u32,
        /// The lab's id.
        lab: String,
        /// As in [`ToWorker::Run`].
        data: Vec<String>,
        /// What to do.
        tasks: Vec<Task>,
    },
}

/// From a worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FromWorker {
    /// The program is loaded and listens.
    Ready,
    /// A [`ToWorker::Run`], [`ToWorker::Cancel`] or [`ToWorker::Ask`] of this job has arrived: the worker is not stuck.
    Heard(JobId),
    /// Lead: what the run shows now.
    Frame {
        /// The job.
        job: JobId,
        /// How far it has come.
        phase: Phase,
        /// Picture, numbers and words.
        frame: Box<Frame>,
    },
    /// Lead: work for a helper that was lent.
    HandOut {
        /// The job.
        job: JobId,
        /// The lead's number for the errand.
        errand: u32,
        /// What to do.
        tasks: Vec<Task>,
    },
    /// Helper: an errand is done.
    Records {
        /// The lead's job.
        job: JobId,
        /// The lead's number for the errand.
        errand: u32,
        /// One record for each task.
        records: Vec<Finished>,
    },
    /// The job cannot go on.
    Failed(JobId, Text),
}

/// Writes a message.
pub fn to_bytes<T: Serialize>(message: &T) -> Vec<u8> {
    labs::lab::to_bytes(message)
}

/// Reads a message; nothing for bytes that are not one.
pub fn from_bytes<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    labs::lab::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use labs::labs::ALL;

    fn settings() -> Settings {
        Settings::defaults(ALL[0].schema())
    }

    #[test]
    fn every_message_to_a_worker_survives_its_bytes() {
        let task = Task { index: 3, spec: vec![1, 2, 3] };
        let finished = Finished { index: 3, record: vec![9; 300] };
        let messages = [
            ToWorker::Run {
                job: 7,
                lab: "ridgeless".into(),
                settings: settings(),
                data: vec!["https://example.org/data/digits.bin".into()],
                fresh: true,
                paused: false,
            },
            ToWorker::Pause(7),
            ToWorker::Resume(7),
            ToWorker::Step(7),
            ToWorker::Cancel(u32::MAX),
            ToWorker::Lend(7, 3),
            ToWorker::Deliver { job: 7, errand: 2, records: vec![finished] },
            ToWorker::Lost(7, 2),
            ToWorker::Help { job: 7, errand: 2, lab: "ridgeless".into(), data: Vec::new(), tasks: vec![task] },
        ];
        for message in messages {
            assert_eq!(from_bytes::<ToWorker>(&to_bytes(&message)), Some(message));
        }
    }

    #[test]
    fn every_message_from_a_worker_survives_its_bytes() {
        let frame = labs::run::complete(ALL[0], settings(), &labs::data::Data::bundled());
        let messages = [
            FromWorker::Ready,
            FromWorker::Heard(1),
            FromWorker::Frame { job: 1, phase: Phase::Done, frame: Box::new(frame) },
            FromWorker::HandOut { job: 1, errand: 4, tasks: vec![Task { index: 0, spec: Vec::new() }] },
            FromWorker::Records { job: 1, errand: 4, records: vec![Finished { index: 0, record: vec![0] }] },
            FromWorker::Failed(1, Text::new("No.", "不行。")),
        ];
        for message in messages {
            let back = from_bytes::<FromWorker>(&to_bytes(&message));
            // Frames may hold NaN, which equals nothing; their written form does not.
            assert_eq!(format!("{back:?}"), format!("{:?}", Some(message)));
        }
    }

    #[test]
    fn cut_bytes_are_not_a_message() {
        let bytes = to_bytes(&ToWorker::Lend(7, 300));
        assert_eq!(from_bytes::<ToWorker>(&bytes[..bytes.len() - 1]), None);
    }
}
