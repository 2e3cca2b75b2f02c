//! The workers of a page: one lead for every lab that is near the reader, and helpers that are lent to the labs that
//! run, as many as the machine has cores to spare.
//!
//! The pool carries messages between leads and helpers without looking into them. A worker that does not answer is
//! ended and replaced. What a lab finds does not depend on any of this.

use crate::{
    interface,
    protocol::{self, FromWorker, JobId, Phase, Task, ToWorker},
};
use js_sys::{Array, Uint8Array, WebAssembly};
use labs::{frame::Frame, settings::Settings, text::Text};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{MessageEvent, Worker};

/// How long a worker may take to answer before it is replaced, in milliseconds; twice as long after each time in vain.
const PATIENCE: i32 = 80;
/// How often a run is looked after, in milliseconds.
const PULSE: i32 = 1000;
/// After so many pulses without a word of it, a running worker is given up: each pulse asks it to answer.
const SILENCE: u32 = 6;
/// How long a run lasts before helpers are called, in milliseconds.
const RECRUIT_AFTER: i32 = 150;
/// How long helpers wait for more to do before they are let go, in milliseconds.
const RETIRE_AFTER: i32 = 10_000;
/// More helpers than this gain little: the page has to carry all their records.
const MAX_HELPERS: usize = 8;

/// What a lab hears from its worker.
pub enum Event {
    /// A new frame, and the message that brought it: for programs that know what to make of its bytes.
    Frame(Phase, Box<Frame>, Uint8Array),
    /// The run cannot go on.
    Failed(Text),
}

type Listener = Rc<dyn Fn(Event)>;

/// A lab's hold on its worker, which ends when this is dropped.
pub struct Lead(u32);

impl Lead {
    /// Calls a worker for the lab. `program` is the URL of the script that loads the program which holds the lab; `data`
    /// are absolute URLs of the lab's data sets.
    pub fn hire(program: String, lab: &str, data: Vec<String>, listener: impl Fn(Event) + 'static) -> Self {
        let id = with(|pool| {
            pool.next_id += 1;
            let id = pool.next_id;
            let lab = lab.to_string();
            let listener = Rc::new(listener);
            let seat = Seat { program, lab, data, listener, crew: None, run: None, patience: PATIENCE };
            pool.leads.insert(id, seat);
            pool.staff(id);
            id
        });
        Self(id)
    }

    /// Begins a run in place of the one under way.
    pub fn run(&self, settings: Settings, fresh: bool, paused: bool) {
        with(|pool| pool.run(self.0, settings, fresh, paused));
    }

    /// Stops after the current slice; a last frame comes with [`Phase::Paused`].
    pub fn pause(&self) {
        with(|pool| pool.tell_run(self.0, ToWorker::Pause));
    }

    /// Goes on.
    pub fn resume(&self) {
        with(|pool| {
            if let Some(run) = pool.leads.get_mut(self.0).and_then(|seat| seat.run.as_mut()) {
                run.phase = Phase::Running;
            }
            pool.tell_run(self.0, ToWorker::Resume);
            pool.recruit_later(self.0);
        });
    }

    /// Does one slice of a paused run.
    pub fn step(&self) {
        with(|pool| pool.tell_run(self.0, ToWorker::Step));
    }

    /// Drops the run; no event of it comes any more.
    pub fn cancel(&self) {
        with(|pool| pool.cancel(self.0));
    }
}

impl Drop for Lead {
    fn drop(&mut self) {
        with(|pool| {
            pool.release_helpers(self.0);
            pool.leads.remove(self.0);
        });
    }
}

thread_local! {
    static POOL: RefCell<Pool> = const { RefCell::new(Pool::new()) };
}

/// Works on the pool, then tells the labs what came of it: they may call back.
fn with<T>(act: impl FnOnce(&mut Pool) -> T) -> T {
    let (value, news) = POOL.with_borrow_mut(|pool| (act(pool), std::mem::take(&mut pool.news)));
    for (listener, event) in news {
        listener(event);
    }
    value
}

/// Calls a function once, later.
pub fn after(milliseconds: i32, act: impl FnOnce() + 'static) {
    let act = Closure::once_into_js(act);
    if let Some(window) = web_sys::window() {
        // Timers cannot fail in a window that runs scripts.
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(act.unchecked_ref(), milliseconds);
    }
}

