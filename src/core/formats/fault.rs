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
        // A shifted column puts a card where an amount should be: what is as long as a card or an ID number is masked,
        // whatever the field was meant to hold.
        Secret::No => veil(&short),
        Secret::Number => mask(&short),
        Secret::Name => mask_name(&short),
    };
    format!("`{}{more}`", shown.escape_debug())
}

/// Masks every run of digits (and a last X) that could be a card or an ID number: 13 to 19 characters; our own
/// account numbers have 12.
fn veil(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    for c in text.chars().chain(std::iter::once('\u{0}')) {
        if c.is_ascii_digit() || (matches!(c, 'X' | 'x') && run.len() == 17) {
            run.push(c);
            continue;
        }
        let hidden = (13..=19).contains(&run.len());
        out.push_str(&if hidden { mask(&run) } else { std::mem::take(&mut run) });
        run.clear();
        if c != '\u{0}' {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_in_a_wrong_column_is_masked_all_the_same() {
        assert_eq!(show(Secret::No, "6221558812340000"), "`622155******0000`");
        assert_eq!(show(Secret::No, "a11010519491231002X b"), "`a110105********002X b`");
        assert_eq!(show(Secret::No, "051600001234"), "`051600001234`");
        assert_eq!(show(Secret::No, "100.005"), "`100.005`");
    }
}
