//! The program that runs the lab of implicit bias in linear regression off the page's main thread.

// Taken from their files and not from the library, whose framework for pages would come along and be downloaded.
#[cfg(target_arch = "wasm32")]
#[path = "../protocol.rs"]
mod protocol;
#[cfg(target_arch = "wasm32")]
#[path = "../worker.rs"]
mod worker;
#[cfg(target_arch = "wasm32")]
#[path = "../worker_program.rs"]
mod worker_program;

fn main() {
    #[cfg(target_arch = "wasm32")]
    worker_program::start(&labs::labs::BIAS);
}
