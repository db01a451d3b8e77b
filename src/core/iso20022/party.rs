//! Who collects, and from whose bank: the parameters of the bank, checked once for a file.

use std::borrow::Cow;

use super::charset::{is_bic, is_iban, is_id, transliterate};
use super::settings::{Profile, Settings};
use super::writer::wrong;
use crate::formats::records::{FileError, FileFacts};
use crate::xml::{Pen, Unwritable};

/// The parties of a file.
#[derive(Clone, Debug)]
pub(super) struct Parties {
    pub initiator: String,
    creditor: String,
    account: String,
    /// BIC, or the bank's number in CNAPS; empty in a euro file where only the IBAN is known.
    bank: String,
    /// 债权人识别号.
    id: String,
    /// Where the cards are: our bank, if the parameters say nothing else.
    debtor_bank: String,
}

const SET: &str = "a parameter of the bank ([bank.params]); ask the bank and put it right";

impl Parties {
    /// Reads and checks the parameters.
    pub(super) fn of(settings: &Settings, facts: &FileFacts) -> Result<Parties, FileError> {
        let given = |name: &str| facts.params.get(name).map(String::as_str).unwrap_or_default();
        let refuse = |name: &str, what: &str| {
            Err(wrong(0, name, format!("the bank's parameter `{name}` is `{}`, it should be {what}", given(name)), SET))
        };
        let sepa = settings.profile == Profile::Sepa;
        let creditor = match name(settings.profile, given("creditor_name")) {
            Ok(name) => name.into_owned(),
            Err(why) => return refuse("creditor_name", &why),
        };
        let initiator = match given("initiator") {
            "" => creditor.clone(),
            other => match name(settings.profile, other) {
                Ok(name) => name.into_owned(),
                Err(why) => return refuse("initiator", &why),
            },
        };
        if !is_account(settings.profile, given("creditor_account")) {
            return refuse("creditor_account", account_is(settings.profile));
        }
        for parameter in ["creditor_bank", "debtor_bank"] {
            let bank = given(parameter);
            let missing = bank.is_empty() && (sepa || parameter == "debtor_bank");
            if !missing && !is_bank(settings.profile, bank) {
                return refuse(parameter, if sepa { "a BIC" } else { "a bank number of 12 digits (行号)" });
            }
        }
        if sepa && !is_id(given("creditor_id")) {
            return refuse("creditor_id", "the creditor identifier, at most 35 characters");
        }
        // A euro file may cross borders: whose bank a card's is follows from its IBAN.
        let debtor_bank = match given("debtor_bank") {
            "" if !sepa => given("creditor_bank"),
            other => other,
        };
        Ok(Parties {
            initiator,
            creditor,
            account: given("creditor_account").to_owned(),
            bank: given("creditor_bank").to_owned(),
            id: given("creditor_id").to_owned(),
            debtor_bank: debtor_bank.to_owned(),
        })
    }

    /// `Cdtr`, `CdtrAcct`, `CdtrAgt` and what follows.
    pub(super) fn creditor(&self, settings: &Settings, pen: &mut Pen, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        pen.start("Cdtr", &[], out)?;
        pen.leaf("Nm", &[], &self.creditor, out)?;
        pen.end(out);
        let currency = settings.currency.map(|currency| currency.to_string());
        account("CdtrAcct", settings.profile, &self.account, currency.as_deref(), pen, out)?;
        agent("CdtrAgt", settings, &self.bank, pen, out)?;
        if settings.profile == Profile::Sepa {
            pen.leaf("ChrgBr", &[], "SLEV", out)?;
            for name in ["CdtrSchmeId", "Id", "PrvtId", "Othr"] {
                pen.start(name, &[], out)?;
            }
            pen.leaf("Id", &[], &self.id, out)?;
            pen.start("SchmeNm", &[], out)?;
            pen.leaf("Prtry", &[], "SEPA", out)?;
            for _ in 0..5 {
                pen.end(out);
            }
        }
        Ok(())
    }

