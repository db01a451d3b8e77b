//! People and approvals: one proposes, another approves the hash of what was shown.

use chrono::{DateTime, Utc};

use super::db::{Result, Tx, on};

/// A person.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct PersonRow {
    /// The name that stands in the audit.
    pub name: String,
    /// teller, supervisor, finance, operator, auditor, administrator.
    pub role: String,
    /// SHA-256 of the token, hex.
    pub token_hash: String,
    /// May act.
    pub active: bool,
}

/// A proposal and, when there is a checker, its approval.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ApprovalRow {
    /// What it is about, e.g. `batch 9820…`.
    pub object: String,
    /// Hash of what was shown.
    pub hash: String,
    /// What is to be done.
    pub action: String,
    /// Why.
    pub reason: String,
    /// Who proposed.
    pub maker: String,
    /// Who approved.
    pub checker: Option<String>,
    /// Who sent it back.
    pub declined_by: Option<String>,
    /// What was entered and nobody may read here, e.g. a new card.
    pub sealed: Option<Vec<u8>>,
}

impl ApprovalRow {
    /// Whether it still waits for a second person.
    pub const fn is_open(&self) -> bool {
        self.checker.is_none() && self.declined_by.is_none()
    }
}

/// A proposal that waits.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct WaitingRow {
    /// What it is about.
    pub object: String,
    /// Hash of what was shown.
    pub hash: String,
    /// What is to be done.
    pub action: String,
    /// Why.
    pub reason: String,
    /// Who proposed.
    pub maker: String,
    /// When.
    pub made_at: DateTime<Utc>,
}

/// Adds a person; `false`: the name is taken.
pub async fn add(tx: &mut Tx, person: &PersonRow) -> Result<bool> {
    const SQL: &str = "INSERT INTO person (name, role, token_hash, active) VALUES ($1, $2, $3, $4)
        ON CONFLICT (name) DO NOTHING";
    let made = on!(tx, |c| sqlx::query(SQL)
        .bind(&person.name)
        .bind(&person.role)
        .bind(&person.token_hash)
        .bind(person.active)
        .execute(c)
        .await?
        .rows_affected());
    Ok(made == 1)
}

/// Gives a person another role, or lets the person act no more, or again. `false`: there is nobody of that name.
pub async fn put(tx: &mut Tx, name: &str, role: &str, active: bool) -> Result<bool> {
    const SQL: &str = "UPDATE person SET role = $2, active = $3 WHERE name = $1";
    let changed = on!(tx, |c| sqlx::query(SQL).bind(name).bind(role).bind(active).execute(c).await?.rows_affected());
    Ok(changed == 1)
}

/// A person by name.
pub async fn find(tx: &mut Tx, name: &str) -> Result<Option<PersonRow>> {
    const SQL: &str = "SELECT name, role, token_hash, active FROM person WHERE name = $1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(name).fetch_optional(c).await)?)
}

/// Everybody.
pub async fn all(tx: &mut Tx) -> Result<Vec<PersonRow>> {
    const SQL: &str = "SELECT name, role, token_hash, active FROM person ORDER BY name";
    Ok(on!(tx, |c| sqlx::query_as(SQL).fetch_all(c).await)?)
}

/// Records a proposal; `false`: the same stands already.
pub async fn propose(tx: &mut Tx, proposal: &ApprovalRow, at: DateTime<Utc>) -> Result<bool> {
    const SQL: &str =
        "INSERT INTO approval (object, hash, action, reason, maker, made_at, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)
        ON CONFLICT (object, hash, action) DO NOTHING";
    let made = on!(tx, |c| sqlx::query(SQL)
        .bind(&proposal.object)
        .bind(&proposal.hash)
        .bind(&proposal.action)
        .bind(&proposal.reason)
        .bind(&proposal.maker)
        .bind(at)
        .bind(&proposal.sealed)
        .execute(c)
        .await?
        .rows_affected());
    Ok(made == 1)
}

/// The proposals about an object, oldest first.
pub async fn proposals(tx: &mut Tx, object: &str) -> Result<Vec<ApprovalRow>> {
    const SQL: &str =
        "SELECT object, hash, action, reason, maker, checker, declined_by, sealed FROM approval WHERE object = $1
        ORDER BY made_at, action";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(object).fetch_all(c).await)?)
}

/// Approves a proposal. The maker cannot: refused here, and by the table's CHECK. `false`: nothing open by that hash.
pub async fn approve(tx: &mut Tx, proposal: &ApprovalRow, checker: &str, at: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = "UPDATE approval SET checker = $4, checked_at = $5
        WHERE object = $1 AND hash = $2 AND action = $3 AND checker IS NULL AND declined_by IS NULL AND maker <> $4";
    let changed = on!(tx, |c| sqlx::query(SQL)
        .bind(&proposal.object)
        .bind(&proposal.hash)
        .bind(&proposal.action)
        .bind(checker)
        .bind(at)
        .execute(c)
        .await?
        .rows_affected());
    Ok(changed == 1)
}

/// The proposals that wait, oldest first.
pub async fn waiting(tx: &mut Tx, most: i64) -> Result<Vec<WaitingRow>> {
    const SQL: &str = "SELECT object, hash, action, reason, maker, made_at FROM approval
        WHERE checker IS NULL AND declined_by IS NULL ORDER BY made_at, object, action LIMIT $1";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(most).fetch_all(c).await)?)
}

/// Sends a proposal back: by another person, or by the maker, who thought better of it. `false`: nothing open by that
/// hash.
pub async fn decline(tx: &mut Tx, proposal: &ApprovalRow, by: &str, why: &str, at: DateTime<Utc>) -> Result<bool> {
    const SQL: &str = "UPDATE approval SET declined_by = $4, declined_at = $5, decline_reason = $6
        WHERE object = $1 AND hash = $2 AND action = $3 AND checker IS NULL AND declined_by IS NULL";
    let changed = on!(tx, |c| sqlx::query(SQL)
        .bind(&proposal.object)
        .bind(&proposal.hash)
        .bind(&proposal.action)
        .bind(by)
        .bind(at)
        .bind(why)
        .execute(c)
        .await?
        .rows_affected());
    Ok(changed == 1)
}

/// Who sent this very proposal back.
pub async fn declined(tx: &mut Tx, proposal: &ApprovalRow) -> Result<Option<String>> {
    const SQL: &str = "SELECT declined_by FROM approval WHERE object = $1 AND hash = $2 AND action = $3";
    let row: Option<(Option<String>,)> = on!(tx, |c| sqlx::query_as(SQL)
        .bind(&proposal.object)
        .bind(&proposal.hash)
        .bind(&proposal.action)
        .fetch_optional(c)
        .await)?;
    Ok(row.and_then(|(by,)| by))
}
