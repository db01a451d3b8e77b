//! What banks are told of agreements (签约送盘): found by what differs, put on lines. Replies are in [`super::replies`].

use chrono::{DateTime, NaiveDate, Utc};
use yichong_core::model::agreement::Operation;

use crate::db::{Result, Tx, expect_rows, on};
use crate::files_out::FileOut;
use crate::rows::many;

/// An agreement that a bank may have to be told of, and the last word about it to that bank, if there was one.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Untold {
    /// Meter account.
    pub account: i64,
    /// Agreement's number within it.
    pub number: i64,
    /// The last word's number, whatever bank it went to; 0: none.
    pub last_no: i64,
    /// The agreement's version.
    pub version: i64,
    /// Name on the card.
    pub payer_name: String,
    /// ID type's word.
    pub id_type: String,
    /// Card, ID number and mobile, sealed.
    pub payer_sealed: Vec<u8>,
    /// The card's blind index.
    pub card_index: Vec<u8>,
    /// Its last 4.
    pub card_last4: String,
    /// 签约时间.
    pub signed_at: DateTime<Utc>,
    /// Of the last word to this bank: what it was.
    pub told: Option<String>,
    /// Its state.
    pub told_state: Option<String>,
    /// Two people ordered it to be told again.
    pub told_again: Option<bool>,
    /// The version it told.
    pub told_version: Option<i64>,
    /// Of the signing the bank said yes to last and did not cancel since: the name it has.
    pub held_name: Option<String>,
    /// The ID type it has.
    pub held_id_type: Option<String>,
    /// The payer it has, sealed.
    pub held_sealed: Option<Vec<u8>>,
    /// The card it has.
    pub held_index: Option<Vec<u8>>,
    /// Its last 4.
    pub held_last4: Option<String>,
}

macro_rules! untold {
    ($from:literal, $where:literal) => {
        concat!(
            "SELECT a.account, a.number, a.version, a.payer_name, a.id_type, a.payer_sealed, a.card_index, ",
            "a.card_last4, a.signed_at, (SELECT COALESCE(MAX(m.notice_no), 0) FROM agreement_notice m ",
            "WHERE m.account = a.account AND m.number = a.number) AS last_no, n.operation AS told, ",
            "n.state AS told_state, n.again AS told_again, n.version AS told_version, h.payer_name AS held_name, ",
            "h.id_type AS held_id_type, h.payer_sealed AS held_sealed, h.card_index AS held_index, ",
            "h.card_last4 AS held_last4 FROM ",
            $from,
            " LEFT JOIN agreement_notice h ON h.account = n.account AND h.number = n.number AND h.notice_no = ",
            "(SELECT MAX(s.notice_no) FROM agreement_notice s WHERE s.account = n.account AND s.number = n.number ",
            "AND s.bank = n.bank AND s.operation = 'sign' AND s.state = 'accepted' AND NOT EXISTS ",
            "(SELECT 1 FROM agreement_notice c WHERE c.account = s.account AND c.number = s.number ",
            "AND c.bank = s.bank AND c.operation = 'cancel' AND c.state = 'accepted' AND c.notice_no > s.notice_no)) ",
            $where
        )
    };
}

/// Agreements that stand at a bank, after an account, which it may not know as they are: a superset of those to sign.
pub async fn to_sign(tx: &mut Tx, bank: &str, after: i64, most: i64) -> Result<Vec<Untold>> {
    const SQL: &str = untold!(
        "agreement a LEFT JOIN agreement_notice n ON n.account = a.account AND n.number = a.number
        AND n.bank = a.bank AND n.latest",
        "WHERE a.bank = $1 AND (a.state = 'active' OR a.state = 'suspended') AND a.account > $2
        AND (n.account IS NULL OR ((n.state = 'accepted' OR n.state = 'refused') AND (n.operation = 'cancel'
          OR n.state = 'refused' OR n.card_index <> a.card_index OR n.payer_name <> a.payer_name)))
        ORDER BY a.account LIMIT $3"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(bank).bind(after).bind(most).fetch_all(c).await)?)
}

/// Agreements a bank said yes to, or that two people want told again, and that stand there no more, after
/// (account, number).
pub async fn to_cancel(tx: &mut Tx, bank: &str, after: (i64, i64), most: i64) -> Result<Vec<Untold>> {
    const SQL: &str = untold!(
        "agreement_notice n JOIN agreement a ON a.account = n.account AND a.number = n.number",
        "WHERE n.bank = $1 AND n.latest AND ((n.operation = 'sign' AND n.state = 'accepted') OR n.again)
        AND (a.bank <> n.bank OR a.state = 'cancelled') AND (n.account, n.number) > ($2, $3)
        ORDER BY n.account, n.number LIMIT $4"
    );
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(bank).bind(after.0).bind(after.1).bind(most).fetch_all(c).await)?)
}

/// One word to a bank, on a line of a file.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Meter account.
    pub account: i64,
    /// Agreement's number within it.
    pub number: i64,
    /// 1, 2, 3 … within the agreement.
    pub notice_no: i64,
    /// What the bank is told.
    pub operation: Operation,
    /// The version it is told.
    pub version: i64,
    /// Name on the card.
    pub payer_name: String,
    /// ID type's word.
    pub id_type: String,
    /// Card, ID number and mobile, sealed.
    pub payer_sealed: Vec<u8>,
    /// The card's blind index.
    pub card_index: Vec<u8>,
    /// Its last 4.
    pub card_last4: String,
    /// 签约时间.
    pub signed_at: DateTime<Utc>,
    /// Its line.
    pub line_no: i64,
}

