//! The text of one element while it is put together: out of pieces, references and CDATA sections.

use super::attributes::push_reference;
use super::error::{Place, Wrong};
use super::{LONGEST, is_blank};

/// A text, and where it begins.
#[derive(Debug)]
pub(super) struct Content {
    text: String,
    place: Place,
}

impl Content {
    pub(super) fn new(place: Place) -> Content {
        Content { text: String::new(), place }
    }

    /// Another text begins.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.text.clear();
    }

    #[inline]
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Where its first piece stands.
    pub(super) fn place(&self) -> Place {
        self.place
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    #[inline]
    pub(super) fn is_blank(&self) -> bool {
        is_blank(&self.text)
    }

    /// A piece that stands for itself.
    #[inline]
    pub(super) fn add_plain(&mut self, place: Place, piece: &str) -> Result<(), Wrong> {
        self.begin(place);
        self.text.push_str(piece);
        self.within()
    }

    /// A piece whose line ends become `\n`.
    pub(super) fn add(&mut self, place: Place, piece: &str) -> Result<(), Wrong> {
        if memchr::memchr(b'\r', piece.as_bytes()).is_none() {
            return self.add_plain(place, piece);
        }
        self.add_plain(place, &piece.replace("\r\n", "\n").replace('\r', "\n"))
    }

    /// The character behind `&name;`.
    pub(super) fn add_reference(&mut self, place: Place, name: &str) -> Result<(), Wrong> {
        self.begin(place);
        push_reference(name, &mut self.text)?;
        self.within()
    }

    #[inline]
    fn begin(&mut self, place: Place) {
        if self.text.is_empty() {
            self.place = place;
        }
    }

    #[inline]
    fn within(&self) -> Result<(), Wrong> {
        if self.text.len() <= LONGEST {
            return Ok(());
        }
        let problem = format!("the text of one element is longer than {LONGEST} bytes");
        Err(Wrong::new(problem, "no bank writes such texts; the document is broken"))
    }
}
