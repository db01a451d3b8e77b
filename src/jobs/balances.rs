//! Balances from the head-end, before the selection looks at them. A missing or wrong file is never a balance of 0:
//! the old readings grow stale, and stale readings are not debited.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;

use super::app::{Context, Outcome, Tally};
use super::error::JobError;
use super::meter_door;
use crate::config::MeterKind;
use yichong_gateways::archive::Opened;
use yichong_gateways::meters::{BalanceLine, Balances, Unbelievable};
use yichong_store::accounts::readings::{self, Reading};
use yichong_store::{accounts, files_out};

/// Runs the step: safe at any time, and again.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let mut tally = Tally::default();
    if ctx.app.config.meters.kind == MeterKind::Ledger {
        return Ok(Outcome::Done(tally));
    }
    let door = meter_door::door(ctx);
    for name in door.waiting()? {
        let Some(date) = date_of(&name).filter(|date| *date <= ctx.business_date) else { continue };
        let Some(kept_as) = meter_door::keep(ctx, &door, &name)? else {
            tally.add("growing", 1);
            continue;
        };
        match check(ctx, &kept_as)? {
            Ok(lines) => {
                take(ctx, &kept_as, date, &mut tally).await?;
                tally.add("lines", lines);
                door.remove(&name)?;
            }
            Err(problem) => {
                tally.add("quarantined", 1);
                let reference = files_out::number(date, 0, 0);
                meter_door::quarantine(ctx, &door, (&name, &kept_as, reference), &problem.to_string()).await?;
            }
        }
    }
    if !meter_door::came(ctx, &name_of(ctx.business_date)) {
        tally.add("missing", 1);
    }
    Ok(Outcome::Done(tally))
}

fn name_of(date: NaiveDate) -> String {
    format!("balances-{}.csv", date.format("%Y%m%d"))
}

fn date_of(name: &str) -> Option<NaiveDate> {
    let date = name.strip_prefix("balances-")?.strip_suffix(".csv")?;
    NaiveDate::parse_from_str(date, "%Y%m%d").ok().filter(|date| name_of(*date) == name)
}

fn open<'a>(ctx: &Context<'a>, kept_as: &str) -> Result<Opened<'a>, JobError> {
    Ok(ctx.app.archive.open(&ctx.app.vault, kept_as)?)
}

/// Pass 1: the whole file is read once before anything is changed. Says how many lines it has.
fn check(ctx: &Context<'_>, kept_as: &str) -> Result<Result<i64, Unbelievable>, JobError> {
    let mut balances = match Balances::open(open(ctx, kept_as)?) {
        Ok(balances) => balances,
        Err(problem) => return Ok(Err(problem)),
    };
    let (mut seen, mut lines) = (HashSet::new(), 0);
    loop {
        let line = match balances.line() {
            Ok(Some(line)) => line,
            Ok(None) => return Ok(Ok(lines)),
            Err(problem) => return Ok(Err(problem)),
        };
        lines += 1;
        if !seen.insert(line.account.0) {
            return Ok(Err(balances.wrong(format!("account {} stands twice", line.account))));
        }
        // A reading of tomorrow would never grow stale.
        if line.read_at > ctx.now() {
            return Ok(Err(balances.wrong(format!("account {} was read in the future", line.account))));
        }
    }
}

/// Pass 2: page by page; a reading that is known already changes nothing, so a page may come twice.
async fn take(ctx: &Context<'_>, kept_as: &str, date: NaiveDate, tally: &mut Tally) -> Result<(), JobError> {
    let wrong = |problem: Unbelievable| JobError::input(format!("{kept_as}: {problem}"));
    let mut balances = Balances::open(open(ctx, kept_as)?).map_err(wrong)?;
    let mut page = Vec::new();
    loop {
        let line = balances.line().map_err(wrong)?;
        let last = line.is_none();
        page.extend(line);
        let full = i64::try_from(page.len()).is_ok_and(|length| length >= ctx.app.page);
        if (full || last) && !page.is_empty() {
            record(ctx, &page, date, tally).await?;
            ctx.more("balances", page.len());
            page.clear();
        }
        if last {
            return Ok(());
        }
    }
}

async fn record(ctx: &Context<'_>, page: &[BalanceLine], date: NaiveDate, tally: &mut Tally) -> Result<(), JobError> {
    let keys: Vec<i64> = page.iter().map(|line| line.account.0).collect();
    let mut tx = ctx.page().await?;
    let ours: HashSet<i64> = accounts::page(&mut tx, &keys).await?.into_iter().map(|row| row.account).collect();
    let known: HashMap<i64, (i64, Option<NaiveDate>)> = readings::page(&mut tx, &keys)
        .await?
        .into_iter()
        .map(|row| (row.account, (row.free_fen, row.free_until)))
        .collect();
    let reading = |line: &BalanceLine| {
        // How long free credit counts is ours to know; where the file has none, what is known stays.
        let (free_fen, free_until) = known.get(&line.account.0).copied().unwrap_or((0, None));
        Reading {
            account: line.account.0,
            paid_fen: line.paid.0,
            free_fen: line.free.map_or(free_fen, |free| free.0),
            free_until,
            read_at: line.read_at,
            since: date,
        }
    };
    let taken: Vec<Reading> = page.iter().filter(|line| ours.contains(&line.account.0)).map(reading).collect();
    let recorded = readings::record(&mut tx, &taken).await?;
    tx.commit().await?;
    let unknown = page.len() - taken.len();
    let counts = [("changed", recorded.changed), ("same", recorded.same), ("old", recorded.old)];
    for (what, count) in counts.into_iter().chain([("unknown_accounts", unknown as u64)]).filter(|(_, n)| *n > 0) {
        tally.add(what, i64::try_from(count).unwrap_or(i64::MAX));
    }
    Ok(())
}
