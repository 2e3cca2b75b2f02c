//! What is searched: documents with titles in both languages, and which words their prose contains.

use crate::{
    packing::{BitPacker, BitUnpacker, Damage, Packer, Unpacker},
    tokens::{Form, is_empty_han, is_empty_word, tokens},
};
use labs::text::{Language, Text};
use std::collections::{BTreeMap, BTreeSet};

const INDEX: [u8; 4] = *b"wig1";
const VOLUME: [u8; 4] = *b"wiv1";
/// Bits of a remainder in the compressed sets of pairs: one pair in 2^4 passes that is not there.
const REMAINDER: u32 = 4;
/// A word that stands so often in a document is what the document is about.
const OFTEN: usize = 3;

/// What a document is; its title weighs accordingly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A chapter with its opening.
    Chapter,
    /// A section under its heading.
    Section,
    /// A lab.
    Lab,
    /// A term of the glossary.
    Term,
    /// Any other page.
    Page,
}

impl Kind {
    const ALL: [Self; 5] = [Self::Chapter, Self::Section, Self::Lab, Self::Term, Self::Page];

    /// Its name for the page's script.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Chapter => "chapter",
            Self::Section => "section",
            Self::Lab => "lab",
            Self::Term => "term",
            Self::Page => "page",
        }
    }
}

/// Something that can be found.
#[derive(Clone, Debug)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// The document that it is a part of, by its index, which is smaller.
    pub parent: Option<usize>,
    /// Its address below a language's folder: `double-descent/#peak`.
    pub path: String,
    /// Its title in both languages.
    pub title: Text,
    /// Its text in both languages.
    pub prose: Text,
    /// The volume that holds its text.
    pub volume: usize,
}

impl Document {
    /// The text in one language.
    fn prose(&self, language: Language) -> &str {
        self.prose.get(language)
    }
}

/// All that can be found, as the press gathers it.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// Names of the volumes.
    pub volumes: Vec<String>,
    /// The documents, in the order of the book.
    pub documents: Vec<Document>,
}

impl Library {
    /// Adds a volume and returns its index.
    pub fn add_volume(&mut self, name: &str) -> usize {
        self.volumes.push(name.into());
        self.volumes.len() - 1
    }

    /// Adds a document and returns its index.
    pub fn add(&mut self, document: Document) -> usize {
        self.documents.push(document);
        self.documents.len() - 1
    }

    /// The text of a volume's documents in one language, as bytes.
    pub fn volume(&self, volume: usize, language: Language) -> Vec<u8> {
        let texts: Vec<&str> =
            self.documents.iter().filter(|it| it.volume == volume).map(|it| it.prose(language)).collect();
        let mut packer = Packer::new(VOLUME);
        packer.number(texts.len());
        for text in texts {
            packer.string(text);
        }
        packer.finish()
    }

    /// The index as bytes. `files` has the file of each volume in each language, in the order of [`Language::ALL`].
    pub fn index(&self, files: &[[String; 2]]) -> Vec<u8> {
        let mut packer = Packer::new(INDEX);
        packer.number(files.len());
        for file in files.iter().flatten() {
            packer.string(file);
        }
        packer.number(self.documents.len());
        for document in &self.documents {
            packer.byte(document.kind as u8);
            packer.number(document.parent.map_or(0, |parent| parent + 1));
            packer.number(document.volume);
        }
        for document in &self.documents {
            packer.string(&document.path);
        }
        for language in Language::ALL {
            for document in &self.documents {
                packer.string(document.title.get(language));
            }
        }
        for language in Language::ALL {
            self.pack_edition(language, &mut packer);
        }
        packer.finish()
    }

