//! The archive around a workbook: checked whole before any part is unpacked, and every part again while it is.

use std::collections::HashMap;
use std::io::{self, Cursor, Read};
use std::sync::Arc;

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use super::{DAMAGED, LARGEST, UNPACKED, broken};
use crate::formats::records::FileError;

/// The most parts a workbook may have; Excel writes some twenty.
const PARTS: usize = 4096;
/// How much longer a part may be than its packed bytes: sheets reach 1 : 30, bombs 1 : 1000.
const RATIO: u64 = 500;

/// An archive whose parts may be unpacked.
#[derive(Clone, Debug)]
pub(super) struct Package {
    bytes: Arc<[u8]>,
    parts: HashMap<String, Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    start: usize,
    packed: usize,
    size: u64,
    crc: u32,
    deflated: bool,
}

impl Package {
    /// Checks an archive.
    pub(super) fn open(bytes: Arc<[u8]>) -> Result<Package, FileError> {
        check_kind(&bytes)?;
        let damaged = |problem: String| broken(0, 0, problem, DAMAGED);
        let mut archive = ZipArchive::new(Cursor::new(bytes.clone())).map_err(|e| damaged(format!("{e}")))?;
        if archive.len() > PARTS {
            let problem = format!("it has {} parts, at most {PARTS} are taken", archive.len());
            return Err(broken(0, 0, problem, "no workbook of a bank has so many; save its sheet into a new one"));
        }
        let mut parts = HashMap::with_capacity(archive.len());
        let mut unpacked = 0_u64;
        for index in 0..archive.len() {
            let part = archive.by_index_raw(index).map_err(|e| damaged(format!("part {}: {e}", index + 1)))?;
            let name = part.name().map(|name| name.replace('\\', "/")).unwrap_or_default();
            check_name(&name)?;
            if part.encrypted() {
                let rule = "open it with its password and save it without one";
                return Err(broken(0, 0, format!("its part {name} is encrypted"), rule));
            }
            let deflated = match part.compression() {
                CompressionMethod::Stored => false,
                CompressionMethod::Deflated => true,
                other => {
                    return Err(damaged(format!("its part {name} is packed by {other}, which Excel does not use")));
                }
            };
            unpacked = unpacked.saturating_add(part.size());
            check_size(&name, part.size(), part.compressed_size(), unpacked)?;
            let place = part
                .data_start()
                .and_then(|at| usize::try_from(at).ok())
                .zip(usize::try_from(part.compressed_size()).ok());
            let whole =
                place.filter(|(start, packed)| start.checked_add(*packed).is_some_and(|end| end <= bytes.len()));
            let Some((start, packed)) = whole else {
                return Err(damaged(format!("its part {name} reaches beyond the end of the file")));
            };
            let entry = Entry { start, packed, size: part.size(), crc: part.crc32(), deflated };
            if parts.insert(name.to_lowercase(), entry).is_some() {
                return Err(damaged(format!("its part {name} stands twice")));
            }
        }
        if parts.keys().any(|name| name.ends_with("vbaproject.bin")) {
            let rule = "macros are never taken; save the workbook as .xlsx, which leaves them out";
            return Err(broken(0, 0, "it holds macros", rule));
        }
        Ok(Package { bytes, parts })
    }

    /// A part from its first byte.
    pub(super) fn part(&self, name: &str) -> Option<Part> {
        let entry = self.parts.get(&name.to_lowercase())?;
        let slice = Slice { bytes: self.bytes.clone(), at: entry.start, end: entry.start + entry.packed };
        let source =
            if entry.deflated { Source::Deflated(Box::new(DeflateDecoder::new(slice))) } else { Source::Stored(slice) };
        Some(Part { source, left: entry.size, crc: Crc::new(), wanted: entry.crc })
    }
}

/// What people send in the place of a workbook.
fn check_kind(bytes: &[u8]) -> Result<(), FileError> {
    if bytes.len() > LARGEST {
        let problem = format!("it has more than {LARGEST} bytes");
        return Err(broken(0, 0, problem, "take the sheet's rows apart, or ask the bank for a text file"));
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        // A workbook with a password lies encrypted in the container that old workbooks are.
        let sealed: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        return Err(match bytes.windows(sealed.len()).any(|window| window == sealed) {
            true => broken(0, 0, "it has a password", "open it in Excel with its password and save it without one"),
            false => broken(0, 0, "it is an old workbook (.xls)", "open it in Excel and save it as .xlsx"),
        });
    }
    if !bytes.starts_with(b"PK") {
        return Err(broken(0, 0, "it is no Excel workbook (.xlsx)", "open it in Excel and save it as .xlsx"));
    }
    Ok(())
}

/// Names that would leave the folder they were unpacked into. Nothing is unpacked into folders here; nobody means well
/// who writes them.
fn check_name(name: &str) -> Result<(), FileError> {
    let odd = name.is_empty() || name.starts_with('/') || name.contains(['\0', ':']);
    if odd || name.split('/').any(|step| step == "..") {
        let shown: String = name.chars().take(40).collect();
        let problem = format!("its part `{}` names a place outside the workbook", shown.escape_debug());
        return Err(broken(0, 0, problem, "no program for sheets writes such names; do not open it, ask who sent it"));
    }
    Ok(())
}

fn check_size(name: &str, size: u64, packed: u64, unpacked: u64) -> Result<(), FileError> {
    let rule = "a small file that unpacks into a huge one is an attack or damaged; do not open it, ask who sent it";
    if size > 1024 * 1024 && size / RATIO > packed {
        return Err(broken(0, 0, format!("its part {name} has {packed} bytes and would unpack into {size}"), rule));
    }
    if unpacked > UNPACKED {
        return Err(broken(0, 0, format!("its parts would unpack into more than {UNPACKED} bytes"), rule));
    }
    Ok(())
}

/// One part being unpacked: exactly as long as the archive says, with the right checksum, or an error.
#[derive(Debug)]
pub(super) struct Part {
    source: Source,
    left: u64,
    crc: Crc,
    wanted: u32,
}

#[derive(Debug)]
enum Source {
    Stored(Slice),
    Deflated(Box<DeflateDecoder<Slice>>),
}

impl Read for Part {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = match &mut self.source {
            Source::Stored(slice) => slice.read(out)?,
            Source::Deflated(decoder) => decoder.read(out)?,
        };
        let damaged = |problem: &str| Err(io::Error::new(io::ErrorKind::InvalidData, problem));
        self.left = match self.left.checked_sub(count as u64) {
            Some(left) => left,
            None => return damaged("a part is longer than the archive says"),
        };
        self.crc.update(&out[..count]);
        match count {
            0 if out.is_empty() => Ok(0),
            0 if self.left > 0 => damaged("a part is shorter than the archive says"),
            0 if self.crc.sum() != self.wanted => damaged("a part's checksum is wrong"),
            _ => Ok(count),
        }
    }
}

/// A piece of the archive.
#[derive(Debug)]
struct Slice {
    bytes: Arc<[u8]>,
    at: usize,
    end: usize,
}

impl Read for Slice {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = out.len().min(self.end - self.at);
        out[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
