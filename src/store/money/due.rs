//! What should be there by now: batches without answers, debits without money, breaks whose facts agree by now.

use chrono::NaiveDate;
use yichong_core::model::breaks::BreakKind;

use super::{MoneyRow, line_columns};
use crate::db::{Result, Tx, on};

/// Lines of a bank that wait in suspense or are being settled, after a money number, in order.
pub async fn open_lines(tx: &mut Tx, bank: &str, after: i64, most: i64) -> Result<Vec<MoneyRow>> {
    const SQL: &str = line_columns!(
        "WHERE m.bank = $1 AND m.money_no > $2 AND m.booking IN ('suspend', 'settling', 'explaining')
        ORDER BY m.money_no LIMIT $3"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(bank).bind(after).bind(most).fetch_all(c).await)?)
}

/// Sent batches of a bank up to a file date that still hold debits nobody answered.
pub async fn silent_batches(tx: &mut Tx, bank: &str, up_to: NaiveDate) -> Result<Vec<i64>> {
    // The first condition is the index' own, word for word: SQLite takes a partial index by its text.
    const PLANNED: &str = "SELECT DISTINCT batch_id FROM debit
        WHERE state = 'planned' AND bank = $1 AND batch_id IS NOT NULL";
    const DUE: &str = "SELECT batch_id FROM batch WHERE bank = $1 AND file_date <= $2 AND sent_at IS NOT NULL
        AND state = 'sent' AND batch_id >= $3 ORDER BY batch_id";
    let mut planned: Vec<(i64,)> = on!(tx, |c| sqlx::query_as(PLANNED).bind(bank).fetch_all(c).await)?;
    planned.sort_unstable();
    let Some((first,)) = planned.first().copied() else { return Ok(Vec::new()) };
    let due: Vec<(i64,)> = on!(tx, |c| sqlx::query_as(DUE).bind(bank).bind(up_to).bind(first).fetch_all(c).await)?;
    Ok(due.into_iter().filter(|batch| planned.binary_search(batch).is_ok()).map(|(batch,)| batch).collect())
}

/// A paid debit whose money has not come.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct UnsettledRow {
    /// Meter account.
    pub account: i64,
    /// Its number.
    pub debit_no: i64,
    /// Its batch.
    pub batch_id: Option<i64>,
    /// Taken, fen.
    pub taken_fen: i64,
    /// 清算日.
    pub bank_date: NaiveDate,
}

/// Debits of a bank paid on or before a bank date, without money and without a break about it, after (account, number).
/// Where money for the debit waits in suspense, that line's break already says what is wrong.
pub async fn unsettled(
    tx: &mut Tx,
    bank: &str,
    up_to: NaiveDate,
    after: (i64, i64),
    most: i64,
) -> Result<Vec<UnsettledRow>> {
    const SQL: &str = "SELECT d.account, d.debit_no, d.batch_id, d.taken_fen, d.bank_date FROM debit d
        LEFT JOIN break_item b ON b.account = d.account AND b.kind = $6 AND b.ref = d.debit_no
        WHERE d.bank = $1 AND d.bank_date <= $2 AND d.settled_by IS NULL AND d.taken_fen IS NOT NULL
        AND d.state IN ('paid', 'credited', 'refunded') AND b.ref IS NULL AND NOT EXISTS (SELECT 1 FROM money_line m
            WHERE m.account = d.account AND m.debit_no = d.debit_no AND m.booking = 'suspend')
        AND (d.account, d.debit_no) > ($3, $4)
        ORDER BY d.account, d.debit_no LIMIT $5";
    Ok(on!(tx, |c| sqlx::query_as(SQL)
        .bind(bank)
        .bind(up_to)
        .bind(after.0)
        .bind(after.1)
        .bind(most)
        .bind(BreakKind::Unsettled.word())
        .fetch_all(c)
        .await)?)
}

/// Open breaks 无回盘 of a bank whose debit is answered by now: (account, debit number).
pub async fn answered_by_now(tx: &mut Tx, bank: &str, most: i64) -> Result<Vec<(i64, i64)>> {
    const SQL: &str = "SELECT b.account, b.ref FROM break_item b
        JOIN debit d ON d.account = b.account AND d.debit_no = b.ref
        WHERE b.state = 'open' AND b.bank = $1 AND b.kind = $2 AND d.state NOT IN ('planned', 'unanswered')
        ORDER BY b.account, b.ref LIMIT $3";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(bank).bind(BreakKind::NoReturn.word()).bind(most).fetch_all(c).await)?)
}

/// Open breaks 未到账 of a bank whose debit is settled, or given back, by now: (account, debit number).
pub async fn settled_by_now(tx: &mut Tx, bank: &str, most: i64) -> Result<Vec<(i64, i64)>> {
    const SQL: &str = "SELECT b.account, b.ref FROM break_item b
        JOIN debit d ON d.account = b.account AND d.debit_no = b.ref
        WHERE b.state = 'open' AND b.bank = $1 AND b.kind = $2 AND (d.settled_by IS NOT NULL OR d.state = 'reversed')
        ORDER BY b.account, b.ref LIMIT $3";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(bank).bind(BreakKind::Unsettled.word()).bind(most).fetch_all(c).await)?)
}
