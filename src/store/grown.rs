//! Tables that a step has filled: PostgreSQL plans by what it last saw of a table, and looks again by itself a minute
//! later, when a night has long read an "empty" table from end to end for every page. SQLite plans without looking.

use super::db::{Db, Result};

/// What a step has filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grown {
    /// Planned debits.
    Debits,
    /// Return lines.
    Answers,
    /// Entries, orders and texts.
    Postings,
    /// Everything: before questions that look at all of it.
    All,
}

/// Lets the database look at what a step has filled, where it needs to. Safe at any time.
pub async fn look(db: &Db, grown: Grown) -> Result<()> {
    const DEBITS: &str = "ANALYZE debit";
    const ANSWERS: &str = "ANALYZE return_line";
    const ORDERS: &str = "ANALYZE outbox";
    const ENTRIES: &str = "ANALYZE entry";
    const ALL: &str = "ANALYZE";
    let Db::Postgres(pool) = db else { return Ok(()) };
    let looked = match grown {
        Grown::Debits => sqlx::query(DEBITS).execute(pool).await,
        Grown::Answers => sqlx::query(ANSWERS).execute(pool).await,
        Grown::Postings => {
            sqlx::query(ORDERS).execute(pool).await?;
            sqlx::query(ENTRIES).execute(pool).await
        }
        Grown::All => sqlx::query(ALL).execute(pool).await,
    };
    looked?;
    Ok(())
}
