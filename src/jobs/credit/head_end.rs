//! A head-end that exchanges files keeps the balances: orders go out once, what it says of them decides.

use yichong_core::model::breaks::BreakKind;
use yichong_core::model::debit::{Event, step};
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;

use super::{answer, relay, yes};
use crate::app::{App, Context, Outcome, Tally};
use crate::error::{JobError, Kind};
use crate::meter_door;
use crate::outgoing::{self, Outgoing};
use yichong_gateways::door::DoorError;
use yichong_gateways::meters;
use yichong_store::breaks::{self, Break};
use yichong_store::files_out::LineOut;
use yichong_store::outbox::{self, Change, MeterOrder};

/// Crash points of an order file.
pub const POINTS: [&str; 3] = ["credit.order.after_commit", "credit.file.after_rename", "credit.sent.after_commit"];

/// Sends what is queued, takes in what is answered, sends the switches that follow, and names what stays silent.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let mut tally = Tally::default();
    withdraw(ctx, &mut tally).await?;
    let orders = Outgoing {
        door: ("meters", 1),
        kind: "credit",
        prefix: "credit",
        folder: &ctx.app.config.meters.out,
        points: POINTS,
        write: credits,
    };
    sent(outgoing::send(ctx, &orders).await?, "orders_sent", &mut tally);
    match meter_door::door(ctx).waiting() {
        Ok(names) => answer::collect(ctx, &names, &mut tally).await?,
        Err(closed) => sent(Err(closed), "", &mut tally),
    }
    relay::decide(ctx, &mut tally).await?;
    let switches = Outgoing { door: ("relays", 2), kind: "relay", prefix: "relay", write: relay::body, ..orders };
    sent(outgoing::send(ctx, &switches).await?, "relays_sent", &mut tally);
    silent(ctx, &mut tally).await?;
    Ok(Outcome::Done(tally))
}

/// A closed door is counted and said, not an error: the texts that tell residents so come after this step. Orders that
/// wait too long become breaks all the same.
fn sent(rows: Result<u64, DoorError>, what: &str, tally: &mut Tally) {
    match rows {
        Ok(0) => {}
        Ok(rows) => tally.add(what, i64::try_from(rows).unwrap_or(i64::MAX)),
        Err(closed) => {
            tracing::error!("the meters' door: {closed}");
            tally.add("door_closed", 1);
        }
    }
}

/// Orders whose debit was reversed or refunded before they left are withdrawn.
async fn withdraw(ctx: &Context<'_>, tally: &mut Tally) -> Result<(), JobError> {
    let mut after = outbox::START;
    loop {
        let mut tx = ctx.page().await?;
        let page = outbox::queued(&mut tx, "credit", after, ctx.app.page).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.place();
        let mut changes = Vec::new();
        for order in &page {
            if let Err(illegal) = step(&order.life()?, &Event::Credit) {
                changes.push(Change { message: Some(illegal.to_string()), ..yes::to(order, "withdrawn") });
            }
        }
        if changes.is_empty() {
            continue;
        }
        outbox::change(&mut tx, &changes, ctx.now()).await?;
        tx.commit().await?;
        tally.add("withdrawn", i64::try_from(changes.len()).unwrap_or(i64::MAX));
    }
}

fn credits(_: &App, lines: &[LineOut]) -> Result<Vec<u8>, JobError> {
    let order = |line: &LineOut| (DebitNo(line.reference), AccountNo(line.account), Fen(line.amount_fen));
    let orders: Vec<_> = lines.iter().map(order).collect();
    meters::write_credits(&orders).map_err(|e| JobError::new(Kind::Machine, format!("writing credit orders: {e}")))
}

/// Orders without a final answer for too long, and orders that could not even leave, are breaks.
async fn silent(ctx: &Context<'_>, tally: &mut Tally) -> Result<(), JobError> {
    let hours = ctx.app.config.meters.answer_hours;
    let since = ctx.now() - chrono::Duration::hours(hours);
    let mut after = outbox::START;
    loop {
        let mut tx = ctx.page().await?;
        let page = outbox::silent(&mut tx, "credit", since, after, ctx.app.page).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = last.place();
        let detail = |order: &MeterOrder| {
            let debit = DebitNo(order.reference);
            format!("the credit order of debit {debit} is {} for {hours} hours; ask the head-end", order.state)
        };
        let breaks: Vec<Break<'_>> =
            page.iter().map(|order| yes::break_of(ctx, order, BreakKind::MeterUncredited, detail(order))).collect();
        let opened = breaks::open(&mut tx, &breaks).await?;
        tx.commit().await?;
        if opened > 0 {
            tally.add("silent", i64::try_from(opened).unwrap_or(i64::MAX));
        }
    }
}
