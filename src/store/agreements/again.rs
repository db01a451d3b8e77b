//! Words to banks as people look at them: what was said about an agreement, which refusals wait for somebody, and what
//! two people order to be told again (重报).

use chrono::NaiveDate;
use yichong_core::model::agreement::{AgreementNo, AgreementState};

use super::changes::{self, Changed, Why};
use crate::db::{Result, Tx, expect_rows, on};

/// One word to a bank about an agreement.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, serde::Serialize)]
pub struct BankWord {
    /// Meter account.
    pub account: i64,
    /// Agreement's number within it.
    pub number: i64,
    /// 1, 2, 3 … within the agreement.
    pub notice_no: i64,
    /// The bank.
    pub bank: String,
    /// What it was told: `sign` or `cancel`.
    pub operation: String,
    /// `placed`, `sent`, `accepted` or `refused`.
    pub state: String,
    /// The last word to this bank about the agreement.
    pub latest: bool,
    /// Two people ordered it to be told again.
    pub again: bool,
    /// The version it told.
    pub version: i64,
    /// Its card's last 4.
    pub card_last4: String,
    /// The bank's code, once it replied.
    pub code: Option<String>,
    /// The bank's words.
    pub message: Option<String>,
    /// Our file.
    pub file_name: String,
    /// Its date.
    pub file_date: NaiveDate,
    /// Card and name are still the agreement's.
    pub same_payer: bool,
}

macro_rules! word_columns {
    ($rest:literal) => {
        concat!(
            "SELECT n.account, n.number, n.notice_no, n.bank, n.operation, n.state, n.latest, n.again, n.version, ",
            "n.card_last4, n.code, n.message, f.file_name, f.file_date, ",
            "(n.card_index = a.card_index AND n.payer_name = a.payer_name) AS same_payer ",
            "FROM agreement_notice n JOIN file_out f ON f.file_no = n.file_no ",
            "JOIN agreement a ON a.account = n.account AND a.number = n.number ",
            $rest
        )
    };
}

/// Every word to every bank about an agreement, oldest first.
pub async fn of_agreement(tx: &mut Tx, agreement: AgreementNo) -> Result<Vec<BankWord>> {
    const SQL: &str = word_columns!("WHERE n.account = $1 AND n.number = $2 ORDER BY n.notice_no");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(agreement.account.0).bind(agreement.number).fetch_all(c).await)?)
}

/// Last words that a bank refused and that nothing has followed yet, after (account, number), with those ordered again.
pub async fn refused(tx: &mut Tx, after: (i64, i64), most: i64) -> Result<Vec<BankWord>> {
    const SQL: &str = word_columns!(
        "WHERE n.latest AND n.state = 'refused' AND (n.account, n.number) > ($1, $2)
        AND (n.operation = 'cancel' OR (a.bank = n.bank AND a.state <> 'cancelled'))
        ORDER BY n.account, n.number, n.notice_no LIMIT $3"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(after.0).bind(after.1).bind(most).fetch_all(c).await)?)
}

/// Two people order a refused word to be told again; it must still be the last one to its bank, and refused.
pub async fn order(tx: &mut Tx, word: &BankWord) -> Result<()> {
    const SQL: &str = "UPDATE agreement_notice SET again = TRUE WHERE account = $1 AND number = $2 AND notice_no = $3
        AND latest AND state = 'refused' AND NOT again";
    let done = on!(tx, |c| sqlx::query(SQL)
        .bind(word.account)
        .bind(word.number)
        .bind(word.notice_no)
        .execute(c)
        .await?
        .rows_affected());
    expect_rows("ordering a word to a bank again", 1, done)
}

/// Leaves a row in an agreement's history, its terms and state as they are.
pub async fn note(tx: &mut Tx, agreement: AgreementNo, state: AgreementState, why: &Why<'_>) -> Result<()> {
    const SQL: &str = "SELECT account, number, version, threshold_fen, amount_fen, maker, bank, card_last4, confirmed
        FROM agreement WHERE account = $1 AND number = $2 AND state = $3";
    let found: Vec<Changed> = on!(tx, |c| sqlx::query_as(SQL)
        .bind(agreement.account.0)
        .bind(agreement.number)
        .bind(state.word())
        .fetch_all(c)
        .await)?;
    expect_rows("noting an act about an agreement", 1, found.len() as u64)?;
    changes::log(tx, &found, state, why).await
}
