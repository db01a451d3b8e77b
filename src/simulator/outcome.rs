//! What happens to one debit at the bank: what the answer says, what money moves, and when they differ.

use serde::{Deserialize, Serialize};

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $word:literal;)*) => {
        /// Why an answer says something else than "paid".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Reason { $($(#[$doc])* $name,)* }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Reason] = &[$(Reason::$name),*];

            /// The word in a scenario.
            pub const fn word(self) -> &'static str { match self { $(Reason::$name => $word),* } }
        }
    };
}

reasons! {
    /// 余额不足.
    Funds = "funds";
    /// 超限额.
    Limit = "limit";
    /// 账户不存在、挂失、冻结、销户.
    Account = "account";
    /// 户名或证件不符.
    Identity = "identity";
    /// 未签约.
    Agreement = "agreement";
    /// 其他原因.
    Unexplained = "unexplained";
    /// 明细格式错误.
    Format = "format";
    /// 系统故障, no money moved.
    System = "system";
    /// 重复: the bank says that it saw this debit before.
    Duplicate = "duplicate";
    /// 已受理: not an answer yet.
    Pending = "pending";
    /// 已冲正 as the first answer.
    Reversed = "reversed";
    /// A code no document names.
    Strange = "unknown-code";
}

impl Reason {
    /// What `refusals:n` draws from.
    pub const REFUSALS: &'static [Reason] =
        &[Reason::Funds, Reason::Limit, Reason::Account, Reason::Identity, Reason::Agreement, Reason::Unexplained];
}

/// What is taken from the card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Takes {
    /// What the answer says: all if paid, nothing otherwise.
    #[default]
    AsSaid,
    /// Nothing, whatever is said.
    Nothing,
    /// The asked amount, whatever is said.
    All,
    /// This amount, fen.
    Fen(i64),
    /// The asked amount and this much more (or less), fen.
    Shift(i64),
}

/// How often the row stands in the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// Once.
    #[default]
    Once,
    /// In no file, ever.
    Never,
    /// Twice in the same file.
    Twice,
    /// Not in the first file, but in a second one a day later.
    NextDay,
}

/// What follows the first answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Then {
    /// Nothing.
    #[default]
    Nothing,
    /// A second file, a day later, says the opposite; the money stays where it is.
    Flips,
    /// 冲正: taken back the same day, by a second file where the family has a code for it, and by the statement.
    ReversedSameDay,
    /// 退票: so many days after it was settled, the statement takes it back.
    Returned(u32),
}

/// How the money reaches the statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Money {
    /// On the bank date.
    #[default]
    OnTime,
    /// So many days later.
    Late(u32),
    /// Never.
    Never,
    /// Paid over twice, by two entries.
    Twice,
    /// Paid over once, but the entry is printed twice.
    PrintedTwice,
    /// This much more (or less) than was taken, fen.
    Off(i64),
}

/// The whole outcome of one debit. `Outcome::paid()` and `Outcome::refused(..)` start one; the other methods bend it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outcome {
    /// What the answer gives as reason; none = paid.
    pub reason: Option<Reason>,
    /// Code and text written instead of the family's own for `reason`.
    pub said: Option<(String, String)>,
    /// What is taken from the card.
    pub takes: Takes,
    /// How often the answer shows the row.
    pub shown: Shown,
    /// How far the amount the answer repeats is from the amount asked, fen.
    pub asked_off: i64,
    /// What follows the first answer.
    pub then: Then,
    /// How the money reaches the statement.
    pub money: Money,
    /// Taken after the bank's day was cut (日切): its 清算日 is the next day.
    pub after_cut: bool,
}

impl Outcome {
    /// Taken as asked, answered, settled on its day.
    pub fn paid() -> Outcome {
        Outcome::default()
    }

    /// Nothing taken, for this reason.
    pub fn refused(reason: Reason) -> Outcome {
        Outcome { reason: Some(reason), ..Outcome::default() }
    }

    /// Writes this code and text into the answer.
    pub fn saying(self, code: &str, message: &str) -> Outcome {
        Outcome { said: Some((code.to_owned(), message.to_owned())), ..self }
    }

    /// Takes this from the card, whatever the answer says.
    pub fn taking(self, takes: Takes) -> Outcome {
        Outcome { takes, ..self }
    }

    /// Shows the row this often.
    pub fn shown(self, shown: Shown) -> Outcome {
        Outcome { shown, ..self }
    }

    /// Repeats another amount than the one asked.
    pub fn repeating_asked_off_by(self, fen: i64) -> Outcome {
        Outcome { asked_off: fen, ..self }
    }

    /// What follows.
    pub fn then(self, then: Then) -> Outcome {
        Outcome { then, ..self }
    }

    /// How the money reaches the statement.
    pub fn money(self, money: Money) -> Outcome {
        Outcome { money, ..self }
    }

    /// Taken after the bank's day was cut (日切).
    pub fn after_cut(self) -> Outcome {
        Outcome { after_cut: true, ..self }
    }

    /// What leaves the card when this much is asked.
    pub fn taken(&self, asked: i64) -> i64 {
        match self.takes {
            Takes::AsSaid if self.reason.is_none() => asked,
            Takes::AsSaid | Takes::Nothing => 0,
            Takes::All => asked,
            Takes::Fen(fen) => fen,
            Takes::Shift(fen) => asked + fen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_card() {
        assert_eq!(Outcome::paid().taken(5000), 5000);
        assert_eq!(Outcome::refused(Reason::Funds).taken(5000), 0);
        assert_eq!(Outcome::refused(Reason::Funds).taking(Takes::All).taken(5000), 5000);
        assert_eq!(Outcome::paid().taking(Takes::Nothing).taken(5000), 0);
        assert_eq!(Outcome::paid().taking(Takes::Shift(-100)).taken(5000), 4900);
        assert_eq!(Outcome::paid().taking(Takes::Fen(1)).taken(5000), 1);
    }
}
