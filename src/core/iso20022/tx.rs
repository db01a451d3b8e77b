//! One debit → one transaction. Everything is checked before anything is written; what does not fit is refused with the
//! row, never cut.

use std::borrow::Cow;

use super::charset::is_id;
use super::money::{Currency, decimal};
use super::party::{Parties, account, account_is, is_account, name};
use super::settings::{Key, Profile, Settings};
use super::writer::wrong;
use crate::charset::Charset;
use crate::formats::records::{DebitRow, FileError};
use crate::model::card::{mask, mask_name};
use crate::xml::{Pen, Unwritable};

/// The most a euro debit may be, in cents.
const EURO_MOST: i64 = 99_999_999_999;

/// Appends a transaction.
pub(super) fn write(
    settings: &Settings,
    parties: &Parties,
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
    let written = tx(settings, parties, row, (&key, &payer), out);
    written
        .map_err(|error| wrong(line, "DrctDbtTxInf", error.to_string(), "a document holds characters people can see"))
}

fn tx(
    settings: &Settings,
    parties: &Parties,
    row: &DebitRow,
    (key, payer): (&str, &str),
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    let mut pen = Pen::new(Charset::Utf8);
    pen.start("DrctDbtTxInf", &[], out)?;
    pen.start("PmtId", &[], out)?;
    pen.leaf("InstrId", &[], key, out)?;
    pen.leaf("EndToEndId", &[], key, out)?;
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
    pen.end(out);
    pen.end(out);
    parties.debtor_agent(settings, &mut pen, out)?;
    pen.start("Dbtr", &[], out)?;
    pen.leaf("Nm", &[], payer, out)?;
    pen.end(out);
    account("DbtrAcct", settings.profile, row.card.reveal(), None, &mut pen, out)?;
    // What the payer sees on the bank's statement: the meter account.
    pen.start("RmtInf", &[], out)?;
    pen.leaf("Ustrd", &[], &row.account.to_string(), out)?;
    pen.end(out);
    pen.end(out);
    out.push(b'\n');
    Ok(())
}
