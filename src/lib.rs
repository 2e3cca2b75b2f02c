//! The book's app: components, figures, the worker pool, the page shell. The same components are printed to static
//! HTML by `press` and mounted in the browser by `main`.

pub mod figure;
pub mod lab_view;
pub mod page;
pub mod protocol;
pub mod sheet;
#[cfg(not(target_arch = "wasm32"))]
pub mod terminal;
#[cfg(target_arch = "wasm32")]
pub mod pool;
