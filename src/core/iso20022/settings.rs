//! `[iso20022]` of a format file, as it is written and as it is checked.

use std::collections::BTreeMap;
use std::ops::Range;

use chrono::NaiveDate;
use serde::Deserialize;
use toml::Spanned;

use super::money::Currency;
use super::namespace::Family;
use super::status::{Means, Statuses};
use super::written::{self, Amendments};
use crate::formats::Message;
use crate::formats::records::Params;
use crate::formats::template::Template;

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    message: Spanned<String>,
    profile: Option<Spanned<Profile>>,
    #[serde(default)]
    strict: bool,
    currency: Option<Spanned<String>>,
    message_id: Option<Spanned<String>>,
    #[serde(default)]
    key: Key,
    #[serde(default)]
    reversal_flips: bool,
    #[serde(default)]
    references: References,
    #[serde(default)]
    statuses: BTreeMap<String, Means>,
    local_instrument: Option<Spanned<String>>,
    #[serde(default)]
    sequence: Sequence,
    #[serde(default)]
    batch_booking: Option<bool>,
    rows_per_group: Option<Spanned<u64>>,
    lead_days: Option<Spanned<u32>>,
    lead_days_first: Option<Spanned<u32>>,
    #[serde(default)]
    amendments: Amendments,
    uetr: Option<Spanned<bool>>,
    category_purpose: Option<Spanned<String>>,
    purpose: Option<Spanned<String>>,
}

/// Whose rules a debit file follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// Euro countries: IBAN, BIC, Latin letters.
    Sepa,
    /// China: bank numbers of CNAPS (人行行号), account numbers, names in Chinese characters.
    Cnaps,
}

/// Which of our numbers travels as `EndToEndId`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Key {
    /// The debit's number.
    #[default]
    DebitNo,
    /// The short key.
    BankRef,
}

/// What `AcctSvcrRef` is good for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum References {
    /// It names one booking, as the standard says: notification and statement tell the same one by it.
    #[default]
    Unique,
    /// It is unique within its statement only.
    OfStatement,
}

/// How `SeqTp` is decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sequence {
    /// Not written.
    #[default]
    None,
    /// `RCUR` for every row, as banks take it since first collections need no word of their own.
    Recurrent,
    /// `FRST` until a collection of the agreement has succeeded, then `RCUR`.
    History,
}

/// As it is checked.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which message.
    pub family: Family,
    /// The version that is written; reading takes every version.
    pub version: u8,
    /// A version nobody has read is refused, not only told.
    pub strict: bool,
    /// Whose rules; of debit files.
    pub profile: Profile,
    /// The one currency whose money is booked.
    pub currency: Option<Currency>,
    /// How the ids of our messages are made, and read back.
    pub(crate) message_id: Option<Template>,
    /// Which number of ours is the key.
    pub key: Key,
    /// `RvslInd` turns the direction round: some exports write it so.
    pub reversal_flips: bool,
    /// What the bank's references are good for.
    pub references: References,
    /// What statuses mean.
    pub statuses: Statuses,
    /// `LclInstrm/Cd`.
    pub local_instrument: Option<String>,
    /// `SeqTp`.
    pub sequence: Sequence,
    /// `BtchBookg`.
    pub batch_booking: bool,
    /// Rows of one payment information.
    pub rows_per_group: Option<u64>,
    /// Bank days from the file to the collection: of first debits, of others.
    pub lead: (u32, u32),
    /// What is said of replaced cards.
    pub amendments: Amendments,
    /// Whether `UETR` is written.
    pub uetr: bool,
    /// `CtgyPurp/Cd`.
    pub category_purpose: Option<String>,
    /// `Purp/Cd`.
    pub purpose: Option<String>,
}

impl Settings {
    /// Whether the message is about money that moved.
    pub(crate) fn is_money(&self) -> bool {
        matches!(self.family, Family::Camt053 | Family::Camt054)
    }

    /// The file of ours that an id means, of a message or of a payment information in it: its date and number.
    pub(crate) fn names(&self, id: &str, params: &Params) -> Option<(NaiveDate, u32)> {
        let template = self.message_id.as_ref()?;
        let read = |id: &str| {
            let facts = template.read(id, params)?;
            facts.file_date.zip(facts.seq)
        };
        read(id).or_else(|| read(id.rsplit_once('-')?.0))
    }

    /// Whether rows must say what became of the agreement's debits before.
    pub(crate) fn asks_history(&self) -> bool {
        self.sequence == Sequence::History || self.amendments != Amendments::None
    }

    /// What a debit file asks of the bank's parameters, each with its default.
    pub(crate) fn params(&self) -> Vec<(&str, Option<&str>)> {
        let ids = self.message_id.iter().flat_map(Template::params).map(|name| (name, None));
        let sepa = self.profile == Profile::Sepa;
        // An IBAN says which bank it is at.
        let bank = if sepa { Some("") } else { None };
        let own = [("creditor_name", None), ("creditor_account", None), ("creditor_bank", bank)];
        let id = sepa.then_some(("creditor_id", None));
        ids.chain(own).chain(id).collect()
    }
}

