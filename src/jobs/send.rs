//! Step: released files to the bank's door. Staged, recorded as about to leave, shown by one rename, recorded as
//! sent: after
//! a crash the door itself tells how far it came, so no file is ever shown twice.

use std::collections::BTreeMap;

use yichong_core::model::debit::{Event, State, step};

use super::app::{App, Context, Outcome, Tally};
use super::doors::ShutDoors;
use super::error::{JobError, Kind};
use crate::crash;
use crate::gateways::archive::Kept;
use crate::gateways::clock::instant;
use crate::gateways::door::{Door, DoorError};
use crate::store::batches::{self, BatchRow};
use crate::store::debits::{self, Move};

/// The step.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let app = ctx.app;
    let mut tally = Tally::default();
    let mut tx = app.db.read().await?;
    let batches = batches::of_date(&mut tx, ctx.business_date).await?;
    drop(tx);
    let (mut waiting, mut shut, mut doors) = (Vec::new(), ShutDoors::default(), BTreeMap::new());
    for batch in &batches {
        let bank = app.bank(&batch.bank)?;
        let late = ctx.now() >= instant(ctx.business_date, bank.cutoff);
        match batch.state.as_str() {
            "released" | "sending" if shut.has(&batch.bank) => {}
            "released" | "sending" => {
                let door = doors.entry(batch.bank.clone()).or_insert_with(|| bank.door());
                match send(ctx, batch, door).await? {
                    Ok(()) => {
                        tally.add("sent", 1);
                        tally.add("sum_fen", batch.sum_fen);
                    }
                    Err(error) => shut.add(&batch.bank, error),
                }
            }
            "held" if late => {
                let mut tx = ctx.page().await?;
                batches::void(&mut tx, batch.batch_id).await?;
                tx.commit().await?;
                void_debits(app, batch.batch_id, Some(ctx)).await?;
                tally.add("void", 1);
            }
            // A crash between the batch and its debits, or two people who voided it.
            "void" => void_debits(app, batch.batch_id, Some(ctx)).await?,
            "held" => waiting.push(format!("{} ({})", batch.file_name, batch.hold_reason.as_deref().unwrap_or(""))),
            _ => {}
        }
    }
    let held = waiting.join(", ");
    let why =
        format!("held: {held}; one person proposes, another approves, before the bank's cut-off: `yichong propose`");
    match shut.outcome(tally) {
        Outcome::Done(tally) if !waiting.is_empty() => Ok(Outcome::Waiting(tally, why)),
        Outcome::Partly(tally, mut error) if !waiting.is_empty() => {
            error.message = format!("{}; {why}", error.message);
            Ok(Outcome::Partly(tally, error))
        }
        outcome => Ok(outcome),
    }
}

/// Sends one file. A door that is shut is for the caller to judge: nothing was shown, or the door will tell.
async fn send(ctx: &Context<'_>, batch: &BatchRow, door: &Door) -> Result<Result<(), DoorError>, JobError> {
    let app = ctx.app;
    let kept = Kept { sha256: batch.sha256.clone(), bytes: u64::try_from(batch.bytes).unwrap_or(0) };
    if batch.state == "released" {
        let body = || app.archive.open(&app.vault, &batch.archive_name());
        let points = ["send.temp.after_write", "send.temp.after_fsync"];
        if let Err(shut) = door.stage(&batch.file_name, &kept, body, points) {
            return Ok(Err(shut));
        }
        let mut tx = ctx.page().await?;
        batches::sending(&mut tx, batch.batch_id).await?;
        tx.commit().await?;
    }
    if let Err(shut) = door.publish(&batch.file_name, &kept) {
        return Ok(Err(shut));
    }
    crash::point("send.after_rename");
    let mut tx = ctx.page().await?;
    batches::sent(&mut tx, batch.batch_id, ctx.now()).await?;
    tx.commit().await?;
    crash::point("send.after_commit");
    Ok(Ok(()))
}

/// A batch that never left: its number stays used, its debits are void, the date is not spent. `night`: whose pages
/// check the fence; none where two people voided the batch.
pub async fn void_debits(app: &App, batch_id: i64, night: Option<&Context<'_>>) -> Result<(), JobError> {
    let (to, _) = step(&State::Planned { sent: false }, &Event::Void)
        .map_err(|illegal| JobError::new(Kind::Books, illegal.to_string()))?;
    let mut line = 0;
    loop {
        let mut tx = match night {
            Some(ctx) => ctx.page().await?,
            None => app.db.write().await?,
        };
        let page = debits::of_batch(&mut tx, batch_id, line, app.page).await?;
        let Some(last) = page.last() else { return Ok(()) };
        line = last.line_no.unwrap_or(i64::MAX);
        let planned = page.iter().filter(|debit| debit.state == "planned");
        let moves: Vec<Move> = planned
            .map(|d| Move { account: d.account, debit_no: d.debit_no, from: "planned", to: to.clone(), heard: None })
            .collect();
        debits::shift(&mut tx, &moves, app.clock.now()).await?;
        tx.commit().await?;
    }
}
