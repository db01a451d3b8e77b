//! A file's bytes as UTF-8, whatever they were; what does not decode was refused by the scan already.

use std::fs::File;
use std::io::{self, Read};

use encoding_rs::{CoderResult, Decoder, GB18030};

use super::scan::{Charset, Input};
use crate::error::JobError;

const CHUNK: usize = 64 * 1024;

/// Reads an input from its start as UTF-8.
pub enum Decoded {
    /// As it is.
    Plain(File),
    /// Through a decoder.
    Gb(Box<Gb>),
}

/// GB18030 on its way to UTF-8.
pub struct Gb {
    file: File,
    decoder: Decoder,
    from: Vec<u8>,
    taken: usize,
    filled: usize,
    ended: bool,
    finished: bool,
}

impl Decoded {
    /// Begins at the start of the file.
    pub fn open(input: &Input) -> Result<Decoded, JobError> {
        let file = input.rewind()?;
        Ok(match input.charset {
            Charset::Utf8 => Decoded::Plain(file),
            Charset::Gb18030 => {
                let decoder = GB18030.new_decoder_without_bom_handling();
                let (taken, filled, ended, finished) = (0, 0, false, false);
                Decoded::Gb(Box::new(Gb { file, decoder, from: vec![0; CHUNK], taken, filled, ended, finished }))
            }
        })
    }
}

impl Read for Decoded {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Decoded::Plain(file) => file.read(into),
            Decoded::Gb(gb) => gb.read(into),
        }
    }
}

impl Read for Gb {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // A decoder that was told the end must not be asked again.
        while !self.finished {
            if self.taken == self.filled && !self.ended {
                (self.taken, self.filled) = (0, self.file.read(&mut self.from)?);
                self.ended = self.filled == 0;
            }
            let rest = &self.from[self.taken..self.filled];
            let (result, taken, written, _) = self.decoder.decode_to_utf8(rest, into, self.ended);
            self.taken += taken;
            self.finished = self.ended && result == CoderResult::InputEmpty;
            if written > 0 || self.finished || into.is_empty() {
                return Ok(written);
            }
        }
        Ok(0)
    }
}
