//! 国密: SM2 (GB/T 32918.2) over SM3. What is hashed begins with Z, a hash of who signs and with which key.

use sm2::dsa::signature::hazmat::{PrehashSigner as _, PrehashVerifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use sm2::{PublicKey, SecretKey};
use sm3::{Digest as _, Sm3};

use super::files::{HOW_TO_CONVERT, block};

/// Who signs, where nobody agreed on anything else.
pub const IDENTITY: &str = "1234567812345678";
/// The curve's a, b and base point, as Z wants them.
const CURVE: [&str; 4] = [
    "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc",
    "28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93",
    "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7",
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0",
];

/// A hash that begins with Z.
fn begun(identity: &str, key: &VerifyingKey) -> Result<Sm3, String> {
    let bits = u16::try_from(identity.len() * 8).map_err(|_| "the identity is longer than 8191 bytes".to_owned())?;
    let mut z = Sm3::new();
    z.update(bits.to_be_bytes());
    z.update(identity);
    for number in CURVE {
        z.update(hex::decode(number).map_err(|e| e.to_string())?);
    }
    // Uncompressed: 4, then both coordinates.
    z.update(&key.to_sec1_bytes()[1..]);
    let mut hash = Sm3::new();
    hash.update(z.finalize());
    Ok(hash)
}

/// Our key.
pub struct Own {
    key: SigningKey,
    begun: Sm3,
    raw: bool,
}

/// Reads our key: PKCS#8, PEM or DER. `raw`: signatures are r and s, 64 bytes.
pub fn own(bytes: &[u8], identity: &str, raw: bool) -> Result<Own, String> {
    let (label, der) = block(bytes)?;
    let key = match label.as_str() {
        "PRIVATE KEY" | "" => SecretKey::from_pkcs8_der(&der).map_err(|e| e.to_string()),
        other => Err(format!("it holds a {other}")),
    };
    let key = key.map_err(|why| format!("no SM2 private key in PKCS#8 ({why}); {HOW_TO_CONVERT}"))?;
    let key = SigningKey::new(identity, &key).map_err(|e| e.to_string())?;
    Ok(Own { begun: begun(identity, key.verifying_key())?, key, raw })
}

/// The bank's key.
pub struct Theirs {
    key: VerifyingKey,
    begun: Sm3,
    raw: bool,
}

/// Reads the bank's key: SubjectPublicKeyInfo, as it stands in certificates too.
pub fn theirs(der: &[u8], identity: &str, raw: bool) -> Result<Theirs, String> {
    let key = PublicKey::from_public_key_der(der).map_err(|e| format!("no SM2 public key ({e})"))?;
    let key = VerifyingKey::new(identity, key).map_err(|e| e.to_string())?;
    Ok(Theirs { begun: begun(identity, &key)?, key, raw })
}

/// A document that is being signed.
pub struct Signing<'a>(&'a Own, Sm3);

impl Own {
    /// Begins a document.
    pub fn begin(&self) -> Signing<'_> {
        Signing(self, self.begun.clone())
    }
}

impl Signing<'_> {
    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.1.update(bytes);
    }

    /// The signature; its nonce comes from the key and the hash (RFC 6979), so the same document is signed the same.
    pub fn sign(self) -> Result<Vec<u8>, String> {
        let signature: Signature = self.0.key.sign_prehash(&self.1.finalize()).map_err(|e| e.to_string())?;
        Ok(if self.0.raw { signature.to_vec() } else { signature.to_der().as_bytes().to_vec() })
    }
}

/// A document that is being checked.
pub struct Checking<'a>(&'a Theirs, Sm3);

impl Theirs {
    /// Begins a document.
    pub fn begin(&self) -> Checking<'_> {
        Checking(self, self.begun.clone())
    }
}

impl Checking<'_> {
    /// The next bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.1.update(bytes);
    }

    /// Whether the signature is this document's.
    pub fn verify(self, signature: &[u8]) -> bool {
        let read = if self.0.raw { Signature::from_slice(signature) } else { Signature::from_der(signature) };
        read.is_ok_and(|signature| self.0.key.verify_prehash(&self.1.finalize(), &signature).is_ok())
    }
}
