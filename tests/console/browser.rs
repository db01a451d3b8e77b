//! A browser without a window: keeps cookies, says where it comes from, does not follow redirects.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::{Request, header};
use tower::ServiceExt as _;
use yichong::gateways::clock::Clock;
use yichong::gateways::password;
use yichong::jobs::{App, access};
use yichong::store::people::{self, PersonRow};
use yichong::web::{Console, router};

use crate::support::Site;
use crate::support::site::at;

/// What everybody here chose.
pub const PASSWORD: &str = "correct horse battery";

/// An answer.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    /// Where a redirect goes.
    pub to: String,
    pub text: String,
    pub headers: axum::http::HeaderMap,
}

impl Page {
    /// Refuses a page without a text.
    #[track_caller]
    pub fn has(&self, wanted: &str) -> &Page {
        assert!(self.text.contains(wanted), "no `{wanted}` in {} {}:\n{}", self.status, self.to, self.text);
        self
    }
}

/// A browser at a console whose clock stands still.
#[derive(Debug)]
pub struct Browser {
    console: Arc<Console>,
    cookies: BTreeMap<String, String>,
    /// The address it comes from.
    pub from: [u8; 4],
}

impl Browser {
    /// Nobody, at a local time.
    pub async fn at(site: &Site, local: &str) -> Browser {
        let app = App::open(&site.config(), Clock::Fixed(at(local))).await.unwrap();
        let console = Console { app: Arc::new(app), secure: false, names: vec!["localhost".into()] };
        Browser { console: Arc::new(console), cookies: BTreeMap::new(), from: [127, 0, 0, 1] }
    }

    /// Somebody of a role, made and signed in at a local time.
    pub async fn of(site: &Site, name: &str, role: &str, local: &str) -> Browser {
        let mut browser = Browser::at(site, local).await;
        let app = Arc::clone(&browser.console.app);
        let mut tx = app.db.write().await.unwrap();
        let token_hash = password::ticket_hash(name);
        people::add(&mut tx, &PersonRow { name: name.into(), role: role.into(), token_hash, active: true })
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let once = access::invite(&app, name, "test").await.unwrap();
        assert_eq!(browser.sign_in(name, &once).await.to, "/");
        assert_eq!(browser.get("/").await.to, "/password", "a one-time password is good for one thing");
        let changed = browser.post("/password", &[("old", &once), ("new", PASSWORD), ("again", PASSWORD)]).await;
        assert_eq!(changed.to, "/", "{}", changed.text);
        browser
    }

    /// The same session at another time.
    pub async fn later(&mut self, site: &Site, local: &str) {
        self.console = Browser::at(site, local).await.console;
    }

    /// Types name and password.
    pub async fn sign_in(&mut self, name: &str, secret: &str) -> Page {
        self.post("/sign-in", &[("name", name), ("password", secret)]).await
    }

    /// Follows a link.
    pub async fn get(&mut self, path: &str) -> Page {
        self.ask(Request::get(path).body(Body::empty()).unwrap()).await
    }

    /// Sends a form of ours.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_from(path, fields, "same-origin").await
    }

    /// Sends a form that stands on a page of this site, of another, or nowhere.
    pub async fn post_from(&mut self, path: &str, fields: &[(&str, &str)], site: &str) -> Page {
        let body = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site)
            .body(Body::from(body.join("&")))
            .unwrap();
        self.ask(request).await
    }

    /// Asks anything.
    pub async fn ask(&mut self, mut request: Request<Body>) -> Page {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let headers = request.headers_mut();
        headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        if !headers.contains_key(header::HOST) {
            headers.insert(header::HOST, "localhost:8866".parse().unwrap());
        }
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((self.from, 40_000))));
        let answer = router(Arc::clone(&self.console)).oneshot(request).await.unwrap();
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let taken_back = cookie.contains("Max-Age=0");
            let strict = cookie.contains("HttpOnly; SameSite=Strict");
            assert!(cookie.starts_with("yichong-language") || taken_back || strict, "{cookie}");
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.to_owned(), value.to_owned());
        }
        let (parts, body) = answer.into_parts();
        let to = parts.headers.get(header::LOCATION).map(|to| to.to_str().unwrap().to_owned()).unwrap_or_default();
        let text = String::from_utf8(to_bytes(body, 1 << 20).await.unwrap().to_vec()).unwrap();
        assert!(text.len() < 100_000, "a page of {} bytes", text.len());
        Page { status: parts.status.as_u16(), to, text, headers: parts.headers }
    }
}

/// A value as forms send it.
fn encoded(value: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric();
    value.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// The address of the one proposal on the desk.
pub async fn waiting(browser: &mut Browser) -> String {
    let desk = browser.get("/desk").await;
    let (_, rest) = desk.text.split_once("href=\"/desk/proposal?").unwrap_or_else(|| panic!("{}", desk.text));
    format!("/desk/proposal?{}", rest.split('"').next().unwrap().replace("&amp;", "&"))
}

fn part<'a>(address: &'a str, name: &str) -> &'a str {
    address.split(['?', '&']).find_map(|part| part.strip_prefix(&format!("{name}="))).unwrap()
}

/// Decides on a proposal at its address.
pub async fn decided(browser: &mut Browser, address: &str, decision: &str, reason: &str) -> Page {
    let object = decoded(part(address, "object"));
    let fields = [("object", &*object), ("hash", part(address, "hash")), ("decision", decision), ("reason", reason)];
    browser.post("/desk/proposal", &fields).await
}

/// A value of an address as it was before it was written there.
fn decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let Some((plain, more)) = rest.split_once('%') {
        bytes.extend(plain.bytes());
        bytes.push(u8::from_str_radix(&more[..2], 16).unwrap());
        rest = &more[2..];
    }
    bytes.extend(rest.bytes());
    String::from_utf8(bytes).unwrap()
}
