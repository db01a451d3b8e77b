//! Banks and calendars: small tables everything asks.

use chrono::{Datelike, NaiveDate};
use yichong_core::model::calendar::Calendar;

use super::db::{Result, Tx, on};
use super::rows::many;

/// A bank's row: what the configuration says, and whether an operator paused it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct BankRow {
    /// Short name.
    pub code: String,
    /// 1–999.
    pub bank_no: i64,
    /// What people read.
    pub name: String,
    /// The account that entries without a meter account carry.
    pub reserved_account: i64,
    /// Takes no files for now.
    pub paused: bool,
}

/// Makes or renames a bank's row; its number and reserved account never change.
pub async fn put_bank(tx: &mut Tx, bank: &BankRow) -> Result<()> {
    const SQL: &str = "INSERT INTO bank (code, bank_no, name, reserved_account, paused) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (code) DO UPDATE SET name = excluded.name";
    on!(tx, |c| sqlx::query(SQL)
        .bind(&bank.code)
        .bind(bank.bank_no)
        .bind(&bank.name)
        .bind(bank.reserved_account)
        .bind(bank.paused)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Every bank.
pub async fn banks(tx: &mut Tx) -> Result<Vec<BankRow>> {
    const SQL: &str = "SELECT code, bank_no, name, reserved_account, paused FROM bank ORDER BY bank_no";
    Ok(on!(tx, |c| sqlx::query_as(SQL).fetch_all(c).await)?)
}

/// Pauses a bank or lets it run again; `false`: no such bank.
pub async fn pause(tx: &mut Tx, code: &str, paused: bool) -> Result<bool> {
    const SQL: &str = "UPDATE bank SET paused = $2 WHERE code = $1";
    let changed = on!(tx, |c| sqlx::query(SQL).bind(code).bind(paused).execute(c).await?.rows_affected());
    Ok(changed == 1)
}

/// One exception of a calendar's year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Which day.
    pub day: NaiveDate,
    /// A make-up working day, or a day of rest.
    pub works: bool,
    /// Its name.
    pub name: String,
}

/// Replaces one year of a calendar.
pub async fn put_year(tx: &mut Tx, calendar: &str, year: i32, source: &str, exceptions: &[Exception]) -> Result<()> {
    const CLEAR: &str = "DELETE FROM calendar_day WHERE calendar = $1 AND day >= $2 AND day < $3";
    const YEAR: &str = "INSERT INTO calendar_year (calendar, year, source) VALUES ($1, $2, $3)
        ON CONFLICT (calendar, year) DO UPDATE SET source = excluded.source";
    const DAYS: &str = "INSERT INTO calendar_day (calendar, day, works, name) VALUES {rows 0: TEXT DATE BOOLEAN TEXT}";
    let first = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or(NaiveDate::MAX);
    on!(tx, |c| sqlx::query(CLEAR).bind(calendar).bind(first(year)).bind(first(year + 1)).execute(c).await.map(drop))?;
    on!(tx, |c| sqlx::query(YEAR).bind(calendar).bind(i64::from(year)).bind(source).execute(c).await.map(drop))?;
    many!(tx, DAYS, [], exceptions, |q, day| q.bind(calendar).bind(day.day).bind(day.works).bind(&day.name));
    Ok(())
}

/// A calendar with every year it has; a calendar nobody imported has none and refuses every day.
pub async fn load(tx: &mut Tx, calendar: &str) -> Result<Calendar> {
    const YEARS: &str = "SELECT year FROM calendar_year WHERE calendar = $1";
    const DAYS: &str = "SELECT day, works FROM calendar_day WHERE calendar = $1";
    let years: Vec<(i64,)> = on!(tx, |c| sqlx::query_as(YEARS).bind(calendar).fetch_all(c).await)?;
    let days: Vec<(NaiveDate, bool)> = on!(tx, |c| sqlx::query_as(DAYS).bind(calendar).fetch_all(c).await)?;
    let years = years.into_iter().filter_map(|(year,)| i32::try_from(year).ok());
    Ok(Calendar::new(calendar, years, days))
}

/// Everything the calendars hold, as text to be hashed with a run's inputs.
pub async fn fingerprint(tx: &mut Tx) -> Result<String> {
    const DAYS: &str = "SELECT calendar, day, works FROM calendar_day ORDER BY calendar, day";
    let days: Vec<(String, NaiveDate, bool)> = on!(tx, |c| sqlx::query_as(DAYS).fetch_all(c).await)?;
    Ok(days.iter().map(|(calendar, day, works)| format!("{calendar} {} {works}\n", day.num_days_from_ce())).collect())
}
