//! A new version of an agreement: other terms, or another card. The guard is the version people were shown.

use yichong_core::model::agreement::AgreementState;

use super::changes::{self, Changed, Why};
use crate::db::{Result, Tx, expect_rows, on};

/// Which agreement, as it was shown, and the two people.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a> {
    /// Meter account.
    pub account: i64,
    /// Agreement's number within it.
    pub number: i64,
    /// The version that is superseded: the guard.
    pub version: i64,
    /// The state it is in, and stays in: the guard too.
    pub state: AgreementState,
    /// Who proposed.
    pub maker: &'a str,
    /// Who approved.
    pub checker: &'a str,
}

/// A card as the table keeps it.
#[derive(Clone, Debug)]
pub struct NewCard {
    /// Its bank's code.
    pub bank: String,
    /// Card, ID number and mobile, sealed.
    pub payer_sealed: Vec<u8>,
    /// The card's blind index.
    pub card_index: Vec<u8>,
    /// Its last 4.
    pub card_last4: String,
    /// Its bank needs not confirm it.
    pub confirmed: bool,
}

/// Other terms, fen, in force at once; history keeps the old ones. Somebody else's change meanwhile fails it.
pub async fn terms(tx: &mut Tx, of: &Version<'_>, threshold: i64, amount: i64, why: &Why<'_>) -> Result<()> {
    const SQL: &str = "UPDATE agreement SET version = version + 1, threshold_fen = $5, amount_fen = $6, maker = $7,
        checker = $8 WHERE account = $1 AND number = $2 AND version = $3 AND state = $4
        RETURNING account, number, version, threshold_fen, amount_fen, maker, bank, card_last4, confirmed";
    let changed: Vec<Changed> = on!(tx, |c| sqlx::query_as(SQL)
        .bind(of.account)
        .bind(of.number)
        .bind(of.version)
        .bind(of.state.word())
        .bind(threshold)
        .bind(amount)
        .bind(of.maker)
        .bind(of.checker)
        .fetch_all(c)
        .await)?;
    kept(tx, of, &changed, why).await
}

/// Another card, in force at once; what was counted against the old one is forgotten.
pub async fn card(tx: &mut Tx, of: &Version<'_>, card: &NewCard, why: &Why<'_>) -> Result<()> {
    const SQL: &str = "UPDATE agreement SET version = version + 1, bank = $5, payer_sealed = $6, card_index = $7,
        card_last4 = $8, confirmed = $9, in_row_category = NULL, in_row = 0, held = FALSE, maker = $10, checker = $11
        WHERE account = $1 AND number = $2 AND version = $3 AND state = $4
        RETURNING account, number, version, threshold_fen, amount_fen, maker, bank, card_last4, confirmed";
    let changed: Vec<Changed> = on!(tx, |c| sqlx::query_as(SQL)
        .bind(of.account)
        .bind(of.number)
        .bind(of.version)
        .bind(of.state.word())
        .bind(&card.bank)
        .bind(&card.payer_sealed)
        .bind(&card.card_index)
        .bind(&card.card_last4)
        .bind(card.confirmed)
        .bind(of.maker)
        .bind(of.checker)
        .fetch_all(c)
        .await)?;
    kept(tx, of, &changed, why).await
}

async fn kept(tx: &mut Tx, of: &Version<'_>, changed: &[Changed], why: &Why<'_>) -> Result<()> {
    expect_rows("making a new version of an agreement", 1, changed.len() as u64)?;
    changes::log(tx, changed, of.state, why).await
}