/// Versions of pain.008 that are written.
pub const WRITTEN: [u8; 4] = [2, 8, 10, 11];

pub(super) type Wrong = (Range<usize>, String);

/// Checks the table of a format for this message; the error is its first wrong place.
pub(crate) fn settings(spec: &Spec, message: Message) -> Result<Settings, Wrong> {
    let (family, version) = family(spec, message)?;
    let debit = family == Family::Pain008;
    let wrong = |span: Range<usize>, problem: &str| Err((span, problem.to_owned()));
    if let (Some(profile), false) = (&spec.profile, debit) {
        return wrong(profile.span(), "`profile` is for files we write");
    }
    let profile = spec.profile.as_ref().map_or(Profile::Cnaps, |profile| *profile.get_ref());
    let currency = match &spec.currency {
        None => Currency::parse(if debit && profile == Profile::Sepa { "EUR" } else { "CNY" }),
        Some(text) => match Currency::parse(text.get_ref()) {
            // Money is kept in hundredths.
            Some(currency) if currency.exponent() == 2 => Some(currency),
            _ => return wrong(text.span(), "a currency is three capital letters, of one with two decimals: CNY"),
        },
    };
    let message_id = match &spec.message_id {
        None if debit => return wrong(spec.message.span(), "a debit file needs `message_id`: how its id is made"),
        None => None,
        Some(text) => Some(id_template(text, debit)?),
    };
    if let Some(code) = spec.local_instrument.as_ref().filter(|code| !(1..=35).contains(&code.get_ref().len())) {
        return wrong(code.span(), "a local instrument has 1 to 35 characters");
    }
    if let Some(most) = spec.rows_per_group.as_ref().filter(|most| *most.get_ref() == 0) {
        return wrong(most.span(), "a payment information has at least one row");
    }
    let lead = written::lead(&spec.lead_days, &spec.lead_days_first)?;
    let uetr = written::uetr(&spec.uetr, debit && version >= 8)?;
    let (category_purpose, purpose) = (written::code(&spec.category_purpose)?, written::code(&spec.purpose)?);
    Ok(Settings {
        family,
        version,
        strict: spec.strict,
        profile,
        currency,
        message_id,
        key: spec.key,
        reversal_flips: spec.reversal_flips,
        references: spec.references,
        statuses: Statuses { own: spec.statuses.iter().map(|(word, means)| (word.clone(), *means)).collect() },
        local_instrument: spec.local_instrument.as_ref().map(|code| code.get_ref().clone()),
        sequence: spec.sequence,
        batch_booking: spec.batch_booking.unwrap_or(true),
        rows_per_group: spec.rows_per_group.as_ref().map(|most| *most.get_ref()),
        lead,
        amendments: spec.amendments,
        uetr,
        category_purpose,
        purpose,
    })
}

fn family(spec: &Spec, message: Message) -> Result<(Family, u8), Wrong> {
    let text = spec.message.get_ref();
    let wrong = |problem: String| Err((spec.message.span(), problem));
    let (family, version) = match text.split_at_checked(8) {
        Some((family, rest)) => (Family::of(family), rest.strip_prefix(".001.")),
        None => (None, None),
    };
    let Some(family) = family else {
        return wrong("write \"pain.008.001.08\", \"pain.002\", \"camt.053\" or \"camt.054\"".to_owned());
    };
    let wanted = match family {
        Family::Pain008 => Message::Debit,
        Family::Pain002 => Message::Answer,
        Family::Camt053 | Family::Camt054 => Message::Statement,
    };
    if message != wanted {
        return wrong(format!("a {} is no {message:?}; the two `message` must fit", family.word()));
    }
    let version = version.and_then(|version| version.parse().ok());
    match (family, version) {
        (Family::Pain008, Some(version)) if WRITTEN.contains(&version) => Ok((family, version)),
        (Family::Pain008, _) => wrong("a debit file says its version: pain.008.001.02, .08, .10 or .11".to_owned()),
        (_, None) if text.len() == 8 => Ok((family, 0)),
        _ => wrong(format!("every version is read; write \"{}\"", family.word())),
    }
}

fn id_template(text: &Spanned<String>, debit: bool) -> Result<Template, Wrong> {
    let template = Template::parse(text.get_ref()).map_err(|(offset, problem)| {
        let start = text.span().start + 1 + offset;
        (start..start, problem)
    })?;
    if debit && !(template.writable() && template.tells_files_apart()) {
        let problem = "the id of a message is ours and never repeats; it needs {file_date:%Y%m%d} and {seq}";
        return Err((text.span(), problem.to_owned()));
    }
    Ok(template)
}
