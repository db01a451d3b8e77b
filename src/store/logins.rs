//! How people get into the console: passwords (hashed), sessions, wrong passwords in a row.

use chrono::{DateTime, Utc};

use super::db::{Result, Tx, on};

/// A person who may sign in.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct LoginRow {
    /// Who.
    pub person: String,
    /// Argon2id, as a PHC string.
    pub password: String,
    /// Must choose a password before anything else.
    pub must_change: bool,
    /// When it was set.
    pub changed_at: DateTime<Utc>,
}

/// A session, with what its person is now.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct SessionRow {
    /// Who.
    pub person: String,
    /// teller, supervisor, finance, operator, auditor, administrator.
    pub role: String,
    /// Must choose a password first.
    pub must_change: bool,
    /// When it began.
    pub made_at: DateTime<Utc>,
    /// When it was last used, to the minute.
    pub seen_at: DateTime<Utc>,
}

/// Wrong passwords in a row.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct FailureRow {
    /// How many.
    pub failures: i64,
    /// The last one.
    pub last_at: DateTime<Utc>,
}

/// How many people may sign in.
pub async fn count(tx: &mut Tx) -> Result<i64> {
    const SQL: &str = "SELECT COUNT(*) FROM login";
    Ok(on!(tx, |c| sqlx::query_scalar(SQL).fetch_one(c).await)?)
}

/// A person's login, if the person may act.
pub async fn find(tx: &mut Tx, person: &str) -> Result<Option<LoginRow>> {
    const SQL: &str = "SELECT l.person, l.password, l.must_change, l.changed_at
        FROM login l JOIN person p ON p.name = l.person WHERE l.person = $1 AND p.active";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(person).fetch_optional(c).await)?)
}

/// Sets a person's password.
pub async fn put(tx: &mut Tx, login: &LoginRow) -> Result<()> {
    const SQL: &str = "INSERT INTO login (person, password, must_change, changed_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (person) DO UPDATE SET password = excluded.password, must_change = excluded.must_change,
        changed_at = excluded.changed_at";
    on!(tx, |c| sqlx::query(SQL)
        .bind(&login.person)
        .bind(&login.password)
        .bind(login.must_change)
        .bind(login.changed_at)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// Begins a session.
pub async fn begin(tx: &mut Tx, id_hash: &str, person: &str, at: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "INSERT INTO session (id_hash, person, made_at, seen_at) VALUES ($1, $2, $3, $3)";
    on!(tx, |c| sqlx::query(SQL).bind(id_hash).bind(person).bind(at).execute(c).await.map(drop))?;
    Ok(())
}

/// A session of a person who may still act.
pub async fn session(tx: &mut Tx, id_hash: &str) -> Result<Option<SessionRow>> {
    const SQL: &str = "SELECT s.person, p.role, l.must_change, s.made_at, s.seen_at
        FROM session s JOIN person p ON p.name = s.person JOIN login l ON l.person = s.person
        WHERE s.id_hash = $1 AND p.active";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(id_hash).fetch_optional(c).await)?)
}

/// A session was used.
pub async fn seen(tx: &mut Tx, id_hash: &str, at: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "UPDATE session SET seen_at = $2 WHERE id_hash = $1";
    on!(tx, |c| sqlx::query(SQL).bind(id_hash).bind(at).execute(c).await.map(drop))?;
    Ok(())
}

/// Ends a session.
pub async fn end(tx: &mut Tx, id_hash: &str) -> Result<()> {
    const SQL: &str = "DELETE FROM session WHERE id_hash = $1";
    on!(tx, |c| sqlx::query(SQL).bind(id_hash).execute(c).await.map(drop))?;
    Ok(())
}

/// Ends a person's sessions, but for the one that asks.
pub async fn end_others(tx: &mut Tx, person: &str, except: &str) -> Result<()> {
    const SQL: &str = "DELETE FROM session WHERE person = $1 AND id_hash <> $2";
    on!(tx, |c| sqlx::query(SQL).bind(person).bind(except).execute(c).await.map(drop))?;
    Ok(())
}

/// Forgets sessions that were last used, and wrong passwords that were last typed, before an instant.
pub async fn forget(tx: &mut Tx, before: DateTime<Utc>) -> Result<()> {
    const SESSIONS: &str = "DELETE FROM session WHERE seen_at < $1";
    const FAILURES: &str = "DELETE FROM login_failure WHERE last_at < $1";
    on!(tx, |c| sqlx::query(SESSIONS).bind(before).execute(c).await.map(drop))?;
    on!(tx, |c| sqlx::query(FAILURES).bind(before).execute(c).await.map(drop))?;
    Ok(())
}

/// Wrong passwords in a row for a name from an address.
pub async fn failures(tx: &mut Tx, name: &str, address: &str) -> Result<Option<FailureRow>> {
    const SQL: &str = "SELECT failures, last_at FROM login_failure WHERE name = $1 AND address = $2";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(name).bind(address).fetch_optional(c).await)?)
}

/// One more.
pub async fn failed(tx: &mut Tx, name: &str, address: &str, at: DateTime<Utc>) -> Result<()> {
    const SQL: &str = "INSERT INTO login_failure (name, address, failures, last_at) VALUES ($1, $2, 1, $3)
        ON CONFLICT (name, address) DO UPDATE SET failures = login_failure.failures + 1, last_at = excluded.last_at";
    on!(tx, |c| sqlx::query(SQL).bind(name).bind(address).bind(at).execute(c).await.map(drop))?;
    Ok(())
}

/// The row of wrong passwords ended.
pub async fn succeeded(tx: &mut Tx, name: &str, address: &str) -> Result<()> {
    const SQL: &str = "DELETE FROM login_failure WHERE name = $1 AND address = $2";
    on!(tx, |c| sqlx::query(SQL).bind(name).bind(address).execute(c).await.map(drop))?;
    Ok(())
}
