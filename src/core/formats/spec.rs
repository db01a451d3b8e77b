//! A format file as it is written: the TOML's tables and words. Nothing here is checked beyond its type; see `load`.

use std::collections::HashMap;

use serde::Deserialize;
use toml::Spanned;

use super::charset::Charset;
use super::meaning::{Meaning, Message};
use super::records::{Lists, MoneyKind};
use crate::model::category::Category;
use crate::model::person::IdType;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spec {
    pub title: Spanned<String>,
    pub message: Message,
    pub file: FileSpec,
    pub delimited: Option<Spanned<DelimitedSpec>>,
    pub fixed: Option<Spanned<FixedSpec>>,
    #[serde(default)]
    pub limits: LimitsSpec,
    #[serde(default)]
    pub head: Vec<Spanned<LineSpec>>,
    pub row: Spanned<RowSpec>,
    #[serde(default)]
    pub tail: Vec<Spanned<LineSpec>>,
    pub refusal: Option<Spanned<LineSpec>>,
    pub answer: Option<Spanned<AnswerSpec>>,
    pub statement: Option<Spanned<StatementSpec>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileSpec {
    pub name: Spanned<String>,
    pub charset: Spanned<Charset>,
    #[serde(default)]
    pub bom: Bom,
    pub line_end: Spanned<LineEnd>,
    #[serde(default = "yes")]
    pub last_line_end: bool,
    #[serde(default)]
    pub end_mark: EndMark,
    pub amounts: Option<Unit>,
}

fn yes() -> bool {
    true
}

/// What to do with a byte order mark at the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bom {
    #[default]
    Refuse,
    Strip,
}

/// What to do with NUL or 0x1A bytes after the last line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum EndMark {
    #[default]
    Refuse,
    Ignore,
}

/// How lines end when we write; when we read, LF and CRLF are both taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum LineEnd {
    Lf,
    Crlf,
    None,
}

impl LineEnd {
    pub(super) const fn bytes(self) -> &'static [u8] {
        match self {
            LineEnd::Lf => b"\n",
            LineEnd::Crlf => b"\r\n",
            LineEnd::None => b"",
        }
    }
}

/// The unit of every amount in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Unit {
    Fen,
    Yuan,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DelimitedSpec {
    pub separator: Spanned<String>,
    #[serde(default)]
    pub quotes: Quotes,
    #[serde(default)]
    pub trailing_separator: Trailing,
    #[serde(default)]
    pub skip: Vec<Spanned<String>>,
}

/// How cells may be quoted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Quotes {
    #[default]
    None,
    Rfc4180,
}

/// Whether lines end with a separator behind the last cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Trailing {
    #[default]
    Never,
    Always,
    /// Read with or without, written without.
    May,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FixedSpec {}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsSpec {
    pub rows: Option<u64>,
    pub bytes: Option<u64>,
    #[serde(default)]
    pub rows_per_card: RowsPerCard,
}

/// How a bank treats two rows of one card in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowsPerCard {
    /// Each row by itself.
    #[default]
    Many,
    /// Together: the card's next account goes into a later file.
    One,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LineSpec {
    pub fields: Vec<FieldSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RowSpec {
    #[serde(default)]
    pub titles: bool,
    pub fields: Vec<FieldSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldSpec {
    pub name: Spanned<String>,
    pub means: Option<Spanned<Meaning>>,
    pub value: Option<String>,
    pub param: Option<String>,
    pub default: Option<String>,
    pub width: Option<usize>,
    pub max: Option<usize>,
    pub pad: Option<Pad>,
    pub format: Option<Spanned<String>>,
    #[serde(default)]
    pub required: bool,
    pub quote: Option<Spanned<String>>,
    #[serde(default)]
    pub secret: bool,
    #[serde(default)]
    pub words: HashMap<IdType, String>,
    #[serde(default)]
    pub repeat: bool,
    #[serde(default)]
    pub may_be_missing: bool,
    #[serde(default = "yes")]
    pub read: bool,
}

/// What fills a field up to its width, and on which side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pad {
    ZeroLeft,
    SpaceLeft,
    SpaceRight,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerSpec {
    pub lists: Lists,
    #[serde(default)]
    pub partial: bool,
    #[serde(default)]
    pub key: KeyRule,
    pub codes: Vec<CodeSpec>,
    #[serde(default)]
    pub reasons: Vec<ReasonSpec>,
    #[serde(default)]
    pub code_by_columns: Vec<ColumnsSpec>,
}

/// Whether every row of an answer carries a key of ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum KeyRule {
    #[default]
    Required,
    None,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeSpec {
    pub code: Spanned<String>,
    pub category: Category,
    pub text: Option<String>,
    pub in_success_total: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReasonSpec {
    pub contains: Spanned<String>,
    pub category: Category,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ColumnsSpec {
    pub columns: usize,
    pub code: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatementSpec {
    pub kinds: Vec<KindSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KindSpec {
    pub text: Spanned<String>,
    pub kind: MoneyKind,
}
