//! Return lines (回盘明细): what the banks answered, line by line; pass 1 writes them, pass 2 gives each its verdict.

use std::collections::HashSet;

use chrono::NaiveDate;
use yichong_core::model::debit::State;
use yichong_core::model::money::Fen;

use super::db::{Result, StoreError, Tx, expect_rows, on};
use super::rows::{grouped, many, many_of};

/// A line of an answer file.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LineRow {
    /// The debit's account.
    pub account: i64,
    /// Which file.
    pub file_id: i64,
    /// Where in it.
    pub line_no: i64,
    /// Which debit.
    pub debit_no: i64,
    /// Taken, where the bank says so, fen.
    pub taken_fen: Option<i64>,
    /// Category's word.
    pub category: String,
    /// The bank's code.
    pub code: String,
    /// The bank's words.
    pub message: String,
    /// 清算日.
    pub bank_date: NaiveDate,
    /// The bank's serial number.
    pub bank_serial: Option<String>,
}

/// Adds lines in pass 1.
pub async fn add(tx: &mut Tx, lines: &[LineRow]) -> Result<()> {
    const SQL: &str =
        "INSERT INTO return_line (account, file_id, line_no, debit_no, taken_fen, category, code, message,
        bank_date, bank_serial) VALUES {rows 0: BIGINT BIGINT BIGINT BIGINT BIGINT TEXT TEXT TEXT DATE TEXT}";
    let done = many!(tx, SQL, [], lines, |q, l| q
        .bind(l.account)
        .bind(l.file_id)
        .bind(l.line_no)
        .bind(l.debit_no)
        .bind(l.taken_fen)
        .bind(&l.category)
        .bind(&l.code)
        .bind(&l.message)
        .bind(l.bank_date)
        .bind(&l.bank_serial));
    expect_rows("adding return lines", lines.len(), done)
}

/// Pass 1 begins again, or the file is not believed: its lines go, a page at a time. Says how many are gone.
pub async fn clear(tx: &mut Tx, file_id: i64, most: i64) -> Result<u64> {
    const SQL: &str = "DELETE FROM return_line WHERE file_id = $1 AND line_no <= (SELECT COALESCE(MIN(line_no), 0) + $2
        FROM return_line WHERE file_id = $1)";
    Ok(on!(tx, |c| sqlx::query(SQL).bind(file_id).bind(most).execute(c).await?.rows_affected()))
}

/// A debit that stands on two lines of one file: (debit, first line, second line).
pub async fn twice(tx: &mut Tx, file_id: i64) -> Result<Option<(i64, i64, i64)>> {
    // Accounts that stand there twice are found in the index alone; few have to be looked at.
    const SQL: &str = "SELECT debit_no, MIN(line_no), MAX(line_no) FROM return_line WHERE file_id = $1
        AND account IN (SELECT account FROM return_line WHERE file_id = $1 GROUP BY account HAVING COUNT(*) > 1)
        GROUP BY account, debit_no HAVING COUNT(*) > 1 ORDER BY 3 LIMIT 1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(file_id).fetch_optional(c).await)?)
}

/// A line with what its decisions look at: the debit it answers, and what is counted against the agreement.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Answered {
    /// Meter account.
    pub account: i64,
    /// Where in the file; a debit the file does not list: its line in ours.
    pub line_no: i64,
    /// Which debit.
    pub debit_no: i64,
    /// Taken, where the bank says so, fen.
    pub taken_fen: Option<i64>,
    /// What the bank said: category's word.
    pub category: String,
    /// The bank's code.
    pub code: String,
    /// 清算日.
    pub bank_date: NaiveDate,
    /// Agreement's number within the account.
    pub number: i64,
    /// Asked, fen.
    pub amount_fen: i64,
    /// The debit's state; none: the debit is gone.
    pub state: Option<String>,
    /// Its file left the house.
    pub sent: bool,
    /// What was taken before, fen.
    pub known_fen: Option<i64>,
    /// The 清算日 known before.
    pub known_date: Option<NaiveDate>,
    /// The category known before.
    pub known_category: Option<String>,
    /// Answers of the same category in a row: which.
    pub in_row_category: Option<String>,
    /// How many.
    pub in_row: i64,
}

