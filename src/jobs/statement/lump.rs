//! Pass 2 for lumps (汇总入账): one that ties settles its batch debit by debit; one that does not waits whole in suspense.
//!
//! Settling takes many transactions. The line is marked first (`settling`: out of the bank account, `explaining`: out
//! of suspense), the debits follow in pages, the booking comes last: whoever finds a marked line goes on with it.

use chrono::NaiveDate;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::money::Fen;
use yichong_core::rules::posting::Posting;
use yichong_core::rules::settlement::{Booking, Known, judge, ties_by_now};

use super::booking::{as_money, belongs_to, entry, into_suspense, opened};
use super::place;
use crate::app::{Context, Tally};
use crate::error::{JobError, Kind};
use yichong_gateways::crash;
use yichong_store::batches;
use yichong_store::breaks;
use yichong_store::certificates;
use yichong_store::db::Tx;
use yichong_store::ledger;
use yichong_store::money::batch::{self, Paid, Settling, Sums};
use yichong_store::money::{self, MoneyRow};

/// Debits whose numbers (16 bytes each) are in memory at once.
const KEYS_MOST: usize = 1 << 19;

/// The breaks that wait for a lump's money to be explained.
pub const WAITING: [BreakKind; 7] = [
    BreakKind::DayCut,
    BreakKind::Short,
    BreakKind::Over,
    BreakKind::MoneyUnanswered,
    BreakKind::AmountDiffers,
    BreakKind::StateDiffers,
    BreakKind::Duplicate,
];

/// Books one line of a batch, or goes on with it.
pub async fn book(ctx: &Context<'_>, line: &MoneyRow, tally: &mut Tally) -> Result<(), JobError> {
    let (word, fresh) = match line.booking.as_deref() {
        None => decide(ctx, line).await.map(|(word, sums)| (word, Some(sums)))?,
        Some(money::SETTLING) => (money::SETTLING, None),
        Some(_) => (money::EXPLAINING, None),
    };
    let marked = [money::SETTLING, money::EXPLAINING].contains(&word);
    let word = if marked { settle(ctx, line, word, fresh).await? } else { word };
    tally.add(word, 1);
    Ok(())
}

/// What a batch has waiting in suspense, fen, and the lines that hold it.
pub async fn suspended(tx: &mut Tx, batch_id: i64) -> Result<(i64, Vec<MoneyRow>), JobError> {
    let lines = batch::waiting(tx, batch_id).await?;
    if lines.is_empty() {
        return Ok((0, lines));
    }
    let keys: Vec<(i64, i64)> = lines.iter().map(|line| (line.account, line.money_no)).collect();
    let held: i64 = batch::held(tx, &keys).await?.iter().map(|(_, _, fen)| fen).sum();
    Ok((held - batch::explained_by_waiting(tx, batch_id).await?, lines))
}

/// First transaction: the verdict, and everything that is not per debit.
async fn decide(ctx: &Context<'_>, line: &MoneyRow) -> Result<(&'static str, Sums), JobError> {
    let batch_id = line.batch_id.unwrap_or_default();
    let money = as_money(line)?;
    let mut tx = ctx.page().await?;
    let sums = batch::sums(&mut tx, batch_id, line.bank_date).await?;
    let (waiting, _) = suspended(&mut tx, batch_id).await?;
    let posted_on = certificates::open_date(&mut tx, belongs_to(ctx, line)).await?;
    let by = |paid: Paid| judge(&money, &Known::Batch(paid.known(&sums, waiting)));
    let settles = [Paid::Gross, Paid::Net].into_iter().find(|paid| by(*paid).booking == Booking::SettleBatch);
    let verdict = by(settles.unwrap_or(Paid::Net));
    let mut entries = Vec::new();
    let word = match (verdict.booking, settles) {
        (Booking::SettleBatch, Some(paid)) if line.gross().0 == paid.awaited(&sums) => {
            let fee = entry(line, Posting::Fee, line.money_no, Fen(line.fee_fen), posted_on);
            entries.extend((line.fee_fen > 0).then_some(fee));
            money::SETTLING
        }
        (Booking::SettleBatch, _) => {
            entries = into_suspense(line, posted_on);
            money::EXPLAINING
        }
        (Booking::Fee, _) => {
            entries.push(entry(line, Posting::Fee, line.money_no, Fen(-line.amount_fen), posted_on));
            money::FEE
        }
        _ if line.amount_fen == 0 && line.fee_fen == 0 => money::NOTHING,
        _ => {
            entries = into_suspense(line, posted_on);
            money::SUSPENDED
        }
    };
    ledger::post(&mut tx, &entries).await?;
    if let Some((kind, difference)) = verdict.opens {
        let detail = differs(line, &sums, waiting);
        breaks::open(&mut tx, &[opened(line, kind, difference, ctx.business_date, detail)]).await?;
    }
    money::book(&mut tx, &[(line.account, line.money_no, "", word)]).await?;
    tx.commit().await?;
    crash::point("statement.page.after_commit");
    Ok((word, sums))
}

