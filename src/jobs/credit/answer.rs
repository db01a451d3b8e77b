//! Acknowledgements of the head-end: believed whole or not at all, then taken page by page; a repeat changes nothing.

use std::collections::HashMap;

use yichong_core::model::breaks::BreakKind;
use yichong_core::model::ids::DebitNo;
use yichong_core::rules::answering::Notice;

use super::STEP;
use super::relay;
use super::yes::{self, Verdict, Yes, break_of};
use crate::app::{Context, Tally};
use crate::error::JobError;
use crate::meter_door;
use yichong_gateways::meters::{self, CreditAnswer, Said};
use yichong_store::breaks::{self, Break};
use yichong_store::files_out::{self, FileOut, LineOut};
use yichong_store::outbox::{self, Change, MeterOrder};

/// Takes in the acknowledgements among the files that wait.
pub async fn collect(ctx: &Context<'_>, names: &[String], tally: &mut Tally) -> Result<(), JobError> {
    for name in names {
        let Some(order_file) = name.strip_suffix(".ack.csv").map(|stem| format!("{stem}.csv")) else { continue };
        let own = if name.starts_with("credit-") { "meters" } else { "relays" };
        let door = meter_door::door(ctx);
        let Some(kept_as) = meter_door::keep(ctx, &door, name)? else {
            tally.add("growing", 1);
            continue;
        };
        let mut tx = ctx.app.db.read().await?;
        let file = files_out::by_name(&mut tx, own, &order_file).await?.filter(|file| file.state != "open");
        let lines = match &file {
            Some(file) => files_out::lines(&mut tx, file.file_no, 0, i64::MAX).await?,
            None => Vec::new(),
        };
        drop(tx);
        let bytes = meter_door::read(ctx, &kept_as)?;
        let taken = match &file {
            None => Err("it answers no file of ours".to_owned()),
            Some(_) if own == "relays" => relay::take(ctx, &bytes, &lines, tally).await?,
            Some(_) => take(ctx, &bytes, &lines, tally).await?,
        };
        if let Err(problem) = taken {
            let reference = file.map_or(0, |file| file.file_no);
            meter_door::quarantine(ctx, &door, (name, &kept_as, reference), &problem).await?;
            tally.add("quarantined", 1);
            continue;
        }
        if let Some(file) = file {
            close(ctx, &file).await?;
        }
        door.remove(name)?;
        tally.add("acks", 1);
    }
    Ok(())
}

/// A file whose every row has a final answer is answered.
async fn close(ctx: &Context<'_>, file: &FileOut) -> Result<(), JobError> {
    let mut tx = ctx.page().await?;
    if file.state == "sent" && files_out::unanswered(&mut tx, file.file_no).await? == 0 {
        files_out::change(&mut tx, file.file_no, "sent", "answered").await?;
        tx.commit().await?;
    }
    Ok(())
}

/// One acknowledgement of credits; an inner error is why it is not believed.
async fn take(
    ctx: &Context<'_>,
    bytes: &[u8],
    lines: &[LineOut],
    tally: &mut Tally,
) -> Result<Result<(), String>, JobError> {
    let answers = match meters::read_credit_answers(bytes) {
        Ok(answers) => answers,
        Err(problem) => return Ok(Err(problem.to_string())),
    };
    let ours: HashMap<i64, &LineOut> = lines.iter().map(|line| (line.reference, line)).collect();
    for answer in &answers {
        let order = answer.order;
        let Some(line) = ours.get(&order.0) else { return Ok(Err(format!("order {order} is not in our file"))) };
        if (line.account, line.amount_fen) != (answer.account.0, answer.amount.0) {
            let ours = yichong_core::model::money::Fen(line.amount_fen);
            let theirs = format!("account {} and {} yuan, we ordered {ours}", answer.account, answer.amount);
            return Ok(Err(format!("order {order}: it says {theirs} for {:012}", line.account)));
        }
    }
    let size = usize::try_from(ctx.app.page).unwrap_or(1).max(1);
    for page in answers.chunks(size) {
        apply(ctx, page, tally).await?;
        ctx.more(STEP, page.len());
    }
    Ok(Ok(()))
}

async fn apply(ctx: &Context<'_>, page: &[CreditAnswer], tally: &mut Tally) -> Result<(), JobError> {
    let keys: Vec<(i64, i64)> = page.iter().map(|answer| (answer.account.0, answer.order.0)).collect();
    let mut tx = ctx.page().await?;
    let rows = outbox::by_reference(&mut tx, "credit", &keys).await?;
    let orders: HashMap<i64, &MeterOrder> = rows.iter().map(|order| (order.reference, order)).collect();
    let (mut yes, mut opened) = (Yes::new(ctx), Vec::new());
    for answer in page {
        if let Some(order) = orders.get(&answer.order.0) {
            let word = decide(ctx, answer, order, &mut yes, &mut opened)?;
            tally.add(word, 1);
        }
    }
    yes.save(&mut tx).await?;
    breaks::open(&mut tx, &opened).await?;
    tx.commit().await?;
    yichong_gateways::crash::point("credit.answer.after_commit");
    Ok(())
}

/// What one line means for its order as it stands; the word is counted.
fn decide<'a>(
    ctx: &Context<'_>,
    answer: &CreditAnswer,
    order: &'a MeterOrder,
    yes: &mut Yes,
    opened: &mut Vec<Break<'a>>,
) -> Result<&'static str, JobError> {
    let waiting = matches!(order.state.as_str(), "queued" | "sent" | "unknown");
    let mut contradicts = |what: String| {
        let detail = format!("debit {}: {what}; nothing was changed, ask the head-end", DebitNo(order.reference));
        opened.push(break_of(ctx, order, BreakKind::StateDiffers, detail));
        "contradicted"
    };
    match (answer.said, order.state.as_str()) {
        (Said::Accepted, "accepted") | (Said::Rejected, "rejected" | "withdrawn") => Ok("repeated"),
        (Said::Accepted, _) if waiting => match yes.add(order)? {
            Verdict::Fits => Ok("accepted"),
            Verdict::Illegal(illegal) => {
                yes.changes.push(yes::to(order, "accepted"));
                Ok(contradicts(format!("the head-end credited it, but {illegal}")))
            }
        },
        (Said::Rejected, _) if waiting => {
            let detail = format!("the head-end rejected the credit: {}", answer.message);
            yes.changes.push(Change { message: Some(answer.message.clone()), ..yes::to(order, "rejected") });
            yes.orders.push(yes::text(order, Notice::CreditPending, answer.amount));
            opened.push(break_of(ctx, order, BreakKind::MeterUncredited, detail));
            Ok("rejected")
        }
        (Said::Accepted | Said::Rejected, state) => {
            let said = if answer.said == Said::Accepted { "accepted" } else { "rejected" };
            Ok(contradicts(format!("its credit order was {state}, now the head-end says {said}")))
        }
        (Said::Unknown | Said::Expired, "queued" | "sent") => {
            let message = (!answer.message.is_empty()).then(|| answer.message.clone());
            yes.changes.push(Change { message, ..yes::to(order, "unknown") });
            Ok("unknown")
        }
        (Said::Unknown | Said::Expired, _) => Ok("repeated"),
    }
}
