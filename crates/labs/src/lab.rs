//! What a lab is: a plan of independent tasks, the work of one task, and a report on the records so far.

use crate::{
    data::{Data, DataSet},
    frame::Report,
    schema::Schema,
    settings::Settings,
};
use serde::{Serialize, de::DeserializeOwned};

/// A lab: a pure function of (settings, seed), cut into tasks.
///
/// A task's record depends on its [`Lab::Spec`] alone. So tasks run in any order on any number of workers, and a
/// record can be kept when a slider moves that it does not depend on.
pub trait Lab: Sync {
    /// All that one task depends on: sizes, strengths, and the seed.
    type Spec: Serialize + DeserializeOwned;
    /// What one task found, or has found so far.
    type Record: Serialize + DeserializeOwned + 'static;

    /// The declaration.
    const SCHEMA: &'static Schema;
    /// The data sets that its tasks read.
    const DATA: &'static [DataSet] = &[];

    /// The tasks of a run, in the order in which they are worth seeing.
    fn plan(&self, settings: &Settings) -> Plan<Self::Spec>;

    /// About how much arithmetic a task takes, in floating-point operations: the weights of the progress bar.
    fn cost(&self, spec: &Self::Spec) -> f64;

    /// Begins a task.
    fn begin<'a>(&self, spec: &Self::Spec, data: &'a Data) -> Box<dyn Work<Self::Record> + 'a>;

    /// Turns the records so far into outputs, a figure and words. `records` is parallel to the plan's tasks. Outputs
    /// that are not known yet are NaN.
    fn report(&self, settings: &Settings, records: &[Entry<Self::Record>]) -> Report;
}

/// The tasks of one run.
#[derive(Clone, Debug)]
pub struct Plan<S> {
    /// Everything the figure shows, in the order of work.
    pub tasks: Vec<S>,
    /// The indices of the tasks that the outputs need: all that a check or a number in the prose has to run.
    pub probe: Vec<usize>,
}

impl<S> Plan<S> {
    /// One task a seed, all of them wanted for the outputs.
    pub fn of_seeds(settings: &Settings, spec: impl Fn(u64) -> S) -> Self {
        let tasks: Vec<S> = settings.seed_list().map(spec).collect();
        Self { probe: (0..tasks.len()).collect(), tasks }
    }

    /// A curve over seeds and the point of it that the outputs report: the first seed's curve, then the point of every
    /// seed, then what makes the band. [`Along`] reads the records.
    pub fn along(settings: &Settings, curve: impl Fn(u64) -> Vec<S>, point: impl Fn(u64) -> S) -> Self {
        let mut tasks = curve(settings.seed);
        let first = tasks.len();
        tasks.extend(settings.seed_list().map(point));
        let probe = (first..tasks.len()).collect();
        tasks.extend(settings.seed_list().skip(1).flat_map(curve));
        Self { tasks, probe }
    }
}

/// The records of [`Plan::along`].
pub struct Along<'a, R> {
    first: &'a [Entry<R>],
    point: &'a [Entry<R>],
    rest: &'a [Entry<R>],
}

impl<'a, R> Along<'a, R> {
    /// Divides the records of a plan whose curve has so many tasks.
    pub fn new(settings: &Settings, tasks: usize, records: &'a [Entry<R>]) -> Self {
        let (first, rest) = records.split_at(tasks);
        let (point, rest) = rest.split_at(settings.seeds());
        Self { first, point, rest }
    }

    /// What the finished seeds found at the point of the outputs.
    pub fn point(&self) -> impl Iterator<Item = &'a R> + use<'a, R> {
        self.point.iter().filter_map(Entry::done)
    }

    /// What the finished seeds found by one task of the curve, the first seed's before the others'.
    pub fn column(&self, task: usize) -> impl Iterator<Item = &'a R> + use<'a, R> {
        let others = self.rest.iter().skip(task).step_by(self.first.len());
        std::iter::once(&self.first[task]).chain(others).filter_map(Entry::done)
    }

    /// What the first seed found by one task of the curve, once that is finished.
    pub fn first(&self, task: usize) -> Option<&'a R> {
        self.first[task].done()
    }
}

/// The work of one task, in bounded slices.
pub trait Work<R> {
    /// Does the next slice, a few milliseconds at most (some ten million operations); true when the task is finished.
    fn advance(&mut self) -> bool;

    /// What has been found so far.
    fn record(&self) -> R;
}

/// Does pieces of work until they have taken so many operations. `piece` does the next one that cannot be divided and
/// returns about how many operations it took; infinitely many when none is left.
pub fn slice(operations: f64, mut piece: impl FnMut() -> f64) {
    let mut left = operations;
    while left > 0.0 {
        left -= piece();
    }
}

