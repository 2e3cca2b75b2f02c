//! The threads of a terminal. Tasks are independent and their records are kept by index, so neither the number of
//! threads nor their order of finishing reaches a result.

use labs::{
    data::Data,
    lab::AnyLab,
    run::{Memory, Run, Scope},
    settings::Settings,
};
use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

/// Plans a run and works off `scope` on `jobs` threads. `progress` is called after each task with the share of the
/// wanted work that is done, by cost.
pub fn work_off<'a>(
    lab: &'static dyn AnyLab,
    settings: Settings,
    scope: Scope,
    data: &'a Data,
    jobs: NonZeroUsize,
    mut progress: impl FnMut(f64),
) -> Run<'a> {
    let mut run = Run::new(lab, settings, scope, data, &Memory::new());
    let tasks = distinct_tasks(lab, &mut run);
    let total: f64 = tasks.iter().map(|(spec, _)| lab.cost(spec)).sum();
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    thread::scope(|threads| {
        for _ in 0..jobs.get().min(tasks.len()) {
            let (sender, tasks, next) = (sender.clone(), &tasks, &next);
            threads.spawn(move || {
                while let Some((spec, _)) = tasks.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Some(record) = finish(lab, spec, data) else { continue };
                    if sender.send((spec, record)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let indices: BTreeMap<&Vec<u8>, &Vec<usize>> = tasks.iter().map(|(spec, indices)| (spec, indices)).collect();
        let mut done = 0.0;
        for (spec, record) in receiver {
            done += lab.cost(spec);
            for &index in indices[spec] {
                run.deliver(index, record.clone());
            }
            progress(if total > 0.0 { done / total } else { 1.0 });
        }
    });
    run
}

/// Every task that `run` still wants, with the indices where its record belongs: a task that stands in the plan twice
/// is worked off once. The costliest come first, so that no thread is left alone with a long one at the end.
fn distinct_tasks(lab: &dyn AnyLab, run: &mut Run) -> Vec<(Vec<u8>, Vec<usize>)> {
    let mut by_spec: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
    while let Some((index, spec)) = run.hand_out() {
        by_spec.entry(spec).or_default().push(index);
    }
    let mut tasks: Vec<_> = by_spec.into_iter().collect();
    tasks.sort_by(|(a, _), (b, _)| lab.cost(b).total_cmp(&lab.cost(a)));
    tasks
}

fn finish(lab: &dyn AnyLab, spec: &[u8], data: &Data) -> Option<Vec<u8>> {
    let mut work = lab.begin(spec, data)?;
    while !work.advance() {}
    Some(work.record())
}
