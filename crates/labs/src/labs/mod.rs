//! The registry of labs. Adding one is a module and a line here.

use crate::lab::{AnyLab, Engine};

macro_rules! registry {
    ($($module:ident),* $(,)?) => {
        $(pub mod $module;)*

        /// Every lab, in the order of the book.
        pub static ALL: &[&dyn AnyLab] = &[$(&$module::LAB),*];

        /// The engines by the names of their modules: a program that uses only this list carries no lab's declaration.
        static ENGINES: &[(&str, &dyn Engine)] = &[$((stringify!($module), &$module::LAB)),*];
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

/// The engine of the lab of that id.
pub fn engine(id: &str) -> Option<&'static dyn Engine> {
    let is_of = |module: &str| {
        module.len() == id.len() && module.bytes().zip(id.bytes()).all(|(m, i)| m == i || (m, i) == (b'_', b'-'))
    };
    ENGINES.iter().find(|(module, _)| is_of(module)).map(|(_, engine)| *engine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lab_is_called_like_its_module() {
        assert_eq!(ENGINES.len(), ALL.len());
        for ((module, _), lab) in ENGINES.iter().zip(ALL) {
            assert_eq!(module.replace('_', "-"), lab.schema().id);
            assert!(engine(&lab.schema().id).is_some(), "no engine is found for {}", lab.schema().id);
        }
        assert!(engine("no-such-lab").is_none());
    }
}