    fn pack_edition(&self, language: Language, packer: &mut Packer) {
        let mut terms: BTreeMap<String, Vec<(usize, usize)>> = BTreeMap::new();
        let mut sets = Vec::with_capacity(self.documents.len());
        for (at, document) in self.documents.iter().enumerate() {
            let text = document.prose(language);
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for token in tokens(text) {
                let term = match token.form {
                    Form::Word(word) | Form::Joined(word) if !is_empty_word(&word) => word,
                    Form::Han(c) if !is_empty_han(c) => c.to_string(),
                    _ => continue,
                };
                *counts.entry(term).or_default() += 1;
            }
            for (term, count) in counts {
                terms.entry(term).or_default().push((at, count));
            }
            sets.push(pairs(text));
        }
        packer.number(terms.len());
        let mut previous = "";
        for term in terms.keys() {
            let shared: usize = previous
                .chars()
                .zip(term.chars())
                .take_while(|(one, other)| one == other)
                .map(|(c, _)| c.len_utf8())
                .sum();
            packer.number(shared);
            packer.string(&term[shared..]);
            previous = term;
        }
        for places in terms.values() {
            packer.number(places.len());
        }
        for places in terms.values() {
            let mut next = 0;
            for (at, count) in places {
                packer.number((at - next) << 1 | usize::from(*count >= OFTEN));
                next = at + 1;
            }
        }
        for set in sets {
            pack_pairs(&set, packer);
        }
    }
}

/// The neighboring Chinese characters of a text.
fn pairs(text: &str) -> BTreeSet<(char, char)> {
    let tokens = tokens(text);
    let neighbors = tokens.windows(2).filter_map(|two| match (&two[0].form, &two[1].form) {
        (Form::Han(one), Form::Han(other)) if two[0].end == two[1].start => Some((*one, *other)),
        _ => None,
    });
    neighbors.filter(|pair| is_telling(*pair)).collect()
}

/// Whether a pair of Chinese characters says enough to be kept.
pub fn is_telling((one, other): (char, char)) -> bool {
    !is_empty_han(one) && !is_empty_han(other)
}

