//! Whether a day may close (design §5): refused only for the reasons named here.

use chrono::NaiveDate;

/// What is known at closing time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayFacts {
    /// Failed invariants, by number and words.
    pub failed_invariants: Vec<String>,
    /// Files that are held, being applied, or quarantined without a break.
    pub unfinished_files: Vec<String>,
    /// Banks whose statement for a bank date is missing after `settle_by`.
    pub missing_statements: Vec<String>,
    /// Open breaks without an owner.
    pub unowned_breaks: Vec<String>,
    /// The first earlier date that is not closed.
    pub earlier_open: Option<NaiveDate>,
    /// The night of this date has not run.
    pub night_open: bool,
}

/// Why the day may not close; empty: it may.
pub fn reasons_to_refuse(facts: &DayFacts) -> Vec<String> {
    let mut reasons = Vec::new();
    if let Some(date) = facts.earlier_open {
        reasons.push(format!("{date} is not closed; days close in order: `yichong run close --date {date}` first"));
    }
    if facts.night_open {
        reasons.push("the night of this date has neither run nor been skipped".to_owned());
    }
    let mut all = |what: &str, list: &[String], next: &str| {
        reasons.extend(list.iter().map(|item| format!("{what}: {item}; {next}")));
    };
    all("invariant failed", &facts.failed_invariants, "see `yichong verify`");
    all("unfinished file", &facts.unfinished_files, "see `yichong files`");
    all("statement missing", &facts.missing_statements, "ask the bank for it");
    all("break without an owner", &facts.unowned_breaks, "see `yichong breaks`");
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_closes_unless_something_named_stands_against_it() {
        assert!(reasons_to_refuse(&DayFacts::default()).is_empty());
        let facts = DayFacts {
            failed_invariants: vec!["I1".into()],
            unfinished_files: vec!["f".into()],
            missing_statements: vec!["b".into()],
            unowned_breaks: vec!["u".into()],
            earlier_open: Some("2026-11-19".parse().unwrap()),
            night_open: true,
        };
        assert_eq!(reasons_to_refuse(&facts).len(), 6);
        assert!(reasons_to_refuse(&facts)[0].starts_with("2026-11-19 is not closed"));
    }
}
