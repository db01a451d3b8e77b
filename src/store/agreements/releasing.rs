//! An imported list of agreements comes into force as one batch: all of it, by its hash, by a second person.

use chrono::{DateTime, Utc};

use yichong_core::model::agreement::AgreementState;

use super::changes::{self, Changed, Why};
use crate::db::{Result, StoreError, Tx, on};

/// The audit's word for a list that is wholly entered; its object is the file's hash.
pub const ENTERED: &str = "import agreements";
/// The audit's word for a list that was taken back before its release.
pub const WITHDRAWN: &str = "withdraw agreements";

/// A list that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, serde::Serialize)]
pub struct PendingImport {
    /// SHA-256 of the file, hex.
    pub import_hash: String,
    /// Who imported it.
    pub maker: String,
    /// How many agreements wait.
    pub agreements: i64,
    /// Sum of their amounts, fen.
    pub amount_fen: i64,
}

/// The lists that wait, in the order of their hashes.
pub async fn waiting(tx: &mut Tx) -> Result<Vec<PendingImport>> {
    const SQL: &str = "SELECT import_hash, MAX(maker) AS maker, COUNT(*) AS agreements,
        CAST(SUM(amount_fen) AS BIGINT) AS amount_fen FROM agreement
        WHERE state = 'pending' AND import_hash IS NOT NULL GROUP BY import_hash ORDER BY import_hash";
    Ok(on!(tx, |c| sqlx::query_as(SQL).fetch_all(c).await)?)
}

/// When a file of this hash was wholly entered; `None`: never, cut short, or taken back since.
pub async fn finished(tx: &mut Tx, import_hash: &str) -> Result<Option<DateTime<Utc>>> {
    const SQL: &str = "SELECT at, action FROM audit WHERE object = $1 AND action IN ($2, $3) ORDER BY seq DESC LIMIT 1";
    let row: Option<(DateTime<Utc>, String)> =
        on!(tx, |c| sqlx::query_as(SQL).bind(import_hash).bind(ENTERED).bind(WITHDRAWN).fetch_optional(c).await)?;
    Ok(row.filter(|(_, action)| action == ENTERED).map(|(at, _)| at))
}

/// Cancels every pending agreement of an import. Says how many.
pub async fn withdraw(tx: &mut Tx, import_hash: &str, why: &Why<'_>) -> Result<u64> {
    const HISTORY: &str = "INSERT INTO agreement_event (account, number, at, event_no, state, reason, actor, version,
        threshold_fen, amount_fen, bank, card_last4, confirmed)
        SELECT a.account, a.number, $1, MAX(e.event_no) + 1, 'cancelled', CAST($2 AS TEXT), CAST($3 AS TEXT), a.version,
        a.threshold_fen, a.amount_fen, a.bank, a.card_last4, a.confirmed
        FROM agreement a JOIN agreement_event e ON e.account = a.account AND e.number = a.number
        WHERE a.import_hash = $4 AND a.state = 'pending'
        GROUP BY a.account, a.number, a.version, a.threshold_fen, a.amount_fen, a.bank, a.card_last4, a.confirmed";
    const SQL: &str = "UPDATE agreement SET state = 'cancelled', state_reason = $1
        WHERE import_hash = $2 AND state = 'pending'";
    on!(tx, |c| sqlx::query(HISTORY)
        .bind(why.at)
        .bind(why.reason)
        .bind(why.actor)
        .bind(import_hash)
        .execute(c)
        .await
        .map(drop))?;
    Ok(on!(tx, |c| sqlx::query(SQL).bind(why.reason).bind(import_hash).execute(c).await?.rows_affected()))
}

/// Releases every pending agreement of an import at once. Refused, with nothing kept, unless the import was entered to
/// its end, `expected` agreements wait (the count the checker was shown), and the checker made none of them.
pub async fn release(tx: &mut Tx, import_hash: &str, checker: &str, at: DateTime<Utc>, expected: u64) -> Result<()> {
    // History first, from the same rows: afterwards they are no longer pending. Every pending agreement has history.
    const HISTORY: &str = "INSERT INTO agreement_event (account, number, at, event_no, state, reason, actor, version,
        threshold_fen, amount_fen, bank, card_last4, confirmed)
        SELECT a.account, a.number, $1, MAX(e.event_no) + 1, 'active', '复核', $2, a.version, a.threshold_fen,
        a.amount_fen, a.bank, a.card_last4, a.confirmed
        FROM agreement a JOIN agreement_event e ON e.account = a.account AND e.number = a.number
        WHERE a.import_hash = $3 AND a.state = 'pending' AND a.maker <> $2
        GROUP BY a.account, a.number, a.version, a.threshold_fen, a.amount_fen, a.bank, a.card_last4, a.confirmed";
    const SQL: &str = "UPDATE agreement SET state = 'active', released_at = $1, checker = $2
        WHERE import_hash = $3 AND state = 'pending' AND maker <> $2";
    if finished(tx, import_hash).await?.is_none() {
        return Err(StoreError::Unfit(format!(
            "the list {import_hash} was never entered to its end; import the same file again, then release it"
        )));
    }
    let mut found = [0, 0];
    for (sql, found) in [HISTORY, SQL].into_iter().zip(&mut found) {
        *found =
            on!(tx, |c| sqlx::query(sql).bind(at).bind(checker).bind(import_hash).execute(c).await?.rows_affected());
    }
    match found.into_iter().find(|found| *found != expected) {
        Some(found) => Err(StoreError::Guard { what: "releasing agreements", expected, found }),
        None => Ok(()),
    }
}

/// Releases one pending agreement. Nothing changes, and the caller's guard fails, where it is no longer pending or the
/// checker entered it. Gives what changed.
pub async fn release_one(tx: &mut Tx, account: i64, number: i64, checker: &str, why: &Why<'_>) -> Result<Vec<Changed>> {
    const SQL: &str = "UPDATE agreement SET state = 'active', released_at = $3, checker = $4
        WHERE account = $1 AND number = $2 AND state = 'pending' AND maker <> $4
        RETURNING account, number, version, threshold_fen, amount_fen, maker, bank, card_last4, confirmed";
    let changed: Vec<Changed> =
        on!(tx, |c| sqlx::query_as(SQL).bind(account).bind(number).bind(why.at).bind(checker).fetch_all(c).await)?;
    changes::log(tx, &changed, AgreementState::Active, why).await?;
    Ok(changed)
}
