//! Switches: the command to close one is judged again just before it leaves, and believed only with the switch read
//! back.

use std::collections::HashMap;

use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::rules::answering::Notice;
use yichong_core::rules::power::{Reclose, reclose};

use super::yes;
use crate::app::{App, Context, Tally};
use crate::error::{JobError, Kind};
use yichong_gateways::meters::{self, RelayAnswer, Said};
use yichong_store::files_out::LineOut;
use yichong_store::meters as switches;
use yichong_store::outbox::{self, Change, MeterOrder};

/// Judges every queued command again: a hold may have come, the power may be back, its time may be over.
pub async fn decide(ctx: &Context<'_>, tally: &mut Tally) -> Result<(), JobError> {
    let mut after = outbox::START;
    loop {
        let mut tx = ctx.page().await?;
        let page = outbox::queued(&mut tx, "relay", after, ctx.app.page).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.place();
        let (mut changes, mut texts) = (Vec::new(), Vec::new());
        for order in &page {
            if order.not_after.is_some_and(|limit| limit <= ctx.now()) {
                changes.push(yes::to(order, "expired"));
                continue;
            }
            // The reading is from before the credit until a later one comes.
            let before = order.read_at.is_none_or(|read| order.last_credit_at.is_some_and(|credit| read < credit));
            let more = if before { order.amount_fen } else { 0 };
            let limit = ctx.app.config.meters.cut_limit;
            let why = match reclose(&yes::power(order, more, ctx.business_date, limit)) {
                Reclose::Order => continue,
                Reclose::Nothing => "the power is on or held",
                Reclose::Missing(missing) => {
                    texts.push(yes::text(order, Notice::StillShort, missing));
                    "the balance is too low again"
                }
            };
            changes.push(Change { message: Some(why.to_owned()), ..yes::to(order, "withdrawn") });
        }
        if changes.is_empty() {
            continue;
        }
        outbox::change(&mut tx, &changes, ctx.now()).await?;
        outbox::queue(&mut tx, &texts, ctx.now()).await?;
        tx.commit().await?;
        tally.add("relays_withdrawn", i64::try_from(changes.len()).unwrap_or(i64::MAX));
    }
}

/// The file's bytes.
pub fn body(_: &App, lines: &[LineOut]) -> Result<Vec<u8>, JobError> {
    let order = |line: &LineOut| (DebitNo(line.reference), AccountNo(line.account), line.not_after);
    let orders: Vec<_> = lines.iter().map(order).collect();
    meters::write_relays(&orders).map_err(|e| JobError::new(Kind::Machine, format!("writing relay commands: {e}")))
}

/// One acknowledgement of commands; an inner error is why it is not believed.
pub async fn take(
    ctx: &Context<'_>,
    bytes: &[u8],
    lines: &[LineOut],
    tally: &mut Tally,
) -> Result<Result<(), String>, JobError> {
    let answers = match meters::read_relay_answers(bytes) {
        Ok(answers) => answers,
        Err(problem) => return Ok(Err(problem.to_string())),
    };
    let ours: HashMap<i64, i64> = lines.iter().map(|line| (line.reference, line.account)).collect();
    for answer in &answers {
        if ours.get(&answer.order.0) != Some(&answer.account.0) {
            return Ok(Err(format!("order {} of account {} is not in our file", answer.order, answer.account)));
        }
    }
    let size = usize::try_from(ctx.app.page).unwrap_or(1).max(1);
    for page in answers.chunks(size) {
        apply(ctx, page, tally).await?;
    }
    Ok(Ok(()))
}

async fn apply(ctx: &Context<'_>, page: &[RelayAnswer], tally: &mut Tally) -> Result<(), JobError> {
    let keys: Vec<(i64, i64)> = page.iter().map(|answer| (answer.account.0, answer.order.0)).collect();
    let mut tx = ctx.page().await?;
    let rows = outbox::by_reference(&mut tx, "relay", &keys).await?;
    let orders: HashMap<i64, &MeterOrder> = rows.iter().map(|order| (order.reference, order)).collect();
    let (mut changes, mut texts, mut back) = (Vec::new(), Vec::new(), Vec::new());
    for answer in page {
        let Some(order) = orders.get(&answer.order.0).filter(|order| order.state != "accepted") else { continue };
        let to = match (answer.said, answer.closed) {
            (Said::Accepted, true) => "accepted",
            // It says yes, and the switch does not: nobody knows.
            (Said::Accepted, false) | (Said::Unknown, _) => "unknown",
            (Said::Rejected, _) => "rejected",
            (Said::Expired, _) => "expired",
        };
        if order.state == to {
            continue;
        }
        if to == "accepted" {
            back.push(order.account);
            texts.push(yes::text(order, Notice::Reclosed, yichong_core::model::money::Fen(order.amount_fen)));
        }
        tally.add(&format!("relay_{to}"), 1);
        changes.push(yes::to(order, to));
    }
    outbox::change(&mut tx, &changes, ctx.now()).await?;
    outbox::queue(&mut tx, &texts, ctx.now()).await?;
    switches::power_is_back(&mut tx, &back).await?;
    tx.commit().await?;
    yichong_gateways::crash::point("credit.answer.after_commit");
    Ok(())
}
