//! A compiled format: what the loader made of one TOML, and what the rest of the house may ask it.

use super::fault::FormatError;
use super::load;
use super::meaning::{Meaning, Message, Secret};
use super::pattern::Pattern;
use super::records::{FileError, FileFacts, Lists, MoneyKind, NameFacts, Params};
pub(super) use super::shape::{Separator, Shape, Style, WorkbookShape, Xml};
use super::standard::Standard;
use super::template::Template;
use super::words::{Bom, EndMark, LineEnd, Pad, RowsPerCard, Says};
use crate::model::category::Category;
use crate::model::person::IdType;

/// One bank message, ready to write and read. Only [`Format::parse`] makes one.
#[derive(Clone, Debug)]
pub struct Format {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) hash: [u8; 32],
    pub(super) message: Message,
    pub(super) template: Template,
    pub(super) style: Style,
    pub(super) bom: Bom,
    pub(super) end_mark: EndMark,
    pub(super) line_end: LineEnd,
    pub(super) last_line_end: bool,
    pub(super) heads: Vec<Line>,
    pub(super) titles: bool,
    pub(super) row: Line,
    pub(super) tails: Vec<Line>,
    pub(super) refusal: Option<Line>,
    pub(super) answer: Option<Answer>,
    pub(super) kinds: Vec<(String, MoneyKind)>,
    pub(super) agreement: AgreementWords,
    pub(super) limits: Limits,
    pub(super) rows_per_card: RowsPerCard,
    /// In place of lines and fields.
    pub(super) standard: Option<Standard>,
}

/// Which part of a file a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A line of fixed width before an XML document.
    Preamble,
    Head,
    Row,
    Tail,
    Refusal,
}

/// The bank's words for what is done to an agreement, and for its yes.
#[derive(Clone, Debug, Default)]
pub(super) struct AgreementWords {
    pub sign: Option<String>,
    pub cancel: Option<String>,
    pub accepted: Vec<String>,
    /// Why files of this format cannot be written, where they cannot.
    pub only_read: Option<FormatError>,
}

/// The fields of one line.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub part: Part,
    pub fields: Vec<Field>,
    /// The constant of the first field, by which the line is known.
    pub mark: Option<String>,
    pub least: usize,
    pub most: usize,
    /// Fixed width: bytes of the record.
    pub bytes: usize,
}

/// One field, both directions.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: String,
    pub means: Option<Meaning>,
    pub value: Option<String>,
    pub param: Option<String>,
    pub default: Option<String>,
    /// Put together from facts of the file, like its name.
    pub template: Option<Template>,
    /// An element's text or an attribute: escaped when written.
    pub in_xml: bool,
    pub width: Option<usize>,
    pub max: Option<usize>,
    pub pad: Option<Pad>,
    pub pattern: Option<Pattern>,
    /// May not be empty.
    pub required: bool,
    /// Its title must exist.
    pub titled: bool,
    pub quote: Option<char>,
    pub secret: Secret,
    pub words: Vec<(IdType, String)>,
    pub repeat: bool,
    pub optional: bool,
    pub read: bool,
}

impl Field {
    /// The meaning when reading; a field with `read = false` is written and never interpreted.
    #[inline]
    pub(super) fn read_as(&self) -> Option<Meaning> {
        self.means.filter(|_| self.read)
    }
}

/// How answers are judged.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub lists: Lists,
    pub partial: bool,
    /// Sorted by code.
    pub codes: Vec<Code>,
    /// What the head's code says, where the format has two levels of codes. Sorted by code.
    pub file_codes: Vec<FileCode>,
    pub reasons: Vec<(String, Category)>,
    pub by_columns: Vec<(usize, String)>,
}

/// One code of a bank.
#[derive(Clone, Debug)]
pub(crate) struct Code {
    pub code: String,
    pub category: Category,
    pub text: Option<String>,
    pub in_success_total: bool,
}

/// One code that a head may carry.
#[derive(Clone, Debug)]
pub(super) struct FileCode {
    pub code: String,
    pub says: Says,
    /// What it means for every debit of a refused file.
    pub category: Category,
    pub text: Option<String>,
}

