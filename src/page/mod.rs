//! The pages of the site: their shell, the chapter, one lab alone, the landing page. Printed natively; what moves in the
//! shell is JavaScript (`assets/boot.js`).

pub mod words;

#[cfg(not(target_arch = "wasm32"))]
pub mod bench;
#[cfg(not(target_arch = "wasm32"))]
pub mod body;
#[cfg(not(target_arch = "wasm32"))]
pub mod document;
#[cfg(not(target_arch = "wasm32"))]
pub mod embed;
#[cfg(not(target_arch = "wasm32"))]
pub mod glossary;
#[cfg(not(target_arch = "wasm32"))]
pub mod journey;
#[cfg(not(target_arch = "wasm32"))]
pub mod offline;
#[cfg(not(target_arch = "wasm32"))]
pub mod references;
#[cfg(not(target_arch = "wasm32"))]
pub mod search;
