//! Fires jobs when they are due. Missed nights are recorded as skipped, never made up; sweeps and closings catch up.

use std::fs::{File, OpenOptions};
use std::time::Duration;

use chrono::{DateTime, Days, NaiveDate, Utc};
use chrono_tz::Asia::Shanghai;
use tokio::signal::unix::{SignalKind, signal};

use super::app::App;
use super::definition::{DateOf, Job, OncePer};
use super::error::{JobError, Kind};
use super::runner::{self, Ended};
use yichong_store::db::Db;
use yichong_store::runs;

/// Done when the process is told to stop (SIGTERM, Ctrl-C). From this call on, not from the first poll, a word to stop
/// is remembered: a start may take a while.
pub fn told_to_stop() -> Result<impl Future<Output = ()> + Send, JobError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Serves until told to stop; a run in work ends its page and resumes next time.
pub async fn serve(app: &App, stop: impl Future<Output = ()>) -> Result<(), JobError> {
    let mut stop = std::pin::pin!(stop);
    let _only = alone(app)?;
    catch_up(app).await?;
    tracing::info!(engine = app.db.engine(), "the scheduler runs");
    let mut seen = app.clock.now();
    loop {
        tokio::select! {
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
            () = &mut stop => return Ok(()),
        }
        let now = app.clock.now();
        for job in &app.jobs {
            for date in due(job, seen, now)? {
                fire(app, job, date).await;
            }
        }
        unfinished(app, now).await;
        seen = now;
    }
}

/// On SQLite a second scheduler refuses to start; on PostgreSQL many may, each run is claimed by one.
fn alone(app: &App) -> Result<Option<File>, JobError> {
    if matches!(app.db, Db::Postgres(_)) {
        return Ok(None);
    }
    let path = app.config.folders.data.join("scheduler.lock");
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(_) => Err(JobError::new(Kind::Busy, format!("another scheduler holds {}; one is enough", path.display()))),
    }
}

/// The business dates of a job's firings after one instant up to another.
pub fn due(job: &Job, after: DateTime<Utc>, until: DateTime<Utc>) -> Result<Vec<NaiveDate>, JobError> {
    let schedule = job.schedule(&job.name)?;
    let fires = schedule.after(&after.with_timezone(&Shanghai)).take_while(|at| at.with_timezone(&Utc) <= until);
    let mut dates: Vec<NaiveDate> = fires
        .map(|at| match job.date {
            DateOf::Today => at.date_naive(),
            DateOf::Yesterday => at.date_naive().checked_sub_days(Days::new(1)).unwrap_or(at.date_naive()),
        })
        .collect();
    dates.dedup();
    Ok(dates)
}

async fn fire(app: &App, job: &Job, date: NaiveDate) {
    match runner::run(app, &job.name, date).await {
        Ok(Ended::Waiting { step, reason }) => tracing::warn!(job = job.name, %date, step, reason, "waits"),
        Ok(_) => tracing::info!(job = job.name, %date, "done"),
        Err(error) if error.kind == Kind::Busy => tracing::info!(job = job.name, %date, %error, "held elsewhere"),
        Err(error) => tracing::error!(job = job.name, %date, %error, "failed; run it again after the cause is gone"),
    }
}

/// Runs that wait for a person, or whose holder died, are tried again every minute.
async fn unfinished(app: &App, now: DateTime<Utc>) {
    if now.timestamp() % 60 != 0 {
        return;
    }
    let Ok(mut tx) = app.db.read().await else { return };
    let Ok(rows) = runs::recent(&mut tx, 50).await else { return };
    drop(tx);
    for row in rows {
        let dead = row.state == "running" && (row.lease_until < now || yichong_gateways::host::is_dead(&row.owner));
        if (row.state == "waiting" || dead)
            && let Ok(job) = runner::find(app, &row.job)
        {
            fire(app, job, row.business_date).await;
        }
    }
}

/// At the start: nights missed since the last one are recorded as skipped; closings run date by date, sweeps now.
pub async fn catch_up(app: &App) -> Result<(), JobError> {
    let now = app.clock.now();
    for job in &app.jobs {
        let mut tx = app.db.read().await?;
        let span = runs::span(&mut tx, &job.name).await?;
        drop(tx);
        let Some((_, last)) = span else { continue };
        let missed = due(job, end_of(last), now)?;
        match (job.once_per, job.date) {
            (OncePer::Date, DateOf::Today) => skip(app, job, last, &missed, now).await?,
            (OncePer::Date, DateOf::Yesterday) => {
                for date in missed.into_iter().filter(|date| *date > last) {
                    fire(app, job, date).await;
                }
            }
            (OncePer::File, _) => fire(app, job, app.clock.today()).await,
        }
    }
    Ok(())
}

fn end_of(date: NaiveDate) -> DateTime<Utc> {
    yichong_gateways::clock::instant(date, chrono::NaiveTime::MIN)
}

/// A night may still begin on its own evening; the ones before are lost.
async fn skip(app: &App, job: &Job, last: NaiveDate, missed: &[NaiveDate], now: DateTime<Utc>) -> Result<(), JobError> {
    for date in missed.iter().filter(|date| **date > last) {
        let slot = runner::slot(job, *date)?.unwrap_or(now);
        if now - slot < chrono::Duration::hours(2) {
            fire(app, job, *date).await;
            continue;
        }
        let mut tx = app.db.write().await?;
        if runs::skip(&mut tx, &job.name, *date, now, "the scheduler was not running").await? {
            tracing::warn!(job = job.name, %date, "skipped: the scheduler was not running");
        }
        tx.commit().await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        format!("{text}+08:00").parse::<DateTime<chrono::FixedOffset>>().unwrap().with_timezone(&Utc)
    }

    #[test]
    fn firings_are_counted_in_shanghai() {
        let jobs = Job::built_in().unwrap();
        let job = |name: &str| jobs.iter().find(|job| job.name == name).unwrap();
        let dates = |name, after, until| due(job(name), at(after), at(until)).unwrap();
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        assert_eq!(dates("nightly", "2026-11-20T21:59:59", "2026-11-20T22:00:00"), [day("2026-11-20")]);
        assert!(dates("nightly", "2026-11-20T22:00:00", "2026-11-21T21:59:59").is_empty(), "once");
        assert_eq!(dates("close", "2026-11-21T18:59:00", "2026-11-21T19:00:00"), [day("2026-11-20")]);
        assert_eq!(
            dates("nightly", "2026-11-17T23:00:00", "2026-11-20T12:00:00"),
            [day("2026-11-18"), day("2026-11-19")]
        );
    }
}