fn differs(line: &MoneyRow, sums: &Sums, waiting: i64) -> String {
    let batch_id = line.batch_id.unwrap_or_default();
    let (lump, awaited, waiting) = (line.gross(), Fen(sums.live_fen), Fen(waiting));
    let unanswered = Fen(sums.unanswered_fen);
    format!(
        "{}: {lump} for batch {batch_id}, which awaits {awaited} ({unanswered} unanswered), {waiting} in suspense",
        place(line)
    )
}

/// Settles a marked line's batch; says the line's booking in the end. `fresh`: the batch's sums where they were summed
/// just now, for the line's mark; whoever goes on with a settling that was cut short sums again.
pub async fn settle(
    ctx: &Context<'_>,
    line: &MoneyRow,
    mark: &'static str,
    fresh: Option<Sums>,
) -> Result<&'static str, JobError> {
    let batch_id = line.batch_id.unwrap_or_default();
    let mut fresh = fresh.filter(|_| mark == money::SETTLING);
    // A late answer between two tries may change what is awaited; more than a few such changes are no accident.
    for _ in 0..4 {
        let mut tx = ctx.page().await?;
        let (sums, left) = match fresh.take() {
            Some(sums) => (sums, line.gross().0),
            None => {
                let left = left(&mut tx, line, mark).await?;
                if left == 0 {
                    return finish(ctx, tx, line, mark).await;
                }
                (batch::sums(&mut tx, batch_id, line.bank_date).await?, left)
            }
        };
        let Some(paid) = [Paid::Gross, Paid::Net].into_iter().find(|paid| paid.awaited(&sums) == left) else {
            return back_to_suspense(ctx, tx, line, mark, left, &sums).await;
        };
        let last = batches::find(&mut tx, batch_id).await?.map_or(0, |batch| batch.debits);
        drop(tx);
        let posting = if mark == money::SETTLING { Posting::Settled } else { Posting::Explained };
        let (money_no, answered_to) = (line.money_no, sums.answered_to.unwrap_or_else(|| ctx.now()));
        let settling = Settling { batch_id, paid, answered_to, posting, money_no, cause: &place(line) };
        let settled = pages(ctx, line, &settling, last).await?;
        if mark == money::SETTLING && settled == left {
            return finish(ctx, ctx.page().await?, line, mark).await;
        }
    }
    let said = format!("{}: batch {batch_id} does not come to an end being settled; run the step again", place(line));
    Err(JobError::new(Kind::Waiting, said))
}

/// The debits in pages, in the order of accounts, as the table and the ledger have them. Says what was settled, fen; a
/// page of which somebody took a debit away counts for nothing, and is summed again.
async fn pages(ctx: &Context<'_>, line: &MoneyRow, settling: &Settling<'_>, last: i64) -> Result<i64, JobError> {
    let mut settled = 0;
    for after in (0..last).step_by(KEYS_MOST) {
        let to = after + i64::try_from(KEYS_MOST).unwrap_or(last);
        let mut debits = batch::due(&mut ctx.app.db.read().await?, settling, after, to).await?;
        debits.sort_unstable();
        for page in debits.chunks(usize::try_from(ctx.app.page).unwrap_or(1)) {
            let mut tx = ctx.page().await?;
            let posted_on = certificates::open_date(&mut tx, belongs_to(ctx, line)).await?;
            let done = batch::settle(&mut tx, settling, posted_on, page).await?;
            tx.commit().await?;
            crash::point("statement.page.after_commit");
            ctx.more("statement", usize::try_from(done).unwrap_or(0));
            if done == page.len() as u64 {
                settled += page.iter().map(|(_, _, fen)| fen).sum::<i64>();
            }
        }
    }
    Ok(settled)
}

