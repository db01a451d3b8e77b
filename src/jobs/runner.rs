//! Runs a job: claims it with a lease and a fencing number, does its steps, records each, resumes where it stopped.

use std::pin::Pin;
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::app::{App, Context, Outcome, Tally};
use super::definition::{DateOf, Job, OncePer, StepName};
use super::error::{JobError, Kind};
use yichong_gateways::clock::instant;
use yichong_gateways::crash;
use yichong_gateways::host;
use yichong_store::audit::{self, Act};
use yichong_store::calendars;
use yichong_store::runs::{self, Claim, Ending, RunRow};

/// A holder that does not renew for so long may be taken over.
const LEASE_SECONDS: i64 = 90;

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "ended")]
pub enum Ended {
    /// Everything is done; what each step counted.
    Done {
        /// In order.
        steps: Vec<(String, Tally)>,
    },
    /// It was done before; nothing was changed.
    AlreadyDone,
    /// A person or a partner must act first.
    Waiting {
        /// Which step.
        step: String,
        /// For what.
        reason: String,
    },
}

/// Runs a job for a business date, or goes on with it.
pub async fn run(app: &App, name: &str, business_date: NaiveDate) -> Result<Ended, JobError> {
    let job = find(app, name)?;
    let now = app.clock.now();
    let slot = slot(job, business_date)?;
    let Some(run) = claim(app, job, business_date, slot.unwrap_or(now)).await? else {
        return held_or_done(app, name, business_date).await;
    };
    let heart = tokio::spawn(beat(app.db.clone(), app.clock, run.clone()));
    let ended = steps(app, job, &run).await;
    heart.abort();
    ended
}

/// A job by name; a typo is answered with the names there are.
pub fn find<'a>(app: &'a App, name: &str) -> Result<&'a Job, JobError> {
    app.jobs.iter().find(|job| job.name == name).ok_or_else(|| {
        let names: Vec<_> = app.jobs.iter().map(|job| job.name.as_str()).collect();
        JobError::new(Kind::Usage, format!("there is no job `{name}`; there are {}", names.join(", ")))
    })
}

/// The scheduled instant of a job's business date; sweeps have none of their own.
pub fn slot(job: &Job, business_date: NaiveDate) -> Result<Option<DateTime<Utc>>, JobError> {
    if job.once_per == OncePer::File {
        return Ok(None);
    }
    let day = match job.date {
        DateOf::Today => business_date,
        DateOf::Yesterday => business_date.checked_add_days(Days::new(1)).unwrap_or(business_date),
    };
    let midnight =
        instant(day, NaiveTime::MIN).with_timezone(&chrono_tz::Asia::Shanghai) - chrono::Duration::seconds(1);
    let fires = job.schedule(&job.name)?.after(&midnight).next().map(|at| at.with_timezone(&Utc));
    Ok(fires)
}

async fn claim(app: &App, job: &Job, date: NaiveDate, slot: DateTime<Utc>) -> Result<Option<RunRow>, JobError> {
    let now = app.clock.now();
    let inputs = inputs(app).await?;
    let me = host::me();
    let mut tx = app.db.write().await?;
    let before = runs::find(&mut tx, &job.name, date).await?;
    if before.is_none() && job.once_per == OncePer::Date && job.date == DateOf::Today {
        tonight_only(job, date, slot, now)?;
    }
    let dead = before.as_ref().map(|run| run.owner.as_str()).filter(|owner| host::is_dead(owner));
    let claimed = runs::claim(
        &mut tx,
        &Claim {
            job: &job.name,
            business_date: date,
            owner: &me,
            now,
            lease_until: now + chrono::Duration::seconds(LEASE_SECONDS),
            scheduled_at: slot,
            inputs: &inputs,
            sweep: job.once_per == OncePer::File,
            dead,
        },
    )
    .await?;
    tx.commit().await?;
    Ok(claimed)
}

/// Missed nights are not made up: today's balances say nothing about another evening.
fn tonight_only(job: &Job, date: NaiveDate, slot: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), JobError> {
    let since = instant(date, NaiveTime::MIN);
    let until = slot + chrono::Duration::hours(12);
    if now < since || now > until {
        return Err(JobError::refused(format!(
            "{} for {date} can begin on that day or the night after it only; missed nights are not made up",
            job.name
        )));
    }
    Ok(())
}

