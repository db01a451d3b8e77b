//! What banks reply about agreements (签约回复): which word it is about, yes or no, and whose reply is late.

use chrono::NaiveDate;
use yichong_core::model::agreement::AgreementState;

use super::changes::{self, Changed, Why};
use crate::db::{Result, Tx, expect_rows, on};
use crate::rows::{many, many_of};

/// A word that left, as a reply may be about it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Said {
    /// Meter account.
    pub account: i64,
    /// Agreement's number within it.
    pub number: i64,
    /// Number of the word.
    pub notice_no: i64,
    /// What the bank was told.
    pub operation: String,
    /// `sent`, `accepted` or `refused`.
    pub state: String,
    /// The card it was told.
    pub card_index: Vec<u8>,
    /// The date of the file that told it.
    pub told_on: NaiveDate,
}

/// Every word that left to a bank about these accounts.
pub async fn said(tx: &mut Tx, bank: &str, accounts: &[i64]) -> Result<Vec<Said>> {
    const SQL: &str = "SELECT n.account, n.number, n.notice_no, n.operation, n.state, n.card_index,
        f.file_date AS told_on FROM agreement_notice n JOIN (VALUES {rows 1: BIGINT}) v ON n.account = v.column1
        JOIN file_out f ON f.file_no = n.file_no
        WHERE n.bank = $1 AND n.state <> 'placed'";
    Ok(many_of!(tx, Said, SQL, [bank], accounts, |q, account| q.bind(account)))
}

/// A bank's yes or no.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Meter account.
    pub account: i64,
    /// Agreement's number within it.
    pub number: i64,
    /// Number of the word.
    pub notice_no: i64,
    /// The bank's code.
    pub code: String,
    /// The bank's words.
    pub message: String,
}

/// Keeps a page of one file's answers, all yes or all no; each word must still wait.
pub async fn answer(tx: &mut Tx, file_id: i64, yes: bool, answers: &[Answer]) -> Result<()> {
    const SQL: &str = "UPDATE agreement_notice SET state = $1, file_id = $2, code = v.column4, message = v.column5
        FROM (VALUES {rows 2: BIGINT BIGINT BIGINT TEXT TEXT}) v
        WHERE agreement_notice.account = v.column1 AND agreement_notice.number = v.column2
        AND agreement_notice.notice_no = v.column3 AND agreement_notice.state = 'sent'";
    let state = if yes { "accepted" } else { "refused" };
    let done = many!(tx, SQL, [state, file_id], answers, |q, a| q
        .bind(a.account)
        .bind(a.number)
        .bind(a.notice_no)
        .bind(&a.code)
        .bind(&a.message));
    expect_rows("answering words about agreements", answers.len(), done)
}

/// The bank's yes to a signing: the agreement may be debited, if it still has the card the bank was told.
pub async fn confirm(tx: &mut Tx, bank: &str, answers: &[Answer], why: &Why<'_>) -> Result<()> {
    const SQL: &str = "UPDATE agreement SET confirmed = TRUE FROM (VALUES {rows 2: BIGINT BIGINT BIGINT}) v,
        agreement_notice n WHERE agreement.account = v.column1 AND agreement.number = v.column2 AND agreement.bank = $1
        AND agreement.state = $2 AND NOT agreement.confirmed AND n.account = v.column1 AND n.number = v.column2
        AND n.notice_no = v.column3 AND n.operation = 'sign' AND n.card_index = agreement.card_index
        RETURNING agreement.account, agreement.number, agreement.version, agreement.threshold_fen,
        agreement.amount_fen, agreement.maker, agreement.bank, agreement.card_last4, agreement.confirmed";
    for state in [AgreementState::Active, AgreementState::Suspended] {
        let changed = many_of!(tx, Changed, SQL, [bank, state.word()], answers, |q, a| q
            .bind(a.account)
            .bind(a.number)
            .bind(a.notice_no));
        changes::log(tx, &changed, state, why).await?;
    }
    Ok(())
}

/// Words whose answer is late on a date, after an account: (account, number, number of the word, told, by when).
pub async fn overdue(
    tx: &mut Tx,
    bank: &str,
    on: NaiveDate,
    after: (i64, i64, i64),
    most: i64,
) -> Result<Vec<(i64, i64, i64, String, NaiveDate)>> {
    const SQL: &str = "SELECT account, number, notice_no, operation, answer_by FROM agreement_notice
        WHERE bank = $1 AND state = 'sent' AND answer_by < $2 AND (account, number, notice_no) > ($3, $4, $5)
        ORDER BY account, number, notice_no LIMIT $6";
    Ok(on!(tx, |c| sqlx::query_as(SQL)
        .bind(bank)
        .bind(on)
        .bind(after.0)
        .bind(after.1)
        .bind(after.2)
        .bind(most)
        .fetch_all(c)
        .await)?)
}
