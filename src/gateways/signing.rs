//! Signatures of documents (签名), `[bank.signature]`: RSA as payment channels use it, 国密 SM2 with SM3, or a shared
//! key. Which element holds the signature, and which bytes it covers, the format knows (`yichong_core::formats`).
//!
//! The same document is signed the same way every time: what `plan` shows, what is sealed and what is sent are the
//! same bytes. RSA's PKCS#1 v1.5 has no chance in it, and SM2 takes its nonce from the key and the document (RFC 6979).

mod certificate;
mod check;
mod files;
mod hmac;
mod rsa;
mod sm;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use yichong_core::formats::{Signer, Verifier};
use zeroize::Zeroizing;

pub use hmac::SharedKey;

/// How a bank's documents are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 over SHA-1: what older channels ask for.
    RsaSha1,
    /// The same over SHA-256.
    RsaSha256,
    /// SM2 over SM3, the signature as GM/T 0009 and OpenSSL write it: a sequence of r and s.
    Sm2Sm3,
    /// The same as 64 plain bytes, r and then s.
    Sm2Sm3Raw,
    /// HMAC-SHA256 with a key both sides have.
    HmacSha256,
}

impl Algorithm {
    /// Its word in the configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Algorithm::RsaSha1 => "rsa-sha1",
            Algorithm::RsaSha256 => "rsa-sha256",
            Algorithm::Sm2Sm3 => "sm2-sm3",
            Algorithm::Sm2Sm3Raw => "sm2-sm3-raw",
            Algorithm::HmacSha256 => "hmac-sha256",
        }
    }

    /// Both sides have one key, and it is secret.
    pub const fn shared(self) -> bool {
        matches!(self, Algorithm::HmacSha256)
    }
}

/// `[bank.signature]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// How.
    pub algorithm: Algorithm,
    /// Our private key, or the shared one (mode 0600).
    pub own: Option<PathBuf>,
    /// The bank's public keys or certificates: each may have signed. Two while the bank changes its own.
    #[serde(default)]
    pub bank: Vec<PathBuf>,
    /// SM2 only: who signs, as both sides write it; not given: what everybody writes.
    #[serde(default = "Settings::usual_identity")]
    pub identity: String,
}

/// A key that cannot be used, and what to do.
#[derive(Debug, thiserror::Error)]
#[error("signature {}: {file}: {problem}", algorithm.word())]
pub struct SigningError {
    /// For which algorithm.
    pub algorithm: Algorithm,
    /// Which file, or which key of the configuration.
    pub file: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Settings {
    fn usual_identity() -> String {
        sm::IDENTITY.to_owned()
    }

    /// Makes the files absolute.
    pub fn settle(&mut self, folder: &Path) {
        for path in self.own.iter_mut().chain(&mut self.bank) {
            *path = folder.join(&*path);
        }
    }

    /// Whether what the bank signs can be checked.
    pub const fn checks(&self) -> bool {
        !self.bank.is_empty() || (self.algorithm.shared() && self.own.is_some())
    }

    /// Loads our key.
    pub fn own(&self) -> Result<OwnKey, SigningError> {
        let path = self.own.as_deref().ok_or_else(|| self.unusable("[bank.signature] own", "no key of ours"))?;
        let bytes = files::secret(path).map_err(|why| self.unusable(path.display(), why))?;
        let key = match self.algorithm {
            Algorithm::RsaSha1 | Algorithm::RsaSha256 => rsa::own(&bytes, self.algorithm).map(Own::Rsa),
            Algorithm::Sm2Sm3 | Algorithm::Sm2Sm3Raw => {
                sm::own(&bytes, &self.identity, self.algorithm == Algorithm::Sm2Sm3Raw).map(Own::Sm)
            }
            Algorithm::HmacSha256 => shared(&bytes).map(Own::Shared),
        };
        Ok(OwnKey(key.map_err(|why| self.unusable(path.display(), why))?))
    }

    /// Loads the bank's keys. One that is over is left out; if all are over, that is an error.
    pub fn bank(&self, now: DateTime<Utc>) -> Result<BankKeys, SigningError> {
        let shared_one = self.own.as_slice();
        let paths = if self.algorithm.shared() && self.bank.is_empty() { shared_one } else { &self.bank };
        let (mut keys, mut over) = (Vec::new(), None);
        for path in paths {
            let (key, until) = self.theirs(path).map_err(|why| self.unusable(path.display(), why))?;
            match until.filter(|until| *until < now) {
                None => keys.push((path.display().to_string(), key, until)),
                Some(until) => {
                    let said = format!("it ended on {}; ask the bank for its new one", until.date_naive());
                    over = Some(self.unusable(path.display(), said));
                }
            }
        }
        match (keys.is_empty(), over) {
            (true, Some(over)) => Err(over),
            (true, None) => Err(self.unusable("[bank.signature] bank", "no key of the bank's")),
            (false, _) => Ok(BankKeys(keys)),
        }
    }

    fn theirs(&self, path: &Path) -> Result<(Theirs, Option<DateTime<Utc>>), String> {
        if self.algorithm.shared() {
            return Ok((Theirs::Shared(shared(&files::secret(path)?)?), None));
        }
        let (public, until) = files::public(path)?;
        let key = match self.algorithm {
            Algorithm::Sm2Sm3 | Algorithm::Sm2Sm3Raw => {
                Theirs::Sm(sm::theirs(&public, &self.identity, self.algorithm == Algorithm::Sm2Sm3Raw)?)
            }
            _ => Theirs::Rsa(rsa::theirs(&public, self.algorithm)?),
        };
        Ok((key, until))
    }

    fn unusable(&self, file: impl ToString, problem: impl ToString) -> SigningError {
        SigningError { algorithm: self.algorithm, file: file.to_string(), problem: problem.to_string() }
    }
}

/// A line break at its end does not belong to it.
fn shared(bytes: &[u8]) -> Result<Zeroizing<Vec<u8>>, String> {
    let end = bytes.iter().rposition(|byte| !matches!(byte, b'\r' | b'\n')).map_or(0, |last| last + 1);
    if end == 0 {
        Err("it is empty: it would sign for anybody".into())
    } else {
        Ok(Zeroizing::new(bytes[..end].to_vec()))
    }
}

/// Our key, loaded.
pub struct OwnKey(Own);

enum Own {
    Shared(Zeroizing<Vec<u8>>),
    Rsa(rsa::Own),
    Sm(sm::Own),
}

impl OwnKey {
    /// Begins a document.
    pub fn begin(&self) -> Signing<'_> {
        Signing(match &self.0 {
            Own::Shared(key) => Begun::Shared(SharedKey::begin(key)),
            Own::Rsa(key) => Begun::Rsa(key.begin()),
            Own::Sm(key) => Begun::Sm(key.begin()),
        })
    }
}

