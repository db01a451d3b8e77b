//! Which message a document is: family and version by the pattern in its namespace, or by its body where it has none.

use super::warnings::Warnings;

/// The messages of the debit cycle (报文族).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// Customer direct debit initiation (批量代扣请求).
    Pain008,
    /// Customer payment status report (状态报告).
    Pain002,
    /// Bank to customer statement (账户对账单).
    Camt053,
    /// Bank to customer debit/credit notification (借贷记通知).
    Camt054,
}

/// Bodies, the families they belong to, and the versions of the main line somebody has read the schema of.
const FAMILIES: [(Family, &str, &str, std::ops::RangeInclusive<u8>); 4] = [
    (Family::Pain008, "pain.008", "CstmrDrctDbtInitn", 2..=12),
    (Family::Pain002, "pain.002", "CstmrPmtStsRpt", 3..=15),
    (Family::Camt053, "camt.053", "BkToCstmrStmt", 2..=14),
    (Family::Camt054, "camt.054", "BkToCstmrDbtCdtNtfctn", 2..=14),
];

/// National editions that were read: the German ones count their own versions.
const EDITIONS: [&str; 4] = ["pain.008.002.02", "pain.008.003.02", "pain.002.002.02", "pain.002.003.03"];

/// Bodies of other messages people send by mistake, so that the refusal can name them.
const OTHERS: [(&str, &str); 6] = [
    ("CstmrCdtTrfInitn", "pain.001, a credit transfer initiation"),
    ("CstmrPmtRvsl", "pain.007, a payment reversal"),
    ("BkToCstmrAcctRpt", "camt.052, an account report within the day: not final, no money is booked by it"),
    ("FIToFIPmtStsRpt", "pacs.002, a status report between banks"),
    ("CstmrPmtCxlReq", "camt.055, a cancellation request"),
    ("RsltnOfInvstgtn", "camt.029, the answer to an investigation"),
];

impl Family {
    /// By the word of format files: `pain.008`.
    pub fn of(word: &str) -> Option<Family> {
        FAMILIES.iter().find(|known| known.1 == word).map(|known| known.0)
    }

    /// `pain.008`.
    pub fn word(self) -> &'static str {
        self.row().1
    }

    /// The element that holds the message.
    pub fn body(self) -> &'static str {
        self.row().2
    }

    /// By the name of the body's element.
    pub(super) fn of_body(name: &str) -> Option<Family> {
        FAMILIES.iter().find(|known| known.2 == name).map(|known| known.0)
    }

    fn row(self) -> &'static (Family, &'static str, &'static str, std::ops::RangeInclusive<u8>) {
        FAMILIES.iter().find(|known| known.0 == self).unwrap_or(&FAMILIES[0])
    }
}

/// What the body of another message is called; `None` for an element that is no body.
pub(super) fn other_body(name: &str) -> Option<&'static str> {
    OTHERS.iter().find(|known| known.0 == name).map(|known| known.1)
}

/// What a namespace says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// `pain.002.001.03`, with `.ch` where the Swiss edition is meant; empty where the document has no namespace of
    /// ISO 20022.
    pub name: String,
    /// `pain.002`.
    pub family: String,
    /// 3 of `pain.002.001.03`.
    pub version: u8,
    /// 1 of `pain.002.001.03`: the main line; others are national editions.
    pub edition: u16,
}

/// Reads a namespace: `urn:iso:std:iso:20022:tech:xsd:…`, `urn:swift:xsd:$…`, `ISO:…`, and addresses of schema files
/// (`…/pain.002.001.03.ch.02.xsd`) all hold the pattern `aaaa.ddd.ddd.dd`.
pub fn identify(namespace: &str) -> Option<Identity> {
    let at = ["pain.", "camt."].iter().filter_map(|start| namespace.find(start)).min()?;
    let text = namespace.get(at..at + 15)?;
    let mut parts = text.split('.');
    let (area, message, edition, version) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str, wanted: usize| text.len() == wanted && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(message, 3) || !digits(edition, 3) || !digits(version, 2) {
        return None;
    }
    let rest = namespace.get(at + 15..).unwrap_or_default();
    // One more digit would make it another number.
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let swiss = rest.starts_with(".ch");
    Some(Identity {
        name: if swiss { format!("{text}.ch") } else { text.to_owned() },
        family: format!("{area}.{message}"),
        version: version.parse().ok()?,
        edition: edition.parse().ok()?,
    })
}

/// Whether somebody has read the schema of this message.
pub fn is_known(identity: &Identity) -> bool {
    let main = FAMILIES.iter().find(|known| known.1 == identity.family);
    let plain = identity.name.trim_end_matches(".ch");
    match identity.edition {
        1 => main.is_some_and(|known| known.3.contains(&identity.version)),
        _ => EDITIONS.contains(&plain),
    }
}

/// What is odd about a body's namespace is said, never guessed away. `strict` makes a version nobody has read an error:
/// the inner text.
pub(super) fn check(
    family: Family,
    namespace: &str,
    strict: bool,
    at: (u64, u32),
    warnings: &mut Warnings,
) -> Result<Identity, String> {
    let Some(identity) = identify(namespace) else {
        let found = if namespace.is_empty() { "no namespace".to_owned() } else { format!("namespace `{namespace}`") };
        if strict {
            return Err(format!("the document has {found}, none of ISO 20022"));
        }
        warnings.add(at, family.body(), format!("{found}: the message is known by its body only"));
        return Ok(Identity::default());
    };
    if identity.family != family.word() {
        return Err(format!("the namespace says {}, the body is a {}", identity.name, family.word()));
    }
    if !is_known(&identity) {
        if strict {
            return Err(format!("{} is a version that is not on the list", identity.name));
        }
        warnings.add(at, family.body(), format!("{} is a version nobody has read the schema of", identity.name));
    }
    Ok(identity)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn namespaces_people_send() {
        let name = |text: &str| identify(text).map(|found| (found.name, found.version, found.edition));
        let iso = name("urn:iso:std:iso:20022:tech:xsd:camt.053.001.08");
        assert_eq!(iso, Some(("camt.053.001.08".into(), 8, 1)));
        let swift = name("urn:swift:xsd:$pain.002.002.02");
        assert_eq!(swift, Some(("pain.002.002.02".into(), 2, 2)));
        let six = name("http://www.six-interbank-clearing.com/de/pain.002.001.03.ch.02.xsd");
        assert_eq!(six, Some(("pain.002.001.03.ch".into(), 3, 1)));
        assert_eq!(name("ISO:pain.002.001.03:APC:STUZZA"), Some(("pain.002.001.03".into(), 3, 1)));
        for none in ["", "urn:iso:std:iso:20022:tech:xsd:head.001.001.01", "pain.02.001.03xx", "pain.002.001.031"] {
            assert_eq!(name(none), None, "{none}");
        }
    }

    #[test]
    fn a_version_nobody_read_is_said_or_refused() {
        let mut warnings = Warnings::default();
        let uri = |name: &str| format!("urn:iso:std:iso:20022:tech:xsd:{name}");
        let mut asked = |name: &str, strict| check(Family::Camt053, &uri(name), strict, (1, 1), &mut warnings);
        assert!(asked("camt.053.001.08", true).is_ok());
        assert!(asked("camt.053.001.77", false).is_ok());
        assert!(asked("camt.053.001.77", true).is_err_and(|why| why.contains("not on the list")));
        assert!(asked("pain.002.001.03", false).is_err_and(|why| why.contains("the body is a camt.053")));
        assert_eq!(warnings.all().len(), 1);
    }
}
