//! XML from strangers: documents → events in bounded memory, and texts → documents. Knows no bank and no format.
//!
//! ```text
//! bytes ─ Source: charset, strictly ─▶ UTF-8 ─ token ─▶ Reader: depth, one root, names, limits ─▶ Event
//! texts ─ Pen: escaped, in the file's charset ─▶ bytes
//! ```
//! What XML allows and a file of money never needs is refused, not interpreted: document types, entities of its own,
//! a second root, control characters. Nothing is held but the open elements, one tag and one text, each with a limit;
//! the number of elements has none.

mod attributes;
mod content;
mod error;
mod label;
mod namespaces;
mod open;
mod pen;
mod plain;
#[cfg(test)]
mod properties;
mod reader;
mod source;
#[cfg(test)]
mod tests;
mod token;

pub use self::attributes::{Attribute, Start};
pub use self::error::{Place, XmlError};
pub use self::label::{Encoding, declared_as};
pub(crate) use self::namespaces::Namespace;
pub use self::namespaces::is_name;
pub use self::pen::{Pen, Unwritable, escape};
pub use self::reader::{Event, Reader};

/// The longest tag, comment or text of one element, in bytes of UTF-8.
pub const LONGEST: usize = 64 * 1024;
/// The most elements inside each other.
pub const DEEPEST: usize = 64;
/// The most attributes of one element.
pub const ATTRIBUTES: usize = 64;

/// Whether XML 1.0 allows a character and people can see it: no control characters but tab and line end, no
/// non-characters.
pub(crate) fn is_char(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' => true,
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}' => false,
        _ => true,
    }
}

/// White space by XML: what may stand between elements.
fn is_blank(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
}