impl fmt::Debug for OwnKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("OwnKey")
    }
}

/// A document that is being signed.
pub struct Signing<'a>(Begun<'a>);

enum Begun<'a> {
    Shared(Option<SharedKey>),
    Rsa(rsa::Signing<'a>),
    Sm(sm::Signing<'a>),
}

impl Signer for Signing<'_> {
    fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            Begun::Shared(key) => key.iter_mut().for_each(|key| Signer::update(key, bytes)),
            Begun::Rsa(signing) => signing.update(bytes),
            Begun::Sm(signing) => signing.update(bytes),
        }
    }

    fn sign(self) -> Result<Vec<u8>, String> {
        match self.0 {
            Begun::Shared(key) => key.ok_or("the shared key is empty")?.sign(),
            Begun::Rsa(signing) => signing.sign(),
            Begun::Sm(signing) => signing.sign(),
        }
    }
}

/// The bank's keys, loaded: (file, key, its end).
pub struct BankKeys(Vec<(String, Theirs, Option<DateTime<Utc>>)>);

enum Theirs {
    Shared(Zeroizing<Vec<u8>>),
    Rsa(rsa::Theirs),
    Sm(sm::Theirs),
}

impl BankKeys {
    /// Begins a document.
    pub fn begin(&self) -> Checking<'_> {
        Checking(self.0.iter().map(|(_, key, _)| key.begin()).collect())
    }

    /// Each key's file and the end of its certificate, where it is one.
    pub fn list(&self) -> impl Iterator<Item = (&str, Option<DateTime<Utc>>)> {
        self.0.iter().map(|(file, _, until)| (file.as_str(), *until))
    }
}

impl Theirs {
    fn begin(&self) -> Check<'_> {
        match self {
            Theirs::Shared(key) => Check::Shared(SharedKey::begin(key)),
            Theirs::Rsa(key) => Check::Rsa(key.begin()),
            Theirs::Sm(key) => Check::Sm(key.begin()),
        }
    }
}

/// A document that is being checked, against each key.
pub struct Checking<'a>(Vec<Check<'a>>);

enum Check<'a> {
    Shared(Option<SharedKey>),
    Rsa(rsa::Checking<'a>),
    Sm(sm::Checking<'a>),
}

impl Verifier for Checking<'_> {
    fn update(&mut self, bytes: &[u8]) {
        for check in &mut self.0 {
            match check {
                Check::Shared(key) => key.iter_mut().for_each(|key| Verifier::update(key, bytes)),
                Check::Rsa(checking) => checking.update(bytes),
                Check::Sm(checking) => checking.update(bytes),
            }
        }
    }

    fn verify(self, signature: &[u8]) -> bool {
        self.0.into_iter().any(|check| match check {
            Check::Shared(key) => key.is_some_and(|key| key.verify(signature)),
            Check::Rsa(checking) => checking.verify(signature),
            Check::Sm(checking) => checking.verify(signature),
        })
    }
}
