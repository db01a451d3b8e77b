//! Breaks whose facts agree by now: money that waited is explained and its break heals, nobody has to.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::ids::DebitNo;
use yichong_core::model::money::Fen;
use yichong_core::rules::posting::Posting;

use crate::app::{Context, Tally};
use crate::config::Bank;
use crate::error::JobError;
use crate::statement::booking::entry;
use crate::statement::lump;
use yichong_gateways::crash;
use yichong_store::breaks;
use yichong_store::certificates;
use yichong_store::db::Tx;
use yichong_store::debits::{self, DebitRow};
use yichong_store::ledger;
use yichong_store::money::{self, MoneyRow, batch, due};

/// Explains what can be explained of a bank's suspense; gives the batches that still have lumps waiting there.
pub async fn explain(ctx: &Context<'_>, bank: &Bank, tally: &mut Tally) -> Result<BTreeSet<i64>, JobError> {
    let mut batches = BTreeSet::new();
    let mut after = 0;
    loop {
        let mut tx = ctx.page().await?;
        let lines = due::open_lines(&mut tx, &bank.code, after, ctx.app.page).await?;
        let Some(last) = lines.last() else { break };
        after = last.money_no;
        for line in lines.iter().filter(|line| line.booking.as_deref() == Some(money::SETTLING)) {
            tracing::info!(line = line.money_no, "its statement is still being booked");
        }
        batches.extend(lines.iter().filter_map(|line| line.batch_id));
        let singles: Vec<MoneyRow> = lines.into_iter().filter(|line| line.debit_no.is_some()).collect();
        let explained = explain_singles(&mut tx, ctx.business_date, &singles).await?;
        tx.commit().await?;
        crash::point("reconcile.page.after_commit");
        tally.add("explained", i64::try_from(explained).unwrap_or(0));
    }
    let mut waiting = BTreeSet::new();
    for batch_id in batches {
        let mut tx = ctx.page().await?;
        let marked = lump::tie_by_now(ctx, &mut tx, batch_id).await?;
        tx.commit().await?;
        let word = match &marked {
            Some(line) => lump::settle(ctx, line, money::EXPLAINING, None).await?,
            None => money::SUSPENDED,
        };
        if word == money::SUSPENDED {
            waiting.insert(batch_id);
        } else {
            tally.add("lumps explained", 1);
        }
    }
    Ok(waiting)
}

/// Single lines whose debit is paid by now, with exactly what they hold: suspense → clearing, and the debit is settled.
pub async fn explain_singles(tx: &mut Tx, on: NaiveDate, lines: &[MoneyRow]) -> Result<usize, JobError> {
    let numbers: Vec<DebitNo> = lines.iter().filter_map(|line| line.debit_no.map(DebitNo)).collect();
    let debits: BTreeMap<i64, DebitRow> =
        debits::by_number(tx, &numbers).await?.into_iter().map(|debit| (debit.debit_no, debit)).collect();
    let keys: Vec<(i64, i64)> = lines.iter().map(|line| (line.account, line.money_no)).collect();
    let held: BTreeMap<(i64, i64), i64> =
        batch::held(tx, &keys).await?.into_iter().map(|(account, money_no, fen)| ((account, money_no), fen)).collect();
    let posted_on = certificates::open_date(tx, on).await?;
    let (mut entries, mut settled, mut taken) = (Vec::new(), Vec::new(), BTreeSet::new());
    for line in lines {
        let Some(debit) = line.debit_no.and_then(|number| debits.get(&number)) else { continue };
        let holds = held.get(&(line.account, line.money_no)).copied();
        // Two lines may wait for one debit: the first that fits settles it.
        let fits = debit.settled_by.is_none() && debit.taken_fen.is_some() && debit.taken_fen == holds;
        if fits && taken.insert(debit.debit_no) {
            entries.push(entry(line, Posting::Explained, debit.debit_no, Fen(holds.unwrap_or(0)), posted_on));
            settled.push((line.account, debit.debit_no, line.money_no));
        }
    }
    let keys: Vec<(i64, i64)> = settled.iter().map(|(account, _, money_no)| (*account, *money_no)).collect();
    ledger::post(tx, &entries).await?;
    money::settle(tx, &settled).await?;
    batch::explained(tx, &keys).await?;
    lump::heal(tx, on, &keys, "the debit is paid by now and its money was there").await?;
    Ok(settled.len())
}

/// 无回盘 that were answered, 未到账 that arrived.
pub async fn heal(ctx: &Context<'_>, bank: &Bank, tally: &mut Tally) -> Result<(), JobError> {
    for kind in [BreakKind::NoReturn, BreakKind::Unsettled] {
        loop {
            let mut tx = ctx.page().await?;
            let (found, how) = match kind {
                BreakKind::NoReturn => {
                    (due::answered_by_now(&mut tx, &bank.code, ctx.app.page).await?, "the debit is answered by now")
                }
                _ => (due::settled_by_now(&mut tx, &bank.code, ctx.app.page).await?, "the money is here by now"),
            };
            if found.is_empty() {
                break;
            }
            let keys: Vec<_> = found.iter().map(|(account, reference)| (*account, kind, *reference)).collect();
            let healed = breaks::heal(&mut tx, ctx.business_date, how, &keys).await?;
            tx.commit().await?;
            crash::point("reconcile.page.after_commit");
            tally.add("healed", i64::try_from(healed).unwrap_or(0));
        }
    }
    Ok(())
}
