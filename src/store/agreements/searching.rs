//! Finding agreements by what a resident brings to the counter.

use super::AgreementRow;
use crate::db::{Result, Tx, on};

/// What is looked for.
#[derive(Clone, Copy, Debug)]
pub enum By<'a> {
    /// The ID number's blind index.
    Id(&'a [u8]),
    /// The mobile's blind index.
    Mobile(&'a [u8]),
    /// The payer's name, or its beginning.
    Name(&'a str),
}

/// At most so many agreements, those that are not cancelled first.
pub async fn search(tx: &mut Tx, by: By<'_>, most: i64) -> Result<Vec<AgreementRow>> {
    const ID: &str = agreement_columns!(
        "WHERE a.id_index = $1 ORDER BY CASE WHEN a.state = 'cancelled' THEN 1 ELSE 0 END, a.account, a.number LIMIT $2"
    );
    const MOBILE: &str = agreement_columns!(
        "WHERE a.mobile_index = $1
        ORDER BY CASE WHEN a.state = 'cancelled' THEN 1 ELSE 0 END, a.account, a.number LIMIT $2"
    );
    const NAME: &str = agreement_columns!(
        "WHERE a.payer_name >= $1 AND a.payer_name < $2
        ORDER BY CASE WHEN a.state = 'cancelled' THEN 1 ELSE 0 END, a.payer_name, a.account, a.number LIMIT $3"
    );
    Ok(match by {
        By::Id(index) => on!(tx, |c| sqlx::query_as(ID).bind(index).bind(most).fetch_all(c).await)?,
        By::Mobile(index) => on!(tx, |c| sqlx::query_as(MOBILE).bind(index).bind(most).fetch_all(c).await)?,
        By::Name(name) => {
            // Everything that begins with it: no character comes after the last one.
            let end = format!("{name}\u{10FFFF}");
            on!(tx, |c| sqlx::query_as(NAME).bind(name).bind(&end).bind(most).fetch_all(c).await)?
        }
    })
}
