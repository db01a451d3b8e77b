//! `plan`, `run` and `serve`: the night before, during, and by itself.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use chrono::NaiveDate;
use clap::Args;

use super::{Site, output};
use crate::jobs::runner::{self, Ended};
use crate::jobs::{JobError, Kind, access, plan as planning, scheduler};
use crate::web::listen;

/// Shows tonight's files without writing state.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// Business date; today if not given.
    #[arg(long)]
    date: Option<NaiveDate>,
    /// Write the files' bytes into this folder (mode 0600); nothing there is overwritten.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Show so many masked rows per file.
    #[arg(long, default_value_t = 5)]
    rows: usize,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

/// Plans.
pub async fn plan(site: &Site, args: &PlanArgs) -> Result<ExitCode, JobError> {
    let app = site.open_with_progress().await?;
    let date = args.date.unwrap_or_else(|| app.clock.today());
    if let Some(out) = &args.out {
        std::fs::create_dir_all(out)?;
    }
    let plan = planning::plan(&app, date, args.out.as_deref(), args.rows).await?;
    if args.json {
        output::json(&plan)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = output::table(&["银行", "文件", "笔数", "金额", "字节", "sha256"], &[2, 3, 4]);
    for file in &plan.files {
        table.add_row([
            file.bank.clone(),
            file.file_name.clone(),
            file.count.to_string(),
            output::yuan(file.sum.0),
            file.bytes.to_string(),
            file.sha256.clone(),
        ]);
    }
    output::say(format!("{date} 计划: {} 个文件, {} 户未选中", plan.files.len(), plan.not_selected));
    output::say(table);
    for file in plan.files.iter().filter(|file| !file.rows.is_empty()) {
        let mut rows = output::table(&["代扣号", "户号", "户名", "卡号", "金额"], &[4]);
        for row in &file.rows {
            rows.add_row([
                row.debit_no.to_string(),
                row.account.to_string(),
                row.payer.clone(),
                row.card.clone(),
                output::yuan(row.amount.0),
            ]);
        }
        output::say(format!("{} (前 {} 笔)\n{rows}", file.file_name, file.rows.len()));
    }
    for (debit, why) in &plan.unwritable {
        output::say(format!("{} {debit}: {why}", output::red("不能写入")));
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs a job for a business date, or goes on with it.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// nightly, returns, settlement or close.
    job: String,
    /// Business date; today if not given.
    #[arg(long)]
    date: Option<NaiveDate>,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

/// Runs.
pub async fn run(site: &Site, args: &RunArgs) -> Result<ExitCode, JobError> {
    let app = site.open_with_progress().await?;
    let date = args.date.unwrap_or_else(|| app.clock.today());
    let ended = runner::run(&app, &args.job, date).await?;
    app.db.close().await;
    if args.json {
        output::json(&ended)?;
    }
    let say = |text: String| {
        if !args.json {
            output::say(text)
        }
    };
    match &ended {
        Ended::Done { steps } => {
            for (step, tally) in steps {
                say(format!("  {step:<12} {tally}"));
            }
            say(format!("{} {} {date}", output::green("done"), args.job));
            Ok(ExitCode::SUCCESS)
        }
        Ended::AlreadyDone => {
            say(format!("{} of {date} was done before; nothing was changed", args.job));
            Ok(ExitCode::SUCCESS)
        }
        Ended::Waiting { step, reason } => {
            say(format!("{} of {date} waits in {step}: {reason}", args.job));
            Ok(ExitCode::from(Kind::Waiting as u8))
        }
    }
}

/// Serves the console and fires the jobs when they are due, until stopped.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Only the scheduler, no pages.
    #[arg(long)]
    no_console: bool,
}

/// Serves.
pub async fn serve(site: &Site, args: &ServeArgs) -> Result<ExitCode, JobError> {
    let stop = scheduler::told_to_stop()?;
    let app = Arc::new(site.open().await?);
    if args.no_console {
        scheduler::serve(&app, stop).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let listener = listen::bind(&app).await?;
    for (name, once) in access::first(&app).await? {
        output::say(format!("管理员 administrator {name}, 一次性密码 one-time password, shown once: {once}"));
    }
    output::say(format!("控制台 console: http://{}/", listener.local_addr()?));
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let pages = tokio::spawn(listen::serve(Arc::clone(&app), listener, async { drop(told.await) }));
    let ended = scheduler::serve(&app, stop).await;
    drop(tell);
    pages.await.map_err(|e| JobError::new(Kind::Machine, format!("the console: {e}")))??;
    ended?;
    Ok(ExitCode::SUCCESS)
}
