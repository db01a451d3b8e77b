//! The outbox: what leaves the process. One row is one order to a meter or one text; it is written in the transaction
//! that caused it, and moved by guarded updates only.

use chrono::{DateTime, NaiveDate, Utc};
use yichong_core::model::category::Category;
use yichong_core::model::debit::State;
use yichong_core::model::ids::DebitNo;
use yichong_core::model::money::Fen;

use super::db::{Result, StoreError, Tx, expect_rows, on};
use super::rows::{grouped, many, many_of};

/// A row to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Meter account.
    pub account: i64,
    /// `credit`, `relay`, `sms` or `mail`.
    pub kind: &'static str,
    /// What it is about: a debit number.
    pub reference: i64,
    /// Which text or command; empty for credits.
    pub template: &'static str,
    /// Bank's code.
    pub bank: String,
    /// 业务日期 of what it is about.
    pub business_date: NaiveDate,
    /// Fen: the credit, what a text is about, or what is missing.
    pub amount_fen: i64,
    /// Not to be carried out after this.
    pub not_after: Option<DateTime<Utc>>,
}

impl Order {
    /// An order or a text about a debit; account and business date are in its number.
    pub fn about(debit: DebitNo, bank: &str, kind: &'static str, template: &'static str, amount_fen: i64) -> Order {
        Order {
            account: debit.account().0,
            kind,
            reference: debit.0,
            template,
            bank: bank.to_owned(),
            business_date: debit.business_date(),
            amount_fen,
            not_after: None,
        }
    }
}

/// Queues rows; one that stands already stays as it is. Says how many are new.
pub async fn queue(tx: &mut Tx, orders: &[Order], at: DateTime<Utc>) -> Result<u64> {
    const SQL: &str = "INSERT INTO outbox (account, kind, ref, template, bank, business_date, amount_fen, state,
        not_after, changed_at) SELECT v.column1, $1, v.column2, $2, $3, $4, v.column3, 'queued', $5, $6
        FROM (VALUES {rows 6: BIGINT BIGINT BIGINT}) v WHERE TRUE
        ON CONFLICT (account, kind, ref, template) DO NOTHING";
    let mut new = 0;
    let shared = grouped(orders, |o| (o.kind, o.template, &o.bank, o.business_date, o.not_after));
    for ((kind, template, bank, date, not_after), orders) in shared {
        new += many!(tx, SQL, [kind, template, bank, date, not_after, at], orders, |q, o| q
            .bind(o.account)
            .bind(o.reference)
            .bind(o.amount_fen));
    }
    Ok(new)
}

/// One row's change of state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Meter account.
    pub account: i64,
    /// `credit`, `relay`, `sms` or `mail`.
    pub kind: &'static str,
    /// What it is about.
    pub reference: i64,
    /// Which text or command.
    pub template: String,
    /// The state it was decided from: the guard.
    pub from: String,
    /// The new state.
    pub to: &'static str,
    /// Why, where there is something to say.
    pub message: Option<String>,
}

/// Changes states; every row must still be in the state the decision was made from.
pub async fn change(tx: &mut Tx, changes: &[Change], at: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE outbox SET state = $4, message = COALESCE(CAST($5 AS TEXT), message), changed_at = $6
        FROM (VALUES {rows 6: BIGINT BIGINT}) v
        WHERE outbox.account = v.column1 AND outbox.kind = $1 AND outbox.ref = v.column2
        AND outbox.template = $2 AND outbox.state || '' = $3";
    let mut done = 0;
    let shared = grouped(changes, |c| (c.kind, &c.template, &c.from, c.to, c.message.as_deref()));
    for ((kind, template, from, to, message), changes) in shared {
        done += many!(tx, SQL, [kind, template, from, to, message, at], changes, |q, c| q
            .bind(c.account)
            .bind(c.reference));
    }
    expect_rows("changing orders of the outbox", changes.len(), done)
}

/// A meter order (credit or relay) with everything its decisions look at.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct MeterOrder {
    /// Meter account.
    pub account: i64,
    /// The debit's number.
    pub reference: i64,
    /// Which command; empty for credits.
    pub template: String,
    /// Bank's code.
    pub bank: String,
    /// 业务日期 of the debit.
    pub business_date: NaiveDate,
    /// Credited, fen.
    pub amount_fen: i64,
    /// The order's state.
    pub state: String,
    /// Not to be carried out after this.
    pub not_after: Option<DateTime<Utc>>,
    /// When the order got into its state.
    pub changed_at: DateTime<Utc>,
    /// The debit's state.
    pub debit_state: String,
    /// Taken, fen.
    pub taken_fen: Option<i64>,
    /// 清算日.
    pub bank_date: Option<NaiveDate>,
    /// Category's word of the bank's answer.
    pub category: Option<String>,
    /// The power is cut, for lack of money.
    pub cut_for_money: Option<bool>,
    /// A hold stands, and why.
    pub hold: Option<String>,
    /// Paid money left, fen.
    pub paid_fen: Option<i64>,
    /// Free credit left, fen.
    pub free_fen: Option<i64>,
    /// Its last day.
    pub free_until: Option<NaiveDate>,
    /// When the balance was read.
    pub read_at: Option<DateTime<Utc>>,
    /// The account's last credit.
    pub last_credit_at: Option<DateTime<Utc>>,
}

