//! What the transactions mean that a level does not list (其余明细): `NbOfTxsPerSts` less those that are listed.

use super::money::{Currency, Decimal};
use super::pain002::Level;
use super::status::{Means, PART, Statuses};
use crate::formats::records::Totals;
use crate::model::money::Fen;

/// Statuses one level may name; more are not counted.
const STATUSES: usize = 64;

/// Counts by status.
#[derive(Clone, Debug, Default)]
pub(super) struct Rest {
    /// Status, how many, and their sum where it is said.
    counts: Vec<(String, u64, Option<Decimal>)>,
}

impl Rest {
    /// One more transaction of this status is listed.
    pub(super) fn listed(&mut self, status: &str) {
        self.count(status, 1, None);
    }

    /// What a level states about all its transactions.
    pub(super) fn add(&mut self, level: &Level) {
        for (status, count, sum) in &level.per_status {
            self.count(status, *count, sum.as_deref().and_then(|sum| Decimal::parse(sum).ok()));
        }
    }

    fn count(&mut self, status: &str, more: u64, sum: Option<Decimal>) {
        if let Some((_, count, known)) = self.counts.iter_mut().find(|(known, ..)| known == status) {
            *count = count.saturating_add(more);
            *known = known.zip(sum).and_then(|(a, b)| a.plus(b));
        } else if self.counts.len() < STATUSES {
            self.counts.push((status.to_owned(), more, sum));
        }
    }

    /// The one status that those have which are not listed, and how many they are; nothing, where the level does not
    /// count them, or they have several.
    pub(super) fn remaining(&self, level: &Level) -> (Option<String>, Option<u64>) {
        let mut left = level.per_status.iter().filter_map(|(status, count, _)| {
            let listed = self.counts.iter().find(|(known, ..)| known == status).map_or(0, |(_, count, _)| *count);
            count.checked_sub(listed).filter(|left| *left > 0).map(|left| (status.clone(), left))
        });
        match (left.next(), left.next()) {
            (Some((status, count)), None) if status != PART => (Some(status), Some(count)),
            _ => (None, None),
        }
    }

    /// Count and sum of those that are paid, where both are said.
    pub(super) fn paid(&self, statuses: &Statuses) -> Option<Totals> {
        let paid = self.counts.iter().filter(|(status, ..)| statuses.means(status) == Some(Means::Paid));
        let hundredths = Currency::parse("CNY")?;
        let mut totals = Totals::default();
        let mut stated = false;
        for (_, count, sum) in paid {
            stated = true;
            let sum = (*sum)?.minor(hundredths).ok()?;
            totals = Totals { count: totals.count + count, sum: totals.sum.plus(Fen(sum)).ok()? };
        }
        stated.then_some(totals)
    }
}

impl Level {
    /// The status that holds for every transaction below, if it is one.
    pub(super) fn certain(&self) -> Option<&str> {
        self.status.as_deref().filter(|status| *status != PART && !status.is_empty())
    }
}
