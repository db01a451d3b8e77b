//! Texts → documents: elements, escaped texts, in the charset of the file. Nothing is replaced or left out.

use super::is_char;
use super::label::declared_as;
use super::namespaces::split;
use crate::charset::Charset;

/// What cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unwritable {
    /// No document may hold this character, not even as a reference.
    #[error("U+{:04X} may not stand in an XML document", u32::from(*.0))]
    Illegal(char),
    /// The charset does not have this character.
    #[error("`{0}` (U+{code:04X}) is not in the charset", code = u32::from(*.0))]
    Unmapped(char),
    /// No name of an element or attribute.
    #[error("`{0}` is no name of an element or attribute")]
    Name(String),
}

/// Appends a text, escaped for the inside of an element and of a quoted attribute alike. What would not be read back
/// as it is (a carriage return) is written as a reference. On an error `out` is as it was.
pub fn escape(charset: Charset, text: &str, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    let start = out.len();
    // Nearly all texts need nothing.
    if text.bytes().all(|b| matches!(b, b' '..=b'~') && !matches!(b, b'&' | b'<' | b'>' | b'"')) {
        return encode(charset, text, start, out);
    }
    let special = |c: char| matches!(c, '&' | '<' | '>' | '"' | '\r' | '\n' | '\t') || !is_char(c);
    let mut rest = text;
    while let Some(at) = rest.find(special) {
        let (before, behind) = rest.split_at(at);
        let reference = match behind.as_bytes().first() {
            Some(b'&') => "&amp;",
            Some(b'<') => "&lt;",
            Some(b'>') => "&gt;",
            Some(b'"') => "&quot;",
            Some(b'\r') => "&#13;",
            Some(b'\n') => "&#10;",
            Some(b'\t') => "&#9;",
            _ => {
                out.truncate(start);
                return Err(Unwritable::Illegal(behind.chars().next().unwrap_or_default()));
            }
        };
        encode(charset, before, start, out)?;
        out.extend_from_slice(reference.as_bytes());
        rest = &behind[1..];
    }
    encode(charset, rest, start, out)
}

fn encode(charset: Charset, text: &str, start: usize, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    charset.encode(text, out).map_err(|odd| {
        out.truncate(start);
        Unwritable::Unmapped(odd)
    })
}

/// Writes elements; knows which are open. On an error a part may have been written.
#[derive(Clone, Debug)]
pub struct Pen {
    charset: Charset,
    /// The names of the open elements, one behind the other, and where each begins.
    names: String,
    open: Vec<usize>,
}

impl Pen {
    /// A pen for one document.
    pub fn new(charset: Charset) -> Pen {
        Pen { charset, names: String::with_capacity(64), open: Vec::with_capacity(8) }
    }

    /// `<?xml version="1.0" encoding="…"?>`.
    pub fn declaration(&self, out: &mut Vec<u8>) {
        let declaration = format!("<?xml version=\"1.0\" encoding=\"{}\"?>", declared_as(self.charset));
        out.extend_from_slice(declaration.as_bytes());
    }

    /// Begins an element. A namespace is an attribute `xmlns` here.
    pub fn start(&mut self, name: &str, attributes: &[(&str, &str)], out: &mut Vec<u8>) -> Result<(), Unwritable> {
        self.open_tag(name, attributes, out)?;
        out.push(b'>');
        self.open.push(self.names.len());
        self.names.push_str(name);
        Ok(())
    }

    /// Text of the open element.
    pub fn text(&self, text: &str, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        escape(self.charset, text, out)
    }

    /// Ends the element that was begun last; nothing if none is open.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        if let Some(from) = self.open.pop() {
            self.close_tag(&self.names[from..], out);
            self.names.truncate(from);
        }
    }

    /// An element with a text and no children.
    pub fn leaf(
        &self,
        name: &str,
        attributes: &[(&str, &str)],
        text: &str,
        out: &mut Vec<u8>,
    ) -> Result<(), Unwritable> {
        self.open_tag(name, attributes, out)?;
        out.push(b'>');
        self.text(text, out)?;
        self.close_tag(name, out);
        Ok(())
    }

    fn open_tag(&self, name: &str, attributes: &[(&str, &str)], out: &mut Vec<u8>) -> Result<(), Unwritable> {
        out.push(b'<');
        self.name(name, out)?;
        for (name, value) in attributes {
            out.push(b' ');
            self.name(name, out)?;
            out.extend_from_slice(b"=\"");
            escape(self.charset, value, out)?;
            out.push(b'"');
        }
        Ok(())
    }

    fn close_tag(&self, name: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(b"</");
        // It was written when the element began, so this cannot fail.
        let _ = self.charset.encode(name, out);
        out.push(b'>');
    }

    fn name(&self, name: &str, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        if split(name).is_err() {
            return Err(Unwritable::Name(name.chars().take(40).collect()));
        }
        self.charset.encode(name, out).map_err(Unwritable::Unmapped)
    }
}
