//! What could not be done, said on a page: what, why, what to do next. Nothing of the inside is shown.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Redirect, Response};
use yichong_jobs::{JobError, Kind};
use yichong_store::db::StoreError;

/// Why a page is not shown, or an act not done.
#[derive(Debug)]
pub enum Refusal {
    /// Nobody is signed in; where to go afterwards.
    SignIn(String),
    /// A password must be chosen first.
    ChangePassword,
    /// The role must not have it.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// It came from a foreign site, or for a foreign name.
    Foreign,
    /// The program refused, or could not.
    Job(JobError),
}

impl From<JobError> for Refusal {
    fn from(error: JobError) -> Refusal {
        Refusal::Job(error)
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Refusal {
        Refusal::Job(error.into())
    }
}

/// In both languages: who is refused may not have chosen one.
#[derive(Template)]
#[template(path = "refusal.html")]
struct Page<'a> {
    title: &'a str,
    title_en: &'a str,
    said: &'a str,
    next: &'a str,
    next_en: &'a str,
    style: String,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, title, title_en, said, next, next_en) = match &self {
            Refusal::SignIn(path) => return Redirect::to(&format!("/sign-in?next={}", escaped(path))).into_response(),
            Refusal::ChangePassword => return Redirect::to("/password").into_response(),
            Refusal::Forbidden => (
                StatusCode::FORBIDDEN,
                "没有权限",
                "Not allowed",
                "",
                "您的角色不能使用这一页；此次访问已记录。请找管理员，或返回首页。",
                "Your role must not use this page; the attempt was recorded. Ask an administrator, or go home.",
            ),
            Refusal::NotFound => (
                StatusCode::NOT_FOUND,
                "没有找到",
                "Not found",
                "",
                "没有这个对象或页面：核对号码，或从首页查找。",
                "There is no such thing: check the number, or search from the home page.",
            ),
            Refusal::Foreign => (
                StatusCode::FORBIDDEN,
                "请求来自别处",
                "A foreign request",
                "",
                "这一请求不是从本站的页面发出的，未做任何改动。请返回首页重新操作。",
                "The request did not come from a page of this site; nothing was changed. Start again from home.",
            ),
            Refusal::Job(error) => return job(error),
        };
        page(status, &Page { title, title_en, said, next, next_en, style: super::assets::style() })
    }
}

fn job(error: &JobError) -> Response {
    let (status, title, title_en, next, next_en) = match error.kind {
        Kind::Usage | Kind::Input => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "输入有误",
            "Wrong input",
            "未做任何改动。返回改正后再试。",
            "Nothing was changed. Go back and put it right.",
        ),
        Kind::Refused => (StatusCode::CONFLICT, "不能这样做", "Refused", "未做任何改动。", "Nothing was changed."),
        Kind::Busy => (
            StatusCode::CONFLICT,
            "别人刚刚改动过",
            "Somebody was faster",
            "未做任何改动。请返回刷新，看过新的内容再决定。",
            "Nothing was changed. Go back, reload, and decide on what stands there now.",
        ),
        Kind::Waiting => (StatusCode::CONFLICT, "还要等待", "Waiting", "稍后再试。", "Try again later."),
        Kind::Books | Kind::Machine => {
            tracing::error!(%error, "a page failed");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "系统暂时不能完成",
                "The system cannot do it now",
                "未做任何改动。请稍后再试；若仍然如此，请告知运维，时间见页面记录。",
                "Nothing was changed. Try again later; if it stays so, tell the operators.",
            )
        }
    };
    let shown = !matches!(error.kind, Kind::Books | Kind::Machine);
    let said = if shown { error.message.as_str() } else { "" };
    page(status, &Page { title, title_en, said, next, next_en, style: super::assets::style() })
}

fn page(status: StatusCode, page: &Page<'_>) -> Response {
    match page.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            status.into_response()
        }
    }
}

/// A path as the value of a query.
fn escaped(path: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"/-_.".contains(&b);
    path.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// No such address.
pub async fn unknown() -> Refusal {
    Refusal::NotFound
}
