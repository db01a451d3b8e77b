//! Envelopes (信封): the layers around a file while it travels, in the order they are put on: `gzip`, `zip`, `openpgp`,
//! `sm`. Streams through nameless files of the work folder, so memory does not grow with a file and nothing clear stays
//! behind; what is opened is used only once all of it has been checked.

mod check;
mod gzip;
mod keys;
mod openpgp;
mod sm;
mod spool;
#[cfg(test)]
mod tests;
mod zip;

use std::fs::File;
use std::io::{self, Read, Seek as _, Write};
use std::path::Path;

use chrono::{DateTime, Utc};
use serde::Deserialize;

pub use keys::{Keys, SecretFile};

/// One layer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Compressed, RFC 1952.
    Gzip,
    /// Compressed, a zip with one entry.
    Zip,
    /// Signed by the sender and encrypted to the receiver, RFC 4880 or 9580.
    Openpgp,
    /// The same with SM2, SM3 and SM4; the layout stands in `envelope/sm.rs`.
    Sm,
}

impl Layer {
    /// Its word in the configuration and the tables.
    pub const fn word(self) -> &'static str {
        match self {
            Layer::Gzip => "gzip",
            Layer::Zip => "zip",
            Layer::Openpgp => "openpgp",
            Layer::Sm => "sm",
        }
    }

    /// What it adds to a file's name.
    const fn ending(self) -> &'static str {
        match self {
            Layer::Gzip => ".gz",
            Layer::Zip => ".zip",
            Layer::Openpgp => ".pgp",
            Layer::Sm => ".sm",
        }
    }

    /// Whether it needs keys.
    pub const fn keyed(self) -> bool {
        matches!(self, Layer::Openpgp | Layer::Sm)
    }
}

/// Why an envelope cannot be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// It came wrong: the file is not believed, and somebody asks the bank.
    #[error("envelope {layer}: {problem}")]
    Wrong {
        /// Which layer.
        layer: &'static str,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// A key of ours or the bank's cannot be used.
    #[error("envelope {layer}: {file}: {problem}")]
    Key {
        /// Which layer.
        layer: &'static str,
        /// Which file.
        file: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The disk said no.
    #[error("envelope: {0}")]
    Io(#[from] io::Error),
}

impl EnvelopeError {
    fn wrong(layer: Layer, problem: impl ToString) -> EnvelopeError {
        EnvelopeError::Wrong { layer: layer.word(), problem: problem.to_string() }
    }
}

/// The layers of one direction, and what they need.
#[derive(Debug)]
pub struct Envelope<'a> {
    /// In the order they are put on.
    pub layers: &'a [Layer],
    /// Keys of `openpgp` or `sm`.
    pub keys: &'a Keys,
    /// What is opened may not be longer than this.
    pub bytes_max: u64,
    /// Where nameless files are made.
    pub work: &'a Path,
    /// Keys that are over by now are not used.
    pub now: DateTime<Utc>,
}

/// The layers' words; empty where there are none.
pub fn words(layers: &[Layer]) -> String {
    layers.iter().map(|layer| layer.word()).collect::<Vec<_>>().join(" ")
}

/// The name a file travels under.
pub fn outer_name(layers: &[Layer], name: &str) -> String {
    layers.iter().fold(name.to_owned(), |name, layer| name + layer.ending())
}

/// The name of what is inside, where the outer one carries the usual endings.
pub fn inner_name(layers: &[Layer], name: &str) -> String {
    let mut name = name;
    for layer in layers.iter().rev() {
        let endings: &[&str] = if *layer == Layer::Openpgp { &[".pgp", ".gpg", ".asc"] } else { &[layer.ending()] };
        name = endings.iter().find_map(|ending| name.strip_suffix(ending)).filter(|n| !n.is_empty()).unwrap_or(name);
    }
    name.to_owned()
}

impl Envelope<'_> {
    /// Puts the layers on; gives the bytes that travel, from their beginning.
    pub fn seal(&self, name: &str, mut from: impl Read) -> Result<File, EnvelopeError> {
        let mut file = spool::nameless(self.work)?;
        io::copy(&mut from, &mut file)?;
        let mut name = name.to_owned();
        for layer in self.layers {
            file.rewind()?;
            let mut next = spool::nameless(self.work)?;
            match layer {
                Layer::Gzip => gzip::seal(&mut file, &mut next)?,
                Layer::Zip => zip::seal(&name, &mut file, &mut next)?,
                Layer::Openpgp => openpgp::seal(self, &file, &mut next)?,
                Layer::Sm => sm::seal(self, &mut file, &mut next)?,
            }
            next.flush()?;
            (file, name) = (next, name + layer.ending());
        }
        file.rewind()?;
        Ok(file)
    }

    /// Takes the layers off; gives what was inside, from its beginning, once all of it is checked.
    pub fn open(&self, mut from: impl Read) -> Result<File, EnvelopeError> {
        let mut file = spool::nameless(self.work)?;
        io::copy(&mut from, &mut file)?;
        for layer in self.layers.iter().rev() {
            let came = file.stream_position()?;
            file.rewind()?;
            let mut next = spool::Bounded::new(spool::nameless(self.work)?, *layer, came, self.bytes_max);
            let opened = match layer {
                Layer::Gzip => gzip::open(&file, &mut next),
                Layer::Zip => zip::open(&file, &mut next),
                Layer::Openpgp => openpgp::open(self, &file, &mut next),
                Layer::Sm => sm::open(self, &mut file, &mut next),
            };
            file = next.finish(opened)?;
        }
        file.rewind()?;
        Ok(file)
    }
}
