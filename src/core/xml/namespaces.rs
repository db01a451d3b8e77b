//! Names of elements and attributes, and what their prefixes stand for.

use super::error::{Wrong, show};

/// What `xml:` stands for without being declared.
const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// A prefix in force; the empty one is the default for elements.
#[derive(Debug)]
struct Binding {
    depth: usize,
    prefix: String,
    uri: String,
}

/// The prefixes in force.
#[derive(Debug, Default)]
pub(super) struct Namespaces {
    bindings: Vec<Binding>,
}

/// Which namespace: an index that stays right until the element ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Namespace {
    None,
    Xml,
    Bound(usize),
}

impl Namespaces {
    /// Takes a declaration of an element at `depth`.
    pub(super) fn declare(&mut self, depth: usize, prefix: &str, uri: &str) -> Result<(), Wrong> {
        if matches!(prefix, "xml" | "xmlns") || (uri.is_empty() && !prefix.is_empty()) {
            let problem = format!("the prefix {} cannot be declared so", show(prefix));
            return Err(Wrong::new(problem, "`xml` and `xmlns` are XML's own, and a prefix stands for something"));
        }
        self.bindings.push(Binding { depth, prefix: prefix.to_owned(), uri: uri.to_owned() });
        Ok(())
    }

    /// Forgets what elements deeper than `depth` declared.
    #[inline]
    pub(super) fn leave(&mut self, depth: usize) {
        while self.bindings.last().is_some_and(|binding| binding.depth > depth) {
            self.bindings.pop();
        }
    }

    /// What a prefix stands for.
    #[inline]
    pub(super) fn resolve(&self, prefix: &str) -> Result<Namespace, Wrong> {
        // Empty prefixes, which most are, are not compared as texts: that takes longer than all the rest.
        let alike = |known: &str| known.len() == prefix.len() && (prefix.is_empty() || known == prefix);
        if let Some(found) = self.bindings.iter().rposition(|binding| alike(&binding.prefix)) {
            return Ok(if self.bindings[found].uri.is_empty() { Namespace::None } else { Namespace::Bound(found) });
        }
        match prefix {
            "" => Ok(Namespace::None),
            "xml" => Ok(Namespace::Xml),
            _ => {
                let problem = format!("the prefix {} is not declared", show(prefix));
                Err(Wrong::new(problem, "a prefix is declared by `xmlns:…` on the element or one around it"))
            }
        }
    }

    /// Its URI; empty for none.
    #[inline]
    pub(super) fn uri(&self, namespace: Namespace) -> &str {
        match namespace {
            Namespace::None => "",
            Namespace::Xml => XML,
            Namespace::Bound(at) => self.bindings.get(at).map_or("", |binding| &binding.uri),
        }
    }
}

/// Prefix (or empty) and local part of a name.
#[inline]
pub(super) fn split(name: &str) -> Result<(&str, &str), Wrong> {
    let (prefix, local) = match memchr::memchr(b':', name.as_bytes()) {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => ("", name),
    };
    if is_name(local) && (prefix.is_empty() || is_name(prefix)) && !name.starts_with(':') {
        return Ok((prefix, local));
    }
    Err(Wrong::new(format!("{} is no name", show(name)), "names are letters, digits, `-`, `_` and `.`, a letter first"))
}

/// The bytes a name may hold, and those it may begin with. Every tag has a name: a table is quicker than questions.
const INSIDE: [bool; 256] = name_bytes(false, 0xFF);
const FIRST: [bool; 256] = name_bytes(true, 0xFF);
/// The same of names in ASCII.
const PLAIN: [bool; 256] = name_bytes(false, 0x7F);
const PLAIN_FIRST: [bool; 256] = name_bytes(true, 0x7F);

const fn name_bytes(first: bool, last: u8) -> [bool; 256] {
    let mut table = [false; 256];
    let mut at = 0;
    while at <= last as usize {
        let b = at as u8;
        let start = b.is_ascii_alphabetic() || b == b'_' || b >= 0x80;
        table[at] = start || !first && (b.is_ascii_digit() || b == b'-' || b == b'.');
        at += 1;
    }
    table
}

/// How many bytes at the beginning are a name in ASCII without a prefix, and which byte stands behind it; `None` where
/// there is no such name, or nothing behind it.
#[inline]
pub(super) fn plain_name(bytes: &[u8]) -> Option<(usize, u8)> {
    if !PLAIN_FIRST[usize::from(*bytes.first()?)] {
        return None;
    }
    let length = bytes.iter().position(|b| !PLAIN[usize::from(*b)])?;
    Some((length, bytes[length]))
}

/// Whether a text can be the name of an element or attribute, without a prefix.
pub fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let plain = bytes.first().is_some_and(|b| FIRST[usize::from(*b)]) && bytes.iter().all(|b| INSIDE[usize::from(*b)]);
    plain && (text.is_ascii() || text.chars().all(|c| c.is_ascii() || c.is_alphanumeric()))
}
