//! Numbers and strings as bytes: whole numbers seven bits a byte, the last of them under 128; a seal at the end.

use std::fmt;

/// What was loaded is not what the press wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It ends too early, or its seal does not fit its bytes.
    Broken,
    /// It is of another kind, or from another version of the book's programs.
    Foreign,
}

impl Damage {
    /// What is wrong, in words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Broken => "the file for search is damaged",
            Self::Foreign => "the file for search is of another version",
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.words())
    }
}

impl std::error::Error for Damage {}

/// FNV-1a: every change of one byte changes it.
fn seal(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811C_9DC5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// Puts bytes together.
pub struct Packer {
    bytes: Vec<u8>,
}

impl Packer {
    /// A file of the kind that these bytes name.
    pub fn new(kind: [u8; 4]) -> Self {
        Self { bytes: kind.into() }
    }

    pub fn byte(&mut self, byte: u8) {
        self.bytes.push(byte);
    }

    pub fn number(&mut self, mut number: usize) {
        while number >= 128 {
            self.bytes.push(number as u8 | 128);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }

    pub fn string(&mut self, string: &str) {
        self.number(string.len());
        self.bytes.extend_from_slice(string.as_bytes());
    }

    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub fn finish(mut self) -> Vec<u8> {
        let seal = seal(&self.bytes);
        self.bytes.extend_from_slice(&seal.to_le_bytes());
        self.bytes
    }
}

/// Takes bytes apart again; nothing in them is trusted.
pub struct Unpacker<'a> {
    bytes: &'a [u8],
}

impl<'a> Unpacker<'a> {
    /// Opens a file of the kind that four bytes name.
    pub fn open(bytes: &'a [u8], kind: [u8; 4]) -> Result<Self, Damage> {
        let (body, end) = bytes.split_last_chunk::<4>().ok_or(Damage::Broken)?;
        if seal(body) != u32::from_le_bytes(*end) {
            return Err(Damage::Broken);
        }
        let bytes = body.strip_prefix(&kind).ok_or(Damage::Foreign)?;
        Ok(Self { bytes })
    }

    pub fn byte(&mut self) -> Result<u8, Damage> {
        let (first, rest) = self.bytes.split_first().ok_or(Damage::Broken)?;
        self.bytes = rest;
        Ok(*first)
    }

    pub fn number(&mut self) -> Result<usize, Damage> {
        let mut number = 0;
        // No number of these files takes more than 28 bits.
        for shift in [0, 7, 14, 21] {
            let byte = self.byte()?;
            number |= usize::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(number);
            }
        }
        Err(Damage::Broken)
    }

    /// How many things follow, each of at least one byte.
    pub fn count(&mut self) -> Result<usize, Damage> {
        let count = self.number()?;
        if count <= self.bytes.len() { Ok(count) } else { Err(Damage::Broken) }
    }

    pub fn raw(&mut self, length: usize) -> Result<&'a [u8], Damage> {
        let (taken, rest) = self.bytes.split_at_checked(length).ok_or(Damage::Broken)?;
        self.bytes = rest;
        Ok(taken)
    }

    pub fn string(&mut self) -> Result<&'a str, Damage> {
        let length = self.number()?;
        std::str::from_utf8(self.raw(length)?).map_err(|_| Damage::Broken)
    }

    pub fn finish(self) -> Result<(), Damage> {
        if self.bytes.is_empty() { Ok(()) } else { Err(Damage::Broken) }
    }
}

/// Binary digits, packed from the lowest of each byte.
#[derive(Default)]
pub struct BitPacker {
    bytes: Vec<u8>,
    used: usize,
}

impl BitPacker {
    pub fn bit(&mut self, bit: bool) {
        if self.used.is_multiple_of(8) {
            self.bytes.push(0);
        }
        if let Some(last) = self.bytes.last_mut() {
            *last |= u8::from(bit) << (self.used % 8);
        }
        self.used += 1;
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads what [`BitPacker`] packed.
pub struct BitUnpacker<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> BitUnpacker<'a> {
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    pub fn bit(&mut self) -> Result<bool, Damage> {
        let byte = self.bytes.get(self.at / 8).ok_or(Damage::Broken)?;
        let bit = byte >> (self.at % 8) & 1 == 1;
        self.at += 1;
        Ok(bit)
    }
}
