//! Debits on their way into a file: planned from what the rules decided, handed out in the file's order, put on lines.

use std::collections::HashMap;

use chrono::{DateTime, NaiveDate, Utc};
use yichong_core::model::ids::{AccountNo, DebitNo};

use crate::db::{Result, Tx, expect_rows, on};
use crate::rows::{many, many_of};

/// What the rules decided of one candidate; everything else its debit needs stands in its agreement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// Meter account.
    pub account: i64,
    /// Agreement's number within the account.
    pub number: i64,
    /// The debit's number.
    pub debit_no: i64,
    /// The agreement's version the rules saw.
    pub version: i64,
    /// To be taken, fen.
    pub amount_fen: i64,
    /// The balance it was judged by, fen.
    pub balance_fen: i64,
    /// When that was read.
    pub read_at: DateTime<Utc>,
}

/// What a line of a bank's file is made from.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Filed {
    /// Meter account.
    pub account: i64,
    /// Agreement's number within the account.
    pub number: i64,
    /// The debit's number.
    pub debit_no: i64,
    /// Asked, fen.
    pub amount_fen: i64,
    /// Name on the card.
    pub payer_name: String,
    /// ID type's word.
    pub id_type: String,
    /// Card, ID number and mobile, sealed.
    pub payer_sealed: Vec<u8>,
    /// The card's blind index.
    pub card_index: Vec<u8>,
    /// Order of the file.
    pub signed_at: DateTime<Utc>,
    /// No debit of its agreement has succeeded yet; known once [`firsts`] was asked.
    #[sqlx(default)]
    pub first: bool,
    /// Card, ID number and mobile of its agreement's last debit that was taken at this bank, sealed, if the card was
    /// another; known once [`replaced`] was asked.
    #[sqlx(default)]
    pub replaced_sealed: Option<Vec<u8>>,
}

impl Filed {
    /// Its number.
    pub const fn debit_no(&self) -> DebitNo {
        DebitNo(self.debit_no)
    }

    /// Its account.
    pub const fn account(&self) -> AccountNo {
        AccountNo(self.account)
    }
}

/// Plans debits of a date. One that exists already (by account and date), or whose agreement has changed since the
/// rules saw it, fails the whole page.
pub async fn plan(tx: &mut Tx, business_date: NaiveDate, rule_version: i64, due: &[Due]) -> Result<()> {
    // CROSS: the few rows first, each with its agreement; never the other way round.
    const SQL: &str = "INSERT INTO debit (account, debit_no, business_date, bank, number, version, amount_fen,
        payer_name, id_type, payer_sealed, card_index, card_last4, signed_at, threshold_fen, balance_fen, read_at,
        rule_version, state)
        SELECT a.account, v.column3, $1, a.bank, a.number, a.version, v.column5, a.payer_name, a.id_type,
        a.payer_sealed, a.card_index, a.card_last4, a.signed_at, a.threshold_fen, v.column6, v.column7, $2, 'planned'
        FROM (VALUES {rows 2: BIGINT BIGINT BIGINT BIGINT BIGINT BIGINT TIMESTAMPTZ}) v CROSS JOIN agreement a
        WHERE a.account = v.column1 AND a.number = v.column2 AND a.version = v.column4";
    let done = many!(tx, SQL, [business_date, rule_version], due, |q, d| q
        .bind(d.account)
        .bind(d.number)
        .bind(d.debit_no)
        .bind(d.version)
        .bind(d.amount_fen)
        .bind(d.balance_fen)
        .bind(d.read_at));
    expect_rows("planning debits", due.len(), done)
}

/// What the lines of these debits would be made from if they were planned, in their order.
pub async fn as_filed(tx: &mut Tx, due: &[Due]) -> Result<Vec<Filed>> {
    const SQL: &str = "SELECT a.account, a.number, v.column3 AS debit_no, v.column4 AS amount_fen, a.payer_name,
        a.id_type, a.payer_sealed, a.card_index, a.signed_at
        FROM (VALUES {rows 0: BIGINT BIGINT BIGINT BIGINT}) v CROSS JOIN agreement a
        WHERE a.account = v.column1 AND a.number = v.column2 ORDER BY a.signed_at, a.account";
    Ok(many_of!(tx, Filed, SQL, [], due, |q, d| q.bind(d.account).bind(d.number).bind(d.debit_no).bind(d.amount_fen)))
}