/// What a bank takes in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Limits {
    /// Rows.
    pub rows: Option<u64>,
    /// Bytes of the whole file.
    pub bytes: Option<u64>,
}

/// The bank's field for our short key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct BankRef {
    /// How many characters fit, where limited.
    pub width: Option<usize>,
    /// Digits without leading zeros only.
    pub digits: bool,
}

impl Format {
    /// Reads and checks a format file; `file_name` names it in errors, and without `.toml` it is the format's name.
    pub fn parse(file_name: &str, toml_text: &str) -> Result<Format, FormatError> {
        load::format(file_name, toml_text)
    }

    /// The format's name: its file's name without `.toml`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What people call it.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// SHA-256 of the TOML text: a batch remembers which text wrote it.
    pub fn hash(&self) -> [u8; 32] {
        self.hash
    }

    /// The hash in hexadecimal.
    pub fn hash_hex(&self) -> String {
        self.hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// What the file is for.
    pub fn message(&self) -> Message {
        self.message
    }

    /// What the bank takes in one file.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// How the bank treats two rows of one card in one file.
    pub fn rows_per_card(&self) -> RowsPerCard {
        self.rows_per_card
    }

    /// May the bank take less than asked?
    pub fn partial(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| answer.partial)
    }

    /// Why a bank cannot be told of agreements in this format, with the place in its file; none: it can.
    pub fn only_read(&self) -> Option<&FormatError> {
        self.agreement.only_read.as_ref()
    }

    /// Which rows an answer lists; `None` for other messages.
    pub fn lists(&self) -> Option<Lists> {
        self.answer.as_ref().map(|answer| answer.lists)
    }

    /// Whether a date can have more than one file: names (or sending times) differ.
    pub fn many_per_date(&self) -> bool {
        self.template.tells_files_apart()
    }

    /// The fields of a row that may not be empty, by their names.
    pub fn needed(&self) -> Vec<&str> {
        self.row.fields.iter().filter(|field| field.required).map(|field| field.name.as_str()).collect()
    }

    /// Whether files are Excel workbooks: packed, and to be looked at whole.
    pub fn is_workbook(&self) -> bool {
        matches!(self.style.shape, Shape::Workbook(_))
    }

    /// Our short key, where the rows carry one.
    pub fn uses_bank_ref(&self) -> Option<BankRef> {
        if let Some(key) = self.standard_key() {
            return key;
        }
        let field = self.row.fields.iter().find(|field| field.means == Some(Meaning::BankRef))?;
        Some(BankRef { width: field.width.or(field.max), digits: field.pad == Some(Pad::ZeroLeft) })
    }

    /// The bank's parameters this format takes, each with its default.
    pub fn params(&self) -> Vec<(&str, Option<&str>)> {
        let lines = self.heads.iter().chain([&self.row]).chain(&self.tails);
        let fields = lines.flat_map(|line| &line.fields);
        let named = fields.clone().filter_map(|field| Some((field.param.as_deref()?, field.default.as_deref())));
        let named = named.chain(self.standard_params());
        let put_together = fields.clone().filter_map(|field| field.template.as_ref()).flat_map(Template::params);
        let whole = self.template.params().into_iter().chain(put_together).map(|name| (name, None));
        let mut all: Vec<_> = whole.chain(named).collect();
        all.sort_unstable();
        all.dedup_by_key(|(name, _)| *name);
        all
    }

    /// The name of a file we write.
    pub fn file_name(&self, facts: &FileFacts) -> Result<String, FileError> {
        self.template.write(facts).map_err(|(part, problem)| FileError {
            file: String::new(),
            line: 0,
            column: 0,
            field: part,
            problem,
            rule: format!("the file name of format {}; set it in the bank's parameters", self.name),
        })
    }

    /// What a file's name says; `None` if it is no name of this format. Parameters that are not given match any.
    pub fn name_facts(&self, file_name: &str, params: &Params) -> Option<NameFacts> {
        self.template.read(file_name, params)
    }
}
