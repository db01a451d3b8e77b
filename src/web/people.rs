//! People (人员): who may do what; changes are proposed by one administrator and approved by another.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::Response;
use yichong_core::model::role::{Right, Role};
use yichong_jobs::resolve::Object;
use yichong_store::people::{self, PersonRow};

use super::Console;
use super::proposal::{self, Wish};
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

#[derive(Template)]
#[template(path = "people.html")]
struct Page {
    shell: Shell,
    rows: Vec<PersonRow>,
    manages: bool,
    done: bool,
}

/// How one came here.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Came {
    #[serde(default)]
    done: String,
}

/// The list.
pub async fn page(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(came): Query<Came>,
) -> Result<Response, Refusal> {
    visitor.needs(&console, Right::SeePeople).await?;
    let rows = people::all(&mut console.app.db.read().await?).await?;
    let manages = visitor.person.role.may(Right::ManagePeople);
    show(&Page { shell: Shell::of(&console, &visitor), rows, manages, done: came.done == "proposed" })
}

/// What is asked about whom.
#[derive(Debug, serde::Deserialize)]
pub struct Typed {
    name: String,
    action: String,
    #[serde(default)]
    role: String,
    reason: String,
}

/// Proposes.
pub async fn propose(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, Refusal> {
    let object: Object = format!("person:{}", typed.name.trim()).parse()?;
    let action = match typed.action.as_str() {
        word @ ("add" | "role") => format!("{word}:{}", typed.role),
        word => word.to_owned(),
    };
    proposal::propose(&console, &visitor, object, &Wish { action, reason: typed.reason }, "/people").await
}
