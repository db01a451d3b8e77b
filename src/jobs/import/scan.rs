//! The first reading of a file: its hash, its encoding, and everything that would derail a reader of rows.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use encoding_rs::{DecoderResult, GB18030};
use sha2::{Digest, Sha256};

use super::shown;
use crate::error::{JobError, Kind};

/// No row of ours is longer; a longer one is another kind of file.
const LINE_BYTES_MAX: usize = 64 * 1024;
const CHUNK: usize = 64 * 1024;

/// How a file's bytes are characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// With or without a byte order mark.
    Utf8,
    /// GB18030, and with it GBK and GB2312.
    Gb18030,
}

/// A file that was looked at and stays open, so that a rename under the same name does not change it.
#[derive(Debug)]
pub struct Input {
    path: PathBuf,
    file: File,
    length: u64,
    modified: Option<SystemTime>,
    /// How its bytes are characters.
    pub charset: Charset,
    /// SHA-256, hex.
    pub hash: String,
}

impl Input {
    /// A reader from the start; one at a time.
    pub fn rewind(&self) -> Result<File, JobError> {
        let mut file = self.file.try_clone()?;
        file.rewind()?;
        Ok(file)
    }

    /// Refuses to go on if somebody wrote into the file since it was looked at.
    pub fn check_unchanged(&self) -> Result<(), JobError> {
        let now = self.file.metadata()?;
        if now.len() == self.length && now.modified().ok() == self.modified {
            return Ok(());
        }
        let said = "was changed while it was being imported; the pages before are kept, import it again";
        Err(JobError::input(format!("{} {said}", shown(&self.path))))
    }
}

/// Looks at a file.
pub fn scan(path: &Path) -> Result<Input, JobError> {
    let name = shown(path);
    let mut file = File::open(path).map_err(|e| JobError::input(format!("{name}: {e}")))?;
    let facts = file.metadata()?;
    if !facts.is_file() {
        return Err(JobError::input(format!("{name} is not a file; name a CSV file")));
    }
    let mut look = Look::default();
    let (mut buffer, mut kept, mut seen) = (vec![0; CHUNK + 4], 0, 0_u64);
    loop {
        let read = file.read(&mut buffer[kept..]).map_err(|e| JobError::new(Kind::Machine, format!("{name}: {e}")))?;
        look.hash.update(&buffer[kept..kept + read]);
        look.bytes(&name, seen, &buffer[kept..kept + read])?;
        seen += read as u64;
        let filled = kept + read;
        kept = look.utf8(&buffer[..filled], seen - filled as u64, read == 0);
        buffer.copy_within(filled - kept..filled, 0);
        if read == 0 {
            break;
        }
    }
    if look.blank {
        return Err(JobError::input(format!("{name} is empty; the first row holds titles, then one row per item")));
    }
    let charset = match look.bad_utf8 {
        None => Charset::Utf8,
        Some(bad) => gb18030(&mut file, &name, bad, look.mark)?,
    };
    let hash = hex::encode(look.hash.finalize());
    Ok(Input { path: path.to_owned(), file, length: seen, modified: facts.modified().ok(), charset, hash })
}

/// What the first reading keeps in mind from chunk to chunk.
struct Look {
    hash: Sha256,
    blank: bool,
    mark: bool,
    bad_utf8: Option<u64>,
    line: u64,
    line_start: u64,
    quotes: u64,
}

impl Default for Look {
    fn default() -> Look {
        let (hash, blank, mark) = (Sha256::new(), true, false);
        Look { hash, blank, mark, bad_utf8: None, line: 1, line_start: 0, quotes: 0 }
    }
}

