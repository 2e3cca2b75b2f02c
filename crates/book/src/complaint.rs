//! What is wrong with the book on disk, and where.

use std::fmt;

/// One thing wrong with a file of the book. Displayed as `file:line: reason`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Complaint {
    /// The file, relative to the folder of chapters.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong and, where it is not plain, what to write instead.
    pub reason: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.reason)
    }
}

/// Gathers the complaints about one file.
#[derive(Debug)]
pub(crate) struct Complaints {
    file: String,
    list: Vec<Complaint>,
}

impl Complaints {
    pub(crate) fn new(file: impl Into<String>) -> Self {
        Self { file: file.into(), list: Vec::new() }
    }

    pub(crate) fn add(&mut self, line: usize, reason: impl Into<String>) {
        self.list.push(Complaint { file: self.file.clone(), line, reason: reason.into() });
    }

    /// Adds several about one line.
    pub(crate) fn add_all(&mut self, line: usize, reasons: impl IntoIterator<Item = String>) {
        for reason in reasons {
            self.add(line, reason);
        }
    }

    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// The complaints, first line first, each once.
    pub(crate) fn into_list(mut self) -> Vec<Complaint> {
        self.list.sort();
        self.list.dedup();
        self.list
    }
}

/// The line, counted from 1, in which the byte at `offset` stands.
pub(crate) fn line_at(text: &str, offset: usize) -> usize {
    let end = offset.min(text.len());
    1 + text.bytes().take(end).filter(|&byte| byte == b'\n').count()
}