/// Hashes of what a run works with.
async fn inputs(app: &App) -> Result<String, JobError> {
    let mut tx = app.db.read().await?;
    let calendars = calendars::fingerprint(&mut tx).await?;
    let hash = |text: &str| hex::encode(Sha256::digest(text.as_bytes()));
    let formats: String = app.formats.iter().map(|format| format.hash_hex()).collect();
    Ok(serde_json::json!({
        "config": hash(&format!("{:?}", app.config)),
        "formats": hash(&formats),
        "jobs": hash(&format!("{:?}", app.jobs)),
        "calendars": hash(&calendars),
        "rules": yichong_core::rules::RULE_VERSION,
        "program": env!("CARGO_PKG_VERSION"),
    })
    .to_string())
}

async fn held_or_done(app: &App, job: &str, date: NaiveDate) -> Result<Ended, JobError> {
    let mut tx = app.db.read().await?;
    let run = runs::find(&mut tx, job, date).await?;
    match run {
        Some(run) if run.state == "done" => Ok(Ended::AlreadyDone),
        Some(run) if run.state == "skipped" => Err(JobError::refused(format!(
            "{job} of {date} was skipped ({}); missed nights are not made up",
            run.message.unwrap_or_default()
        ))),
        Some(run) => Err(JobError::new(
            Kind::Busy,
            format!("{job} of {date} is being run by {}; it may be taken over after {}", run.owner, run.lease_until),
        )),
        None => Err(JobError::new(Kind::Busy, format!("{job} of {date} was claimed by another process just now"))),
    }
}

/// Renews the lease while the run works.
async fn beat(db: yichong_store::db::Db, clock: yichong_gateways::clock::Clock, run: RunRow) {
    loop {
        tokio::time::sleep(Duration::from_secs(20)).await;
        let until = clock.now() + chrono::Duration::seconds(LEASE_SECONDS);
        let Ok(mut tx) = db.write().await else { continue };
        match runs::renew(&mut tx, &run.job, run.business_date, run.fence, until).await {
            Ok(true) => drop(tx.commit().await),
            Ok(false) => return,
            Err(error) => tracing::warn!(%error, "the lease could not be renewed"),
        }
    }
}

async fn steps(app: &App, job: &Job, run: &RunRow) -> Result<Ended, JobError> {
    let context = Context {
        app,
        job: &job.name,
        business_date: run.business_date,
        pass: run.pass,
        fence: run.fence,
        scheduled_at: run.scheduled_at,
    };
    let mut tallies = Vec::new();
    let mut tx = app.db.read().await?;
    let before = runs::steps(&mut tx, &run.job, run.business_date, run.pass).await?;
    drop(tx);
    // Once a step is done again, what comes after it has something new to do.
    let (mut again, mut partly) = (false, None);
    for step in &job.steps {
        let done = before.iter().find(|row| row.step == step.word() && row.state == "done");
        if let Some(row) = done.filter(|_| !again) {
            let tally = row.tally.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
            tallies.push((step.word().to_owned(), tally));
            continue;
        }
        again = true;
        match one(&context, run, *step).await {
            Ok(Outcome::Partly(tally, error)) => {
                tallies.push((step.word().to_owned(), tally));
                partly = partly.or(Some((step.word(), error)));
            }
            Ok(Outcome::Done(tally)) => tallies.push((step.word().to_owned(), tally)),
            Ok(Outcome::Waiting(_, reason)) => {
                finish(app, run, "waiting", Some(format!("{}: {reason}", step.word()))).await?;
                return Ok(Ended::Waiting { step: step.word().to_owned(), reason });
            }
            Err(error) => {
                // The run may be another's by now: then its state is not ours to write.
                let words = format!("{}: {error}", step.word());
                if let Err(second) = finish(app, run, "failed", Some(words)).await {
                    tracing::warn!(%second, "the failure could not be recorded");
                }
                return Err(error);
            }
        }
    }
    if let Some((step, error)) = partly {
        // A night is tried again every minute, a sweep comes by itself.
        let waits = job.once_per == OncePer::Date && error.kind == Kind::Waiting;
        finish(app, run, if waits { "waiting" } else { "failed" }, Some(format!("{step}: {error}"))).await?;
        return Err(error);
    }
    finish(app, run, "done", None).await?;
    Ok(Ended::Done { steps: tallies })
}

