//! The archive: the exact bytes of every file in and out, encrypted, under our own name.
//!
//! A file is a row of frames: length (4 bytes, big endian), then one sealed block of up to 64 KiB. A block's context
//! is its
//! place in the file, so blocks cannot be swapped; the last frame is an empty block, so a file cut short does not open.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::vault::{Purpose, Vault};
use crate::crash;

const BLOCK: usize = 64 * 1024;

/// A folder of encrypted files.
#[derive(Clone, Debug)]
pub struct Archive {
    folder: PathBuf,
}

/// What was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Hash of the clear bytes.
    pub sha256: String,
    /// Count of the clear bytes.
    pub bytes: u64,
}

impl Archive {
    /// The archive under a data folder.
    pub fn at(data: &Path) -> Archive {
        Archive { folder: data.join("archive") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.sealed"))
    }

    /// Whether a name is kept.
    pub fn has(&self, name: &str) -> bool {
        self.path(name).exists()
    }

    /// Keeps everything a reader gives: written to a temporary name, fsynced, renamed, the folder fsynced.
    /// `points` are the crash points after the fsync and after the rename.
    pub fn keep(&self, vault: &Vault, name: &str, from: impl Read, points: [&'static str; 2]) -> io::Result<Kept> {
        let path = self.path(name);
        let folder = path.parent().unwrap_or(&self.folder).to_owned();
        fs::create_dir_all(&folder)?;
        let temporary = path.with_extension("tmp");
        let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary)?;
        let mut out = BufWriter::new(file);
        let kept = seal_stream(vault, from, &mut out)?;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        crash::point(points[0]);
        fs::rename(&temporary, &path)?;
        File::open(&folder)?.sync_all()?;
        crash::point(points[1]);
        Ok(kept)
    }

    /// Opens what was kept.
    pub fn open<'v>(&self, vault: &'v Vault, name: &str) -> io::Result<Opened<'v>> {
        let file = File::open(self.path(name))?;
        Ok(Opened { vault, from: BufReader::new(file), block: Vec::new(), at: 0, number: 0, done: false })
    }
}

fn seal_stream(vault: &Vault, mut from: impl Read, out: &mut impl Write) -> io::Result<Kept> {
    let mut hash = Sha256::new();
    let mut bytes = 0_u64;
    let mut block = vec![0_u8; BLOCK];
    for number in 0.. {
        let length = fill(&mut from, &mut block)?;
        hash.update(&block[..length]);
        bytes += length as u64;
        let sealed = vault.seal(Purpose::File, number, &block[..length]).map_err(io::Error::other)?;
        let frame = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        out.write_all(&frame.to_be_bytes())?;
        out.write_all(&sealed)?;
        if length == 0 {
            break;
        }
    }
    out.flush()?;
    Ok(Kept { sha256: hex::encode(hash.finalize()), bytes })
}

fn fill(from: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match from.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(length) => filled += length,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(filled)
}

/// A kept file, read in the clear.
#[derive(Debug)]
pub struct Opened<'v> {
    vault: &'v Vault,
    from: BufReader<File>,
    block: Vec<u8>,
    at: usize,
    number: i64,
    done: bool,
}

impl Read for Opened<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.block.len() && !self.done {
            let mut frame = [0_u8; 4];
            self.from.read_exact(&mut frame)?;
            let mut sealed = vec![0_u8; u32::from_be_bytes(frame) as usize];
            if sealed.len() > BLOCK + 128 {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "an archived block is larger than any can be"));
            }
            self.from.read_exact(&mut sealed)?;
            let opened = self.vault.open_value(Purpose::File, self.number, &sealed).map_err(io::Error::other)?;
            self.block = opened.to_vec();
            self.at = 0;
            self.number += 1;
            self.done = self.block.is_empty();
        }
        let length = out.len().min(self.block.len() - self.at);
        out[..length].copy_from_slice(&self.block[self.at..self.at + length]);
        self.at += length;
        Ok(length)
    }
}

/// Hash and length of a clear file.
pub fn measure(from: impl Read) -> io::Result<Kept> {
    let mut from = from;
    let mut hash = Sha256::new();
    let mut bytes = 0_u64;
    let mut block = vec![0_u8; BLOCK];
    loop {
        let length = fill(&mut from, &mut block)?;
        if length == 0 {
            return Ok(Kept { sha256: hex::encode(hash.finalize()), bytes });
        }
        hash.update(&block[..length]);
        bytes += length as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTS: [&str; 2] = ["file.archive.after_fsync", "file.archive.after_rename"];

    #[test]
    fn what_is_kept_comes_back_and_cannot_be_cut_or_read() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(&folder.path().join("key")).unwrap();
        let archive = Archive::at(folder.path());
        let clear: Vec<u8> = (0..200_000_u32).flat_map(|n| (n % 251).to_be_bytes()).collect();
        let kept = archive.keep(&vault, "out/a.txt", &*clear, POINTS).unwrap();
        assert_eq!(kept.bytes, 800_000);
        assert_eq!(kept, measure(&*clear).unwrap());
        let mut back = Vec::new();
        archive.open(&vault, "out/a.txt").unwrap().read_to_end(&mut back).unwrap();
        assert!(back == clear);
        let path = folder.path().join("archive/out/a.txt.sealed");
        let sealed = fs::read(&path).unwrap();
        assert!(!sealed.windows(8).any(|w| w == &clear[..8]));
        fs::write(&path, &sealed[..sealed.len() - 45]).unwrap();
        let cut = archive.open(&vault, "out/a.txt").unwrap().read_to_end(&mut Vec::new());
        assert!(cut.is_err(), "the last frame is missing");
    }

    #[test]
    fn an_empty_file_is_kept_too() {
        let folder = tempfile::tempdir().unwrap();
        let vault = Vault::open(&folder.path().join("key")).unwrap();
        let archive = Archive::at(folder.path());
        assert_eq!(archive.keep(&vault, "e", io::empty(), POINTS).unwrap().bytes, 0);
        assert_eq!(archive.open(&vault, "e").unwrap().read_to_end(&mut Vec::new()).unwrap(), 0);
    }
}
