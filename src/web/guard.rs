//! Around every page: only for the names it is reached by, nothing from foreign sites, small bodies, little time,
//! and headers that leave a browser no room.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use super::Console;
use super::refusal::Refusal;

/// A form is small.
const BODY_BYTES_MAX: usize = 64 << 10;

/// A page that takes longer is not waited for.
const SECONDS_MAX: u64 = 30;

/// Everything from here, no script in a page, in nobody's frame, forms to nobody else.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The pages with everything around them.
pub fn around(pages: Router<Arc<Console>>, console: Arc<Console>) -> Router {
    pages
        .layer(CompressionLayer::new().gzip(true))
        .layer(RequestBodyLimitLayer::new(BODY_BYTES_MAX))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, Duration::from_secs(SECONDS_MAX)))
        .layer(CatchPanicLayer::new())
        .layer(from_fn_with_state(Arc::clone(&console), check))
        .with_state(console)
}

async fn check(State(console): State<Arc<Console>>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    let asset = request.uri().path().starts_with("/assets/");
    let safe = [Method::GET, Method::HEAD].contains(request.method());
    let mut response = if is_for_us(&console, headers) && (safe || is_own(headers)) {
        next.run(request).await
    } else {
        Refusal::Foreign.into_response()
    };
    let headers = response.headers_mut();
    let fixed: [(HeaderName, &'static str); 6] = [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
        (REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if console.secure {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    // Personal data stays in no cache; assets are named by their content.
    let kept = if asset { "public, max-age=31536000, immutable" } else { "no-store" };
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    response
}

/// A page of another site whose name was pointed at this machine (DNS rebinding) gets nothing.
fn is_for_us(console: &Console, headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    console.names.iter().any(|name| name == without_port(host))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.is_empty() => name,
        _ => host,
    }
}

/// Whether a change was asked by a page of ours. Browsers say where a request comes from; what does not is no browser.
fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text(HeaderName::from_static("sec-fetch-site")) {
        return site == "same-origin";
    }
    let (Some(origin), Some(host)) = (text(ORIGIN), text(HOST)) else { return false };
    origin.split_once("://").is_some_and(|(_, from)| from == host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_pages_change_things() {
        for (given, wanted) in [
            (&[("sec-fetch-site", "same-origin")][..], true),
            (&[("sec-fetch-site", "cross-site"), ("origin", "http://localhost:8080")], false),
            (&[("sec-fetch-site", "none")], false),
            (&[("origin", "http://localhost:8080")], true),
            (&[("origin", "http://localhost:8081")], false),
            (&[("origin", "null")], false),
            (&[], false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static("localhost:8080"));
            for (name, value) in given {
                headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
            }
            assert_eq!(is_own(&headers), wanted, "{given:?}");
        }
    }

    #[test]
    fn a_port_is_no_part_of_a_name() {
        assert_eq!(without_port("localhost:8080"), "localhost");
        assert_eq!(without_port("[::1]:8080"), "[::1]");
        assert_eq!(without_port("[::1]"), "[::1]");
        assert_eq!(without_port("bank.example"), "bank.example");
    }
}
