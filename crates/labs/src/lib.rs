//! The labs of the book: small, honest training simulations, each a pure function of its parameters and a seed.
//!
//! Nothing here knows a clock, a thread, the web or global state, so the same settings give the same bits in a
//! terminal and in every browser. A lab declares itself once, as a [`schema::Schema`]; its controls, its links, its
//! terminal help and its checks are read off that declaration.
//!
//! The way of a run: [`settings::Settings`] → [`lab::Lab::plan`] lists independent tasks → each task is worked off in
//! bounded slices ([`lab::Work`]) → [`lab::Lab::report`] turns the records so far into a [`frame::Frame`].

pub mod batch_norm;
pub mod course;
pub mod curvature;
pub mod data;
pub mod decimal;
pub mod declarations;
pub mod digest;
pub mod digits;
pub mod excess_risk;
pub mod figure;
pub mod frame;
pub mod histories;
pub mod lab;
pub mod labs;
pub mod landscapes;
pub mod linear_models;
pub mod losses;
pub mod max_margin;
pub mod network;
pub mod numerals;
pub mod patch_cnn;
pub mod points;
pub mod prelude;
pub mod random;
pub mod run;
pub mod schema;
pub mod settings;
pub mod statistics;
#[cfg(test)]
mod testing;
pub mod text;
