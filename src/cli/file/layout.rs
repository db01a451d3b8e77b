//! What a format's TOML says about its columns, as far as showing and comparing need it: meanings, units, widths.

use std::collections::HashMap;

use serde::Deserialize;
use yichong_core::formats::{Format, Meaning};
use yichong_core::model::money::Fen;

use super::source::House;
use crate::jobs::JobError;

/// The columns of a format's rows.
pub struct Layout {
    columns: Vec<Column>,
    fen: bool,
    /// Fixed-width records.
    pub fixed: Option<Fixed>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
}

/// Where fixed-width records stand, in bytes.
pub struct Fixed {
    heads: Vec<u64>,
    row: u64,
    /// Records end with line ends all the same.
    pub lines: bool,
}

#[derive(Deserialize)]
struct Spec {
    file: FileSpec,
    fixed: Option<toml::Table>,
    workbook: Option<WorkbookSpec>,
    #[serde(default)]
    head: Vec<LineSpec>,
    #[serde(default)]
    row: LineSpec,
}

#[derive(Deserialize)]
struct FileSpec {
    #[serde(default)]
    line_end: String,
    amounts: Option<String>,
}

#[derive(Deserialize)]
struct WorkbookSpec {
    sheet: Option<String>,
}

#[derive(Default, Deserialize)]
struct LineSpec {
    fields: Vec<Column>,
}

/// A column of a row.
#[derive(Deserialize)]
struct Column {
    name: String,
    means: Option<Meaning>,
    width: Option<u64>,
    format: Option<String>,
    #[serde(default)]
    words: HashMap<String, String>,
}

impl LineSpec {
    fn bytes(&self) -> u64 {
        self.fields.iter().filter_map(|field| field.width).sum()
    }
}

impl Layout {
    /// The layout of a loaded format.
    pub fn of(house: &House, format: &Format) -> Result<Layout, JobError> {
        let text = house.texts.get(format.name()).map_or("", String::as_str);
        let spec: Spec =
            toml::from_str(text).map_err(|e| JobError::input(format!("format `{}`: {e}", format.name())))?;
        let fixed = spec.fixed.map(|_| Fixed {
            heads: spec.head.iter().map(LineSpec::bytes).collect(),
            row: spec.row.bytes(),
            lines: spec.file.line_end != "none",
        });
        let sheet = spec.workbook.and_then(|workbook| workbook.sheet);
        let mut columns = spec.row.fields;
        // A standard names its fields itself.
        columns.extend(format.standard_columns().iter().map(|(name, means)| Column {
            name: (*name).to_owned(),
            means: Some(*means),
            width: None,
            format: None,
            words: HashMap::new(),
        }));
        Ok(Layout { columns, fen: spec.file.amounts.as_deref() == Some("fen"), fixed, sheet })
    }

    /// Whether rows have a column of this meaning.
    pub fn has(&self, means: Meaning) -> bool {
        self.meanings().any(|own| own == means)
    }

    /// What the columns of rows mean, in order.
    pub fn meanings(&self) -> impl Iterator<Item = Meaning> + '_ {
        self.columns.iter().filter_map(|column| column.means.map(Layout::alike))
    }

    /// An answer's `asked` repeats a request's `amount`.
    pub fn alike(means: Meaning) -> Meaning {
        if means == Meaning::Asked { Meaning::Amount } else { means }
    }

    /// What a column of a row means; `None` for one without a meaning, or one the format does not know.
    pub fn means(&self, name: &str) -> Option<Meaning> {
        self.column(name)?.means
    }

    fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// A cell's value as every format would write it: amounts in yuan, dates as 2026-11-20, kinds of ID by our word,
    /// numbers and keys without leading zeros.
    pub fn value(&self, name: &str, text: &str) -> String {
        use Meaning as M;
        let Some(column) = self.column(name) else { return text.to_owned() };
        let plain = match column.means {
            Some(M::Amount | M::Asked | M::Taken | M::Income | M::Outgo | M::Fee) => {
                let amount = if self.fen { Fen::parse_fen(text) } else { Fen::parse_yuan(text) };
                amount.ok().map(|amount| amount.to_string())
            }
            Some(M::Line | M::DebitNo | M::BankRef | M::Account | M::Seq) => {
                let digits = text.trim_start_matches('0');
                Some(if digits.is_empty() { text } else { digits }.to_owned())
            }
            Some(M::IdType) => column.words.iter().find(|(_, word)| *word == text).map(|(kind, _)| kind.clone()),
            _ => column
                .format
                .as_deref()
                .and_then(|pattern| chrono::NaiveDate::parse_from_str(text, pattern).ok().map(|date| date.to_string())),
        };
        plain.unwrap_or_else(|| text.to_owned())
    }
}

impl Fixed {
    /// Where a record begins and how long it is; records are counted from 1.
    pub fn place(&self, record: u64) -> (u64, u64) {
        let at = usize::try_from(record.saturating_sub(1)).unwrap_or(usize::MAX);
        let before: u64 = self.heads.iter().take(at).sum();
        let rows = (at as u64).saturating_sub(self.heads.len() as u64);
        (before + rows.saturating_mul(self.row), self.heads.get(at).copied().unwrap_or(self.row))
    }
}
