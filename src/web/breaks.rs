//! Breaks (差错): the work-list, one break with its account, and proposing its end.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use chrono::NaiveDate;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::ids::AccountNo;
use yichong_core::model::role::Right;
use yichong_jobs::resolve::Object;
use yichong_store::breaks::{self, BreakRow};

use super::Console;
use super::proposal::{self, Wish};
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

/// What is worked through at a desk; the oldest come first, so nothing is hidden for long.
const MOST: i64 = 500;

#[derive(Template)]
#[template(path = "breaks.html")]
struct List {
    shell: Shell,
    rows: Vec<Row>,
    state: String,
    sum: i64,
    full: bool,
}

struct Row {
    to: String,
    age: i64,
    zh: String,
    /// An account of a household, not a bank's own.
    household: Option<String>,
    row: BreakRow,
}

#[derive(Template)]
#[template(path = "break.html")]
struct One {
    shell: Shell,
    row: Row,
    actions: &'static [&'static str],
    may: bool,
    done: bool,
}

/// Which.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Asking {
    #[serde(default)]
    state: String,
    #[serde(default)]
    done: String,
}

/// The list: open ones unless resolved ones are asked for.
pub async fn list(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(asking): Query<Asking>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::SeeMoney).await?;
    let state = if asking.state == "resolved" { "resolved" } else { "open" };
    let rows = breaks::list(&mut console.app.db.read().await?, Some(state), MOST).await?;
    let today = console.app.clock.today();
    let sum = rows.iter().map(|row| row.amount_fen).sum();
    let full = rows.len() as i64 >= MOST;
    let rows = rows.into_iter().map(|row| seen(&console, row, today)).collect();
    show(&List { shell: Shell::of(&console, &visitor), rows, state: state.to_owned(), sum, full })
}

fn seen(console: &Console, row: BreakRow, today: NaiveDate) -> Row {
    let reserved = console.app.config.banks.iter().any(|bank| bank.reserved_account().0 == row.account);
    Row {
        to: format!("/breaks/{}/{}/{}", row.kind, row.account, row.reference),
        age: (row.resolved_on.unwrap_or(today) - row.opened_on).num_days(),
        zh: row.kind.parse().map_or_else(|_| row.kind.clone(), |kind: BreakKind| kind.zh().to_owned()),
        household: (!reserved).then(|| AccountNo(row.account).to_string()),
        row,
    }
}

async fn find(console: &Console, (kind, account, reference): &(String, i64, i64)) -> Result<BreakRow, Refusal> {
    let kind: BreakKind = kind.parse().map_err(|_| Refusal::NotFound)?;
    let found = breaks::find(&mut console.app.db.read().await?, *account, kind, *reference).await?;
    found.ok_or(Refusal::NotFound)
}

/// One break.
pub async fn page(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(key): Path<(String, i64, i64)>,
    Query(asking): Query<Asking>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::SeeMoney).await?;
    let row = find(&console, &key).await?;
    let object = object(&row)?;
    let may = visitor.person.role.may(Right::ResolveMoney) && row.state == "open";
    let row = seen(&console, row, console.app.clock.today());
    let done = asking.done == "proposed";
    show(&One { shell: Shell::of(&console, &visitor), actions: object.actions(), row, may, done })
}

fn object(row: &BreakRow) -> Result<Object, Refusal> {
    let kind = row.kind.parse().map_err(|_| Refusal::NotFound)?;
    Ok(Object::Break(row.account, kind, row.reference))
}

/// Proposes the break's end.
pub async fn propose(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(key): Path<(String, i64, i64)>,
    Form(wish): Form<Wish>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::ResolveMoney).await?;
    let object = object(&find(&console, &key).await?)?;
    let (kind, account, reference) = key;
    proposal::propose(&console, &visitor, object, &wish, &format!("/breaks/{kind}/{account}/{reference}")).await
}