/// Puts words to a bank on a file's lines; each is the last word about its agreement from now on.
pub async fn place(tx: &mut Tx, bank: &str, file_no: i64, notices: &[Notice]) -> Result<()> {
    const OLD: &str = "UPDATE agreement_notice SET latest = FALSE FROM (VALUES {rows 1: BIGINT BIGINT}) v
        WHERE agreement_notice.account = v.column1 AND agreement_notice.number = v.column2
        AND agreement_notice.bank = $1 AND agreement_notice.latest";
    const SQL: &str = "INSERT INTO agreement_notice (account, number, notice_no, operation, version, payer_name,
        id_type, payer_sealed, card_index, card_last4, signed_at, line_no, latest, again, bank, file_no, state)
        SELECT v.column1, v.column2, v.column3, v.column4, v.column5, v.column6, v.column7, v.column8, v.column9,
        v.column10, v.column11, v.column12, (v.column13 = 1), FALSE, $1, $2, 'placed'
        FROM (VALUES {rows 2: BIGINT BIGINT BIGINT TEXT BIGINT TEXT TEXT BYTEA BYTEA TEXT TIMESTAMPTZ BIGINT
        BIGINT}) v";
    many!(tx, OLD, [bank], notices, |q, n| q.bind(n.account).bind(n.number));
    // Words about one agreement stand side by side, the last one last.
    let is_last = |at: usize, n: &Notice| {
        notices.get(at + 1).is_none_or(|next| (next.account, next.number) != (n.account, n.number))
    };
    let notices_last: Vec<(&Notice, i64)> =
        notices.iter().enumerate().map(|(at, n)| (n, i64::from(is_last(at, n)))).collect();
    let done = many!(tx, SQL, [bank, file_no], notices_last, |q, n| q
        .bind(n.0.account)
        .bind(n.0.number)
        .bind(n.0.notice_no)
        .bind(n.0.operation.word())
        .bind(n.0.version)
        .bind(&n.0.payer_name)
        .bind(&n.0.id_type)
        .bind(&n.0.payer_sealed)
        .bind(&n.0.card_index)
        .bind(&n.0.card_last4)
        .bind(n.0.signed_at)
        .bind(n.0.line_no)
        .bind(n.1));
    expect_rows("telling a bank of agreements", notices.len(), done)
}

/// What a line of a file to a bank is made from.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Line {
    /// Meter account.
    pub account: i64,
    /// Agreement's number within it.
    pub number: i64,
    /// Its line.
    pub line_no: i64,
    /// What the bank is told.
    pub operation: String,
    /// Name on the card.
    pub payer_name: String,
    /// ID type's word.
    pub id_type: String,
    /// Card, ID number and mobile, sealed.
    pub payer_sealed: Vec<u8>,
    /// 签约时间.
    pub signed_at: DateTime<Utc>,
    /// The account's holder.
    pub holder: String,
    /// The meter's address.
    pub address: String,
}

/// A file's lines after a line, in order.
pub async fn lines(tx: &mut Tx, file_no: i64, after: i64, most: i64) -> Result<Vec<Line>> {
    const SQL: &str = "SELECT n.account, n.number, n.line_no, n.operation, n.payer_name, n.id_type, n.payer_sealed,
        n.signed_at, t.holder, t.address FROM agreement_notice n JOIN account t ON t.account = n.account
        WHERE n.file_no = $1 AND n.line_no > $2 ORDER BY n.line_no LIMIT $3";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(file_no).bind(after).bind(most).fetch_all(c).await)?)
}

/// The last line of a file that is taken; 0: none.
pub async fn last_line(tx: &mut Tx, file_no: i64) -> Result<i64> {
    const SQL: &str = "SELECT CAST(COALESCE(MAX(line_no), 0) AS BIGINT) FROM agreement_notice WHERE file_no = $1";
    let (line,): (i64,) = on!(tx, |c| sqlx::query_as(SQL).bind(file_no).fetch_one(c).await)?;
    Ok(line)
}

/// A door's file that has not wholly left; there is never a second.
pub async fn unfinished(tx: &mut Tx, door: &str) -> Result<Option<FileOut>> {
    const SQL: &str = "SELECT file_no, door, file_date, seq, file_name, lines, sum_fen, sha256, state FROM file_out
        WHERE door = $1 AND (state = 'open' OR state = 'sending') ORDER BY file_no LIMIT 1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(door).fetch_optional(c).await)?)
}

/// A file's words left; the bank answers by this date.
pub async fn sent(tx: &mut Tx, file_no: i64, answer_by: NaiveDate) -> Result<u64> {
    const SQL: &str = "UPDATE agreement_notice SET state = 'sent', answer_by = $2
        WHERE file_no = $1 AND state = 'placed'";
    Ok(on!(tx, |c| sqlx::query(SQL).bind(file_no).bind(answer_by).execute(c).await?.rows_affected()))
}