/// Looks after a run every now and then until it is over.
fn look_after(lead: u32, job: JobId) {
    after(PULSE, move || {
        if with(|pool| pool.pulse(lead, job)) {
            look_after(lead, job);
        }
    });
}

/// A handful of values by id: ids are never used twice.
struct Table<T>(Vec<(u32, T)>);

impl<T> Table<T> {
    const fn new() -> Self {
        Self(Vec::new())
    }

    fn insert(&mut self, id: u32, value: T) {
        self.0.push((id, value));
    }

    fn get(&self, id: u32) -> Option<&T> {
        self.0.iter().find(|(key, _)| *key == id).map(|(_, value)| value)
    }

    fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        self.0.iter_mut().find(|(key, _)| *key == id).map(|(_, value)| value)
    }

    fn contains(&self, id: u32) -> bool {
        self.get(id).is_some()
    }

    fn remove(&mut self, id: u32) -> Option<T> {
        let place = self.0.iter().position(|(key, _)| *key == id)?;
        Some(self.0.remove(place).1)
    }
}

struct Pool {
    leads: Table<Seat>,
    helpers: Table<Helper>,
    /// The compiled programs, each once its first worker has compiled it, by their loaders' URLs.
    modules: Vec<(String, WebAssembly::Module)>,
    next_id: u32,
    next_job: JobId,
    news: Vec<(Listener, Event)>,
}

/// A lab with its lead.
struct Seat {
    program: String,
    lab: String,
    data: Vec<String>,
    listener: Listener,
    crew: Option<Crew>,
    run: Option<RunState>,
    patience: i32,
}

struct RunState {
    job: JobId,
    phase: Phase,
    /// For a replacement, should the worker be stuck.
    settings: Settings,
    paused: bool,
    /// The pulses since its worker was last heard of; nothing before the first frame, for which data may have to come.
    silence: Option<u32>,
}

struct Helper {
    program: String,
    crew: Crew,
    /// The lead and the job that it is lent to.
    lent: Option<(u32, JobId)>,
    errand: Option<u32>,
    /// The pulses since it was last heard of, while it has an errand.
    silence: u32,
}

/// A worker and the wire to it.
struct Crew {
    /// Tells a worker from its replacement.
    id: u32,
    worker: Worker,
    is_ready: bool,
    /// Messages that wait until it is ready.
    waiting: Vec<ToWorker>,
    /// The last job whose arrival is awaited.
    unheard: Option<JobId>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Crew {
    fn tell(&mut self, message: ToWorker) {
        if !self.is_ready {
            self.waiting.push(message);
            return;
        }
        let bytes = Uint8Array::from(&*protocol::to_bytes(&message));
        // Sending can only fail for a detached buffer, and this one is new.
        let _ = self.worker.post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
    }
}

impl Pool {
    const fn new() -> Self {
        Self {
            leads: Table::new(),
            helpers: Table::new(),
            modules: Vec::new(),
            next_id: 0,
            next_job: 0,
            news: Vec::new(),
        }
    }

