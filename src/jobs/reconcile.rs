//! Step: what should be there by now and is not becomes a break; what came to agree by itself is healed.
//!
//! Within a bank's stated lag a difference is in transit. After it: debits without an answer (无回盘) are unanswered and
//! never sent again; paid debits without money (未到账) are breaks. Money that waited in suspense is explained as soon
//! as the facts agree.

pub mod healing;

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::calendar::{Calendar, MissingYear};
use yichong_core::model::debit::{self, Event};
use yichong_core::model::money::Fen;

use super::app::{Context, Outcome, Tally};
use super::error::{JobError, Kind};
use crate::config::Bank;
use yichong_gateways::crash;
use yichong_store::breaks::{self, Break};
use yichong_store::calendars;
use yichong_store::debits::{self, DebitRow, Move};
use yichong_store::money::due;

/// The step.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let mut tally = Tally::default();
    for bank in &ctx.app.config.banks {
        let mut tx = ctx.app.db.read().await?;
        let calendar = calendars::load(&mut tx, &bank.calendar).await?;
        drop(tx);
        lapse(ctx, bank, &calendar, &mut tally).await?;
        let suspended = healing::explain(ctx, bank, &mut tally).await?;
        unsettled(ctx, bank, &calendar, &suspended, &mut tally).await?;
        healing::heal(ctx, bank, &mut tally).await?;
    }
    Ok(Outcome::Done(tally))
}

/// The last day whose deadline, so many bank days later, lies before a date; `None`: none within the year before.
pub fn overdue(calendar: &Calendar, days: u32, today: NaiveDate) -> Result<Option<NaiveDate>, MissingYear> {
    for back in 1..=366 {
        let Some(day) = today.checked_sub_days(Days::new(back)) else { return Ok(None) };
        if calendar.after(day, days)? < today {
            return Ok(Some(day));
        }
    }
    Ok(None)
}

/// Sent batches past `answer_by`: what nobody answered is unanswered, each a break 无回盘 of the amount asked.
async fn lapse(ctx: &Context<'_>, bank: &Bank, calendar: &Calendar, tally: &mut Tally) -> Result<(), JobError> {
    let Some(up_to) = overdue(calendar, bank.answer_days, ctx.business_date)? else { return Ok(()) };
    let mut tx = ctx.app.db.read().await?;
    let batches = due::silent_batches(&mut tx, &bank.code, up_to).await?;
    drop(tx);
    for batch_id in batches {
        let mut after = 0;
        loop {
            let mut tx = ctx.page().await?;
            let page = debits::of_batch(&mut tx, batch_id, after, ctx.app.page).await?;
            let Some(last) = page.last() else { break };
            after = last.line_no.unwrap_or(i64::MAX);
            let silent: Vec<&DebitRow> = page.iter().filter(|debit| debit.state == "planned").collect();
            let moves = silent.iter().map(|debit| lapsed(debit)).collect::<Result<Vec<Move>, JobError>>()?;
            debits::shift(&mut tx, &moves, ctx.now()).await?;
            let opens: Vec<Break<'_>> = silent.iter().map(|debit| no_return(ctx, bank, debit)).collect();
            breaks::open(&mut tx, &opens).await?;
            tx.commit().await?;
            crash::point("reconcile.page.after_commit");
            tally.add("unanswered", i64::try_from(moves.len()).unwrap_or(0));
            ctx.more("reconcile", page.len());
        }
    }
    Ok(())
}

fn lapsed(debit: &DebitRow) -> Result<Move, JobError> {
    let from = debit.life()?;
    let (to, _) = debit::step(&from, &Event::Lapse)
        .map_err(|e| JobError::new(Kind::Books, format!("debit {}: {e}", debit.debit_no)))?;
    Ok(Move { account: debit.account, debit_no: debit.debit_no, from: from.word(), to, heard: None })
}

fn no_return<'a>(ctx: &Context<'_>, bank: &'a Bank, debit: &DebitRow) -> Break<'a> {
    let place = (debit.batch_id.unwrap_or_default(), debit.line_no.unwrap_or_default());
    Break {
        account: debit.account,
        kind: BreakKind::NoReturn,
        reference: debit.debit_no,
        bank: &bank.code,
        opened_on: ctx.business_date,
        bank_date: debit.business_date,
        amount: Fen(debit.amount_fen),
        owner: "finance",
        detail: format!(
            "batch {} line {}: no answer by {} bank days; ask the bank",
            place.0, place.1, bank.answer_days
        ),
    }
}

/// Paid debits past `settle_by` without money: each a break 未到账. Where a lump waits in suspense for the batch, its
/// break already says exactly what is missing, and saying it per debit would count it twice.
async fn unsettled(
    ctx: &Context<'_>,
    bank: &Bank,
    calendar: &Calendar,
    suspended: &BTreeSet<i64>,
    tally: &mut Tally,
) -> Result<(), JobError> {
    let Some(up_to) = overdue(calendar, bank.settle_days, ctx.business_date)? else { return Ok(()) };
    let mut after = (0, 0);
    loop {
        let mut tx = ctx.page().await?;
        let page = due::unsettled(&mut tx, &bank.code, up_to, after, ctx.app.page).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = (last.account, last.debit_no);
        let silent = |batch: Option<i64>| batch.is_none_or(|batch| !suspended.contains(&batch));
        let opens: Vec<Break<'_>> = page
            .iter()
            .filter(|debit| silent(debit.batch_id))
            .map(|debit| Break {
                account: debit.account,
                kind: BreakKind::Unsettled,
                reference: debit.debit_no,
                bank: &bank.code,
                opened_on: ctx.business_date,
                bank_date: debit.bank_date,
                amount: Fen(debit.taken_fen),
                owner: "finance",
                detail: format!(
                    "paid on {}, no money by {} bank days; ask the bank",
                    debit.bank_date, bank.settle_days
                ),
            })
            .collect();
        let opened = breaks::open(&mut tx, &opens).await?;
        tx.commit().await?;
        crash::point("reconcile.page.after_commit");
        tally.add("unsettled", i64::try_from(opened).unwrap_or(0));
        ctx.more("reconcile", page.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_is_counted_in_bank_days() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let calendar = Calendar::new("c", [2026], []);
        // Friday 20 November + 1 bank day is Monday 23: late from Tuesday 24 on.
        assert_eq!(overdue(&calendar, 1, day("2026-11-23")), Ok(Some(day("2026-11-19"))));
        assert_eq!(overdue(&calendar, 1, day("2026-11-24")), Ok(Some(day("2026-11-22"))));
        assert_eq!(overdue(&calendar, 0, day("2026-11-21")), Ok(Some(day("2026-11-20"))));
        assert!(overdue(&calendar, 1, day("2027-01-02")).is_err(), "no calendar, no guess");
    }
}