impl Answered {
    /// The debit's state with its facts; a contradictory row is a named error.
    pub fn life(&self) -> Result<State> {
        let row = self.debit_no.to_string();
        let corrupt = |problem| StoreError::Corrupt { table: "debit", row: row.clone(), problem };
        let Some(state) = &self.state else { return Err(corrupt("it is gone; an answer names it".to_owned())) };
        let category = self.known_category.as_deref().map(str::parse).transpose().map_err(corrupt)?;
        State::from_columns(state, self.sent, self.known_fen.map(Fen), self.known_date, category).map_err(corrupt)
    }
}

/// What stands beside a line `r` and a debit `d` in [`Answered`].
macro_rules! answered {
    ($line:literal, $rest:literal) => {
        concat!(
            "SELECT ",
            $line,
            ", COALESCE(d.number, 0) AS number, COALESCE(d.amount_fen, 0) AS amount_fen, d.state, ",
            "(b.sent_at IS NOT NULL) AS sent, d.taken_fen AS known_fen, d.bank_date AS known_date, ",
            "d.category AS known_category, a.in_row_category, COALESCE(a.in_row, 0) AS in_row ",
            $rest
        )
    };
}

/// Lines without a verdict after (account, line), in the order of accounts: a page then touches few places of each
/// index.
pub async fn open_lines(tx: &mut Tx, file_id: i64, after: (i64, i64), most: i64) -> Result<Vec<Answered>> {
    const SQL: &str = answered!(
        "r.account, r.line_no, r.debit_no, r.taken_fen, r.category, r.code, r.bank_date",
        "FROM return_line r LEFT JOIN debit d ON d.account = r.account AND d.debit_no = r.debit_no
        LEFT JOIN batch b ON b.batch_id = d.batch_id
        LEFT JOIN agreement a ON a.account = d.account AND a.number = d.number
        WHERE r.file_id = $1 AND (r.account, r.line_no) > ($2, $3) AND r.verdict IS NULL
        ORDER BY r.account, r.line_no LIMIT $4"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(file_id).bind(after.0).bind(after.1).bind(most).fetch_all(c).await)?)
}

/// Gives lines their verdict (account, line, word); each must still have none.
pub async fn judge(tx: &mut Tx, file_id: i64, verdicts: &[(i64, i64, &'static str)]) -> Result<()> {
    const SQL: &str = "UPDATE return_line SET verdict = $2 FROM (VALUES {rows 2: BIGINT BIGINT}) v
        WHERE return_line.account = v.column1 AND return_line.file_id = $1 AND return_line.line_no = v.column2
        AND return_line.verdict IS NULL";
    let mut done = 0;
    for (word, lines) in grouped(verdicts, |v| v.2) {
        done += many!(tx, SQL, [file_id, word], lines, |q, v| q.bind(v.0).bind(v.1));
    }
    expect_rows("judging return lines", verdicts.len(), done)
}

/// What a sent debit must be compared with.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SentRow {
    /// Meter account.
    pub account: i64,
    /// Which debit.
    pub debit_no: i64,
    /// Asked, fen.
    pub amount_fen: i64,
    /// The card's blind index.
    pub card_index: Vec<u8>,
    /// Its batch.
    pub batch_id: i64,
    /// Its line there.
    pub line_no: i64,
    /// The date of its file.
    pub file_date: NaiveDate,
    /// Whose file.
    pub bank: String,
}

macro_rules! sent_columns {
    ($rest:literal) => {
        concat!(
            "SELECT d.account, d.debit_no, d.amount_fen, d.card_index, d.batch_id, d.line_no, b.file_date, b.bank ",
            "FROM debit d JOIN batch b ON b.batch_id = d.batch_id ",
            $rest
        )
    };
}

/// Sent debits by number, in no order.
pub async fn sent_by_number(tx: &mut Tx, numbers: &[(i64, i64)]) -> Result<Vec<SentRow>> {
    const SQL: &str = sent_columns!(
        "JOIN (VALUES {rows 0: BIGINT BIGINT}) v ON d.account = v.column1 AND d.debit_no = v.column2 WHERE
        b.sent_at IS NOT NULL"
    );
    pairs(tx, SQL, numbers).await
}

/// Sent debits by (batch, line), in no order.
pub async fn sent_by_place(tx: &mut Tx, places: &[(i64, i64)]) -> Result<Vec<SentRow>> {
    const SQL: &str = sent_columns!(
        "JOIN (VALUES {rows 0: BIGINT BIGINT}) v ON d.batch_id = v.column1 AND d.line_no = v.column2 WHERE
        b.sent_at IS NOT NULL"
    );
    pairs(tx, SQL, places).await
}

/// Sent debits by (batch, account), in no order.
pub async fn sent_by_account(tx: &mut Tx, keys: &[(i64, i64)]) -> Result<Vec<SentRow>> {
    const SQL: &str = sent_columns!(
        "JOIN (VALUES {rows 0: BIGINT BIGINT}) v ON d.batch_id = v.column1 AND d.account = v.column2 WHERE
        b.sent_at IS NOT NULL AND d.state <> 'void'"
    );
    pairs(tx, SQL, keys).await
}

/// Those of these debits (account, number) that stand on a line of a file.
pub async fn listed(tx: &mut Tx, file_id: i64, keys: &[(i64, i64)]) -> Result<HashSet<(i64, i64)>> {
    const SQL: &str = "SELECT r.account, r.debit_no FROM return_line r
        JOIN (VALUES {rows 1: BIGINT BIGINT}) v ON r.account = v.column1 AND r.debit_no = v.column2
        WHERE r.file_id = $1";
    let found: Vec<(i64, i64)> = many_of!(tx, (i64, i64), SQL, [file_id], keys, |q, key| q.bind(key.0).bind(key.1));
    Ok(found.into_iter().collect())
}

async fn pairs(tx: &mut Tx, template: &'static str, keys: &[(i64, i64)]) -> Result<Vec<SentRow>> {
    Ok(many_of!(tx, SentRow, template, [], keys, |q, key| q.bind(key.0).bind(key.1)))
}

/// Count and sum of a batch's debits that a file does not list.
pub async fn absent(tx: &mut Tx, file_id: i64, batch_id: i64) -> Result<(i64, i64)> {
    const SQL: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(d.amount_fen), 0) AS BIGINT) FROM debit d
        LEFT JOIN return_line r ON r.account = d.account AND r.debit_no = d.debit_no AND r.file_id = $1
        WHERE d.batch_id = $2 AND d.state <> 'void' AND r.file_id IS NULL";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(file_id).bind(batch_id).fetch_one(c).await)?)
}

