//! Batches (批次): one file to one bank; sealed, released or held, sent; a number is never used twice.

use chrono::{DateTime, NaiveDate, Utc};
use yichong_core::model::money::Fen;
use yichong_core::rules::release::Figures;

use super::db::{Result, Tx, expect_rows, on};

/// A batch as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct BatchRow {
    /// See [`batch_id`].
    pub batch_id: i64,
    /// Bank's code.
    pub bank: String,
    /// 业务日期.
    pub business_date: NaiveDate,
    /// The date the file carries.
    pub file_date: NaiveDate,
    /// 1, 2, 3 … per (bank, file date).
    pub seq: i64,
    /// `sealed`, `held`, `released`, `sending`, `sent`, `void`, `refused`.
    pub state: String,
    /// Towards the bank.
    pub file_name: String,
    /// The format that wrote it.
    pub format_hash: String,
    /// Debits in it.
    pub debits: i64,
    /// Their sum, fen.
    pub sum_fen: i64,
    /// The largest, fen.
    pub largest_fen: i64,
    /// Debits under agreements of the last 30 days, per mille.
    pub new_per_mille: i64,
    /// Length of the file.
    pub bytes: i64,
    /// Of its bytes.
    pub sha256: String,
    /// When it was sealed.
    pub sealed_at: DateTime<Utc>,
    /// Why it is held.
    pub hold_reason: Option<String>,
    /// The limits and figures it was judged by, as JSON.
    pub limits: Option<String>,
    /// `engine`, or the two people.
    pub released_by: Option<String>,
    /// When it left.
    pub sent_at: Option<DateTime<Utc>>,
}

macro_rules! batch_columns {
    ($rest:literal) => {
        concat!(
            "SELECT batch_id, bank, business_date, file_date, seq, state, file_name, format_hash, ",
            "debits, sum_fen, largest_fen, ",
            "new_per_mille, bytes, sha256, sealed_at, hold_reason, limits, released_by, sent_at FROM batch ",
            $rest
        )
    };
}

impl BatchRow {
    /// What the stop limits look at.
    pub const fn figures(&self) -> Figures {
        Figures {
            count: self.debits,
            sum: Fen(self.sum_fen),
            largest: Fen(self.largest_fen),
            new_per_mille: self.new_per_mille,
        }
    }

    /// Its name in the archive.
    pub fn archive_name(&self) -> String {
        format!("out/{}/{}", self.bank, self.batch_id)
    }
}

/// The number of a batch, by arithmetic: (days since 2000-01-01 × 1000 + bank) × 10,000 + sequence.
pub fn batch_id(file_date: NaiveDate, bank_no: i64, seq: i64) -> i64 {
    let days = (file_date - NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()).num_days();
    (days * 1_000 + bank_no) * 10_000 + seq
}

/// The first free sequence number of a bank and file date: voided numbers count.
pub async fn next_seq(tx: &mut Tx, bank: &str, file_date: NaiveDate) -> Result<i64> {
    const SQL: &str =
        "SELECT COALESCE(MAX(seq), 0) + 1 FROM batch WHERE bank = $1 AND file_date = $2 AND direction = 'debit'";
    let (seq,): (i64,) = on!(tx, |c| sqlx::query_as(SQL).bind(bank).bind(file_date).fetch_one(c).await)?;
    Ok(seq)
}

/// Seals a batch.
pub async fn seal(tx: &mut Tx, b: &BatchRow) -> Result<()> {
    const SQL: &str = "INSERT INTO batch (batch_id, bank, business_date, file_date, direction, seq, state, file_name,
        format_hash, debits, sum_fen, largest_fen, new_per_mille, bytes, sha256, sealed_at)
        VALUES ($1, $2, $3, $4, 'debit', $5, 'sealed', $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    on!(tx, |c| sqlx::query(SQL)
        .bind(b.batch_id)
        .bind(&b.bank)
        .bind(b.business_date)
        .bind(b.file_date)
        .bind(b.seq)
        .bind(&b.file_name)
        .bind(&b.format_hash)
        .bind(b.debits)
        .bind(b.sum_fen)
        .bind(b.largest_fen)
        .bind(b.new_per_mille)
        .bind(b.bytes)
        .bind(&b.sha256)
        .bind(b.sealed_at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// One batch.
pub async fn find(tx: &mut Tx, batch_id: i64) -> Result<Option<BatchRow>> {
    const SQL: &str = batch_columns!("WHERE batch_id = $1");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(batch_id).fetch_optional(c).await)?)
}

/// The newest batch of a bank with this file name, of a date or before: some banks' names come again every day.
pub async fn by_name(tx: &mut Tx, bank: &str, file_name: &str, by: NaiveDate) -> Result<Option<BatchRow>> {
    const SQL: &str = batch_columns!(
        "WHERE bank = $1 AND file_name = $2 AND file_date <= $3
        ORDER BY file_date DESC, batch_id DESC LIMIT 1"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(bank).bind(file_name).bind(by).fetch_optional(c).await)?)
}

/// The batches of a business date, by bank and sequence.
pub async fn of_date(tx: &mut Tx, business_date: NaiveDate) -> Result<Vec<BatchRow>> {
    const SQL: &str = batch_columns!("WHERE business_date = $1 ORDER BY bank, seq");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(business_date).fetch_all(c).await)?)
}

