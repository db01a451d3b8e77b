//! One whole night on a fresh database, step by step through the program's own steps; every count is checked.

use std::path::Path;

use anyhow::{Result, bail, ensure};
use chrono::{NaiveDate, NaiveTime};
use yichong::config::Config;
use yichong::gateways::clock::{Clock, instant};
use yichong::jobs::definition::Job;
use yichong::jobs::import::What;
use yichong::jobs::{
    App, Context, JobError, Outcome, Tally, apply, collect, credit, file, notify, reconcile, release, select, send,
    statement, verify, verify_answer,
};
use yichong::store::grown::{self, Grown};
use yichong::store::runs::{self, Claim, Ending, RunRow};
use yichong::store::{calendars, files};

use super::bank::{self, Played};
use super::campus::{self, CONFIG};
use super::measure::Stopwatch;
use super::seed;

/// A Friday, and the morning after it.
const EVENING: (&str, u32) = ("2026-11-20", 22);
const MORNING: (&str, u32) = ("2026-11-21", 9);

/// A site on a fresh database.
#[derive(Debug)]
pub struct Night {
    /// The program.
    pub app: App,
    /// Debits of the night.
    pub due: u64,
}

/// Opens a site in a folder.
pub async fn open(folder: &Path, database: &str, due: u64) -> Result<Night> {
    for door in ["exchange/boc/out", "exchange/boc/in", "exchange/sms/out"] {
        std::fs::create_dir_all(folder.join(door))?;
    }
    let text = format!("[database]\nurl = \"{database}\"\n{CONFIG}");
    let config = Config::parse(&text, "benchmark", folder)?;
    let app = App::with(config, None, Job::built_in()?, Clock::Fixed(at(EVENING)?.1)).await?;
    let mut tx = app.db.write().await?;
    calendars::put_year(&mut tx, "boc", 2026, "benchmark", &[]).await?;
    calendars::put_year(&mut tx, "cuts", 2026, "benchmark", &[]).await?;
    tx.commit().await?;
    Ok(Night { app, due })
}

fn at((date, hour): (&str, u32)) -> Result<(NaiveDate, chrono::DateTime<chrono::Utc>)> {
    let date = date.parse()?;
    Ok((date, instant(date, NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default())))
}

impl Night {
    /// The whole cycle.
    pub async fn run(&mut self, watch: &mut Stopwatch) -> Result<()> {
        self.site(watch, self.due * 2).await?;
        self.evening(watch).await?;
        let bank = self.app.bank("BOC")?;
        let played = bank::play(&bank.out, &bank.into)?;
        ensure!(played.rows == self.due, "the bank found {} rows in our files, not {}", played.rows, self.due);
        self.app.clock = Clock::Fixed(at(MORNING)?.1);
        self.answers(watch, played).await?;
        self.settlement(watch, played).await?;
        watch.step("verify", self.due, green(&self.app)).await
    }

    async fn site(&self, watch: &mut Stopwatch, rows: u64) -> Result<()> {
        let app = &self.app;
        let file = seed::write(app, "accounts.csv", rows, campus::accounts)?;
        watch.step("accounts", rows, seed::import(app, What::Accounts, file, rows)).await?;
        let file = seed::write(app, "balances.csv", rows, campus::balances)?;
        watch.step("balances", rows, seed::import(app, What::Balances, file, rows)).await?;
        let file = seed::write(app, "agreements.csv", rows, campus::agreements)?;
        watch.step("agreements", rows, seed::agreements(app, file, rows)).await?;
        // Imports are hours before the night: the server has looked at them by itself.
        Ok(grown::look(&app.db, Grown::All).await?)
    }

    async fn evening(&self, watch: &mut Stopwatch) -> Result<()> {
        let run = claim(&self.app, "nightly", at(EVENING)?.0).await?;
        let ctx = context(&self.app, &run);
        let tally = watch.step("select", self.due, done(select::run(&ctx))).await?;
        counted("select", &tally, "planned", self.due)?;
        let tally = watch.step("file", self.due, done(file::run(&ctx))).await?;
        counted("file", &tally, "debits", self.due)?;
        let sending = async {
            done(release::run(&ctx)).await?;
            done(send::run(&ctx)).await
        };
        let tally = watch.step("send", self.due, sending).await?;
        ensure!(tally.0.get("sum_fen") == Some(&(i64::try_from(self.due)? * 10_000)), "not everything was sent");
        end(&self.app, &run).await
    }

