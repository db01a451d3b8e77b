//! A document's bytes as UTF-8, block by block, with the place in the document. What cannot be decoded or may not stand
//! in a document is reported when everything before it was taken, so its place is where the reader then is.

use std::io::{BufRead, Error, ErrorKind, Read, Result};

use super::error::{Place, Wrong, XmlError};
use super::label::{Encoding, detect};
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
    text: String,
    /// The first byte of `text` not yet taken.
    at: usize,
    place: Place,
    /// Bytes taken since the last event began, and where that was.
    taken: usize,
    marked: Place,
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
            taken: 0,
            marked: place,
            wrong: None,
        }
    }

    /// Where the first byte not yet taken stands.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    /// A new event begins: its limit counts from here.
    pub(super) fn mark(&mut self) {
        self.taken = 0;
        self.marked = self.place;
    }

    /// Why the last read failed.
    pub(super) fn failure(&self) -> Option<XmlError> {
        self.wrong.clone().map(|wrong| wrong.at(self.place))
    }

    fn fail<T>(&mut self, wrong: Wrong) -> Result<T> {
        self.wrong = Some(wrong);
        Err(stopped())
    }

    /// Decodes the next block; nothing is added only at the end of the document.
    fn refill(&mut self) -> Result<()> {
        if self.wrong.is_some() {
            return Err(stopped());
        }
        if self.taken > LONGEST {
            self.place = self.marked;
            let problem = format!("a tag, comment or text is longer than {LONGEST} bytes");
            return self.fail(Wrong::new(problem, "no bank writes such ones; the document is broken"));
        }
        self.text.clear();
        self.at = 0;
        while self.text.is_empty() && self.wrong.is_none() {
            if self.ended && self.raw.is_empty() {
                return Ok(());
            }
            self.read_block()?;
            let charset = match self.charset {
                Some(charset) => charset,
                None => self.begin()?,
            };
            let whole = if self.ended { self.raw.len() } else { charset.whole(&self.raw) };
            self.decode(charset, whole);
        }
        if self.text.is_empty() { Err(stopped()) } else { Ok(()) }
    }

    fn read_block(&mut self) -> Result<()> {
        let old = self.raw.len();
        self.raw.resize(old + BLOCK, 0);
        let mut filled = old;
        while filled < self.raw.len() && !self.ended {
            match self.reader.read(&mut self.raw[filled..]) {
                Ok(0) => self.ended = true,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    let wrong = Wrong::new(format!("it cannot be read: {error}"), "fetch the file again");
                    return self.fail(wrong);
                }
            }
        }
        self.raw.truncate(filled);
        Ok(())
    }

    fn begin(&mut self) -> Result<Charset> {
        match detect(&self.raw, self.encoding) {
            Err(wrong) => self.fail(wrong),
            Ok((charset, mark)) => {
                self.raw.drain(..mark);
                self.charset = Some(charset);
                Ok(charset)
            }
        }
    }

    fn decode(&mut self, charset: Charset, whole: usize) {
        if let Err(bad) = charset.decode(&self.raw[..whole], &mut self.text) {
            self.text.clear();
            // What stands before it is whole, so this cannot fail again.
            let _ = charset.decode(&self.raw[..bad], &mut self.text);
            let byte = self.raw.get(bad).copied().unwrap_or_default();
            let problem = format!("byte 0x{byte:02X} is no character of {}", charset.word());
            let rule = "the document is damaged, cut short or in another charset; nothing is replaced";
            self.wrong = Some(Wrong::new(problem, rule));
        }
        self.raw.drain(..whole);
        if let Some((at, odd)) = odd_character(&self.text) {
            self.text.truncate(at);
            let problem = format!("it holds the control character U+{:04X}", u32::from(odd));
            self.wrong = Some(Wrong::new(problem, "documents hold none; fetch the file again, or ask the bank"));
        }
    }
}

/// The error the parser hands on; what is wrong is asked from the source.
fn stopped() -> Error {
    Error::other("stopped")
}

/// The first character that may not stand in a document. Looks at ASCII without a branch: nearly all of it is fine.
fn odd_character(text: &str) -> Option<(usize, char)> {
    let controls = |b: &u8| (*b < 0x20) & !((*b == b'\n') | (*b == b'\r') | (*b == b'\t')) | (*b == 0x7F);
    let suspect = !text.is_ascii() || text.as_bytes().iter().fold(false, |found, b| found | controls(b));
    if suspect { text.char_indices().find(|(_, c)| !is_char(*c)) } else { None }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> Result<usize> {
        let mut window = self.fill_buf()?;
        let read = window.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Source<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        if self.at >= self.text.len() {
            self.refill()?;
        }
        Ok(&self.text.as_bytes()[self.at..])
    }

    fn consume(&mut self, bytes: usize) {
        let end = (self.at + bytes).min(self.text.len());
        let taken = &self.text.as_bytes()[self.at..end];
        let lines = taken.iter().filter(|b| **b == b'\n').count();
        let mut tail = taken;
        if lines > 0 {
            self.place.line += lines as u64;
            self.place.column = 1;
            tail = &taken[taken.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)..];
        }
        // Bytes that go on with a character are not counted.
        let characters = tail.iter().filter(|b| **b & 0xC0 != 0x80).count();
        self.place.column = self.place.column.saturating_add(u32::try_from(characters).unwrap_or(u32::MAX));
        self.taken += end - self.at;
        self.at = end;
    }
}
