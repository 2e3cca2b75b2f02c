//! What every lab is written with: its declaration, its plan, its figure and its report.

pub use crate::{
    data::{Data, DataSet},
    figure::{Axis, AxisScale, Figure, Mark, Panel, Role, Stroke},
    frame::{OutputValue, Report},
    lab::{Entry, Lab, Plan, Work},
    schema::{Aggregate, Choice, Output, Parameter, Scale, Schema},
    settings::Settings,
    statistics,
    text::Text,
};
pub use std::borrow::Cow;
