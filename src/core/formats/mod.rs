//! Bytes ⇄ records: one engine for every bank's file, driven by `formats/*.toml`.
//!
//! ```text
//! file ─ cut ─▶ named texts ─ mean ─▶ values ─ judge ─▶ records        reading (answers, statements, any)
//! record ─ write ─▶ texts ─ pen ─▶ bytes                               writing (debits)
//! ```
//! *cut* and *pen* alone know a shape (delimited, fixed, XML); both directions follow one list of fields. A
//! [`Format`] is only made by the loader, which refuses a TOML at its first wrong place; the manual is
//! `docs/formats.md`.

pub mod agreements;
mod answer_reader;
mod catalogue;
mod cut;
mod fault;
mod format;
mod generic;
pub(crate) mod judge;
mod lines;
mod load;
mod load_agreements;
mod load_fields;
mod load_lines;
mod load_workbook;
mod load_xml;
mod mean;
mod meaning;
mod pattern;
mod pen;
mod record_reader;
pub mod records;
mod shape;
mod sheet;
mod sheet_answers;
mod sheet_edges;
mod sheet_records;
mod sheet_statements;
mod sheet_write;
mod signature;
mod spec;
mod standard;
mod statement_reader;
pub(crate) mod template;
mod template_read;
mod texts;
mod tree;
mod weave;
mod words;
mod writer;

pub use self::answer_reader::AnswerReader;
pub use self::catalogue::{Candidate, Catalogue};
pub(crate) use self::cut::{Input, LIMIT};
pub use self::fault::FormatError;
pub use self::format::{BankRef, Format, Limits};
pub use self::generic::RecordWriter;
pub use self::meaning::{Meaning, Message};
pub(crate) use self::pattern::nearest;
pub use self::record_reader::{NamedCell, RecordReader, Section};
pub use self::sheet::Kind;
pub use self::signature::{Signer, Verifier};
pub use self::statement_reader::StatementReader;
pub(crate) use self::texts::push_number;
pub use self::words::RowsPerCard;
pub(crate) use self::words::{Bom, EndMark};
pub use self::writer::Writer;
pub use crate::charset::Charset;
