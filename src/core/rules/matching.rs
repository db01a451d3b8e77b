//! Whether a bank's answer file is about what we sent (pass 1): one wrong row and the whole file changes nothing.

use crate::formats::records::{AnswerFacts, Lists, Totals};
use crate::model::money::Fen;

/// One answer beside the debit it claims to answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// Line of the answer file.
    pub line: u32,
    /// The key it names, as the bank wrote it.
    pub key: String,
    /// What was asked by the answer, where it says so.
    pub stated_asked: Option<Fen>,
    /// What was taken by the answer, where it says so.
    pub taken: Option<Fen>,
    /// Whether the answer means that money was taken.
    pub took_money: bool,
    /// What we sent: none if we never sent such a debit.
    pub sent: Option<Sent>,
    /// The card (by its last 4) differs from the one sent; `None` where the answer has no card.
    pub card_equal: Option<bool>,
    /// The answer's earlier line in the same file with the same key.
    pub earlier_line: Option<u32>,
}

/// What we sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Its amount, fen.
    pub asked: Fen,
    /// Its file left the house.
    pub left: bool,
}

/// Why a file is quarantined; says the line and both values.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// An item we never sent.
    #[error("line {line}: we never sent {key}; ask the bank whose it is")]
    Unknown {
        /// Where.
        line: u32,
        /// Which.
        key: String,
    },
    /// Two rows for one debit.
    #[error("line {line}: {key} stands on line {earlier} already")]
    Twice {
        /// Where.
        line: u32,
        /// Where before.
        earlier: u32,
        /// Which.
        key: String,
    },
    /// The answer names another amount than we asked.
    #[error("line {line}: {key} asked {sent}, the answer says {stated}")]
    Asked {
        /// Where.
        line: u32,
        /// Which.
        key: String,
        /// Sent.
        sent: Fen,
        /// By the answer.
        stated: Fen,
    },
    /// More was taken than asked, or less where the format does not allow it.
    #[error("line {line}: {key} asked {sent}, the bank took {taken}; this format takes all or nothing")]
    Taken {
        /// Where.
        line: u32,
        /// Which.
        key: String,
        /// Sent.
        sent: Fen,
        /// Taken.
        taken: Fen,
    },
    /// The answer names another card.
    #[error("line {line}: {key} was sent for another card")]
    Card {
        /// Where.
        line: u32,
        /// Which.
        key: String,
    },
    /// The file's own words about the request differ from the request.
    #[error("the answer says {stated_count} debits of {stated_sum}, we sent {sent_count} of {sent_sum}")]
    Request {
        /// By the answer.
        stated_count: u64,
        /// By the answer.
        stated_sum: Fen,
        /// Ours.
        sent_count: u64,
        /// Ours.
        sent_sum: Fen,
    },
    /// A file that should list every debit has fewer or more rows than its request.
    #[error("the answer has {rows} rows for {sent} debits and says nothing of the others")]
    Rows {
        /// In the file.
        rows: u64,
        /// Sent.
        sent: u64,
    },
}

/// Checks one row.
pub fn check_row(pair: &Pair, partial: bool) -> Result<(), Mismatch> {
    let (line, key) = (pair.line, pair.key.clone());
    if let Some(earlier) = pair.earlier_line {
        return Err(Mismatch::Twice { line, earlier, key });
    }
    let Some(sent) = pair.sent.filter(|sent| sent.left) else { return Err(Mismatch::Unknown { line, key }) };
    if let Some(stated) = pair.stated_asked.filter(|stated| *stated != sent.asked) {
        return Err(Mismatch::Asked { line, key, sent: sent.asked, stated });
    }
    if pair.card_equal == Some(false) {
        return Err(Mismatch::Card { line, key });
    }
    match pair.taken.filter(|_| pair.took_money) {
        Some(taken) if taken > sent.asked || (taken < sent.asked && !partial) || taken.0 <= 0 => {
            Err(Mismatch::Taken { line, key, sent: sent.asked, taken })
        }
        _ => Ok(()),
    }
}

/// Checks what the file says of its request; `sent` is the request's own total, where the file belongs to one request.
pub fn check_whole(facts: &AnswerFacts, sent: Option<Totals>) -> Result<(), Mismatch> {
    let (Some(sent), Some(stated)) = (sent, facts.stated_request) else { return Ok(()) };
    // A file that lists every debit tied its totals to its own rows, and every row is one of ours: fewer rows than we
    // sent leave the others unanswered, they do not spoil the file.
    let fewer = facts.lists == Lists::All && stated.count < sent.count && stated.sum < sent.sum;
    if stated != sent && !fewer {
        return Err(Mismatch::Request {
            stated_count: stated.count,
            stated_sum: stated.sum,
            sent_count: sent.count,
            sent_sum: sent.sum,
        });
    }
    Ok(())
}

