//! Files that came in: the unit of once is (bank, sha256); what cannot be believed is quarantined, never lost.

use chrono::{DateTime, NaiveDate, Utc};

use super::db::{Result, Tx, expect_rows, on};

/// A file that came in.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FileRow {
    /// 1, 2, 3 … in the order of arrival.
    pub file_id: i64,
    /// Bank's code.
    pub bank: String,
    /// `answer`, `statement`, `agreement_answer` or `unknown`.
    pub kind: String,
    /// As the bank named it: data, never a path.
    pub file_name: String,
    /// The format that recognised it.
    pub format_hash: Option<String>,
    /// Of its bytes.
    pub sha256: String,
    /// How many.
    pub bytes: i64,
    /// When it was taken in.
    pub received_at: DateTime<Utc>,
    /// The business date of the run that took it in.
    pub business_date: NaiveDate,
    /// `received`, `verified`, `applying`, `applied`, `quarantined`.
    pub state: String,
    /// The batch it answers, where one is named.
    pub batch_id: Option<i64>,
    /// 清算日 of a statement.
    pub bank_date: Option<NaiveDate>,
    /// Its lines.
    pub line_count: Option<i64>,
    /// Their sum, fen.
    pub line_sum_fen: Option<i64>,
    /// What it says as a whole, as JSON.
    pub facts: Option<String>,
    /// Why it is quarantined.
    pub problem: Option<String>,
}

macro_rules! file_columns {
    ($rest:literal) => {
        concat!(
            "SELECT file_id, bank, kind, file_name, format_hash, sha256, bytes, received_at, ",
            "business_date, state, batch_id, ",
            "bank_date, line_count, line_sum_fen, facts, problem FROM file_in ",
            $rest
        )
    };
}

impl FileRow {
    /// Its name in the archive: our own, never the bank's.
    pub fn archive_name(&self) -> String {
        format!("in/{}/{}", self.bank, self.sha256)
    }
}

/// Records a file; `None`: the same bytes of this bank are known already.
pub async fn receive(tx: &mut Tx, file: &FileRow) -> Result<Option<i64>> {
    const NEXT: &str = "SELECT COALESCE(MAX(file_id), 0) + 1 FROM file_in";
    const SQL: &str = "INSERT INTO file_in (file_id, bank, kind, file_name, format_hash, sha256, bytes, received_at,
        business_date, state, batch_id, problem) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
        ON CONFLICT (bank, sha256) DO NOTHING";
    let (file_id,): (i64,) = on!(tx, |c| sqlx::query_as(NEXT).fetch_one(c).await)?;
    let made = on!(tx, |c| sqlx::query(SQL)
        .bind(file_id)
        .bind(&file.bank)
        .bind(&file.kind)
        .bind(&file.file_name)
        .bind(&file.format_hash)
        .bind(&file.sha256)
        .bind(file.bytes)
        .bind(file.received_at)
        .bind(file.business_date)
        .bind(&file.state)
        .bind(file.batch_id)
        .bind(&file.problem)
        .execute(c)
        .await?
        .rows_affected());
    Ok((made == 1).then_some(file_id))
}

/// One file.
pub async fn find(tx: &mut Tx, file_id: i64) -> Result<Option<FileRow>> {
    const SQL: &str = file_columns!("WHERE file_id = $1");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(file_id).fetch_optional(c).await)?)
}

/// The file of a bank with these bytes.
pub async fn by_hash(tx: &mut Tx, bank: &str, sha256: &str) -> Result<Option<FileRow>> {
    const SQL: &str = file_columns!("WHERE bank = $1 AND sha256 = $2");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(bank).bind(sha256).fetch_optional(c).await)?)
}

/// A believed file of a bank under a name: another file of that name is not believed.
pub async fn by_name(tx: &mut Tx, bank: &str, file_name: &str) -> Result<Option<FileRow>> {
    const SQL: &str =
        file_columns!("WHERE bank = $1 AND file_name = $2 AND state <> 'quarantined' ORDER BY file_id LIMIT 1");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(bank).bind(file_name).fetch_optional(c).await)?)
}

