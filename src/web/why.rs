//! Why a meter was (not) debited on a date: every rule with the value seen.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use chrono::NaiveDate;
use yichong_core::model::ids::AccountNo;
use yichong_core::model::role::Right;
use yichong_jobs::explain::{Explained, explain};

use super::Console;
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

#[derive(Template)]
#[template(path = "why.html")]
struct Page {
    shell: Shell,
    date: NaiveDate,
    explained: Explained,
}

/// Which date; tonight if not given.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Asked {
    date: Option<NaiveDate>,
}

/// The page.
pub async fn page(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::SeeAgreements).await?;
    let number: AccountNo = number.parse().map_err(|_| Refusal::NotFound)?;
    let date = asked.date.unwrap_or_else(|| console.app.clock.today());
    let explained = explain(&console.app, number, date).await?;
    show(&Page { shell: Shell::of(&console, &visitor), date, explained })
}
