//! Search: whatever the resident brings. htmx asks for the list alone while somebody types. What is looked for is never
//! part of an address: it may be a card or an ID number.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use yichong_core::model::ids::AccountNo;
use yichong_core::model::role::Right;
use yichong_jobs::search::{self, Hit};

use super::Console;
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

/// More than a screen is not read: the next step is to type more.
const MOST: i64 = 50;

/// The page, and the list alone.
#[derive(Template)]
#[template(path = "search.html", blocks = ["list"])]
struct Page {
    shell: Shell,
    q: String,
    rows: Vec<Row>,
    full: bool,
}

struct Row {
    account: String,
    holder: String,
    address: String,
    payer: String,
    terms: String,
    card: String,
    state: String,
}

/// What is looked for.
#[derive(Default, serde::Deserialize)]
pub struct Asked {
    #[serde(default)]
    q: String,
}

/// The empty page.
pub async fn page(state: State<Arc<Console>>, visitor: Visitor) -> Result<Response, Refusal> {
    find(state, visitor, HeaderMap::new(), Form(Asked::default())).await
}

/// Finds.
pub async fn find(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    headers: HeaderMap,
    Form(asked): Form<Asked>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::SeeAgreements).await?;
    let shell = Shell::of(&console, &visitor);
    let hits = search::find(&console.app, &asked.q, MOST).await?;
    let rows: Vec<Row> = hits.into_iter().map(|hit| row(&shell, hit)).collect();
    let full = rows.len() as i64 >= MOST;
    let page = Page { shell, q: asked.q, rows, full };
    if headers.contains_key("hx-request") { show(&page.as_list()) } else { show(&page) }
}

fn row(shell: &Shell, hit: Hit) -> Row {
    let Hit { account, agreement } = hit;
    let of = |pick: &dyn Fn(&yichong_store::agreements::AgreementRow) -> String| {
        agreement.as_ref().map_or_else(String::new, pick)
    };
    Row {
        account: AccountNo(account.account).to_string(),
        holder: shell.masked(&account.holder),
        address: account.address,
        payer: of(&|a| shell.masked(&a.payer_name)),
        terms: of(&|a| format!("{} → {}", shell.yuan(&a.threshold_fen), shell.yuan(&a.amount_fen))),
        card: of(&|a| format!("{} ****{}", a.bank, a.card_last4)),
        state: of(&|a| a.state.clone()),
    }
}
