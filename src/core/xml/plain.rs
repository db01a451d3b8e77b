//! What nearly all of a document is, recognized in one go: starts with at most one attribute, texts without references,
//! ends as they are expected. Whatever is not exactly so is a token, and read with every question asked.

use super::namespaces::plain_name;

/// A start in its plain form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PlainStart<'a> {
    /// In ASCII, without a prefix.
    pub name: &'a str,
    /// Name and value of the only one.
    pub attribute: Option<(&'a str, &'a str)>,
    /// Bytes of the tag.
    pub length: usize,
}

/// Where a text ends, or holds something to look at: references, the end of a CDATA section, line ends.
const IN_TEXT: [bool; 256] = marked(b"<&]\r");
/// The same of a value in `"`.
const IN_VALUE: [bool; 256] = marked(b"\"<&\t\n\r");

const fn marked(bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
}

/// What comes before the first marked byte, and that byte.
#[inline]
fn before<'a>(text: &'a str, table: &[bool; 256]) -> Option<(&'a str, u8)> {
    let end = text.bytes().position(|b| table[usize::from(b)])?;
    Some((&text[..end], text.as_bytes()[end]))
}

/// `<name>` or `<name key="value">` at the beginning of `window`.
#[inline]
pub(super) fn start(window: &str) -> Option<PlainStart<'_>> {
    let rest = window.strip_prefix('<')?;
    let (length, behind) = plain_name(rest.as_bytes())?;
    let name = &rest[..length];
    match behind {
        b'>' => Some(PlainStart { name, attribute: None, length: length + 2 }),
        b' ' => {
            let (key, value) = attribute(&rest[length + 1..])?;
            Some(PlainStart { name, attribute: Some((key, value)), length: length + key.len() + value.len() + 6 })
        }
        _ => None,
    }
}

/// `key="value">`; a declaration of a namespace is none.
fn attribute(text: &str) -> Option<(&str, &str)> {
    let (length, _) = plain_name(text.as_bytes())?;
    let (key, rest) = text.split_at(length);
    let (value, _) = before(rest.strip_prefix("=\"")?, &IN_VALUE)?;
    (key != "xmlns" && rest[value.len() + 2..].starts_with("\">")).then_some((key, value))
}

/// The text before the next tag.
#[inline]
pub(super) fn text(window: &str) -> Option<&str> {
    before(window, &IN_TEXT).filter(|(text, behind)| !text.is_empty() && *behind == b'<').map(|(text, _)| text)
}

/// Whether `</name>` stands at the beginning of `window`.
#[inline]
pub(super) fn is_end(window: &str, name: &str) -> bool {
    let window = window.as_bytes();
    let inside = window.get(2..name.len() + 3).filter(|_| window.starts_with(b"</"));
    inside.and_then(<[u8]>::split_last).is_some_and(|(last, found)| *last == b'>' && found == name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_forms_are_recognized() {
        let plain = |name, attribute, length| Some(PlainStart { name, attribute, length });
        assert_eq!(start("<a>x"), plain("a", None, 3));
        assert_eq!(start("<Amt Ccy=\"C>Y\">1"), plain("Amt", Some(("Ccy", "C>Y")), 15));
        assert_eq!(start("<a k=\"\">"), plain("a", Some(("k", "")), 8));
        for other in [
            "",
            "<",
            "<a",
            "<a/>",
            "<a >",
            "<p:a>",
            "<甲>",
            "<1>",
            "<a\tk=\"\">",
            "<a  k=\"\">",
            "<a k='v'>",
            "<a k=\"v\"",
            "<a k=\"v\"/>",
            "<a k=\"v\" l=\"w\">",
            "<a k=\"&lt;\">",
            "<a k=\"<\">",
            "<a k=\"\n\">",
            "<a k>",
            "<a k=v>",
            "<a xmlns=\"u\">",
            "<a p:k=\"v\">",
            "<!a>",
            "<?a>",
            "</a>",
            "a>",
        ] {
            assert_eq!(start(other), None, "{other}");
        }
        assert_eq!(
            [text("甲 >\n<"), text("<"), text("a&amp;<"), text("a]<"), text("a\r<"), text("a")].map(|t| t.is_some()),
            [true, false, false, false, false, false]
        );
        assert!(is_end("</a>", "a"));
        assert!(!["</a", "</a >", "</ab>", "</b>", "<a>", ""].into_iter().any(|window| is_end(window, "a")));
    }
}
