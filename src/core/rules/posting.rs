//! One cent's way (design §3): which event moves money between which ledger accounts. The store joins this table.
//!
//! An entry is one amount from one ledger account to another, so every entry sums to zero by construction.

use serde::{Deserialize, Serialize};

macro_rules! ledger_accounts {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $zh:literal;)*) => {
        /// A ledger account (科目). Each exists per meter account and bank: the entry's row says which.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Ledger { $($(#[$doc])* $name,)* }
        impl Ledger {
            /// All.
            pub const ALL: &'static [Ledger] = &[$(Ledger::$name),*];
            /// The word in the ledger's table.
            pub const fn word(self) -> &'static str { match self { $(Ledger::$name => $word),* } }
            /// What finance reads.
            pub const fn zh(self) -> &'static str { match self { $(Ledger::$name => $zh),* } }
        }
    };
}

ledger_accounts! {
    /// Money the bank says it took and has not put into our account yet.
    Clearing = "clearing", "代扣清算";
    /// What a resident has paid ahead; below zero: 欠费.
    Prepaid = "prepaid", "预存电费";
    /// Our account at the bank.
    Bank = "bank", "银行存款";
    /// The bank's fees.
    Fees = "fees", "手续费";
    /// Money nobody has explained yet.
    Suspense = "suspense", "挂账";
    /// Money to be given back.
    RefundsPayable = "refunds_payable", "应退款";
    /// Balances taken over from an old system.
    Opening = "opening", "期初余额";
    /// Free credit (补助电).
    FreeCredit = "free_credit", "补助电";
    /// Who pays for free credit.
    Subsidy = "subsidy", "补贴";
    /// Written off.
    Loss = "loss", "损失";
    /// Electricity sold.
    Revenue = "revenue", "电费收入";
    /// Desk, kiosk, phone: each channel's own clearing.
    Channel = "channel", "其他渠道清算";
}

macro_rules! postings {
    ($($(#[$doc:meta])* $name:ident = $key:literal: $debit:ident -> $credit:ident;)*) => {
        /// An event that moves money. The key stands in the ledger: (account, key, ref) is unique, so no event posts
        /// twice.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Posting { $($(#[$doc])* $name,)* }
        impl Posting {
            /// All.
            pub const ALL: &'static [Posting] = &[$(Posting::$name),*];
            /// The key in the ledger.
            pub const fn key(self) -> &'static str { match self { $(Posting::$name => $key),* } }
            /// Debited and credited ledger account.
            pub const fn legs(self) -> (Ledger, Ledger) {
                match self { $(Posting::$name => (Ledger::$debit, Ledger::$credit)),* }
            }
        }
    };
}

postings! {
    /// The bank says paid; ref = debit.
    Paid = "paid": Clearing -> Prepaid;
    /// The debit's money is on the statement; ref = debit.
    Settled = "settled": Bank -> Clearing;
    /// The debit's money stood in suspense and is explained; ref = debit. The same key as `Settled`: a debit settles
    /// once.
    Explained = "settled": Suspense -> Clearing;
    /// The bank keeps a fee; ref = statement line.
    Fee = "fee": Fees -> Bank;
    /// Money nobody has explained yet; ref = statement line.
    Unexplained = "suspense": Bank -> Suspense;
    /// Money gone that nobody has explained yet; ref = statement line.
    UnexplainedOut = "suspense": Suspense -> Bank;
    /// 冲正 or 退票; ref = debit.
    Reversed = "reversed": Prepaid -> Clearing;
    /// The reversal is on the statement; ref = debit.
    ReversalPaid = "reversal_paid": Clearing -> Bank;
    /// Two people: the credit cannot be given, the money goes back; ref = debit.
    Refund = "refund": Prepaid -> RefundsPayable;
    /// Two people: suspense belongs to somebody who gets it back; ref = statement line.
    SuspenseRefund = "suspense_out": Suspense -> RefundsPayable;
    /// Two people: suspense is nobody's; ref = statement line.
    SuspenseWrittenOff = "suspense_out": Suspense -> Loss;
    /// Two people: money gone is lost; ref = statement line.
    LossTaken = "suspense_out": Loss -> Suspense;
    /// A balance taken over; ref = business date.
    Opening = "opening": Opening -> Prepaid;
    /// An old debt taken over; ref = business date.
    OpeningDebt = "opening": Prepaid -> Opening;
    /// Free credit granted; ref = business date.
    Granted = "granted": Subsidy -> FreeCredit;
    /// Electricity used, paid money; ref = business date.
    Consumed = "consumed": Prepaid -> Revenue;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The design's table, printed: a change of a booking is a visible line.
    #[test]
    fn the_table() {
        let line = |p: &Posting| {
            let (debit, credit) = p.legs();
            format!("{:<14} {:<16} -> {}", p.key(), debit.word(), credit.word())
        };
        insta::assert_snapshot!(Posting::ALL.iter().map(line).collect::<Vec<_>>().join("\n"));
    }

    /// paid, settled, reversed, paid out: clearing ends at zero; prepaid too.
    #[test]
    fn a_debit_that_came_and_went_leaves_nothing() {
        let way = [Posting::Paid, Posting::Settled, Posting::Reversed, Posting::ReversalPaid];
        for ledger in Ledger::ALL {
            let sum: i64 =
                way.iter().map(|p| i64::from(p.legs().0 == *ledger) - i64::from(p.legs().1 == *ledger)).sum();
            assert_eq!(sum, 0, "{}", ledger.word());
        }
    }
}
