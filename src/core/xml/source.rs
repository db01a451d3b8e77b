//! A document's bytes as UTF-8, block by block, with the place in the document. What cannot be decoded or may not stand
//! in a document is reported when everything before it was taken, so its place is where the reader then is.

use std::io::{ErrorKind, Read};

use super::error::{Place, Wrong, XmlError};
use super::label::{Encoding, detect};
use super::token::{self, Token};
use super::{LONGEST, is_char};
use crate::charset::Charset;

/// How much is read at once.
const BLOCK: usize = 32 * 1024;

/// A reader of UTF-8 without control characters.
#[derive(Debug)]
pub(super) struct Source<R> {
    reader: R,
    encoding: Encoding,
    charset: Option<Charset>,
    /// Read and not yet decoded.
    raw: Vec<u8>,
    ended: bool,
    /// Decoded; the bytes before `at` are taken.
    text: String,
    at: usize,
    /// Where the byte `counted` of `text` stands: places are counted when they are asked for.
    place: Place,
    counted: usize,
    /// Up to here a byte of `text` is a character of the same line.
    plain: usize,
    /// What comes behind `text`.
    wrong: Option<Wrong>,
}

impl<R: Read> Source<R> {
    pub(super) fn new(reader: R, encoding: Encoding, first_line: u64) -> Source<R> {
        let place = Place { line: first_line, column: 1 };
        let (raw, text) = (Vec::new(), String::new());
        Source {
            reader,
            encoding,
            charset: None,
            raw,
            ended: false,
            text,
            at: 0,
            place,
            counted: 0,
            plain: 0,
            wrong: None,
        }
    }

    /// Where the first byte not yet taken stands.
    #[inline]
    pub(super) fn place(&mut self) -> Place {
        if self.at > self.plain {
            self.count();
        } else {
            self.place.column = self.place.column.saturating_add((self.at - self.counted) as u32);
            self.counted = self.at;
        }
        self.place
    }

    /// Counts over lines and characters of more bytes than one.
    fn count(&mut self) {
        let taken = &self.text.as_bytes()[self.counted..self.at];
        let mut tail = taken;
        if let Some(last) = memchr::memrchr(b'\n', taken) {
            self.place.line += memchr::memchr_iter(b'\n', taken).count() as u64;
            self.place.column = 1;
            tail = &taken[last + 1..];
        }
        // Bytes that go on with a character are not counted.
        let characters = tail.iter().filter(|b| **b & 0xC0 != 0x80).count();
        self.place.column = self.place.column.saturating_add(u32::try_from(characters).unwrap_or(u32::MAX));
        self.counted = self.at;
        self.plain = self.at + plain(&self.text.as_bytes()[self.at..]);
    }

    /// What stands next, and its length in bytes; `None` at the end of the document.
    #[inline]
    pub(super) fn token(&mut self) -> Result<Option<(Token, usize)>, XmlError> {
        loop {
            match token::first(&self.text[self.at..]) {
                Ok(None) if self.more()? => {}
                Ok(None) if self.at == self.text.len() => return Ok(None),
                Ok(None) => {
                    return token::last(&self.text[self.at..]).map(Some).map_err(|wrong| wrong.at(self.place()));
                }
                Ok(found) => return Ok(found),
                Err(wrong) => return Err(wrong.at(self.place())),
            }
        }
    }