/// A batch's debits after a line that a file does not list and nobody has answered yet, answered with one category and
/// code; their 清算日 is their business date.
pub async fn absent_debits(
    tx: &mut Tx,
    (file_id, batch_id): (i64, i64),
    (category, code): (&str, &str),
    after: i64,
    most: i64,
) -> Result<Vec<Answered>> {
    const SQL: &str = answered!(
        "d.account, d.line_no, d.debit_no, r.taken_fen, CAST($1 AS TEXT) AS category, CAST($2 AS TEXT) AS code,
        d.business_date AS bank_date",
        "FROM debit d LEFT JOIN return_line r ON r.account = d.account AND r.debit_no = d.debit_no AND r.file_id = $3
        LEFT JOIN batch b ON b.batch_id = d.batch_id
        LEFT JOIN agreement a ON a.account = d.account AND a.number = d.number
        WHERE d.batch_id = $4 AND d.line_no > $5 AND d.state IN ('planned', 'unanswered') AND r.file_id IS NULL
        ORDER BY d.line_no LIMIT $6"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL)
        .bind(category)
        .bind(code)
        .bind(file_id)
        .bind(batch_id)
        .bind(after)
        .bind(most)
        .fetch_all(c)
        .await)?)
}

/// What answering needs to know of an agreement.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct InRow {
    /// Meter account.
    pub account: i64,
    /// Agreement's number.
    pub number: i64,
    /// Answers of the same category in a row: which.
    pub in_row_category: Option<String>,
    /// How many.
    pub in_row: i64,
}

/// Counters of agreements (account, number) that are not at their beginning.
pub async fn counters(tx: &mut Tx, agreements: &[(i64, i64)]) -> Result<Vec<InRow>> {
    const SQL: &str = "SELECT a.account, a.number, a.in_row_category, a.in_row FROM agreement a
        JOIN (VALUES {rows 0: BIGINT BIGINT}) v ON a.account = v.column1 AND a.number = v.column2 WHERE a.in_row <> 0";
    Ok(many_of!(tx, InRow, SQL, [], agreements, |q, key| q.bind(key.0).bind(key.1)))
}
