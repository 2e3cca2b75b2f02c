//! The program that makes files of a run: its numbers for a spreadsheet or for this page again, its picture.

/// A third of the default allocator's size.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {}

#[cfg(target_arch = "wasm32")]
mod web {
    use labs::text::Language;
    use wasm_bindgen::prelude::wasm_bindgen;
    use why_it_generalizes::{figure::Theme, take::Run};

    /// The run that a lab shows.
    #[wasm_bindgen]
    pub struct Taken(Run);

    #[wasm_bindgen]
    impl Taken {
        /// As [`Run::read`].
        pub fn read(sheet: &[u8], message: Option<Box<[u8]>>, settings: &str) -> Option<Self> {
            Run::read(sheet, message.map(<[u8]>::into_vec).as_deref(), settings).map(Self)
        }

        /// As [`Run::csv`].
        pub fn csv(&self) -> String {
            self.0.csv()
        }

        /// As [`Run::json`].
        pub fn json(&self, program: &str, address: &str) -> String {
            self.0.json(program, address)
        }

        /// As [`Run::svg`], with the places in one row.
        pub fn svg(&self, language: &str, is_dark: bool, places: &[f64]) -> String {
            let language = Language::from_tag(language).unwrap_or(Language::English);
            let theme = if is_dark { Theme::Dark } else { Theme::Light };
            let places: Vec<_> = places.as_chunks().0.to_vec();
            self.0.svg(language, theme, &places)
        }
    }
}
