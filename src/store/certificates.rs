//! Day certificates (日终证书): what a business date amounted to when it was closed, chained to the day before.

use chrono::{DateTime, Days, NaiveDate, Utc};

use super::db::{Result, Tx, on};

/// A certificate as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct CertificateRow {
    /// 业务日期.
    pub business_date: NaiveDate,
    /// The certificate: JSON with sorted keys.
    pub body: String,
    /// SHA-256 of the body, hex.
    pub sha256: String,
    /// The certificate before it: its SHA-256, or 64 zeros for the first.
    pub previous: String,
    /// When the day was closed.
    pub closed_at: DateTime<Utc>,
}

/// The business date on which a posting that belongs to `wanted` may still be made: `wanted` itself, or the day after
/// the last closed one. What comes for a closed day posts there and names the old day in its cause.
///
/// Ask in the transaction that posts: until it ends, no day closes under it.
pub async fn open_date(tx: &mut Tx, wanted: NaiveDate) -> Result<NaiveDate> {
    const POSTGRES_SHARE: &str = "LOCK TABLE certificate IN SHARE MODE";
    if let Tx::Postgres(t) = tx {
        sqlx::query(POSTGRES_SHARE).execute(&mut **t).await?;
    }
    let after = last(tx).await?.and_then(|closed| closed.business_date.checked_add_days(Days::new(1)));
    Ok(after.map_or(wanted, |open| open.max(wanted)))
}

/// The last closed day.
pub async fn last(tx: &mut Tx) -> Result<Option<CertificateRow>> {
    const SQL: &str = "SELECT business_date, body, sha256, previous, closed_at FROM certificate
        ORDER BY business_date DESC LIMIT 1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).fetch_optional(c).await)?)
}

/// Before a day closes: waits for every transaction that asked for the open date, and keeps new ones waiting. On
/// SQLite there is one writer anyway.
pub async fn lock(tx: &mut Tx) -> Result<()> {
    const POSTGRES_LOCK: &str = "LOCK TABLE certificate IN EXCLUSIVE MODE";
    if let Tx::Postgres(t) = tx {
        sqlx::query(POSTGRES_LOCK).execute(&mut **t).await?;
    }
    Ok(())
}

/// Makes every following statement of a reading transaction see the same moment; SQLite's do anyway.
pub async fn one_moment(tx: &mut Tx) -> Result<()> {
    const POSTGRES_SNAPSHOT: &str = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";
    if let Tx::Postgres(t) = tx {
        sqlx::query(POSTGRES_SNAPSHOT).execute(&mut **t).await?;
    }
    Ok(())
}

/// One day's certificate.
pub async fn find(tx: &mut Tx, business_date: NaiveDate) -> Result<Option<CertificateRow>> {
    const SQL: &str =
        "SELECT business_date, body, sha256, previous, closed_at FROM certificate WHERE business_date = $1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(business_date).fetch_optional(c).await)?)
}

/// The certificates of a span, both ends included, oldest first.
pub async fn between(tx: &mut Tx, from: NaiveDate, to: NaiveDate) -> Result<Vec<CertificateRow>> {
    const SQL: &str = "SELECT business_date, body, sha256, previous, closed_at FROM certificate
        WHERE business_date >= $1 AND business_date <= $2 ORDER BY business_date";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(from).bind(to).fetch_all(c).await)?)
}

/// The first and the last closed day.
pub async fn span(tx: &mut Tx) -> Result<Option<(NaiveDate, NaiveDate)>> {
    const SQL: &str = "SELECT MIN(business_date), MAX(business_date) FROM certificate";
    let (first, last): (Option<NaiveDate>, Option<NaiveDate>) = on!(tx, |c| sqlx::query_as(SQL).fetch_one(c).await)?;
    Ok(first.zip(last))
}

/// Closes a day. A day that is closed stays as it is: `false`.
pub async fn add(tx: &mut Tx, certificate: &CertificateRow) -> Result<bool> {
    const SQL: &str = "INSERT INTO certificate (business_date, body, sha256, previous, closed_at)
        VALUES ($1, $2, $3, $4, $5) ON CONFLICT (business_date) DO NOTHING";
    let made = on!(tx, |c| sqlx::query(SQL)
        .bind(certificate.business_date)
        .bind(&certificate.body)
        .bind(&certificate.sha256)
        .bind(&certificate.previous)
        .bind(certificate.closed_at)
        .execute(c)
        .await?
        .rows_affected());
    Ok(made == 1)
}

/// A file of ours or a bank's that has not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct UnfinishedRow {
    /// Bank's code.
    pub bank: String,
    /// Its name.
    pub file_name: String,
    /// `sealed`, `held`, `released`, `sending`; `received`, `verified`, `applying`, `quarantined`.
    pub state: String,
    /// Why it is held or quarantined.
    pub problem: Option<String>,
}

