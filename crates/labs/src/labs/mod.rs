//! The registry of labs. Adding one is a module and a line here.

use crate::lab::AnyLab;

macro_rules! registry {
    ($($module:ident),* $(,)?) => {
        $(pub mod $module;)*

        /// Every lab, in the order of the book.
        pub static ALL: &[&dyn AnyLab] = &[$(&$module::LAB),*];
    };
}

registry! {
    ridgeless,
    sample_size,
    random_features,
    network_width,
    training_time,
}

/// The lab of that id.
pub fn find(id: &str) -> Option<&'static dyn AnyLab> {
    ALL.iter().copied().find(|lab| lab.schema().id == id)
}
