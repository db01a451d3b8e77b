//! Step: the bank's files. Planned debits get their lines, the files are composed, archived and sealed.
//!
//! Until a bank's batches are sealed (one transaction) everything here is a function of the planned debits and may
//! be done
//! again: the same debits come to the same lines and the same bytes.

use chrono::{DateTime, Utc};
use yichong_core::formats::records::Params;
use yichong_core::formats::{Format, RecordReader};
use yichong_core::model::debit::{Event, State, step};

use super::app::{Ahead, Context, Outcome, Tally};
use super::assembly::{Assembly, Night, Part, facts};
use super::doors::ShutDoors;
use super::error::{JobError, Kind};
use super::select::{Picker, beginning};
use super::signature;
use crate::config::Bank;
use yichong_gateways::crash;
use yichong_store::batches::{self, BatchRow};
use yichong_store::calendars;
use yichong_store::candidates::{self, Passed};
use yichong_store::debits::planning::{self, Filed};
use yichong_store::debits::{self, Move};
use yichong_store::files;

/// Lines are kept in memory until so many are known (32 bytes each): a night of any size needs no more.
const PLACES_MOST: usize = 1 << 20;

/// The step.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let (mut tally, mut shut) = (Tally::default(), ShutDoors::default());
    for bank in &ctx.app.config.banks {
        // Without its key a bank's file cannot be made: that is its affair alone.
        match signature::own(bank, ctx.app.format(&bank.debit)?) {
            Ok(_) => one_bank(ctx, bank, &mut tally).await?,
            Err(error) => shut.refuse(&bank.code, error),
        }
    }
    Ok(shut.outcome(tally))
}

async fn one_bank(ctx: &Context<'_>, bank: &Bank, tally: &mut Tally) -> Result<(), JobError> {
    let app = ctx.app;
    let mut tx = app.db.read().await?;
    let picker = Picker::new(app, &mut tx, bank, ctx.business_date, ctx.scheduled_at).await?;
    let seq = batches::next_seq(&mut tx, &bank.code, ctx.business_date).await?;
    let calendar = calendars::load(&mut tx, &bank.calendar).await?;
    drop(tx);
    let format = app.format(&bank.debit)?;
    let work = app.config.folders.data.join("work");
    let mut assembly = Assembly::begin(Night {
        vault: &app.vault,
        bank,
        format,
        facts: facts(bank, ctx.business_date, ctx.scheduled_at, seq, Some(calendar)),
        scheduled_at: ctx.scheduled_at,
        folder: &work,
    })?;
    let mut places = Vec::new();
    let history = format.asks_history();
    let mut ahead = planned(ctx, bank, history, beginning());
    loop {
        let (page, inactive) = ahead.done().await?;
        let Some(last) = page.last() else { break };
        ahead = planned(ctx, bank, history, (last.signed_at, last.account));
        let rows = page.len();
        let mut dropped = Vec::new();
        for debit in &page {
            if let Some((_, _, state)) = inactive.iter().find(|(account, ..)| *account == debit.account) {
                dropped.push(Dropped {
                    debit,
                    rule: "agreement_active",
                    why: format!("agreement is {state} by now"),
                    hold: false,
                });
                continue;
            }
            match assembly.add(debit, picker.shared_card(&debit.card_index))? {
                Ok((batch, line)) => places.push((debit.account, debit.debit_no, batch, line)),
                Err(error) => dropped.push(Dropped { debit, rule: "not_held", why: error.to_string(), hold: true }),
            }
        }
        drop_debits(ctx, &dropped).await?;
        if places.len() >= PLACES_MOST {
            assign(ctx, &mut places).await?;
        }
        tally.add("dropped", i64::try_from(dropped.len()).unwrap_or(i64::MAX));
        ctx.more("file", rows);
    }
    assign(ctx, &mut places).await?;
    crash::point("file.body.after_write");
    seal(ctx, bank, &assembly, tally).await?;
    assembly.clear()
}

/// Puts debits on their lines, in the order of accounts: the file's order would touch another place of the table for
/// every row, a million times.
async fn assign(ctx: &Context<'_>, places: &mut Vec<(i64, i64, i64, i64)>) -> Result<(), JobError> {
    places.sort_unstable();
    for page in places.chunks(usize::try_from(ctx.app.page).unwrap_or(1)) {
        let mut tx = ctx.page().await?;
        planning::place(&mut tx, page).await?;
        tx.commit().await?;
        crash::point("file.assign.after_commit");
    }
    places.clear();
    Ok(())
}

/// A page of planned debits, and which of their agreements (account, number, state) are no longer active.
type Planned = (Vec<Filed>, Vec<(i64, i64, String)>);

fn planned(ctx: &Context<'_>, bank: &Bank, history: bool, after: (DateTime<Utc>, i64)) -> Ahead<Planned> {
    let (db, date, bank, most) = (ctx.app.db.clone(), ctx.business_date, bank.code.clone(), ctx.app.page);
    Ahead::read(async move {
        let mut tx = db.read().await?;
        let mut page = planning::planned(&mut tx, date, &bank, after, most).await?;
        if history {
            planning::firsts(&mut tx, &mut page).await?;
            planning::replaced(&mut tx, &bank, &mut page).await?;
        }
        let agreements: Vec<(i64, i64)> = page.iter().map(|d| (d.account, d.number)).collect();
        let inactive = candidates::no_longer_active(&mut tx, &agreements).await?;
        Ok((page, inactive))
    })
}

