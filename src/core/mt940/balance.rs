//! A balance (余额): `:60F:C240901CNY1234,56`. Amounts have a comma, never a float.

use chrono::NaiveDate;

use super::Wrong;
use super::fields::Field;
use crate::model::money::Fen;

/// What an account held at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// The day it is of.
    pub date: NaiveDate,
    /// `CNY`.
    pub currency: String,
    /// Fen; a debit balance is below zero.
    pub amount: Fen,
}

impl Balance {
    /// Reads a field that is one line.
    pub(super) fn of(field: &Field) -> Result<Balance, Wrong> {
        let more = field.lines.iter().skip(1).any(|line| !line.trim().is_empty());
        if more {
            let rule = "a balance is one line; what a bank adds to it stands in :86:";
            return Err(Wrong::new(usize::MAX, "a line without a field follows the balance", rule));
        }
        Balance::parse(field.first().trim_end())
    }

    /// Reads `C240901CNY1234,56`.
    pub(super) fn parse(text: &str) -> Result<Balance, Wrong> {
        let rule = "a balance is C or D, a date YYMMDD, a currency and an amount with a comma: C240901CNY1234,56";
        let mut chars = text.chars();
        let credit = match chars.next() {
            Some('C') => true,
            Some('D') => false,
            _ => return Err(Wrong::new(0, "it begins neither with C nor with D", rule)),
        };
        let date = date(text.get(1..7).unwrap_or_default()).ok_or_else(|| Wrong::new(1, "it has no date", rule))?;
        let currency = text.get(7..10).unwrap_or_default();
        if currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_uppercase()) {
            return Err(Wrong::new(7, "it has no currency", rule));
        }
        let amount = amount(&text[10..]).map_err(|problem| Wrong::new(10, problem, AMOUNT))?;
        let amount = if credit { amount } else { Fen(-amount.0) };
        Ok(Balance { date, currency: currency.to_owned(), amount })
    }
}

/// The rule of every amount.
pub(super) const AMOUNT: &str = "an amount is digits, a comma and at most two decimals: 1234,56 or 1234,";

/// `1234,56`, `1234,5`, `1234,`: at most 15 characters, the comma is never left out.
pub(super) fn amount(text: &str) -> Result<Fen, String> {
    let wrong = || format!("`{}` is no amount", shown(text));
    let (whole, part) = text.split_once(',').ok_or_else(wrong)?;
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if text.len() > 15 || whole.is_empty() || part.len() > 2 || !digits(whole) || !digits(part) {
        return Err(wrong());
    }
    Fen::parse_fen(&format!("{whole}{part:0<2}")).map_err(|error| error.to_string())
}

/// `YYMMDD` of this century.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    if text.len() != 6 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = |at: usize| text.get(at..at + 2).and_then(|two| two.parse::<u32>().ok());
    NaiveDate::from_ymd_opt(2000 + i32::try_from(number(0)?).ok()?, number(2)?, number(4)?)
}

/// A value as messages show it: short, and without what could be a card or an account.
pub(super) fn shown(text: &str) -> String {
    let short: String = text.chars().take(24).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    let digits = short.bytes().filter(u8::is_ascii_digit).count();
    let veiled = if digits >= 13 { crate::model::card::mask(&short) } else { short };
    format!("{}{more}", veiled.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_balance_has_a_sign_a_day_a_currency_and_fen() {
        let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        let read = |text| Balance::parse(text).map(|b| (b.date, b.currency, b.amount));
        assert_eq!(read("C240229CNY1234,56"), Ok((day, "CNY".to_owned(), Fen(123_456))));
        assert_eq!(read("D240229CNY0,5"), Ok((day, "CNY".to_owned(), Fen(-50))));
        assert_eq!(read("C240229CNY7,").map(|b| b.2), Ok(Fen(700)));
        for (text, at, problem) in [
            ("240229CNY1,", 0, "it begins neither with C nor with D"),
            ("C230229CNY1,", 1, "it has no date"),
            ("C240229cny1,", 7, "it has no currency"),
            ("C240229CNY", 10, "`` is no amount"),
            ("C240229CNY1.50", 10, "`1.50` is no amount"),
            ("C240229CNY1,505", 10, "`1,505` is no amount"),
            ("C240229CNY-1,5", 10, "`-1,5` is no amount"),
            ("C余240229", 1, "it has no date"),
        ] {
            let wrong = Balance::parse(text).unwrap_err();
            assert_eq!((wrong.at, wrong.problem.as_str()), (at, problem), "{text}");
        }
    }
}
