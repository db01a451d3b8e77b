//! What a statement's entries come to, beside what it says of itself: balances and declared totals.

use std::collections::BTreeMap;
use std::io::Read;

use super::camt::Head;
use super::cursor::Cursor;
use super::entry::{EXACT, Entry};
use super::money::{Currency, Decimal, Money, decimal};
use super::names::Name::{self, *};
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
    /// What the statement's first page opened with.
    opening: BTreeMap<Currency, i64>,
    /// The statement comes in pages, and this is not the first.
    pages: bool,
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
pub(super) const DECLARED: [(&[Name], &str); 6] = [
    (&[TxsSummry, TtlNtries, NbOfNtries], "declared entries"),
    (&[TxsSummry, TtlNtries, Sum], "declared sum"),
    (&[TxsSummry, TtlCdtNtries, NbOfNtries], "declared credits"),
    (&[TxsSummry, TtlCdtNtries, Sum], "declared credit sum"),
    (&[TxsSummry, TtlDbtNtries, NbOfNtries], "declared debits"),
    (&[TxsSummry, TtlDbtNtries, Sum], "declared debit sum"),
];

impl Summary {
    /// Of a statement, from the page that begins so.
    pub(super) fn beginning(head: &Head) -> Summary {
        Summary { pages: head.page.is_some_and(|(page, _)| page > 1), ..Summary::default() }
    }

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

    /// Compares with what the statement says of itself; what does not fit is told. Of a statement in pages the totals
    /// are not compared: some banks state those of the page, some those of the whole.
    pub(super) fn close<R: Read>(
        &mut self,
        node: Node<'_>,
        page: Option<(u64, bool)>,
        cursor: &mut Cursor<R>,
    ) -> Result<(), FileError> {
        if self.balances(node, cursor)? == Balances::DoNotClose {
            let said = "the opening balance and the booked entries do not make the closing balance";
            cursor.warn(node.place(), "Bal", said);
        }
        self.opening = self.openings(node, cursor)?;
        if page.is_some_and(|page| page != (1, true)) {
            return Ok(());
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
                cursor.warn(node.place(), "TxsSummry", format!("{what} {text}, found {found}"));
            }
        }
        Ok(())
    }

    /// Opening + sum = closing in each currency that has both; entries in others do not count.
    pub(super) fn balances<R: Read>(&self, node: Node<'_>, cursor: &Cursor<R>) -> Result<Balances, FileError> {
        let (opening, closing) = (self.openings(node, cursor)?, stated(node, "CLBD", cursor)?);
        if opening.is_empty() || closing.is_empty() {
            return Ok(Balances::NotStated);
        }
        let moved = |currency: &Currency| self.moved.get(currency).copied().unwrap_or(0);
        let closes = |(currency, closing): (&Currency, &i64)| {
            opening.get(currency).map(|opening| opening.saturating_add(moved(currency)) == *closing)
        };
        let known: Vec<bool> = closing.iter().filter_map(closes).collect();
        let fits = !known.is_empty() && known.iter().all(|fits| *fits);
        Ok(if fits { Balances::Close } else { Balances::DoNotClose })
    }

    /// The opening balances: the statement's, else the day's before; on a later page those of the first, else what
    /// the page begins with.
    fn openings<R: Read>(&self, node: Node<'_>, cursor: &Cursor<R>) -> Result<BTreeMap<Currency, i64>, FileError> {
        if !self.opening.is_empty() {
            return Ok(self.opening.clone());
        }
        let mut opening = BTreeMap::new();
        for kind in ["ITBD", "PRCD", "OPBD"] {
            // Between two pages a bank may state both what the page begins and what it ends with.
            let paged = kind != "ITBD" || self.pages;
            opening.extend(stated(node, kind, cursor)?.into_iter().filter(|_| paged));
        }
        Ok(opening)
    }
}

/// The balances of a kind that a statement states, signed, by currency.
fn stated<R: Read>(node: Node<'_>, wanted: &str, cursor: &Cursor<R>) -> Result<BTreeMap<Currency, i64>, FileError> {
    let mut found = BTreeMap::new();
    for balance in node.all(Bal) {
        let kind = balance.first_text(&[&[Tp, CdOrPrtry, Cd], &[Tp, CdOrPrtry, Prtry], &[Tp, Cd]]);
        let amount = balance.money_at(&[Amt]).transpose();
        let amount = amount.map_err(|(place, why)| cursor.wrong(place, "Bal/Amt", why, EXACT))?;
        let Some(amount) = amount.filter(|_| kind == Some(wanted)) else { continue };
        let minus = balance.text_at(&[CdtDbtInd]) == Some("DBIT");
        let signed = if minus { -amount.minor } else { amount.minor };
        // Of what a page begins and what it ends with, the first counts.
        match wanted {
            "ITBD" => drop(found.entry(amount.currency).or_insert(signed)),
            _ => drop(found.insert(amount.currency, signed)),
        }
    }
    Ok(found)
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
