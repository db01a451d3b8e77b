//! What a statement's entries come to, beside what it says of itself: balances and declared totals.

use std::collections::BTreeMap;
use std::io::Read;

use super::cursor::Cursor;
use super::entry::{EXACT, Entry};
use super::money::{Currency, Decimal, Money, decimal};
use super::node::Node;
use crate::formats::records::FileError;

/// Entries counted, all statuses; money by currency, minor units.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    pub entries: u64,
    pub credits: u64,
    pub debits: u64,
    pub details: u64,
    pub booked: u64,
    credit: BTreeMap<Currency, i64>,
    debit: BTreeMap<Currency, i64>,
    /// Booked only, signed.
    moved: BTreeMap<Currency, i64>,
}

/// Whether opening, entries and closing fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Balances {
    /// Opening + sum = closing.
    Close,
    /// They do not.
    DoNotClose,
    /// The statement does not state both.
    NotStated,
}

impl Balances {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Balances::Close => "close",
            Balances::DoNotClose => "do not close",
            Balances::NotStated => "not stated",
        }
    }
}

/// Paths of the declared totals, and what they are called.
pub(super) const DECLARED: [(&str, &str); 6] = [
    ("TxsSummry/TtlNtries/NbOfNtries", "declared entries"),
    ("TxsSummry/TtlNtries/Sum", "declared sum"),
    ("TxsSummry/TtlCdtNtries/NbOfNtries", "declared credits"),
    ("TxsSummry/TtlCdtNtries/Sum", "declared credit sum"),
    ("TxsSummry/TtlDbtNtries/NbOfNtries", "declared debits"),
    ("TxsSummry/TtlDbtNtries/Sum", "declared debit sum"),
];

impl Summary {
    /// Counts an entry.
    pub(super) fn entry(&mut self, entry: &Entry) {
        self.entries += 1;
        self.details += entry.detail_count;
        let currency = entry.amount.currency;
        let (count, sums) =
            if entry.credit { (&mut self.credits, &mut self.credit) } else { (&mut self.debits, &mut self.debit) };
        *count += 1;
        add(sums, currency, entry.amount.minor);
        if entry.is_booked() {
            self.booked += 1;
            add(&mut self.moved, currency, entry.signed());
        }
    }

    /// What came in, by currency: `1810.56 CHF`.
    pub(super) fn credit(&self) -> String {
        shown(&self.credit)
    }

    /// What went out.
    pub(super) fn debit(&self) -> String {
        shown(&self.debit)
    }

    /// Compares with what the statement says of itself; what does not fit is told.
    pub(super) fn close<R: Read>(&self, node: &Node, cursor: &mut Cursor<R>) -> Result<(), FileError> {
        if self.balances(node, cursor)? == Balances::DoNotClose {
            let said = "the opening balance and the booked entries do not make the closing balance";
            cursor.warn(node.place, "Bal", said);
        }
        let both = sum(&self.credit).zip(sum(&self.debit));
        let sums = [both.and_then(|(a, b)| a.plus(b)), sum(&self.credit), sum(&self.debit)];
        let counts = [self.entries, self.credits, self.debits];
        for (at, (path, what)) in DECLARED.iter().enumerate() {
            let Some(text) = node.text_at(path) else { continue };
            let fits = match at % 2 {
                0 => text.parse() == Ok(counts[at / 2]),
                // Some banks put a sign before the sum of the debits.
                _ => Decimal::parse(text.trim_start_matches('-')).ok() == sums[at / 2],
            };
            if !fits {
                let found = if at % 2 == 0 { counts[at / 2].to_string() } else { show(sums[at / 2]) };
                cursor.warn(node.place, "TxsSummry", format!("{what} {text}, found {found}"));
            }
        }
        Ok(())
    }

    /// Opening + sum = closing, in the balances' currency; entries in others do not count.
    pub(super) fn balances<R: Read>(&self, node: &Node, cursor: &Cursor<R>) -> Result<Balances, FileError> {
        let mut opening = None;
        let mut closing = None;
        for balance in node.all("Bal") {
            let kind = balance.first_text(&["Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "Tp/Cd"]);
            let Some(amount) =
                balance.money_at("Amt").transpose().map_err(|(p, why)| cursor.wrong(p, "Bal/Amt", why, EXACT))?
            else {
                continue;
            };
            let minus = balance.text_at("CdtDbtInd") == Some("DBIT");
            let signed = Money { minor: if minus { -amount.minor } else { amount.minor }, ..amount };
            match kind {
                Some("OPBD") => opening = Some(signed),
                Some("PRCD") if opening.is_none() => opening = Some(signed),
                Some("CLBD") => closing = Some(signed),
                _ => {}
            }
        }
        let Some((opening, closing)) = opening.zip(closing) else { return Ok(Balances::NotStated) };
        let moved = self.moved.get(&opening.currency).copied().unwrap_or(0);
        let fits = opening.currency == closing.currency && opening.minor.saturating_add(moved) == closing.minor;
        Ok(if fits { Balances::Close } else { Balances::DoNotClose })
    }
}

fn add(sums: &mut BTreeMap<Currency, i64>, currency: Currency, more: i64) {
    let sum = sums.entry(currency).or_insert(0);
    *sum = sum.saturating_add(more);
}

fn shown(sums: &BTreeMap<Currency, i64>) -> String {
    let all: Vec<String> =
        sums.iter().map(|(currency, minor)| Money { minor: *minor, currency: *currency }.to_string()).collect();
    if all.is_empty() { "0".to_owned() } else { all.join(", ") }
}

/// The plain sum over currencies, as banks declare it.
fn sum(sums: &BTreeMap<Currency, i64>) -> Option<Decimal> {
    sums.iter().try_fold(Decimal::default(), |sum, (currency, minor)| {
        sum.plus(Decimal::parse(&decimal(*minor, currency.exponent())).ok()?)
    })
}

fn show(sum: Option<Decimal>) -> String {
    sum.map_or("a sum out of range".to_owned(), |sum| sum.to_string())
}
