//! Keys: personal data is sealed with authenticated encryption, and found again by a keyed blind index.
//!
//! The key file holds lines `ID HEX` (1–255, 32 bytes); the last line seals, every line opens, so that a key can be
//! rotated.
//! A sealed value is key id (1 byte) ‖ nonce (24) ‖ ciphertext and tag. The context (what it is, whose it is) is
//! authenticated too: a value moved to another account does not open.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use rand::Rng;
use sha2::Sha256;
use zeroize::Zeroizing;

/// What can be wrong with keys.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The file cannot be read or made.
    #[error("key file {file}: {source}")]
    Io {
        /// Which file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// The file's text is not keys.
    #[error("key file {file} line {line}: write `ID HEX` with an ID of 1 to 255 and 64 hex digits")]
    Text {
        /// Which file.
        file: String,
        /// Which line.
        line: usize,
    },
    /// Sealed with a key that is not in the file.
    #[error("sealed with key {0}, which is not in the key file; add it back")]
    UnknownKey(u8),
    /// Changed, moved, or sealed for another purpose.
    #[error("a sealed {0} does not open: it was changed, moved, or the key is another one")]
    Forged(&'static str),
}

/// What is sealed; part of the authenticated context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Card, ID number and mobile of a payer.
    Payer,
    /// An account's phone.
    Phone,
    /// A text and the number it goes to.
    Text,
    /// A block of an archived file.
    File,
}

impl Purpose {
    const fn word(self) -> &'static str {
        match self {
            Purpose::Payer => "payer",
            Purpose::Phone => "phone",
            Purpose::Text => "text",
            Purpose::File => "file",
        }
    }
}

/// The site's keys.
pub struct Vault {
    seals: BTreeMap<u8, XChaCha20Poly1305>,
    current: u8,
    /// Keyed once: each index begins from a copy, which is half of the work.
    index: Hmac<Sha256>,
    audit: Hmac<Sha256>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Vault(key {} of {})", self.current, self.seals.len())
    }
}

impl Vault {
    /// Loads the key file; makes one (mode 0600) where there is none.
    pub fn open(file: &Path) -> Result<Vault, VaultError> {
        let io = |source| VaultError::Io { file: file.display().to_string(), source };
        if !file.exists() {
            let mut key = Zeroizing::new([0_u8; 32]);
            rand::rng().fill_bytes(&mut *key);
            let mut made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(io)?;
            let text = Zeroizing::new(format!("1 {}\n", hex::encode(*key)));
            made.write_all(text.as_bytes()).map_err(io)?;
            made.sync_all().map_err(io)?;
        }
        let text = Zeroizing::new(fs::read_to_string(file).map_err(io)?);
        Vault::parse(&text, &file.display().to_string())
    }

    /// Reads the key file's text.
    pub fn parse(text: &str, file: &str) -> Result<Vault, VaultError> {
        let bad = |line| VaultError::Text { file: file.to_owned(), line };
        let mut keys = Vec::new();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let (id, digits) = line.split_once(' ').ok_or_else(|| bad(number + 1))?;
            let id: u8 = id.parse().ok().filter(|id| *id > 0).ok_or_else(|| bad(number + 1))?;
            let mut key = Zeroizing::new([0_u8; 32]);
            hex::decode_to_slice(digits.trim(), &mut *key).map_err(|_| bad(number + 1))?;
            keys.push((id, key));
        }
        let (Some(first), Some(last)) = (keys.first(), keys.last()) else { return Err(bad(1)) };
        // Indexes and the audit chain hang on the first key for good: rotating the seal must not lose what is found
        // by it.
        Ok(Vault {
            index: keyed(&*derive(&first.1, "blind index")?),
            audit: keyed(&*derive(&first.1, "audit chain")?),
            current: last.0,
            seals: keys.iter().map(|(id, key)| Ok((*id, cipher(key)?))).collect::<Result<_, VaultError>>()?,
        })
    }

    /// Seals a value for one purpose and owner (an account, or 0).
    pub fn seal(&self, purpose: Purpose, owner: i64, value: &[u8]) -> Result<Vec<u8>, VaultError> {
        let cipher = self.seals.get(&self.current).ok_or(VaultError::UnknownKey(self.current))?;
        let mut nonce = [0_u8; 24];
        rand::rng().fill_bytes(&mut nonce);
        let payload = Payload { msg: value, aad: &context(purpose, owner) };
        let sealed = cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| VaultError::Forged(purpose.word()))?;
        let mut out = Vec::with_capacity(25 + sealed.len());
        out.push(self.current);
        out.extend_from_slice(&nonce);
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Opens what [`Vault::seal`] made for the same purpose and owner.
    pub fn open_value(&self, purpose: Purpose, owner: i64, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let forged = || VaultError::Forged(purpose.word());
        let (id, rest) = sealed.split_first().ok_or_else(forged)?;
        let cipher = self.seals.get(id).ok_or(VaultError::UnknownKey(*id))?;
        let (nonce, body) = rest.split_first_chunk::<24>().ok_or_else(forged)?;
        let payload = Payload { msg: body, aad: &context(purpose, owner) };
        cipher.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).map_err(|_| forged())
    }

    /// The blind index of a card, ID number or phone: equal for equal values, per column.
    pub fn index(&self, column: &str, value: &str) -> [u8; 16] {
        let mut mac = self.index.clone();
        mac.update(column.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        let tag = mac.finalize().into_bytes();
        std::array::from_fn(|i| tag[i])
    }

    /// The MAC of an audit row over the row before it.
    pub fn audit_mac(&self, previous: &str, row: &str) -> String {
        let mut mac = self.audit.clone();
        mac.update(previous.as_bytes());
        mac.update(b"\n");
        mac.update(row.as_bytes());
        hex::encode(mac.finalize().into_bytes())
    }
}

