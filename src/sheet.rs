//! What the printer leaves for the page beside a printed lab: its declaration and its finished run. So the page's own
//! program knows no lab by name, and a page loads only the labs on it.

use labs::{frame::Frame, schema::Schema, settings::Settings};
use serde::{Deserialize, Serialize};

/// A printed lab.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sheet {
    /// The lab's declaration.
    pub schema: Schema,
    /// The settings of the printed run: the lab's defaults, or what the chapter sets for this place.
    pub settings: Settings,
    /// The finished run.
    pub frame: Frame,
    /// The files of the data sets that the lab needs, as URLs relative to the site's root, in the order of
    /// [`labs::lab::Lab::data`].
    pub data: Vec<String>,
}

impl Sheet {
    /// The bytes that travel.
    pub fn to_bytes(&self) -> Vec<u8> {
        labs::lab::to_bytes(self)
    }

    /// Reads [`Sheet::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        labs::lab::from_bytes(bytes)
    }
}
