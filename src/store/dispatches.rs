//! What went through a bank's door: the bytes that travel for a batch (送盘), the bank's receipt for them (回执), and
//! what came in an envelope.

use chrono::{DateTime, Utc};

use super::db::{Result, Tx, expect_rows, on};

/// What travels for a batch.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DispatchRow {
    /// The batch.
    pub batch_id: i64,
    /// Bank's code.
    pub bank: String,
    /// As it travels.
    pub file_name: String,
    /// The layers around the batch's own bytes, innermost first; empty: none.
    pub envelope: String,
    /// Of the bytes that travel.
    pub sha256: String,
    /// How many.
    pub bytes: i64,
    /// 1; one more each time the bank said it did not arrive.
    pub attempt: i64,
    /// Who took the bytes out to carry them by hand.
    pub taken_out_by: Option<String>,
    /// The two people who said it was sent by hand.
    pub by_hand: Option<String>,
    /// The bank's receipt.
    pub receipt_name: Option<String>,
    /// When it came.
    pub receipt_at: Option<DateTime<Utc>>,
}

impl DispatchRow {
    /// Its name in the archive, where it is not the batch's own bytes.
    pub fn archive_name(&self) -> String {
        let sealed = if self.envelope.is_empty() { "" } else { ".travelled" };
        format!("out/{}/{}{sealed}", self.bank, self.batch_id)
    }
}

macro_rules! dispatch_columns {
    ($rest:literal) => {
        concat!(
            "SELECT p.batch_id, p.bank, p.file_name, p.envelope, p.sha256, p.bytes, p.attempt, p.taken_out_by, ",
            "p.by_hand, p.receipt_name, p.receipt_at FROM dispatch p ",
            $rest
        )
    };
}

/// Fixes what travels for a batch; what stands already stays.
pub async fn prepare(tx: &mut Tx, row: &DispatchRow) -> Result<()> {
    const SQL: &str = "INSERT INTO dispatch (batch_id, bank, file_name, envelope, sha256, bytes, attempt)
        VALUES ($1, $2, $3, $4, $5, $6, 1) ON CONFLICT (batch_id) DO NOTHING";
    on!(tx, |c| sqlx::query(SQL)
        .bind(row.batch_id)
        .bind(&row.bank)
        .bind(&row.file_name)
        .bind(&row.envelope)
        .bind(&row.sha256)
        .bind(row.bytes)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// What travels for a batch.
pub async fn find(tx: &mut Tx, batch_id: i64) -> Result<Option<DispatchRow>> {
    const SQL: &str = dispatch_columns!("WHERE p.batch_id = $1");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(batch_id).fetch_optional(c).await)?)
}

/// A bank's last files out, newest first.
pub async fn recent(tx: &mut Tx, bank: &str, most: i64) -> Result<Vec<DispatchRow>> {
    const SQL: &str = dispatch_columns!("WHERE p.bank = $1 ORDER BY p.batch_id DESC LIMIT $2");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(bank).bind(most).fetch_all(c).await)?)
}

/// Batches that did not arrive and are to be sent once more.
pub async fn to_send_again(tx: &mut Tx) -> Result<Vec<i64>> {
    const SQL: &str = "SELECT p.batch_id FROM dispatch p JOIN batch b ON b.batch_id = p.batch_id
        WHERE p.attempt > 1 AND b.state IN ('released', 'sending') ORDER BY p.batch_id";
    let rows: Vec<(i64,)> = on!(tx, |c| sqlx::query_as(SQL).fetch_all(c).await)?;
    Ok(rows.into_iter().map(|(batch_id,)| batch_id).collect())
}

/// The bank has the file. A receipt stands once; says whether this is the first.
pub async fn receipt(tx: &mut Tx, batch_id: i64, name: &str, sha256: &str, at: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = "UPDATE dispatch SET receipt_name = $2, receipt_sha256 = $3, receipt_at = $4
        WHERE batch_id = $1 AND receipt_name IS NULL";
    let changed =
        on!(tx, |c| sqlx::query(SQL).bind(batch_id).bind(name).bind(sha256).bind(at).execute(c).await?.rows_affected());
    Ok(changed == 1)
}

