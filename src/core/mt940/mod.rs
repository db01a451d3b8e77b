//! SWIFT MT940 (客户对账单): statements of an account as text, as the banks' cash-management channels send them.
//!
//! ```text
//! bytes ─ lines ─▶ decoded lines ─ fields ─▶ :61: :86: … ─ reader ─▶ pages, entries, closings ─ rows ─▶ StatementRow
//! ```
//! One entry is in memory at a time. A page is only closed if opening balance + entries = closing balance, to the fen.
//! It is read by hand: the parsers there are take a whole document, know no Chinese and name no place of a mistake.

mod balance;
mod entry;
mod fields;
mod lines;
mod narrative;
mod options;
mod pages;
mod reader;
mod rows;
mod settings;
mod statements;
#[cfg(test)]
mod tests;

pub use self::balance::Balance;
pub use self::entry::{Entry, Mark};
pub use self::narrative::Narrative;
pub use self::options::{KindRule, Options, Reference};
pub use self::pages::{Closing, Page};
pub use self::reader::{Item, Reader};
pub use self::rows::row;
pub(crate) use self::settings::{COLUMNS, Spec, options};
pub(crate) use self::statements::{Section, Sections, Statements};

use crate::formats::records::FileError;

/// What is wrong in a field, and where in it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wrong {
    /// Characters of the field before the place; `usize::MAX` = the field as a whole.
    at: usize,
    problem: String,
    rule: &'static str,
}

impl Wrong {
    fn new(at: usize, problem: impl Into<String>, rule: &'static str) -> Wrong {
        Wrong { at, problem: problem.into(), rule }
    }

    /// Puts it in its place: the field `tag` begins in `line`, its value behind `:tag:`.
    fn place(self, line: u64, tag: &str) -> FileError {
        let column = match self.at {
            usize::MAX => 0,
            at => u32::try_from(at + tag.len() + 3).unwrap_or(u32::MAX),
        };
        let field = format!(":{tag}:");
        FileError { file: String::new(), line, column, field, problem: self.problem, rule: self.rule.to_owned() }
    }
}

/// An error about a line, before its field is known; line 0 = the file.
fn broken(line: u64, column: u32, problem: impl Into<String>, rule: &str) -> FileError {
    let field = if line == 0 { "the file" } else { "the line" };
    FileError {
        file: String::new(),
        line,
        column,
        field: field.to_owned(),
        problem: problem.into(),
        rule: rule.to_owned(),
    }
}
