//! A format file as it is written: the TOML's tables and words. Nothing here is checked beyond its type; see `load`.

use std::collections::HashMap;

use serde::Deserialize;
use toml::Spanned;

use super::meaning::{Meaning, Message};
use super::records::{Lists, MoneyKind};
use super::words::{
    Bom, Declared, EndMark, Formulas, HiddenRows, KeyRule, LineEnd, Pad, Quotes, RowsPerCard, Says, Trailing, Unit,
    Unknown,
};
use crate::charset::Charset;
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
    pub workbook: Option<Spanned<WorkbookSpec>>,
    pub xml: Option<Spanned<XmlSpec>>,
    /// In one family: a line of fixed width that carriers put before the document.
    pub preamble: Option<Spanned<LineSpec>>,
    #[serde(default)]
    pub limits: LimitsSpec,
    #[serde(default)]
    pub head: Vec<Spanned<LineSpec>>,
    /// Missing in a standard's format only.
    #[serde(default = "no_row")]
    pub row: Spanned<RowSpec>,
    #[serde(default)]
    pub tail: Vec<Spanned<LineSpec>>,
    pub refusal: Option<Spanned<LineSpec>>,
    pub answer: Option<Spanned<AnswerSpec>>,
    pub statement: Option<Spanned<StatementSpec>>,
    pub iso20022: Option<Spanned<crate::iso20022::Spec>>,
    pub mt940: Option<Spanned<crate::mt940::Spec>>,
    pub agreement: Option<Spanned<AgreementSpec>>,
}

fn no_row() -> Spanned<RowSpec> {
    Spanned::new(0..0, RowSpec { titles: false, fields: Vec::new() })
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileSpec {
    pub name: Spanned<String>,
    /// Workbooks say it themselves.
    #[serde(default = "unsaid")]
    pub charset: Spanned<Charset>,
    #[serde(default)]
    pub bom: Bom,
    #[serde(default = "no_line_end")]
    pub line_end: Spanned<LineEnd>,
    #[serde(default = "yes")]
    pub last_line_end: bool,
    /// In no shipped format: banks whose hosts are old end or fill files with NUL or 0x1A.
    #[serde(default)]
    pub end_mark: EndMark,
    pub amounts: Option<Unit>,
}

fn yes() -> bool {
    true
}

/// No word of the file stands at its very beginning: this place says that nothing was written.
fn unsaid() -> Spanned<Charset> {
    Spanned::new(0..0, Charset::Utf8)
}

fn no_line_end() -> Spanned<LineEnd> {
    Spanned::new(0..0, LineEnd::Lf)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DelimitedSpec {
    pub separator: Spanned<String>,
    #[serde(default)]
    pub quotes: Quotes,
    #[serde(default)]
    pub trailing_separator: Trailing,
    /// In no shipped format: banks that send a printed report have rules drawn across it.
    #[serde(default)]
    pub skip: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FixedSpec {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WorkbookSpec {
    /// The sheet's name, or `first`.
    pub sheet: Option<Spanned<String>>,
    pub title_row: Option<Spanned<u32>>,
    #[serde(default)]
    pub skip: Vec<String>,
    #[serde(default)]
    pub formulas: Formulas,
    #[serde(default)]
    pub hidden: HiddenRows,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct XmlSpec {
    pub root: Spanned<String>,
    pub namespace: Option<Spanned<String>>,
    /// The repeated element, as a path below the root.
    pub rows: Spanned<String>,
    pub declaration: Option<Spanned<String>>,
    #[serde(default)]
    pub declared: Declared,
    #[serde(default)]
    pub unknown: Unknown,
    pub signature: Option<Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LimitsSpec {
    pub rows: Option<u64>,
    pub bytes: Option<u64>,
    #[serde(default)]
    pub rows_per_card: RowsPerCard,
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
    /// In few shipped formats: numbers of messages that are put together like file names.
    pub template: Option<Spanned<String>>,
    pub width: Option<usize>,
    pub max: Option<usize>,
    pub pad: Option<Pad>,
    pub format: Option<Spanned<String>>,
    #[serde(default)]
    pub required: bool,
    /// In one shipped format: an answer that puts names into single quotes, which the request does not.
    pub quote: Option<Spanned<String>>,
    #[serde(default)]
    pub secret: bool,
    /// In one shipped format: the only request that asks for the kind of ID.
    #[serde(default)]
    pub words: HashMap<IdType, String>,
    /// In one shipped format: a reconciliation line lists every debt it paid.
    #[serde(default)]
    pub repeat: bool,
    /// Elements that stand only where they have a text; columns only of reports that put the reason of a failure
    /// behind the usual ones.
    #[serde(default)]
    pub may_be_missing: bool,
    #[serde(default = "yes")]
    pub read: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnswerSpec {
    pub lists: Lists,
    #[serde(default)]
    pub partial: bool,
    /// In no shipped format: some banks echo card, name and amount, and no key.
    #[serde(default)]
    pub key: KeyRule,
    pub codes: Vec<CodeSpec>,
    /// In formats with two levels of codes: what the head's code says about the whole file.
    #[serde(default)]
    pub file_codes: Vec<FileCodeSpec>,
    #[serde(default)]
    pub reasons: Vec<ReasonSpec>,
    /// In no shipped format: reports that tell success from failure by the number of columns.
    #[serde(default)]
    pub code_by_columns: Vec<ColumnsSpec>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CodeSpec {
    pub code: Spanned<String>,
    pub category: Category,
    pub text: Option<String>,
    /// In one shipped format: its success totals leave out money that was taken and posted late.
    pub in_success_total: Option<bool>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FileCodeSpec {
    pub code: Spanned<String>,
    pub says: Says,
    pub category: Option<Category>,
    pub text: Option<String>,
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
    pub text: Option<Spanned<String>>,
    /// Of MT940 only: the transaction's type.
    pub code: Option<Spanned<String>>,
    pub kind: MoneyKind,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AgreementSpec {
    pub sign: Option<String>,
    pub cancel: Option<String>,
    #[serde(default)]
    pub accepted: Vec<String>,
}
