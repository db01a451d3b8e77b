//! Key files: PEM or DER, secret ones readable by their owner only.

use std::path::Path;

use chrono::{DateTime, Utc};
use rsa::pkcs8::der::pem;
use zeroize::Zeroizing;

use super::certificate::Certificate;

/// What to do with a file of another kind.
pub const HOW_TO_CONVERT: &str = "`openssl pkcs12 -in FILE.pfx -nocerts -nodes` takes a key out of a .pfx, \
                                  `openssl pkey -in KEY` takes its passphrase off";

/// Reads a secret key's file.
pub fn secret(path: &Path) -> Result<Zeroizing<Vec<u8>>, String> {
    crate::secret::read(path).map_err(|e| e.to_string())
}

/// Reads a public key's file or a certificate's: the key in DER, and the end of the certificate.
pub fn public(path: &Path) -> Result<(Vec<u8>, Option<DateTime<Utc>>), String> {
    let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
    let (label, der) = block(&bytes)?;
    let certified = || Certificate::read(&der).map(|own| (own.public_key.to_vec(), Some(own.until)));
    match label.as_str() {
        "PUBLIC KEY" | "RSA PUBLIC KEY" => Ok((der.to_vec(), None)),
        "CERTIFICATE" => certified().ok_or_else(|| "it is no X.509 certificate that can be read".to_owned()),
        "" => Ok(certified().unwrap_or_else(|| (der.to_vec(), None))),
        other => Err(format!("it holds a {other}; a PUBLIC KEY or a CERTIFICATE is wanted")),
    }
}

/// A file's first PEM block with its label, whatever stands around it; the whole file without a label if it is none.
pub fn block(bytes: &[u8]) -> Result<(String, Zeroizing<Vec<u8>>), String> {
    const END: &[u8] = b"-----END ";
    let find =
        |what: &[u8], from: usize| bytes[from..].windows(what.len()).position(|part| part == what).map(|at| from + at);
    let Some(from) = find(b"-----BEGIN ", 0) else { return Ok((String::new(), Zeroizing::new(bytes.to_vec()))) };
    let end = find(END, from).and_then(|at| find(b"-----", at + END.len()));
    let end = end.ok_or("its PEM block has no end")? + 5;
    let text = &bytes[from..end];
    if text.windows(9).any(|part| part == b"ENCRYPTED") {
        return Err(format!("it is locked by a passphrase; {HOW_TO_CONVERT}"));
    }
    let (label, der) = pem::decode_vec(text).map_err(|e| format!("its PEM block cannot be read: {e}"))?;
    Ok((label.to_owned(), Zeroizing::new(der)))
}
