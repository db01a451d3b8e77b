//! A batch's fate by two people: released or void, sent by hand, or never arrived and so to be sent once more.

use super::Two;
use crate::app::App;
use crate::error::JobError;
use yichong_gateways::clock::{instant, local};
use yichong_store::batches::{self, BatchRow};
use yichong_store::db::Tx;
use yichong_store::dispatches;

/// Moves one batch; says what was done. `release`, `void`, `sent_by_hand`, `did_not_arrive`.
pub async fn resolve(app: &App, tx: &mut Tx, batch_id: i64, action: &str, two: &Two<'_>) -> Result<String, JobError> {
    let batch = batches::find(tx, batch_id)
        .await?
        .ok_or_else(|| JobError::refused(format!("there is no batch {batch_id}; see `yichong files`")))?;
    let people = format!("{}+{}", two.maker, two.checker);
    let (done, wanted) = match action {
        "release" => {
            in_time(app, &batch)?;
            (batches::release(tx, batch_id, &people).await?, "held")
        }
        "sent_by_hand" => {
            tried(tx, &batch).await?;
            (dispatches::sent_by_hand(tx, batch_id, &people, app.clock.now()).await?, "released or sending")
        }
        "did_not_arrive" => {
            tried(tx, &batch).await?;
            unheard_of(tx, &batch).await?;
            (dispatches::did_not_arrive(tx, batch_id).await?, "sent, sending, or taken out by hand")
        }
        _ => (batches::void(tx, batch_id).await?, "sealed or held"),
    };
    if !done {
        return Err(JobError::refused(format!(
            "batch {batch_id} is {}; {action} is for one that is {wanted}",
            batch.state
        )));
    }
    Ok(format!("batch {batch_id}: {action} by {} and {}", two.maker, two.checker))
}

/// The bank takes a held batch no longer; the next `send` makes it void.
fn in_time(app: &App, batch: &BatchRow) -> Result<(), JobError> {
    let until = instant(batch.business_date, app.bank(&batch.bank)?.cutoff);
    if app.clock.now() < until {
        return Ok(());
    }
    let (until, now) = (local(until), local(app.clock.now()));
    Err(JobError::refused(format!(
        "batch {} could be released until {until}, it is {now}; it becomes void with the next run of `nightly`, and \
         its accounts may be due again on the next date",
        batch.batch_id
    )))
}

/// The bytes that travel are fixed once the engine has tried, or a person has taken them out.
async fn tried(tx: &mut Tx, batch: &BatchRow) -> Result<(), JobError> {
    match dispatches::find(tx, batch.batch_id).await? {
        Some(row) if batch.state == "released" && row.attempt == 1 && row.taken_out_by.is_none() => {
            Err(JobError::refused(format!(
                "batch {} waits at our own door; take its bytes out first: `yichong door take-out {} --to FOLDER`",
                batch.batch_id, batch.batch_id
            )))
        }
        Some(_) => Ok(()),
        None => Err(JobError::refused(format!(
            "batch {} is {} and nobody has tried to send it; run `nightly`, or `yichong door take-out`",
            batch.batch_id, batch.state
        ))),
    }
}

/// What has been heard of is not sent again: an answer, a receipt, a debit that has moved on.
async fn unheard_of(tx: &mut Tx, batch: &BatchRow) -> Result<(), JobError> {
    let refuse = |why: String| Err(JobError::refused(format!("batch {} is not sent again: {why}", batch.batch_id)));
    if let Some(receipt) = dispatches::find(tx, batch.batch_id).await?.and_then(|row| row.receipt_name) {
        return refuse(format!("the bank's receipt {receipt} says it arrived; ask the bank what it means"));
    }
    let (debits, files) = dispatches::heard_of(tx, batch.batch_id, &batch.bank).await?;
    if files > 0 {
        return refuse(format!(
            "{files} files answer it or wait to be read; run `returns` and look at `yichong files`"
        ));
    }
    if debits > 0 {
        let why = "are answered, or their deadline is over: settle each with `propose debit:NO pay|refuse`";
        return refuse(format!("{debits} of its debits {why}"));
    }
    Ok(())
}
