//! The life of one debit. [`step`] is the whole diagram; nothing else moves a debit.

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::category::Category;
use super::money::Fen;

/// Where a debit stands; each variant holds its own facts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum State {
    /// 待发, 已入盘 or 已送: on its way; whether its file left is a fact of its batch.
    Planned {
        /// Its file left the house.
        sent: bool,
    },
    /// 已作废: never left.
    Void,
    /// 未回盘: sent, and nobody knows. Never sent again, never selected again, until the bank or two people say.
    Unanswered,
    /// 已扣: the bank took the money; the meter has not said yes yet.
    Paid {
        /// What the bank took, fen.
        taken: Fen,
        /// 清算日.
        bank_date: NaiveDate,
    },
    /// 已充: the meter said yes.
    Credited {
        /// What the bank took and the meter got, fen.
        taken: Fen,
        /// 清算日.
        bank_date: NaiveDate,
    },
    /// 失败.
    Refused {
        /// Why.
        category: Category,
    },
    /// 已冲正 or 已退票.
    Reversed {
        /// What was given back, fen.
        taken: Fen,
    },
    /// 已退款: the credit could not be given, the money goes back.
    Refunded {
        /// What goes back, fen.
        taken: Fen,
    },
}

/// What happens to a debit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    /// Taken out of its file before it left, or its file was voided.
    Void,
    /// Its file left the house.
    Send,
    /// The bank says paid.
    Pay {
        /// What it took, fen.
        taken: Fen,
        /// 清算日.
        bank_date: NaiveDate,
    },
    /// The bank says no.
    Refuse {
        /// Why.
        category: Category,
    },
    /// The bank says it does not know, or `answer_by` passed without a word.
    Lapse,
    /// The meter's yes.
    Credit,
    /// 冲正 or 退票: taken and given back.
    Reverse,
    /// Two people: the credit cannot be given, the money goes back.
    Refund,
}

/// What follows; carried out by the postings table (`rules::posting`) and the outbox in the same transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// clearing → prepaid.
    PostPaid(Fen),
    /// A credit order to the meter.
    CreditMeter(Fen),
    /// The success text, and the reclose decision.
    TellCredited(Fen),
    /// The refusal's consequences for agreement, text and desk (`rules::answering`).
    Consequences(Category),
    /// prepaid → clearing.
    PostReversed(Fen),
    /// The reversal's text; the agreement is suspended.
    TellReversed(Fen),
    /// prepaid → refunds payable; the live credit order is withdrawn.
    PostRefund(Fen),
}

/// This event cannot happen to a debit in this state: a contradiction, kept as a break, never a flip.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a debit that is {state} cannot {event}")]
pub struct Illegal {
    /// The state's word.
    pub state: &'static str,
    /// The event's word.
    pub event: &'static str,
}

/// The whole diagram. A repeat of what is known has no effects; a contradiction is [`Illegal`].
pub fn step(state: &State, event: &Event) -> Result<(State, Vec<Effect>), Illegal> {
    use Effect::{Consequences, CreditMeter, PostPaid, PostRefund, PostReversed, TellCredited, TellReversed};
    let moved = match (state, event) {
        (State::Planned { sent: false }, Event::Void) => (State::Void, vec![]),
        (State::Planned { .. }, Event::Send) => (State::Planned { sent: true }, vec![]),
        (State::Planned { sent: true }, Event::Lapse) => (State::Unanswered, vec![]),
        (State::Planned { sent: true } | State::Unanswered, Event::Pay { taken, bank_date }) => {
            (State::Paid { taken: *taken, bank_date: *bank_date }, vec![PostPaid(*taken), CreditMeter(*taken)])
        }
        (State::Planned { sent: true } | State::Unanswered, Event::Refuse { category }) => {
            (State::Refused { category: *category }, vec![Consequences(*category)])
        }
        (State::Paid { taken, bank_date }, Event::Credit) => {
            (State::Credited { taken: *taken, bank_date: *bank_date }, vec![TellCredited(*taken)])
        }
        (State::Paid { taken, .. } | State::Credited { taken, .. }, Event::Reverse) => {
            (State::Reversed { taken: *taken }, vec![PostReversed(*taken), TellReversed(*taken)])
        }
        (State::Paid { taken, .. }, Event::Refund) => (State::Refunded { taken: *taken }, vec![PostRefund(*taken)]),
        _ if repeats(state, event) => (state.clone(), vec![]),
        _ => return Err(Illegal { state: state.word(), event: event.word() }),
    };
    Ok(moved)
}

