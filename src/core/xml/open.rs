//! The open elements: their names, one behind the other in one text.

use quick_xml::errors::IllFormedError;

use super::error::Wrong;

/// Which elements are open.
#[derive(Debug, Default)]
pub(super) struct Open {
    names: String,
    /// Where each name begins, with its prefix and without.
    starts: Vec<(usize, usize)>,
    /// Where the names of the open elements end: behind them stands that of the one that just ended, from `ended`.
    end: usize,
    ended: usize,
}

impl Open {
    /// How many there are.
    pub(super) fn depth(&self) -> usize {
        self.starts.len()
    }

    /// An element begins; `prefix` is how many bytes of its name are its prefix and the colon.
    #[inline]
    pub(super) fn push(&mut self, name: &str, prefix: usize) {
        self.names.truncate(self.end);
        self.starts.push((self.end, self.end + prefix));
        self.names.push_str(name);
        self.end = self.names.len();
    }

    /// The innermost one ends.
    #[inline]
    pub(super) fn pop(&mut self) {
        self.names.truncate(self.end);
        (self.end, self.ended) = self.starts.pop().unwrap_or((0, 0));
    }

    /// The local name of the one that just ended.
    #[inline]
    pub(super) fn ended(&self) -> &str {
        &self.names[self.ended..]
    }

    /// The name of the innermost one as it stands, with its prefix.
    #[inline]
    pub(super) fn full_name(&self) -> Option<&str> {
        self.starts.last().map(|(from, _)| &self.names[*from..self.end])
    }

    /// The local name of the innermost one.
    pub(super) fn innermost(&self) -> Option<&str> {
        self.starts.last().map(|(_, local)| &self.names[*local..self.end])
    }

    /// Whether an end of this name ends the innermost one.
    #[inline]
    pub(super) fn closes(&self, name: &str) -> Result<(), Wrong> {
        let ill = match self.starts.last() {
            Some((from, _)) if self.names[*from..self.end] == *name => return Ok(()),
            Some((from, _)) => {
                let expected = self.names[*from..self.end].to_owned();
                IllFormedError::MismatchedEndTag { expected, found: name.to_owned() }
            }
            None => IllFormedError::UnmatchedEndTag(name.to_owned()),
        };
        Err(Wrong::of_parser(&ill.into()))
    }
}
