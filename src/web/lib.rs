//! The console (柜面与财务工作台): server-rendered pages for the counter, the finance desk, operators and auditors.
//!
//! One file per page, its template beside it. A page asks `jobs` for acts and the store for what it shows; it holds no
//! rule. What every page shares: [`visitor`] (who asks, with which right), [`shell`] (frame, language, words of
//! numbers), [`refusal`] (what could not be done, said in the frame), [`guard`] (headers, limits, foreign sites).

pub mod assets;
pub mod guard;
pub mod language;
pub mod listen;
pub mod refusal;
pub mod shell;
pub mod visitor;

mod account;
mod breaks;
mod day;
mod desk;
mod enrol;
mod files;
mod form;
mod home;
mod password;
mod people;
mod proposal;
mod runs;
mod search;
mod sign_in;
mod why;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;
use yichong_jobs::App;

/// What every page is handed.
#[derive(Debug)]
pub struct Console {
    /// The program.
    pub app: Arc<App>,
    /// Browsers reach it over TLS, ours or a proxy's: cookies are then for TLS only.
    pub secure: bool,
    /// Names under which it is reached: a request for another name is not answered.
    pub names: Vec<String>,
}

/// Every address of the console.
pub fn router(console: Arc<Console>) -> Router {
    let pages = Router::new()
        .route("/", get(home::page))
        .route("/search", get(search::page).post(search::find))
        .route("/accounts/{account}", get(account::page).post(account::propose))
        .route("/accounts/{account}/form", axum::routing::post(form::page))
        .route("/accounts/{account}/why", get(why::page))
        .route("/enrol", get(enrol::page).post(enrol::enter))
        .route("/desk", get(desk::page))
        .route("/desk/proposal", get(proposal::page).post(proposal::decide))
        .route("/days/{date}", get(day::page))
        .route("/breaks", get(breaks::list))
        .route("/breaks/{kind}/{account}/{reference}", get(breaks::page).post(breaks::propose))
        .route("/files", get(files::list))
        .route("/files/{batch}", get(files::page).post(files::propose))
        .route("/runs", get(runs::page).post(runs::run))
        .route("/people", get(people::page).post(people::propose))
        .route("/password", get(password::page).post(password::change))
        .route("/sign-out", axum::routing::post(sign_in::out))
        .route("/sign-in", get(sign_in::page).post(sign_in::enter))
        .route("/language", axum::routing::post(language::choose))
        .fallback(refusal::unknown);
    guard::around(pages.merge(assets::router()), console)
}
