//! Who is due tonight (design §1): one list of rules, read by the night and by `explain` alike.

use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::model::agreement::{AgreementNo, AgreementState};
use crate::model::ids::DebitNo;
use crate::model::money::Fen;

/// A balance as the meter's books last showed it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Paid money, fen; below zero in arrears.
    pub paid: Fen,
    /// Free credit (补助电), fen.
    pub free: Fen,
    /// The last day the free credit counts; none: no end.
    pub free_until: Option<NaiveDate>,
    /// When it was read.
    pub read_at: DateTime<Utc>,
}

impl Balance {
    /// What counts on a date: paid money and unexpired free credit.
    pub fn counts(&self, on: NaiveDate) -> Fen {
        let free = if self.free_until.is_none_or(|until| on <= until) { self.free.0 } else { 0 };
        Fen(self.paid.0.saturating_add(free))
    }
}

/// Everything the rules look at for one agreement on one date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Which agreement.
    pub agreement: AgreementNo,
    /// Its version.
    pub version: i64,
    /// Its state, and when and why it became so.
    pub state: AgreementState,
    /// Why it is in that state, if somebody or something said.
    pub state_reason: Option<String>,
    /// When a second person released it.
    pub released_at: Option<DateTime<Utc>>,
    /// The bank confirmed it, or needs not.
    pub confirmed: bool,
    /// The meter account is open.
    pub account_open: bool,
    /// 充值阈值.
    pub threshold: Fen,
    /// 充值金额.
    pub amount: Fen,
    /// The balance, if any was ever read.
    pub balance: Option<Balance>,
    /// When the account was last credited.
    pub last_credit_at: Option<DateTime<Utc>>,
    /// The account's debit of this date that is not void.
    pub debit_today: Option<DebitNo>,
    /// An open debit of any date: planned, sent, unanswered, or paid and not credited.
    pub open_debit: Option<DebitNo>,
    /// Refusals without a reason, in a row.
    pub unexplained_in_row: i64,
    /// A row-level format fault waits for an operator.
    pub held: bool,
    /// Already taken or on its way from this card on this date, fen.
    pub card_today: Fen,
    /// Already taken or on its way from this card in this month, fen.
    pub card_month: Fen,
}

/// The night the rules are asked about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Night {
    /// 业务日期.
    pub business_date: NaiveDate,
    /// The scheduled instant of the selection: what is released later counts tomorrow.
    pub selected_at: DateTime<Utc>,
    /// The bank takes files on this date.
    pub bank_open: bool,
    /// The bank is not paused by an operator.
    pub bank_running: bool,
    /// Caps and ages of the site.
    pub limits: Limits,
}

/// The site's limits on one debit, a card's day, a card's month, and on the age of a reading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Largest single debit, fen.
    pub per_debit: Fen,
    /// Most from one card on one date, fen.
    pub per_card_day: Fen,
    /// Most from one card in one calendar month, fen.
    pub per_card_month: Fen,
    /// A balance read longer ago than this many hours is stale.
    pub reading_hours: i64,
    /// Refusals without a reason before the agreement is left alone.
    pub unexplained_tries: i64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            per_debit: Fen::yuan(300),
            per_card_day: Fen::yuan(1_000),
            per_card_month: Fen::yuan(5_000),
            reading_hours: 36,
            unexplained_tries: 3,
        }
    }
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $zh:literal, |$c:ident, $n:ident| $pass:expr, $seen:expr;)*) => {
        /// One rule of the selection. The order is the order of asking.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Rule { $($(#[$doc])* $name,)* }

        impl Rule {
            /// All, in order.
            pub const ALL: &'static [Rule] = &[$(Rule::$name),*];
            /// The word in tables and `--json`.
            pub const fn word(self) -> &'static str { match self { $(Rule::$name => $word),* } }
            /// What people read.
            pub const fn zh(self) -> &'static str { match self { $(Rule::$name => $zh),* } }
            /// Whether the candidate passes.
            pub fn passes(self, candidate: &Candidate, night: &Night) -> bool {
                match self { $(Rule::$name => { let ($c, $n) = (candidate, night); let _ = ($c, $n); $pass }),* }
            }
            /// The value seen, in words.
            pub fn seen(self, candidate: &Candidate, night: &Night) -> String {
                match self { $(Rule::$name => { let ($c, $n) = (candidate, night); let _ = ($c, $n); $seen }),* }
            }
        }
    };
}