/// What an absent row means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absent {
    /// Nothing yet: unanswered at `answer_by`.
    Open,
    /// Refused: the complete list of successes does not hold it.
    Refused,
    /// Paid: the complete list of failures does not hold it, and the stated successes are exactly the absent ones.
    Paid,
}

/// What the debits mean that this file does not list. `absent` are their count and sum.
pub fn absent_rows(facts: &AnswerFacts, sent: Totals, absent: Totals) -> Absent {
    match (facts.lists, facts.stated_request, facts.stated_taken) {
        (Lists::Successes, Some(stated), Some(taken)) if stated == sent && taken == facts.taken => Absent::Refused,
        (Lists::Failures, _, Some(taken)) if taken == absent => Absent::Paid,
        _ => Absent::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair() -> Pair {
        Pair {
            line: 3,
            key: "k".into(),
            stated_asked: Some(Fen(5000)),
            taken: Some(Fen(5000)),
            took_money: true,
            sent: Some(Sent { asked: Fen(5000), left: true }),
            card_equal: Some(true),
            earlier_line: None,
        }
    }

    #[test]
    fn one_wrong_row_is_named() {
        assert_eq!(check_row(&pair(), false), Ok(()));
        let said = |change: fn(&mut Pair), partial| {
            let mut pair = pair();
            change(&mut pair);
            check_row(&pair, partial).map_err(|e| e.to_string())
        };
        assert_eq!(said(|p| p.sent = None, false), Err("line 3: we never sent k; ask the bank whose it is".into()));
        assert!(said(|p| p.sent = Some(Sent { asked: Fen(5000), left: false }), false).is_err());
        assert_eq!(said(|p| p.earlier_line = Some(2), false), Err("line 3: k stands on line 2 already".into()));
        assert_eq!(
            said(|p| p.stated_asked = Some(Fen(5001)), false),
            Err("line 3: k asked 50.00, the answer says 50.01".into())
        );
        assert!(said(|p| p.card_equal = Some(false), false).is_err());
        assert!(said(|p| p.taken = Some(Fen(4999)), false).is_err());
        assert_eq!(said(|p| p.taken = Some(Fen(4999)), true), Ok(()));
        assert!(said(|p| p.taken = Some(Fen(5001)), true).is_err(), "more than asked is never right");
        assert!(said(|p| p.taken = Some(Fen(0)), true).is_err(), "paid nothing is not paid");
        assert_eq!(said(|p| (p.taken, p.took_money) = (Some(Fen(0)), false), false), Ok(()));
    }

    fn facts(lists: Lists, taken: u64, stated_taken: Option<u64>) -> AnswerFacts {
        let totals = |count: u64| Totals { count, sum: Fen(5000 * i64::try_from(count).unwrap()) };
        AnswerFacts {
            lists,
            partial: false,
            rows: totals(taken),
            taken: totals(taken),
            stated_request: Some(totals(3)),
            stated_taken: stated_taken.map(totals),
        }
    }

    #[test]
    fn absent_means_what_the_format_says_and_only_if_totals_tie() {
        let totals = |count: u64| Totals { count, sum: Fen(5000 * i64::try_from(count).unwrap()) };
        let absent = |facts: AnswerFacts, absent| absent_rows(&facts, totals(3), totals(absent));
        assert_eq!(absent(facts(Lists::All, 2, Some(2)), 1), Absent::Open);
        assert_eq!(absent(facts(Lists::Successes, 2, Some(2)), 1), Absent::Refused);
        assert_eq!(absent(facts(Lists::Successes, 2, Some(3)), 1), Absent::Open, "the list is not complete");
        assert_eq!(absent(facts(Lists::Failures, 0, Some(2)), 2), Absent::Paid);
        assert_eq!(absent(facts(Lists::Failures, 0, Some(1)), 2), Absent::Open, "one of the absent is not paid");
        assert_eq!(absent(facts(Lists::Failures, 0, None), 2), Absent::Open, "nobody says how many were paid");
    }

    #[test]
    fn the_request_must_be_ours() {
        let sent = Totals { count: 2, sum: Fen(10_000) };
        let said = check_whole(&facts(Lists::All, 2, None), Some(sent)).map_err(|e| e.to_string());
        assert_eq!(said, Err("the answer says 3 debits of 150.00, we sent 2 of 100.00".into()));
        assert_eq!(check_whole(&facts(Lists::All, 2, None), None), Ok(()));
        let more = Some(Totals { count: 4, sum: Fen(20_000) });
        assert_eq!(check_whole(&facts(Lists::All, 3, None), more), Ok(()), "a missing row is unanswered");
        assert!(check_whole(&facts(Lists::Successes, 2, None), more).is_err(), "its totals are those of the request");
        let richer = Some(Totals { count: 4, sum: Fen(15_000) });
        assert!(check_whole(&facts(Lists::All, 3, None), richer).is_err(), "fewer debits of the same sum");
    }
}
