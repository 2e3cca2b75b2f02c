//! A worker's program: what carries messages and data between the page and the [`Desk`]. It knows no page: bytes come in,
//! bytes go out.
//!
//! The programs take this file, and it those beside it, as modules of their own: of the library, the framework for pages
//! would come along and be downloaded.
#![cfg(target_arch = "wasm32")]

mod protocol;
mod worker;

use js_sys::{Array, Uint8Array};
use labs::{
    data::{Data, DataSet},
    labs::Program,
    text::Text,
};
use protocol::{FromWorker, JobId, ToWorker};
use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, MessagePort, Performance, Response};
use worker::Desk;

static NO_DATA: Data = Data::none();

thread_local! {
    static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
    /// The job that a panic is blamed on.
    static JOB: Cell<JobId> = const { Cell::new(0) };
}

/// What the browser calls. All have one type, so that the program holds the code around them once.
type Listener = Closure<dyn FnMut(JsValue)>;

struct Worker {
    program: &'static Program,
    desk: Desk,
    /// All data sets loaded so far. Jobs borrow it for good, so a larger one never replaces it in place; there are
    /// as many as the site has data sets at most.
    data: &'static Data,
    /// Messages that wait for data.
    waiting: VecDeque<ToWorker>,
    /// The data set on its way.
    loading: Option<Missing>,
    on_response: Listener,
    on_bytes: Listener,
    on_failure: Listener,
    performance: Performance,
    /// A message to oneself: it comes after those that wait already, and without the delay of a timer.
    bell: MessagePort,
    is_rung: bool,
}

/// A data set that a job needs and that is not there.
struct Missing {
    job: JobId,
    set: DataSet,
    url: String,
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn send(message: &FromWorker) {
    let bytes = Uint8Array::from(&*protocol::to_bytes(message));
    // Sending can only fail for a detached buffer, and this one is new.
    let _ = scope().post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
}

/// Begins to listen for jobs of the program's labs.
pub fn start(program: &'static Program) {
    std::panic::set_hook(Box::new(|panic| {
        send(&FromWorker::Failed(
            JOB.get(),
            Text::owned(
                format!("The lab stopped on an error of its own ({panic}). Run starts it anew."),
                format!("实验因内部错误而中止（{panic}）。按“运行”可重新开始。"),
            ),
        ));
    }));
    let (Some(performance), Ok(channel)) = (scope().performance(), MessageChannel::new()) else {
        send(&FromWorker::Failed(
            0,
            Text::new(
                "This browser's workers lack timers or message channels, which the labs need.",
                "此浏览器的后台线程缺少实验所需的计时器或消息通道。",
            ),
        ));
        return;
    };
    let on_bell = Listener::new(|_| with(Worker::work));
    channel.port1().set_onmessage(Some(on_bell.as_ref().unchecked_ref()));
    on_bell.forget();
    let on_message = Listener::new(|event: JsValue| {
        let data = event.unchecked_into::<MessageEvent>().data();
        let bytes = data.dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec()).unwrap_or_default();
        if let Some(message) = protocol::from_bytes::<ToWorker>(&bytes) {
            with(|worker| worker.receive(message));
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    WORKER.set(Some(Worker {
        program,
        desk: Desk::new(program, &NO_DATA),
        data: &NO_DATA,
        waiting: VecDeque::new(),
        loading: None,
        on_response: Listener::new(|response| with(|worker| worker.responded(response))),
        on_bytes: Listener::new(|buffer: JsValue| {
            let bytes = Uint8Array::new(&buffer).to_vec();
            with(|worker| worker.loaded(&bytes));
        }),
        on_failure: Listener::new(|_| with(|worker| worker.loaded(&[]))),
        performance,
        bell: channel.port2(),
        is_rung: false,
    }));
    send(&FromWorker::Ready);
}

fn with(act: impl FnOnce(&mut Worker)) {
    WORKER.with_borrow_mut(|worker| worker.as_mut().map(act));
}

impl Worker {
    fn receive(&mut self, message: ToWorker) {
        if let ToWorker::Run { job, .. } | ToWorker::Help { job, .. } = &message {
            JOB.set(*job);
        }
        if let ToWorker::Run { job, .. } | ToWorker::Cancel(job) | ToWorker::Ask(job) = &message {
            send(&FromWorker::Heard(*job));
        }
        self.waiting.push_back(message);
        self.take_up();
    }

    /// Hears the messages in order, up to one whose data is not there yet.
    fn take_up(&mut self) {
        while self.loading.is_none()
            && let Some(message) = self.waiting.pop_front()
        {
            if let Some(missing) = self.missing(&message) {
                // What comes back, comes later: nothing calls back into this before it returns.
                let _ = scope().fetch_with_str(&missing.url).then2(&self.on_response, &self.on_failure);
                self.loading = Some(missing);
                self.waiting.push_front(message);
                break;
            }
            let performance = &self.performance;
            self.desk.hear(message, &|| performance.now());
        }
        self.flush();
        self.ring();
    }

    /// The first data set that a message needs and that is not loaded.
    fn missing(&self, message: &ToWorker) -> Option<Missing> {
        let (ToWorker::Run { job, lab, data, .. } | ToWorker::Help { job, lab, data, .. }) = message else {
            return None;
        };
        let sets = self.program.engine(lab)?.data();
        let index = sets.iter().position(|set| !self.data.has(*set))?;
        Some(Missing { job: *job, set: sets[index], url: data.get(index).cloned().unwrap_or_default() })
    }

    /// A server has answered.
    fn responded(&mut self, response: JsValue) {
        let response: Response = response.unchecked_into();
        match response.array_buffer() {
            Ok(bytes) if response.ok() => drop(bytes.then2(&self.on_bytes, &self.on_failure)),
            _ => self.loaded(&[]),
        }
    }

    /// Takes in the file that was loaded, or gives up the job that needed it: without bytes, or with others than
    /// its own.
    fn loaded(&mut self, bytes: &[u8]) {
        let Some(Missing { job, set, url }) = self.loading.take() else { return };
        let mut data = self.data.clone();
        if data.load(set, bytes) {
            self.data = Box::leak(Box::new(data));
            self.desk.set_data(self.data);
        } else {
            self.waiting.pop_front();
            send(&FromWorker::Failed(
                job,
                Text::owned(
                    format!("The data file {url} could not be loaded. Check the connection, then run again."),
                    format!("数据文件 {url} 未能载入。请检查网络连接，然后重新运行。"),
                ),
            ));
        }
        self.take_up();
    }

    fn work(&mut self) {
        self.is_rung = false;
        let performance = &self.performance;
        if self.desk.tick(&|| performance.now()) {
            self.ring();
        }
        self.flush();
    }

    fn flush(&mut self) {
        self.desk.take_out().iter().for_each(send);
    }

    fn ring(&mut self) {
        if !self.is_rung {
            self.is_rung = self.bell.post_message(&JsValue::NULL).is_ok();
        }
    }
}

/// A third of the default allocator's size.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();