/// A planned debit that cannot stand in its file: void, with the reason kept; the others go on.
struct Dropped<'a> {
    debit: &'a Filed,
    rule: &'static str,
    why: String,
    /// A format fault: held until an operator has looked.
    hold: bool,
}

async fn drop_debits(ctx: &Context<'_>, dropped: &[Dropped<'_>]) -> Result<(), JobError> {
    if dropped.is_empty() {
        return Ok(());
    }
    let (to, _) = step(&State::Planned { sent: false }, &Event::Void)
        .map_err(|illegal| JobError::new(Kind::Books, illegal.to_string()))?;
    let moves: Vec<Move> = dropped
        .iter()
        .map(|d| Move {
            account: d.debit.account,
            debit_no: d.debit.debit_no,
            from: "planned",
            to: to.clone(),
            heard: None,
        })
        .collect();
    let passed: Vec<Passed> = dropped
        .iter()
        .map(|d| Passed {
            account: d.debit.account,
            business_date: ctx.business_date,
            number: d.debit.number,
            rule: d.rule.to_owned(),
            rule_version: yichong_core::rules::RULE_VERSION,
            inputs: serde_json::json!({ "dropped": d.why, "debit_no": d.debit.debit_no }).to_string(),
        })
        .collect();
    let held: Vec<(i64, i64)> = dropped.iter().filter(|d| d.hold).map(|d| (d.debit.account, d.debit.number)).collect();
    let mut tx = ctx.page().await?;
    debits::shift(&mut tx, &moves, ctx.now()).await?;
    candidates::keep(&mut tx, &passed).await?;
    candidates::hold(&mut tx, &held).await?;
    tx.commit().await?;
    Ok(())
}

/// Archives every file, then seals all of a bank's batches in one transaction.
async fn seal(ctx: &Context<'_>, bank: &Bank, assembly: &Assembly<'_>, tally: &mut Tally) -> Result<(), JobError> {
    let app = ctx.app;
    let format = app.format(&bank.debit)?;
    let mut sealed = Vec::new();
    for part in assembly.parts().iter().filter(|part| part.totals.count > 0) {
        let row = archived(ctx, bank, part, format, ctx.now())?;
        tally.add("files", 1);
        tally.add("debits", row.debits);
        tally.add("sum_fen", row.sum_fen);
        sealed.push(row);
    }
    let mut tx = ctx.page().await?;
    files::keep_format(&mut tx, &format.hash_hex(), format.name(), app.format_text(format.name())).await?;
    for row in &sealed {
        batches::seal(&mut tx, row).await?;
    }
    crash::point("file.seal.before_commit");
    tx.commit().await?;
    crash::point("file.seal.after_commit");
    Ok(())
}

fn archived(
    ctx: &Context<'_>,
    bank: &Bank,
    part: &Part<'_>,
    format: &Format,
    sealed_at: DateTime<Utc>,
) -> Result<BatchRow, JobError> {
    let count = i64::try_from(part.totals.count).unwrap_or(i64::MAX);
    let new = i64::try_from(part.new).unwrap_or(i64::MAX);
    let mut row = BatchRow {
        batch_id: part.batch_id,
        bank: bank.code.clone(),
        business_date: ctx.business_date,
        file_date: ctx.business_date,
        seq: part.seq,
        state: "sealed".into(),
        file_name: part.file_name.clone(),
        format_hash: format.hash_hex(),
        debits: count,
        sum_fen: part.totals.sum.0,
        largest_fen: part.largest.0,
        new_per_mille: new * 1_000 / count.max(1),
        bytes: 0,
        sha256: String::new(),
        sealed_at,
        hold_reason: None,
        limits: None,
        released_by: None,
        sent_at: None,
    };
    let points = ["file.archive.after_fsync", "file.archive.after_rename"];
    let kept = ctx.app.archive.keep(&ctx.app.vault, &row.archive_name(), part.compose()?, points)?;
    read_back(format, part)?;
    row.sha256 = kept.sha256;
    row.bytes = i64::try_from(kept.bytes).unwrap_or(i64::MAX);
    Ok(row)
}

/// A standard's file is read with our own reader before anybody may release it: other totals than ours are a fault of
/// ours.
fn read_back(format: &Format, part: &Part<'_>) -> Result<(), JobError> {
    if !format.is_standard() {
        return Ok(());
    }
    let wrong = |problem: String| {
        let said = format!("{} does not read back: {problem}; nothing was sealed", part.file_name);
        JobError::new(Kind::Books, said)
    };
    let reader = RecordReader::open(format, &Params::new(), &part.file_name, part.compose()?);
    let read = reader.finish().map_err(|error| wrong(error.to_string()))?;
    if read != part.totals {
        let (a, b) = (read, part.totals);
        return Err(wrong(format!("{} rows of {}, {} of {} were written", a.count, a.sum, b.count, b.sum)));
    }
    Ok(())
}