/// A bank's planned debits of a date after (signed_at, account), in the file's order.
pub async fn planned(
    tx: &mut Tx,
    business_date: NaiveDate,
    bank: &str,
    after: (DateTime<Utc>, i64),
    most: i64,
) -> Result<Vec<Filed>> {
    const SQL: &str = "SELECT d.account, d.number, d.debit_no, d.amount_fen, d.payer_name, d.id_type, d.payer_sealed,
        d.card_index, d.signed_at FROM debit d LEFT JOIN batch b ON b.batch_id = d.batch_id
        WHERE d.business_date = $1 AND d.bank = $2 AND d.state = 'planned' AND b.batch_id IS NULL
        AND (d.signed_at, d.account) > ($3, $4) ORDER BY d.signed_at, d.account LIMIT $5";
    Ok(on!(tx, |c| sqlx::query_as(SQL)
        .bind(business_date)
        .bind(bank)
        .bind(after.0)
        .bind(after.1)
        .bind(most)
        .fetch_all(c)
        .await)?)
}

/// Marks the debits whose agreement never had a success: a standard's files say so.
pub async fn firsts(tx: &mut Tx, page: &mut [Filed]) -> Result<()> {
    const SQL: &str = "SELECT DISTINCT d.account, d.number FROM (VALUES {rows 0: BIGINT BIGINT}) v
        CROSS JOIN debit d WHERE d.account = v.column1 AND d.number = v.column2
        AND d.state IN ('paid', 'credited', 'refunded')";
    let keys: Vec<(i64, i64)> = page.iter().map(|debit| (debit.account, debit.number)).collect();
    let known: Vec<(i64, i64)> = many_of!(tx, (i64, i64), SQL, [], &keys, |q, key| q.bind(key.0).bind(key.1));
    let known: std::collections::HashSet<(i64, i64)> = known.into_iter().collect();
    for debit in page {
        debit.first = !known.contains(&(debit.account, debit.number));
    }
    Ok(())
}

/// Notes the card that an agreement's last taken debit was taken from, where it is no longer the agreement's.
pub async fn replaced(tx: &mut Tx, bank: &str, page: &mut [Filed]) -> Result<()> {
    const SQL: &str = "SELECT d.account, d.number, d.card_index, d.payer_sealed
        FROM (VALUES {rows 1: BIGINT BIGINT}) v CROSS JOIN debit d
        WHERE d.account = v.column1 AND d.number = v.column2 AND d.bank = $1
        AND d.state IN ('paid', 'credited', 'refunded', 'reversed') AND NOT EXISTS (SELECT 1 FROM debit l
        WHERE l.account = d.account AND l.number = d.number AND l.bank = d.bank AND l.debit_no > d.debit_no
        AND l.state IN ('paid', 'credited', 'refunded', 'reversed'))";
    let keys: Vec<(i64, i64)> = page.iter().map(|debit| (debit.account, debit.number)).collect();
    let last: Vec<Taken> = many_of!(tx, Taken, SQL, [bank], &keys, |q, key| q.bind(key.0).bind(key.1));
    let mut last: HashMap<(i64, i64), Taken> = last.into_iter().map(|d| ((d.account, d.number), d)).collect();
    for debit in page {
        let taken = last.remove(&(debit.account, debit.number));
        debit.replaced_sealed = taken.filter(|t| t.card_index != debit.card_index).map(|t| t.payer_sealed);
    }
    Ok(())
}

/// What a debit that was taken says of its card.
#[derive(sqlx::FromRow)]
struct Taken {
    account: i64,
    number: i64,
    card_index: Vec<u8>,
    payer_sealed: Vec<u8>,
}

/// Puts debits on their lines: (account, debit, batch, line). Repeating it with the same places changes nothing.
pub async fn place(tx: &mut Tx, places: &[(i64, i64, i64, i64)]) -> Result<()> {
    const SQL: &str = "UPDATE debit SET batch_id = v.column3, line_no = v.column4
        FROM (VALUES {rows 0: BIGINT BIGINT BIGINT BIGINT}) v
        WHERE debit.account = v.column1 AND debit.debit_no = v.column2 AND debit.state || '' = 'planned'";
    let done = many!(tx, SQL, [], places, |q, p| q.bind(p.0).bind(p.1).bind(p.2).bind(p.3));
    expect_rows("placing debits", places.len(), done)
}
