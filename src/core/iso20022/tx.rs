//! One debit → one transaction. Everything is checked before anything is written; what does not fit is refused with the
//! row, never cut.

use std::borrow::Cow;

use sha2::{Digest as _, Sha256};

use super::charset::is_id;
use super::money::{Currency, decimal};
use super::party::{Parties, account, account_is, is_account, name};
use super::settings::{Key, Profile, Settings};
use super::writer::wrong;
use super::written::Amendments;
use crate::charset::Charset;
use crate::formats::records::{DebitRow, FileError};
use crate::model::card::{CardNo, mask, mask_name};
use crate::xml::{Pen, Unwritable};

/// The most a euro debit may be, in cents.
const EURO_MOST: i64 = 99_999_999_999;

/// Appends a transaction.
pub(super) fn write(
    settings: &Settings,
    parties: &Parties,
    message: &str,
    row: &DebitRow,
    out: &mut Vec<u8>,
) -> Result<(), FileError> {
    let line = u64::from(row.line);
    let refuse = |field: &str, problem: String, rule: &str| Err(wrong(line, field, problem, rule));
    let key = match settings.key {
        Key::DebitNo => Cow::Owned(row.debit_no.0.to_string()),
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
    let uetr = settings.uetr.then(|| uetr(message, &key));
    let written = tx(settings, parties, row, (&key, &payer, uetr.as_deref()), out);
    written
        .map_err(|error| wrong(line, "DrctDbtTxInf", error.to_string(), "a document holds characters people can see"))
}

fn tx(
    settings: &Settings,
    parties: &Parties,
    row: &DebitRow,
    (key, payer, uetr): (&str, &str, Option<&str>),
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    let mut pen = Pen::new(Charset::Utf8);
    pen.start("DrctDbtTxInf", &[], out)?;
    pen.start("PmtId", &[], out)?;
    pen.leaf("InstrId", &[], key, out)?;
    pen.leaf("EndToEndId", &[], key, out)?;
    if let Some(uetr) = uetr {
        pen.leaf("UETR", &[], uetr, out)?;
    }
    pen.end(out);
    pen.leaf(
        "InstdAmt",
        &[("Ccy", settings.currency.as_ref().map_or("", Currency::code))],
        &decimal(row.amount.0, 2),
        out,
    )?;
    pen.start("DrctDbtTx", &[], out)?;
    pen.start("MndtRltdInf", &[], out)?;
    pen.leaf("MndtId", &[], &row.agreement, out)?;
    pen.leaf("DtOfSgntr", &[], &row.signed_on.to_string(), out)?;
    if let Some(before) = &row.replaced {
        amendment(settings, before, &mut pen, out)?;
    }
    pen.end(out);
    pen.end(out);
    parties.debtor_agent(settings, &mut pen, out)?;
    pen.start("Dbtr", &[], out)?;
    pen.leaf("Nm", &[], payer, out)?;
    pen.end(out);
    account("DbtrAcct", settings.profile, row.card.reveal(), None, &mut pen, out)?;
    if let Some(purpose) = &settings.purpose {
        pen.start("Purp", &[], out)?;
        pen.leaf("Cd", &[], purpose, out)?;
        pen.end(out);
    }
    // What the payer sees on the bank's statement: the meter account.
    pen.start("RmtInf", &[], out)?;
    pen.leaf("Ustrd", &[], &format!("{:012}", row.account.0), out)?;
    pen.end(out);
    pen.end(out);
    out.push(b'\n');
    Ok(())
}

/// `AmdmntInd` and `AmdmntInfDtls`: the agreement is the one it was, its card was another. The number of an agreement
/// never changes, so that no former one is said.
fn amendment(settings: &Settings, before: &CardNo, pen: &mut Pen, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    if settings.amendments == Amendments::None {
        return Ok(());
    }
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
fn uetr(message: &str, key: &str) -> String {
    let mut bytes: [u8; 16] = [0; 16];
    let hash = Sha256::digest(format!("{message}\n{key}").as_bytes());
    bytes.copy_from_slice(&hash[..16]);
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let digit = |four: u8| char::from_digit(u32::from(four), 16).unwrap_or('0');
    let mut text = String::with_capacity(36);
    for (at, byte) in bytes.into_iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        text.extend([digit(byte >> 4), digit(byte & 0x0F)]);
    }
    text
}
