//! What stands against closing a day (design §5); whether it does is a rule.

use chrono::{Days, NaiveDate};
use yichong_core::model::ids::AccountNo;
use yichong_core::model::money::Fen;
use yichong_core::rules::closing::DayFacts;

use crate::app::{App, Context};
use crate::definition::StepName;
use crate::error::JobError;
use crate::findings;
use yichong_store::db::Tx;
use yichong_store::invariants::Span;
use yichong_store::{calendars, certificates, runs};

/// Unowned breaks that are named; one would be enough.
const BREAKS_MOST: i64 = 20;

/// How many dates back debits and files are looked at once more.
const LATELY_DAYS: u64 = 31;

/// Gathers the facts of a date that is not closed.
pub(super) async fn facts(ctx: &Context<'_>) -> Result<DayFacts, JobError> {
    let (app, date) = (ctx.app, ctx.business_date);
    // The `verify` step, which looks at everything, may be hours old when a waiting day goes on: what can have moved
    // since is looked at once more.
    let from = date.checked_sub_days(Days::new(LATELY_DAYS)).unwrap_or(date);
    let lately = Span { from, to: Span::all().to };
    let (_, broken) = findings::database(app, lately, lately).await?;
    let failed_invariants = findings::findings(broken).iter().map(ToString::to_string).collect();
    let mut tx = app.db.read().await?;
    let night = night(app);
    Ok(DayFacts {
        failed_invariants,
        unfinished_files: unfinished_files(&mut tx, date).await?,
        missing_statements: missing_statements(app, &mut tx, date).await?,
        unowned_breaks: unowned_breaks(&mut tx).await?,
        earlier_open: earlier_open(&mut tx, date, night.unwrap_or_default()).await?,
        night_open: night_open(&mut tx, date, night).await?,
    })
}

/// The job that selects: what its file is called is the site's affair.
fn night(app: &App) -> Option<&str> {
    app.jobs.iter().find(|job| job.steps.contains(&StepName::Select)).map(|job| job.name.as_str())
}

async fn unfinished_files(tx: &mut Tx, date: NaiveDate) -> Result<Vec<String>, JobError> {
    let files = certificates::unfinished(tx, date).await?;
    let words = |f: certificates::UnfinishedRow| {
        format!(
            "{} of {} is {}{}",
            f.file_name,
            f.bank,
            f.state,
            f.problem.map_or(String::new(), |why| format!(": {why}"))
        )
    };
    Ok(files.into_iter().map(words).collect())
}

/// Money whose time is over by the end of the date, and no statement that could list it.
async fn missing_statements(app: &App, tx: &mut Tx, date: NaiveDate) -> Result<Vec<String>, JobError> {
    let mut missing = Vec::new();
    for awaited in certificates::without_statement(tx, date).await? {
        let what = format!(
            "{} for bank date {}: {} debits, {} yuan",
            awaited.bank,
            awaited.bank_date,
            awaited.count,
            Fen(awaited.sum_fen)
        );
        let Some(bank) = app.config.bank(&awaited.bank) else {
            missing.push(format!("{what}; the bank is not in the configuration any more, put it back"));
            continue;
        };
        let calendar = calendars::load(tx, &bank.calendar).await?;
        let settle_by = calendar.after(awaited.bank_date, bank.settle_days)?;
        if settle_by <= date {
            missing.push(format!("{what}, due by {settle_by}"));
        }
    }
    Ok(missing)
}

async fn unowned_breaks(tx: &mut Tx) -> Result<Vec<String>, JobError> {
    let breaks = certificates::unowned_breaks(tx, BREAKS_MOST).await?;
    let words =
        |(kind, account, about, fen)| format!("break:{kind}:{}:{about} of {} yuan", AccountNo(account), Fen(fen));
    Ok(breaks.into_iter().map(words).collect())
}

/// The first day before this one that is not closed.
async fn earlier_open(tx: &mut Tx, date: NaiveDate, night: &str) -> Result<Option<NaiveDate>, JobError> {
    let next = match certificates::last(tx).await? {
        Some(last) => last.business_date.checked_add_days(Days::new(1)),
        None => certificates::first_day(tx, night).await?,
    };
    Ok(next.filter(|next| *next < date))
}

async fn night_open(tx: &mut Tx, date: NaiveDate, night: Option<&str>) -> Result<bool, JobError> {
    let Some(night) = night else { return Ok(false) };
    let run = runs::find(tx, night, date).await?;
    Ok(!run.is_some_and(|run| matches!(run.state.as_str(), "done" | "skipped")))
}
