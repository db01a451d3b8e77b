//! Stylesheet, script and htmx, inside the binary, under names that change with their content.

use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use sha2::{Digest, Sha256};

use super::Console;

const STYLE: &str = include_str!("assets/style.css");
const SCRIPT: &str = include_str!("assets/console.js");
/// 2.0.11, as its authors published it; its licence stands beside it.
const HTMX: &str = include_str!("assets/htmx.min.js");

static STYLE_AT: LazyLock<String> = LazyLock::new(|| address("style", STYLE, "css"));
static SCRIPT_AT: LazyLock<String> = LazyLock::new(|| address("console", SCRIPT, "js"));
static HTMX_AT: LazyLock<String> = LazyLock::new(|| address("htmx", HTMX, "js"));

fn address(name: &str, text: &str, ending: &str) -> String {
    let hash = hex::encode(Sha256::digest(text.as_bytes()));
    format!("/assets/{name}.{}.{ending}", &hash[..12])
}

/// Where the stylesheet is.
pub fn style() -> String {
    STYLE_AT.clone()
}

/// Where the script is.
pub fn script() -> String {
    SCRIPT_AT.clone()
}

/// Where htmx is.
pub fn htmx() -> String {
    HTMX_AT.clone()
}

/// The three files.
pub fn router() -> Router<Arc<Console>> {
    let text = |kind: &'static str, text: &'static str| get(move || async move { ([(CONTENT_TYPE, kind)], text) });
    Router::new()
        .route(&STYLE_AT, text("text/css; charset=utf-8", STYLE))
        .route(&SCRIPT_AT, text("text/javascript; charset=utf-8", SCRIPT))
        .route(&HTMX_AT, text("text/javascript; charset=utf-8", HTMX))
}
