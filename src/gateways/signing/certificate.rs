//! X.509 certificates, as far as a signature needs them: the public key in it, and when it ends. Who issued it is not
//! asked: the certificate is pinned, as a file the bank handed over.

use chrono::{DateTime, NaiveDateTime, Utc};

const SEQUENCE: u8 = 0x30;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const VERSION: u8 = 0xa0;

/// What is wanted of a certificate.
#[derive(Debug)]
pub struct Certificate<'a> {
    /// SubjectPublicKeyInfo, DER.
    pub public_key: &'a [u8],
    /// notAfter.
    pub until: DateTime<Utc>,
}

impl<'a> Certificate<'a> {
    /// Reads one; `None` if it is none.
    pub fn read(der: &'a [u8]) -> Option<Certificate<'a>> {
        let mut rest = der;
        let mut whole = inside(&mut rest, SEQUENCE)?;
        let mut body = inside(&mut whole, SEQUENCE)?;
        if body.first() == Some(&VERSION) {
            next(&mut body)?;
        }
        // Serial number, algorithm, issuer.
        for _ in 0..3 {
            next(&mut body)?;
        }
        let mut validity = inside(&mut body, SEQUENCE)?;
        next(&mut validity)?;
        let until = time(next(&mut validity)?)?;
        // Subject.
        next(&mut body)?;
        let public_key = next(&mut body).filter(|own| own.tag == SEQUENCE)?.whole;
        Some(Certificate { public_key, until })
    }
}

struct Element<'a> {
    tag: u8,
    content: &'a [u8],
    whole: &'a [u8],
}

/// The next element, taken off the front.
fn next<'a>(rest: &mut &'a [u8]) -> Option<Element<'a>> {
    let (tag, first) = (*rest.first()?, *rest.get(1)?);
    let (head, length) = match first {
        0..=0x7f => (2, usize::from(first)),
        0x81..=0x84 => {
            let count = usize::from(first & 0x7f);
            let bytes = rest.get(2..2 + count)?;
            (2 + count, bytes.iter().fold(0_usize, |length, byte| length << 8 | usize::from(*byte)))
        }
        _ => return None,
    };
    let end = head.checked_add(length)?;
    let whole = rest.get(..end)?;
    *rest = &rest[end..];
    Some(Element { tag, content: &whole[head..], whole })
}

fn inside<'a>(rest: &mut &'a [u8], tag: u8) -> Option<&'a [u8]> {
    next(rest).filter(|element| element.tag == tag).map(|element| element.content)
}

fn time(element: Element<'_>) -> Option<DateTime<Utc>> {
    let text = std::str::from_utf8(element.content).ok()?;
    let text = match element.tag {
        // Two digits mean 1950 to 2049.
        UTC_TIME => format!("{}{text}", if text.get(..2)? < "50" { "20" } else { "19" }),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    NaiveDateTime::parse_from_str(&text, "%Y%m%d%H%M%SZ").ok().map(|time| time.and_utc())
}
