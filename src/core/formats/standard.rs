//! Formats that are a standard's message: `[iso20022]` stands where lines and fields stand in other formats.

use chrono::NaiveDate;

use super::fault::{FormatError, Source};
use super::format::{Format, Line, Part};
use super::meaning::{Meaning, Message};
use super::records::{FileError, Params};
use super::spec::Spec;
use crate::iso20022::{self, Settings};

/// Which standard.
#[derive(Clone, Debug)]
pub(super) enum Standard {
    /// Messages of ISO 20022.
    Iso20022(Box<Settings>),
}

/// The standard a format file names, checked; `None`: it lists lines and fields of its own.
pub(super) fn standard(source: &Source<'_>, spec: &Spec) -> Result<Option<Standard>, FormatError> {
    let Some(iso) = &spec.iso20022 else { return Ok(None) };
    let own = [
        (Some(spec.row.span()).filter(|span| !span.is_empty()), "[row]"),
        (spec.delimited.as_ref().map(toml::Spanned::span), "[delimited]"),
        (spec.fixed.as_ref().map(toml::Spanned::span), "[fixed]"),
        (spec.head.first().map(toml::Spanned::span), "[[head]]"),
        (spec.tail.first().map(toml::Spanned::span), "[[tail]]"),
        (spec.refusal.as_ref().map(toml::Spanned::span), "[refusal]"),
    ];
    if let Some((Some(span), table)) = own.into_iter().find(|(span, _)| span.is_some()) {
        return Err(source.error(span, format!("{table} cannot stand beside a standard, which has lines of its own")));
    }
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
            None => &[],
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

    /// The parameters of the bank that a standard asks for, each with its default.
    pub(super) fn standard_params(&self) -> Vec<(&str, Option<&str>)> {
        match &self.standard {
            Some(Standard::Iso20022(settings)) if self.message == Message::Debit => settings.params(),
            _ => Vec::new(),
        }
    }
}
