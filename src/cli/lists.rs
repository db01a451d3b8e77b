//! `runs`, `breaks`: what happened, as tables or JSON.

use std::process::ExitCode;

use clap::Args;
use serde::Serialize;

use super::{Site, output};
use crate::gateways::clock::local;
use crate::jobs::{JobError, Tally};
use crate::store::{breaks as break_store, runs as run_store};
use yichong_core::model::breaks::BreakKind;

/// Lists runs and their steps.
#[derive(Debug, Args)]
pub struct RunsArgs {
    /// At most so many.
    #[arg(long, default_value_t = 20)]
    last: i64,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct RunShown {
    job: String,
    business_date: chrono::NaiveDate,
    pass: i64,
    state: String,
    owner: String,
    message: Option<String>,
    steps: Vec<StepShown>,
}

#[derive(Serialize)]
struct StepShown {
    step: String,
    state: String,
    began: chrono::NaiveDateTime,
    seconds: Option<i64>,
    tally: Tally,
    message: Option<String>,
}

/// Lists runs.
pub async fn runs(site: &Site, args: &RunsArgs) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    let mut tx = app.db.read().await?;
    let mut shown = Vec::new();
    for run in run_store::recent(&mut tx, args.last).await? {
        let steps = run_store::steps(&mut tx, &run.job, run.business_date, run.pass).await?;
        let steps = steps.into_iter().map(|step| {
            let tally = step.tally.as_deref().map(serde_json::from_str).transpose()?.unwrap_or_default();
            Ok(StepShown {
                step: step.step,
                state: step.state,
                began: local(step.started_at),
                seconds: step.finished_at.map(|end| (end - step.started_at).num_seconds()),
                tally,
                message: step.message,
            })
        });
        shown.push(RunShown {
            steps: steps.collect::<Result<_, serde_json::Error>>()?,
            job: run.job,
            business_date: run.business_date,
            pass: run.pass,
            state: run.state,
            owner: run.owner,
            message: run.message,
        });
    }
    if args.json {
        output::json(&shown)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = output::table(&["日期", "作业", "次", "步骤", "状态", "开始", "秒", "结果"], &[2, 6]);
    for run in &shown {
        table.add_row([
            &run.business_date.to_string(),
            &run.job,
            &run.pass.to_string(),
            "",
            &run.state,
            "",
            "",
            run.message.as_deref().unwrap_or(""),
        ]);
        for step in &run.steps {
            let seconds = step.seconds.map(|seconds| seconds.to_string()).unwrap_or_default();
            let said = step.message.clone().unwrap_or_else(|| step.tally.to_string());
            table.add_row([
                "",
                "",
                "",
                &step.step,
                &step.state,
                &step.began.format("%m-%d %H:%M:%S").to_string(),
                &seconds,
                &said,
            ]);
        }
    }
    output::say(table);
    Ok(ExitCode::SUCCESS)
}

/// Lists breaks.
#[derive(Debug, Args)]
pub struct BreaksArgs {
    /// Resolved ones too.
    #[arg(long)]
    all: bool,
    /// At most so many.
    #[arg(long, default_value_t = 200)]
    most: i64,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

/// Lists breaks.
pub async fn breaks(site: &Site, args: &BreaksArgs) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    let mut tx = app.db.read().await?;
    let state = (!args.all).then_some("open");
    let found = break_store::list(&mut tx, state, args.most).await?;
    if args.json {
        output::json(&found)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = output::table(&["开立", "银行", "类别", "金额", "负责", "状态", "对象", "说明"], &[3]);
    for item in &found {
        let zh = item.kind.parse::<BreakKind>().map_or("?", BreakKind::zh);
        let object = format!("break:{}:{}:{}", item.kind, item.account, item.reference);
        let said = item.resolution.as_ref().unwrap_or(&item.detail);
        table.add_row([
            &item.opened_on.to_string(),
            &item.bank,
            zh,
            &output::yuan(item.amount_fen),
            &item.owner,
            &item.state,
            &object,
            said,
        ]);
    }
    output::say(table);
    output::say(format!("{} 条", found.len()));
    Ok(ExitCode::SUCCESS)
}
