//! Meter accounts (户) and the devices (表) on them: put in pages, found by number or by phone.

use chrono::{DateTime, NaiveDate, Utc};
use yichong_core::model::ids::AccountNo;

use super::db::{Result, Tx, expect_rows, on};
use super::rows::{many, many_of};

pub mod readings;

/// An account as the table has it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AccountRow {
    /// 户号.
    pub account: i64,
    /// 户主.
    pub holder: String,
    /// 地址.
    pub address: String,
    /// The holder's phone, sealed.
    pub phone_sealed: Option<Vec<u8>>,
    /// Its blind index.
    pub phone_index: Option<Vec<u8>>,
    /// Its last 4.
    pub phone_last4: Option<String>,
    /// In use.
    pub open: bool,
    /// The power is cut for lack of money.
    pub cut_for_money: bool,
    /// A hold that forbids a reclose, in words.
    pub hold: Option<String>,
    /// When it was first imported.
    pub created_at: DateTime<Utc>,
}

/// A device on an account, from–to.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct DeviceRow {
    /// 户号.
    pub account: i64,
    /// 表号.
    pub device: String,
    /// The first day it hung.
    pub from_day: NaiveDate,
    /// The day it was taken down; none: it hangs.
    pub to_day: Option<NaiveDate>,
}

/// Every column of [`AccountRow`], the account as `t`.
macro_rules! account_columns {
    ($rest:literal) => {
        concat!(
            "SELECT t.account, t.holder, t.address, t.phone_sealed, t.phone_index, t.phone_last4, t.open, ",
            "t.cut_for_money, t.hold, t.created_at FROM account t ",
            $rest
        )
    };
}

/// Makes accounts or changes holder, address and phone; whether one is open, cut or held is not touched. Says how
/// many rows.
pub async fn put(tx: &mut Tx, accounts: &[AccountRow]) -> Result<u64> {
    const SQL: &str = "INSERT INTO account (account, holder, address, phone_sealed, phone_index, phone_last4, open,
        cut_for_money, hold, created_at)
        VALUES {rows 0: BIGINT TEXT TEXT BYTEA BYTEA TEXT BOOLEAN BOOLEAN TEXT TIMESTAMPTZ}
        ON CONFLICT (account) DO UPDATE SET holder = excluded.holder, address = excluded.address,
        phone_sealed = excluded.phone_sealed, phone_index = excluded.phone_index, phone_last4 = excluded.phone_last4";
    Ok(many!(tx, SQL, [], accounts, |q, a| q
        .bind(a.account)
        .bind(&a.holder)
        .bind(&a.address)
        .bind(&a.phone_sealed)
        .bind(&a.phone_index)
        .bind(&a.phone_last4)
        .bind(a.open)
        .bind(a.cut_for_money)
        .bind(&a.hold)
        .bind(a.created_at)))
}

/// Hangs devices: what hung on their accounts before is taken down on the same day. A device that hangs there already
/// must not be among them.
pub async fn hang(tx: &mut Tx, devices: &[DeviceRow]) -> Result<()> {
    const DOWN: &str = "UPDATE device SET to_day = v.column2 FROM (VALUES {rows 0: BIGINT DATE}) v
        WHERE device.account = v.column1 AND device.to_day IS NULL";
    // A meter that comes back on the day it left takes its old row up again.
    const UP: &str = "INSERT INTO device (account, device, from_day) VALUES {rows 0: BIGINT TEXT DATE}
        ON CONFLICT (account, device, from_day) DO UPDATE SET to_day = NULL";
    many!(tx, DOWN, [], devices, |q, d| q.bind(d.account).bind(d.from_day));
    let done = many!(tx, UP, [], devices, |q, d| q.bind(d.account).bind(&d.device).bind(d.from_day));
    expect_rows("hanging devices", devices.len(), done)
}

/// Opens or closes an account for selection; says whether it changed.
pub async fn set_open(tx: &mut Tx, account: AccountNo, open: bool) -> Result<bool> {
    const SQL: &str = "UPDATE account SET open = $2 WHERE account = $1 AND open <> $2";
    let changed = on!(tx, |c| sqlx::query(SQL).bind(account.0).bind(open).execute(c).await?.rows_affected());
    Ok(changed == 1)
}

/// One account.
pub async fn find(tx: &mut Tx, account: AccountNo) -> Result<Option<AccountRow>> {
    const SQL: &str = account_columns!("WHERE t.account = $1");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(account.0).fetch_optional(c).await)?)
}

/// Accounts by their numbers (at most a page), in no order; those that do not exist are left out.
pub async fn page(tx: &mut Tx, accounts: &[i64]) -> Result<Vec<AccountRow>> {
    const SQL: &str = account_columns!("JOIN (VALUES {rows 0: BIGINT}) v ON t.account = v.column1");
    Ok(many_of!(tx, AccountRow, SQL, [], accounts, |q, account| q.bind(account)))
}

/// How many of these accounts exist: the cheap question of a file in which nearly all do.
pub async fn count(tx: &mut Tx, accounts: &[i64]) -> Result<i64> {
    const SQL: &str = "SELECT COUNT(*) FROM (VALUES {rows 0: BIGINT}) v JOIN account t ON t.account = v.column1";
    let counts = many_of!(tx, (i64,), SQL, [], accounts, |q, account| q.bind(account));
    Ok(counts.iter().map(|(count,)| count).sum())
}

/// Accounts whose holder has this phone, by its blind index.
pub async fn by_phone(tx: &mut Tx, phone_index: &[u8], most: i64) -> Result<Vec<AccountRow>> {
    const SQL: &str = account_columns!("WHERE t.phone_index = $1 ORDER BY t.account LIMIT $2");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(phone_index).bind(most).fetch_all(c).await)?)
}

/// The devices that hang on these accounts now (at most a page), in no order.
pub async fn devices_now(tx: &mut Tx, accounts: &[i64]) -> Result<Vec<DeviceRow>> {
    const SQL: &str = "SELECT d.account, d.device, d.from_day, d.to_day FROM device d
        JOIN (VALUES {rows 0: BIGINT}) v ON d.account = v.column1 WHERE d.to_day IS NULL";
    Ok(many_of!(tx, DeviceRow, SQL, [], accounts, |q, account| q.bind(account)))
}

/// Every device an account ever had, oldest first.
pub async fn devices(tx: &mut Tx, account: AccountNo) -> Result<Vec<DeviceRow>> {
    const SQL: &str = "SELECT account, device, from_day, to_day FROM device WHERE account = $1
        ORDER BY from_day, to_day IS NULL, to_day, device";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(account.0).fetch_all(c).await)?)
}

/// Accounts whose holder's name is or begins with this.
pub async fn by_holder(tx: &mut Tx, name: &str, most: i64) -> Result<Vec<AccountRow>> {
    const SQL: &str = account_columns!("WHERE t.holder >= $1 AND t.holder < $2 ORDER BY t.holder, t.account LIMIT $3");
    let end = format!("{name}\u{10FFFF}");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(name).bind(&end).bind(most).fetch_all(c).await)?)
}
