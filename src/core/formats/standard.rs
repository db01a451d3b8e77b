//! Formats that are a standard's message: `[iso20022]` or `[mt940]` stands where lines and fields stand in other
//! formats.

use chrono::NaiveDate;
use toml::Spanned;

use super::fault::{FormatError, Source};
use super::format::{BankRef, Format, Line, Part};
use super::meaning::{Meaning, Message};
use super::records::{FileError, Params};
use super::spec::Spec;
use crate::iso20022::{self, Settings};
use crate::mt940;

/// Which standard.
#[derive(Clone, Debug)]
pub(super) enum Standard {
    /// Messages of ISO 20022.
    Iso20022(Box<Settings>),
    /// SWIFT's statements.
    Mt940(Box<mt940::Options>),
}

/// The standard a format file names, checked; `None`: it lists lines and fields of its own.
pub(super) fn standard(source: &Source<'_>, spec: &Spec) -> Result<Option<Standard>, FormatError> {
    if spec.iso20022.is_none() && spec.mt940.is_none() {
        return Ok(None);
    }
    let own = [
        (Some(spec.row.span()).filter(|span| !span.is_empty()), "[row]"),
        (spec.delimited.as_ref().map(toml::Spanned::span), "[delimited]"),
        (spec.fixed.as_ref().map(toml::Spanned::span), "[fixed]"),
        (spec.workbook.as_ref().map(toml::Spanned::span), "[workbook]"),
        (spec.xml.as_ref().map(toml::Spanned::span), "[xml]"),
        (spec.head.first().map(toml::Spanned::span), "[[head]]"),
        (spec.tail.first().map(toml::Spanned::span), "[[tail]]"),
        (spec.refusal.as_ref().map(toml::Spanned::span), "[refusal]"),
    ];
    if let Some((Some(span), table)) = own.into_iter().find(|(span, _)| span.is_some()) {
        return Err(source.error(span, format!("{table} cannot stand beside a standard, which has lines of its own")));
    }
    if let Some(mt940) = &spec.mt940 {
        return statements(source, spec, mt940).map(Some);
    }
    let Some(iso) = &spec.iso20022 else { return Ok(None) };
    let settings = iso20022::settings(iso.get_ref(), spec.message);
    let settings = settings.map_err(|(span, problem)| source.error(span, problem))?;
    if let Some(answer) = &spec.answer
        && let Some(code) = answer.get_ref().codes.iter().find(|code| code.category.took_money())
    {
        let problem = "a reason never says that money was taken; statuses do, in [iso20022] `statuses`";
        return Err(source.error(code.code.span(), problem));
    }
    Ok(Some(Standard::Iso20022(Box::new(settings))))
}

/// SWIFT's statements, checked.
fn statements(source: &Source<'_>, spec: &Spec, mt940: &Spanned<mt940::Spec>) -> Result<Standard, FormatError> {
    if let Some(iso) = &spec.iso20022 {
        return Err(source.error(iso.span(), "a file is [mt940] or [iso20022], not both"));
    }
    if spec.message != Message::Statement {
        return Err(source.error(mt940.span(), "[mt940] belongs to message = \"statement\" only"));
    }
    if spec.file.charset.span().is_empty() {
        return Err(source.error(spec.file.name.span(), "missing field `charset`: text files need it"));
    }
    let Some(table) = &spec.statement else {
        return Err(source.error(mt940.span(), "a statement needs [statement] with `kinds`"));
    };
    let mut kinds = Vec::new();
    for kind in &table.get_ref().kinds {
        let word = |text: &Option<Spanned<String>>| text.as_ref().map(|text| text.get_ref().clone());
        let (code, text) = (word(&kind.code), word(&kind.text));
        let empty = |text: &Option<String>| text.as_deref() == Some("");
        if (code.is_none() && text.is_none()) || empty(&code) || empty(&text) {
            let problem = "every line is of a kind without words; write its `code`, its `text` or both";
            return Err(source.error(table.span(), problem));
        }
        kinds.push(mt940::KindRule { code, text, kind: kind.kind });
    }
    let options = mt940::options(mt940.get_ref(), kinds);
    let options = options.map_err(|(span, problem)| source.error(span, problem))?;
    Ok(Standard::Mt940(Box::new(options)))
}

/// An error gets the name of the file.
pub(super) fn named(error: FileError, file: &str) -> FileError {
    FileError { file: file.to_owned(), ..error }
}

/// The line of a format that has none.
pub(super) fn no_line() -> Line {
    Line { part: Part::Row, fields: Vec::new(), mark: None, least: 0, most: 0, bytes: 0 }
}

impl Format {
    /// The meanings of the rows' cells by name, where a standard names them; empty for formats that list their fields.
    pub fn standard_columns(&self) -> &'static [(&'static str, Meaning)] {
        match &self.standard {
            Some(Standard::Iso20022(settings)) => iso20022::columns(settings.family),
            Some(Standard::Mt940(_)) => mt940::COLUMNS,
            None => &[],
        }
    }

    /// Whether rows must say if a debit of their agreement ever succeeded, and by which card the last one was taken.
    pub fn asks_history(&self) -> bool {
        match &self.standard {
            Some(Standard::Iso20022(settings)) => settings.asks_history(),
            Some(Standard::Mt940(_)) | None => false,
        }
    }

    /// Whether it is a standard's message.
    pub fn is_standard(&self) -> bool {
        self.standard.is_some()
    }

    /// The file a message id of ours names, as a bank repeats it on statements: its date and number.
    pub fn message_names(&self, id: &str, params: &Params) -> Option<(NaiveDate, u32)> {
        let Some(Standard::Iso20022(settings)) = &self.standard else { return None };
        settings.names(id, params)
    }

    /// Our short key, where a standard's ids carry it; `None`: no standard's format.
    pub(super) fn standard_key(&self) -> Option<Option<BankRef>> {
        let Some(Standard::Iso20022(settings)) = &self.standard else { return None };
        let short = settings.key == iso20022::Key::BankRef;
        Some(short.then_some(BankRef { width: Some(35), digits: true }))
    }

    /// The parameters of the bank that a standard asks for, each with its default.
    pub(super) fn standard_params(&self) -> Vec<(&str, Option<&str>)> {
        match &self.standard {
            Some(Standard::Iso20022(settings)) if self.message == Message::Debit => settings.params(),
            _ => Vec::new(),
        }
    }
}
