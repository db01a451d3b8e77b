//! Breaks (差错): facts that should agree and do not, by name.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $zh:literal;)*) => {
        /// The kinds of break (design §5); those about agreements stop no day from closing.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum BreakKind { $($(#[$doc])* $name,)* }

        impl BreakKind {
            /// All, in the design's order.
            pub const ALL: &'static [BreakKind] = &[$(BreakKind::$name),*];
            /// The word in tables and `--json`.
            pub const fn word(self) -> &'static str { match self { $(BreakKind::$name => $word),* } }
            /// What finance reads.
            pub const fn zh(self) -> &'static str { match self { $(BreakKind::$name => $zh),* } }
        }
    };
}

kinds! {
    /// Sent, `answer_by` passed, no answer.
    NoReturn = "no_return", "无回盘";
    /// Money on the statement that belongs to nothing we know, or more than it should be.
    Over = "over", "长款";
    /// Less money than the batch's successes, or money gone that belongs to nothing we know.
    Short = "short", "短款";
    /// One debit's money is not its amount.
    AmountDiffers = "amount_differs", "金额不符";
    /// Two answers, or answer and money, contradict each other; or a file that cannot be believed.
    StateDiffers = "state_differs", "状态不符";
    /// Answered paid, `settle_by` passed, no money.
    Unsettled = "unsettled", "未到账";
    /// Money for a debit the bank has not answered.
    MoneyUnanswered = "money_unanswered", "未回盘入账";
    /// Paid, and the meter did not take the credit.
    MeterUncredited = "meter_uncredited", "电表未到账";
    /// The same money twice, or the bank calls a debit a duplicate.
    Duplicate = "duplicate", "重复入账";
    /// 退票: money given back after its day.
    LateReturn = "late_return", "迟到退回";
    /// A lump that is exactly one bank date's part of its batch (清算日切).
    DayCut = "day_cut", "日切";
    /// The bank refused an agreement, or its file cannot hold it: no debit, the counter looks.
    AgreementRefused = "agreement_refused", "签约未成";
    /// Told the bank, its time is over, no yes and no no.
    AgreementUnanswered = "agreement_unanswered", "签约无回复";
    /// The bank's own list and ours are not the same.
    AgreementDiffers = "agreement_differs", "签约不符";
}

impl fmt::Display for BreakKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.word())
    }
}

impl FromStr for BreakKind {
    type Err = String;
    fn from_str(word: &str) -> Result<BreakKind, String> {
        BreakKind::ALL.iter().copied().find(|kind| kind.word() == word || kind.zh() == word).ok_or_else(|| {
            let words: Vec<_> = BreakKind::ALL.iter().map(|kind| kind.word()).collect();
            format!("`{word}` is no kind of break; write one of {}", words.join(", "))
        })
    }
}
