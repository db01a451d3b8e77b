//! What people may change of an agreement (变更、暂停、恢复、换卡、解约), what it is afterwards, and what becomes of a
//! debit that is on its way meanwhile (design §2).

use std::fmt;
use std::str::FromStr;

use crate::model::agreement::{AgreementState, Boxes};
use crate::model::money::Fen;

/// What is asked. Written as people and tables have it: `release`, `amend:threshold=50.00,amount=100.00`, `suspend`,
/// `resume`, `replace_card:BOC` (the card itself travels sealed beside it), `cancel`, `tell_again:BOC`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// 签约复核: what a teller entered comes into force.
    Release,
    /// 变更: other boxes of the form; what is not named stays.
    Terms {
        /// 充值阈值.
        threshold: Option<Fen>,
        /// 充值金额.
        amount: Option<Fen>,
    },
    /// 暂停.
    Suspend,
    /// 恢复.
    Resume,
    /// 换卡: another card of the same payer, at this bank.
    ReplaceCard {
        /// The new card's bank.
        bank: String,
    },
    /// 解约.
    Cancel,
    /// 重报: what this bank refused is told it again, without a new version.
    TellAgain {
        /// The bank that refused it.
        bank: String,
    },
}

/// An agreement as far as a change looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its state.
    pub state: AgreementState,
    /// 充值阈值.
    pub threshold: Fen,
    /// 充值金额.
    pub amount: Fen,
}

/// Why a change cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The word is none of the changes.
    #[error(
        "`{0}` is no change of an agreement; write release, amend:threshold=50,amount=100, suspend, resume, \
         replace_card:BANK, cancel or tell_again:BANK"
    )]
    Word(String),
    /// Not from this state.
    #[error("the agreement is {state}; {change} needs one that is {needs}")]
    State {
        /// Which change.
        change: &'static str,
        /// Its state's word.
        state: &'static str,
        /// The states it may be in.
        needs: &'static str,
    },
    /// Nothing would be different.
    #[error("threshold {threshold} and amount {amount} are its terms already; nothing would change")]
    Same {
        /// 充值阈值.
        threshold: Fen,
        /// 充值金额.
        amount: Fen,
    },
    /// Not a box of the form.
    #[error("{what} {value} is no box of the form; write one of {boxes} yuan")]
    Box {
        /// threshold or amount.
        what: &'static str,
        /// What was asked.
        value: Fen,
        /// What there is.
        boxes: String,
    },
}

impl Change {
    /// Its word, without what was chosen.
    pub const fn word(&self) -> &'static str {
        match self {
            Change::Release => "release",
            Change::Terms { .. } => "amend",
            Change::Suspend => "suspend",
            Change::Resume => "resume",
            Change::ReplaceCard { .. } => "replace_card",
            Change::Cancel => "cancel",
            Change::TellAgain { .. } => "tell_again",
        }
    }

    /// Whether it makes a new version of the agreement; the others change its state only.
    pub const fn is_new_version(&self) -> bool {
        matches!(self, Change::Terms { .. } | Change::ReplaceCard { .. })
    }
}

/// What the agreement is after the change, or why it cannot be made. The change is in force at once.
pub fn amend(now: &Standing, change: &Change, boxes: &Boxes) -> Result<Standing, Refused> {
    use AgreementState::{Active, Cancelled, Pending, Suspended};
    let from = |states: &[AgreementState], needs| match states.contains(&now.state) {
        true => Ok(()),
        false => Err(Refused::State { change: change.word(), state: now.state.word(), needs }),
    };
    match change {
        Change::Release => from(&[Pending], "pending").map(|()| Standing { state: Active, ..*now }),
        Change::Suspend => from(&[Active], "active").map(|()| Standing { state: Suspended, ..*now }),
        Change::Resume => from(&[Suspended], "suspended").map(|()| Standing { state: Active, ..*now }),
        Change::Cancel => {
            from(&[Pending, Active, Suspended], "not cancelled").map(|()| Standing { state: Cancelled, ..*now })
        }
        Change::ReplaceCard { .. } => from(&[Active, Suspended], "active or suspended").map(|()| *now),
        // A cancellation may have been refused, too.
        Change::TellAgain { .. } => from(&[Active, Suspended, Cancelled], "released").map(|()| *now),
        Change::Terms { threshold, amount } => {
            from(&[Active, Suspended], "active or suspended")?;
            let after = Standing {
                threshold: threshold.unwrap_or(now.threshold),
                amount: amount.unwrap_or(now.amount),
                ..*now
            };
            boxed("threshold", *threshold, &boxes.thresholds)?;
            boxed("amount", *amount, &boxes.amounts)?;
            if after == *now {
                return Err(Refused::Same { threshold: now.threshold, amount: now.amount });
            }
            Ok(after)
        }
    }
}

