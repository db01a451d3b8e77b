//! Balances: the last reading of every account, and what it replaced for 400 days, so that past dates can be explained.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, Utc};
use yichong_core::model::ids::AccountNo;

use crate::db::{Result, Tx, on};
use crate::rows::{many, many_of};

/// How long a replaced reading stays.
pub const PAST_DAYS: u64 = 400;

/// What a meter showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// 户号.
    pub account: i64,
    /// Paid money, fen; below zero in arrears.
    pub paid_fen: i64,
    /// Free credit (补助), fen; never below zero.
    pub free_fen: i64,
    /// Its last day; none: no end.
    pub free_until: Option<NaiveDate>,
    /// When it was read.
    pub read_at: DateTime<Utc>,
    /// The business date it counts from.
    pub since: NaiveDate,
}

/// A balance, current or past.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct BalanceRow {
    /// 户号.
    pub account: i64,
    /// Paid money, fen.
    pub paid_fen: i64,
    /// Free credit, fen.
    pub free_fen: i64,
    /// Its last day.
    pub free_until: Option<NaiveDate>,
    /// When it was last read with these values.
    pub read_at: DateTime<Utc>,
    /// The business date the values count from.
    pub since: NaiveDate,
    /// When the account was last credited.
    pub last_credit_at: Option<DateTime<Utc>>,
}

/// What became of a page of readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// First readings, or other values than before.
    pub changed: u64,
    /// The same values, read later.
    pub same: u64,
    /// Nothing new: read before the one we have or before the last credit, or exactly the one we have.
    pub old: u64,
}

impl BalanceRow {
    fn equals(&self, new: &Reading) -> bool {
        (self.paid_fen, self.free_fen, self.free_until) == (new.paid_fen, new.free_fen, new.free_until)
    }

    /// A reading brings nothing if it was read before this row, or before a credit this row may already hold.
    fn outruns(&self, new: &Reading) -> bool {
        let repeated = new.read_at == self.read_at && self.equals(new);
        repeated || new.read_at < self.read_at || self.last_credit_at.is_some_and(|credit| new.read_at < credit)
    }
}

/// Takes a page of readings, at most one per account. Changed values move the old row to the past; unchanged ones only
/// move `read_at`; a reading older than the one we have, or than the last credit, changes nothing; `last_credit_at`
/// stays as it is.
pub async fn record(tx: &mut Tx, readings: &[Reading]) -> Result<Recorded> {
    let keys: Vec<i64> = readings.iter().map(|reading| reading.account).collect();
    let before: HashMap<i64, BalanceRow> = page(tx, &keys).await?.into_iter().map(|row| (row.account, row)).collect();
    let (mut done, mut past, mut now) = (Recorded::default(), Vec::new(), Vec::with_capacity(readings.len()));
    for new in readings {
        match before.get(&new.account) {
            None => {
                done.changed += 1;
                now.push(new.clone());
            }
            Some(old) if old.outruns(new) => done.old += 1,
            Some(old) if old.equals(new) => {
                done.same += 1;
                now.push(Reading { since: old.since, ..new.clone() });
            }
            Some(old) => {
                // Dates never run backwards: a night's reading past midnight counts for the evening before.
                let since = new.since.max(old.since);
                done.changed += 1;
                past.push((new.account, since));
                now.push(Reading { since, ..new.clone() });
            }
        }
    }
    bury(tx, &past).await?;
    put(tx, &now).await?;
    Ok(done)
}

/// Moves current rows to the past; they counted until (not on) the given date.
async fn bury(tx: &mut Tx, until: &[(i64, NaiveDate)]) -> Result<()> {
    const SQL: &str = "INSERT INTO balance_past (account, since, until, paid_fen, free_fen, free_until, read_at,
        last_credit_at) SELECT b.account, b.since, v.column2, b.paid_fen, b.free_fen, b.free_until, b.read_at,
        b.last_credit_at FROM (VALUES {rows 0: BIGINT DATE}) v JOIN balance b ON b.account = v.column1
        WHERE b.since <= v.column2 ON CONFLICT (account, since, until, read_at) DO NOTHING";
    many!(tx, SQL, [], until, |q, row| q.bind(row.0).bind(row.1));
    Ok(())
}

