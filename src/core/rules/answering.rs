//! What an answer causes (design §4): a category decides everything, in one table.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::model::category::Category;
use crate::model::debit::{Event, State};
use crate::model::money::Fen;

/// The text a resident gets. The words stand in the templates' file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    /// Taken and credited.
    Credited,
    /// Taken, the meter has not said yes yet.
    CreditPending,
    /// Not enough money, tried again.
    Funds,
    /// Not enough money for the last time: the agreement is suspended.
    FundsLast,
    /// Over a limit.
    Limit,
    /// Visit the bank: the card is invalid, lost, frozen, closed.
    VisitBank,
    /// Visit the bank and sign again.
    SignAgain,
    /// Refused without a reason: ask the bank.
    AskBank,
    /// Failed after all (冲正 as a first answer).
    Failed,
    /// Taken and given back.
    Reversed,
    /// Credited, and the balance is still too low for the power to come back.
    StillShort,
    /// The power is back.
    Reclosed,
}

impl Notice {
    /// The template's name.
    pub const fn word(self) -> &'static str {
        match self {
            Notice::Credited => "credited",
            Notice::CreditPending => "credit_pending",
            Notice::Funds => "funds",
            Notice::FundsLast => "funds_last",
            Notice::Limit => "limit",
            Notice::VisitBank => "visit_bank",
            Notice::SignAgain => "sign_again",
            Notice::AskBank => "ask_bank",
            Notice::Failed => "failed",
            Notice::Reversed => "reversed",
            Notice::StillShort => "still_short",
            Notice::Reclosed => "reclosed",
        }
    }
}

/// Whom a suspension hits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Suspend {
    /// Nobody.
    None,
    /// This agreement.
    This,
    /// Every agreement on this card at this bank.
    WholeCard,
}

/// Who acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Owner {
    /// Nobody needs to.
    Nobody,
    /// The bank's counter.
    Counter,
    /// 运维.
    Operator,
    /// 财务.
    Finance,
}

/// What follows an answer for agreement, text and people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FollowUp {
    /// Answers of this category in a row, this one included; 0 after money was taken.
    pub in_row: i64,
    /// Whom it suspends.
    pub suspend: Suspend,
    /// Not selected until an operator has looked.
    pub held: bool,
    /// The text, if any.
    pub notice: Option<Notice>,
    /// Who acts.
    pub owner: Owner,
}

/// Refusals for lack of money, in a row, that suspend an agreement.
pub const FUNDS_IN_ROW: i64 = 7;

/// The table. `in_row_before` counts earlier answers of the same category in a row.
pub const fn follow_up(category: Category, in_row_before: i64) -> FollowUp {
    let in_row = in_row_before + 1;
    let plain = FollowUp { in_row, suspend: Suspend::None, held: false, notice: None, owner: Owner::Nobody };
    match category {
        Category::Paid => FollowUp { in_row: 0, ..plain },
        Category::PaidLate => FollowUp { in_row: 0, owner: Owner::Finance, ..plain },
        Category::Funds if in_row >= FUNDS_IN_ROW => {
            FollowUp { suspend: Suspend::This, notice: Some(Notice::FundsLast), ..plain }
        }
        Category::Funds if in_row == 1 || in_row == 3 => FollowUp { notice: Some(Notice::Funds), ..plain },
        Category::Funds => plain,
        Category::Limit if in_row == 1 => FollowUp { notice: Some(Notice::Limit), ..plain },
        Category::Limit => plain,
        Category::Account => {
            FollowUp { suspend: Suspend::WholeCard, notice: Some(Notice::VisitBank), owner: Owner::Counter, ..plain }
        }
        Category::Identity | Category::Agreement => {
            FollowUp { suspend: Suspend::This, notice: Some(Notice::SignAgain), owner: Owner::Counter, ..plain }
        }
        Category::Unexplained if in_row == 1 => FollowUp { notice: Some(Notice::AskBank), ..plain },
        Category::Unexplained => plain,
        Category::Format => FollowUp { held: true, owner: Owner::Operator, ..plain },
        Category::System => FollowUp { owner: Owner::Operator, ..plain },
        Category::Duplicate | Category::Unknown => FollowUp { in_row: in_row_before, owner: Owner::Finance, ..plain },
        Category::Reversed => FollowUp { in_row: 0, notice: Some(Notice::Failed), ..plain },
    }
}

/// A 冲正 or 退票 of a debit that was paid: suspended, told, finance.
pub const REVERSAL: FollowUp =
    FollowUp { in_row: 0, suspend: Suspend::This, held: false, notice: Some(Notice::Reversed), owner: Owner::Finance };

/// What the bank said of one debit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// What it means.
    pub category: Category,
    /// What was taken, where the bank says so; else all that was asked.
    pub taken: Option<Fen>,
    /// 清算日; where the answer has none, the date of our file.
    pub bank_date: NaiveDate,
}

/// The event an answer is, for a debit of this amount in this state.
pub fn event_of(heard: &Heard, asked: Fen, state: &State) -> Event {
    match heard.category {
        category if category.took_money() => {
            Event::Pay { taken: heard.taken.unwrap_or(asked), bank_date: heard.bank_date }
        }
        category if category.is_open() => Event::Lapse,
        Category::Reversed if matches!(state, State::Paid { .. } | State::Credited { .. } | State::Reversed { .. }) => {
            Event::Reverse
        }
        category => Event::Refuse { category },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole table as people review it, for the 1st, 2nd, 3rd and 7th time in a row.
    #[test]
    fn the_table() {
        let mut table = String::new();
        for category in Category::ALL {
            for before in [0, 1, 2, 6] {
                let f = follow_up(*category, before);
                let notice = f.notice.map_or("-", Notice::word);
                let held = if f.held { "held" } else { "-" };
                table += &format!(
                    "{category:<12} #{} in_row {} suspend {:<9} {held:<5} sms {notice:<12} {:?}\n",
                    before + 1,
                    f.in_row,
                    format!("{:?}", f.suspend),
                    f.owner
                );
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn an_answer_is_one_event() {
        let day = "2026-11-20".parse().unwrap();
        let heard = |category, taken| Heard { category, taken, bank_date: day };
        let sent = State::Planned { sent: true };
        let paid = State::Paid { taken: Fen(5000), bank_date: day };
        let event = |category, taken, state: &State| event_of(&heard(category, taken), Fen(5000), state);
        assert_eq!(event(Category::Paid, None, &sent), Event::Pay { taken: Fen(5000), bank_date: day });
        assert_eq!(event(Category::Paid, Some(Fen(4000)), &sent), Event::Pay { taken: Fen(4000), bank_date: day });
        assert_eq!(event(Category::Duplicate, None, &sent), Event::Lapse);
        assert_eq!(event(Category::Reversed, None, &sent), Event::Refuse { category: Category::Reversed });
        assert_eq!(event(Category::Reversed, None, &paid), Event::Reverse);
    }
}
