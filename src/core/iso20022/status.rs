//! What a status means (状态), and what follows from status and reasons: the bank's profile decides, not the code.

use serde::Deserialize;

use super::reason::Reason;
use crate::formats::judge::Ruled;
use crate::model::category::Category;

/// What a status says about the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Means {
    /// Taken.
    Paid,
    /// Accepted, received, in work: not an answer yet.
    Pending,
    /// Not taken; the reason says why.
    Refused,
}

/// What holds where a bank says nothing else: only what is settled is paid.
const USUAL: [(&str, Means); 14] = [
    ("ACSC", Means::Paid),
    ("ACCC", Means::Paid),
    ("RJCT", Means::Refused),
    ("CANC", Means::Refused),
    ("ACSP", Means::Pending),
    ("ACTC", Means::Pending),
    ("ACCP", Means::Pending),
    ("ACWC", Means::Pending),
    ("ACWP", Means::Pending),
    ("ACFC", Means::Pending),
    ("RCVD", Means::Pending),
    ("PDNG", Means::Pending),
    ("PATC", Means::Pending),
    ("BLCK", Means::Pending),
];

/// Some of the transactions below are accepted and some are not: it says nothing about any of them.
pub(super) const PART: &str = "PART";

/// The statuses of a bank.
#[derive(Clone, Debug, Default)]
pub struct Statuses {
    /// What the format says differently.
    pub own: Vec<(String, Means)>,
}

/// What a status and its reasons mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ruling {
    pub category: Category,
    /// The reason's code of a refusal, else the status.
    pub code: String,
    pub text: String,
    pub known: bool,
    /// Accepted, received, in work.
    pub pending: bool,
}

impl Statuses {
    /// What a status means; `None` for one that no table has.
    pub(super) fn means(&self, status: &str) -> Option<Means> {
        let own = self.own.iter().find(|(known, _)| known == status).map(|(_, means)| *means);
        own.or_else(|| USUAL.iter().find(|(known, _)| *known == status).map(|(_, means)| *means))
    }

    /// What a status and reasons mean together. A reason alone never refuses; a refusal without one is unexplained; one
    /// with a reason nobody has mapped is for people.
    pub(super) fn rule(&self, status: &str, reasons: &[Reason], table: &impl Ruled) -> Ruling {
        let text = super::reason::words(reasons);
        let pending = self.means(status) == Some(Means::Pending);
        let plain = |category, known| Ruling { category, code: status.to_owned(), text: text.clone(), known, pending };
        match self.means(status) {
            Some(Means::Paid) => plain(Category::Paid, true),
            Some(Means::Pending) => plain(Category::Unknown, true),
            None => plain(Category::Unknown, false),
            Some(Means::Refused) if reasons.iter().all(|reason| reason.code.is_empty()) => {
                plain(table.words(Category::Unexplained, &text), true)
            }
            Some(Means::Refused) => {
                let coded = reasons.iter().filter(|reason| !reason.code.is_empty());
                let ruled: Vec<Ruling> = coded
                    .map(|reason| {
                        let (category, known, words) = table.ruled(&reason.code, &text);
                        let text = if text.is_empty() { words } else { text.clone() };
                        Ruling { category, code: reason.code.clone(), text, known, pending }
                    })
                    .collect();
                // Of several reasons the first that says something certain.
                let best = ruled.iter().find(|ruling| ruling.category != Category::Unknown).or(ruled.first());
                best.cloned().unwrap_or_else(|| plain(Category::Unknown, false))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Table;

    impl Ruled for Table {
        fn ruled(&self, code: &str, _: &str) -> (Category, bool, String) {
            match code {
                "AM04" => (Category::Funds, true, "no money".into()),
                "NARR" => (Category::Unknown, true, String::new()),
                _ => (Category::Unknown, false, String::new()),
            }
        }
        fn words(&self, category: Category, _: &str) -> Category {
            category
        }
    }

    fn rule(status: &str, codes: &[&str]) -> (Category, String, bool) {
        let reasons: Vec<Reason> =
            codes.iter().map(|code| Reason { code: (*code).to_owned(), ..Reason::default() }).collect();
        let ruling = Statuses::default().rule(status, &reasons, &Table);
        (ruling.category, ruling.code, ruling.known)
    }

    #[test]
    fn a_reason_is_not_a_refusal_and_an_acceptance_is_not_money() {
        assert_eq!(rule("ACSC", &[]), (Category::Paid, "ACSC".into(), true));
        assert_eq!(rule("ACCP", &["NARR"]), (Category::Unknown, "ACCP".into(), true));
        assert_eq!(rule("ACWC", &["DT06"]), (Category::Unknown, "ACWC".into(), true));
        assert_eq!(rule("ACTC", &["AM04"]), (Category::Unknown, "ACTC".into(), true));
        assert_eq!(rule("RJCT", &["AM04"]), (Category::Funds, "AM04".into(), true));
        assert_eq!(rule("RJCT", &[]), (Category::Unexplained, "RJCT".into(), true));
        assert_eq!(rule("RJCT", &["NARR"]), (Category::Unknown, "NARR".into(), true));
        assert_eq!(rule("RJCT", &["XY99"]), (Category::Unknown, "XY99".into(), false));
        assert_eq!(rule("RJCT", &["NARR", "AM04"]), (Category::Funds, "AM04".into(), true));
        assert_eq!(rule("RVNM", &[]), (Category::Unknown, "RVNM".into(), false));
        assert_eq!(rule("", &[]), (Category::Unknown, String::new(), false));
    }

    #[test]
    fn a_bank_may_say_that_accepted_means_taken() {
        let own = Statuses { own: vec![("ACSP".into(), Means::Paid)] };
        assert_eq!(own.rule("ACSP", &[], &Table).category, Category::Paid);
        assert_eq!(own.rule("ACTC", &[], &Table).category, Category::Unknown);
    }
}
