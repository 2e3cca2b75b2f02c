//! Search over both editions of the book, the same code where it is printed and where it is read.
//!
//! The press gathers [`Document`]s (chapters, sections, labs, terms, pages) and turns them into a [`Library`]: an index
//! of all of them, and their prose in volumes. A page loads the index on the first search, and a volume when a result
//! is shown from it. A [`Searcher`] answers queries from what has been loaded so far.
//!
//! Titles are kept as they are. Of the prose the index knows, for each edition, which documents contain a word or a Han
//! character, exactly, and which contain a pair of neighboring Han characters, as a compressed set of hashes that lets
//! one pair in sixteen pass that is not there. Once a volume is loaded, its own text decides.

mod characters;
mod index;
mod packing;
mod query;
mod searcher;
mod snippet;
mod tokens;

pub use index::{Document, Kind, Library};
pub use packing::Damage;
pub use searcher::{Answer, Found, Searcher};
pub use snippet::Piece;
pub use tokens::{Form, Token, tokens};
