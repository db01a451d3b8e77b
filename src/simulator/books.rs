//! What a test asks the bank about its books: sums, single debits, and what must never have happened.

use std::collections::HashMap;

use super::bank::Bank;
use super::truth::{Debit, Entry, RequestFile};

/// The bank's books in a few figures, fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Totals {
    /// Debits asked.
    pub debits: usize,
    /// Debits with money taken.
    pub taken_count: usize,
    /// Taken from cards.
    pub taken: i64,
    /// Given back to cards (冲正, 退票).
    pub given_back: i64,
    /// Paid over to us for debits, before fees.
    pub settled: i64,
    /// Taken back from us.
    pub taken_back: i64,
    /// Fees.
    pub fees: i64,
    /// Strangers' transfers to us.
    pub strangers: i64,
}

impl Bank {
    /// Every debit the bank ever took, in order of arrival.
    pub fn debits(&self) -> &[Debit] {
        &self.truth.debits
    }

    /// Every file the bank ever took.
    pub fn files(&self) -> &[RequestFile] {
        &self.truth.files
    }

    /// Every entry of our account.
    pub fn entries(&self) -> &[Entry] {
        &self.truth.entries
    }

    /// The sums of the books.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals { debits: self.truth.debits.len(), ..Totals::default() };
        for debit in &self.truth.debits {
            totals.taken_count += usize::from(debit.taken > 0);
            totals.taken += debit.taken;
            totals.given_back += debit.taken - debit.kept();
            totals.settled += debit.settled;
            totals.taken_back += if debit.taken_back_on.is_some() { debit.taken } else { 0 };
            totals.fees += debit.fee;
        }
        totals.strangers =
            self.truth.entries.iter().filter(|entry| entry.text == "转账存入").map(|entry| entry.income).sum();
        totals
    }

    /// Taken from cards and not given back, fen.
    pub fn taken(&self) -> i64 {
        self.truth.debits.iter().map(Debit::kept).sum()
    }

    /// Paid over to us for debits and not taken back, before fees, fen.
    pub fn settled(&self) -> i64 {
        let totals = self.totals();
        totals.settled - totals.taken_back
    }

    /// Debits by key as sent or by 参考号: more than one if it came again.
    pub fn by_key(&self, key: &str) -> Vec<&Debit> {
        self.truth.debits.iter().filter(|debit| debit.key == key || debit.reference == key).collect()
    }

    /// Debits that took money under a key which had taken money before: what must never happen.
    pub fn double_debits(&self) -> Vec<&Debit> {
        let mut first: HashMap<String, usize> = HashMap::new();
        let taken = self.truth.debits.iter().filter(|debit| debit.taken > 0);
        taken.filter(|debit| *first.entry(debit.identity()).or_insert(debit.number) != debit.number).collect()
    }

    /// Debits whose key came before, whether money moved or not: what must never happen either.
    pub fn resent_keys(&self) -> Vec<&Debit> {
        self.truth.debits.iter().filter(|debit| debit.again).collect()
    }

    /// What the bank could not read, as `file: why`.
    pub fn complaints(&self) -> Vec<String> {
        let files = self.truth.files.iter();
        files.filter_map(|file| file.problem.as_ref().map(|why| format!("{}: {why}", file.name))).collect()
    }
}
