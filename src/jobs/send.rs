//! Step: released files to the bank's door. Staged, recorded as about to leave, shown by one rename, recorded as
//! sent: after
//! a crash the door itself tells how far it came, so no file is ever shown twice.

use std::collections::BTreeMap;

use yichong_core::model::debit::{Event, State, step};

use super::app::{App, Context, Outcome, Tally};
use super::dispatch;
use super::doors::ShutDoors;
use super::error::{JobError, Kind};
use yichong_gateways::clock::instant;
use yichong_gateways::crash;
use yichong_gateways::door::{Door, DoorError};
use yichong_store::batches::{self, BatchRow};
use yichong_store::debits::{self, Move};
use yichong_store::dispatches::{self, DispatchRow};

/// The step.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let app = ctx.app;
    let (mut sending, mut waiting) = (Sending::default(), Vec::new());
    let mut tx = app.db.read().await?;
    let batches = batches::of_date(&mut tx, ctx.business_date).await?;
    // What two people had sent again is the sweep's: two runs never work on one file.
    let again = dispatches::to_send_again(&mut tx).await?;
    drop(tx);
    for batch in &batches {
        let late = ctx.now() >= instant(ctx.business_date, app.bank(&batch.bank)?.cutoff);
        match batch.state.as_str() {
            "released" | "sending" if again.contains(&batch.batch_id) => {}
            "released" | "sending" => {
                if let Some(why) = sending.one(ctx, batch).await? {
                    waiting.push(why);
                }
            }
            "held" if late => {
                let mut tx = ctx.page().await?;
                batches::void(&mut tx, batch.batch_id).await?;
                tx.commit().await?;
                void_debits(app, batch.batch_id, Some(ctx)).await?;
                sending.tally.add("void", 1);
            }
            // A crash between the batch and its debits, or two people who voided it.
            "void" => void_debits(app, batch.batch_id, Some(ctx)).await?,
            "held" => {
                let why = batch.hold_reason.as_deref().unwrap_or("");
                let how = "one person proposes, another approves, before the bank's cut-off: `yichong propose`";
                waiting.push(format!("held: {} ({why}); {how}", batch.file_name));
            }
            _ => {}
        }
    }
    sending.outcome(&waiting)
}

/// The step of sending once more what two people say did not arrive: the same bytes under the same name.
pub async fn again(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let mut sending = Sending::default();
    let mut tx = ctx.app.db.read().await?;
    let mut found = Vec::new();
    for batch_id in dispatches::to_send_again(&mut tx).await? {
        found.extend(batches::find(&mut tx, batch_id).await?);
    }
    drop(tx);
    for batch in &found {
        sending.one(ctx, batch).await?;
    }
    sending.outcome(&[])
}

/// Doors that are open, doors that are shut, and what was counted.
#[derive(Default)]
struct Sending {
    tally: Tally,
    shut: ShutDoors,
    doors: BTreeMap<String, Door>,
}

impl Sending {
    /// Sends one batch, unless its bank's door is shut; says why it waits for a person.
    async fn one(&mut self, ctx: &Context<'_>, batch: &BatchRow) -> Result<Option<String>, JobError> {
        if self.shut.has(&batch.bank) {
            return Ok(None);
        }
        let bank = ctx.app.bank(&batch.bank)?;
        let row = match dispatch::prepared(ctx.app, Some(ctx), batch).await {
            // A key that cannot be used is that bank's affair.
            Err(error) if error.kind == Kind::Input => {
                self.shut.refuse(&batch.bank, error);
                return Ok(None);
            }
            row => row?,
        };
        if let Some(person) = &row.taken_out_by {
            let how = format!("`yichong sent-by-hand {id}` or `yichong did-not-arrive {id}`", id = batch.batch_id);
            return Ok(Some(format!(
                "taken out by {person}: {}; two people say what became of it: {how}",
                row.file_name
            )));
        }
        let door = self.doors.entry(batch.bank.clone()).or_insert_with(|| bank.door());
        match send(ctx, batch, &row, door).await? {
            Ok(()) => {
                self.tally.add("sent", 1);
                self.tally.add("sum_fen", batch.sum_fen);
            }
            Err(error) => self.shut.add(&batch.bank, error),
        }
        Ok(None)
    }

    fn outcome(self, waiting: &[String]) -> Result<Outcome, JobError> {
        let why = waiting.join("; ");
        match self.shut.outcome(self.tally) {
            Outcome::Done(tally) if !waiting.is_empty() => Ok(Outcome::Waiting(tally, why)),
            Outcome::Partly(tally, mut error) if !waiting.is_empty() => {
                error.message = format!("{}; {why}", error.message);
                Ok(Outcome::Partly(tally, error))
            }
            outcome => Ok(outcome),
        }
    }
}

/// Sends one file. A door that is shut is for the caller to judge: nothing was shown, or the door will tell.
async fn send(
    ctx: &Context<'_>,
    batch: &BatchRow,
    row: &DispatchRow,
    door: &Door,
) -> Result<Result<(), DoorError>, JobError> {
    let app = ctx.app;
    let kept = dispatch::kept(row);
    if batch.state == "released" {
        let points = ["send.temp.after_write", "send.temp.after_fsync"];
        if let Err(shut) = door.stage(&row.file_name, &kept, || dispatch::body(app, row), points) {
            return Ok(Err(shut));
        }
        let mut tx = ctx.page().await?;
        batches::sending(&mut tx, batch.batch_id).await?;
        tx.commit().await?;
    }
    if let Err(shut) = door.publish(&row.file_name, &kept) {
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
