//! Which debit stands on which line of which file: in the order (signed_at, account), split by the bank's limits.
//!
//! A file's content must be a function of the night's debits only, so that plan, run and a rebuilt run agree.

use std::collections::HashMap;

/// A card's blind index: equal for equal cards, and nothing else can be told from it.
pub type CardKey = [u8; 16];

/// What the bank's format allows in one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileLimits {
    /// Most rows; none: no limit.
    pub rows: Option<u64>,
    /// Most bytes of rows, after what head and tail need; none: no limit.
    pub bytes: Option<u64>,
    /// `true`: a card stands in a file once, its next account goes into a later file (`rows_per_card = one`).
    pub one_row_per_card: bool,
}

/// Where a debit goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Index of the file, from 0 in the order of opening; its batch number is the first free one plus this.
    pub part: usize,
    /// Line among the file's debits, from 1.
    pub line: u32,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    part: usize,
    rows: u64,
    bytes: u64,
}

/// Hands out places, debit by debit, in the file's order.
#[derive(Debug)]
pub struct Grouping {
    limits: FileLimits,
    parts: usize,
    /// One open file per "n-th row of its card"; a single one where a card may stand many times.
    open: Vec<Option<Open>>,
    seen: HashMap<CardKey, usize>,
}

impl Grouping {
    /// An empty night.
    pub fn new(limits: FileLimits) -> Grouping {
        Grouping { limits, parts: 0, open: Vec::new(), seen: HashMap::new() }
    }

    /// The place of the next debit. `shared_card` is the card's key where the card serves several accounts, so that the
    /// memory this takes grows with shared cards only; `bytes` is the length of its row.
    pub fn place(&mut self, shared_card: Option<CardKey>, bytes: u64) -> Place {
        let class = match shared_card {
            Some(card) if self.limits.one_row_per_card => {
                let times = self.seen.entry(card).or_insert(0);
                *times += 1;
                *times - 1
            }
            _ => 0,
        };
        if self.open.len() <= class {
            self.open.resize(class + 1, None);
        }
        let fits = |open: &Open| {
            self.limits.rows.is_none_or(|most| open.rows < most)
                && self.limits.bytes.is_none_or(|most| open.bytes + bytes <= most)
        };
        let file = match self.open[class].filter(fits) {
            Some(open) => Open { rows: open.rows + 1, bytes: open.bytes + bytes, ..open },
            None => {
                self.parts += 1;
                Open { part: self.parts - 1, rows: 1, bytes }
            }
        };
        self.open[class] = Some(file);
        Place { part: file.part, line: u32::try_from(file.rows).unwrap_or(u32::MAX) }
    }

    /// The debit just placed cannot be written after all: its line is free again. Its bytes stay counted, which only
    /// makes the file a little shorter than it might be.
    pub fn take_back(&mut self, place: Place) {
        if let Some(file) = self.open.iter_mut().flatten().find(|file| file.part == place.part) {
            file.rows = file.rows.saturating_sub(1);
        }
    }

    /// How many files there are by now.
    pub fn parts(&self) -> usize {
        self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(limits: FileLimits, rows: &[(Option<u8>, u64)]) -> Vec<(usize, u32)> {
        let mut grouping = Grouping::new(limits);
        let key = |card: &u8| [*card; 16];
        rows.iter()
            .map(|(card, bytes)| grouping.place(card.as_ref().map(key), *bytes))
            .map(|p| (p.part, p.line))
            .collect()
    }

    #[test]
    fn rows_and_bytes_split() {
        let rows = FileLimits { rows: Some(2), bytes: None, one_row_per_card: false };
        assert_eq!(places(rows, &[(None, 9); 5]), [(0, 1), (0, 2), (1, 1), (1, 2), (2, 1)]);
        let bytes = FileLimits { rows: None, bytes: Some(10), one_row_per_card: false };
        assert_eq!(places(bytes, &[(None, 5), (None, 5), (None, 1), (None, 10)]), [(0, 1), (0, 2), (1, 1), (2, 1)]);
    }

    #[test]
    fn one_row_per_card_sends_the_next_account_into_a_later_file() {
        let limits = FileLimits { rows: None, bytes: None, one_row_per_card: true };
        let rows = [(Some(1), 1), (None, 1), (Some(1), 1), (Some(2), 1), (Some(1), 1), (Some(2), 1)];
        assert_eq!(places(limits, &rows), [(0, 1), (0, 2), (1, 1), (0, 3), (2, 1), (1, 2)]);
        let many = FileLimits { one_row_per_card: false, ..limits };
        assert_eq!(places(many, &rows).last(), Some(&(0, 6)));
    }

    proptest::proptest! {
        #[test]
        fn no_file_passes_its_limits_and_no_line_is_given_twice(
            rows in proptest::collection::vec((proptest::option::of(0_u8..4), 1_u64..20), 0..200),
            most_rows in 1_u64..9, most_bytes in 20_u64..60, one in proptest::bool::ANY,
        ) {
            let limits = FileLimits { rows: Some(most_rows), bytes: Some(most_bytes), one_row_per_card: one };
            let places = places(limits, &rows);
            let distinct: std::collections::BTreeSet<_> = places.iter().collect();
            proptest::prop_assert_eq!(distinct.len(), rows.len());
            for part in 0..=places.iter().map(|p| p.0).max().unwrap_or(0) {
                let inside: Vec<_> = (0..rows.len()).filter(|i| places[*i].0 == part).collect();
                let cards: Vec<_> = inside.iter().filter_map(|i| rows[*i].0).collect();
                let once: std::collections::BTreeSet<_> = cards.iter().collect();
                proptest::prop_assert!(inside.len() as u64 <= most_rows);
                proptest::prop_assert!(inside.iter().map(|i| rows[*i].1).sum::<u64>() <= most_bytes);
                proptest::prop_assert!(!one || once.len() == cards.len());
            }
        }
    }
}
