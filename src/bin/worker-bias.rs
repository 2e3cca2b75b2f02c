//! The program that runs the lab of implicit bias in linear regression off the page's main thread.

#[path = "../worker_program.rs"]
mod worker_program;

fn main() {
    #[cfg(target_arch = "wasm32")]
    worker_program::start(&labs::labs::BIAS);
}
