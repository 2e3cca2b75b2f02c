//! A lab in the page: printed with a finished run by the press, and mounted over its printed form in the browser.

pub mod address;
pub mod slider;
pub mod table;
pub mod view;

#[cfg(target_arch = "wasm32")]
mod live;
#[cfg(target_arch = "wasm32")]
mod stage;

#[cfg(target_arch = "wasm32")]
pub use live::{mount, watch_all};
pub use table::csv;
#[cfg(not(target_arch = "wasm32"))]
pub use view::print;