/// The figures of a bank's last released batches before a date, newest first.
pub async fn recent(tx: &mut Tx, bank: &str, before: NaiveDate, most: i64) -> Result<Vec<Figures>> {
    const SQL: &str = "SELECT debits, sum_fen, largest_fen, new_per_mille FROM batch
        WHERE bank = $1 AND business_date < $2 AND state = 'sent' ORDER BY business_date DESC, seq LIMIT $3";
    let rows: Vec<(i64, i64, i64, i64)> =
        on!(tx, |c| sqlx::query_as(SQL).bind(bank).bind(before).bind(most).fetch_all(c).await)?;
    let figures =
        |(count, sum, largest, new_per_mille)| Figures { count, sum: Fen(sum), largest: Fen(largest), new_per_mille };
    Ok(rows.into_iter().map(figures).collect())
}

/// The stop limits' verdict on a sealed batch, with the limits and figures it came from.
pub async fn judge(tx: &mut Tx, batch_id: i64, hold: Option<&str>, limits: &str) -> Result<()> {
    const SQL: &str = "UPDATE batch SET state = CASE WHEN CAST($2 AS TEXT) IS NULL THEN 'released' ELSE 'held' END,
        hold_reason = $2, limits = $3, released_by = CASE WHEN $2 IS NULL THEN 'engine' END WHERE batch_id = $1
        AND state = 'sealed'";
    let changed =
        on!(tx, |c| sqlx::query(SQL).bind(batch_id).bind(hold).bind(limits).execute(c).await?.rows_affected());
    expect_rows("judging a batch", 1, changed)
}

/// Two people release a held batch.
pub async fn release(tx: &mut Tx, batch_id: i64, by: &str) -> Result<bool> {
    const SQL: &str = "UPDATE batch SET state = 'released', released_by = $2 WHERE batch_id = $1 AND state = 'held'";
    let changed = on!(tx, |c| sqlx::query(SQL).bind(batch_id).bind(by).execute(c).await?.rows_affected());
    Ok(changed == 1)
}

/// The file is staged at the bank's door and about to be shown: from here on it may have left.
pub async fn sending(tx: &mut Tx, batch_id: i64) -> Result<()> {
    const SQL: &str = "UPDATE batch SET state = 'sending' WHERE batch_id = $1 AND state = 'released'";
    let changed = on!(tx, |c| sqlx::query(SQL).bind(batch_id).execute(c).await?.rows_affected());
    expect_rows("sending a batch", 1, changed)
}

/// The file lies at the bank's door.
pub async fn sent(tx: &mut Tx, batch_id: i64, at: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE batch SET state = 'sent', sent_at = $2 WHERE batch_id = $1 AND state = 'sending'";
    let changed = on!(tx, |c| sqlx::query(SQL).bind(batch_id).bind(at).execute(c).await?.rows_affected());
    expect_rows("marking a batch sent", 1, changed)
}

/// The bank refused the whole file; its debits are refused row by row in the pages that follow.
pub async fn refused(tx: &mut Tx, batch_id: i64) -> Result<()> {
    const SQL: &str = "UPDATE batch SET state = 'refused' WHERE batch_id = $1 AND state IN ('sent', 'refused')";
    let changed = on!(tx, |c| sqlx::query(SQL).bind(batch_id).execute(c).await?.rows_affected());
    expect_rows("refusing a batch", 1, changed)
}

/// Voids a batch that never left; says whether it still could. Its debits are voided by the caller.
pub async fn void(tx: &mut Tx, batch_id: i64) -> Result<bool> {
    const SQL: &str = "UPDATE batch SET state = 'void' WHERE batch_id = $1 AND state IN ('sealed', 'held')";
    let changed = on!(tx, |c| sqlx::query(SQL).bind(batch_id).execute(c).await?.rows_affected());
    Ok(changed == 1)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_batch_number_is_arithmetic() {
        assert_eq!(super::batch_id("2026-11-20".parse().unwrap(), 7, 12), 98_200_070_012);
    }
}
