//! What changes an agreement, set-based, and the history every change leaves behind.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use yichong_core::model::agreement::{AgreementNo, AgreementState};
use yichong_core::model::ids::AccountNo;

use crate::db::{Result, Tx, expect_rows, on};
use crate::rows::{many, many_of};

/// Why, who and when; stands in the agreement's history.
#[derive(Clone, Copy, Debug)]
pub struct Why<'a> {
    /// In words people read, e.g. `冲正` or `连续7次余额不足`.
    pub reason: &'a str,
    /// A person's name, or `engine`.
    pub actor: &'a str,
    /// When.
    pub at: DateTime<Utc>,
}

/// An agreement that a statement changed, with the terms it has.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Changed {
    /// Meter account.
    pub account: i64,
    /// Its number within the account.
    pub number: i64,
    /// Version of its terms.
    pub version: i64,
    /// 充值阈值, fen.
    pub threshold_fen: i64,
    /// 充值金额, fen.
    pub amount_fen: i64,
    /// Who entered it.
    pub maker: String,
    /// Bank's code.
    pub bank: String,
    /// The card's last 4.
    pub card_last4: String,
    /// The bank confirmed it, or needs not.
    pub confirmed: bool,
}

/// One row of an agreement's history: the state and terms it had from `at` on.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, serde::Serialize)]
pub struct EventRow {
    /// Meter account.
    pub account: i64,
    /// Agreement's number within it.
    pub number: i64,
    /// From when on.
    pub at: DateTime<Utc>,
    /// 1, 2, 3 … within the agreement.
    pub event_no: i64,
    /// State's word.
    pub state: String,
    /// Why.
    pub reason: String,
    /// Who.
    pub actor: String,
    /// Version of the terms.
    pub version: i64,
    /// 充值阈值, fen.
    pub threshold_fen: i64,
    /// 充值金额, fen.
    pub amount_fen: i64,
    /// Bank's code.
    pub bank: String,
    /// The card's last 4.
    pub card_last4: String,
    /// The bank confirmed it, or needs not.
    pub confirmed: bool,
}

macro_rules! event_columns {
    ($rest:literal) => {
        concat!(
            "SELECT account, number, at, event_no, state, reason, actor, version, threshold_fen, amount_fen, ",
            "bank, card_last4, confirmed FROM agreement_event ",
            $rest
        )
    };
}

/// Suspends those of these agreements `(account, number)` that are active; others stay as they are. Gives what changed.
pub async fn suspend(tx: &mut Tx, agreements: &[(i64, i64)], why: &Why<'_>) -> Result<Vec<Changed>> {
    const SQL: &str = "UPDATE agreement SET state = 'suspended', state_reason = $1
        FROM (VALUES {rows 1: BIGINT BIGINT}) v
        WHERE agreement.account = v.column1 AND agreement.number = v.column2 AND agreement.state = 'active'
        RETURNING account, number, version, threshold_fen, amount_fen, maker, bank, card_last4, confirmed";
    let changed = many_of!(tx, Changed, SQL, [why.reason], agreements, |q, a| q.bind(a.0).bind(a.1));
    log(tx, &changed, AgreementState::Suspended, why).await?;
    Ok(changed)
}

/// Suspends every active agreement on these cards `(card_index, bank)`. Gives what changed.
pub async fn suspend_card(tx: &mut Tx, cards: &[(Vec<u8>, String)], why: &Why<'_>) -> Result<Vec<Changed>> {
    // `|| ''`: or SQLite reads all agreements and looks each one up among the cards.
    const SQL: &str = "UPDATE agreement SET state = 'suspended', state_reason = $1
        FROM (VALUES {rows 1: BYTEA TEXT}) v
        WHERE agreement.card_index = v.column1 AND agreement.bank = v.column2 || '' AND agreement.state = 'active'
        RETURNING account, number, version, threshold_fen, amount_fen, maker, bank, card_last4, confirmed";
    let changed = many_of!(tx, Changed, SQL, [why.reason], cards, |q, card| q.bind(&card.0).bind(&card.1));
    log(tx, &changed, AgreementState::Suspended, why).await?;
    Ok(changed)
}

/// Lets suspended agreements run again; what was counted against them is forgotten. Gives what changed.
pub async fn resume(tx: &mut Tx, agreements: &[(i64, i64)], why: &Why<'_>) -> Result<Vec<Changed>> {
    const SQL: &str = "UPDATE agreement SET state = 'active', state_reason = NULL, in_row_category = NULL, in_row = 0,
        held = FALSE FROM (VALUES {rows 0: BIGINT BIGINT}) v
        WHERE agreement.account = v.column1 AND agreement.number = v.column2 AND agreement.state = 'suspended'
        RETURNING account, number, version, threshold_fen, amount_fen, maker, bank, card_last4, confirmed";
    let changed = many_of!(tx, Changed, SQL, [], agreements, |q, a| q.bind(a.0).bind(a.1));
    log(tx, &changed, AgreementState::Active, why).await?;
    Ok(changed)
}

