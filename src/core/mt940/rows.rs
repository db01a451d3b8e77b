//! Entries → the rows the books know, by the bank's table of kinds.

use super::{Entry, Mark, Options};
use crate::formats::records::{MoneyKind, StatementRow};
use crate::model::money::Fen;

/// An entry as a line of money. The mark `RC` is a reversal whatever the table says, but a fee stays one.
pub fn row(options: &Options, entry: &Entry) -> StatementRow {
    let kind = match (entry.mark, options.kind(entry)) {
        (Mark::CreditReversed, kind) if kind != MoneyKind::Fee => MoneyKind::Reversal,
        (_, kind) => kind,
    };
    let said = [&entry.narrative.words, &entry.supplementary, &entry.code];
    let text = said.into_iter().find(|text| !text.is_empty());
    StatementRow {
        line: u32::try_from(entry.line).unwrap_or(u32::MAX),
        kind,
        value_date: entry.value_date,
        bank_date: entry.booked_on.unwrap_or(entry.value_date),
        amount: entry.amount,
        fee: Fen::ZERO,
        reference: options.reference(entry).to_owned(),
        serial: entry.serial.clone(),
        text: text.cloned().unwrap_or_default(),
    }
}
