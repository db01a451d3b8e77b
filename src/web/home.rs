//! Home: the question the page was opened for. The counter looks somebody up; finance sees whether the days balance;
//! an operator sees what the night left undone.

use std::cmp::Reverse;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use chrono::{Days, NaiveDate};
use yichong_core::model::role::Right;
use yichong_jobs::resolve::desk;
use yichong_jobs::{App, JobError, report};
use yichong_store::report::{Count, DayFigures};
use yichong_store::runs::{self, RunRow};
use yichong_store::{breaks, certificates};

use super::Console;
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

/// Dates at a glance.
const DATES: u64 = 30;

/// A date that is not closed is summed anew: not more than these.
const OPEN_DATES_MAX: usize = 5;

#[derive(Template)]
#[template(path = "home.html")]
struct Page {
    shell: Shell,
    counter: bool,
    money: bool,
    enrols: bool,
    waiting: usize,
    open_breaks: usize,
    days: Vec<Day>,
    undone: Vec<RunRow>,
}

/// A business date over all banks.
struct Day {
    date: NaiveDate,
    closed: bool,
    /// Due, sent, paid, refused, settled, credited.
    counts: [Count; 6],
    breaks: Count,
}

/// The page.
pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor) -> Result<Response, Refusal> {
    let role = visitor.person.role;
    let app = &console.app;
    let money = role.may(Right::SeeMoney);
    let waiting = desk::waiting(app, &visitor.row(), 200).await?.len();
    let mut open_breaks = 0;
    let mut days = Vec::new();
    if money {
        open_breaks = breaks::list(&mut app.db.read().await?, Some("open"), 1_000).await?.len();
        days = strip(app).await?;
    }
    let mut undone = Vec::new();
    if role.may(Right::SeeRuns) {
        undone = runs::recent(&mut app.db.read().await?, 200).await?;
        undone.retain(|run| ["failed", "waiting", "running"].contains(&run.state.as_str()));
    }
    show(&Page {
        counter: role.may(Right::SeeAgreements),
        money,
        enrols: role.may(Right::Enrol),
        waiting,
        open_breaks,
        days,
        undone,
        shell: Shell::of(&console, &visitor),
    })
}

/// The last dates, newest first: closed ones as their certificates say, the others as they stand.
async fn strip(app: &App) -> Result<Vec<Day>, JobError> {
    let today = app.clock.today();
    let from = today.checked_sub_days(Days::new(DATES)).unwrap_or(today);
    let mut tx = app.db.read().await?;
    let closed = certificates::between(&mut tx, from, today).await?;
    let nights = runs::recent(&mut tx, 500).await?;
    drop(tx);
    let mut days: Vec<Day> = Vec::new();
    for row in &closed {
        let said: yichong_jobs::certificate::Certificate = serde_json::from_str(&row.body)?;
        days.push(day(row.business_date, true, &said.banks));
    }
    let is_open = |run: &&RunRow| {
        run.job == "nightly"
            && run.business_date >= from
            && !closed.iter().any(|c| c.business_date == run.business_date)
    };
    let mut open: Vec<NaiveDate> = nights.iter().filter(is_open).map(|run| run.business_date).collect();
    open.sort_unstable_by_key(|date| Reverse(*date));
    open.dedup();
    for date in open.into_iter().take(OPEN_DATES_MAX) {
        let figures: Vec<DayFigures> = report::of_day(app, date).await?.into_iter().map(|r| r.figures).collect();
        days.push(day(date, false, &figures));
    }
    days.sort_unstable_by_key(|day| Reverse(day.date));
    Ok(days)
}

fn day(date: NaiveDate, closed: bool, banks: &[DayFigures]) -> Day {
    let sum = |pick: &dyn Fn(&DayFigures) -> Count| total(banks.iter().map(pick));
    Day {
        date,
        closed,
        counts: [
            sum(&|f| f.due),
            sum(&|f| f.sent),
            sum(&|f| f.paid),
            sum(&|f| total(f.refused.values().copied())),
            sum(&|f| f.settled),
            sum(&|f| f.credited),
        ],
        breaks: sum(&|f| total(f.breaks.values().copied())),
    }
}

/// The sum of counts.
pub fn total(counts: impl Iterator<Item = Count>) -> Count {
    counts.fold(Count::default(), |all, one| Count { count: all.count + one.count, sum_fen: all.sum_fen + one.sum_fen })
}
