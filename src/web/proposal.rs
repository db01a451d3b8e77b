//! One proposal, as it stands now, and the decision of the second person. What is approved is what is shown: the hash
//! travels with the button.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use yichong_core::model::role::Right;
use yichong_jobs::access;
use yichong_jobs::resolve::{Asked, Object, approve_as, desk, propose_as};

use super::Console;
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

#[derive(Template)]
#[template(path = "proposal.html")]
struct Page {
    shell: Shell,
    object: String,
    hash: String,
    action: String,
    text: String,
    changed: bool,
    mine: bool,
    may: bool,
}

/// The one-time password of somebody who was let in, shown to who approved it, once.
#[derive(Template)]
#[template(path = "invited.html")]
struct Invited {
    shell: Shell,
    name: String,
    once: String,
}

/// What a page's form asks of its object.
#[derive(Debug, serde::Deserialize)]
pub struct Wish {
    /// What is to be done.
    pub action: String,
    /// Why.
    pub reason: String,
}

/// Proposes it for a second person to decide on, and goes back to the page.
pub async fn propose(
    console: &Console,
    visitor: &Visitor,
    object: Object,
    wish: &Wish,
    back: &str,
) -> Result<Response, Refusal> {
    let needs = match object {
        Object::Agreement(_) => Right::Enrol,
        Object::Person(_) => Right::ManagePeople,
        _ => Right::ResolveMoney,
    };
    visitor.needs(console, needs).await?;
    let asked = Asked { object, action: &wish.action, reason: &wish.reason, sealed: None };
    propose_as(&console.app, &visitor.row(), asked).await?;
    Ok(Redirect::to(&format!("{back}?done=proposed")).into_response())
}

/// Which proposal.
#[derive(Debug, serde::Deserialize)]
pub struct Which {
    object: String,
    hash: String,
}

/// The page.
pub async fn page(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Query(which): Query<Which>,
) -> Result<Response, Refusal> {
    let object: Object = which.object.parse().map_err(|_| Refusal::NotFound)?;
    let person = visitor.row();
    if !object.allows(&person.role) {
        visitor.needs(&console, right(&object)).await?;
    }
    let look = desk::look(&console.app, &person, &object, &which.hash).await?;
    show(&Page {
        mine: look.asked.maker == person.name,
        may: visitor.person.role.may(right(&object)),
        text: look.shown.text,
        changed: look.changed,
        action: look.asked.action,
        shell: Shell::of(&console, &visitor),
        object: which.object,
        hash: which.hash,
    })
}

/// The decision.
#[derive(Debug, serde::Deserialize)]
pub struct Decision {
    object: String,
    hash: String,
    decision: String,
    #[serde(default)]
    reason: String,
}

/// Decides.
pub async fn decide(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Form(decision): Form<Decision>,
) -> Result<Response, Refusal> {
    let object: Object = decision.object.parse().map_err(|_| Refusal::NotFound)?;
    let person = visitor.row();
    if decision.decision == "approve" {
        visitor.needs(&console, right(&object)).await?;
        let asked = desk::look(&console.app, &person, &object, &decision.hash).await?.asked.action;
        approve_as(&console.app, &person, &object, &decision.hash).await?;
        if let Object::Person(name) = &object {
            if asked == "invite" || asked.starts_with("add:") {
                let once = access::invite(&console.app, name, &person.name).await?;
                let shell = Shell::of(&console, &visitor);
                return show(&Invited { shell, name: name.clone(), once });
            }
            return Ok(Redirect::to("/people").into_response());
        }
    } else {
        desk::decline(&console.app, &person, &object, &decision.hash, &decision.reason).await?;
    }
    let to = match object {
        Object::Agreement(account) => format!("/accounts/{account}"),
        _ => "/desk".to_owned(),
    };
    Ok(Redirect::to(&to).into_response())
}

/// What approving takes.
const fn right(object: &Object) -> Right {
    match object {
        Object::Agreement(_) | Object::Import(_) => Right::ReleaseAgreements,
        Object::Break(..) | Object::Batch(_) | Object::Debit(_) => Right::ResolveMoney,
        Object::Person(_) => Right::ManagePeople,
    }
}