/// Ends agreements, pending ones too; there is no way back. Gives what changed.
pub async fn cancel(tx: &mut Tx, agreements: &[(i64, i64)], why: &Why<'_>) -> Result<Vec<Changed>> {
    const SQL: &str = "UPDATE agreement SET state = 'cancelled', state_reason = $1
        FROM (VALUES {rows 1: BIGINT BIGINT}) v
        WHERE agreement.account = v.column1 AND agreement.number = v.column2 AND agreement.state <> 'cancelled'
        RETURNING account, number, version, threshold_fen, amount_fen, maker, bank, card_last4, confirmed";
    let changed = many_of!(tx, Changed, SQL, [why.reason], agreements, |q, a| q.bind(a.0).bind(a.1));
    log(tx, &changed, AgreementState::Cancelled, why).await?;
    Ok(changed)
}

/// What an answer leaves counted against an agreement, as `rules::answering` decided it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count<'a> {
    /// Meter account.
    pub account: i64,
    /// Agreement's number within it.
    pub number: i64,
    /// Answers in a row are of this category; none: the row ended.
    pub category: Option<&'a str>,
    /// How many.
    pub in_row: i64,
    /// A format fault waits for an operator.
    pub held: bool,
}

/// Sets what is counted against agreements; every one must exist.
pub async fn count_in_row(tx: &mut Tx, counts: &[Count<'_>]) -> Result<()> {
    const SQL: &str = "UPDATE agreement SET in_row_category = v.column3, in_row = v.column4, held = (v.column5 = 1)
        FROM (VALUES {rows 0: BIGINT BIGINT TEXT BIGINT BIGINT}) v
        WHERE agreement.account = v.column1 AND agreement.number = v.column2";
    let done = many!(tx, SQL, [], counts, |q, n| q
        .bind(n.account)
        .bind(n.number)
        .bind(n.category)
        .bind(n.in_row)
        .bind(i64::from(n.held)));
    expect_rows("counting answers in a row", counts.len(), done)
}

pub(super) async fn log(tx: &mut Tx, changed: &[Changed], state: AgreementState, why: &Why<'_>) -> Result<()> {
    record(tx, changed, state, why.at, |_| (why.reason.to_owned(), why.actor.to_owned())).await
}

/// Writes one row of history per changed agreement, with the next number of each; `said` gives reason and actor.
pub(super) async fn record(
    tx: &mut Tx,
    changed: &[Changed],
    state: AgreementState,
    at: DateTime<Utc>,
    said: impl Fn(&Changed) -> (String, String),
) -> Result<()> {
    const LAST: &str = "SELECT e.account, e.number, MAX(e.event_no) FROM agreement_event e
        JOIN (VALUES {rows 0: BIGINT BIGINT}) v ON e.account = v.column1 AND e.number = v.column2
        GROUP BY e.account, e.number";
    const SQL: &str = "INSERT INTO agreement_event (account, number, at, event_no, state, reason, actor, version,
        threshold_fen, amount_fen, bank, card_last4, confirmed)
        VALUES {rows 0: BIGINT BIGINT TIMESTAMPTZ BIGINT TEXT TEXT TEXT BIGINT BIGINT BIGINT TEXT TEXT BOOLEAN}";
    let last = many_of!(tx, (i64, i64, i64), LAST, [], changed, |q, a| q.bind(a.account).bind(a.number));
    let last: HashMap<(i64, i64), i64> =
        last.into_iter().map(|(account, number, no)| ((account, number), no)).collect();
    let event_no = |a: &Changed| last.get(&(a.account, a.number)).map_or(1, |no| no + 1);
    let done = many!(tx, SQL, [], changed, |q, a| {
        let (reason, actor) = said(a);
        q.bind(a.account)
            .bind(a.number)
            .bind(at)
            .bind(event_no(a))
            .bind(state.word())
            .bind(reason)
            .bind(actor)
            .bind(a.version)
            .bind(a.threshold_fen)
            .bind(a.amount_fen)
            .bind(&a.bank)
            .bind(&a.card_last4)
            .bind(a.confirmed)
    });
    expect_rows("recording changes of agreements", changed.len(), done)
}

/// An agreement's history, oldest first.
pub async fn events(tx: &mut Tx, agreement: AgreementNo) -> Result<Vec<EventRow>> {
    const SQL: &str = event_columns!("WHERE account = $1 AND number = $2 ORDER BY event_no");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(agreement.account.0).bind(agreement.number).fetch_all(c).await)?)
}

/// What an account's agreement was at an instant, whichever of its agreements that was; `None`: there was none yet.
pub async fn in_force_at(tx: &mut Tx, account: AccountNo, at: DateTime<Utc>) -> Result<Option<EventRow>> {
    // A new agreement is entered only after the one before has ended: the highest number is the one that counted.
    const SQL: &str = event_columns!("WHERE account = $1 AND at <= $2 ORDER BY number DESC, event_no DESC LIMIT 1");
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(account.0).bind(at).fetch_optional(c).await)?)
}
