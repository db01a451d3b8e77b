//! Breaks (差错): opened once per (account, kind, ref), healed by the engine or resolved by two people.

use chrono::NaiveDate;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::money::Fen;

use super::db::{Result, Tx, on};
use super::rows::{many, many_of};

/// A break to open.
#[derive(Clone, Debug)]
pub struct Break<'a> {
    /// Meter account, or the bank's reserved one.
    pub account: i64,
    /// Which kind.
    pub kind: BreakKind,
    /// What it is about: a debit number, a statement line, a file.
    pub reference: i64,
    /// Bank's code.
    pub bank: &'a str,
    /// The open business date.
    pub opened_on: NaiveDate,
    /// 清算日 it belongs to.
    pub bank_date: NaiveDate,
    /// The difference, fen.
    pub amount: Fen,
    /// Who works on it: a role's word (`finance`, `operator`, `counter`).
    pub owner: &'a str,
    /// In words.
    pub detail: String,
}

/// A break as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, serde::Serialize)]
pub struct BreakRow {
    /// Meter account, or the bank's reserved one.
    pub account: i64,
    /// Kind's word.
    pub kind: String,
    /// What it is about.
    pub reference: i64,
    /// Bank's code.
    pub bank: String,
    /// When it was opened.
    pub opened_on: NaiveDate,
    /// 清算日 it belongs to.
    pub bank_date: NaiveDate,
    /// The difference, fen.
    pub amount_fen: i64,
    /// Who works on it.
    pub owner: String,
    /// In words.
    pub detail: String,
    /// `open` or `resolved`.
    pub state: String,
    /// How it ended.
    pub resolution: Option<String>,
    /// When it ended.
    pub resolved_on: Option<NaiveDate>,
    /// Who proposed the end; `engine` where it healed by itself.
    pub maker: Option<String>,
    /// Who approved it.
    pub checker: Option<String>,
}

/// Opens breaks; one that stands already, open or resolved, stays as it is. Says how many are new.
pub async fn open(tx: &mut Tx, breaks: &[Break<'_>]) -> Result<u64> {
    const SQL: &str =
        "INSERT INTO break_item (account, kind, ref, bank, opened_on, bank_date, amount_fen, owner, detail, state)
        VALUES {rows 0: BIGINT TEXT BIGINT TEXT DATE DATE BIGINT TEXT TEXT TEXT}
        ON CONFLICT (account, kind, ref) DO NOTHING";
    Ok(many!(tx, SQL, [], breaks, |q, b| q
        .bind(b.account)
        .bind(b.kind.word())
        .bind(b.reference)
        .bind(b.bank)
        .bind(b.opened_on)
        .bind(b.bank_date)
        .bind(b.amount.0)
        .bind(b.owner)
        .bind(&b.detail)
        .bind("open")))
}

/// The facts came to agree by themselves: resolves open breaks of these kinds about these refs. Says how many.
pub async fn heal(tx: &mut Tx, on: NaiveDate, how: &str, breaks: &[(i64, BreakKind, i64)]) -> Result<u64> {
    const SQL: &str = "UPDATE break_item SET state = 'resolved', resolution = $2, resolved_on = $1, maker = 'engine'
        FROM (VALUES {rows 2: BIGINT TEXT BIGINT}) v
        WHERE break_item.account = v.column1 AND break_item.kind = v.column2 AND break_item.ref = v.column3
        AND break_item.state = 'open'";
    Ok(many!(tx, SQL, [on, how], breaks, |q, b| q.bind(b.0).bind(b.1.word()).bind(b.2)))
}

/// Two people resolve one break; says whether it was open.
pub async fn resolve(
    tx: &mut Tx,
    key: (i64, BreakKind, i64),
    on: NaiveDate,
    how: &str,
    people: (&str, &str),
) -> Result<bool> {
    const SQL: &str =
        "UPDATE break_item SET state = 'resolved', resolution = $4, resolved_on = $5, maker = $6, checker = $7
        WHERE account = $1 AND kind = $2 AND ref = $3 AND state = 'open' AND $6 <> $7";
    let changed = on!(tx, |c| sqlx::query(SQL)
        .bind(key.0)
        .bind(key.1.word())
        .bind(key.2)
        .bind(how)
        .bind(on)
        .bind(people.0)
        .bind(people.1)
        .execute(c)
        .await?
        .rows_affected());
    Ok(changed == 1)
}

/// Breaks of a state, oldest first; `None`: all.
pub async fn list(tx: &mut Tx, state: Option<&str>, most: i64) -> Result<Vec<BreakRow>> {
    const SQL: &str =
        "SELECT account, kind, ref AS reference, bank, opened_on, bank_date, amount_fen, owner, detail, state,
        resolution, resolved_on, maker, checker FROM break_item WHERE CAST($1 AS TEXT) IS NULL OR state = $1
        ORDER BY opened_on, bank, kind, account, ref LIMIT $2";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(state).bind(most).fetch_all(c).await)?)
}

/// Open breaks of a kind at a bank about these accounts, as (account, ref).
pub async fn open_about(tx: &mut Tx, bank: &str, kind: BreakKind, accounts: &[i64]) -> Result<Vec<(i64, i64)>> {
    const SQL: &str = "SELECT b.account, b.ref FROM break_item b JOIN (VALUES {rows 2: BIGINT}) v
        ON b.account = v.column1 WHERE b.bank = $1 AND b.kind = $2 AND b.state = 'open'";
    Ok(many_of!(tx, (i64, i64), SQL, [bank, kind.word()], accounts, |q, account| q.bind(account)))
}

/// One break.
pub async fn find(tx: &mut Tx, account: i64, kind: BreakKind, reference: i64) -> Result<Option<BreakRow>> {
    const SQL: &str =
        "SELECT account, kind, ref AS reference, bank, opened_on, bank_date, amount_fen, owner, detail, state,
        resolution, resolved_on, maker, checker FROM break_item WHERE account = $1 AND kind = $2 AND ref = $3";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(account).bind(kind.word()).bind(reference).fetch_optional(c).await)?)
}