/// Files up to a date that are held or not sent, being taken in, or quarantined without a break of any kind about them.
pub async fn unfinished(tx: &mut Tx, up_to: NaiveDate) -> Result<Vec<UnfinishedRow>> {
    const SQL: &str = "SELECT bank, file_name, state, hold_reason AS problem FROM batch
        WHERE business_date <= $1 AND state IN ('sealed', 'held', 'released', 'sending')
        UNION ALL SELECT f.bank, f.file_name, f.state, f.problem FROM file_in f
        WHERE f.business_date <= $1 AND (f.state IN ('received', 'verified', 'applying')
        OR (f.state = 'quarantined' AND NOT EXISTS (SELECT 1 FROM break_item i WHERE i.ref = f.file_id
            AND i.account = (SELECT b.reserved_account FROM bank b WHERE b.code = f.bank))))
        ORDER BY 1, 2";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(up_to).fetch_all(c).await)?)
}

/// Paid debits whose money has not come, by bank and bank date.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AwaitedRow {
    /// Bank's code.
    pub bank: String,
    /// 清算日.
    pub bank_date: NaiveDate,
    /// Debits.
    pub count: i64,
    /// Fen.
    pub sum_fen: i64,
}

/// Bank dates with unsettled paid debits that no applied statement covers.
pub async fn without_statement(tx: &mut Tx, up_to: NaiveDate) -> Result<Vec<AwaitedRow>> {
    const SQL: &str = "SELECT a.bank, a.bank_date, a.count, a.sum_fen FROM (
            SELECT bank, bank_date, COUNT(*) AS count, CAST(SUM(taken_fen) AS BIGINT) AS sum_fen FROM debit
            WHERE state IN ('paid', 'credited', 'refunded') AND settled_by IS NULL AND bank_date <= $1
            GROUP BY bank, bank_date) a
        WHERE NOT EXISTS (SELECT 1 FROM file_in f WHERE f.bank = a.bank AND f.kind = 'statement'
            AND f.state = 'applied' AND (f.bank_date >= a.bank_date OR EXISTS (
                SELECT 1 FROM money_line l WHERE l.file_id = f.file_id AND l.bank_date >= a.bank_date)))
        ORDER BY a.bank, a.bank_date";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(up_to).fetch_all(c).await)?)
}

/// Open breaks nobody owns, as kind, account, ref and fen.
pub async fn unowned_breaks(tx: &mut Tx, most: i64) -> Result<Vec<(String, i64, i64, i64)>> {
    const SQL: &str = "SELECT kind, account, ref, amount_fen FROM break_item
        WHERE state = 'open' AND TRIM(owner) = '' ORDER BY kind, bank, account, ref LIMIT $1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(most).fetch_all(c).await)?)
}

/// The first day this house has anything of: a night, a debit or an entry. Days close in order from there.
pub async fn first_day(tx: &mut Tx, night: &str) -> Result<Option<NaiveDate>> {
    const SQL: &str = "SELECT MIN(d.day) FROM (SELECT MIN(business_date) AS day FROM run WHERE job = $1
        UNION ALL SELECT MIN(business_date) FROM debit UNION ALL SELECT MIN(posted_on) FROM entry) d";
    let (first,): (Option<NaiveDate>,) = on!(tx, |c| sqlx::query_as(SQL).bind(night).fetch_one(c).await)?;
    Ok(first)
}

/// Count and sum (fen) of the entries posted on a date.
pub async fn posted(tx: &mut Tx, on: NaiveDate) -> Result<(i64, i64)> {
    const SQL: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM entry WHERE posted_on = $1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(on).fetch_one(c).await)?)
}

/// Count and sum (fen) of the entries posted on each date of a span.
pub async fn posted_by_date(tx: &mut Tx, from: NaiveDate, to: NaiveDate) -> Result<Vec<(NaiveDate, i64, i64)>> {
    const SQL: &str = "SELECT posted_on, COUNT(*), CAST(SUM(amount_fen) AS BIGINT) FROM entry
        WHERE posted_on >= $1 AND posted_on <= $2 GROUP BY posted_on ORDER BY posted_on";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(from).bind(to).fetch_all(c).await)?)
}

/// A file of a date: ours to a bank, a bank's to us, ours to meters and gateways.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, sqlx::FromRow)]
pub struct FileOfDay {
    /// Bank's code, or the other door's name.
    pub door: String,
    /// `debit`, `answer`, `statement`, `unknown`, `out`.
    pub kind: String,
    /// Its name.
    pub file_name: String,
    /// Its state's word.
    pub state: String,
    /// Of its bytes; empty while it is not written.
    pub sha256: String,
    /// Lines.
    pub lines: i64,
    /// Fen.
    pub sum_fen: i64,
}

/// Every file of a business date, by door, kind and name.
pub async fn files(tx: &mut Tx, date: NaiveDate) -> Result<Vec<FileOfDay>> {
    const SQL: &str =
        "SELECT bank AS door, direction AS kind, file_name, state, sha256, debits AS lines, sum_fen FROM batch
        WHERE business_date = $1
        UNION ALL SELECT bank, kind, file_name, state, sha256, COALESCE(line_count, 0), COALESCE(line_sum_fen, 0)
        FROM file_in WHERE business_date = $1
        UNION ALL SELECT door, 'out', file_name, state, COALESCE(sha256, ''), lines, sum_fen FROM file_out
        WHERE file_date = $1 ORDER BY 1, 2, 3, 5";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(date).fetch_all(c).await)?)
}

/// Sequence number and MAC of the audit chain's head.
pub async fn audit_head(tx: &mut Tx) -> Result<Option<(i64, String)>> {
    const SQL: &str = "SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).fetch_optional(c).await)?)
}
