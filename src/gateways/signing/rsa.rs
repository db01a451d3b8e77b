//! RSASSA-PKCS1-v1_5 (RFC 8017, 8.2) over SHA-1 or SHA-256.

use rand_core_06::OsRng;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, DecodeRsaPublicKey as _};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::traits::PublicKeyParts as _;
use rsa::{Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::Algorithm;
use super::files::{HOW_TO_CONVERT, block};

/// Shorter keys are broken with a rented machine.
const BITS_MIN: usize = 1024;
/// `DigestInfo` in front of a hash: which one it is, and how long.
const SHA1: &[u8] = &[0x30, 0x21, 0x30, 9, 6, 5, 0x2b, 0x0e, 3, 2, 0x1a, 5, 0, 4, 20];
const SHA256: &[u8] = &[0x30, 0x31, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0, 4, 32];

/// A hash on its way.
enum Hash {
    Sha1(Sha1),
    Sha256(Sha256),
}

impl Hash {
    fn begin(algorithm: Algorithm) -> Hash {
        if algorithm == Algorithm::RsaSha1 { Hash::Sha1(Sha1::new()) } else { Hash::Sha256(Sha256::new()) }
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Hash::Sha1(hash) => hash.update(bytes),
            Hash::Sha256(hash) => hash.update(bytes),
        }
    }

    /// The padding that names the hash, and the hash.
    fn end(self) -> (Pkcs1v15Sign, Vec<u8>) {
        let (prefix, hash) = match self {
            Hash::Sha1(hash) => (SHA1, hash.finalize().to_vec()),
            Hash::Sha256(hash) => (SHA256, hash.finalize().to_vec()),
        };
        (Pkcs1v15Sign { hash_len: Some(hash.len()), prefix: prefix.into() }, hash)
    }
}

/// Our key.
pub struct Own {
    key: RsaPrivateKey,
    algorithm: Algorithm,
}

/// Reads our key: PKCS#8 or PKCS#1, PEM or DER.
pub fn own(bytes: &[u8], algorithm: Algorithm) -> Result<Own, String> {
    let (label, der) = block(bytes)?;
    let key = match label.as_str() {
        "PRIVATE KEY" => RsaPrivateKey::from_pkcs8_der(&der).map_err(|e| e.to_string()),
        "RSA PRIVATE KEY" => RsaPrivateKey::from_pkcs1_der(&der).map_err(|e| e.to_string()),
        "" => RsaPrivateKey::from_pkcs8_der(&der)
            .or_else(|_| RsaPrivateKey::from_pkcs1_der(&der))
            .map_err(|e| e.to_string()),
        other => Err(format!("it holds a {other}")),
    };
    let key = key.map_err(|why| format!("no RSA private key ({why}); {HOW_TO_CONVERT}"))?;
    key.validate().map_err(|e| format!("its numbers do not belong together: {e}"))?;
    long_enough(key.n().bits())?;
    Ok(Own { key, algorithm })
}

/// The bank's key.
pub struct Theirs {
    key: RsaPublicKey,
    algorithm: Algorithm,
}

/// Reads the bank's key: SubjectPublicKeyInfo, as it stands in certificates too, or PKCS#1.
pub fn theirs(der: &[u8], algorithm: Algorithm) -> Result<Theirs, String> {
    let key = RsaPublicKey::from_public_key_der(der).map_err(|e| e.to_string());
    let key = key.or_else(|why| RsaPublicKey::from_pkcs1_der(der).map_err(|_| why));
    let key = key.map_err(|why| format!("no RSA public key ({why})"))?;
    long_enough(key.n().bits())?;
    Ok(Theirs { key, algorithm })
}

fn long_enough(bits: usize) -> Result<(), String> {
    if bits < BITS_MIN {
        return Err(format!("the key has {bits} bits, {BITS_MIN} are the least; agree on a longer one with the bank"));
    }
    Ok(())
}

/// A document that is being signed.
pub struct Signing<'a>(&'a RsaPrivateKey, Hash);

impl Own {
    /// Begins a document.
    pub fn begin(&self) -> Signing<'_> {
        Signing(&self.key, Hash::begin(self.algorithm))
    }
}

impl Signing<'_> {
    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.1.update(bytes);
    }

    /// The signature. Chance blinds the calculation against those who measure its time; it is not in the result.
    pub fn sign(self) -> Result<Vec<u8>, String> {
        let (padding, hash) = self.1.end();
        self.0.sign_with_rng(&mut OsRng, padding, &hash).map_err(|e| e.to_string())
    }
}

/// A document that is being checked.
pub struct Checking<'a>(&'a RsaPublicKey, Hash);

impl Theirs {
    /// Begins a document.
    pub fn begin(&self) -> Checking<'_> {
        Checking(&self.key, Hash::begin(self.algorithm))
    }
}

impl Checking<'_> {
    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.1.update(bytes);
    }

    /// Whether the signature is this document's.
    pub fn verify(self, signature: &[u8]) -> bool {
        let (padding, hash) = self.1.end();
        self.0.verify(padding, &hash, signature).is_ok()
    }
}
