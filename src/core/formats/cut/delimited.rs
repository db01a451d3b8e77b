//! Delimited lines → cells. A block is decoded first and split afterwards: in GBK `|` is also the second byte of names.

use std::io::Read;

use super::input::Input;
use super::quoted::{split_quoted, undecodable};
use super::{Cell, LIMIT, Record, broken, has_control};
use crate::charset::Charset;
use crate::formats::format::{Format, Separator};
use crate::formats::records::FileError;
use crate::formats::words::{Quotes, Trailing};

/// A delimited file being cut.
#[derive(Debug)]
pub(in crate::formats) struct DelimitedCut<R> {
    input: Input<R>,
    charset: Charset,
    separator: Separator,
    quotes: Quotes,
    trailing: Trailing,
    skip: Vec<String>,
    /// Decoded lines; `at` is the first character not yet taken.
    text: String,
    at: usize,
    /// No control character stands in `text` but line feeds.
    clean: bool,
    /// Lines taken so far.
    line: u64,
}

impl<R: Read> DelimitedCut<R> {
    pub(super) fn new(
        format: &Format,
        input: R,
        separator: Separator,
        quotes: Quotes,
        trailing: Trailing,
        skip: Vec<String>,
    ) -> DelimitedCut<R> {
        DelimitedCut {
            input: Input::new(input, format.bom, format.end_mark),
            charset: format.style.charset,
            separator,
            quotes,
            trailing,
            skip,
            text: String::new(),
            at: 0,
            clean: false,
            line: 0,
        }
    }

    /// Cuts the next line; false at the end of the file.
    pub(super) fn next(&mut self, record: &mut Record) -> Result<bool, FileError> {
        loop {
            let Some(end) = self.line_end(self.at)? else { return Ok(false) };
            let skipped = skips(&self.skip, &self.text[self.at..end]);
            if skipped {
                self.advance(end);
                continue;
            }
            record.clear(self.line + 1);
            if self.quotes == Quotes::Rfc4180 && memchr::memchr(b'"', &self.text.as_bytes()[self.at..end]).is_some() {
                self.quoted(end, record)?;
            } else {
                self.plain(end, record)?;
            }
            self.check(record)?;
            return Ok(true);
        }
    }

    /// Where a separator may stand behind the last cell: the empty cell it makes is taken off.
    pub(super) fn drop_trailing(&self, most: usize, record: &mut Record) {
        let one_more = most.checked_add(1) == Some(record.len());
        if self.trailing == Trailing::May && one_more && record.get(most).is_empty() {
            record.cells.pop();
        }
    }

    fn advance(&mut self, end: usize) {
        self.line += 1;
        self.at = (end + 1).min(self.text.len());
        // `end` is at the `\n`, or at the `\r` before it.
        if self.text.as_bytes().get(end) == Some(&b'\r') && self.text.as_bytes().get(end + 1) == Some(&b'\n') {
            self.at = end + 2;
        }
    }

    /// Where the line that goes on at `from` ends, without its line end; reads on if need be. `None` at the end.
    fn line_end(&mut self, from: usize) -> Result<Option<usize>, FileError> {
        let mut from = from;
        loop {
            if let Some(found) = memchr::memchr(b'\n', &self.text.as_bytes()[from..]) {
                let end = from + found;
                let crlf = found > 0 && self.text.as_bytes()[end - 1] == b'\r';
                return Ok(Some(if crlf { end - 1 } else { end }));
            }
            let before = self.at;
            if !self.fill()? {
                return Ok((from < self.text.len()).then_some(self.text.len()));
            }
            from -= before;
        }
    }

    /// Decodes the next whole lines behind what is left; false if the file has no more.
    fn fill(&mut self) -> Result<bool, FileError> {
        let pending = memchr::memchr_iter(b'\n', &self.text.as_bytes()[self.at..]).count() as u64;
        let line = self.line + pending + 1;
        let end = loop {
            let window = self.input.window();
            if let Some(last) = memchr::memrchr(b'\n', window) {
                break last + 1;
            }
            if window.len() > LIMIT {
                return Err(Input::<R>::too_long(line));
            }
            if self.input.ended() {
                break window.len();
            }
            self.input.more(line)?;
        };
        if end == 0 {
            return Ok(false);
        }
        self.text.drain(..self.at);
        self.at = 0;
        if self.text.len() > LIMIT {
            return Err(Input::<R>::too_long(self.line + 1));
        }
        let bytes = &self.input.window()[..end];
        self.charset.decode(bytes, &mut self.text).map_err(|at| undecodable(self.charset, bytes, at, line))?;
        self.input.take(end);
        self.clean = !self.text.bytes().fold(false, |found, b| found | ((b < 0x20) & (b != b'\n')) | (b == 0x7F));
        Ok(true)
    }

