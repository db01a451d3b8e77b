//! The desk of the second person: what waits, what it would do, and sending it back.

use yichong_store::people::{self, ApprovalRow, PersonRow, WaitingRow};

use super::object::Object;
use super::{Shown, agreement, may, nothing, record, show};
use crate::app::App;
use crate::error::JobError;
use crate::statement::intake::without_cards;

/// A proposal as it stands now.
#[derive(Clone, Debug)]
pub struct Look {
    /// What was proposed.
    pub asked: ApprovalRow,
    /// What it shows now.
    pub shown: Shown,
    /// What is shown is no longer what the hash names: an approval would be void.
    pub changed: bool,
}

/// The proposals that wait and that this person's role may deal with, oldest first.
pub async fn waiting(app: &App, person: &PersonRow, most: i64) -> Result<Vec<WaitingRow>, JobError> {
    let mut tx = app.db.read().await?;
    let mine = |row: &WaitingRow| row.object.parse::<Object>().is_ok_and(|object| object.allows(&person.role));
    Ok(people::waiting(&mut tx, most).await?.into_iter().filter(mine).collect())
}

/// One proposal and what it would do, as things stand now.
pub async fn look(app: &App, person: &PersonRow, object: &Object, hash: &str) -> Result<Look, JobError> {
    may(object, person)?;
    // Showing may try things out in the database; nothing is kept.
    let mut tx = app.db.write().await?;
    let asked = open(&mut tx, object, hash).await?;
    let shown = show(app, &mut tx, object, &asked).await?;
    let changed = shown.hash != hash;
    Ok(Look { asked, shown, changed })
}

/// Sends a proposal back with a reason; its maker may take it back the same way. An agreement that was entered and is
/// not to come into force ends with it and is entered anew; nothing else changes.
pub async fn decline(app: &App, person: &PersonRow, object: &Object, hash: &str, reason: &str) -> Result<(), JobError> {
    may(object, person)?;
    let reason = without_cards(reason.trim());
    if reason.is_empty() {
        return Err(JobError::input("a proposal is sent back with a reason: what is wrong with it"));
    }
    let mut tx = app.db.write().await?;
    let asked = open(&mut tx, object, hash).await?;
    if !people::decline(&mut tx, &asked, &person.name, &reason, app.clock.now()).await? {
        return Err(nothing(object, hash));
    }
    if let (Object::Agreement(account), "release") = (object, asked.action.as_str()) {
        agreement::take_back(app, &mut tx, *account, &reason, &person.name).await?;
    }
    record(app, &mut tx, &person.name, "decline", &ApprovalRow { reason, ..asked }).await?;
    tx.commit().await?;
    Ok(())
}

async fn open(tx: &mut yichong_store::db::Tx, object: &Object, hash: &str) -> Result<ApprovalRow, JobError> {
    let proposals = people::proposals(tx, &object.to_string()).await?;
    proposals.into_iter().find(|row| row.hash == hash && row.is_open()).ok_or_else(|| nothing(object, hash))
}
