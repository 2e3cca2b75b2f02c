//! The program behind search: it answers queries in the page, from an index that the press wrote.

/// A third of the default allocator's size.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

fn main() {}

#[cfg(target_arch = "wasm32")]
mod web {
    use labs::text::Language;
    use search::{Answer, Piece, Searcher};
    use wasm_bindgen::prelude::wasm_bindgen;

    /// An opened index.
    #[wasm_bindgen]
    pub struct Index(Searcher);

    #[wasm_bindgen]
    impl Index {
        /// Opens an index, or says that it is damaged.
        #[wasm_bindgen(constructor)]
        pub fn new(bytes: &[u8]) -> Result<Self, String> {
            Searcher::open(bytes).map(Self).map_err(|damage| damage.words().into())
        }

        /// Takes a volume that an answer wanted.
        pub fn add(&mut self, file: &str, bytes: &[u8]) -> Result<(), String> {
            self.0.add_volume(file, bytes).map_err(|damage| damage.words().into())
        }

        /// What a query finds, as JSON: `{"found": [{"kind", "address", "titles", "snippet", "language"}], "wanted"}`.
        /// A text is a list of pieces; every other one, beginning with the second, is marked.
        pub fn answer(&self, typed: &str, language: &str) -> String {
            write(&self.0.answer(typed, Language::from_tag(language).unwrap_or(Language::English)))
        }
    }

    fn write(answer: &Answer) -> String {
        let mut out = String::from("{\"found\":");
        list(&mut out, &answer.found, |out, found| {
            out.push_str("{\"kind\":");
            string(out, found.kind.name());
            out.push_str(",\"address\":");
            string(out, &found.address);
            out.push_str(",\"language\":");
            string(out, found.language.tag());
            out.push_str(",\"titles\":");
            list(out, &found.titles, |out, title| pieces(out, title));
            out.push_str(",\"snippet\":");
            pieces(out, &found.snippet);
            out.push('}');
        });
        out.push_str(",\"wanted\":");
        list(&mut out, &answer.wanted, |out, file| string(out, file));
        out.push('}');
        out
    }

    fn pieces(out: &mut String, pieces: &[Piece]) {
        let mut alternating: Vec<&str> = Vec::new();
        for piece in pieces {
            if (alternating.len() % 2 == 1) != piece.marked {
                alternating.push("");
            }
            alternating.push(&piece.text);
        }
        list(out, &alternating, |out, text| string(out, text));
    }

    fn list<T>(out: &mut String, items: &[T], write: impl Fn(&mut String, &T)) {
        out.push('[');
        for (at, item) in items.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            write(out, item);
        }
        out.push(']');
    }

    fn string(out: &mut String, text: &str) {
        out.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => {
                    out.push('\\');
                    out.push(c);
                }
                // Texts have no other control characters; the press has made one line of each paragraph.
                '\u{0}'..='\u{1F}' => out.push(' '),
                _ => out.push(c),
            }
        }
        out.push('"');
    }
}