    /// What is decoded and not yet taken.
    #[inline]
    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    /// Passes over so many bytes.
    #[inline]
    pub(super) fn skip(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// Lends all text out, and where in it the next piece begins, for as long as that is read.
    #[inline]
    pub(super) fn lend(&mut self) -> (String, usize) {
        (std::mem::take(&mut self.text), self.at)
    }

    /// Takes the text back, of which so many bytes were read.
    #[inline]
    pub(super) fn take(&mut self, text: String, bytes: usize) {
        self.text = text;
        self.skip(bytes);
    }

    /// Decodes the next block behind what is not yet taken; false only at the end of the document.
    fn more(&mut self) -> Result<bool, XmlError> {
        if let Some(wrong) = self.wrong.clone() {
            self.at = self.text.len();
            return Err(wrong.at(self.place()));
        }
        let place = self.place();
        if self.text.len() - self.at > LONGEST {
            let problem = format!("a tag, comment or text is longer than {LONGEST} bytes");
            return Err(Wrong::new(problem, "no bank writes such ones; the document is broken").at(place));
        }
        self.text.drain(..self.at);
        (self.at, self.counted, self.plain) = (0, 0, 0);
        let before = self.text.len();
        while self.text.len() == before && self.wrong.is_none() {
            if self.ended && self.raw.is_empty() {
                return Ok(false);
            }
            if let Err(wrong) = self.block() {
                self.wrong = Some(wrong);
            }
        }
        Ok(true)
    }

    fn block(&mut self) -> Result<(), Wrong> {
        self.read_block()?;
        let charset = match self.charset {
            Some(charset) => charset,
            None => self.begin()?,
        };
        let whole = if self.ended { self.raw.len() } else { charset.whole(&self.raw) };
        self.decode(charset, whole)
    }

    fn read_block(&mut self) -> Result<(), Wrong> {
        let old = self.raw.len();
        self.raw.resize(old + BLOCK, 0);
        let mut filled = old;
        while filled < self.raw.len() && !self.ended {
            match self.reader.read(&mut self.raw[filled..]) {
                Ok(0) => self.ended = true,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Wrong::new(format!("it cannot be read: {error}"), "fetch the file again")),
            }
        }
        self.raw.truncate(filled);
        Ok(())
    }

    fn begin(&mut self) -> Result<Charset, Wrong> {
        let (charset, mark) = detect(&self.raw, self.encoding)?;
        self.raw.drain(..mark);
        self.charset = Some(charset);
        Ok(charset)
    }

    fn decode(&mut self, charset: Charset, whole: usize) -> Result<(), Wrong> {
        let before = self.text.len();
        let mut result = Ok(());
        if let Err(bad) = charset.decode(&self.raw[..whole], &mut self.text) {
            self.text.truncate(before);
            // What stands before it is whole, so this cannot fail again.
            let _ = charset.decode(&self.raw[..bad], &mut self.text);
            let byte = self.raw.get(bad).copied().unwrap_or_default();
            let problem = format!("byte 0x{byte:02X} is no character of {}", charset.word());
            let rule = "the document is damaged, cut short or in another charset; nothing is replaced";
            result = Err(Wrong::new(problem, rule));
        }
        self.raw.drain(..whole);
        if let Some((at, odd)) = odd_character(&self.text[before..]) {
            self.text.truncate(before + at);
            let problem = format!("it holds the control character U+{:04X}", u32::from(odd));
            result = Err(Wrong::new(problem, "documents hold none; fetch the file again, or ask the bank"));
        }
        result
    }
}

/// How many bytes stand before the first that ends a line or is no ASCII.
fn plain(bytes: &[u8]) -> usize {
    let odd = |b: &u8| (*b == b'\n') | !b.is_ascii();
    let runs = bytes.chunks(64).take_while(|run| !run.iter().fold(false, |found, b| found | odd(b)));
    let whole = runs.map(<[u8]>::len).sum();
    whole + bytes[whole..].iter().position(odd).unwrap_or(bytes.len() - whole)
}

/// The first character that may not stand in a document. Looks at the bytes without a branch first: nearly all texts
/// are fine. The odd characters above ASCII begin with 0xC2 (U+0080 …) or 0xEF (U+FFFE, U+FFFF).
fn odd_character(text: &str) -> Option<(usize, char)> {
    let control = |b: u8| (b < 0x20) & !((b == b'\n') | (b == b'\r') | (b == b'\t')) | (b == 0x7F);
    let suspect = text.bytes().fold(false, |found, b| found | control(b) | (b == 0xC2) | (b == 0xEF));
    if suspect { text.char_indices().find(|(_, c)| !is_char(*c)) } else { None }
}
