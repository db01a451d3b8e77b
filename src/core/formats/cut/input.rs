//! Raw bytes in bounded blocks: the byte order mark, end marks, read errors.

use std::io::{ErrorKind, Read};

use super::{LIMIT, broken};
use crate::formats::records::FileError;
use crate::formats::words::{Bom, EndMark};

/// How much is read at once.
const BLOCK: usize = 64 * 1024;
const BOM: [u8; 3] = [0xEF, 0xBB, 0xBF];

/// A reader with a window of bytes not yet taken.
#[derive(Debug)]
pub(crate) struct Input<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    begun: bool,
    ended: bool,
    bom: Bom,
    end_mark: EndMark,
}

impl<R: Read> Input<R> {
    pub(crate) fn new(reader: R, bom: Bom, end_mark: EndMark) -> Input<R> {
        Input { reader, buffer: Vec::new(), start: 0, begun: false, ended: false, bom, end_mark }
    }

    /// Bytes read and not yet taken.
    pub(crate) fn window(&self) -> &[u8] {
        &self.buffer[self.start..]
    }

    pub(crate) fn take(&mut self, bytes: usize) {
        self.start = (self.start + bytes).min(self.buffer.len());
    }

    /// Whether the window holds the file's last byte.
    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Reads one more block behind the window; `line` is where we are, for errors.
    pub(crate) fn more(&mut self, line: u64) -> Result<(), FileError> {
        if self.ended {
            return Ok(());
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        let old = self.buffer.len();
        self.buffer.resize(old + BLOCK, 0);
        let mut filled = old;
        while filled < self.buffer.len() {
            match self.reader.read(&mut self.buffer[filled..]) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(broken(line, 0, format!("it cannot be read: {error}"), "fetch the file again"));
                }
            }
        }
        self.buffer.truncate(filled);
        if !self.begun {
            self.begun = true;
            self.strip_bom()?;
        }
        if self.ended {
            self.strip_end_mark()?;
        }
        Ok(())
    }

    fn strip_bom(&mut self) -> Result<(), FileError> {
        if !self.buffer.starts_with(&BOM) {
            return Ok(());
        }
        if self.bom == Bom::Refuse {
            let rule = "the format expects none; write `bom = \"strip\"` if this bank sends one";
            return Err(broken(1, 1, "it starts with a byte order mark (EF BB BF)", rule));
        }
        self.take(BOM.len());
        Ok(())
    }

    /// NUL or 0x1A bytes after the last line: old systems end or fill files so.
    fn strip_end_mark(&mut self) -> Result<(), FileError> {
        let kept = self.window().iter().rposition(|b| !matches!(b, 0 | 0x1A)).map_or(0, |at| at + 1);
        let marks = self.window().len() - kept;
        if marks == 0 {
            return Ok(());
        }
        if self.end_mark == EndMark::Refuse {
            let rule = "the format expects none; write `end_mark = \"ignore\"` if this bank sends them";
            return Err(broken(0, 0, format!("it ends in {marks} NUL or 0x1A bytes"), rule));
        }
        self.buffer.truncate(self.start + kept);
        Ok(())
    }

    pub(crate) fn too_long(line: u64) -> FileError {
        let problem = format!("it is longer than {LIMIT} bytes");
        broken(line, 0, problem, "no bank writes such lines; the line ends or the whole file are broken")
    }
}
