//! HMAC-SHA256 with a key both sides have.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use yichong_core::formats::{Signer, Verifier};

/// A shared key at work on one document; signs or verifies.
pub struct SharedKey(Hmac<Sha256>);

impl SharedKey {
    /// Begins a document; `None` for an empty key, which would sign for anybody.
    pub fn begin(key: &[u8]) -> Option<SharedKey> {
        Hmac::new_from_slice(key).ok().filter(|_| !key.is_empty()).map(SharedKey)
    }
}

impl Signer for SharedKey {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn sign(self) -> Result<Vec<u8>, String> {
        Ok(self.0.finalize().into_bytes().to_vec())
    }
}

impl Verifier for SharedKey {
    fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn verify(self, signature: &[u8]) -> bool {
        // In constant time.
        self.0.verify_slice(signature).is_ok()
    }
}
