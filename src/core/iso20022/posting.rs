//! An entry → lines of money (入账行): its details where they are exactly the entry, else the entry as one line.

use chrono::NaiveDate;

use super::camt::Head;
use super::detail::{BankCode, Detail};
use super::entry::{Batch, Entry};
use super::settings::{Key, Settings};
use crate::formats::records::{MoneyKind, StatementRow};
use crate::model::money::Fen;

/// One line before it has its number and serial.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub kind: MoneyKind,
    /// In positive, out negative.
    pub amount: i64,
    pub fee: i64,
    pub reference: String,
    pub text: String,
}

/// What an entry comes to.
#[derive(Debug)]
pub(super) struct Posted {
    pub lines: Vec<Line>,
    /// Why the details were left alone, for people.
    pub odd: Option<String>,
}

/// Whether an entry or one of its details is a collection that came back: a reason, or an indicator, or the bank's
/// code. No single sign is reliable.
pub(super) fn is_return(entry: &Entry, detail: Option<&Detail>) -> bool {
    let reason = detail.is_some_and(|detail| detail.reason.is_some());
    let code = |code: &BankCode| code.is_return();
    let marked = entry.reversal == Some(true) && !entry.credit;
    reason || marked || code(&entry.code) || detail.is_some_and(|detail| code(&detail.code))
}

/// Turns an entry into lines whose sum is exactly what moved.
pub(super) fn post(entry: &Entry, settings: &Settings) -> Posted {
    let turned = settings.reversal_flips && entry.reversal == Some(true);
    let moved = if turned { -entry.signed() } else { entry.signed() };
    if moved < 0 && entry.code.is_fee() {
        return Posted { lines: vec![one(entry, MoneyKind::Fee, moved, "")], odd: None };
    }
    if entry.detail_count > entry.details.len() as u64 {
        let odd = Some(format!("it has {} details", entry.detail_count));
        return Posted { lines: vec![whole(entry, moved)], odd };
    }
    if entry.details.is_empty() {
        return Posted { lines: batches(entry, moved).unwrap_or_else(|| vec![whole(entry, moved)]), odd: None };
    }
    match allocate(entry, moved, turned, settings.key) {
        Ok(lines) => Posted { lines, odd: None },
        Err(odd) => Posted { lines: vec![whole(entry, moved)], odd: Some(odd) },
    }
}

/// The details as lines, if together they are the entry; the fee kept back from all of them is a line of its own.
fn allocate(entry: &Entry, moved: i64, turned: bool, key: Key) -> Result<Vec<Line>, String> {
    let single = entry.details.len() == 1;
    let mut lines = Vec::new();
    let mut sum = 0_i64;
    for detail in &entry.details {
        let amount = match &detail.amount {
            Some(amount) if amount.currency == entry.amount.currency => amount.minor,
            Some(amount) if !single => return Err(format!("a detail is in {}", amount.currency)),
            None if !single => return Err("a detail has no amount".to_owned()),
            // What a lone detail leaves out, or says in another currency, the entry says.
            _ => entry.amount.minor,
        };
        let credit = detail.credit.unwrap_or(entry.credit) != turned;
        let signed = if credit { amount } else { -amount };
        sum = sum.saturating_add(signed);
        line(entry, detail, (signed, key), &mut lines);
    }
    let missing = moved.saturating_sub(sum);
    if missing == 0 {
        return Ok(lines);
    }
    if entry.charges != 0 && missing == -entry.charges {
        lines.push(one(entry, MoneyKind::Fee, missing, ""));
        return Ok(lines);
    }
    Err(format!("its details make {sum}, it moves {moved} (in minor units)"))
}

/// One detail: a return is split into what was collected once, and the bank's fee for it.
fn line(entry: &Entry, detail: &Detail, (signed, key): (i64, Key), lines: &mut Vec<Line>) {
    let returned = is_return(entry, Some(detail));
    let reference = match (detail.key(), &detail.batch, key) {
        // A short key is unique within its file only.
        (Some(own), Some(batch), Key::BankRef) => format!("{batch}#{own}"),
        (own, batch, _) => own.or(batch.as_deref()).unwrap_or_default().to_owned(),
    };
    let kind = match (returned, detail.key()) {
        (true, _) => MoneyKind::Reversal,
        (false, Some(_)) => MoneyKind::Single,
        // A detail that names a batch of ours and no debit of it stands for the batch.
        (false, None) if detail.batch.is_some() => MoneyKind::Lump,
        (false, None) => MoneyKind::Other,
    };
    let mut plain = Line { kind, amount: signed, fee: 0, reference, text: words(entry, Some(detail)) };
    let fee = if returned && signed < 0 { return_fee(entry, detail, -signed) } else { 0 };
    if fee > 0 {
        plain.amount += fee;
        let charged = Line { kind: MoneyKind::Fee, amount: -fee, ..plain.clone() };
        lines.push(plain);
        lines.push(charged);
        return;
    }
    lines.push(plain);
}

