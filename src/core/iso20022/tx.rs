//! One debit → one transaction. Everything is checked before anything is written; what does not fit is refused with the
//! row, never cut.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::charset::is_id;
use super::dates::push_day;
use super::form::{Form, Gap};
use super::money::push_decimal;
use super::party::{account, account_is, is_account, name};
use super::settings::{Key, Profile, Settings};
use super::writer::wrong;
use super::written::Amendments;
use crate::charset::Charset;
use crate::formats::push_number;
use crate::formats::records::{DebitRow, FileError};
use crate::model::card::{CardNo, mask, mask_name};
use crate::xml::{Pen, Unwritable, escape};

/// The most a euro debit may be, in cents.
const EURO_MOST: i64 = 99_999_999_999;

/// Appends a transaction.
pub(super) fn write(
    settings: &Settings,
    form: &Form,
    message: &str,
    row: &DebitRow,
    out: &mut Vec<u8>,
) -> Result<(), FileError> {
    let line = u64::from(row.line);
    let refuse = |field: &str, problem: String, rule: &str| Err(wrong(line, field, problem, rule));
    let key = match settings.key {
        Key::DebitNo => {
            let mut digits = String::with_capacity(24);
            push_number(row.debit_no.0, 1, &mut digits);
            Cow::Owned(digits)
        }
        Key::BankRef => Cow::Borrowed(row.bank_ref.as_str()),
    };
    if !is_id(&key) {
        return refuse("EndToEndId", format!("`{key}` is no id"), "it has 1 to 35 plain characters");
    }
    if row.amount.0 <= 0 || (settings.profile == Profile::Sepa && row.amount.0 > EURO_MOST) {
        return refuse(
            "InstdAmt",
            format!("`{}` cannot be collected", row.amount),
            "a debit takes 0.01 to 999999999.99",
        );
    }
    let card = row.card.reveal();
    if !is_account(settings.profile, card) {
        return refuse("DbtrAcct", format!("`{}` does not fit", mask(card)), account_is(settings.profile));
    }
    if !is_id(&row.agreement) {
        return refuse("MndtId", format!("`{}` is no id", row.agreement), "a debit names its agreement");
    }
    let payer = match name(settings.profile, &row.payer_name) {
        Ok(payer) => payer,
        Err(rule) => return refuse("Dbtr", format!("`{}` does not fit", mask_name(&row.payer_name)), &rule),
    };
    if let Some(before) = row.replaced.as_ref().filter(|_| settings.amendments == Amendments::Account)
        && !is_account(settings.profile, before.reveal())
    {
        let problem = format!("`{}`, the card before, does not fit", mask(before.reveal()));
        return refuse("OrgnlDbtrAcct", problem, account_is(settings.profile));
    }
    let written = fill(settings, form, row, (message, &key, &payer), out);
    written
        .map_err(|error| wrong(line, "DrctDbtTxInf", error.to_string(), "a document holds characters people can see"))
}

fn fill(
    settings: &Settings,
    form: &Form,
    row: &DebitRow,
    (message, key, payer): (&str, &str, &str),
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    let mut scratch = String::with_capacity(24);
    for (piece, gap) in &form.pieces {
        out.extend_from_slice(piece);
        scratch.clear();
        let text = match gap {
            Gap::Key => key,
            Gap::Agreement => &row.agreement,
            Gap::Payer => payer,
            Gap::Card => row.card.reveal(),
            Gap::Uetr => {
                push_uetr(message, key, out);
                continue;
            }
            Gap::Amendment => {
                if let Some(before) = &row.replaced {
                    amendment(settings, before, out)?;
                }
                continue;
            }
            Gap::Amount => {
                push_decimal(row.amount.0, 2, &mut scratch);
                &scratch
            }
            Gap::Signed => {
                push_day(row.signed_on, &mut scratch);
                &scratch
            }
            Gap::Account => {
                push_number(row.account.0, 12, &mut scratch);
                &scratch
            }
        };
        escape(Charset::Utf8, text, out)?;
    }
    out.extend_from_slice(&form.end);
    Ok(())
}

/// `AmdmntInd` and `AmdmntInfDtls`: the agreement is the one it was, its card was another. The number of an agreement
/// never changes, so that no former one is said.
fn amendment(settings: &Settings, before: &CardNo, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    if settings.amendments == Amendments::None {
        return Ok(());
    }
    let pen = &mut Pen::new(Charset::Utf8);
    pen.leaf("AmdmntInd", &[], "true", out)?;
    pen.start("AmdmntInfDtls", &[], out)?;
    match (settings.amendments, settings.version) {
        (Amendments::Smnda, 2) => marker(&["OrgnlDbtrAgt", "FinInstnId", "Othr"], pen, out)?,
        (Amendments::Smnda, _) => marker(&["OrgnlDbtrAcct", "Id", "Othr"], pen, out)?,
        _ => account("OrgnlDbtrAcct", settings.profile, before.reveal(), None, pen, out)?,
    }
    pen.end(out);
    Ok(())
}

fn marker(path: &[&str], pen: &mut Pen, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    for name in path {
        pen.start(name, &[], out)?;
    }
    pen.leaf("Id", &[], "SMNDA", out)?;
    path.iter().for_each(|_| pen.end(out));
    Ok(())
}

/// A transaction's unique reference (`UETR`) out of our ids, so that a file made again has the same: in the form of a
/// random one, which is the only one the schema takes.
fn push_uetr(message: &str, key: &str, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let hash = Sha256::new().chain_update(message).chain_update("\n").chain_update(key).finalize();
    for (at, byte) in hash.iter().take(16).enumerate() {
        let byte = match at {
            6 => byte & 0x0F | 0x40,
            8 => byte & 0x3F | 0x80,
            _ => *byte,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            out.push(b'-');
        }
        out.extend([byte >> 4, byte & 0x0F].map(|four| DIGITS[usize::from(four)]));
    }
}
