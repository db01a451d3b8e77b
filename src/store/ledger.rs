//! The ledger: append-only entries, each one amount from one ledger account to another.

use chrono::NaiveDate;
use yichong_core::model::money::Fen;
use yichong_core::rules::posting::Posting;

use super::db::{Result, Tx, expect_rows, on};
use super::rows::{grouped, many};

/// One entry to post.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// Meter account, or the bank's reserved one.
    pub account: i64,
    /// Which event.
    pub posting: Posting,
    /// What it is about: a debit number, a statement line, a date. (account, event key, ref) posts once.
    pub reference: i64,
    /// Bank's code; empty where no bank is involved.
    pub bank: &'a str,
    /// More than 0.
    pub amount: Fen,
    /// The open business date it is posted on.
    pub posted_on: NaiveDate,
    /// Why, in words an auditor understands: file and line, or who resolved what.
    pub cause: String,
}

/// Posts entries. All of them are new, or the whole transaction must fail: posting twice is a primary-key violation.
pub async fn post(tx: &mut Tx, entries: &[Entry<'_>]) -> Result<()> {
    const SQL: &str = "INSERT INTO entry (account, event, ref, bank, debit, credit, amount_fen, posted_on, cause)
        SELECT v.column1, $1, v.column2, $2, $3, $4, v.column3, $5, v.column4
        FROM (VALUES {rows 5: BIGINT BIGINT BIGINT TEXT}) v";
    let mut done = 0;
    let shared = grouped(entries, |e| (e.posting.key(), e.posting.legs().0.word(), e.bank, e.posted_on));
    for ((event, debit, bank, posted_on), entries) in shared {
        let credit = entries.first().map_or("", |e| e.posting.legs().1.word());
        done += many!(tx, SQL, [event, bank, debit, credit, posted_on], entries, |q, e| q
            .bind(e.account)
            .bind(e.reference)
            .bind(e.amount.0)
            .bind(&e.cause));
    }
    expect_rows("posting entries", entries.len(), done)
}

/// What one ledger account of one bank amounts to.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct BalanceRow {
    /// Bank's code; empty where no bank is involved.
    pub bank: String,
    /// Ledger account's word.
    pub ledger: String,
    /// Debits minus credits, fen.
    pub balance_fen: i64,
}

/// Debits minus credits of every (bank, ledger account), of everything posted up to a date.
pub async fn balances(tx: &mut Tx, up_to: NaiveDate) -> Result<Vec<BalanceRow>> {
    const SQL: &str = "SELECT bank, ledger, CAST(SUM(amount) AS BIGINT) AS balance_fen FROM (
        SELECT bank, debit AS ledger, amount_fen AS amount FROM entry WHERE posted_on <= $1
        UNION ALL SELECT bank, credit, -amount_fen FROM entry WHERE posted_on <= $1) legs
        GROUP BY bank, ledger ORDER BY bank, ledger";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(up_to).fetch_all(c).await)?)
}

/// The entries of one account, oldest first: the story of its money.
pub async fn of_account(tx: &mut Tx, account: i64) -> Result<Vec<EntryRow>> {
    const SQL: &str = "SELECT account, event, ref AS reference, bank, debit, credit, amount_fen, posted_on, cause
        FROM entry WHERE account = $1 ORDER BY posted_on, ref, event";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(account).fetch_all(c).await)?)
}

/// An entry as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct EntryRow {
    /// Meter account, or the bank's reserved one.
    pub account: i64,
    /// Event key.
    pub event: String,
    /// What it is about.
    pub reference: i64,
    /// Bank's code.
    pub bank: String,
    /// Debited ledger account.
    pub debit: String,
    /// Credited ledger account.
    pub credit: String,
    /// Fen.
    pub amount_fen: i64,
    /// Business date.
    pub posted_on: NaiveDate,
    /// Why.
    pub cause: String,
}
