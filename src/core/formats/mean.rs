//! *Mean*: the text of one cell → a value. Grammars are strict; what is wrong is said with the value masked.

use chrono::NaiveDate;

use super::fault::{Problem, show};
use super::format::Field;
use super::meaning::{Meaning, Sort};
use super::pattern::{Found, nearest};
use super::records::Params;
use super::words::Unit;
use crate::model::ids::{AccountNo, DebitNo};
use crate::model::money::Fen;

/// Reads an amount.
#[inline]
pub(super) fn amount(unit: Unit, field: &Field, text: &str) -> Result<Fen, Problem> {
    let amount = match unit {
        Unit::Fen => Fen::parse_fen(text),
        Unit::Yuan => Fen::parse_yuan(text),
    };
    let amount = amount.map_err(|_| {
        let rule = match unit {
            Unit::Fen => "an amount is whole fen, digits only, e.g. 5000",
            Unit::Yuan => "an amount is yuan with at most two decimals and nothing else, e.g. 50.00",
        };
        Problem::new(format!("{} is no amount", show(field.secret, text)), rule)
    })?;
    if amount < Fen::ZERO {
        return Err(Problem::new(format!("`{amount}` is below zero"), "banks state amounts without a sign"));
    }
    Ok(amount)
}

/// Reads a count.
pub(super) fn number(field: &Field, text: &str) -> Result<i64, Problem> {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    text.parse()
        .ok()
        .filter(|_| digits)
        .ok_or_else(|| Problem::new(format!("{} is no number", show(field.secret, text)), "digits only, at most 18"))
}

/// Reads a date; one without a year is taken nearest to `near`.
pub(super) fn date(field: &Field, text: &str, near: Option<NaiveDate>) -> Result<Option<NaiveDate>, Problem> {
    let Some(pattern) = &field.pattern else { return Ok(None) };
    match pattern.read(text) {
        None => Err(Problem::new(
            format!("{} is no such date", show(field.secret, text)),
            format!("the format writes it as {}", pattern.source()),
        )),
        Some(Found::Date(date)) => Ok(Some(date)),
        Some(Found::Other) => Ok(None),
        Some(Found::MonthDay(month, day)) => match near {
            Some(near) => Ok(nearest(month, day, near)),
            None => Err(Problem::new(
                format!("`{text}` has no year, and the file does not say its date"),
                "the year follows from the date in the file's name or head; give the file its right name",
            )),
        },
    }
}

/// Our number, or `None` if the bank echoes something else.
#[inline]
pub(super) fn debit_no(text: &str) -> Option<DebitNo> {
    text.parse().ok()
}

/// Our short key as it was handed to the writer: zeros the format padded with are taken off.
pub(super) fn bank_ref<'a>(field: &Field, text: &'a str) -> &'a str {
    if field.pad != Some(super::words::Pad::ZeroLeft) {
        return text;
    }
    let digits = text.trim_start_matches('0');
    if digits.is_empty() { &text[text.len().saturating_sub(1)..] } else { digits }
}

/// A meter account, or `None` if the bank echoes something else. Leading zeros may have been lost on the way.
pub(super) fn account(text: &str) -> Option<AccountNo> {
    let digits = (1..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    AccountNo::new(text.parse().ok().filter(|_| digits)?).ok()
}

/// Checks a cell against its field without keeping its value.
pub(super) fn check(unit: Unit, field: &Field, text: &str, params: &Params) -> Result<(), Problem> {
    if text.is_empty() {
        if field.required || field.value.as_deref().is_some_and(|value| !value.is_empty()) {
            return Err(Problem::new("it is empty", "the format requires this field"));
        }
        return Ok(());
    }
    let wanted = field.value.as_deref().or_else(|| params.get(field.param.as_deref()?).map(String::as_str));
    if let Some(wanted) = wanted
        && wanted != text
        && !zeros_apart(field, wanted, text)
    {
        let problem = format!("{} stands where {} should", show(field.secret, text), show(field.secret, wanted));
        return Err(Problem::new(problem, "a constant of the format or a parameter of the bank; is it our file?"));
    }
    let Some(means) = field.read_as() else {
        // A column without a meaning may still have the shape of a date.
        let near = NaiveDate::from_ymd_opt(2000, 1, 1);
        return date(field, text, near).map(|_| ());
    };
    match means.sort() {
        Sort::Text => Ok(()),
        Sort::Digits if means == Meaning::DebitNo => Ok(()),
        Sort::Digits => number(field, text).map(|_| ()),
        Sort::Amount => amount(unit, field, text).map(|_| ()),
        Sort::Date => date(field, text, NaiveDate::from_ymd_opt(2000, 1, 1)).map(|_| ()),
    }
}

fn zeros_apart(field: &Field, wanted: &str, text: &str) -> bool {
    field.pad == Some(super::words::Pad::ZeroLeft) && wanted.trim_start_matches('0') == text.trim_start_matches('0')
}
