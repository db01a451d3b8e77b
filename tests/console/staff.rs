//! People at the console: one administrator proposes, another approves, and hands a password over.
//!
//! Shown to turn red, tried by hand and taken back: an administrator who decides about himself.

use yichong::jobs::access;

use super::browser::{Browser, PASSWORD, decided, waiting};
use crate::support::{Place, Site, both, household};

both!(somebody_is_let_in_by_two_and_sent_away_by_two, two_administrators_are_left);

const NOON: &str = "2026-03-02T12:00:00";

async fn administrators(site: &Site) -> [Browser; 2] {
    let mut browsers = Vec::new();
    for (name, once) in access::first(&site.app).await.unwrap() {
        let mut browser = Browser::at(site, NOON).await;
        browser.sign_in(&name, &once).await;
        browser.post("/password", &[("old", &once), ("new", PASSWORD), ("again", PASSWORD)]).await;
        browsers.push(browser);
    }
    browsers.try_into().unwrap()
}

async fn asked(browser: &mut Browser, name: &str, action: &str, role: &str) -> u16 {
    let fields = [("name", name), ("action", action), ("role", role), ("reason", "新同事")];
    browser.post("/people", &fields).await.status
}

async fn somebody_is_let_in_by_two_and_sent_away_by_two(place: Place) {
    let site = Site::plain(place, &[household(1)]).await;
    let [mut one, mut other] = administrators(&site).await;
    assert_eq!(asked(&mut one, "王芳", "add", "teller").await, 303);
    let address = waiting(&mut other).await;
    other.get(&address).await.has("没有此人").has("柜员 teller, 在用");
    assert_eq!(decided(&mut one, &address, "approve", "").await.status, 409, "the maker");
    let invited = decided(&mut other, &address, "approve", "").await;
    let (_, once) = invited.text.split_once("<p class=\"figure\">").unwrap_or_else(|| panic!("{}", invited.text));
    let once = once.split('<').next().unwrap().to_owned();
    let mut teller = Browser::at(&site, NOON).await;
    assert_eq!(teller.sign_in("王芳", &once).await.to, "/");
    assert_eq!(teller.post("/password", &[("old", &once), ("new", PASSWORD), ("again", PASSWORD)]).await.to, "/");
    teller.get("/search").await.has("查找");
    for (name, action, role, status) in [
        ("王芳", "add", "teller", 409),
        ("王芳", "role", "teller", 409),
        ("王芳", "role", "boss", 422),
        ("李明", "deactivate", "", 409),
        ("a:b", "add", "teller", 422),
        ("<b>", "add", "teller", 422),
        ("", "add", "teller", 422),
    ] {
        assert_eq!(asked(&mut one, name, action, role).await, status, "{name} {action}:{role}");
    }
    assert_eq!(asked(&mut one, "王芳", "deactivate", "").await, 303);
    let address = waiting(&mut other).await;
    assert_eq!(decided(&mut other, &address, "approve", "").await.to, "/people");
    assert_eq!(teller.get("/search").await.to, "/sign-in?next=/search", "at once");
    assert_eq!(teller.sign_in("王芳", PASSWORD).await.status, 401);
    one.get("/people").await.has("停用");
}

async fn two_administrators_are_left(place: Place) {
    let site = Site::plain(place, &[household(1)]).await;
    let [mut one, mut other] = administrators(&site).await;
    assert_eq!(asked(&mut one, "admin2", "deactivate", "").await, 409, "one of the last two");
    assert_eq!(asked(&mut one, "admin2", "role", "teller").await, 409);
    assert_eq!(asked(&mut one, "admin3", "add", "administrator").await, 303);
    let address = waiting(&mut other).await;
    decided(&mut other, &address, "approve", "").await.has("admin3");
    // Nobody decides about oneself, not even as the second.
    assert_eq!(asked(&mut one, "admin2", "deactivate", "").await, 303);
    let address = waiting(&mut other).await;
    assert_eq!(decided(&mut other, &address, "approve", "").await.status, 409);
    assert_eq!(other.get("/people").await.status, 200, "still there");
}