/// What of a returned amount is the bank's fee: the amount less what was instructed once, or the charges stated.
fn return_fee(entry: &Entry, detail: &Detail, amount: i64) -> i64 {
    let once = detail.instructed.as_ref().filter(|once| once.currency == entry.amount.currency);
    let by_amounts = once.map(|once| amount - once.minor).filter(|fee| *fee > 0);
    let lone = if entry.details.len() == 1 { entry.charges } else { 0 };
    let stated = if detail.charges != 0 { detail.charges } else { lone };
    by_amounts.unwrap_or(stated).clamp(0, amount)
}

/// Batches of ours by their ids: one line each where their totals are said and are the entry; one for the only one.
fn batches(entry: &Entry, moved: i64) -> Option<Vec<Line>> {
    let named: Vec<_> = entry.batches.iter().filter_map(|batch| Some((batch.id.as_deref()?, batch))).collect();
    if let [(id, _)] = named.as_slice() {
        let kind = if is_return(entry, None) { MoneyKind::Reversal } else { MoneyKind::Lump };
        let mut line = one(entry, kind, moved, id);
        line.fee = kept_back(entry, moved, named[0].1);
        return Some(vec![line]);
    }
    if named.is_empty() || named.len() != entry.batches.len() {
        return None;
    }
    let mut lines = Vec::new();
    for (id, batch) in named {
        let total = batch.total.as_ref().filter(|total| total.currency == entry.amount.currency)?;
        let amount = if moved < 0 { -total.minor } else { total.minor };
        lines.push(one(entry, MoneyKind::Lump, amount, id));
    }
    (lines.iter().map(|line| line.amount).sum::<i64>() == moved).then_some(lines)
}

/// What the bank kept back from a batch, where its total and the charges say so.
fn kept_back(entry: &Entry, moved: i64, batch: &Batch) -> i64 {
    let total = batch.total.as_ref().filter(|total| total.currency == entry.amount.currency);
    let gross = total.map(|total| total.minor);
    if moved > 0 && entry.charges > 0 && gross == moved.checked_add(entry.charges) { entry.charges } else { 0 }
}

/// The entry as one line: a batch's where it names one, else what its signs say.
fn whole(entry: &Entry, moved: i64) -> Line {
    let lone = match entry.details.as_slice() {
        [only] => Some(only),
        _ => None,
    };
    let batch = match entry.batches.as_slice() {
        [only] => only.id.as_deref(),
        _ => None,
    };
    let kind = match batch {
        _ if is_return(entry, lone) => MoneyKind::Reversal,
        Some(_) => MoneyKind::Lump,
        None => MoneyKind::Other,
    };
    one(entry, kind, moved, batch.unwrap_or_default())
}

fn one(entry: &Entry, kind: MoneyKind, amount: i64, reference: &str) -> Line {
    Line { kind, amount, fee: 0, reference: reference.to_owned(), text: words(entry, None) }
}

/// The bank's words: reason, text, else its code.
fn words(entry: &Entry, detail: Option<&Detail>) -> String {
    let reason = detail.and_then(|detail| detail.reason.as_ref());
    let reason = reason.map(|reason| format!("{} {}", reason.code, reason.text).trim().to_owned());
    let said = detail.map(|detail| &detail.text).filter(|text| !text.is_empty());
    let info = said.unwrap_or(&entry.info);
    match (reason.as_deref().unwrap_or_default(), info.as_str()) {
        ("", "") => entry.code.words().to_owned(),
        (only, "") | ("", only) => only.to_owned(),
        (reason, info) => format!("{reason} {info}"),
    }
}

/// The days of an entry: value and booking, each for the other where it is missing, else the statement's.
pub(super) fn days(entry: &Entry, head: &Head) -> Option<(NaiveDate, NaiveDate)> {
    let value = entry.valued.or(entry.booked).or(head.created)?;
    Some((value, entry.booked.unwrap_or(value)))
}

/// A line as the jobs take it.
pub(super) fn row(
    line: Line,
    number: u64,
    (value_date, bank_date): (NaiveDate, NaiveDate),
    serial: String,
) -> StatementRow {
    StatementRow {
        line: u32::try_from(number).unwrap_or(u32::MAX),
        kind: line.kind,
        value_date,
        bank_date,
        amount: Fen(line.amount),
        fee: Fen(line.fee),
        reference: line.reference,
        serial,
        text: line.text,
    }
}
