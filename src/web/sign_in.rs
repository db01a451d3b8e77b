//! Signing in and out.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{ConnectInfo, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use yichong_jobs::access::{self, SignIn};

use super::Console;
use super::language::{Language, own};
use super::refusal::Refusal;
use super::shell::{Shell, show};
use super::visitor::{COOKIE, Visitor};

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page {
    shell: Shell,
    name: String,
    next: String,
    problem: String,
}

/// Where to go afterwards.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Next {
    #[serde(default)]
    next: String,
}

/// What is typed.
#[derive(serde::Deserialize)]
pub struct Typed {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// The form; somebody who is signed in goes on.
pub async fn page(
    State(console): State<Arc<Console>>,
    visitor: Option<Visitor>,
    jar: CookieJar,
    Query(query): Query<Next>,
) -> Result<Response, Refusal> {
    if visitor.is_some() {
        return Ok(Redirect::to(own(&query.next)).into_response());
    }
    let shell = Shell::nobody(&console, Language::of(&jar));
    show(&Page { shell, name: String::new(), next: query.next, problem: String::new() })
}

/// Signs in: the session is new, whatever cookie came along.
pub async fn enter(
    State(console): State<Arc<Console>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    jar: CookieJar,
    Form(typed): Form<Typed>,
) -> Result<Response, Refusal> {
    let language = Language::of(&jar);
    let address = from.ip().to_string();
    let problem = match access::sign_in(&console.app, &typed.name, &typed.password, &address).await? {
        SignIn::Welcome(ticket) => {
            let cookie = Cookie::build((COOKIE, ticket)).path("/").http_only(true);
            let cookie = cookie.same_site(SameSite::Strict).secure(console.secure);
            return Ok((jar.add(cookie), Redirect::to(own(&typed.next))).into_response());
        }
        SignIn::Wrong => language
            .t("姓名或密码不对；核对大小写后再试。", "Name or password is wrong; check and try again.")
            .to_owned(),
        SignIn::Wait(seconds) => match language {
            Language::Chinese => format!("试错太多，请等 {seconds} 秒再试；忘了密码请找管理员。"),
            Language::English => format!("Too many attempts: wait {seconds} seconds; ask an administrator."),
        },
    };
    let shell = Shell::nobody(&console, language);
    let page = Page { shell, name: typed.name, next: typed.next, problem };
    Ok((StatusCode::UNAUTHORIZED, show(&page)?).into_response())
}

/// Signs out.
pub async fn out(State(console): State<Arc<Console>>, visitor: Visitor, jar: CookieJar) -> Result<Response, Refusal> {
    access::sign_out(&console.app, &visitor.person).await?;
    Ok((jar.remove(Cookie::build(COOKIE).path("/")), Redirect::to("/sign-in")).into_response())
}
