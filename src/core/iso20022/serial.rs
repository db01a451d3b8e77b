//! The bank's names of entries (银行流水号): the same whenever, and by whichever message, a booking is told.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher, Hash, Hasher};

use super::camt::Head;
use super::detail::is_key;
use super::entry::Entry;
use crate::formats::push_number;

/// A hash that is hashed no more.
#[derive(Debug, Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.0 = self.0 << 8 | u64::from(*byte));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Names given in one statement.
#[derive(Debug, Default)]
pub(super) struct Serials {
    /// Hashes of names: nine bytes or so an entry, the one thing here that grows with a statement.
    given: HashSet<u64, BuildHasherDefault<Itself>>,
    /// How often one was given again: equal bookings of a day are real, and few.
    again: HashMap<u64, u32>,
}

impl Serials {
    /// Another statement begins; the next page of one goes on with its names.
    pub(super) fn begin(&mut self) {
        self.given.clear();
        self.again.clear();
    }

    /// The name of an entry, unique on its value date. By the standard `AcctSvcrRef` is unique, and notification and
    /// statement repeat it: account, reference, amount. Without one (or where the bank's is not unique) account,
    /// statement, the day it was made, and the entry's own number or place.
    pub(super) fn name(&mut self, head: &Head, entry: &Entry, ordinal: u64, unique: bool) -> String {
        let (minor, direction) = (entry.amount.minor, if entry.credit { 'C' } else { 'D' });
        let name = match reference(entry).filter(|_| unique) {
            Some(reference) => {
                let mut name = String::with_capacity(head.account.len() + reference.len() + 24);
                for part in [&head.account, "|", reference, "|"] {
                    name.push_str(part);
                }
                name.push_str(if minor < 0 { "-" } else { "" });
                push_number(minor, 1, &mut name);
                name.push(direction);
                name
            }
            None => {
                let created = head.created.map(|day| day.to_string()).unwrap_or_default();
                let within = within(head, entry, ordinal);
                format!("{}|{}|{created}|{within}|{minor}{direction}", head.account, head.id)
            }
        };
        let mut hash = DefaultHasher::new();
        (&name, entry.valued.or(entry.booked)).hash(&mut hash);
        let hash = hash.finish();
        if self.given.insert(hash) {
            return name;
        }
        let again = self.again.entry(hash).or_insert(0);
        *again += 1;
        format!("{name}~{again}")
    }
}

/// The name of a line of an entry: the first has the entry's own.
pub(super) fn of_line(entry: &str, nth: usize) -> String {
    if nth == 0 { entry.to_owned() } else { format!("{entry}+{nth}") }
}

/// The bank's reference of a booking: the entry's, or that of its only detail.
fn reference(entry: &Entry) -> Option<&str> {
    let lone = match entry.details.as_slice() {
        [only] => only.servicer_reference.as_deref(),
        _ => None,
    };
    let said = [entry.servicer_reference.as_deref(), lone];
    said.into_iter().flatten().find(|text| is_key(text) && text.chars().any(|c| c.is_alphanumeric() && c != '0'))
}

/// What tells an entry from others of its statement.
fn within(head: &Head, entry: &Entry, ordinal: u64) -> String {
    let own = entry.servicer_reference.as_deref().filter(|text| is_key(text));
    match (own, entry.reference.as_deref().filter(|text| is_key(text))) {
        (Some(own), Some(number)) if own != number => format!("{own}/{number}"),
        (Some(one), _) | (None, Some(one)) => one.to_owned(),
        // Places are counted anew on each page.
        (None, None) => head.page.map_or(format!("#{ordinal}"), |(page, _)| format!("#{page}.{ordinal}")),
    }
}