fn boxed(what: &'static str, value: Option<Fen>, boxes: &[Fen]) -> Result<(), Refused> {
    let Some(value) = value.filter(|value| !boxes.contains(value)) else { return Ok(()) };
    let boxes: Vec<String> = boxes.iter().map(ToString::to_string).collect();
    Err(Refused::Box { what, value, boxes: boxes.join(", ") })
}

/// What becomes of a debit that is on its way when its agreement changes. Its own terms are frozen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InFlight {
    /// 未制盘: its file is not made yet and the agreement is no longer active: void, nothing is taken.
    Void,
    /// 未送出: on a line of a file or about to be; it will still be taken as it was planned.
    Frozen,
    /// 已送出: its file left; it will still be taken as it was sent.
    Left,
    /// 已扣: the money is taken, the credit follows.
    Taken,
}

/// Where a debit on its way stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    /// Its file is sealed.
    pub sealed: bool,
    /// Its file left.
    pub sent: bool,
    /// The bank said yes.
    pub paid: bool,
}

/// What becomes of it when its agreement is in this state.
pub const fn in_flight(debit: Flight, after: AgreementState) -> InFlight {
    match (debit.paid, debit.sent, debit.sealed, after) {
        (true, ..) => InFlight::Taken,
        (_, true, ..) => InFlight::Left,
        (_, _, false, AgreementState::Suspended | AgreementState::Cancelled) => InFlight::Void,
        _ => InFlight::Frozen,
    }
}

impl fmt::Display for Change {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())?;
        match self {
            Change::Terms { threshold, amount } => {
                let named = [("threshold", threshold), ("amount", amount)];
                let named = named.iter().filter_map(|(name, fen)| fen.map(|fen| format!("{name}={fen}")));
                write!(out, ":{}", named.collect::<Vec<_>>().join(","))
            }
            Change::ReplaceCard { bank } | Change::TellAgain { bank } => write!(out, ":{bank}"),
            Change::Release | Change::Suspend | Change::Resume | Change::Cancel => Ok(()),
        }
    }
}

impl FromStr for Change {
    type Err = Refused;
    fn from_str(text: &str) -> Result<Change, Refused> {
        let bad = || Refused::Word(text.to_owned());
        let (word, choice) = text.split_once(':').map_or((text, None), |(word, choice)| (word, Some(choice)));
        match (word, choice) {
            ("release", None) => Ok(Change::Release),
            ("suspend", None) => Ok(Change::Suspend),
            ("resume", None) => Ok(Change::Resume),
            ("cancel", None) => Ok(Change::Cancel),
            ("replace_card", Some(bank)) if !bank.is_empty() => Ok(Change::ReplaceCard { bank: bank.to_owned() }),
            ("tell_again", Some(bank)) if !bank.is_empty() => Ok(Change::TellAgain { bank: bank.to_owned() }),
            ("amend", Some(choice)) => {
                let (mut threshold, mut amount) = (None, None);
                for part in choice.split(',') {
                    let (name, value) = part.split_once('=').ok_or_else(bad)?;
                    let place = match name {
                        "threshold" => &mut threshold,
                        "amount" => &mut amount,
                        _ => return Err(bad()),
                    };
                    let twice = place.replace(Fen::parse_yuan(value).map_err(|_| bad())?).is_some();
                    if twice {
                        return Err(bad());
                    }
                }
                Ok(Change::Terms { threshold, amount })
            }
            _ => Err(bad()),
        }
    }
}

#[cfg(test)]
mod tests;
