//! `zip` with exactly one entry: no folder, no link, no password, no second entry that hides behind the first.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom, Write};

use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, DateTime, ZipArchive, ZipWriter};

use super::{EnvelopeError, Layer};

/// Where the directory of a zip says how many entries it has; a comment of up to 65,535 bytes may follow.
const END: [u8; 4] = *b"PK\x05\x06";
const END_LENGTH: u64 = 22;

fn wrong(problem: impl ToString) -> EnvelopeError {
    EnvelopeError::wrong(Layer::Zip, problem)
}

/// Compresses: one entry with the file's name and no time, so the same bytes come out the same.
pub fn seal(name: &str, from: &mut dyn Read, to: &mut File) -> Result<(), EnvelopeError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o600);
    let mut out = ZipWriter::new(to).set_auto_large_file();
    out.start_file(name, options).map_err(wrong)?;
    io::copy(from, &mut out)?;
    out.finish().map_err(wrong)?;
    Ok(())
}

/// Decompresses the one entry.
pub fn open(from: &File, to: &mut dyn Write) -> Result<(), EnvelopeError> {
    let entries = entries(from)?;
    let mut archive = ZipArchive::new(BufReader::new(from)).map_err(wrong)?;
    // Entries of one name count once for the library: what the directory says counts too.
    if archive.len() != 1 || entries != 1 {
        return Err(wrong(format!("{entries} entries, exactly one belongs in it; ask the bank for single files")));
    }
    let mut inside = archive.by_index(0).map_err(wrong)?;
    let name = inside.name().map_err(wrong)?.into_owned();
    if !inside.is_file() || name.contains(['/', '\\', '\0', ':']) || name == ".." || name == "." {
        return Err(wrong(format!("the entry `{}` is no plain file name", name.escape_debug())));
    }
    io::copy(&mut inside, to).map_err(wrong)?;
    Ok(())
}

/// How many entries the directory at the end names.
fn entries(mut file: &File) -> Result<u16, EnvelopeError> {
    let length = file.seek(SeekFrom::End(0))?;
    let tail = length.min(END_LENGTH + 65_535);
    file.seek(SeekFrom::Start(length - tail))?;
    let mut bytes = Vec::new();
    file.take(tail).read_to_end(&mut bytes)?;
    file.rewind()?;
    let at = bytes.windows(4).rposition(|window| window == END);
    let at = at.filter(|at| bytes.len() - at >= END_LENGTH as usize).ok_or_else(|| wrong("it is cut short"))?;
    Ok(u16::from_le_bytes([bytes[at + 10], bytes[at + 11]]))
}
