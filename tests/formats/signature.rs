//! Signatures: what is signed are a document's bytes without the element that holds the signature.

use std::io::Read;

use yichong::gateways::signing::SharedKey;
use yichong_core::formats::{RecordReader, Signer};

use super::{facts, format, params, two_debits, write};

fn key() -> SharedKey {
    SharedKey::begin(b"a key of the bank").unwrap()
}

/// Hands out three bytes at a time: tags fall across every border.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let n = self.0.len().min(3).min(out.len());
        out[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

#[test]
fn a_signed_document_is_the_unsigned_one_and_its_signature() {
    let format = format("aipg-debit");
    assert_eq!(format.signature(), Some("INFO/SIGNED_MSG"));
    let unsigned = write(format, &facts(1), &two_debits());
    let hex = format.sign(Slow(&unsigned), key()).unwrap();
    // By `openssl dgst -sha256 -hmac "a key of the bank" tests/formats/aipg-debit/written.xml`.
    assert_eq!(hex, "e07e0e6bdb87357806f1a30476b7083f1551fc63eeaf4f58441cf2ad9a5d3a1a");
    let mut signed = Vec::new();
    format.put_signature(Slow(&unsigned), &hex, &mut signed).unwrap();
    let element = format!("<SIGNED_MSG>{hex}</SIGNED_MSG></INFO><BODY>");
    let at = signed.windows(element.len()).position(|part| part == element.as_bytes()).unwrap();
    let mut without = signed.clone();
    without.drain(at..at + element.len() - "</INFO><BODY>".len());
    assert_eq!(without, unsigned);
    format.check_signature(Slow(&signed), key()).unwrap();
    // It is read like any other.
    let totals = RecordReader::open(format, &params(), "x", &signed[..]).finish().unwrap();
    assert_eq!(totals.count, 2);
}

/// A key that no longer signs.
struct Expired;

impl Signer for Expired {
    fn update(&mut self, _: &[u8]) {}

    fn sign(self) -> Result<Vec<u8>, String> {
        Err("the key ended on 2024-08-31".to_owned())
    }
}

#[test]
fn a_wrong_signature_is_refused() {
    let format = format("aipg-debit");
    let unsigned = write(format, &facts(1), &two_debits());
    let hex = format.sign(&unsigned[..], key()).unwrap();
    let mut signed = Vec::new();
    format.put_signature(&unsigned[..], &hex, &mut signed).unwrap();
    let replaced = |from: &str, to: &str| {
        let at = signed.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
        let mut other = signed.clone();
        other.splice(at..at + from.len(), to.bytes());
        other
    };
    for (bytes, wanted) in [
        (unsigned.clone(), "INFO/SIGNED_MSG: the document is not signed"),
        (replaced(">5000<", ">9000<"), "the signature is not this document's"),
        (replaced(&format!("MSG>{}", &hex[..2]), "MSG>zz"), "the signature is no hexadecimal number"),
        (replaced(&format!("MSG>{}", &hex[..1]), "MSG>"), "the signature is no hexadecimal number"),
        (replaced("</SIGNED_MSG>", ""), "the signature is no hexadecimal number"),
        (replaced("<BODY>", "<BODY><SIGNED_MSG>00</SIGNED_MSG>"), "the signature stands twice"),
        (replaced("</SIGNED_MSG>", &"0".repeat(9000)), "the signature is too long"),
    ] {
        let error = format.check_signature(&bytes[..], key()).unwrap_err().to_string();
        assert!(error.contains(wanted), "found  {error}\nwanted {wanted}");
    }
    let other = SharedKey::begin(b"another key").unwrap();
    assert!(format.check_signature(&signed[..], other).is_err());
    assert!(SharedKey::begin(b"").is_none());
    let error = format.sign(&unsigned[..], Expired).unwrap_err().to_string();
    let wanted =
        "the document: it cannot be signed: the key ended on 2024-08-31 (look at the key with `yichong door check";
    assert!(error.contains(wanted), "{error}");
    let pipe = super::format("pipe-debit");
    assert!(pipe.sign(&unsigned[..], key()).unwrap_err().to_string().contains("pipe-debit are not signed"));
}
