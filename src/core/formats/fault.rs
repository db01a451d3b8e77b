//! Errors: of a format file (for whoever writes it), and of one cell (before its place in the file is known).

use std::ops::Range;

use super::meaning::Secret;
use super::records::FileError;
use crate::model::card::{mask, mask_name};

/// A format file that is refused, with its first wrong place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {problem}")]
pub struct FormatError {
    /// The format file.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What is wrong, and what to write instead.
    pub problem: String,
}

/// The text of a format file, to turn offsets into places.
#[derive(Clone, Copy)]
pub(super) struct Source<'t> {
    pub file: &'t str,
    pub text: &'t str,
}

impl Source<'_> {
    pub(super) fn error(&self, span: Range<usize>, problem: impl Into<String>) -> FormatError {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        FormatError {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            problem: problem.into(),
        }
    }
}

/// What is wrong with a cell, and the rule it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Problem {
    pub problem: String,
    pub rule: String,
}

impl Problem {
    pub(super) fn new(problem: impl Into<String>, rule: impl Into<String>) -> Problem {
        Problem { problem: problem.into(), rule: rule.into() }
    }

    /// Puts the problem in its place.
    pub(super) fn at(self, line: u64, column: u32, field: &str) -> FileError {
        FileError { file: String::new(), line, column, field: field.to_owned(), problem: self.problem, rule: self.rule }
    }
}

/// A value as messages show it; secrets masked, long texts cut.
pub(super) fn show(secret: Secret, text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    let shown = match secret {
        Secret::No => short,
        Secret::Number => mask(&short),
        Secret::Name => mask_name(&short),
    };
    format!("`{}{more}`", shown.escape_debug())
}