    /// `DbtrAgt`.
    pub(super) fn debtor_agent(&self, settings: &Settings, pen: &mut Pen, out: &mut Vec<u8>) -> Result<(), Unwritable> {
        agent("DbtrAgt", settings, &self.debtor_bank, pen, out)
    }
}

/// A name as the profile takes it; the error says what a name is.
pub(super) fn name(profile: Profile, text: &str) -> Result<Cow<'_, str>, String> {
    let most = if profile == Profile::Sepa { 70 } else { 140 };
    let name = match profile {
        Profile::Sepa => transliterate(text).ok_or("a name of Latin letters: nothing stands for the others")?,
        Profile::Cnaps => Cow::Borrowed(text),
    };
    let seen = name.chars().any(char::is_alphanumeric);
    if !seen || name.chars().any(char::is_control) || name.trim() != name {
        return Err("a name: letters, no control characters, no blanks at its ends".to_owned());
    }
    if name.chars().count() > most {
        return Err(format!("a name of at most {most} characters; it is never cut"));
    }
    Ok(name)
}

/// Whether a text is an account of the profile.
pub(super) fn is_account(profile: Profile, text: &str) -> bool {
    match profile {
        Profile::Sepa => is_iban(text),
        Profile::Cnaps => (8..=34).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric()),
    }
}

/// What an account of the profile is.
pub(super) const fn account_is(profile: Profile) -> &'static str {
    match profile {
        Profile::Sepa => "an IBAN with right check digits",
        Profile::Cnaps => "an account of 8 to 34 digits or letters",
    }
}

fn is_bank(profile: Profile, text: &str) -> bool {
    match profile {
        Profile::Sepa => is_bic(text),
        Profile::Cnaps => text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit()),
    }
}

/// Where in an account element its number stands.
pub(super) const fn account_path(profile: Profile) -> &'static [&'static str] {
    match profile {
        Profile::Sepa => &["Id", "IBAN"],
        Profile::Cnaps => &["Id", "Othr", "Id"],
    }
}

/// An account element: IBAN, or a number of the bank's own.
pub(super) fn account(
    element: &str,
    profile: Profile,
    number: &str,
    currency: Option<&str>,
    pen: &mut Pen,
    out: &mut Vec<u8>,
) -> Result<(), Unwritable> {
    pen.start(element, &[], out)?;
    let path = account_path(profile);
    for name in path {
        pen.start(name, &[], out)?;
    }
    pen.text(number, out)?;
    path.iter().for_each(|_| pen.end(out));
    if let Some(currency) = currency {
        pen.leaf("Ccy", &[], currency, out)?;
    }
    pen.end(out);
    Ok(())
}

/// A bank: BIC (`BIC` in version 2, `BICFI` since), number in CNAPS, or that nobody said which.
fn agent(element: &str, settings: &Settings, bank: &str, pen: &mut Pen, out: &mut Vec<u8>) -> Result<(), Unwritable> {
    pen.start(element, &[], out)?;
    pen.start("FinInstnId", &[], out)?;
    match (settings.profile, bank) {
        (_, "") => {
            pen.start("Othr", &[], out)?;
            pen.leaf("Id", &[], "NOTPROVIDED", out)?;
            pen.end(out);
        }
        (Profile::Sepa, bic) => pen.leaf(if settings.version == 2 { "BIC" } else { "BICFI" }, &[], bic, out)?,
        (Profile::Cnaps, number) => {
            pen.start("ClrSysMmbId", &[], out)?;
            pen.start("ClrSysId", &[], out)?;
            pen.leaf("Cd", &[], "CNAPS", out)?;
            pen.end(out);
            pen.leaf("MmbId", &[], number, out)?;
            pen.end(out);
        }
    }
    pen.end(out);
    pen.end(out);
    Ok(())
}
