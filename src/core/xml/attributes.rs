//! The start of an element: its name and attributes, decoded into buffers that the next one uses again.

use std::ops::Range;

use quick_xml::events::BytesStart;

use super::ATTRIBUTES;
use super::error::{Wrong, show};
use super::is_char;
use super::namespaces::{Namespace, Namespaces, split};
use super::plain::PlainStart;

/// The start of an element.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    tag: &'a Tag,
    namespaces: &'a Namespaces,
}

/// One attribute; declarations of namespaces are none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribute<'a> {
    /// Without its prefix.
    pub name: &'a str,
    /// What its prefix stands for; empty without one.
    pub namespace: &'a str,
    /// With references resolved.
    pub value: &'a str,
}

impl<'a> Start<'a> {
    #[inline]
    pub(super) fn new(tag: &'a Tag, namespaces: &'a Namespaces) -> Start<'a> {
        Start { tag, namespaces }
    }

    /// The element's name without its prefix.
    #[inline]
    pub fn name(&self) -> &'a str {
        &self.tag.name[self.tag.prefix..]
    }

    /// What its prefix, or the default, stands for; empty for none.
    #[inline]
    pub fn namespace(&self) -> &'a str {
        self.namespaces.uri(self.tag.namespace)
    }

    /// Which declaration that is: equal ones are equal namespaces for as long as the element of one is open.
    #[inline]
    pub(crate) fn scope(&self) -> Namespace {
        self.tag.namespace
    }

    /// Its attributes, in the document's order.
    pub fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let (tag, namespaces) = (self.tag, self.namespaces);
        tag.attributes.iter().map(move |held| Attribute {
            name: &tag.texts[held.name.clone()],
            namespace: namespaces.uri(held.namespace),
            value: &tag.texts[held.value.clone()],
        })
    }

    /// The value of an attribute without a prefix.
    #[inline]
    pub fn attribute(&self, name: &str) -> Option<&'a str> {
        self.attributes().find(|held| held.namespace.is_empty() && held.name == name).map(|held| held.value)
    }
}

/// The buffers behind [`Start`].
#[derive(Debug)]
pub(super) struct Tag {
    /// With its prefix, and how many bytes that is.
    name: String,
    prefix: usize,
    namespace: Namespace,
    texts: String,
    attributes: Vec<Held>,
}

#[derive(Debug)]
struct Held {
    prefix: Range<usize>,
    name: Range<usize>,
    value: Range<usize>,
    namespace: Namespace,
}

impl Tag {
    pub(super) fn new() -> Tag {
        Tag { name: String::new(), prefix: 0, namespace: Namespace::None, texts: String::new(), attributes: Vec::new() }
    }

    /// The name as it stands, with its prefix.
    #[inline]
    pub(super) fn full_name(&self) -> &str {
        &self.name
    }

    /// Bytes of the prefix and its colon.
    #[inline]
    pub(super) fn prefix(&self) -> usize {
        self.prefix
    }

    /// The start of an element in its plain form.
    #[inline]
    pub(super) fn plain(&mut self, start: PlainStart<'_>, spaces: &Namespaces) -> Result<(), Wrong> {
        self.name.clear();
        self.name.push_str(start.name);
        self.prefix = 0;
        self.texts.clear();
        self.attributes.clear();
        if let Some((key, value)) = start.attribute {
            let value = push(value, &mut self.texts);
            let name = push(key, &mut self.texts);
            self.attributes.push(Held { prefix: 0..0, name, value, namespace: Namespace::None });
        }
        self.namespace = spaces.resolve("")?;
        Ok(())
    }

    /// Reads the start of an element at `depth`.
    pub(super) fn read(&mut self, start: &BytesStart<'_>, depth: usize, spaces: &mut Namespaces) -> Result<(), Wrong> {
        let (prefix, local) = split(start.name().0)?;
        self.name.clear();
        self.name.push_str(start.name().0);
        self.prefix = self.name.len() - local.len();
        self.texts.clear();
        self.attributes.clear();
        if !start.attributes_raw().is_empty() {
            self.read_attributes(start, depth, spaces)?;
        }
        self.namespace = spaces.resolve(prefix)?;
        for held in &mut self.attributes {
            // Without a prefix an attribute has no namespace: the default is for elements.
            if !held.prefix.is_empty() {
                held.namespace = spaces.resolve(&self.texts[held.prefix.clone()])?;
            }
        }
        Ok(())
    }

    fn read_attributes(&mut self, start: &BytesStart<'_>, depth: usize, spaces: &mut Namespaces) -> Result<(), Wrong> {
        for (count, attribute) in start.attributes().enumerate() {
            if count >= ATTRIBUTES {
                let problem = format!("{} has more than {ATTRIBUTES} attributes", show(&self.name[self.prefix..]));
                return Err(Wrong::new(problem, "no bank writes such elements; the document is broken"));
            }
            let attribute = attribute.map_err(|error| Wrong::of_parser(&error.into()))?;
            let (prefix, local) = split(attribute.key.0)?;
            if attribute.value.contains('<') {
                let problem = format!("the value of {} holds `<`", show(local));
                return Err(Wrong::new(problem, "`<` is written `&lt;`; a quote may be missing"));
            }
            let from = self.texts.len();
            push_value(&attribute.value, &mut self.texts)?;
            let value = from..self.texts.len();
            match (prefix, local) {
                ("", "xmlns") => spaces.declare(depth, "", &self.texts[value])?,
                ("xmlns", prefix) => spaces.declare(depth, prefix, &self.texts[value])?,
                _ => {
                    let prefix = push(prefix, &mut self.texts);
                    let name = push(local, &mut self.texts);
                    self.attributes.push(Held { prefix, name, value, namespace: Namespace::None });
                }
            }
        }
        Ok(())
    }
}

fn push(text: &str, out: &mut String) -> Range<usize> {
    let from = out.len();
    out.push_str(text);
    from..out.len()
}

/// A value with its references resolved and its line ends made spaces, as XML asks.
fn push_value(raw: &str, out: &mut String) -> Result<(), Wrong> {
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\t', '\n', '\r']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(reference) = rest.strip_prefix('&') {
            let Some((name, behind)) = reference.split_once(';') else {
                return Err(Wrong::new("an `&` begins no reference", "`&` is written `&amp;`; ask the bank"));
            };
            push_reference(name, out)?;
            rest = behind;
        } else {
            out.push(' ');
            rest = rest.strip_prefix("\r\n").unwrap_or(&rest[1..]);
        }
    }
    out.push_str(rest);
    Ok(())
}

/// The character behind `&name;`. Only XML's own five names and numbers are known: nothing can be defined.
pub(super) fn push_reference(name: &str, out: &mut String) -> Result<(), Wrong> {
    if let Some(number) = name.strip_prefix('#') {
        let (digits, radix) = match number.strip_prefix('x') {
            Some(digits) => (digits, 16),
            None => (number, 10),
        };
        // The sign that numbers may have elsewhere is no digit here.
        let plain = digits.bytes().all(|b| b.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, radix).ok().filter(|_| plain);
        let Some(c) = code.and_then(char::from_u32).filter(|c| is_char(*c)) else {
            let problem = format!("the reference {} is no character a document may hold", show(name));
            return Err(Wrong::new(problem, "control characters are refused, whatever they are written as"));
        };
        out.push(c);
        return Ok(());
    }
    out.push(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => {
            let problem = format!("the entity {} is not known", show(name));
            return Err(Wrong::new(problem, "files define no entities; only amp, lt, gt, quot and apos stand for one"));
        }
    });
    Ok(())
}