/// Files of a kind in a state, oldest first.
pub async fn by_state(tx: &mut Tx, kind: &str, state: &str) -> Result<Vec<FileRow>> {
    const SQL: &str = file_columns!("WHERE kind = $1 AND state = $2 ORDER BY file_id");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(kind).bind(state).fetch_all(c).await)?)
}

/// The last files, newest first.
pub async fn recent(tx: &mut Tx, most: i64) -> Result<Vec<FileRow>> {
    const SQL: &str = file_columns!("ORDER BY file_id DESC LIMIT $1");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(most).fetch_all(c).await)?)
}

/// Moves a file on; it must still be in the state the caller saw.
pub async fn set_state(tx: &mut Tx, file_id: i64, from: &str, to: &str) -> Result<()> {
    const SQL: &str = "UPDATE file_in SET state = $3 WHERE file_id = $1 AND state = $2";
    let changed = on!(tx, |c| sqlx::query(SQL).bind(file_id).bind(from).bind(to).execute(c).await?.rows_affected());
    expect_rows("moving a file on", 1, changed)
}

/// What pass 1 learned of a whole file.
#[derive(Clone, Debug)]
pub struct Verified<'a> {
    /// The batch it answers, where there is one.
    pub batch_id: Option<i64>,
    /// 清算日 of a statement.
    pub bank_date: Option<NaiveDate>,
    /// Its lines.
    pub lines: i64,
    /// Their sum, fen.
    pub sum_fen: i64,
    /// What it says as a whole, as JSON.
    pub facts: &'a str,
}

/// Pass 1 is over: the file is believed.
pub async fn verified(tx: &mut Tx, file_id: i64, v: &Verified<'_>) -> Result<()> {
    const SQL: &str = "UPDATE file_in SET state = 'verified', batch_id = $2, bank_date = $3, line_count = $4,
        line_sum_fen = $5, facts = $6 WHERE file_id = $1 AND state = 'received'";
    let changed = on!(tx, |c| sqlx::query(SQL)
        .bind(file_id)
        .bind(v.batch_id)
        .bind(v.bank_date)
        .bind(v.lines)
        .bind(v.sum_fen)
        .bind(v.facts)
        .execute(c)
        .await?
        .rows_affected());
    expect_rows("believing a file", 1, changed)
}

/// Not believed: kept byte for byte, changes nothing.
pub async fn quarantine(tx: &mut Tx, file_id: i64, problem: &str) -> Result<()> {
    const SQL: &str =
        "UPDATE file_in SET state = 'quarantined', problem = $2 WHERE file_id = $1 AND state = 'received'";
    let changed = on!(tx, |c| sqlx::query(SQL).bind(file_id).bind(problem).execute(c).await?.rows_affected());
    expect_rows("quarantining a file", 1, changed)
}

/// The same bytes came again, and what spoke against them is gone: a file nothing was read of is taken in after all, as
/// of today. Its break stays open for people. `false`: it is not quarantined.
pub async fn reconsider(tx: &mut Tx, file_id: i64, file: &FileRow) -> Result<bool> {
    const SQL: &str = "UPDATE file_in SET state = 'received', problem = NULL, kind = $2, format_hash = $3,
        received_at = $4, business_date = $5 WHERE file_id = $1 AND state = 'quarantined'";
    let changed = on!(tx, |c| sqlx::query(SQL)
        .bind(file_id)
        .bind(&file.kind)
        .bind(&file.format_hash)
        .bind(file.received_at)
        .bind(file.business_date)
        .execute(c)
        .await?
        .rows_affected());
    Ok(changed == 1)
}

/// Keeps the text of a format, so that what it wrote or read can be read again.
pub async fn keep_format(tx: &mut Tx, hash: &str, name: &str, body: &str) -> Result<()> {
    const SQL: &str = "INSERT INTO format_version (hash, name, body) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING";
    on!(tx, |c| sqlx::query(SQL).bind(hash).bind(name).bind(body).execute(c).await.map(drop))?;
    Ok(())
}

/// The text of a format by its hash: (name, body).
pub async fn format(tx: &mut Tx, hash: &str) -> Result<Option<(String, String)>> {
    const SQL: &str = "SELECT name, body FROM format_version WHERE hash = $1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(hash).fetch_optional(c).await)?)
}
