//! What the printer leaves for the page beside a printed lab: its declaration and its finished run. So the page's own
//! program knows no lab by name, and a page loads only the labs on it.

use labs::{
    frame::Frame,
    schema::{Domain, Schema},
    settings::Settings,
    text::Text,
};
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
    /// [`labs::lab::Lab::DATA`].
    pub data: Vec<String>,
}

impl Sheet {
    /// The sheet without the words that the page has printed already: all that the live lab needs.
    #[must_use]
    pub fn without_printed_words(mut self) -> Self {
        let schema = &mut self.schema;
        schema.about = Text::default();
        for parameter in schema.parameters.to_mut() {
            (parameter.label, parameter.help) = (Text::default(), Text::default());
            if let Domain::Choice { choices, .. } = &mut parameter.domain {
                for choice in choices.to_mut() {
                    choice.label = Text::default();
                }
            }
        }
        for output in schema.outputs.to_mut() {
            (output.label, output.meaning) = (Text::default(), Text::default());
        }
        self
    }

    /// The bytes that travel.
    pub fn to_bytes(&self) -> Vec<u8> {
        labs::lab::to_bytes(self)
    }

    /// Reads [`Sheet::to_bytes`].
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        labs::lab::from_bytes(bytes)
    }
}
