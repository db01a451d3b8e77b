//! The agreement (易充值协议): its number, its states, its terms.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::{AccountNo, IdError};
use super::money::Fen;

/// Names one agreement: the account and a number from 1 within it. Printed `051600001234-1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AgreementNo {
    /// The meter account.
    pub account: AccountNo,
    /// 1 for the account's first agreement, 2 for the next …
    pub number: i64,
}

impl fmt::Display for AgreementNo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}-{}", self.account, self.number)
    }
}

impl FromStr for AgreementNo {
    type Err = IdError;
    fn from_str(text: &str) -> Result<AgreementNo, IdError> {
        let bad = || IdError {
            text: text.to_owned(),
            what: "an agreement number",
            remedy: "write the account's 12 digits, `-`, and the number, e.g. 051600001234-1",
        };
        let (account, number) = text.split_once('-').ok_or_else(bad)?;
        let number = number.parse().ok().filter(|n| *n > 0).ok_or_else(bad)?;
        Ok(AgreementNo { account: account.parse()?, number })
    }
}

/// The life of an agreement: `pending → active ⇄ suspended → cancelled`. Live = the first three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AgreementState {
    /// 待复核: signed, not yet released by a second person.
    Pending,
    /// 生效.
    Active,
    /// 暂停.
    Suspended,
    /// 已解约: the end.
    Cancelled,
}

impl AgreementState {
    /// The word in tables.
    pub const fn word(self) -> &'static str {
        match self {
            AgreementState::Pending => "pending",
            AgreementState::Active => "active",
            AgreementState::Suspended => "suspended",
            AgreementState::Cancelled => "cancelled",
        }
    }

    /// Reads the word of a table.
    pub fn from_word(word: &str) -> Option<AgreementState> {
        use AgreementState::{Active, Cancelled, Pending, Suspended};
        [Pending, Active, Suspended, Cancelled].into_iter().find(|state| state.word() == word)
    }

    /// Which states may follow.
    pub const fn may_become(self, next: AgreementState) -> bool {
        use AgreementState::{Active, Cancelled, Pending, Suspended};
        matches!(
            (self, next),
            (Pending | Suspended, Active) | (Active, Suspended) | (Pending | Active | Suspended, Cancelled)
        )
    }
}

/// What a bank is told of an agreement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// 签约.
    Sign,
    /// 解约.
    Cancel,
}

impl Operation {
    /// The word in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Operation::Sign => "sign",
            Operation::Cancel => "cancel",
        }
    }
}

/// What the form lets a resident choose (site setting; the defaults are the paper form's boxes).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boxes {
    /// 充值阈值, fen.
    pub thresholds: Vec<Fen>,
    /// 充值金额, fen.
    pub amounts: Vec<Fen>,
}

impl Default for Boxes {
    fn default() -> Boxes {
        let yuan = |boxes: [i64; 6]| boxes.map(Fen::yuan).to_vec();
        Boxes { thresholds: yuan([10, 20, 30, 50, 100, 200]), amounts: yuan([30, 50, 100, 150, 200, 300]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_back() {
        let number: AgreementNo = "051600001234-2".parse().unwrap();
        assert_eq!(number.to_string(), "051600001234-2");
        for text in ["051600001234", "051600001234-0", "051600001234-x", "1-1"] {
            assert!(text.parse::<AgreementNo>().is_err(), "{text}");
        }
    }

    #[test]
    fn cancelled_is_the_end() {
        use AgreementState::{Active, Cancelled, Pending, Suspended};
        assert!([Pending, Active, Suspended, Cancelled].iter().all(|next| !Cancelled.may_become(*next)));
        assert!(!Pending.may_become(Suspended) && Suspended.may_become(Active));
    }
}
