//! An XML document → records: the fields before the rows are the head, a repeated element is a row, the fields behind
//! the rows are the tail. Inside each the order is free; a field's cell has the place where its text stands.

use std::io::{ErrorKind, Read};
use std::sync::Arc;

use super::walk::Walk;
use super::{LIMIT, Places, Record, broken, fixed};
use crate::charset::Charset;
use crate::formats::format::{Format, Line, Part, Xml};
use crate::formats::records::FileError;
use crate::xml::Reader;

/// A document being cut.
#[derive(Debug)]
pub(in crate::formats) struct XmlCut<R> {
    charset: Charset,
    /// Not yet opened.
    input: Option<R>,
    reader: Option<Reader<R>>,
    lines_before: u64,
    walk: Walk,
}

impl<R: Read> XmlCut<R> {
    pub(super) fn new(format: &Format, shape: &Arc<Xml>, input: R) -> XmlCut<R> {
        XmlCut {
            charset: format.style.charset,
            input: Some(input),
            reader: None,
            lines_before: 0,
            walk: Walk::new(format, shape),
        }
    }

    /// Cuts the next record; `None` behind the tail, which every document has.
    pub(super) fn next(&mut self, candidates: &[&Line], record: &mut Record) -> Result<Option<usize>, FileError> {
        if let Some((at, line)) = candidates.iter().enumerate().find(|(_, line)| line.part == Part::Preamble) {
            self.preamble(line, record)?;
            return Ok(Some(at));
        }
        if let Some(input) = self.input.take() {
            self.reader = Some(Reader::new(input, self.walk.encoding(), self.lines_before + 1));
        }
        let Some(reader) = &mut self.reader else { return Ok(None) };
        loop {
            let told = match reader.next_placed().map_err(|error| error.into_file_error())? {
                Some((place, event)) => self.walk.take(place, event)?,
                None => match self.walk.end(reader.place()) {
                    Some(part) => Some(part),
                    None => return Ok(None),
                },
            };
            if let Some(part) = told {
                self.walk.tell(part, record);
                return Ok(candidates.iter().position(|line| line.part == part));
            }
        }
    }

    /// The line of fixed width before the document.
    fn preamble(&mut self, line: &Line, record: &mut Record) -> Result<(), FileError> {
        let mut bytes = Vec::new();
        let mut byte = [0];
        while let Some(input) = self.input.as_mut().filter(|_| bytes.len() < line.bytes.min(LIMIT) + 2) {
            // Byte by byte: what follows belongs to the document.
            match input.read(&mut byte) {
                Ok(0) => break,
                Ok(_) if byte[0] == b'\n' => break,
                Ok(_) => bytes.push(byte[0]),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(broken(1, 0, format!("it cannot be read: {error}"), "fetch the file again"));
                }
            }
        }
        let length = bytes.len() - usize::from(bytes.last() == Some(&b'\r'));
        if length != line.bytes {
            let more = if length > line.bytes { " or more" } else { "" };
            let problem =
                format!("the line before the document has {length} bytes{more}, it should have {}", line.bytes);
            return Err(broken(1, 0, problem, "it has a fixed length; the file is cut short or of another format"));
        }
        record.clear(1);
        record.places = Places::Bytes;
        self.lines_before = 1;
        fixed::cells(self.charset, line, &bytes[..length], record)
    }
}
