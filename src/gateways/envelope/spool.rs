//! Nameless files, and a limit on what comes out of a compressed one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rand::Rng as _;

use super::{EnvelopeError, Layer};

/// No honest file of a bank shrinks more than this …
const RATIO_MAX: u64 = 250;
/// … beyond its first mebibyte.
const RATIO_FROM: u64 = 1 << 20;

/// A file without a name: gone with the process, whatever happens to it.
pub fn nameless(folder: &Path) -> io::Result<File> {
    fs::create_dir_all(folder)?;
    let mut chance = [0_u8; 12];
    rand::rng().fill_bytes(&mut chance);
    let path = folder.join(format!(".envelope-{}", hex::encode(chance)));
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(&path)?;
    fs::remove_file(&path)?;
    Ok(file)
}

/// A file that takes no more than an honest envelope holds.
pub struct Bounded {
    file: File,
    layer: Layer,
    came: u64,
    most: u64,
    written: u64,
    too_much: Option<String>,
}

impl Bounded {
    /// `came`: how many bytes the envelope has; `most`: how many what is in it may have.
    pub fn new(file: File, layer: Layer, came: u64, most: u64) -> Bounded {
        Bounded { file, layer, came, most, written: 0, too_much: None }
    }

    /// The file, if everything went well; a limit that was reached is named instead of what it caused.
    pub fn finish(self, opened: Result<(), EnvelopeError>) -> Result<File, EnvelopeError> {
        if let Some(problem) = self.too_much {
            return Err(EnvelopeError::wrong(self.layer, problem));
        }
        opened.map(|()| self.file)
    }
}

impl Write for Bounded {
    fn write(&mut self, block: &[u8]) -> io::Result<usize> {
        let after = self.written + block.len() as u64;
        let why = if after > self.most {
            format!("what is in it is longer than {} bytes, the limit of this door (envelope_bytes_max)", self.most)
        } else if after > RATIO_FROM && after / RATIO_MAX > self.came {
            format!("{} bytes hold more than {RATIO_MAX} times as many: no bank's file does", self.came)
        } else {
            self.file.write_all(block)?;
            self.written = after;
            return Ok(block.len());
        };
        self.too_much = Some(why.clone());
        Err(io::Error::other(why))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