async fn put(tx: &mut Tx, readings: &[Reading]) -> Result<()> {
    // The guard is repeated here: a later reading may have come in on another connection.
    const SQL: &str = "INSERT INTO balance (account, paid_fen, free_fen, free_until, read_at, since)
        VALUES {rows 0: BIGINT BIGINT BIGINT DATE TIMESTAMPTZ DATE}
        ON CONFLICT (account) DO UPDATE SET paid_fen = excluded.paid_fen, free_fen = excluded.free_fen,
        free_until = excluded.free_until, read_at = excluded.read_at, since = excluded.since
        WHERE balance.read_at <= excluded.read_at
        AND (balance.last_credit_at IS NULL OR balance.last_credit_at <= excluded.read_at)";
    many!(tx, SQL, [], readings, |q, r| q
        .bind(r.account)
        .bind(r.paid_fen)
        .bind(r.free_fen)
        .bind(r.free_until)
        .bind(r.read_at)
        .bind(r.since));
    Ok(())
}

/// Current balances by account (at most a page), in no order; accounts never read are left out.
pub async fn page(tx: &mut Tx, accounts: &[i64]) -> Result<Vec<BalanceRow>> {
    const SQL: &str = "SELECT b.account, b.paid_fen, b.free_fen, b.free_until, b.read_at, b.since, b.last_credit_at
        FROM balance b JOIN (VALUES {rows 0: BIGINT}) v ON b.account = v.column1";
    Ok(many_of!(tx, BalanceRow, SQL, [], accounts, |q, account| q.bind(account)))
}

/// An account's current balance.
pub async fn find(tx: &mut Tx, account: AccountNo) -> Result<Option<BalanceRow>> {
    Ok(page(tx, &[account.0]).await?.pop())
}

/// The balance that counted on a date: the current one, or the past one whose since ≤ date < until.
pub async fn on_date(tx: &mut Tx, account: AccountNo, date: NaiveDate) -> Result<Option<BalanceRow>> {
    const SQL: &str = "SELECT account, paid_fen, free_fen, free_until, read_at, since, last_credit_at FROM balance
        WHERE account = $1 AND since <= $2
        UNION ALL SELECT account, paid_fen, free_fen, free_until, read_at, since, last_credit_at FROM balance_past
        WHERE account = $1 AND since <= $2 AND until > $2 ORDER BY read_at DESC LIMIT 1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(account.0).bind(date).fetch_optional(c).await)?)
}

/// Forgets what stopped counting more than 400 days before `today`, for at most `most` accounts after `after`. Gives
/// the last of these accounts, to go on from (`None`: that was all), and how many balances are gone. One statement for
/// all would hold the writer too long.
pub async fn prune(tx: &mut Tx, today: NaiveDate, after: i64, most: i64) -> Result<(Option<i64>, u64)> {
    const LAST: &str =
        "SELECT MAX(account) FROM (SELECT account FROM balance WHERE account > $1 ORDER BY account LIMIT $2) page";
    const SQL: &str = "DELETE FROM balance_past WHERE account > $1 AND account <= $2 AND until < $3";
    let oldest = today.checked_sub_days(Days::new(PAST_DAYS)).unwrap_or(NaiveDate::MIN);
    let (last,): (Option<i64>,) = on!(tx, |c| sqlx::query_as(LAST).bind(after).bind(most).fetch_one(c).await)?;
    let Some(end) = last else { return Ok((None, 0)) };
    let gone = on!(tx, |c| sqlx::query(SQL).bind(after).bind(end).bind(oldest).execute(c).await?.rows_affected());
    Ok((last, gone))
}
