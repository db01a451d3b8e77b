//! Pages of a statement (分页): none stands twice, and what is missing between two is told.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::camt::Head;

/// The pages of one file so far.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// Hashes of (statement, page).
    seen: HashSet<u64>,
    /// Statement, page, and whether it was the last one.
    before: Option<(u64, u64, bool)>,
}

/// What a page is to the one before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// A statement begins with it.
    Begins,
    /// It goes on where the page before ended.
    GoesOn,
    /// It is of a statement of which the page before is not here: people are told.
    Torn(String),
}

impl Pages {
    /// The next page; an error says that it stands twice.
    pub(super) fn turn(&mut self, head: &Head) -> Result<Turn, String> {
        let Some((page, last)) = head.page else {
            self.before = None;
            return Ok(Turn::Begins);
        };
        let statement = hash(&(&head.account, head.currency, &head.id));
        if !self.seen.insert(hash(&(statement, page))) {
            return Err(format!("page {page} of statement `{}` stands twice in the file", head.id));
        }
        let before = self.before.replace((statement, page, last)).filter(|before| before.0 == statement);
        Ok(match before {
            Some((_, number, false)) if number.checked_add(1) == Some(page) => Turn::GoesOn,
            Some((_, number, _)) => Turn::Torn(format!("page {page} of statement `{}` follows page {number}", head.id)),
            None if page > 1 => Turn::Torn(format!("page {page} of statement `{}` stands without page 1", head.id)),
            None => Turn::Begins,
        })
    }
}

fn hash(what: &impl Hash) -> u64 {
    let mut hash = DefaultHasher::new();
    what.hash(&mut hash);
    hash.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(id: &str, page: Option<(u64, bool)>) -> Head {
        Head { id: id.to_owned(), created: None, account: "A".to_owned(), currency: None, page }
    }

    #[test]
    fn pages_follow_one_another_and_none_stands_twice() {
        let mut pages = Pages::default();
        let mut turn = |id: &str, number| pages.turn(&page(id, number));
        assert_eq!(turn("S", None), Ok(Turn::Begins));
        assert_eq!(turn("S", None), Ok(Turn::Begins));
        assert_eq!(turn("S", Some((1, false))), Ok(Turn::Begins));
        assert_eq!(turn("S", Some((2, false))), Ok(Turn::GoesOn));
        assert!(matches!(turn("S", Some((4, true))), Ok(Turn::Torn(said)) if said.contains("follows page 2")));
        assert!(matches!(turn("T", Some((2, true))), Ok(Turn::Torn(said)) if said.contains("without page 1")));
        assert_eq!(turn("S", Some((2, false))), Err("page 2 of statement `S` stands twice in the file".to_owned()));
    }
}
