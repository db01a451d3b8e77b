//! Files we write to the meters' head-end, to the SMS gateway, and about agreements to banks: rows are placed on lines,
//! then the file is sealed.
//!
//! A file is `open`, sealed once its hash stands, and `sent` from just before its complete bytes get their final name.

use chrono::{DateTime, NaiveDate, Utc};

use super::db::{Result, Tx, expect_rows, on};
use super::rows::many;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FileOut {
    /// Its number, made by arithmetic.
    pub file_no: i64,
    /// `meters`, `relays`, `sms`, or `agreements-` and a bank's code.
    pub door: String,
    /// The business date in its name.
    pub file_date: NaiveDate,
    /// 1, 2, 3 … per door and date.
    pub seq: i64,
    /// Its name.
    pub file_name: String,
    /// Its lines; 0 until it is sealed.
    pub lines: i64,
    /// Their sum, fen.
    pub sum_fen: i64,
    /// Hash of its bytes; none until it is sealed.
    pub sha256: Option<String>,
    /// `open`, `sending` (to a bank), `sent` or `answered`.
    pub state: String,
}

impl FileOut {
    /// Its name in the archive; of files to banks with their date, for some banks' names come again every day.
    pub fn archive_name(&self) -> String {
        let date = if self.door.starts_with("agreements-") { format!("{}/", self.file_date) } else { String::new() };
        format!("out/{}/{date}{}", self.door, self.file_name)
    }
}

/// Most files of one door and date.
pub const SEQ_MAX: i64 = 9_999;

/// A file's number: days since 2000-01-01, the door's digit, the number of the day.
pub fn number(date: NaiveDate, door: i64, seq: i64) -> i64 {
    ((date - super::outbox::START.0).num_days() * 10 + door) * (SEQ_MAX + 1) + seq
}

/// One line of a file.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LineOut {
    /// Meter account.
    pub account: i64,
    /// What it is about: a debit number.
    pub reference: i64,
    /// Which text or command; empty for credits.
    pub template: String,
    /// Fen.
    pub amount_fen: i64,
    /// The row's state.
    pub state: String,
    /// Not to be carried out after this.
    pub not_after: Option<DateTime<Utc>>,
    /// Texts only: phone and text, sealed.
    pub body_sealed: Option<Vec<u8>>,
    /// 1, 2, 3 …
    pub line_no: i64,
}

/// The file of a door that has not left yet, if there is one; there is never a second.
pub async fn open_one(tx: &mut Tx, door: &str) -> Result<Option<FileOut>> {
    const SQL: &str = "SELECT file_no, door, file_date, seq, file_name, lines, sum_fen, sha256, state FROM file_out
        WHERE door = $1 AND state = 'open' ORDER BY file_no LIMIT 1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(door).fetch_optional(c).await)?)
}

/// A file of a door by its name, the newest where a name comes again.
pub async fn by_name(tx: &mut Tx, door: &str, file_name: &str) -> Result<Option<FileOut>> {
    const SQL: &str = "SELECT file_no, door, file_date, seq, file_name, lines, sum_fen, sha256, state FROM file_out
        WHERE door = $1 AND file_name = $2 ORDER BY file_no DESC LIMIT 1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(door).bind(file_name).fetch_optional(c).await)?)
}

/// Whether a door has a file of this name on a date: a date's names are taken once.
pub async fn has_name(tx: &mut Tx, door: &str, file_date: NaiveDate, file_name: &str) -> Result<bool> {
    const SQL: &str = "SELECT file_no FROM file_out WHERE door = $1 AND file_date = $2 AND file_name = $3";
    let found: Option<(i64,)> =
        on!(tx, |c| sqlx::query_as(SQL).bind(door).bind(file_date).bind(file_name).fetch_optional(c).await)?;
    Ok(found.is_some())
}

