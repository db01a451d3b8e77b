//! Excel workbooks (.xlsx) from strangers: one sheet as rows of cells, as a stream.
//!
//! ```text
//! bytes ─ package: the archive, its limits ─▶ parts ─ contents: sheets, texts, styles ─▶ rows ─▶ Row { cells }
//! ```
//! A reader of its own, and not a library's, because of what finance needs and libraries hide: the digits of a number
//! as they stand in the file (never a binary fraction), formulas, hidden rows, merged cells, and a limit on everything
//! that is held. Held are the compressed bytes and the shared texts; the sheet passes by.

mod contents;
mod number;
mod package;
mod rows;
mod texts;

pub use self::contents::{Book, Choice};
pub use self::number::{moment, plain};
pub use self::rows::{Cell, Merged, Row, Rows, Value, name};

use crate::formats::records::FileError;
use crate::xml::XmlError;

/// The most bytes of a workbook, compressed.
pub const LARGEST: usize = 32 * 1024 * 1024;
/// The most bytes of all its parts, unpacked.
pub const UNPACKED: u64 = 512 * 1024 * 1024;
/// The most columns of a row.
pub const COLUMNS: u32 = 512;

/// An error about a row; row 0 = the workbook.
fn broken(row: u32, column: u32, problem: impl Into<String>, rule: impl Into<String>) -> FileError {
    let field = match (row, column) {
        (0, _) => "the workbook".to_owned(),
        (_, 0) => "the row".to_owned(),
        _ => format!("the cell {}", name(column - 1, row)),
    };
    FileError { file: String::new(), line: u64::from(row), column, field, problem: problem.into(), rule: rule.into() }
}

const DAMAGED: &str = "the workbook is damaged; open it in Excel, save it as .xlsx and fetch it again";

/// A part that is no XML as it should be; `row` where a sheet was being read.
fn unreadable(row: u32, part: &str, error: &XmlError) -> FileError {
    let problem = format!("{part}, line {} column {}: {}", error.place.line, error.place.column, error.problem);
    broken(row, 0, problem, DAMAGED)
}
