//! Fixed records → cells. Widths are bytes of the file's charset, so records are sliced first and each cell is decoded:
//! a character across a border is an error.

use std::io::Read;

use super::input::Input;
use super::{Cell, LIMIT, Places, Record, broken, has_control};
use crate::charset::Charset;
use crate::formats::format::{Format, Line};
use crate::formats::records::FileError;
use crate::formats::words::LineEnd;

/// A fixed-width file being cut.
#[derive(Debug)]
pub(in crate::formats) struct FixedCut<R> {
    input: Input<R>,
    charset: Charset,
    lines: bool,
    /// Records taken so far.
    record: u64,
}

impl<R: Read> FixedCut<R> {
    pub(super) fn new(format: &Format, input: R) -> FixedCut<R> {
        FixedCut {
            input: Input::new(input, format.bom, format.end_mark),
            charset: format.style.charset,
            lines: format.line_end != LineEnd::None,
            record: 0,
        }
    }

    /// Cuts the next record; `None` at the end of the file.
    pub(super) fn next(&mut self, candidates: &[&Line], record: &mut Record) -> Result<Option<usize>, FileError> {
        let number = self.record + 1;
        let longest = candidates.iter().map(|line| line.bytes).max().unwrap_or(0);
        // Room for the longest record and its CRLF; where lines end, any line up to the limit is looked at whole.
        while self.input.window().len() < if self.lines { LIMIT } else { longest } && !self.input.ended() {
            self.input.more(number)?;
        }
        let window = self.input.window();
        if window.is_empty() {
            return Ok(None);
        }
        let (length, taken) = if self.lines { line_length(window, number)? } else { (window.len(), 0) };
        let marked = |line: &&Line| line.mark.as_deref().is_some_and(|mark| window.starts_with(mark.as_bytes()));
        let chosen = candidates.iter().position(marked).unwrap_or(candidates.len().saturating_sub(1));
        let Some(line) = candidates.get(chosen) else { return Ok(None) };
        if length < line.bytes || (self.lines && length != line.bytes) {
            let problem = format!("the record has {length} bytes, it should have {}", line.bytes);
            return Err(broken(
                number,
                0,
                problem,
                "records have a fixed length; the file is cut short or of another format",
            ));
        }
        let taken = if self.lines { taken } else { line.bytes };
        record.clear(number);
        record.places = Places::Bytes;
        cells(self.charset, line, &window[..line.bytes], record)?;
        self.input.take(taken);
        self.record = number;
        Ok(Some(chosen))
    }
}

/// Bytes of the line without and with its line end.
fn line_length(window: &[u8], number: u64) -> Result<(usize, usize), FileError> {
    let within = &window[..window.len().min(LIMIT)];
    let Some(end) = within.iter().position(|b| *b == b'\n') else {
        if window.len() > LIMIT {
            return Err(Input::<std::io::Empty>::too_long(number));
        }
        return Ok((window.len(), window.len()));
    };
    let crlf = end > 0 && window[end - 1] == b'\r';
    Ok((end - usize::from(crlf), end + 1))
}

/// Cuts and decodes the cells of one record.
pub(super) fn cells(charset: Charset, line: &Line, bytes: &[u8], record: &mut Record) -> Result<(), FileError> {
    let mut at = 0;
    let control = has_control(bytes);
    for field in &line.fields {
        let width = field.width.unwrap_or(0);
        let start = record.text.len();
        let raw = &bytes[at..at + width];
        let column = u32::try_from(at + 1).unwrap_or(u32::MAX);
        if let Err(bad) = charset.decode(raw, &mut record.text) {
            let problem = format!(
                "byte {} is no character of {}, or one across the field's border",
                at + bad + 1,
                charset.word()
            );
            let rule = "widths are bytes; the record is shifted, cut or in another charset";
            return Err(FileError { field: field.name.clone(), ..broken(record.line, column, problem, rule) });
        }
        if let Some(odd) = record.text.as_bytes()[start..].iter().find(|b| control && (**b < 0x20 || **b == 0x7F)) {
            let problem = format!("it holds the control character 0x{odd:02X}");
            let rule = "records hold no control characters and no line ends; the record is shifted or cut";
            return Err(FileError { field: field.name.clone(), ..broken(record.line, column, problem, rule) });
        }
        record.cells.push(Cell { start, end: record.text.len(), at });
        at += width;
    }
    Ok(())
}