/// The last number of a door's files of a date; 0 where there is none.
pub async fn last_seq(tx: &mut Tx, door: &str, file_date: NaiveDate) -> Result<i64> {
    const SQL: &str = "SELECT CAST(COALESCE(MAX(seq), 0) AS BIGINT) FROM file_out WHERE door = $1 AND file_date = $2";
    let (seq,): (i64,) = on!(tx, |c| sqlx::query_as(SQL).bind(door).bind(file_date).fetch_one(c).await)?;
    Ok(seq)
}

/// Makes a file; its number and name are taken once.
pub async fn make(tx: &mut Tx, file: &FileOut) -> Result<()> {
    const SQL: &str = "INSERT INTO file_out (file_no, door, file_date, seq, file_name, lines, sum_fen, state)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    on!(tx, |c| sqlx::query(SQL)
        .bind(file.file_no)
        .bind(&file.door)
        .bind(file.file_date)
        .bind(file.seq)
        .bind(&file.file_name)
        .bind(file.lines)
        .bind(file.sum_fen)
        .bind(&file.state)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Fixes a file's content.
pub async fn seal(tx: &mut Tx, file_no: i64, lines: i64, sum_fen: i64, sha256: &str) -> Result<()> {
    const SQL: &str = "UPDATE file_out SET lines = $2, sum_fen = $3, sha256 = $4
        WHERE file_no = $1 AND state = 'open' AND sha256 IS NULL";
    let done = on!(tx, |c| sqlx::query(SQL)
        .bind(file_no)
        .bind(lines)
        .bind(sum_fen)
        .bind(sha256)
        .execute(c)
        .await?
        .rows_affected());
    expect_rows("sealing a file", 1, done)
}

/// A sealed file leaves, or is answered.
pub async fn change(tx: &mut Tx, file_no: i64, from: &str, to: &str) -> Result<()> {
    const SQL: &str = "UPDATE file_out SET state = $3 WHERE file_no = $1 AND state = $2 AND sha256 IS NOT NULL";
    let done = on!(tx, |c| sqlx::query(SQL).bind(file_no).bind(from).bind(to).execute(c).await?.rows_affected());
    expect_rows("moving a file", 1, done)
}

/// A row that may be put on a line: account, what it is about, which text or command.
pub type Key = (i64, i64, String);

/// A row's place in the queue: business date, and its key.
pub type Place = (NaiveDate, i64, i64, String);

/// Queued rows of a kind after a place that stand on no line yet, in the queue's order; texts only with a frozen body.
pub async fn unplaced(tx: &mut Tx, kind: &str, after: &Place, most: i64) -> Result<Vec<Place>> {
    const TEXTS: &str = "SELECT business_date, account, ref, template FROM outbox
        WHERE state = 'queued' AND kind = 'sms' AND kind = $1 AND file_no IS NULL AND body_sealed IS NOT NULL
        AND (business_date, account, ref, template) > ($2, $3, $4, $5)
        ORDER BY business_date, account, ref, template LIMIT $6";
    const ORDERS: &str = "SELECT business_date, account, ref, template FROM outbox
        WHERE state = 'queued' AND (kind = 'credit' OR kind = 'relay') AND kind = $1 AND file_no IS NULL
        AND (business_date, account, ref, template) > ($2, $3, $4, $5)
        ORDER BY business_date, account, ref, template LIMIT $6";
    let sql = if kind == "sms" { TEXTS } else { ORDERS };
    Ok(on!(tx, |c| sqlx::query_as(sql)
        .bind(kind)
        .bind(after.0)
        .bind(after.1)
        .bind(after.2)
        .bind(&after.3)
        .bind(most)
        .fetch_all(c)
        .await)?)
}

/// The last line that is taken; 0 where none is.
pub async fn last_line(tx: &mut Tx, file_no: i64) -> Result<i64> {
    const SQL: &str = "SELECT CAST(COALESCE(MAX(line_no), 0) AS BIGINT) FROM outbox WHERE file_no = $1";
    let (line,): (i64,) = on!(tx, |c| sqlx::query_as(SQL).bind(file_no).fetch_one(c).await)?;
    Ok(line)
}

/// Puts rows on the lines after `line`, in their order; each must still stand on none.
pub async fn place(tx: &mut Tx, file_no: i64, kind: &str, line: i64, rows: &[Key]) -> Result<()> {
    // `|| ''`: or SQLite reads the whole outbox and looks each row up among the keys.
    const SQL: &str = "UPDATE outbox SET file_no = $1, line_no = v.column4
        FROM (VALUES {rows 2: BIGINT BIGINT TEXT BIGINT}) v
        WHERE outbox.account = v.column1 AND outbox.kind = $2 AND outbox.ref = v.column2
        AND outbox.template = v.column3 || '' AND outbox.state || '' = 'queued' AND outbox.file_no IS NULL";
    let numbered: Vec<(&Key, i64)> = rows.iter().zip(line + 1..).collect();
    let done = many!(tx, SQL, [file_no, kind], numbered, |q, r| q.bind(r.0.0).bind(r.0.1).bind(&r.0.2).bind(r.1));
    expect_rows("placing rows on lines", rows.len(), done)
}

/// Takes rows that were withdrawn meanwhile off a file that is not sealed yet.
pub async fn unplace(tx: &mut Tx, file_no: i64) -> Result<()> {
    const SQL: &str = "UPDATE outbox SET file_no = NULL, line_no = NULL WHERE file_no = $1 AND state <> 'queued'";
    on!(tx, |c| sqlx::query(SQL).bind(file_no).execute(c).await.map(drop))?;
    Ok(())
}

/// A file's lines after a line, in order.
pub async fn lines(tx: &mut Tx, file_no: i64, after: i64, most: i64) -> Result<Vec<LineOut>> {
    const SQL: &str = "SELECT account, ref AS reference, template, amount_fen, state, not_after, body_sealed, line_no
        FROM outbox WHERE file_no = $1 AND line_no > $2 ORDER BY line_no LIMIT $3";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(file_no).bind(after).bind(most).fetch_all(c).await)?)
}

/// The rows of a file that left are sent.
pub async fn rows_sent(tx: &mut Tx, file_no: i64, at: DateTime<Utc>) -> Result<u64> {
    const SQL: &str = "UPDATE outbox SET state = 'sent', changed_at = $2 WHERE file_no = $1 AND state = 'queued'";
    Ok(on!(tx, |c| sqlx::query(SQL).bind(file_no).bind(at).execute(c).await?.rows_affected()))
}

/// Files of a kind that left while their rows are not marked yet: a process died in between.
pub async fn left_unmarked(tx: &mut Tx, kind: &str) -> Result<Vec<i64>> {
    const TEXTS: &str = "SELECT DISTINCT f.file_no FROM outbox o JOIN file_out f ON f.file_no = o.file_no
        WHERE o.state = 'queued' AND o.kind = 'sms' AND o.kind = $1 AND o.file_no IS NOT NULL AND f.state <> 'open'
        ORDER BY f.file_no";
    const ORDERS: &str = "SELECT DISTINCT f.file_no FROM outbox o JOIN file_out f ON f.file_no = o.file_no
        WHERE o.state = 'queued' AND (o.kind = 'credit' OR o.kind = 'relay') AND o.kind = $1
        AND o.file_no IS NOT NULL AND f.state <> 'open' ORDER BY f.file_no";
    let sql = if kind == "sms" { TEXTS } else { ORDERS };
    let files: Vec<(i64,)> = on!(tx, |c| sqlx::query_as(sql).bind(kind).fetch_all(c).await)?;
    Ok(files.into_iter().map(|(file_no,)| file_no).collect())
}

/// How many rows of a file have no final answer.
pub async fn unanswered(tx: &mut Tx, file_no: i64) -> Result<i64> {
    const SQL: &str = "SELECT COUNT(*) FROM outbox WHERE file_no = $1 AND state IN ('queued', 'sent', 'unknown')";
    let (count,): (i64,) = on!(tx, |c| sqlx::query_as(SQL).bind(file_no).fetch_one(c).await)?;
    Ok(count)
}