fn context(purpose: Purpose, owner: i64) -> Vec<u8> {
    let mut context = purpose.word().as_bytes().to_vec();
    context.push(b'|');
    context.extend_from_slice(&owner.to_be_bytes());
    context
}

fn derive(key: &[u8; 32], purpose: &'static str) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let mut out = Zeroizing::new([0_u8; 32]);
    let made = Hkdf::<Sha256>::new(None, key).expand(purpose.as_bytes(), &mut *out);
    made.map_err(|_| VaultError::Forged(purpose))?;
    Ok(out)
}

fn cipher(key: &[u8; 32]) -> Result<XChaCha20Poly1305, VaultError> {
    let seal = derive(key, "seal")?;
    XChaCha20Poly1305::new_from_slice(&*seal).map_err(|_| VaultError::Forged("key"))
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // HMAC takes a key of any length, so the error cannot happen; an all-zero MAC would still be a MAC.
    Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::<Sha256>::new(&Default::default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(text: &str) -> Vault {
        Vault::parse(text, "test").unwrap()
    }

    fn key(digit: char) -> String {
        std::iter::repeat_n(digit, 64).collect()
    }

    #[test]
    fn what_is_sealed_opens_for_its_owner_only() {
        let vault = vault(&format!("1 {}", key('a')));
        let sealed = vault.seal(Purpose::Payer, 7, b"6226090000000048").unwrap();
        assert_eq!(*vault.open_value(Purpose::Payer, 7, &sealed).unwrap(), b"6226090000000048");
        assert!(vault.open_value(Purpose::Payer, 8, &sealed).is_err());
        assert!(vault.open_value(Purpose::Phone, 7, &sealed).is_err());
        let mut changed = sealed.clone();
        changed[30] ^= 1;
        assert!(vault.open_value(Purpose::Payer, 7, &changed).is_err());
        assert!(vault.open_value(Purpose::Payer, 7, &[]).is_err());
        assert!(!sealed.windows(6).any(|w| w == b"622609"));
    }

    #[test]
    fn a_rotated_key_still_opens_and_finds() {
        let old = vault(&format!("1 {}", key('a')));
        let both = vault(&format!("1 {}\n2 {}\n", key('a'), key('b')));
        let sealed = old.seal(Purpose::Phone, 1, b"x").unwrap();
        assert_eq!(*both.open_value(Purpose::Phone, 1, &sealed).unwrap(), b"x");
        assert_eq!(both.seal(Purpose::Phone, 1, b"x").unwrap()[0], 2);
        assert_eq!(old.index("card", "1"), both.index("card", "1"));
        assert_ne!(old.index("card", "1"), old.index("phone", "1"));
        let new = vault(&format!("2 {}", key('b')));
        assert!(matches!(new.open_value(Purpose::Phone, 1, &sealed), Err(VaultError::UnknownKey(1))));
    }

    #[test]
    fn wrong_key_files_are_refused_by_line() {
        for text in ["", "1", "0 aa", &format!("1 {}\nx {}", key('a'), key('b')), &format!("1 {}g", &key('a')[1..])] {
            assert!(matches!(Vault::parse(text, "f"), Err(VaultError::Text { .. })), "{text}");
        }
    }
}
