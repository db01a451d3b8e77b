//! Choosing a password: everybody's own act, and the first one after an invitation.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use yichong_core::rules::access::{PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, Weak};
use yichong_jobs::access;

use super::Console;
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::Visitor;

#[derive(Template)]
#[template(path = "password.html")]
struct Page {
    shell: Shell,
    must: bool,
    least: usize,
    problem: String,
}

/// What is typed.
#[derive(serde::Deserialize)]
pub struct Typed {
    old: String,
    new: String,
    again: String,
}

/// The form.
pub async fn page(State(console): State<Arc<Console>>, visitor: Visitor) -> Result<Response, Refusal> {
    form(&console, &visitor, String::new())
}

/// Changes it.
pub async fn change(
    State(console): State<Arc<Console>>,
    visitor: Visitor,
    Form(typed): Form<Typed>,
) -> Result<Response, Refusal> {
    let language = visitor.language;
    let problem = if typed.new == typed.again {
        match access::change(&console.app, &visitor.person, &typed.old, &typed.new).await? {
            Ok(()) => return Ok(Redirect::to("/").into_response()),
            Err(None) => language.t("原密码不对", "The old password is wrong").to_owned(),
            Err(Some(weak)) => weak_words(&visitor, weak),
        }
    } else {
        language.t("两次输入的新密码不一样", "The new password was typed differently the second time").to_owned()
    };
    Ok((StatusCode::UNPROCESSABLE_ENTITY, form(&console, &visitor, problem)?).into_response())
}

fn form(console: &Console, visitor: &Visitor, problem: String) -> Result<Response, Refusal> {
    let must = visitor.person.must_change;
    show(&Page { shell: Shell::of(console, visitor), must, least: PASSWORD_CHARS_MIN, problem })
}

fn weak_words(visitor: &Visitor, weak: Weak) -> String {
    let (zh, en) = match weak {
        Weak::Short => (
            format!("新密码至少 {PASSWORD_CHARS_MIN} 个字符"),
            format!("The new password needs {PASSWORD_CHARS_MIN} characters or more"),
        ),
        Weak::Long => (
            format!("新密码至多 {PASSWORD_CHARS_MAX} 个字符"),
            format!("The new password may have {PASSWORD_CHARS_MAX} characters"),
        ),
        Weak::Name => ("新密码中不要有姓名".to_owned(), "The new password must not hold your name".to_owned()),
        Weak::Same => ("新密码与原密码相同".to_owned(), "The new password is the old one".to_owned()),
        Weak::Obvious => ("新密码太容易猜".to_owned(), "The new password is too easy to guess".to_owned()),
    };
    visitor.language.t(&zh, &en).to_owned()
}
