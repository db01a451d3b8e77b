//! The text of each field of a file we write: constants, facts of the file, totals, and what a debit says.

use super::fault::Problem;
use super::format::Field;
use super::meaning::Meaning as M;
use super::records::{DebitRow, FileFacts, Totals};
use super::template::Clock;
use super::words::{Pad, Unit};
use crate::model::money::Fen;

/// The text of a field that no row changes.
pub(super) fn same_in_all_rows(field: &Field, facts: &FileFacts) -> Result<Option<String>, Problem> {
    match field.means {
        None => constant(field, facts).map(Some),
        Some(means) => Ok(of_file(means, field, facts)),
    }
}

fn constant(field: &Field, facts: &FileFacts) -> Result<String, Problem> {
    if let Some(value) = &field.value {
        return Ok(value.clone());
    }
    if let Some(template) = &field.template {
        return template.write(facts).map_err(|(part, problem)| {
            Problem::new(format!("{part}: {problem}"), "the format puts it together; set it in the bank's parameters")
        });
    }
    let given = field.param.as_ref().and_then(|name| facts.params.get(name));
    match (given.or(field.default.as_ref()), &field.param) {
        (Some(text), _) => Ok(text.clone()),
        (None, None) => Ok(String::new()),
        (None, Some(param)) => Err(Problem::new(
            format!("the bank's parameter `{param}` is not set"),
            "the format takes it from the bank's parameters; ask the bank and set it",
        )),
    }
}

fn of_file(means: M, field: &Field, facts: &FileFacts) -> Option<String> {
    let clock = match means {
        M::FileDate => Clock::FileDate,
        M::BusinessDate => Clock::BusinessDate,
        M::MadeAt => Clock::MadeAt,
        M::SentAt => Clock::SentAt,
        M::Seq => return Some(facts.seq.to_string()),
        _ => return None,
    };
    let mut text = String::new();
    field.pattern.as_ref()?.write(clock.of_file(facts), &mut text);
    Some(text)
}

pub(super) fn edge_text(unit: Unit, field: &Field, facts: &FileFacts, totals: Totals) -> Result<String, Problem> {
    match field.means {
        None => constant(field, facts),
        Some(M::Count) => Ok(totals.count.to_string()),
        Some(M::Sum) => {
            let mut text = String::new();
            push_amount(unit, totals.sum, &mut text)?;
            Ok(text)
        }
        Some(means) => Ok(of_file(means, field, facts).unwrap_or_default()),
    }
}

/// The text of a field for one debit.
pub(super) fn row_text<'a>(
    unit: Unit,
    field: &Field,
    row: &'a DebitRow,
    scratch: &'a mut String,
) -> Result<&'a str, Problem> {
    match field.means {
        Some(M::Line) => push_number(i64::from(row.line), 1, scratch),
        Some(M::DebitNo) => push_number(row.debit_no.0, 1, scratch),
        Some(M::Account) => push_number(row.account.0, 12, scratch),
        Some(M::Amount) => push_amount(unit, row.amount, scratch)?,
        Some(M::BankRef) => {
            if field.pad == Some(Pad::ZeroLeft) && row.bank_ref.starts_with('0') {
                let rule = "the field is padded with zeros, which would not be told from the key's own";
                return Err(Problem::new(format!("`{}` starts with a zero", row.bank_ref), rule));
            }
            return Ok(&row.bank_ref);
        }
        Some(M::SignedOn) => {
            let at = row.signed_on.and_time(chrono::NaiveTime::MIN);
            if let Some(pattern) = &field.pattern {
                pattern.write(at, scratch);
            }
        }
        Some(M::IdType) => {
            let word = field.words.iter().find(|(id_type, _)| *id_type == row.id_type);
            scratch.push_str(word.map_or("", |(_, word)| word));
        }
        Some(M::PayerName) => return Ok(&row.payer_name),
        Some(M::Card) => return Ok(row.card.reveal()),
        Some(M::IdNumber) => return Ok(&row.id_number),
        Some(M::Mobile) => return Ok(&row.mobile),
        Some(M::Agreement) => return Ok(&row.agreement),
        _ => {}
    }
    Ok(scratch)
}

/// Digits, with zeros before them up to the width.
pub(crate) fn push_number(number: i64, width: usize, out: &mut String) {
    let mut digits = [b'0'; 20];
    let mut rest = number.unsigned_abs();
    let mut at = digits.len();
    while rest > 0 || digits.len() - at < width {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    // Digits are text, so this cannot fail.
    out.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
}

/// An amount in a bank's file is above zero or a total; a sign would be another bank's language.
fn push_amount(unit: Unit, amount: Fen, out: &mut String) -> Result<(), Problem> {
    if amount < Fen::ZERO {
        return Err(Problem::new(format!("`{amount}` is below zero"), "a debit takes money, it never gives any"));
    }
    match unit {
        Unit::Fen => push_number(amount.0, 1, out),
        Unit::Yuan => {
            push_number(amount.0 / 100, 1, out);
            out.push('.');
            push_number(amount.0 % 100, 2, out);
        }
    }
    Ok(())
}