    async fn answers(&self, watch: &mut Stopwatch, played: Played) -> Result<()> {
        let run = claim(&self.app, "returns", at(MORNING)?.0).await?;
        let ctx = context(&self.app, &run);
        let reading = async {
            let tally = done(collect::run(&ctx)).await?;
            ensure!(tally.0.get("files") == Some(&i64::try_from(played.files)?), "collected {tally}");
            believed(&ctx).await
        };
        let found = watch.step("returns", self.due, reading).await?;
        ensure!(found == played.files, "{found} of {} answers were believed", played.files);
        let tally = watch.step("apply", self.due, done(apply::run(&ctx))).await?;
        counted("apply", &tally, "pay", played.paid)?;
        counted("apply", &tally, "refuse", played.refused)?;
        let tally = watch.step("credit", played.paid, done(credit::run(&ctx))).await?;
        counted("credit", &tally, "credited", played.paid)?;
        let tally = watch.step("notify", self.due, done(notify::run(&ctx))).await?;
        counted("notify", &tally, "sms_sent", self.due)?;
        end(&self.app, &run).await
    }

    async fn settlement(&self, watch: &mut Stopwatch, played: Played) -> Result<()> {
        let run = claim(&self.app, "settlement", at(MORNING)?.0).await?;
        let ctx = context(&self.app, &run);
        bank::deliver_statement(&self.app.bank("BOC")?.into)?;
        let settling = async {
            done(collect::run(&ctx)).await?;
            let tally = done(statement::run(&ctx)).await?;
            done(reconcile::run(&ctx)).await?;
            Ok(tally)
        };
        let tally = watch.step("statement", played.paid, settling).await?;
        ensure!(tally.0.get("lines") == Some(&i64::try_from(played.files)?), "the statement's lines: {tally}");
        end(&self.app, &run).await
    }
}

/// Pass 1 of every answer that was collected; says how many are believed.
async fn believed(ctx: &Context<'_>) -> Result<u64> {
    let mut tx = ctx.app.db.read().await?;
    let received = files::by_state(&mut tx, "answer", "received").await?;
    drop(tx);
    let mut believed = 0;
    for file in received {
        believed += u64::from(verify_answer::verify(ctx, &file).await?);
    }
    Ok(believed)
}

/// Everything must hold at the end.
async fn green(app: &App) -> Result<()> {
    let findings = verify::verify(app, None).await?;
    ensure!(findings.is_empty(), "verify is not green: {}", verify::message(&findings));
    Ok(())
}

fn counted(step: &str, tally: &Tally, what: &str, expected: u64) -> Result<()> {
    let found = tally.0.get(what).copied().unwrap_or(0);
    ensure!(u64::try_from(found).ok() == Some(expected), "{step}: {what} should be {expected}, it counted {tally}");
    Ok(())
}

async fn done(step: impl Future<Output = Result<Outcome, JobError>>) -> Result<Tally> {
    match step.await? {
        Outcome::Done(tally) => Ok(tally),
        Outcome::Waiting(_, reason) => bail!("it waits: {reason}"),
        Outcome::Partly(_, error) => bail!("a door is shut: {error}"),
    }
}

fn context<'a>(app: &'a App, run: &'a RunRow) -> Context<'a> {
    Context {
        app,
        job: &run.job,
        business_date: run.business_date,
        pass: run.pass,
        fence: run.fence,
        scheduled_at: run.scheduled_at,
    }
}

async fn claim(app: &App, job: &str, business_date: NaiveDate) -> Result<RunRow> {
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let claim = Claim {
        job,
        business_date,
        owner: "benchmark",
        now,
        lease_until: now + chrono::Duration::days(1),
        scheduled_at: now,
        inputs: "{}",
        sweep: true,
        dead: None,
    };
    let Some(run) = runs::claim(&mut tx, &claim).await? else { bail!("{job} of {business_date} cannot be claimed") };
    tx.commit().await?;
    Ok(run)
}

async fn end(app: &App, run: &RunRow) -> Result<()> {
    let mut tx = app.db.write().await?;
    let ending = Ending { state: "done", tally: None, message: None, at: app.clock.now() };
    runs::end(&mut tx, run, &ending).await?;
    Ok(tx.commit().await?)
}
