//! The registry of labs. Adding one is a module, its place in the book, and its place in a program.

use crate::lab::{AnyLab, Engine};

macro_rules! registry {
    ($($module:ident),* $(,)?) => {
        $(pub mod $module;)*

        /// Every lab, in the order of the book.
        pub static ALL: &[&dyn AnyLab] = &[$(&$module::LAB),*];
    };
}

/// Labs that share a workers' program: what one of them needs the others need too, so that a reader who comes for one lab
/// loads little else.
#[derive(Clone, Copy)]
pub struct Program {
    /// Its name, which is that of its binary after `worker-`.
    pub name: &'static str,
    /// The engines by the names of their modules. What uses only this list carries no lab's declaration.
    engines: &'static [(&'static str, &'static dyn Engine)],
}

macro_rules! programs {
    ($($(#[$about:meta])* $name:ident ($text:literal): $($module:ident),*;)*) => {
        $(
            $(#[$about])*
            pub static $name: Program =
                Program { name: $text, engines: &[$((stringify!($module), &$module::LAB)),*] };
        )*

        /// Every program.
        pub static PROGRAMS: &[&Program] = &[$(&$name),*];
    };
}

registry! {
    ridgeless,
    sample_size,
    random_features,
    network_width,
    training_time,
    benign_regression,
    signal_noise_cnn,
    benign_phase,
    edge_noise,
    min_norm,
    diagonal_network,
    max_margin,
    batch_norm_margin,
    batch_norm_patches,
    adam_vs_gd,
    adaptive_least_squares,
    batch_size,
    escape,
    rescaling,
    loss_slice,
    hessian_spectrum,
}

programs! {
    /// Linear models of Gaussian data, in double precision.
    LINEAR ("linear"): ridgeless, sample_size, training_time;
    /// Linear read-outs of random features of images, in double precision.
    FEATURES ("features"): random_features;
    /// Networks, in single precision.
    NETWORKS ("networks"): network_width, edge_noise;
    /// Benign overfitting in linear regression, in double precision.
    BENIGN ("benign"): benign_regression;
    /// Signal and noise in patches, in double precision.
    PATCHES ("patches"): signal_noise_cnn, benign_phase;
    /// Implicit bias of descent in linear regression, in double precision.
    BIAS ("bias"): min_norm;
    /// Implicit bias of descent in a diagonal linear network, in double precision.
    DIAGONAL ("diagonal"): diagonal_network;
    /// Margins of classifiers, and what Adam learns, in double precision.
    MARGIN ("margin"): max_margin, adam_vs_gd;
    /// Implicit bias of normalization and of adaptive methods, in double precision.
    NORMS ("norms"): batch_norm_margin, batch_norm_patches, adaptive_least_squares;
    /// Flat minima: networks trained with more and with less noise, and the loss around them.
    NOISE ("noise"): batch_size, loss_slice;
    /// Flat minima: the way out of a minimum.
    ESCAPE ("escape"): escape;
    /// Flat minima: curvature.
    CURVATURE ("curvature"): rescaling, hessian_spectrum;
}

/// The lab of that id.
pub fn find(id: &str) -> Option<&'static dyn AnyLab> {
    ALL.iter().copied().find(|lab| lab.schema().id == id)
}

impl Program {
    /// The program that holds the lab of that id.
    pub fn of(id: &str) -> Option<&'static Self> {
        PROGRAMS.iter().copied().find(|program| program.engine(id).is_some())
    }

    /// The engine of the lab of that id, if it is in this program.
    pub fn engine(&self, id: &str) -> Option<&'static dyn Engine> {
        let is_of = |module: &str| {
            module.len() == id.len() && module.bytes().zip(id.bytes()).all(|(m, i)| m == i || (m, i) == (b'_', b'-'))
        };
        self.engines.iter().find(|(module, _)| is_of(module)).map(|(_, engine)| *engine)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{lab::Entry, settings::Settings};

    #[test]
    fn outputs_stand_in_the_order_of_the_declaration_and_are_there_before_anything_is_measured() {
        for lab in ALL {
            let settings = Settings::defaults(lab.schema());
            let records = vec![Entry::Pending; lab.plan(&settings).tasks.len()];
            let report = lab.report(&settings, &records);
            let names: Vec<&str> = report.outputs.iter().map(|output| output.name.as_str()).collect();
            assert_eq!(names, lab.schema().outputs.iter().map(|output| &*output.name).collect::<Vec<_>>());
        }
    }

    #[test]
    fn every_lab_is_in_exactly_one_program_and_called_like_its_module() {
        for lab in ALL {
            let id = &lab.schema().id;
            let programs = PROGRAMS.iter().filter(|program| program.engine(id).is_some());
            assert_eq!(programs.count(), 1, "{id}");
        }
        assert_eq!(PROGRAMS.iter().map(|program| program.engines.len()).sum::<usize>(), ALL.len());
        assert!(Program::of("no-such-lab").is_none());
    }
}
