//! Agreements exchanged with banks: told by file, answered by file, compared with the bank's own list.
//!
//! | module | does |
//! |---|---|
//! | [`tell`] | step `agreements`: what is new, changed or cancelled goes to the bank, once |
//! | [`compare`] | the bank's own list of all agreements beside ours |
//! | [`confirm`] | step `confirm`: its yes or no comes in; who is silent too long is a break |

pub mod compare;
pub mod confirm;
mod leave;
mod list;
pub mod tell;

use chrono::NaiveDate;
use yichong_core::model::agreement::Operation;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::card::mask;
use yichong_core::model::money::Fen;

use yichong_store::breaks::Break;

/// Who works on breaks about agreements.
const OWNER: &str = "counter";

/// A break about a word to a bank: agreement number × this + number of the word.
const WORDS_MOST: i64 = 10_000;

/// What a break about a word refers to.
const fn reference(number: i64, notice_no: i64) -> i64 {
    number * WORDS_MOST + notice_no
}

/// A break about an agreement: no money, an owner at the counter.
fn about(kind: BreakKind, bank: &str, (account, reference): (i64, i64), on: NaiveDate, detail: String) -> Break<'_> {
    let (opened_on, bank_date) = (on, on);
    Break { account, kind, reference, bank, opened_on, bank_date, amount: Fen::ZERO, owner: OWNER, detail }
}

/// What people call it.
pub(crate) fn zh(operation: Operation) -> &'static str {
    match operation {
        Operation::Sign => "签约",
        Operation::Cancel => "解约",
    }
}

/// The word of a table.
pub(crate) fn operation(word: &str) -> Operation {
    if word == Operation::Cancel.word() { Operation::Cancel } else { Operation::Sign }
}

/// What stands where an account should: longer than one it may be a card in the wrong column.
fn stranger(text: Option<&String>) -> String {
    let text = text.map_or("-", String::as_str);
    if text.chars().count() > 12 { mask(text) } else { text.to_owned() }
}