/// A pair as a number below `range`.
fn hash((one, other): (char, char), range: usize) -> u32 {
    let mixed = ((u64::from(one) << 32) | u64::from(other)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (((mixed >> 32) * range as u64) >> 32) as u32
}

/// Sorted hashes below 16 times their number, as gaps: the quotient by 16 in ones, a zero, then four bits.
fn pack_pairs(set: &BTreeSet<(char, char)>, packer: &mut Packer) {
    let range = set.len() << REMAINDER;
    let mut hashes: Vec<u32> = set.iter().map(|pair| hash(*pair, range)).collect();
    hashes.sort_unstable();
    let mut bits = BitPacker::default();
    let mut previous = 0;
    for hash in hashes {
        let gap = hash - previous;
        for _ in 0..gap >> REMAINDER {
            bits.bit(true);
        }
        bits.bit(false);
        for place in 0..REMAINDER {
            bits.bit(gap >> place & 1 == 1);
        }
        previous = hash;
    }
    let bytes = bits.finish();
    packer.number(set.len());
    packer.number(bytes.len());
    packer.raw(&bytes);
}

/// A compressed set of pairs, opened.
#[derive(Default)]
pub struct Pairs(Vec<u32>);

impl Pairs {
    fn unpack(unpacker: &mut Unpacker) -> Result<Self, Damage> {
        let (count, length) = (unpacker.number()?, unpacker.number()?);
        // Each takes five bits at least.
        if count > 2 * length {
            return Err(Damage::Broken);
        }
        let mut bits = BitUnpacker::new(unpacker.raw(length)?);
        let mut hash = 0u32;
        let mut hashes = Vec::with_capacity(count);
        for _ in 0..count {
            let mut gap = 0;
            while bits.bit()? {
                // A gap that large is out of every range, and so in no set.
                gap = u32::saturating_add(gap, 1 << REMAINDER);
            }
            for place in 0..REMAINDER {
                gap |= u32::from(bits.bit()?) << place;
            }
            hash = hash.checked_add(gap).ok_or(Damage::Broken)?;
            hashes.push(hash);
        }
        Ok(Self(hashes))
    }

    /// Whether a telling pair is in the set, or one of the few that look like one that is.
    pub fn may_contain(&self, pair: (char, char)) -> bool {
        self.0.binary_search(&hash(pair, self.0.len() << REMAINDER)).is_ok()
    }
}

/// A document of the index.
pub struct Entry {
    pub kind: Kind,
    pub parent: Option<usize>,
    pub path: String,
    /// In the order of [`Language::ALL`].
    pub titles: [String; 2],
    pub volume: usize,
    /// Its place among the documents of its volume.
    pub place: usize,
}

/// What one edition's prose contains.
pub struct Edition {
    /// Sorted.
    pub terms: Vec<String>,
    /// For each term the documents, sorted, and whether it stands there often.
    pub places: Vec<Vec<(u32, bool)>>,
    /// For each document.
    pub pairs: Vec<Pairs>,
}

impl Edition {
    /// The terms that begin so.
    pub fn beginning(&self, beginning: &str) -> std::ops::Range<usize> {
        let first = self.terms.partition_point(|term| term.as_str() < beginning);
        let count = self.terms[first..].partition_point(|term| term.starts_with(beginning));
        first..first + count
    }
}

/// An index, opened.
pub struct Index {
    pub files: Vec<[String; 2]>,
    pub entries: Vec<Entry>,
    /// In the order of [`Language::ALL`].
    pub editions: [Edition; 2],
}

impl Index {
    pub fn open(bytes: &[u8]) -> Result<Self, Damage> {
        let mut opened = Unpacker::open(bytes, INDEX)?;
        let unpacker = &mut opened;
        let files = (0..unpacker.count()?).map(|_| Ok([unpacker.string()?.into(), unpacker.string()?.into()]));
        let files: Vec<[String; 2]> = files.collect::<Result<_, _>>()?;
        let count = unpacker.count()?;
        let mut filled = vec![0; files.len()];
        let mut entries = Vec::with_capacity(count);
        for at in 0..count {
            let kind = *Kind::ALL.get(usize::from(unpacker.byte()?)).ok_or(Damage::Broken)?;
            let parent = unpacker.number()?.checked_sub(1);
            let volume = unpacker.number()?;
            let place: &mut usize = filled.get_mut(volume).ok_or(Damage::Broken)?;
            if parent.is_some_and(|parent| parent >= at) {
                return Err(Damage::Broken);
            }
            let (path, titles) = (String::new(), [String::new(), String::new()]);
            entries.push(Entry { kind, parent, path, titles, volume, place: *place });
            *place += 1;
        }
        for entry in &mut entries {
            entry.path = unpacker.string()?.into();
        }
        for language in 0..2 {
            for entry in &mut entries {
                entry.titles[language] = unpacker.string()?.into();
            }
        }
        let editions = [Self::edition(unpacker, count)?, Self::edition(unpacker, count)?];
        opened.finish()?;
        Ok(Self { files, entries, editions })
    }

    fn edition(unpacker: &mut Unpacker, documents: usize) -> Result<Edition, Damage> {
        let count = unpacker.count()?;
        let mut terms: Vec<String> = Vec::with_capacity(count);
        for _ in 0..count {
            let shared = unpacker.number()?;
            let previous = terms.last().map_or("", String::as_str);
            let mut term = previous.get(..shared).ok_or(Damage::Broken)?.to_string();
            term.push_str(unpacker.string()?);
            if *term <= *previous {
                return Err(Damage::Broken);
            }
            terms.push(term);
        }
        let counts = (0..count).map(|_| unpacker.count()).collect::<Result<Vec<usize>, _>>()?;
        let mut places = Vec::with_capacity(count);
        for count in counts {
            let mut next = 0;
            let mut own = Vec::with_capacity(count.min(documents));
            for _ in 0..count {
                let number = unpacker.number()?;
                let at = next + (number >> 1);
                if at >= documents {
                    return Err(Damage::Broken);
                }
                own.push((at as u32, number & 1 == 1));
                next = at + 1;
            }
            places.push(own);
        }
        let pairs = (0..documents).map(|_| Pairs::unpack(unpacker)).collect::<Result<_, _>>()?;
        Ok(Edition { terms, places, pairs })
    }
}

/// Opens a volume: the text of its documents in one language.
pub fn open_volume(bytes: &[u8]) -> Result<Vec<String>, Damage> {
    let mut unpacker = Unpacker::open(bytes, VOLUME)?;
    let count = unpacker.count()?;
    let texts = (0..count).map(|_| Ok(unpacker.string()?.into())).collect::<Result<_, _>>()?;
    unpacker.finish()?;
    Ok(texts)
}