async fn one(context: &Context<'_>, run: &RunRow, step: StepName) -> Result<Outcome, JobError> {
    let app = context.app;
    let mut tx = context.page().await?;
    runs::begin_step(&mut tx, run, step.word(), app.clock.now()).await?;
    tx.commit().await?;
    tracing::info!(job = run.job, date = %run.business_date, step = step.word(), "begins");
    let outcome = dispatch(context, step).await;
    let (state, tally, message) = match &outcome {
        Ok(Outcome::Done(tally)) => ("done", Some(serde_json::to_string(tally)?), None),
        Ok(Outcome::Waiting(tally, why)) => ("waiting", Some(serde_json::to_string(tally)?), Some(why.clone())),
        Ok(Outcome::Partly(tally, why)) => ("failed", Some(serde_json::to_string(tally)?), Some(why.to_string())),
        Err(error) => ("failed", None, Some(error.to_string())),
    };
    let object = format!("{}/{}/{}/{}", run.job, run.business_date, run.pass, step.word());
    let detail = message.clone().or_else(|| tally.clone()).unwrap_or_default();
    let at = app.clock.now();
    let mut tx = context.page().await?;
    runs::end_step(&mut tx, run, step.word(), &Ending { state, tally, message, at }).await?;
    let act = Act { at, actor: "engine", action: &format!("step.{state}"), object: &object, detail: &detail };
    audit::add(&mut tx, &act, |previous, row| app.vault.audit_mac(previous, row)).await?;
    tx.commit().await?;
    crash::point("step.after_commit");
    outcome
}

async fn finish(app: &App, run: &RunRow, state: &str, message: Option<String>) -> Result<(), JobError> {
    let mut tx = app.db.write().await?;
    let ending = Ending { state, tally: None, message, at: app.clock.now() };
    runs::end(&mut tx, run, &ending).await?;
    tx.commit().await?;
    Ok(())
}

/// The one place that knows which word is which step.
async fn dispatch(context: &Context<'_>, step: StepName) -> Result<Outcome, JobError> {
    match step {
        StepName::Balances => boxed(super::balances::run(context)).await,
        StepName::Select => boxed(super::select::run(context)).await,
        StepName::File => boxed(super::file::run(context)).await,
        StepName::Release => boxed(super::release::run(context)).await,
        StepName::Send => boxed(super::send::run(context)).await,
        StepName::Resend => boxed(super::send::again(context)).await,
        StepName::Collect => boxed(super::collect::run(context)).await,
        StepName::Apply => boxed(super::apply::run(context)).await,
        StepName::Credit => boxed(super::credit::run(context)).await,
        StepName::Notify => boxed(super::notify::run(context)).await,
        StepName::Statement => {
            // The bank leaves statements at the same door as answers.
            let collected = boxed(super::collect::run(context)).await?;
            match (collected, boxed(super::statement::run(context)).await?) {
                (Outcome::Partly(_, shut), Outcome::Done(tally)) => Ok(Outcome::Partly(tally, shut)),
                (_, booked) => Ok(booked),
            }
        }
        StepName::Reconcile => boxed(super::reconcile::run(context)).await,
        StepName::Verify => boxed(super::verify::run(context)).await,
        StepName::Certificate => boxed(super::certificate::run(context)).await,
        StepName::Report => boxed(super::report::run(context)).await,
        StepName::Agreements => boxed(super::agreements::tell::run(context)).await,
        StepName::Confirm => boxed(super::agreements::confirm::run(context)).await,
        StepName::Forget => boxed(super::forget::run(context)).await,
    }
}

/// A step behind a pointer: the compiler then proves what it must about each step once, not again for every way to it.
fn boxed<'a>(
    step: impl Future<Output = Result<Outcome, JobError>> + Send + 'a,
) -> Pin<Box<dyn Future<Output = Result<Outcome, JobError>> + Send + 'a>> {
    Box::pin(step)
}
