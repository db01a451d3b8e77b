//! The audit chain: people's acts and one row per job step; gapless, each MAC covers the row before.

use chrono::{DateTime, Utc};

use super::db::{Result, Tx, on};

/// One row.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct AuditRow {
    /// 1, 2, 3 … without a gap.
    pub seq: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// A person's name, or `engine`.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub object: String,
    /// In words; no personal data.
    pub detail: String,
    /// Over this row and the MAC before.
    pub mac: String,
}

/// What is to be recorded.
#[derive(Clone, Debug)]
pub struct Act<'a> {
    /// When.
    pub at: DateTime<Utc>,
    /// A person's name, or `engine`.
    pub actor: &'a str,
    /// What was done.
    pub action: &'a str,
    /// To what.
    pub object: &'a str,
    /// In words; no personal data.
    pub detail: &'a str,
}

impl AuditRow {
    /// The text the MAC covers, after the MAC before it.
    pub fn covered(&self) -> String {
        covered(
            self.seq,
            &Act { at: self.at, actor: &self.actor, action: &self.action, object: &self.object, detail: &self.detail },
        )
    }
}

fn covered(seq: i64, act: &Act<'_>) -> String {
    // Microseconds: what both databases keep.
    let at = act.at.format("%Y-%m-%dT%H:%M:%S%.6fZ");
    format!("{seq}\u{1f}{at}\u{1f}{}\u{1f}{}\u{1f}{}\u{1f}{}", act.actor, act.action, act.object, act.detail)
}

/// Adds a row to the chain, in the transaction of what it records. `mac` is `Vault::audit_mac`.
pub async fn add(tx: &mut Tx, act: &Act<'_>, mac: impl Fn(&str, &str) -> String) -> Result<()> {
    const LAST: &str = "SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1";
    const SQL: &str =
        "INSERT INTO audit (seq, at, actor, action, object, detail, mac) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    // On PostgreSQL two writers may read the same head: the primary key refuses the second, which is then tried
    // again whole.
    lock(tx).await?;
    let last: Option<(i64, String)> = on!(tx, |c| sqlx::query_as(LAST).fetch_optional(c).await)?;
    let (seq, previous) = last.map_or((1, String::new()), |(seq, mac)| (seq + 1, mac));
    let at = act.at - chrono::Duration::nanoseconds(i64::from(act.at.timestamp_subsec_nanos() % 1_000));
    let act = Act { at, ..act.clone() };
    let mac = mac(&previous, &covered(seq, &act));
    on!(tx, |c| sqlx::query(SQL)
        .bind(seq)
        .bind(act.at)
        .bind(act.actor)
        .bind(act.action)
        .bind(act.object)
        .bind(act.detail)
        .bind(mac)
        .execute(c)
        .await
        .map(drop))?;
    Ok(())
}

/// On PostgreSQL writers of the chain stand in line until the transaction ends; SQLite has one writer anyway.
async fn lock(tx: &mut Tx) -> Result<()> {
    const POSTGRES_LOCK: &str = "LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE";
    if let Tx::Postgres(t) = tx {
        sqlx::query(POSTGRES_LOCK).execute(&mut **t).await?;
    }
    Ok(())
}

/// Rows after a sequence number, in order.
pub async fn after(tx: &mut Tx, seq: i64, most: i64) -> Result<Vec<AuditRow>> {
    const SQL: &str =
        "SELECT seq, at, actor, action, object, detail, mac FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(seq).bind(most).fetch_all(c).await)?)
}
