//! Texts waiting in the outbox: what they are about, and their frozen bodies.

use chrono::{DateTime, NaiveDate, Utc};

use super::db::{Result, Tx, expect_rows, on};
use super::rows::many;

/// A text whose body is not written yet.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct TextRow {
    /// Meter account.
    pub account: i64,
    /// The debit's number.
    pub reference: i64,
    /// Which text.
    pub template: String,
    /// Bank's code.
    pub bank: String,
    /// 业务日期 of the debit.
    pub business_date: NaiveDate,
    /// What the text is about, fen.
    pub amount_fen: i64,
    /// The row's state.
    pub state: String,
    /// The debit's state.
    pub debit_state: String,
    /// Card, ID number and mobile, sealed.
    pub payer_sealed: Vec<u8>,
    /// The card's last 4.
    pub card_last4: String,
    /// The account's phone, sealed.
    pub phone_sealed: Option<Vec<u8>>,
}

/// Where the next page begins: after this business date, account, debit and template.
pub type After = (NaiveDate, i64, i64, String);

/// Queued texts without a body, in the queue's order.
pub async fn unwritten(tx: &mut Tx, after: &After, most: i64) -> Result<Vec<TextRow>> {
    const SQL: &str =
        "SELECT o.account, o.ref AS reference, o.template, o.bank, o.business_date, o.amount_fen, o.state,
        d.state AS debit_state, d.payer_sealed, d.card_last4, a.phone_sealed FROM outbox o
        JOIN debit d ON d.account = o.account AND d.debit_no = o.ref LEFT JOIN account a ON a.account = o.account
        WHERE o.state = 'queued' AND o.kind = 'sms'
        AND o.body_sealed IS NULL AND (o.business_date, o.account, o.ref, o.template) > ($1, $2, $3, $4)
        ORDER BY o.business_date, o.account, o.ref, o.template LIMIT $5";
    Ok(on!(tx, |c| sqlx::query_as(SQL)
        .bind(after.0)
        .bind(after.1)
        .bind(after.2)
        .bind(&after.3)
        .bind(most)
        .fetch_all(c)
        .await)?)
}

/// A text with its body.
#[derive(Clone, Debug)]
pub struct Body {
    /// Meter account.
    pub account: i64,
    /// The debit's number.
    pub reference: i64,
    /// Which text.
    pub template: String,
    /// Blind index of the phone it goes to.
    pub to_index: [u8; 16],
    /// Phone and text, sealed.
    pub sealed: Vec<u8>,
}

/// Freezes bodies: a text is written once, whatever is known later.
pub async fn freeze(tx: &mut Tx, bodies: &[Body]) -> Result<()> {
    // `|| ''`: or SQLite reads the whole outbox and looks each row up among the texts.
    const SQL: &str = "UPDATE outbox SET to_index = v.column4, body_sealed = v.column5
        FROM (VALUES {rows 0: BIGINT BIGINT TEXT BYTEA BYTEA}) v
        WHERE outbox.account = v.column1 AND outbox.kind = 'sms' AND outbox.ref = v.column2
        AND outbox.template = v.column3 || '' AND outbox.state || '' = 'queued' AND outbox.body_sealed IS NULL";
    let done = many!(tx, SQL, [], bodies, |q, b| q
        .bind(b.account)
        .bind(b.reference)
        .bind(&b.template)
        .bind(&b.to_index[..])
        .bind(&b.sealed));
    expect_rows("freezing texts", bodies.len(), done)
}

/// Queues one text for every debit paid at or before `answered` whose credit order has no yes. Says how many are new.
pub async fn credit_pending(tx: &mut Tx, answered: DateTime<Utc>, at: DateTime<Utc>) -> Result<u64> {
    const SQL: &str = "INSERT INTO outbox (account, kind, ref, template, bank, business_date, amount_fen, state,
        changed_at) SELECT o.account, 'sms', o.ref, 'credit_pending', o.bank, o.business_date, o.amount_fen, 'queued',
        $1 FROM outbox o JOIN debit d ON d.account = o.account AND d.debit_no = o.ref
        WHERE (o.state = 'queued' OR o.state = 'sent' OR o.state = 'unknown')
        AND (o.kind = 'credit' OR o.kind = 'relay')
        AND o.kind = 'credit' AND d.state = 'paid'
        AND d.answered_at <= $2 ON CONFLICT (account, kind, ref, template) DO NOTHING";
    Ok(on!(tx, |c| sqlx::query(SQL).bind(at).bind(answered).execute(c).await?.rows_affected()))
}

/// How many texts wait to be sent.
pub async fn waiting(tx: &mut Tx) -> Result<i64> {
    const SQL: &str = "SELECT COUNT(*) FROM outbox WHERE state = 'queued' AND kind = 'sms'";
    let (count,): (i64,) = on!(tx, |c| sqlx::query_as(SQL).fetch_one(c).await)?;
    Ok(count)
}