    /// Starts a worker of a program; `owner` is the lead or helper that its messages belong to.
    fn spawn(&mut self, program: &str, owner: u32) -> Option<Crew> {
        let worker = Worker::new(program).ok()?;
        self.next_id += 1;
        let id = self.next_id;
        let compiled = program.to_string();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let data = event.data();
            if let Some(bytes) = data.dyn_ref::<Uint8Array>() {
                if let Some(message) = protocol::from_bytes::<FromWorker>(&bytes.to_vec()) {
                    with(|pool| pool.receive(owner, id, message, bytes));
                }
            } else if let Some(module) = data.dyn_ref::<WebAssembly::Module>() {
                with(|pool| pool.modules.push((compiled.clone(), module.clone())));
            } else {
                with(|pool| pool.broken(owner, id));
            }
        });
        let on_error = Closure::<dyn FnMut(web_sys::Event)>::new(move |_| with(|pool| pool.broken(owner, id)));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        let module = self.modules.iter().find(|(of, _)| of == program);
        let module = module.map_or(JsValue::NULL, |(_, module)| JsValue::from(module));
        // A module can always be sent; should it not be, the worker is found broken by its silence.
        let _ = worker.post_message(&module);
        Some(Crew {
            id,
            worker,
            is_ready: false,
            waiting: Vec::new(),
            unheard: None,
            _on_message: on_message,
            _on_error: on_error,
        })
    }

    /// Gives a lead its worker, if it has none.
    fn staff(&mut self, lead: u32) {
        let idle = self.leads.get(lead).filter(|seat| seat.crew.is_none());
        if let Some(program) = idle.map(|seat| seat.program.clone()) {
            let crew = self.spawn(&program, lead);
            if let Some(seat) = self.leads.get_mut(lead) {
                seat.crew = crew;
            }
        }
    }

    fn run(&mut self, lead: u32, settings: Settings, fresh: bool, paused: bool) {
        self.release_helpers(lead);
        self.staff(lead);
        self.next_job += 1;
        let job = self.next_job;
        let Some(seat) = self.leads.get_mut(lead) else { return };
        let phase = if paused { Phase::Paused } else { Phase::Running };
        seat.run = Some(RunState { job, phase, settings: settings.clone(), paused, silence: None });
        let (lab, data) = (seat.lab.clone(), seat.data.clone());
        let Some(crew) = &mut seat.crew else {
            return self.fail(lead, interface::NO_WORKER);
        };
        // What waits for a worker that is still loading is out of date.
        crew.waiting.clear();
        crew.tell(ToWorker::Run { job, lab, settings, data, fresh, paused });
        self.watch(lead, job);
        self.recruit_later(lead);
    }

    fn tell_run(&mut self, lead: u32, message: impl FnOnce(JobId) -> ToWorker) {
        if let Some(seat) = self.leads.get_mut(lead)
            && let (Some(run), Some(crew)) = (&seat.run, &mut seat.crew)
        {
            crew.tell(message(run.job));
        }
    }

    fn cancel(&mut self, lead: u32) {
        self.release_helpers(lead);
        let Some(run) = self.leads.get_mut(lead).and_then(|seat| seat.run.take()) else { return };
        if let Some(crew) = self.leads.get_mut(lead).and_then(|seat| seat.crew.as_mut()) {
            crew.tell(ToWorker::Cancel(run.job));
        }
        self.watch(lead, run.job);
    }

    fn crew(&mut self, owner: u32) -> Option<&mut Crew> {
        match self.leads.get_mut(owner) {
            Some(seat) => seat.crew.as_mut(),
            None => self.helpers.get_mut(owner).map(|helper| &mut helper.crew),
        }
    }

    /// Awaits the arrival of a message and replaces the worker if it does not come.
    fn watch(&mut self, owner: u32, job: JobId) {
        let patience = self.leads.get(owner).map_or(PATIENCE, |seat| seat.patience);
        let Some(crew) = self.crew(owner) else { return };
        crew.unheard = Some(job);
        // A worker that is still loading is watched once it is ready.
        if crew.is_ready {
            let id = crew.id;
            after(patience, move || {
                with(|pool| {
                    if pool.crew(owner).is_some_and(|crew| crew.id == id && crew.unheard == Some(job)) {
                        pool.replace(owner);
                    }
                });
            });
        }
    }

    /// Ends a worker that does not answer, and begins its lead's run again with another.
    fn replace(&mut self, owner: u32) {
        if self.helpers.contains(owner) {
            return self.lose_helper(owner);
        }
        self.release_helpers(owner);
        let Some(seat) = self.leads.get_mut(owner) else { return };
        seat.crew = None;
        seat.patience *= 2;
        match seat.run.take() {
            Some(run) => self.run(owner, run.settings, true, run.paused),
            None => self.staff(owner),
        }
    }

    /// A worker could not be loaded, or its program ended on an error that it could not report.
    fn broken(&mut self, owner: u32, id: u32) {
        if self.crew(owner).is_some_and(|crew| crew.id == id) {
            if self.helpers.contains(owner) {
                self.lose_helper(owner);
            } else {
                self.fail(owner, interface::WORKER_BROKEN);
            }
        }
    }

    /// Ends a lead's run with a sentence. Its worker may be beyond use; the next run gets another.
    fn fail(&mut self, lead: u32, reason: Text) {
        self.release_helpers(lead);
        if let Some(seat) = self.leads.get_mut(lead) {
            seat.crew = None;
            if seat.run.take().is_some() {
                self.news.push((Rc::clone(&seat.listener), Event::Failed(reason)));
            }
        }
    }

    fn receive(&mut self, owner: u32, id: u32, message: FromWorker, bytes: &Uint8Array) {
        let Some(crew) = self.crew(owner).filter(|crew| crew.id == id) else { return };
        match message {
            FromWorker::Ready => {
                crew.is_ready = true;
                let unheard = crew.unheard;
                let waiting = std::mem::take(&mut crew.waiting);
                for message in waiting {
                    crew.tell(message);
                }
                if let Some(job) = unheard {
                    self.watch(owner, job);
                }
            }
            FromWorker::Heard(job) => {
                if crew.unheard == Some(job) {
                    crew.unheard = None;
                }
                self.heard(owner, job);
            }
            FromWorker::Frame { job, phase, frame } => self.frame(owner, job, phase, frame, bytes),
            FromWorker::HandOut { job, errand, tasks } => self.hand_out(owner, job, errand, tasks),
            FromWorker::Records { job, errand, records } => {
                let Some(helper) = self.helpers.get_mut(owner) else { return };
                if let Some((lead, lent)) = helper.lent.filter(|(_, lent)| *lent == job) {
                    helper.errand = None;
                    self.tell_job(lead, lent, ToWorker::Deliver { job, errand, records });
                }
            }
            FromWorker::Failed(job, reason) => {
                if self.helpers.contains(owner) {
                    self.lose_helper(owner);
                } else if self
                    .leads
                    .get(owner)
                    .and_then(|seat| seat.run.as_ref())
                    .is_some_and(|r| r.job == job || job == 0)
                {
                    self.fail(owner, reason);
                }
            }
        }
    }

    fn frame(&mut self, lead: u32, job: JobId, phase: Phase, frame: Box<Frame>, bytes: &Uint8Array) {
        let Some(seat) = self.leads.get_mut(lead) else { return };
        let Some(run) = seat.run.as_mut().filter(|run| run.job == job) else { return };
        run.phase = phase;
        let is_first = run.silence.replace(0).is_none();
        self.news.push((Rc::clone(&seat.listener), Event::Frame(phase, frame, bytes.clone())));
        if is_first {
            look_after(lead, job);
        }
        if phase == Phase::Done {
            self.release_helpers(lead);
        }
    }

    /// A worker has said that it is there.
    fn heard(&mut self, owner: u32, job: JobId) {
        if let Some(helper) = self.helpers.get_mut(owner) {
            helper.silence = 0;
        } else if let Some(run) = self.leads.get_mut(owner).and_then(|seat| seat.run.as_mut())
            && run.job == job
        {
            run.silence = run.silence.and(Some(0));
        }
    }

    /// Notices that a worker has ended without a word, in mid-run; true while the run is to be looked after.
    fn pulse(&mut self, lead: u32, job: JobId) -> bool {
        let run = self.leads.get_mut(lead).and_then(|seat| seat.run.as_mut());
        let Some(run) = run.filter(|run| run.job == job && run.phase != Phase::Done) else { return false };
        // The page's own clock: a machine that slept wakes up with one pulse, whatever the time.
        let silence = if run.phase == Phase::Running { run.silence.unwrap_or_default() + 1 } else { 0 };
        run.silence = Some(silence);
        if silence > SILENCE {
            self.fail(lead, interface::WORKER_BROKEN);
            return false;
        }
        if silence > 0 {
            self.ask(lead, job);
        }
        true
    }

    /// Asks a lead and its helpers to answer. A helper that has not answered for long gives its errand back.
    fn ask(&mut self, lead: u32, job: JobId) {
        self.tell_run(lead, ToWorker::Ask);
        let mut silent = Vec::new();
        for (id, helper) in &mut self.helpers.0 {
            if helper.lent == Some((lead, job)) && helper.errand.is_some() {
                helper.silence += 1;
                helper.crew.tell(ToWorker::Ask(job));
                if helper.silence > SILENCE {
                    silent.push(*id);
                }
            }
        }
        for id in silent {
            self.lose_helper(id);
        }
    }

    /// Sends a message of a job to its lead, unless the lead has another job by now.
    fn tell_job(&mut self, lead: u32, job: JobId, message: ToWorker) {
        if self.leads.get(lead).and_then(|seat| seat.run.as_ref()).is_some_and(|run| run.job == job) {
            self.tell_run(lead, |_| message);
        }
    }

    fn hand_out(&mut self, lead: u32, job: JobId, errand: u32, tasks: Vec<Task>) {
        let Some(seat) = self.leads.get(lead) else { return };
        let (lab, data) = (seat.lab.clone(), seat.data.clone());
        let free = self
            .helpers
            .0
            .iter_mut()
            .map(|(_, helper)| helper)
            .find(|helper| helper.lent == Some((lead, job)) && helper.errand.is_none());
        if let Some(helper) = free {
            helper.errand = Some(errand);
            helper.silence = 0;
            helper.crew.tell(ToWorker::Help { job, errand, lab, data, tasks });
        } else {
            self.tell_job(lead, job, ToWorker::Lost(job, errand));
        }
    }

    fn lose_helper(&mut self, id: u32) {
        if let Some(helper) = self.helpers.remove(id)
            && let (Some((lead, job)), Some(errand)) = (helper.lent, helper.errand)
        {
            self.tell_job(lead, job, ToWorker::Lost(job, errand));
        }
    }

    /// Takes a lead's helpers away from it.
    fn release_helpers(&mut self, lead: u32) {
        let mut busy = Vec::new();
        for (id, helper) in &mut self.helpers.0 {
            if let Some((_, job)) = helper.lent.filter(|(to, _)| *to == lead) {
                helper.lent = None;
                if helper.errand.take().is_some() {
                    helper.crew.tell(ToWorker::Cancel(job));
                    busy.push((*id, job));
                }
            }
        }
        for (id, job) in busy {
            self.watch(id, job);
        }
        self.lend();
        if !self.helpers.0.is_empty() {
            after(RETIRE_AFTER, || {
                with(|pool| {
                    if pool.running().is_empty() {
                        // A run that is paused may have lent work out, which goes back to it.
                        let ids: Vec<u32> = pool.helpers.0.iter().map(|(id, _)| *id).collect();
                        for id in ids {
                            pool.lose_helper(id);
                        }
                    }
                });
            });
        }
    }

    /// The leads whose runs go on by themselves, with their jobs.
    fn running(&self) -> Vec<(u32, JobId)> {
        let running = self.leads.0.iter().filter_map(|(id, seat)| Some((*id, seat.run.as_ref()?)));
        running.filter(|(_, run)| run.phase == Phase::Running).map(|(id, run)| (id, run.job)).collect()
    }

    fn recruit_later(&mut self, lead: u32) {
        let Some(job) = self.leads.get(lead).and_then(|seat| seat.run.as_ref()).map(|run| run.job) else { return };
        after(RECRUIT_AFTER, move || {
            with(|pool| {
                if pool.running().contains(&(lead, job))
                    && let Some(program) = pool.leads.get(lead).map(|seat| seat.program.clone())
                {
                    pool.recruit(&program);
                }
            });
        });
    }

    /// Fills the machine's cores, all but the page's own, with leads that run and helpers, of which at least one has the
    /// given program if there is room: free helpers with others give way.
    fn recruit(&mut self, program: &str) {
        let cores = web_sys::window().map_or(1.0, |window| window.navigator().hardware_concurrency()) as usize;
        let wanted = cores.saturating_sub(1 + self.running().len()).min(MAX_HELPERS);
        if self.helpers.0.len() >= wanted && self.helpers.0.iter().all(|(_, helper)| helper.program != program) {
            let free = self.helpers.0.iter().position(|(_, helper)| helper.lent.is_none());
            free.map(|place| self.helpers.0.remove(place));
        }
        while self.helpers.0.len() < wanted {
            self.next_id += 1;
            let id = self.next_id;
            let Some(crew) = self.spawn(program, id) else { break };
            self.helpers
                .insert(id, Helper { program: program.to_string(), crew, lent: None, errand: None, silence: 0 });
        }
        self.lend();
    }

    /// Lends every free helper to the run of its program that has fewest.
    fn lend(&mut self) {
        let running = self.running();
        let free: Vec<u32> =
            self.helpers.0.iter().filter(|(_, helper)| helper.lent.is_none()).map(|(id, _)| *id).collect();
        for id in free {
            let count =
                |lead: u32| self.helpers.0.iter().filter(|(_, h)| h.lent.is_some_and(|(to, _)| to == lead)).count();
            let program = self.helpers.get(id).map(|helper| &helper.program);
            let of_program = |(lead, _): &&(u32, JobId)| self.leads.get(*lead).map(|seat| &seat.program) == program;
            let least = running.iter().filter(of_program).min_by_key(|(lead, _)| count(*lead));
            let Some(&(lead, job)) = least else { continue };
            if let Some(helper) = self.helpers.get_mut(id) {
                helper.lent = Some((lead, job));
            }
            self.tell_job(lead, job, ToWorker::Lend(job, 1));
        }
    }
}
