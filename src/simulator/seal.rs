//! Signatures of documents, with the bank's own hands: the paddings are written out here, powers and curves are the
//! primitive libraries'. A signature stands in hexadecimal in one element, `SIGNED_MSG`, last in `INFO`; what is signed
//! is the document without it.

use std::fmt;
use std::str::FromStr;

use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BigUint, RsaPrivateKey, RsaPublicKey};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::pkcs8::{DecodePrivateKey as SmPrivate, DecodePublicKey as SmPublic};

const OPEN: &[u8] = b"<SIGNED_MSG>";
const CLOSE: &[u8] = b"</SIGNED_MSG>";
const BEFORE: &[u8] = b"</INFO>";
const WHO: &str = "1234567812345678";

/// Which algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// RSA over SHA-1.
    RsaSha1,
    /// RSA over SHA-256.
    RsaSha256,
    /// SM2 over SM3, DER.
    Sm2Sm3,
    /// HMAC-SHA256; both keys are the same file.
    HmacSha256,
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Kind, String> {
        match text {
            "rsa-sha1" => Ok(Kind::RsaSha1),
            "rsa-sha256" => Ok(Kind::RsaSha256),
            "sm2-sm3" => Ok(Kind::Sm2Sm3),
            "hmac-sha256" => Ok(Kind::HmacSha256),
            _ => Err(format!("`{text}` is no way to sign; known are rsa-sha1, rsa-sha256, sm2-sm3, hmac-sha256")),
        }
    }
}

/// How a bank signs and checks.
#[derive(Clone)]
pub struct Seal {
    /// The algorithm.
    pub kind: Kind,
    /// The bank's private key, PKCS#8 PEM; with HMAC the shared key, without the line break at its end.
    pub own: Vec<u8>,
    /// Our public key, PEM; with HMAC not looked at.
    pub theirs: Vec<u8>,
}

impl fmt::Debug for Seal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Seal({:?})", self.kind)
    }
}

impl Seal {
    /// Signs a document.
    pub fn sign(&self, document: &[u8]) -> Result<Vec<u8>, String> {
        let at = place(document, BEFORE).ok_or("the document has no </INFO>")?;
        let hex = hex::encode(self.signature(document)?);
        Ok([&document[..at], OPEN, hex.as_bytes(), CLOSE, &document[at..]].concat())
    }

    /// Checks a document's signature.
    pub fn check(&self, document: &[u8]) -> Result<(), String> {
        let from = place(document, OPEN).ok_or("the document is not signed")?;
        let to = place(document, CLOSE).filter(|to| *to > from).ok_or("the signature has no end")?;
        let signature = hex::decode(&document[from + OPEN.len()..to]).map_err(|e| format!("the signature: {e}"))?;
        let unsigned = [&document[..from], &document[to + CLOSE.len()..]].concat();
        if place(&unsigned, OPEN).is_some() {
            return Err("the signature stands twice".to_owned());
        }
        if self.right(&unsigned, &signature)? { Ok(()) } else { Err("the signature is wrong".to_owned()) }
    }

    fn signature(&self, document: &[u8]) -> Result<Vec<u8>, String> {
        match self.kind {
            Kind::HmacSha256 => Ok(mac(self.own.trim_ascii_end(), document)),
            Kind::Sm2Sm3 => {
                let key =
                    <sm2::SecretKey as SmPrivate>::from_pkcs8_pem(&text(&self.own)?).map_err(|e| e.to_string())?;
                let key = SigningKey::new(WHO, &key).map_err(|e| e.to_string())?;
                let signature: Signature = key.try_sign(document).map_err(|e| e.to_string())?;
                Ok(signature.to_der().as_bytes().to_vec())
            }
            Kind::RsaSha1 | Kind::RsaSha256 => {
                let key = RsaPrivateKey::from_pkcs8_pem(&text(&self.own)?).map_err(|e| e.to_string())?;
                let padded = self.padded(document, key.size());
                let power = BigUint::from_bytes_be(&padded).modpow(key.d(), key.n()).to_bytes_be();
                Ok([vec![0; key.size() - power.len()], power].concat())
            }
        }
    }

    fn right(&self, document: &[u8], signature: &[u8]) -> Result<bool, String> {
        match self.kind {
            Kind::HmacSha256 => Ok(mac(self.own.trim_ascii_end(), document) == signature),
            Kind::Sm2Sm3 => {
                let key = <sm2::PublicKey as SmPublic>::from_public_key_pem(&text(&self.theirs)?)
                    .map_err(|e| e.to_string())?;
                let key = VerifyingKey::new(WHO, key).map_err(|e| e.to_string())?;
                let signature = Signature::from_der(signature).map_err(|e| e.to_string())?;
                Ok(key.verify(document, &signature).is_ok())
            }
            Kind::RsaSha1 | Kind::RsaSha256 => {
                let key = RsaPublicKey::from_public_key_pem(&text(&self.theirs)?).map_err(|e| e.to_string())?;
                let power = BigUint::from_bytes_be(signature).modpow(key.e(), key.n());
                let padded = BigUint::from_bytes_be(&self.padded(document, key.size()));
                Ok(signature.len() == key.size() && power == padded)
            }
        }
    }

    /// 00 01 FF … FF 00, then which hash it is, then the hash: as long as the key.
    fn padded(&self, document: &[u8], size: usize) -> Vec<u8> {
        let (which, hash) = match self.kind {
            Kind::RsaSha1 => ("3021300906052b0e03021a05000414", hex::encode(Sha1::digest(document))),
            _ => ("3031300d060960864801650304020105000420", hex::encode(Sha256::digest(document))),
        };
        let tail = hex::decode(format!("00{which}{hash}")).unwrap_or_default();
        let filling = vec![0xff; size.saturating_sub(tail.len() + 2)];
        [vec![0, 1], filling, tail].concat()
    }
}

/// RFC 2104 by its text.
fn mac(key: &[u8], document: &[u8]) -> Vec<u8> {
    let mut block = if key.len() > 64 { Sha256::digest(key).to_vec() } else { key.to_vec() };
    block.resize(64, 0);
    let with = |pad: u8| block.iter().map(|byte| byte ^ pad).collect::<Vec<u8>>();
    let inner = Sha256::digest([&with(0x36), document].concat());
    Sha256::digest([with(0x5c), inner.to_vec()].concat()).to_vec()
}

fn text(bytes: &[u8]) -> Result<String, String> {
    String::from_utf8(bytes.to_vec()).map_err(|_| "the key is no PEM".to_owned())
}

fn place(document: &[u8], what: &[u8]) -> Option<usize> {
    document.windows(what.len()).position(|part| part == what)
}
