//! Enrolment (签约): the paper form's fields in its order. Errors stand beside the field; nothing typed is lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Form as Posted;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use yichong_core::model::ids::AccountNo;
use yichong_core::model::money::Fen;
use yichong_core::model::role::Right;
use yichong_jobs::enrol::{self, Checked, Form};
use yichong_store::accounts::readings;

use super::Console;
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

#[derive(Template)]
#[template(path = "enrol.html")]
struct Page {
    shell: Shell,
    form: Form,
    /// Of the account that was typed.
    holder: String,
    address: String,
    balance: Option<i64>,
    /// By the column's title.
    bad: BTreeMap<String, String>,
    warnings: Vec<String>,
    banks: Vec<(String, String)>,
    thresholds: Vec<String>,
    amounts: Vec<String>,
    seen: bool,
}

impl Page {
    fn bad(&self, column: &str) -> &str {
        self.bad.get(column).map_or("", String::as_str)
    }
}

/// The account it is about, if one came from its page.
#[derive(Debug, Default, serde::Deserialize)]
pub struct About {
    #[serde(default)]
    account: String,
}

/// What is typed, and whether warnings were read.
#[derive(Debug, serde::Deserialize)]
pub struct Typed {
    #[serde(flatten)]
    form: Form,
    #[serde(default)]
    seen: String,
}

/// The empty form.
pub async fn page(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(about): Query<About>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::Enrol).await?;
    let form = Form { account: about.account, id_type: "resident".to_owned(), ..Form::default() };
    let checked = enrol::check(&console.app, &form).await?;
    form_page(&console, &visitor, form, Checked { account: checked.account, ..Checked::default() }, false).await
}

/// Enters it; warnings are shown once before.
pub async fn enter(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Posted(typed): Posted<Typed>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::Enrol).await?;
    let Typed { form, seen } = typed;
    let checked = enrol::check(&console.app, &form).await?;
    if !checked.bad.is_empty() || (!checked.warnings.is_empty() && seen.is_empty()) {
        let again = form_page(&console, &visitor, form, checked, true).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    }
    match enrol::enrol(&console.app, &visitor.row(), &form, "").await? {
        Ok(_) => Ok(Redirect::to(&format!("/accounts/{}?done=proposed", form.account.trim())).into_response()),
        Err(checked) => {
            let again = form_page(&console, &visitor, form, checked, true).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

async fn form_page(
    console: &Console,
    visitor: &Visitor,
    form: Form,
    checked: Checked,
    seen: bool,
) -> Result<Response, Refusal> {
    let config = &console.app.config;
    let balance = match &checked.account {
        Some(row) => readings::find(&mut console.app.db.read().await?, AccountNo(row.account)).await?,
        None => None,
    };
    let words = |boxes: &[Fen]| boxes.iter().map(|fen| fen.to_string().trim_end_matches(".00").to_owned()).collect();
    let said = |p: &yichong_jobs::enrol::Problem| format!("{}；{}", p.problem, p.remedy);
    let shell = Shell::of(console, visitor);
    let (holder, address) = checked.account.map(|row| (shell.masked(&row.holder), row.address)).unwrap_or_default();
    show(&Page {
        holder,
        address,
        balance: balance.map(|row| row.paid_fen),
        bad: checked.bad.iter().map(|p| (p.column.clone(), said(p))).collect(),
        warnings: checked.warnings.iter().map(|p| format!("{}：{}", p.column, said(p))).collect(),
        banks: config.banks.iter().map(|bank| (bank.code.clone(), bank.name.clone())).collect(),
        thresholds: words(&config.site.boxes.thresholds),
        amounts: words(&config.site.boxes.amounts),
        seen,
        shell,
        form,
    })
}
