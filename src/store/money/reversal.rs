//! What a reversal (冲正, 退票) changes beside the debit: its agreement, its text, its credit order, its mark.

use chrono::{DateTime, NaiveDate, Utc};

use crate::store::db::{Result, Tx, expect_rows, on};
use crate::store::rows::many;

/// Marks reversals whose money went out: (account, debit number, money number). It goes out once.
pub async fn paid_out(tx: &mut Tx, debits: &[(i64, i64, i64)]) -> Result<()> {
    const SQL: &str = "UPDATE debit SET reversal_paid_by = v.column3 FROM (VALUES {rows 0: BIGINT BIGINT BIGINT}) v
        WHERE debit.account = v.column1 AND debit.debit_no = v.column2 AND debit.reversal_paid_by IS NULL";
    let done = many!(tx, SQL, [], debits, |q, d| q.bind(d.0).bind(d.1).bind(d.2));
    expect_rows("paying reversals out", debits.len(), done)
}

/// Withdraws credit orders that have not left: (account, debit number). Says how many were still there.
pub async fn withdraw_credits(tx: &mut Tx, now: DateTime<Utc>, debits: &[(i64, i64)]) -> Result<u64> {
    const SQL: &str = "UPDATE outbox SET state = 'withdrawn', changed_at = $1
        FROM (VALUES {rows 1: BIGINT BIGINT}) v WHERE outbox.account = v.column1 AND outbox.ref = v.column2
        AND outbox.kind = 'credit' AND outbox.state = 'queued'";
    Ok(many!(tx, SQL, [now], debits, |q, d| q.bind(d.0).bind(d.1)))
}

/// The state of a debit's credit order, if there is one.
pub async fn credit_order(tx: &mut Tx, account: i64, debit_no: i64) -> Result<Option<String>> {
    const SQL: &str = "SELECT state FROM outbox WHERE account = $1 AND kind = 'credit' AND ref = $2";
    let found: Option<(String,)> =
        on!(tx, |c| sqlx::query_as(SQL).bind(account).bind(debit_no).fetch_optional(c).await)?;
    Ok(found.map(|(state,)| state))
}

/// What is put into the outbox: an order or a text, without a body yet.
#[derive(Clone, Debug)]
pub struct Queued<'a> {
    /// Meter account.
    pub account: i64,
    /// `credit` or `sms`.
    pub kind: &'static str,
    /// Debit number.
    pub reference: i64,
    /// The text's template; empty for orders.
    pub template: &'static str,
    /// Bank's code.
    pub bank: &'a str,
    /// 业务日期 of the debit.
    pub business_date: NaiveDate,
    /// Fen.
    pub amount_fen: i64,
}

/// Queues orders and texts; what is there already stays as it is.
pub async fn queue(tx: &mut Tx, now: DateTime<Utc>, rows: &[Queued<'_>]) -> Result<u64> {
    const SQL: &str =
        "INSERT INTO outbox (account, kind, ref, template, bank, business_date, amount_fen, state, changed_at)
        VALUES {rows 0: BIGINT TEXT BIGINT TEXT TEXT DATE BIGINT TEXT TIMESTAMPTZ}
        ON CONFLICT (account, kind, ref, template) DO NOTHING";
    Ok(many!(tx, SQL, [], rows, |q, r| q
        .bind(r.account)
        .bind(r.kind)
        .bind(r.reference)
        .bind(r.template)
        .bind(r.bank)
        .bind(r.business_date)
        .bind(r.amount_fen)
        .bind("queued")
        .bind(now)))
}

/// An agreement to be suspended.
#[derive(Clone, Debug)]
pub struct Suspension {
    /// Meter account.
    pub account: i64,
    /// The agreement's number within it.
    pub number: i64,
    /// Why, as counter staff read it.
    pub reason: String,
    /// Tells events of one instant apart: the debit's number.
    pub event_no: i64,
}

/// Suspends agreements that are active, and writes their history. One that is not active stays as it is.
pub async fn suspend(tx: &mut Tx, now: DateTime<Utc>, actor: &str, suspensions: &[Suspension]) -> Result<u64> {
    const EVENTS: &str = "INSERT INTO agreement_event (account, number, at, event_no, state, reason, actor, version,
        threshold_fen, amount_fen)
        SELECT a.account, a.number, $1, v.column4, 'suspended', v.column3, CAST($2 AS TEXT), a.version, a.threshold_fen,
        a.amount_fen FROM agreement a JOIN (VALUES {rows 2: BIGINT BIGINT TEXT BIGINT}) v
        ON a.account = v.column1 AND a.number = v.column2 WHERE a.state = 'active'
        ON CONFLICT (account, number, at, event_no) DO NOTHING";
    const STATES: &str = "UPDATE agreement SET state = 'suspended', state_reason = v.column3
        FROM (VALUES {rows 0: BIGINT BIGINT TEXT}) v
        WHERE agreement.account = v.column1 AND agreement.number = v.column2 AND agreement.state = 'active'";
    many!(tx, EVENTS, [now, actor], suspensions, |q, s| q
        .bind(s.account)
        .bind(s.number)
        .bind(&s.reason)
        .bind(s.event_no));
    Ok(many!(tx, STATES, [], suspensions, |q, s| q.bind(s.account).bind(s.number).bind(&s.reason)))
}