/// The same news again.
fn repeats(state: &State, event: &Event) -> bool {
    match (state, event) {
        (State::Void, Event::Void)
        | (State::Unanswered, Event::Lapse)
        | (State::Credited { .. }, Event::Credit)
        | (State::Reversed { .. }, Event::Reverse)
        | (State::Refunded { .. }, Event::Refund) => true,
        (
            State::Paid { taken, bank_date } | State::Credited { taken, bank_date },
            Event::Pay { taken: again, bank_date: day },
        ) => taken == again && bank_date == day,
        (State::Refused { category }, Event::Refuse { category: again }) => category == again,
        _ => false,
    }
}

impl State {
    /// The word in tables.
    pub const fn word(&self) -> &'static str {
        match self {
            State::Planned { .. } => "planned",
            State::Void => "void",
            State::Unanswered => "unanswered",
            State::Paid { .. } => "paid",
            State::Credited { .. } => "credited",
            State::Refused { .. } => "refused",
            State::Reversed { .. } => "reversed",
            State::Refunded { .. } => "refunded",
        }
    }

    /// Reads a row's columns; anything contradictory is an error, never a default.
    pub fn from_columns(
        word: &str,
        sent: bool,
        taken: Option<Fen>,
        bank_date: Option<NaiveDate>,
        category: Option<Category>,
    ) -> Result<State, String> {
        match (word, taken, bank_date, category) {
            ("planned", None, None, _) => Ok(State::Planned { sent }),
            ("void", None, None, None) => Ok(State::Void),
            ("unanswered", None, None, _) => Ok(State::Unanswered),
            ("paid", Some(taken), Some(bank_date), _) => Ok(State::Paid { taken, bank_date }),
            ("credited", Some(taken), Some(bank_date), _) => Ok(State::Credited { taken, bank_date }),
            ("refused", None, _, Some(category)) => Ok(State::Refused { category }),
            ("reversed", Some(taken), Some(_), _) => Ok(State::Reversed { taken }),
            ("refunded", Some(taken), Some(_), _) => Ok(State::Refunded { taken }),
            _ => Err(format!("state {word}, taken {taken:?}, bank date {bank_date:?}, category {category:?}")),
        }
    }
}

impl Event {
    /// The event's word.
    pub const fn word(&self) -> &'static str {
        match self {
            Event::Void => "void",
            Event::Send => "send",
            Event::Pay { .. } => "pay",
            Event::Refuse { .. } => "refuse",
            Event::Lapse => "lapse",
            Event::Credit => "credit",
            Event::Reverse => "reverse",
            Event::Refund => "refund",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 11, 20).unwrap()
    }

    fn every_state() -> Vec<State> {
        let (taken, bank_date) = (Fen(5000), day());
        vec![
            State::Planned { sent: false },
            State::Planned { sent: true },
            State::Void,
            State::Unanswered,
            State::Paid { taken, bank_date },
            State::Credited { taken, bank_date },
            State::Refused { category: Category::Funds },
            State::Reversed { taken },
            State::Refunded { taken },
        ]
    }

    fn every_event() -> Vec<Event> {
        vec![
            Event::Void,
            Event::Send,
            Event::Pay { taken: Fen(5000), bank_date: day() },
            Event::Refuse { category: Category::Funds },
            Event::Lapse,
            Event::Credit,
            Event::Reverse,
            Event::Refund,
        ]
    }

    /// The picture people review: every state against every event.
    #[test]
    fn the_diagram() {
        let mut picture = String::new();
        for state in every_state() {
            for event in every_event() {
                let sent = if state == (State::Planned { sent: true }) { "+sent" } else { "" };
                let line = match step(&state, &event) {
                    Ok((next, effects)) if next == state && effects.is_empty() => "(no news)".to_owned(),
                    Ok((next, effects)) => format!("--> {next:<11}{effects:?}"),
                    Err(_) => continue,
                };
                picture += &format!("{:<13} {:<7} {line}\n", format!("{state}{sent}"), event.word());
            }
        }
        insta::assert_snapshot!(picture);
    }

    #[test]
    fn a_repeat_is_no_news_and_a_contradiction_is_no_flip() {
        let paid = State::Paid { taken: Fen(5000), bank_date: day() };
        assert_eq!(step(&paid, &Event::Pay { taken: Fen(5000), bank_date: day() }), Ok((paid.clone(), vec![])));
        assert!(step(&paid, &Event::Pay { taken: Fen(4000), bank_date: day() }).is_err());
        assert!(step(&paid, &Event::Refuse { category: Category::Funds }).is_err());
        assert!(step(&State::Planned { sent: true }, &Event::Void).is_err(), "what left is never void");
        assert!(step(&State::Credited { taken: Fen(1), bank_date: day() }, &Event::Refund).is_err());
    }

    #[test]
    fn contradictory_rows_are_named() {
        assert!(State::from_columns("paid", true, None, Some(day()), None).is_err());
        assert!(State::from_columns("refused", true, None, None, None).is_err());
        assert!(State::from_columns("gone", true, None, None, None).is_err());
    }
}
