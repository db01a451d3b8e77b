//! Getting in: one-time passwords, guessing, ending, foreign pages, foreign names.
//!
//! Shown to turn red, each tried by hand and taken back: failures of another address, a session that is not asked for
//! its age, a change that is not asked where it comes from.

use axum::body::Body;
use axum::http::{Request, header};
use yichong::jobs::access;

use super::browser::{Browser, PASSWORD};
use crate::support::{Place, Site, both, household, texts};

both!(
    the_first_start_makes_two_administrators_once,
    guessing_is_slow_for_the_one_who_guesses,
    a_session_ends,
    a_new_password_ends_the_other_sessions,
    a_foreign_page_changes_nothing,
);

const NOON: &str = "2026-03-02T12:00:00";

async fn the_first_start_makes_two_administrators_once(place: Place) {
    let site = Site::plain(place, &[household(1)]).await;
    let first = access::first(&site.app).await.unwrap();
    let names: Vec<&str> = first.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["admin1", "admin2"]);
    assert!(access::first(&site.app).await.unwrap().is_empty(), "the passwords are shown once");
    let mut browser = Browser::at(&site, NOON).await;
    assert_eq!(browser.get("/runs").await.to, "/sign-in?next=/runs");
    assert_eq!(browser.sign_in("admin1", &first[1].1).await.status, 401, "that is the other's");
    assert_eq!(browser.sign_in("admin1", &first[0].1).await.to, "/");
    assert_eq!(browser.get("/runs").await.to, "/password");
    for (new, said) in [("short", "至少 12"), ("admin1 is my name", "姓名"), ("aaaaaaaaaaaaaa", "太容易猜")] {
        let page = browser.post("/password", &[("old", &first[0].1), ("new", new), ("again", new)]).await;
        assert_eq!(page.status, 422);
        page.has(said);
    }
    let page = browser.post("/password", &[("old", "x"), ("new", PASSWORD), ("again", PASSWORD)]).await;
    page.has("原密码不对");
    let page = browser.post("/password", &[("old", &first[0].1), ("new", PASSWORD), ("again", "other")]).await;
    page.has("不一样");
    let page = browser.post("/password", &[("old", &first[0].1), ("new", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!(page.to, "/");
    assert_eq!(browser.get("/runs").await.status, 200);
    assert_eq!(browser.post("/sign-out", &[]).await.to, "/sign-in");
    assert_eq!(browser.get("/runs").await.to, "/sign-in?next=/runs");
}

async fn guessing_is_slow_for_the_one_who_guesses(place: Place) {
    let site = Site::plain(place, &[household(1)]).await;
    drop(Browser::of(&site, "supervisor", "supervisor", NOON).await);
    let mut thief = Browser::at(&site, NOON).await;
    thief.from = [10, 0, 0, 9];
    for _ in 0..5 {
        thief.sign_in("supervisor", "guess").await.has("姓名或密码不对");
    }
    // Even the right one waits now: 30 seconds after the fifth.
    thief.sign_in("supervisor", PASSWORD).await.has("请等 30 秒");
    thief.sign_in("nobody", "guess").await.has("姓名或密码不对");
    // The person is not locked out.
    let mut person = Browser::at(&site, NOON).await;
    assert_eq!(person.sign_in("supervisor", PASSWORD).await.to, "/");
    thief.later(&site, "2026-03-02T12:00:31").await;
    assert_eq!(thief.sign_in("supervisor", PASSWORD).await.to, "/");
    let sql = "SELECT action || ' ' || object || ' ' || detail FROM audit WHERE action LIKE 'sign in%' ORDER BY seq";
    let told = texts(&site.app.db, sql).await;
    let refused = told.iter().filter(|row| *row == "sign in refused supervisor 10.0.0.9").count();
    assert_eq!((refused, told.len()), (5, 9), "{told:?}");
    assert!(told.contains(&"sign in refused an unknown name 10.0.0.9".to_owned()), "what is no name may be a password");
}

async fn a_session_ends(place: Place) {
    let site = Site::plain(place, &[household(1)]).await;
    let mut browser = Browser::of(&site, "fin", "finance", NOON).await;
    for (local, status) in [("12:29:59", 200), ("12:59:58", 200), ("13:29:58", 303)] {
        browser.later(&site, &format!("2026-03-02T{local}")).await;
        assert_eq!(browser.get("/").await.status, status, "{local}");
    }
    // Used all the time it ends with the shift, twelve hours after it began.
    let mut busy = Browser::of(&site, "busy", "finance", NOON).await;
    for quarter in 1..48 {
        let (hour, minute) = ((12 + quarter / 4) % 24, quarter % 4 * 15);
        busy.later(&site, &format!("2026-03-02T{hour:02}:{minute:02}:00")).await;
        assert_eq!(busy.get("/").await.status, 200, "{hour}:{minute}");
    }
    busy.later(&site, "2026-03-03T00:00:00").await;
    assert_eq!(busy.get("/").await.to, "/sign-in?next=/");
}

async fn a_new_password_ends_the_other_sessions(place: Place) {
    let site = Site::plain(place, &[household(1)]).await;
    let mut here = Browser::of(&site, "fin", "finance", NOON).await;
    let mut there = Browser::at(&site, NOON).await;
    there.sign_in("fin", PASSWORD).await;
    assert_eq!(there.get("/").await.status, 200);
    let new = "another long password";
    here.post("/password", &[("old", PASSWORD), ("new", new), ("again", new)]).await;
    assert_eq!((here.get("/").await.status, there.get("/").await.status), (200, 303));
    access::invite(&site.app, "fin", "test").await.unwrap();
    assert_eq!(here.get("/").await.status, 303, "an invitation ends every session");
}

async fn a_foreign_page_changes_nothing(place: Place) {
    let site = Site::plain(place, &[household(1)]).await;
    let mut browser = Browser::of(&site, "fin", "finance", NOON).await;
    for from in ["cross-site", "same-site", "none"] {
        assert_eq!(browser.post_from("/sign-out", &[], from).await.status, 403, "{from}");
    }
    let bare = Request::post("/sign-out").body(Body::empty()).unwrap();
    assert_eq!(browser.ask(bare).await.status, 403, "not even a browser");
    let rebound = Request::get("/").header(header::HOST, "evil.example").body(Body::empty()).unwrap();
    assert_eq!(browser.ask(rebound).await.status, 403);
    let page = browser.get("/").await;
    assert_eq!(page.status, 200, "still signed in");
    for (name, value) in [
        ("x-frame-options", "DENY"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("referrer-policy", "same-origin"),
    ] {
        assert_eq!(page.headers[name], value);
    }
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(!page.text.contains("<script>") && !page.text.contains("style=") && !page.text.contains(" onclick"));
    assert_eq!(browser.post("/language", &[("language", "en"), ("back", "//evil.example")]).await.to, "/");
    browser.get("/").await.has("lang=\"en\"").has("waiting for approval");
}
