//! The program that runs labs off the page's main thread. It knows no page: bytes come in, bytes go out.

#[cfg(target_arch = "wasm32")]
fn main() {
    web::start();
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}

#[cfg(target_arch = "wasm32")]
mod web {
    use js_sys::{Array, ArrayBuffer, Uint8Array};
    use labs::{data::Data, data::DataSet, text::Text};
    use std::{
        cell::{Cell, RefCell},
        collections::VecDeque,
    };
    use wasm_bindgen::{JsCast, JsValue, closure::Closure};
    use wasm_bindgen_futures::JsFuture;
    use web_sys::{DedicatedWorkerGlobalScope, MessageChannel, MessageEvent, MessagePort, Performance, Response};
    use why_it_generalizes::{
        protocol::{self, FromWorker, JobId, ToWorker},
        worker::Desk,
    };

    static NO_DATA: Data = Data::none();

    thread_local! {
        static WORKER: RefCell<Option<Worker>> = const { RefCell::new(None) };
        /// The job that a panic is blamed on.
        static JOB: Cell<JobId> = const { Cell::new(0) };
    }

    struct Worker {
        desk: Desk,
        /// All data sets loaded so far. Jobs borrow it for good, so a larger one never replaces it in place; there are
        /// as many as the site has data sets at most.
        data: &'static Data,
        /// Messages that wait for data.
        waiting: VecDeque<ToWorker>,
        loading: bool,
        performance: Performance,
        /// A message to oneself: it comes after those that wait already, and without the delay of a timer.
        bell: MessagePort,
        is_rung: bool,
    }

    fn scope() -> DedicatedWorkerGlobalScope {
        js_sys::global().unchecked_into()
    }

    fn send(message: &FromWorker) {
        let bytes = Uint8Array::from(&*protocol::to_bytes(message));
        // Sending can only fail for a detached buffer, and this one is new.
        let _ = scope().post_message_with_transfer(&bytes, &Array::of1(&bytes.buffer()));
    }

    /// Begins to listen.
    pub fn start() {
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
        let on_bell = Closure::<dyn FnMut()>::new(|| with(Worker::work));
        channel.port1().set_onmessage(Some(on_bell.as_ref().unchecked_ref()));
        on_bell.forget();
        WORKER.set(Some(Worker {
            desk: Desk::new(&NO_DATA),
            data: &NO_DATA,
            waiting: VecDeque::new(),
            loading: false,
            performance,
            bell: channel.port2(),
            is_rung: false,
        }));
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
            let bytes = event.data().dyn_into::<Uint8Array>().map(|bytes| bytes.to_vec()).unwrap_or_default();
            if let Some(message) = protocol::from_bytes::<ToWorker>(&bytes) {
                with(|worker| worker.receive(message));
            }
        });
        scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        on_message.forget();
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
            if let ToWorker::Run { job, .. } | ToWorker::Cancel(job) = &message {
                send(&FromWorker::Heard(*job));
            }
            self.waiting.push_back(message);
            self.take_up();
        }

        /// Hears the messages in order, up to one whose data is not there yet.
        fn take_up(&mut self) {
            while !self.loading
                && let Some(message) = self.waiting.front()
            {
                if let Some((job, missing)) = self.missing(message) {
                    self.loading = true;
                    wasm_bindgen_futures::spawn_local(load(job, missing));
                    break;
                }
                let Some(message) = self.waiting.pop_front() else { break };
                let performance = &self.performance;
                self.desk.hear(message, &|| performance.now());
            }
            self.flush();
            self.ring();
        }

        /// The data sets that a message needs and that are not loaded, with their URLs.
        fn missing(&self, message: &ToWorker) -> Option<(JobId, Vec<(DataSet, String)>)> {
            let (ToWorker::Run { job, lab, data, .. } | ToWorker::Help { job, lab, data, .. }) = message else {
                return None;
            };
            let sets = labs::labs::engine(lab)?.data();
            let missing: Vec<_> = sets
                .iter()
                .enumerate()
                .filter(|(_, set)| !self.data.has(**set))
                .map(|(index, set)| (*set, data.get(index).cloned().unwrap_or_default()))
                .collect();
            (!missing.is_empty()).then_some((*job, missing))
        }

        /// Takes in files that were loaded, or gives up the job that needed them.
        fn loaded(&mut self, job: JobId, files: Result<Vec<(DataSet, Vec<u8>)>, String>) {
            self.loading = false;
            let mut data = self.data.clone();
            let outcome = files.and_then(|files| {
                let unreadable = files.iter().find(|(set, bytes)| !data.load(*set, bytes));
                unreadable.map_or(Ok(()), |(set, _)| Err(set.file_name().to_string()))
            });
            match outcome {
                Ok(()) => {
                    self.data = Box::leak(Box::new(data));
                    self.desk.set_data(self.data);
                }
                Err(file) => {
                    self.waiting.pop_front();
                    send(&FromWorker::Failed(
                        job,
                        Text::owned(
                            format!("The data file {file} could not be loaded. Check the connection, then run again."),
                            format!("数据文件 {file} 未能载入。请检查网络连接，然后重新运行。"),
                        ),
                    ));
                }
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

    async fn load(job: JobId, missing: Vec<(DataSet, String)>) {
        let mut files = Vec::new();
        for (set, url) in missing {
            match fetch(&url).await {
                Some(bytes) => files.push((set, bytes)),
                None => return with(|worker| worker.loaded(job, Err(url))),
            }
        }
        with(|worker| worker.loaded(job, Ok(files)));
    }

    async fn fetch(url: &str) -> Option<Vec<u8>> {
        let response: Response = JsFuture::from(scope().fetch_with_str(url)).await.ok()?.dyn_into().ok()?;
        if !response.ok() {
            return None;
        }
        let buffer: ArrayBuffer = JsFuture::from(response.array_buffer().ok()?).await.ok()?.dyn_into().ok()?;
        Some(Uint8Array::new(&buffer).to_vec())
    }
}
