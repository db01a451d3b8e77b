//! What `file diff` remembers of a file: for each record its key, its line and a hash; never the records themselves.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use yichong_core::formats::{Meaning, Section};

use super::layout::Layout;
use super::masks::Veil;

/// Meanings a record can be told by, best first.
const KEYS: [Meaning; 3] = [Meaning::DebitNo, Meaning::BankRef, Meaning::Serial];

/// How records of two files are told apart and compared.
pub struct Comparison {
    /// `None`: by their order.
    pub key: Option<Meaning>,
    /// Between two formats only what both mean is compared, by value; within one, every column by its text.
    pub meanings: Option<Vec<Meaning>>,
}

/// A cell to be compared.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Value {
    pub name: String,
    pub text: String,
    pub veil: Veil,
}

/// A record to be compared: its cells by name, empty ones left out.
pub struct Compared {
    pub key: String,
    pub line: u64,
    pub values: Vec<Value>,
}

impl Comparison {
    /// Between files of these layouts; `None` if they have nothing in common.
    pub fn new(a: &Layout, b: &Layout, one_format: bool) -> Option<Comparison> {
        let key = KEYS.into_iter().find(|means| a.has(*means) && b.has(*means));
        if one_format {
            return Some(Comparison { key, meanings: None });
        }
        let common: Vec<Meaning> = a.meanings().filter(|means| b.meanings().any(|other| other == *means)).collect();
        let some = common.iter().any(|means| *means != Meaning::Line);
        some.then_some(Comparison { key, meanings: Some(common) })
    }

    /// A row made ready; `number` counts the rows of its file.
    pub fn row(&self, layout: &Layout, section: &Section<'_>, number: u64) -> Compared {
        let mut key = String::new();
        let mut values = Vec::with_capacity(section.cells.len());
        for cell in section.cells.iter().filter(|cell| !cell.text.is_empty()) {
            let means = layout.means(cell.name).map(Layout::alike);
            if self.key.is_some() && means == self.key {
                key = layout.value(cell.name, cell.text);
            }
            let (name, text) = match &self.meanings {
                None => (cell.name, cell.text.to_owned()),
                Some(common) => match means.filter(|means| common.contains(means)) {
                    Some(means) => (means.word(), layout.value(cell.name, cell.text)),
                    None => continue,
                },
            };
            values.push(Value { name: name.to_owned(), text, veil: Veil::of(layout, cell) });
        }
        // By name: titles may put columns in another order. Columns of one name keep theirs.
        values.sort_by(|a, b| a.name.cmp(&b.name));
        if key.is_empty() {
            key = format!("row {number}");
        }
        Compared { key, line: section.line, values }
    }
}

impl Compared {
    /// A hash of the cells.
    pub fn digest(&self) -> [u8; 16] {
        let mut hash = Sha256::new();
        for value in &self.values {
            for text in [&value.name, &value.text] {
                hash.update((text.len() as u64).to_le_bytes());
                hash.update(text);
            }
        }
        let mut short = [0; 16];
        short.copy_from_slice(&hash.finalize()[..16]);
        short
    }

    /// The cells that differ from another record's: both values, empty where one has none.
    pub fn differences(&self, other: &Compared) -> Vec<(Value, Value)> {
        let (mut a, mut b) = (self.values.iter().peekable(), other.values.iter().peekable());
        let mut found = Vec::new();
        let empty = |like: &Value| Value { text: String::new(), ..like.clone() };
        loop {
            let pair = match (a.peek(), b.peek()) {
                (None, None) => return found,
                (Some(x), Some(y)) if x.name == y.name => (a.next().cloned(), b.next().cloned()),
                (Some(x), Some(y)) if x.name > y.name => (None, b.next().cloned()),
                (None, Some(_)) => (None, b.next().cloned()),
                (Some(_), _) => (a.next().cloned(), None),
            };
            let (x, y) = match pair {
                (Some(x), Some(y)) => (x, y),
                (Some(x), None) => (x.clone(), empty(&x)),
                (None, Some(y)) => (empty(&y), y),
                (None, None) => return found,
            };
            if x.text != y.text {
                found.push((x, y));
            }
        }
    }
}

/// The records of the first file.
#[derive(Default)]
pub struct Index {
    rows: Vec<Seen>,
    /// Key → first and last of its rows not yet asked for: a key may stand twice.
    keys: HashMap<Box<str>, (usize, usize)>,
}

/// One record.
pub struct Seen {
    pub line: u64,
    pub digest: [u8; 16],
    pub met: bool,
    /// The next record of the same key; itself at the end.
    next: usize,
}

impl Index {
    /// Remembers a record.
    pub fn add(&mut self, row: &Compared) {
        let at = self.rows.len();
        self.rows.push(Seen { line: row.line, digest: row.digest(), met: false, next: at });
        match self.keys.get_mut(row.key.as_str()) {
            Some((_, last)) => {
                if let Some(before) = self.rows.get_mut(*last) {
                    before.next = at;
                }
                *last = at;
            }
            None => drop(self.keys.insert(row.key.as_str().into(), (at, at))),
        }
    }

    /// The next record of a key that was not met yet; from now on it is. Second: its place among the records.
    pub fn meet(&mut self, key: &str) -> Option<(&Seen, usize)> {
        let (first, last) = self.keys.get_mut(key)?;
        let at = *first;
        if self.rows.get(at)?.met {
            return None;
        }
        let seen = self.rows.get_mut(at)?;
        seen.met = true;
        if at != *last {
            *first = seen.next;
        }
        Some((seen, at))
    }

    /// Lines of the records nobody met, in order.
    pub fn left(&self) -> impl Iterator<Item = u64> + '_ {
        self.rows.iter().filter(|seen| !seen.met).map(|seen| seen.line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, line: u64, cells: &[(&str, &str)]) -> Compared {
        let value =
            |(name, text): &(&str, &str)| Value { name: (*name).into(), text: (*text).into(), veil: Veil::Open };
        Compared { key: key.into(), line, values: cells.iter().map(value).collect() }
    }

    #[test]
    fn a_key_may_stand_twice() {
        let mut index = Index::default();
        for (key, line) in [("a", 1), ("b", 2), ("a", 3), ("a", 4)] {
            index.add(&row(key, line, &[]));
        }
        let mut meet = |key| index.meet(key).map(|(seen, at)| (seen.line, at));
        assert_eq!([meet("a"), meet("a"), meet("c")], [Some((1, 0)), Some((3, 2)), None]);
        assert_eq!(index.left().collect::<Vec<_>>(), [2, 4]);
        assert_eq!(index.meet("a").map(|(seen, _)| seen.line), Some(4));
        assert!(index.meet("a").is_none());
    }

    #[test]
    fn differing_cells_are_named() {
        let a = row("k", 1, &[("amount", "1"), ("card", "2"), ("text", "x")]);
        let b = row("k", 9, &[("amount", "1"), ("code", "0"), ("text", "y")]);
        let found: Vec<_> =
            a.differences(&b).into_iter().map(|(x, y)| format!("{} {}>{}", x.name, x.text, y.text)).collect();
        assert_eq!(found, ["card 2>", "code >0", "text x>y"]);
        assert_ne!(a.digest(), b.digest());
    }
}