rules! {
    /// The meter account is open.
    AccountOpen = "account_open", "户号在用",
        |c, n| c.account_open, if c.account_open { "open".into() } else { "closed".into() };
    /// The agreement is active.
    AgreementActive = "agreement_active", "协议生效",
        |c, n| c.state == AgreementState::Active,
        format!("{}{}", c.state.word(), c.state_reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default());
    /// It was released before the selection started (当日签订，当日生效).
    InForce = "in_force", "选取前已复核",
        |c, n| c.released_at.is_some_and(|at| at <= n.selected_at),
        c.released_at
            .map_or("not released".into(), |at| format!("released {}, selection {}", shown(at), shown(n.selected_at)));
    /// Where a bank confirms agreements itself, it said yes.
    Confirmed = "confirmed", "银行已确认签约",
        |c, n| c.confirmed, if c.confirmed { "confirmed".into() } else { "waiting for the bank".into() };
    /// The bank takes files on this date.
    BankOpen = "bank_open", "银行当日受理",
        |c, n| n.bank_open,
        if n.bank_open { "takes files".into() } else { format!("bank closed on {}", n.business_date) };
    /// No operator paused the bank.
    BankRunning = "bank_running", "银行通道未暂停",
        |c, n| n.bank_running, if n.bank_running { "running".into() } else { "paused".into() };
    /// No row-level format fault waits for an operator.
    NotHeld = "not_held", "无待处理格式错误",
        |c, n| !c.held, if c.held { "held after a format fault".into() } else { "not held".into() };
    /// There is a reading.
    ReadingPresent = "reading_present", "有余额读数",
        |c, n| c.balance.is_some(),
        c.balance.as_ref().map_or("no reading".into(), |b| format!("read {}", shown(b.read_at)));
    /// The reading is younger than the site's limit and than the account's last credit.
    ReadingFresh = "reading_fresh", "读数未过期",
        |c, n| fresh(c, n), freshness(c, n);
    /// `balance < threshold`, strictly.
    Due = "due", "余额低于阈值",
        |c, n| c.balance.as_ref().is_some_and(|b| b.counts(n.business_date) < c.threshold),
        c.balance.as_ref().map_or("no reading".into(), |b| {
            format!("balance {}, threshold {}", b.counts(n.business_date), c.threshold)
        });
    /// At most one debit per account and business date, whatever its outcome.
    OncePerDay = "once_per_day", "当日未代扣",
        |c, n| c.debit_today.is_none(), c.debit_today.map_or("none today".into(), |no| format!("debit {no}"));
    /// No open debit.
    NoOpenDebit = "no_open_debit", "无在途代扣",
        |c, n| c.open_debit.is_none(),
        c.open_debit.map_or("none open".into(), |no| format!("debit {no} of {} is open", no.business_date()));
    /// Not refused without a reason too often.
    TriesLeft = "tries_left", "未达无原因拒绝次数上限",
        |c, n| c.unexplained_in_row < n.limits.unexplained_tries,
        format!("{} of {}", c.unexplained_in_row, n.limits.unexplained_tries);
    /// The single amount is inside the cap.
    CapDebit = "cap_debit", "单笔限额",
        |c, n| c.amount.0 > 0 && c.amount <= n.limits.per_debit, format!("{} of {}", c.amount, n.limits.per_debit);
    /// The card's day is inside the cap.
    CapCardDay = "cap_card_day", "银行卡当日限额",
        |c, n| c.card_today.0.saturating_add(c.amount.0) <= n.limits.per_card_day.0,
        format!("{} + {} of {}", c.card_today, c.amount, n.limits.per_card_day);
    /// The card's month is inside the cap.
    CapCardMonth = "cap_card_month", "银行卡当月限额",
        |c, n| c.card_month.0.saturating_add(c.amount.0) <= n.limits.per_card_month.0,
        format!("{} + {} of {}", c.card_month, c.amount, n.limits.per_card_month);
}

fn fresh(c: &Candidate, n: &Night) -> bool {
    let Some(balance) = &c.balance else { return false };
    let old = balance.read_at < n.selected_at - Duration::hours(n.limits.reading_hours);
    !old && c.last_credit_at.is_none_or(|credit| balance.read_at >= credit)
}

fn freshness(c: &Candidate, n: &Night) -> String {
    match (&c.balance, c.last_credit_at) {
        (None, _) => "no reading".into(),
        (Some(b), Some(credit)) if b.read_at < credit => {
            format!("read {}, before the credit of {}", shown(b.read_at), shown(credit))
        }
        (Some(b), _) => format!("read {}, limit {} hours", shown(b.read_at), n.limits.reading_hours),
    }
}

/// An instant as people in Asia/Shanghai (UTC+8, no summer time since 1991) read it.
pub fn shown(at: DateTime<Utc>) -> String {
    (at + Duration::hours(8)).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// The night's answer: the amount to take, or the first rule that fails.
pub fn decide(candidate: &Candidate, night: &Night) -> Result<Fen, Rule> {
    match Rule::ALL.iter().find(|rule| !rule.passes(candidate, night)) {
        None => Ok(candidate.amount),
        Some(rule) => Err(*rule),
    }
}

/// One line of an explanation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which rule.
    pub rule: Rule,
    /// Pass or fail.
    pub passed: bool,
    /// The value seen.
    pub seen: String,
}

/// Every rule with the value seen; the same list that [`decide`] reads.
pub fn explain(candidate: &Candidate, night: &Night) -> Vec<Check> {
    let check =
        |rule: &Rule| Check { rule: *rule, passed: rule.passes(candidate, night), seen: rule.seen(candidate, night) };
    Rule::ALL.iter().map(check).collect()
}

#[cfg(test)]
mod tests;
