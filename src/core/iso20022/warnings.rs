//! What is odd about a document and was read all the same: part of the result, for people.

use crate::formats::records::Warning;

/// So many are kept; a damaged file may hold a million of one kind.
const KEPT: usize = 200;

/// What people read: a document may hold texts of any length where a word should stand.
const SHOWN: usize = 300;

/// A problem as it is said, cut where it is too long.
pub(super) fn short(problem: String) -> String {
    match problem.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &problem[..end]),
        None => problem,
    }
}

/// The warnings of one document, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Warnings {
    kept: Vec<Warning>,
}

impl Warnings {
    /// Adds one with its place: line and column, or 0.
    pub(super) fn add(&mut self, (line, column): (u64, u32), field: &str, problem: impl Into<String>) {
        let problem = short(problem.into());
        if self.kept.len() > KEPT || self.kept.iter().any(|known| known.field == field && known.problem == problem) {
            return;
        }
        if self.kept.len() == KEPT {
            let problem = format!("more than {KEPT} warnings; those behind are not listed");
            return self.kept.push(Warning { line, column, field: "the file".to_owned(), problem });
        }
        self.kept.push(Warning { line, column, field: field.to_owned(), problem });
    }

    /// All that were kept.
    pub(super) fn all(&self) -> &[Warning] {
        &self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_warnings_are_two_hundred_and_one() {
        let mut warnings = Warnings::default();
        for n in 0..1_000_000_u64 {
            warnings.add((n, 1), "Ntry", format!("odd {}", n % 1_000));
        }
        assert_eq!(warnings.all().len(), KEPT + 1);
        assert!(warnings.all()[KEPT].problem.contains("not listed"));
    }
}
