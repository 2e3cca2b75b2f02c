//! The book's app: components, figures, the worker pool, the page shell. The same components are printed to static
//! HTML by `press` and mounted in the browser by `main`.

pub mod bench;
pub mod figure;
pub mod html;
pub mod interface;
pub mod lab_view;
pub mod page;
#[cfg(target_arch = "wasm32")]
pub mod pool;
#[cfg(not(target_arch = "wasm32"))]
pub mod press;
pub mod protocol;
pub mod sheet;
pub mod take;
#[cfg(not(target_arch = "wasm32"))]
pub mod terminal;
pub mod worker;