impl Look {
    /// Looks at every byte: rows of ours never span lines, so a quotation mark closes on its line. (In UTF-8 and in
    /// GB18030 neither a line end nor a quotation mark is ever part of another character.)
    fn bytes(&mut self, name: &str, start: u64, chunk: &[u8]) -> Result<(), JobError> {
        if start == 0 {
            self.mark = chunk.starts_with(&[0xEF, 0xBB, 0xBF]);
            if chunk.starts_with(b"PK\x03\x04") || chunk.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
                let said = "is an Excel workbook; save the sheet as CSV (UTF-8)";
                return Err(JobError::input(format!("{name} {said}")));
            }
        }
        for (offset, byte) in (start..).zip(chunk) {
            match byte {
                b'\n' => self.end_line(name, offset)?,
                b'"' => self.quotes += 1,
                0 => {
                    let said = "holds a zero byte: it is UTF-16 or no text; save it as CSV (UTF-8)";
                    return Err(JobError::input(format!("{name}, line {} {said}", self.line)));
                }
                b' ' | b'\r' | b'\t' => {}
                _ => self.blank &= self.mark && offset < 3,
            }
        }
        let last = start + chunk.len() as u64;
        if chunk.is_empty() || last - self.line_start > LINE_BYTES_MAX as u64 {
            self.end_line(name, last)?;
        }
        Ok(())
    }

    fn end_line(&mut self, name: &str, offset: u64) -> Result<(), JobError> {
        let line = self.line;
        if !self.quotes.is_multiple_of(2) {
            let said = "opens a quotation mark and does not close it; delete it or write it twice inside quotes";
            return Err(JobError::input(format!("{name}, line {line} {said}")));
        }
        if offset - self.line_start > LINE_BYTES_MAX as u64 {
            let said = format!("is longer than {LINE_BYTES_MAX} bytes; is this the right file?");
            return Err(JobError::input(format!("{name}, line {line} {said}")));
        }
        (self.line, self.line_start, self.quotes) = (line + 1, offset + 1, 0);
        Ok(())
    }

    /// Follows UTF-8; says how many bytes at the end wait for the rest of their character.
    fn utf8(&mut self, bytes: &[u8], start: u64, last: bool) -> usize {
        if self.bad_utf8.is_some() {
            return 0;
        }
        let Err(error) = std::str::from_utf8(bytes) else { return 0 };
        if error.error_len().is_none() && !last {
            return bytes.len() - error.valid_up_to();
        }
        self.bad_utf8 = Some(start + error.valid_up_to() as u64);
        0
    }
}

/// What is no UTF-8 must be GB18030, to the last byte; a file that is marked as UTF-8 must be UTF-8.
fn gb18030(file: &mut File, name: &str, bad_utf8: u64, marked: bool) -> Result<Charset, JobError> {
    if marked {
        let place = place(file, bad_utf8)?;
        let said = "though the file is marked as such; save it again as CSV (UTF-8)";
        return Err(JobError::input(format!("{name}, {place} is not UTF-8, {said}")));
    }
    let Some(bad) = first_malformed(file)? else { return Ok(Charset::Gb18030) };
    let (utf8, gb) = (place(file, bad_utf8)?, place(file, bad)?);
    let said = "save it again as CSV (UTF-8)";
    Err(JobError::input(format!("{name} is neither UTF-8 ({utf8}) nor GB18030 ({gb}); {said}")))
}

fn first_malformed(file: &mut File) -> Result<Option<u64>, JobError> {
    file.rewind()?;
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let (mut from, mut into, mut seen) = (vec![0; CHUNK], vec![0; CHUNK * 4], 0_u64);
    loop {
        let read = file.read(&mut from)?;
        let (result, taken, _) = decoder.decode_to_utf8_without_replacement(&from[..read], &mut into, read == 0);
        seen += taken as u64;
        match result {
            DecoderResult::Malformed(bytes, after) => return Ok(Some(seen - u64::from(after) - u64::from(bytes))),
            _ if read == 0 => return Ok(None),
            _ => {}
        }
    }
}

/// Where a byte stands, as people count: line, byte in the line, and the bytes themselves.
fn place(file: &mut File, offset: u64) -> Result<String, JobError> {
    file.rewind()?;
    let mut before = std::io::BufReader::new(&*file);
    let (mut line, mut column, mut byte) = (1_u64, 1_u64, [0]);
    for _ in 0..offset {
        before.read_exact(&mut byte)?;
        (line, column) = if byte[0] == b'\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    let mut bytes = Vec::new();
    before.take(4).read_to_end(&mut bytes)?;
    Ok(format!("line {line} byte {column}: {}", hex::encode(bytes)))
}
