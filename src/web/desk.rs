//! The desk of the second person (复核): what waits for an approval this role may give.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use yichong_jobs::resolve::desk;
use yichong_store::people::WaitingRow;

use super::Console;
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

/// What a person looks through in a day.
const MOST: i64 = 200;

#[derive(Template)]
#[template(path = "desk.html")]
struct Page {
    shell: Shell,
    rows: Vec<WaitingRow>,
    me: String,
}

/// The list.
pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor) -> Result<Response, Refusal> {
    let rows = desk::waiting(&console.app, &visitor.row(), MOST).await?;
    show(&Page { me: visitor.person.name.clone(), shell: Shell::of(&console, &visitor), rows })
}