/// Somebody takes the bytes out to carry them: the engine leaves the file alone from here on. `false`: it has left.
pub async fn take_out(tx: &mut Tx, batch_id: i64, by: &str) -> Result<bool> {
    const SQL: &str = "UPDATE dispatch SET taken_out_by = $2 WHERE batch_id = $1
        AND EXISTS (SELECT 1 FROM batch b WHERE b.batch_id = $1 AND b.state IN ('released', 'sending'))";
    let changed = on!(tx, |c| sqlx::query(SQL).bind(batch_id).bind(by).execute(c).await?.rows_affected());
    Ok(changed == 1)
}

/// Two people say it was sent by hand. `false`: its batch is not one that waits to be sent.
pub async fn sent_by_hand(tx: &mut Tx, batch_id: i64, people: &str, at: DateTime<Utc>) -> Result<bool> {
    const BATCH: &str =
        "UPDATE batch SET state = 'sent', sent_at = $2 WHERE batch_id = $1 AND state IN ('released', 'sending')";
    const SQL: &str = "UPDATE dispatch SET by_hand = $2 WHERE batch_id = $1";
    let changed = on!(tx, |c| sqlx::query(BATCH).bind(batch_id).bind(at).execute(c).await?.rows_affected());
    if changed == 0 {
        return Ok(false);
    }
    let known = on!(tx, |c| sqlx::query(SQL).bind(batch_id).bind(people).execute(c).await?.rows_affected());
    expect_rows("recording what was sent by hand", 1, known)?;
    Ok(true)
}

/// Two people say the bank never got it: the same bytes are to be sent once more. `false`: its batch has not left.
pub async fn did_not_arrive(tx: &mut Tx, batch_id: i64) -> Result<bool> {
    const BATCH: &str = "UPDATE batch SET state = 'released', sent_at = NULL
        WHERE batch_id = $1 AND state IN ('released', 'sending', 'sent')";
    const SQL: &str = "UPDATE dispatch SET attempt = attempt + 1, by_hand = NULL, taken_out_by = NULL
        WHERE batch_id = $1 AND receipt_name IS NULL";
    let changed = on!(tx, |c| sqlx::query(BATCH).bind(batch_id).execute(c).await?.rows_affected());
    if changed == 0 {
        return Ok(false);
    }
    let known = on!(tx, |c| sqlx::query(SQL).bind(batch_id).execute(c).await?.rows_affected());
    expect_rows("sending a file again", 1, known)?;
    Ok(true)
}

/// What speaks against sending a batch again: its debits that are no longer planned, files that answer it or may.
pub async fn heard_of(tx: &mut Tx, batch_id: i64, bank: &str) -> Result<(i64, i64)> {
    const DEBITS: &str = "SELECT COUNT(*) FROM debit WHERE batch_id = $1 AND state <> 'planned'";
    const FILES: &str = "SELECT COUNT(*) FROM file_in WHERE batch_id = $1
        OR (bank = $2 AND kind = 'answer' AND state IN ('received', 'verified', 'applying'))";
    let (debits,): (i64,) = on!(tx, |c| sqlx::query_as(DEBITS).bind(batch_id).fetch_one(c).await)?;
    let (files,): (i64,) = on!(tx, |c| sqlx::query_as(FILES).bind(batch_id).bind(bank).fetch_one(c).await)?;
    Ok((debits, files))
}

/// Bytes that came in an envelope.
#[derive(Clone, Debug)]
pub struct Travelled<'a> {
    /// Bank's code.
    pub bank: &'a str,
    /// Of the bytes that travelled.
    pub sha256: &'a str,
    /// As the bank named it.
    pub file_name: &'a str,
    /// How many bytes.
    pub bytes: i64,
    /// The layers, innermost first.
    pub envelope: &'a str,
    /// Of what was in it; none where it could not be opened.
    pub inner_sha256: Option<&'a str>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

/// Keeps what came in an envelope; the same bytes once.
pub async fn travelled(tx: &mut Tx, t: &Travelled<'_>) -> Result<()> {
    const SQL: &str = "INSERT INTO travelled (bank, sha256, file_name, bytes, envelope, inner_sha256, received_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (bank, sha256) DO NOTHING";
    on!(tx, |c| sqlx::query(SQL)
        .bind(t.bank)
        .bind(t.sha256)
        .bind(t.file_name)
        .bind(t.bytes)
        .bind(t.envelope)
        .bind(t.inner_sha256)
        .bind(t.received_at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}
