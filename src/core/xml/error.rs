//! What is wrong with a document, and where. Texts of the document are never shown, only names.

use crate::formats::records::FileError;

/// A place in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// From 1.
    pub line: u64,
    /// In characters, from 1.
    pub column: u32,
}

/// The first wrong place in a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {} column {}: {problem} ({rule})", .place.line, .place.column)]
pub struct XmlError {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub problem: String,
    /// The rule that is broken, and what to do.
    pub rule: String,
}

impl XmlError {
    /// As an error about a file; the caller adds the file's name.
    pub fn into_file_error(self) -> FileError {
        FileError {
            file: String::new(),
            line: self.place.line,
            column: self.place.column,
            field: "the document".to_owned(),
            problem: self.problem,
            rule: self.rule,
        }
    }
}

/// What is wrong, before its place is known.
#[derive(Clone, Debug)]
pub(super) struct Wrong {
    problem: String,
    rule: String,
}

impl Wrong {
    pub(super) fn new(problem: impl Into<String>, rule: impl Into<String>) -> Wrong {
        Wrong { problem: problem.into(), rule: rule.into() }
    }

    pub(super) fn at(self, place: Place) -> XmlError {
        XmlError { place, problem: self.problem, rule: self.rule }
    }

    /// What the parser itself found.
    pub(super) fn of_parser(error: &quick_xml::Error) -> Wrong {
        use quick_xml::Error as E;
        use quick_xml::errors::{IllFormedError as Ill, SyntaxError};
        const CUT: &str = "a file is taken whole or not at all; it was cut short on its way, fetch it again";
        const XML: &str = "the document must be well-formed XML; ask the bank";
        match error {
            E::Syntax(SyntaxError::InvalidBangMarkup) => {
                Wrong::new("`<!` begins neither a comment nor a text", "files hold no declarations of their own")
            }
            E::Syntax(_) => Wrong::new("the document ends in the middle of a tag, comment or reference", CUT),
            E::IllFormed(Ill::MismatchedEndTag { expected, found }) => {
                Wrong::new(format!("{} is closed where {} is open", show(found), show(expected)), XML)
            }
            E::IllFormed(Ill::UnmatchedEndTag(found)) => {
                Wrong::new(format!("{} is closed, but nothing is open", show(found)), XML)
            }
            E::IllFormed(Ill::UnclosedReference) => {
                Wrong::new("an `&` begins no reference", "`&` is written `&amp;`; ask the bank")
            }
            E::IllFormed(other) => Wrong::new(format!("it is not well-formed: {other}"), XML),
            E::Escape(_) => Wrong::new("a character reference names no character", XML),
            E::InvalidAttr(_) => {
                Wrong::new("an attribute is not written name=\"value\", or stands twice in its tag", XML)
            }
            _ => Wrong::new("it is not well-formed XML", XML),
        }
    }
}

/// A name as messages show it: cut, and without what would disturb a terminal.
pub(super) fn show(name: &str) -> String {
    let short: String = name.chars().take(40).collect();
    let more = if short.len() < name.len() { "…" } else { "" };
    format!("`{}{more}`", short.escape_debug())
}