/// Every column of [`MeterOrder`].
macro_rules! meter_orders {
    ($rest:literal) => {
        concat!(
            "SELECT o.account, o.ref AS reference, o.template, o.bank, o.business_date, o.amount_fen, o.state, ",
            "o.not_after, o.changed_at, d.state AS debit_state, d.taken_fen, d.bank_date, d.category, ",
            "a.cut_for_money, a.hold, b.paid_fen, b.free_fen, b.free_until, b.read_at, b.last_credit_at FROM outbox o ",
            "JOIN debit d ON d.account = o.account AND d.debit_no = o.ref ",
            "LEFT JOIN account a ON a.account = o.account LEFT JOIN balance b ON b.account = o.account ",
            $rest
        )
    };
}

/// Where the next page of a queue begins: after this business date, account and debit.
pub type After = (NaiveDate, i64, i64);

/// Before every row: no date is older than the numbers of debits.
pub const START: After = (
    match NaiveDate::from_ymd_opt(2000, 1, 1) {
        Some(day) => day,
        None => NaiveDate::MIN,
    },
    0,
    0,
);

impl MeterOrder {
    /// The debit's state with its facts; a contradictory row is a named error.
    pub fn life(&self) -> Result<State> {
        let corrupt = |problem| StoreError::Corrupt { table: "debit", row: self.reference.to_string(), problem };
        let category = self.category.as_deref().map(str::parse::<Category>).transpose().map_err(corrupt)?;
        State::from_columns(&self.debit_state, true, self.taken_fen.map(Fen), self.bank_date, category).map_err(corrupt)
    }

    /// Where the next page begins.
    pub const fn place(&self) -> After {
        (self.business_date, self.account, self.reference)
    }
}

/// Queued orders of a kind, in the queue's order.
pub async fn queued(tx: &mut Tx, kind: &str, after: After, most: i64) -> Result<Vec<MeterOrder>> {
    // States and kinds stand as in the partial index, so that SQLite sees that the index may serve.
    const SQL: &str = meter_orders!(
        "WHERE o.state = 'queued' AND (o.kind = 'credit' OR o.kind = 'relay') AND o.file_no IS NULL AND o.kind = $1
        AND (o.business_date, o.account, o.ref) > ($2, $3, $4) ORDER BY o.business_date, o.account, o.ref LIMIT $5"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL)
        .bind(kind)
        .bind(after.0)
        .bind(after.1)
        .bind(after.2)
        .bind(most)
        .fetch_all(c)
        .await)?)
}

/// Orders of a kind that have no final answer since before an instant: sent, or still waiting for the door.
pub async fn silent(tx: &mut Tx, kind: &str, since: DateTime<Utc>, after: After, most: i64) -> Result<Vec<MeterOrder>> {
    const SQL: &str = meter_orders!(
        "WHERE (o.state = 'queued' OR o.state = 'sent' OR o.state = 'unknown')
        AND (o.kind = 'credit' OR o.kind = 'relay')
        AND o.kind = $1 AND o.changed_at <= $2
        AND (o.business_date, o.account, o.ref) > ($3, $4, $5) ORDER BY o.business_date, o.account, o.ref LIMIT $6"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL)
        .bind(kind)
        .bind(since)
        .bind(after.0)
        .bind(after.1)
        .bind(after.2)
        .bind(most)
        .fetch_all(c)
        .await)?)
}

/// Orders by account and debit (at most a page), in no order.
pub async fn by_reference(tx: &mut Tx, kind: &str, keys: &[(i64, i64)]) -> Result<Vec<MeterOrder>> {
    const SQL: &str = meter_orders!(
        "JOIN (VALUES {rows 1: BIGINT BIGINT}) v ON o.account = v.column1 AND o.ref = v.column2 WHERE o.kind = $1"
    );
    Ok(many_of!(tx, MeterOrder, SQL, [kind], keys, |q, key| q.bind(key.0).bind(key.1)))
}

/// A row as it is shown to people.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, serde::Serialize)]
pub struct Shown {
    /// `credit`, `relay`, `sms` or `mail`.
    pub kind: String,
    /// What it is about.
    pub reference: i64,
    /// Which text or command.
    pub template: String,
    /// 业务日期.
    pub business_date: NaiveDate,
    /// Fen.
    pub amount_fen: i64,
    /// Its state.
    pub state: String,
    /// Why, where there is something to say.
    pub message: Option<String>,
    /// Since when.
    pub changed_at: DateTime<Utc>,
}

/// An account's rows, oldest first: orders and texts, without their bodies.
pub async fn of_account(tx: &mut Tx, account: i64) -> Result<Vec<Shown>> {
    const SQL: &str = "SELECT kind, ref AS reference, template, business_date, amount_fen, state, message, changed_at
        FROM outbox WHERE account = $1 ORDER BY business_date, ref, kind, template";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(account).fetch_all(c).await)?)
}

/// Withdraws credit orders of reversed debits that have not left yet. Says how many.
pub async fn withdraw(tx: &mut Tx, debits: &[(i64, i64)], at: DateTime<Utc>) -> Result<u64> {
    const SQL: &str = "UPDATE outbox SET state = 'withdrawn', changed_at = $1 FROM (VALUES {rows 1: BIGINT BIGINT}) v
        WHERE outbox.account = v.column1 AND outbox.ref = v.column2
        AND outbox.kind = 'credit' AND outbox.state || '' = 'queued'";
    Ok(many!(tx, SQL, [at], debits, |q, d| q.bind(d.0).bind(d.1)))
}