/// What a marked line still has to settle, fen.
async fn left(tx: &mut Tx, line: &MoneyRow, mark: &str) -> Result<i64, JobError> {
    let batch_id = line.batch_id.unwrap_or_default();
    if mark == money::SETTLING {
        return Ok(line.gross().0 - batch::settled_by(tx, batch_id, line.money_no).await?);
    }
    Ok(suspended(tx, batch_id).await?.0)
}

/// Last transaction: the line is booked; what waited with it is explained, and its breaks are healed.
async fn finish(ctx: &Context<'_>, mut tx: Tx, line: &MoneyRow, mark: &'static str) -> Result<&'static str, JobError> {
    if mark == money::SETTLING {
        money::book(&mut tx, &[(line.account, line.money_no, mark, money::SETTLED_BATCH)]).await?;
    } else {
        let (_, lines) = suspended(&mut tx, line.batch_id.unwrap_or_default()).await?;
        let keys: Vec<(i64, i64)> = lines.iter().map(|line| (line.account, line.money_no)).collect();
        batch::explained(&mut tx, &keys).await?;
        heal(&mut tx, ctx.business_date, &keys, &format!("{} ties with what waited", place(line))).await?;
    }
    tx.commit().await?;
    crash::point("statement.page.after_commit");
    Ok(if mark == money::SETTLING { money::SETTLED_BATCH } else { money::EXPLAINED })
}

/// Heals the breaks of lines (account, money number) that held money in suspense.
pub async fn heal(tx: &mut Tx, on: NaiveDate, lines: &[(i64, i64)], how: &str) -> Result<(), JobError> {
    let breaks: Vec<(i64, BreakKind, i64)> =
        lines.iter().flat_map(|line| WAITING.map(|kind| (line.0, kind, line.1))).collect();
    breaks::heal(tx, on, how, &breaks).await?;
    Ok(())
}

/// The batch changed under a settling that was cut short: what is left waits like a lump that does not tie.
async fn back_to_suspense(
    ctx: &Context<'_>,
    mut tx: Tx,
    line: &MoneyRow,
    mark: &'static str,
    left: i64,
    sums: &Sums,
) -> Result<&'static str, JobError> {
    if mark == money::SETTLING {
        let posted_on = certificates::open_date(&mut tx, belongs_to(ctx, line)).await?;
        ledger::post(&mut tx, &[entry(line, Posting::Unexplained, line.money_no, Fen(left), posted_on)]).await?;
    }
    let missing = sums.live_fen - left;
    let kind = if missing > 0 { BreakKind::Short } else { BreakKind::Over };
    let detail = differs(line, sums, left);
    breaks::open(&mut tx, &[opened(line, kind, Fen(missing.abs()), ctx.business_date, detail)]).await?;
    money::book(&mut tx, &[(line.account, line.money_no, mark, money::SUSPENDED)]).await?;
    tx.commit().await?;
    Ok(money::SUSPENDED)
}

/// Whether what waits in suspense for a batch ties by now (a late answer came, two people put a difference right): then
/// the last of its lines is marked, and settling can go on from there.
pub async fn tie_by_now(ctx: &Context<'_>, tx: &mut Tx, batch_id: i64) -> Result<Option<MoneyRow>, JobError> {
    let (waiting, lines) = suspended(tx, batch_id).await?;
    let Some(last) = lines.last().cloned() else { return Ok(None) };
    if lines.iter().any(|line| line.booking.as_deref() == Some(money::EXPLAINING)) {
        return Ok(lines.into_iter().find(|line| line.booking.as_deref() == Some(money::EXPLAINING)));
    }
    let sums = batch::sums(tx, batch_id, ctx.business_date).await?;
    let ties = [Paid::Gross, Paid::Net].into_iter().any(|paid| ties_by_now(&paid.known(&sums, waiting)));
    if !ties {
        return Ok(None);
    }
    money::book(tx, &[(last.account, last.money_no, money::SUSPENDED, money::EXPLAINING)]).await?;
    Ok(Some(MoneyRow { booking: Some(money::EXPLAINING.to_owned()), ..last }))
}
