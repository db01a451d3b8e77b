//! Our agreements at a bank as its own list should have them.

use crate::db::{Result, Tx, on};
use crate::rows::many_of;

/// An agreement that stands at a bank.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Ours {
    /// Meter account.
    pub account: i64,
    /// Agreement's number within it.
    pub number: i64,
    /// Name on the card.
    pub payer_name: String,
    /// The card's blind index.
    pub card_index: Vec<u8>,
    /// Its last 4.
    pub card_last4: String,
}

/// The agreements of these accounts that stand at a bank: released and not cancelled.
pub async fn of_accounts(tx: &mut Tx, bank: &str, accounts: &[i64]) -> Result<Vec<Ours>> {
    const SQL: &str = "SELECT a.account, a.number, a.payer_name, a.card_index, a.card_last4 FROM agreement a
        JOIN (VALUES {rows 1: BIGINT}) v ON a.account = v.column1
        WHERE a.bank = $1 AND (a.state = 'active' OR a.state = 'suspended')";
    Ok(many_of!(tx, Ours, SQL, [bank], accounts, |q, account| q.bind(account)))
}

/// Agreements after an account that a bank's list must have: confirmed, and nothing about them on its way.
pub async fn expected(tx: &mut Tx, bank: &str, after: i64, most: i64) -> Result<Vec<Ours>> {
    const SQL: &str = "SELECT a.account, a.number, a.payer_name, a.card_index, a.card_last4 FROM agreement a
        WHERE a.bank = $1 AND (a.state = 'active' OR a.state = 'suspended') AND a.confirmed AND a.account > $2
        AND NOT EXISTS (SELECT 1 FROM agreement_notice n WHERE n.account = a.account AND n.number = a.number
          AND n.bank = a.bank AND n.latest AND (n.state = 'placed' OR n.state = 'sent'))
        ORDER BY a.account LIMIT $3";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(bank).bind(after).bind(most).fetch_all(c).await)?)
}

/// Which of these accounts have a word to a bank on its way: what its list says of them may be older.
pub async fn on_their_way(tx: &mut Tx, bank: &str, accounts: &[i64]) -> Result<Vec<i64>> {
    const SQL: &str = "SELECT n.account FROM agreement_notice n JOIN (VALUES {rows 1: BIGINT}) v
        ON n.account = v.column1 WHERE n.bank = $1 AND n.latest AND (n.state = 'placed' OR n.state = 'sent')";
    let found: Vec<(i64,)> = many_of!(tx, (i64,), SQL, [bank], accounts, |q, account| q.bind(account));
    Ok(found.into_iter().map(|(account,)| account).collect())
}
