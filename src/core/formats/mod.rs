//! Bytes ⇄ records: one engine for every bank's file, driven by `formats/*.toml`.
//!
//! ```text
//! file ─ cut ─▶ named texts ─ mean ─▶ values ─ judge ─▶ records        reading (answers, statements, any)
//! record ─ write ─▶ texts ─ pen ─▶ bytes                               writing (debits)
//! ```
//! *cut* and *pen* alone know a shape (delimited, fixed); both directions follow one list of fields. A [`Format`] is
//! only made by the loader, which refuses a TOML at its first wrong place; the manual is `docs/formats.md`.

mod answers;
mod catalogue;
mod cut;
mod fault;
mod format;
mod generic;
mod judge;
mod lines;
mod load;
mod load_fields;
mod load_lines;
mod load_workbook;
mod mean;
mod meaning;
mod pattern;
mod pen;
pub mod records;
mod sections;
mod sheet;
mod sheet_edges;
mod spec;
mod statements;
mod template;
mod template_read;
mod texts;
mod words;
mod write;

pub use self::answers::AnswerReader;
pub use self::catalogue::{Candidate, Catalogue};
pub(crate) use self::cut::{Input, LIMIT};
pub use self::fault::FormatError;
pub use self::format::{BankRef, Format, Limits};
pub use self::generic::RecordWriter;
pub use self::meaning::{Meaning, Message};
pub(crate) use self::pattern::nearest;
pub use self::sections::{NamedCell, RecordReader, Section};
pub use self::sheet::Kind;
pub use self::statements::StatementReader;
pub use self::words::RowsPerCard;
pub(crate) use self::words::{Bom, EndMark};
pub use self::write::Writer;
pub use crate::charset::Charset;
