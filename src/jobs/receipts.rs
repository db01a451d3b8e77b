//! The bank's receipts (回执) for files we sent: kept, recorded beside the file, taken away. What a receipt says is not
//! read: that it came is what counts, and it moves no money.

use super::app::{Context, Tally};
use super::error::JobError;
use crate::config::Bank;
use yichong_gateways::archive::measure;
use yichong_gateways::door::{Door, DoorError};
use yichong_store::audit::{self, Act};
use yichong_store::dispatches::{self, DispatchRow};

/// A receipt is looked for among so many of the bank's last files.
const RECENT: i64 = 2_000;
/// A receipt is a page, not a file of files.
const BYTES_MAX: u64 = 1 << 20;

/// Takes in the receipts that wait: (their name, what they took of our file's name).
pub async fn take(
    ctx: &Context<'_>,
    bank: &Bank,
    door: &Door,
    waiting: &[(String, String)],
    tally: &mut Tally,
) -> Result<Result<(), DoorError>, JobError> {
    let Some(template) = door.settings().receipt.as_ref().filter(|_| !waiting.is_empty()) else {
        return Ok(Ok(()));
    };
    let mut tx = ctx.app.db.read().await?;
    let ours = dispatches::recent(&mut tx, &bank.code, RECENT).await?;
    drop(tx);
    for (name, core) in waiting {
        let Some(of) = ours.iter().find(|row| template.core_of(&row.file_name) == core) else {
            tracing::warn!(bank = bank.code, name, "a receipt for no file of ours is left at the door");
            tally.add("receipts_unknown", 1);
            continue;
        };
        match one(ctx, door, name, of).await? {
            Ok(new) => tally.add(if new { "receipts" } else { "receipts_repeated" }, 1),
            Err(shut) => return Ok(Err(shut)),
        }
    }
    Ok(Ok(()))
}

async fn one(
    ctx: &Context<'_>,
    door: &Door,
    name: &str,
    of: &DispatchRow,
) -> Result<Result<bool, DoorError>, JobError> {
    let app = ctx.app;
    let read = || -> Result<_, DoorError> {
        let first = measure(door.open(name)?).map_err(|e| DoorError::io(name, e))?;
        Ok((first, door.open(name)?))
    };
    let (first, from) = match read() {
        Ok(read) => read,
        Err(shut) => return Ok(Err(shut)),
    };
    if first.bytes > BYTES_MAX {
        tracing::warn!(name, bytes = first.bytes, "too large for a receipt: left at the door");
        return Ok(Ok(false));
    }
    let kept_as = format!("receipt/{}/{}", of.bank, first.sha256);
    let points = ["file.archive.after_fsync", "collect.archive.after_rename"];
    if app.archive.keep(&app.vault, &kept_as, from, points)? != first {
        return Ok(Ok(false));
    }
    let mut tx = ctx.page().await?;
    let new = dispatches::receipt(&mut tx, of.batch_id, name, &first.sha256, ctx.now()).await?;
    let object = format!("batch:{}", of.batch_id);
    let action = if new { "batch.receipt" } else { "batch.receipt_repeated" };
    let detail = format!("{name} {}", first.sha256);
    let act = Act { at: ctx.now(), actor: "engine", action, object: &object, detail: &detail };
    audit::add(&mut tx, &act, |previous, line| app.vault.audit_mac(previous, line)).await?;
    tx.commit().await?;
    Ok(door.remove(name).map(|()| new))
}