    /// Splits a line without quotes.
    fn plain(&mut self, end: usize, record: &mut Record) -> Result<(), FileError> {
        let line = &self.text[self.at..end];
        if line.len() > LIMIT {
            return Err(Input::<R>::too_long(self.line + 1));
        }
        record.text.push_str(line);
        match self.separator {
            Separator::Byte(separator) => {
                let mut start = 0;
                // Cells are a few bytes long: looking at each byte is quicker than jumping.
                for (at, byte) in line.bytes().enumerate() {
                    if byte == separator {
                        record.cells.push(Cell { start, end: at, at: start });
                        start = at + 1;
                    }
                }
                record.cells.push(Cell { start, end: line.len(), at: start });
            }
            Separator::Blanks => {
                for word in line.split([' ', '\t']).filter(|word| !word.is_empty()) {
                    let start = word.as_ptr() as usize - line.as_ptr() as usize;
                    record.cells.push(Cell { start, end: start + word.len(), at: start });
                }
            }
        }
        self.advance(end);
        Ok(())
    }

    /// Splits a record with RFC 4180 quotes; a quoted cell may go on over line ends, up to the limit.
    fn quoted(&mut self, first_end: usize, record: &mut Record) -> Result<(), FileError> {
        let mut end = first_end;
        let opened = self.line + 1;
        while self.text[self.at..end].bytes().filter(|b| *b == b'"').count() % 2 == 1 {
            let next = end + 1 + usize::from(self.text.as_bytes().get(end) == Some(&b'\r'));
            let left = self.text.len();
            let Some(further) = (if next > left { None } else { self.line_end(next)? }) else {
                let rule = "every quote that opens a cell closes it; a quote inside a cell is doubled";
                return Err(broken(opened, 0, "a quote is not closed", rule));
            };
            end = further;
            if end - self.at > LIMIT {
                return Err(Input::<R>::too_long(opened));
            }
        }
        let lines = self.text[self.at..end].matches('\n').count() as u64;
        split_quoted(&self.text[self.at..end], self.separator, record).map_err(|(at, problem)| {
            let column = u32::try_from(self.text[self.at..][..at].chars().count() + 1).unwrap_or(u32::MAX);
            broken(opened, column, problem, "RFC 4180: quotes stand around a whole cell, inside it they are doubled")
        })?;
        self.line += lines;
        self.advance(end);
        Ok(())
    }

    /// What no line may hold, and the separator after the last cell.
    fn check(&self, record: &mut Record) -> Result<(), FileError> {
        let tab = self.separator == Separator::Blanks || self.separator == Separator::Byte(b'\t');
        // Line feeds stand inside a record only where a quoted cell goes over several lines.
        let suspect = !self.clean || self.quotes == Quotes::Rfc4180;
        if suspect && has_control(record.text.as_bytes()) {
            let odd = |b: &u8| (*b < 0x20 && !(tab && *b == b'\t')) || *b == 0x7F;
            if let Some(at) = record.text.as_bytes().iter().position(odd) {
                let byte = record.text.as_bytes()[at];
                let column = u32::try_from(record.text[..at].chars().count() + 1).unwrap_or(u32::MAX);
                let rule = "lines hold no control characters; fetch the file again, or ask the bank";
                return Err(broken(record.line, column, format!("it holds the control character 0x{byte:02X}"), rule));
            }
        }
        if record.text.is_empty() {
            return Err(broken(
                record.line,
                0,
                "it is empty",
                "no line of this file is; a part of the file may be lost",
            ));
        }
        if self.trailing == Trailing::Always {
            let last = record.len() - 1;
            if last == 0 || !record.get(last).is_empty() {
                let rule = "the format ends every line with its separator";
                return Err(broken(record.line, record.column(last), "the line does not end with the separator", rule));
            }
            record.cells.pop();
        }
        Ok(())
    }
}

/// Lines that carry nothing: rules drawn across a report, blank lines (an empty `skip`).
fn skips(skip: &[String], line: &str) -> bool {
    !skip.is_empty()
        && skip.iter().any(|s| if s.is_empty() { line.trim().is_empty() } else { line.starts_with(s.as_str()) })
}
