//! `[bank.door.keys]`: our own keys and the bank's. The first of each is used; while keys are changed the others are
//! tried too when a file is opened.

use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{EnvelopeError, Layer};

/// Keys of `openpgp` (armoured or binary) or `sm` (PEM: PKCS#8 and SubjectPublicKeyInfo).
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Keys {
    /// Ours, secret (mode 0600): the first signs, all of them open.
    pub own: Vec<PathBuf>,
    /// A file that holds the passphrase of ours (`openpgp`).
    pub passphrase_file: Option<PathBuf>,
    /// The bank's, public: to the first is encrypted, any of them may have signed.
    pub bank: Vec<PathBuf>,
}

/// A secret key's file, for messages, and its bytes.
pub type SecretFile = (String, Zeroizing<Vec<u8>>);

impl Keys {
    /// Makes the files absolute.
    pub fn settle(&mut self, folder: &Path) {
        for path in self.own.iter_mut().chain(&mut self.bank).chain(&mut self.passphrase_file) {
            *path = folder.join(&*path);
        }
    }

    /// Reads our secret keys.
    pub fn own(&self, layer: Layer) -> Result<Vec<SecretFile>, EnvelopeError> {
        self.own.iter().map(|path| Ok((path.display().to_string(), secret(layer, path)?))).collect()
    }

    /// Reads the bank's public keys.
    pub fn bank(&self, layer: Layer) -> Result<Vec<(String, Vec<u8>)>, EnvelopeError> {
        let read = |path: &PathBuf| {
            let bytes = std::fs::read(path).map_err(|e| unusable(layer, path, &e))?;
            Ok((path.display().to_string(), bytes))
        };
        self.bank.iter().map(read).collect()
    }

    /// Reads the passphrase; empty where there is none. A line break at its end does not belong to it.
    pub fn passphrase(&self, layer: Layer) -> Result<Zeroizing<String>, EnvelopeError> {
        let Some(path) = &self.passphrase_file else { return Ok(Zeroizing::default()) };
        let bytes = secret(layer, path)?;
        let text = std::str::from_utf8(&bytes).map_err(|e| unusable(layer, path, &io::Error::other(e)))?;
        Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

fn secret(layer: Layer, path: &Path) -> Result<Zeroizing<Vec<u8>>, EnvelopeError> {
    crate::secret::read(path).map_err(|e| unusable(layer, path, &e))
}

fn unusable(layer: Layer, path: &Path, why: &io::Error) -> EnvelopeError {
    EnvelopeError::Key { layer: layer.word(), file: path.display().to_string(), problem: why.to_string() }
}
