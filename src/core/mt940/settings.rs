//! `[mt940]` of a format file, as it is written; checked it is [`Options`].

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;

use super::{KindRule, Options, Reference};
use crate::formats::Meaning;

/// As it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    reference: Vec<Spanned<String>>,
    currency: Option<Spanned<String>>,
    #[serde(default)]
    pages: Pages,
}

/// Whether the pages of a statement come in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pages {
    #[default]
    Together,
    Apart,
}

/// Checks; the error is the place and what is wrong there.
pub(crate) fn options(spec: &Spec, kinds: Vec<KindRule>) -> Result<Options, (Range<usize>, String)> {
    let currency = match &spec.currency {
        None => "CNY".to_owned(),
        Some(word) if word.get_ref().len() == 3 && word.get_ref().bytes().all(|b| b.is_ascii_uppercase()) => {
            word.get_ref().clone()
        }
        Some(word) => return Err((word.span(), "a currency is three capitals, such as CNY".to_owned())),
    };
    let place = |word: &Spanned<String>| Reference::parse(word.get_ref()).map_err(|problem| (word.span(), problem));
    let references = spec.reference.iter().map(place).collect::<Result<_, _>>()?;
    Ok(Options { currency, references, kinds, pages_apart: spec.pages == Pages::Apart })
}

/// The meanings of a row's cells, by the names [`Sections`](super::Sections) gives them.
pub(crate) const COLUMNS: &[(&str, Meaning)] = &[
    ("value_date", Meaning::ValueDate),
    ("bank_date", Meaning::BankDate),
    ("income", Meaning::Income),
    ("outgo", Meaning::Outgo),
    ("code", Meaning::Code),
    ("reference", Meaning::Reference),
    ("serial", Meaning::Serial),
    ("text", Meaning::Text),
];
