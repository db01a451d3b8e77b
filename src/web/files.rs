//! Files to banks (送盘文件): those of a date, one with its rows, and proposing what people decide about it.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use chrono::NaiveDate;
use yichong_core::model::ids::AccountNo;
use yichong_core::model::role::Right;
use yichong_jobs::resolve::Object;
use yichong_store::batches::{self, BatchRow};
use yichong_store::debits::{self, DebitRow};

use super::Console;
use super::proposal::{self, Wish};
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

/// Rows of a page; the next page goes on after the last line.
const ROWS: i64 = 100;

#[derive(Template)]
#[template(path = "files.html")]
struct List {
    shell: Shell,
    date: NaiveDate,
    rows: Vec<BatchRow>,
}

#[derive(Template)]
#[template(path = "file.html")]
struct One {
    shell: Shell,
    batch: BatchRow,
    rows: Vec<(String, DebitRow)>,
    next: Option<i64>,
    actions: Vec<&'static str>,
    done: bool,
}

/// Which date, or which page of a file.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Asking {
    date: Option<NaiveDate>,
    #[serde(default)]
    after: i64,
    #[serde(default)]
    done: String,
}

/// The files of a date.
pub async fn list(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(asking): Query<Asking>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::SeeMoney).await?;
    let date = asking.date.unwrap_or_else(|| console.app.clock.today());
    let rows = batches::of_date(&mut console.app.db.read().await?, date).await?;
    show(&List { shell: Shell::of(&console, &visitor), date, rows })
}

/// One file.
pub async fn page(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(number): Path<i64>,
    Query(asking): Query<Asking>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::SeeMoney).await?;
    let mut tx = console.app.db.read().await?;
    let batch = batches::find(&mut tx, number).await?.ok_or(Refusal::NotFound)?;
    let debits = debits::of_batch(&mut tx, number, asking.after, ROWS).await?;
    drop(tx);
    let full = debits.len() as i64 == ROWS;
    let next = debits.last().and_then(|debit| debit.line_no).filter(|_| full);
    let rows = debits.into_iter().map(|debit| (AccountNo(debit.account).to_string(), debit)).collect();
    let actions = if visitor.person.role.may(Right::ResolveMoney) { decisions(&batch.state) } else { Vec::new() };
    let done = asking.done == "proposed";
    show(&One { shell: Shell::of(&console, &visitor), batch, rows, next, actions, done })
}

/// What people may decide about a file in this state; the steps do the rest.
fn decisions(state: &str) -> Vec<&'static str> {
    match state {
        "held" => vec!["release", "void"],
        "sealed" | "released" => vec!["void"],
        "sending" => vec!["sent_by_hand", "did_not_arrive"],
        "sent" => vec!["did_not_arrive"],
        _ => Vec::new(),
    }
}

/// Proposes a decision.
pub async fn propose(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(number): Path<i64>,
    Form(wish): Form<Wish>,
) -> Result<Response, Refusal> {
    proposal::propose(&console, &visitor, Object::Batch(number), &wish, &format!("/files/{number}")).await
}
