//! What a bank's answer means, whatever its code: the one list every code table maps to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! categories {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $zh:literal;)*) => {
        /// The category of an answer (原因分类). Everything that follows an answer follows from this (see
        /// `rules::answering`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Category { $($(#[$doc])* $name,)* }

        impl Category {
            /// Every category, in the order of the design's table.
            pub const ALL: &'static [Category] = &[$(Category::$name),*];

            /// The word used in format files, tables and `--json`.
            pub const fn word(self) -> &'static str { match self { $(Category::$name => $word),* } }

            /// What people read.
            pub const fn zh(self) -> &'static str { match self { $(Category::$name => $zh),* } }
        }
    };
}

categories! {
    /// The bank took the money (成功).
    Paid = "paid", "扣款成功";
    /// The bank took the money and says its own posting is late: money taken, flagged for finance.
    PaidLate = "paid_late", "已扣款，银行入账迟延";
    /// Not enough money on the card (余额不足).
    Funds = "funds", "余额不足";
    /// A limit of the card or the channel (超限额).
    Limit = "limit", "超过限额";
    /// No such account, lost, frozen, closed, expired (账户状态异常).
    Account = "account", "银行卡无效或状态异常";
    /// Name or ID number is not the card's (户名或证件不符).
    Identity = "identity", "户名或证件不符";
    /// The bank knows no such agreement (未签约).
    Agreement = "agreement", "银行无此签约";
    /// Refused, reason not given.
    Unexplained = "unexplained", "拒绝，原因未说明";
    /// The row's format is at fault (格式错误).
    Format = "format", "明细格式错误";
    /// The bank's system, only where its document says that no money moved.
    System = "system", "银行系统故障，未扣款";
    /// The bank says it saw this debit before (重复): unanswered, a break.
    Duplicate = "duplicate", "重复";
    /// In work, unknown, no code: not an answer yet (未知).
    Unknown = "unknown", "结果未知";
    /// Taken and given back (冲正, 退票).
    Reversed = "reversed", "已冲正";
}

impl Category {
    /// Money was taken from the card.
    pub const fn took_money(self) -> bool {
        matches!(self, Category::Paid | Category::PaidLate)
    }

    /// The bank has not said yes or no: never resent, never selected again until it does.
    pub const fn is_open(self) -> bool {
        matches!(self, Category::Unknown | Category::Duplicate)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.word())
    }
}

impl FromStr for Category {
    type Err = String;
    fn from_str(word: &str) -> Result<Category, String> {
        Category::ALL.iter().copied().find(|c| c.word() == word).ok_or_else(|| {
            let words: Vec<_> = Category::ALL.iter().map(|c| c.word()).collect();
            format!("`{word}` is no category; write one of {}", words.join(", "))
        })
    }
}

impl Default for Category {
    /// Nothing is known before somebody says it.
    fn default() -> Category {
        Category::Unknown
    }
}
