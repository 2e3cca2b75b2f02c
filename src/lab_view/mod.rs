//! A lab in the page: printed with a finished run by the press, and brought to life in the browser.

pub mod address;
pub mod slider;
pub mod table;
pub mod wording;

#[cfg(target_arch = "wasm32")]
mod bridge;
#[cfg(target_arch = "wasm32")]
mod form;
#[cfg(target_arch = "wasm32")]
mod live;
#[cfg(not(target_arch = "wasm32"))]
mod printed;
#[cfg(target_arch = "wasm32")]
mod stage;

#[cfg(target_arch = "wasm32")]
pub use live::{mount, watch_all};
#[cfg(not(target_arch = "wasm32"))]
pub use printed::{Files, print};
pub use table::csv;
