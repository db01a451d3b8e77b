//! What a credit does to balances and switches. Readings are `accounts::readings`.

use chrono::{DateTime, NaiveDate, Utc};

use super::db::{Result, Tx, expect_rows, on};
use super::rows::many;

/// Adds credits to the balances Yichong keeps itself: one (account, fen) per account. The old values move to the past.
pub async fn credit(tx: &mut Tx, on: NaiveDate, at: DateTime<Utc>, credits: &[(i64, i64)]) -> Result<()> {
    const PAST: &str = "INSERT INTO balance_past (account, since, until, paid_fen, free_fen, free_until, read_at,
        last_credit_at) SELECT b.account, b.since, $1, b.paid_fen, b.free_fen, b.free_until, b.read_at, b.last_credit_at
        FROM balance b, (VALUES {rows 1: BIGINT}) v WHERE b.account = v.column1
        ON CONFLICT (account, since, until, read_at) DO NOTHING";
    const SQL: &str = "INSERT INTO balance (account, paid_fen, free_fen, read_at, since, last_credit_at)
        SELECT v.column1, v.column2, 0, $1, $2, $1 FROM (VALUES {rows 2: BIGINT BIGINT}) v WHERE TRUE
        ON CONFLICT (account) DO UPDATE SET paid_fen = balance.paid_fen + excluded.paid_fen,
        read_at = excluded.read_at, since = excluded.since, last_credit_at = excluded.last_credit_at";
    many!(tx, PAST, [on], credits, |q, c| q.bind(c.0));
    let done = many!(tx, SQL, [at, on], credits, |q, c| q.bind(c.0).bind(c.1));
    expect_rows("crediting balances", credits.len(), done)
}

/// A head-end credited these accounts: readings from before no longer count.
pub async fn credited_elsewhere(tx: &mut Tx, at: DateTime<Utc>, accounts: &[i64]) -> Result<()> {
    const SQL: &str = "UPDATE balance SET last_credit_at = $1 FROM (VALUES {rows 1: BIGINT}) v
        WHERE balance.account = v.column1";
    many!(tx, SQL, [at], accounts, |q, a| q.bind(*a));
    Ok(())
}

/// The power of these accounts is on again.
pub async fn power_is_back(tx: &mut Tx, accounts: &[i64]) -> Result<()> {
    const SQL: &str = "UPDATE account SET cut_for_money = FALSE FROM (VALUES {rows 0: BIGINT}) v
        WHERE account.account = v.column1";
    many!(tx, SQL, [], accounts, |q, a| q.bind(*a));
    Ok(())
}

/// The power of these accounts is cut for lack of money.
pub async fn cut_for_money(tx: &mut Tx, accounts: &[i64]) -> Result<()> {
    const SQL: &str = "UPDATE account SET cut_for_money = TRUE FROM (VALUES {rows 0: BIGINT}) v
        WHERE account.account = v.column1";
    many!(tx, SQL, [], accounts, |q, a| q.bind(*a));
    Ok(())
}

/// Puts a hold on an account's switch, or takes it away: while one stands, no command closes it. Says whether there is
/// such an account.
pub async fn hold(tx: &mut Tx, account: i64, why: Option<&str>) -> Result<bool> {
    const SQL: &str = "UPDATE account SET hold = $2 WHERE account = $1";
    Ok(on!(tx, |c| sqlx::query(SQL).bind(account).bind(why).execute(c).await?.rows_affected()) == 1)
}