/// How far one task has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry<R> {
    /// Not begun.
    Pending,
    /// Begun; what it has found so far.
    Partial(R),
    /// Finished.
    Done(R),
}

impl<R> Entry<R> {
    /// The record, finished or not.
    pub fn latest(&self) -> Option<&R> {
        match self {
            Self::Pending => None,
            Self::Partial(record) | Self::Done(record) => Some(record),
        }
    }

    /// The record, if the task is finished.
    pub fn done(&self) -> Option<&R> {
        match self {
            Self::Done(record) => Some(record),
            Self::Pending | Self::Partial(_) => None,
        }
    }
}

/// Work that needs no slices: a task of a few milliseconds.
pub struct AtOnce<F, R> {
    compute: F,
    record: Option<R>,
}

impl<R: Clone, F: FnMut() -> R> AtOnce<F, R> {
    /// Wraps a function that computes the whole record.
    pub const fn new(compute: F) -> Self {
        Self { compute, record: None }
    }
}

impl<R: Clone, F: FnMut() -> R> Work<R> for AtOnce<F, R> {
    fn advance(&mut self) -> bool {
        self.record = Some((self.compute)());
        true
    }

    fn record(&self) -> R {
        self.record.clone().expect("a record is asked for only after the first slice")
    }
}

/// What it takes to run a lab, its types rubbed out, so that one list holds them all. Specs and records travel as bytes,
/// between workers too; `f64`s keep their bits. The declaration is left out, so that the workers' program does not carry
/// every lab's words.
pub trait Engine: Sync {
    /// See [`Lab::DATA`].
    fn data(&self) -> &'static [DataSet];
    /// See [`Lab::plan`].
    fn plan(&self, settings: &Settings) -> Plan<Vec<u8>>;
    /// See [`Lab::cost`]; zero for bytes that are not a spec.
    fn cost(&self, spec: &[u8]) -> f64;
    /// See [`Lab::begin`]; nothing for bytes that are not a spec.
    fn begin<'a>(&self, spec: &[u8], data: &'a Data) -> Option<Box<dyn Work<Vec<u8>> + 'a>>;
    /// See [`Lab::report`]. Records that cannot be read count as pending.
    fn report(&self, settings: &Settings, records: &[Entry<Vec<u8>>]) -> Report;
}

/// A whole lab: its engine and its declaration.
pub trait AnyLab: Engine {
    /// See [`Lab::SCHEMA`].
    fn schema(&self) -> &'static Schema;
}

/// Writes a value of the labs' own types.
// Not inlined, so that a program holds the code once for each type.
#[inline(never)]
pub fn to_bytes<T: Serialize>(value: &T) -> Vec<u8> {
    postcard::to_allocvec(value).expect("specs and records are plain data, which postcard always writes")
}

/// Reads a value that [`to_bytes`] wrote.
#[inline(never)]
pub fn from_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}

impl<L: Lab> AnyLab for L {
    fn schema(&self) -> &'static Schema {
        L::SCHEMA
    }
}

impl<L: Lab> Engine for L {
    fn data(&self) -> &'static [DataSet] {
        L::DATA
    }

    fn plan(&self, settings: &Settings) -> Plan<Vec<u8>> {
        let plan = Lab::plan(self, settings);
        Plan { tasks: plan.tasks.iter().map(to_bytes).collect(), probe: plan.probe }
    }

    fn cost(&self, spec: &[u8]) -> f64 {
        from_bytes(spec).map_or(0.0, |spec| Lab::cost(self, &spec))
    }

    fn begin<'a>(&self, spec: &[u8], data: &'a Data) -> Option<Box<dyn Work<Vec<u8>> + 'a>> {
        let spec = from_bytes::<L::Spec>(spec)?;
        Some(Box::new(Erased(Lab::begin(self, &spec, data))))
    }

    fn report(&self, settings: &Settings, records: &[Entry<Vec<u8>>]) -> Report {
        let read = |bytes: &Vec<u8>| from_bytes::<L::Record>(bytes);
        let records: Vec<Entry<L::Record>> = records
            .iter()
            .map(|entry| match entry {
                Entry::Pending => Entry::Pending,
                Entry::Partial(bytes) => read(bytes).map_or(Entry::Pending, Entry::Partial),
                Entry::Done(bytes) => read(bytes).map_or(Entry::Pending, Entry::Done),
            })
            .collect();
        Lab::report(self, settings, &records)
    }
}

struct Erased<'a, R>(Box<dyn Work<R> + 'a>);

impl<R: Serialize> Work<Vec<u8>> for Erased<'_, R> {
    fn advance(&mut self) -> bool {
        self.0.advance()
    }

    fn record(&self) -> Vec<u8> {
        to_bytes(&self.0.record())
    }
}
