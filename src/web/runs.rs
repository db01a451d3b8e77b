//! Runs (作业): what ran, how far it came, and running one again.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::NaiveDate;
use yichong_core::model::role::Right;
use yichong_jobs::runner;
use yichong_store::runs::{self, RunRow, StepRow};

use super::Console;
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

/// Some two weeks.
const MOST: i64 = 60;

#[derive(Template)]
#[template(path = "runs.html")]
struct Page {
    shell: Shell,
    runs: Vec<(RunRow, Vec<StepRow>)>,
    operates: bool,
    jobs: Vec<String>,
}

/// The list.
pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::SeeRuns).await?;
    let mut tx = console.app.db.read().await?;
    let mut list = Vec::new();
    for run in runs::recent(&mut tx, MOST).await? {
        let mut steps = runs::steps(&mut tx, &run.job, run.business_date, run.pass).await?;
        let order = |step: &StepRow| job_order(&console, &run.job, &step.step);
        steps.sort_by_key(order);
        list.push((run, steps));
    }
    drop(tx);
    let jobs = console.app.jobs.iter().map(|job| job.name.clone()).collect();
    let operates = visitor.person.role.may(Right::Operate);
    show(&Page { shell: Shell::of(&console, &visitor), runs: list, operates, jobs })
}

/// The place of a step in its job.
fn job_order(console: &Console, job: &str, step: &str) -> Option<usize> {
    let job = console.app.jobs.iter().find(|known| known.name == job)?;
    job.steps.iter().position(|known| known.word() == step)
}

/// Which run.
#[derive(Debug, serde::Deserialize)]
pub struct Which {
    job: String,
    date: NaiveDate,
}

/// Runs a job, or goes on with it. It works on while the page is answered: what became of it stands in the list.
pub async fn run(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Form(which): Form<Which>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::Operate).await?;
    runner::find(&console.app, &which.job)?;
    yichong_jobs::access::asked(&console.app, &visitor.person, "run", &format!("{} {}", which.job, which.date)).await?;
    let app = Arc::clone(&console.app);
    tokio::spawn(async move {
        if let Err(error) = runner::run(&app, &which.job, which.date).await {
            tracing::warn!(job = which.job, date = %which.date, %error, "asked for on a page");
        }
    });
    Ok(Redirect::to("/runs").into_response())
}
