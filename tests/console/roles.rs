//! Each role at each address: what it must not have is refused, and the attempt is recorded.

use super::browser::Browser;
use crate::support::{Place, Site, both, household, texts};

both!(each_role_has_its_pages_and_no_others);

const ACCOUNT: &str = "/accounts/051600000001";

/// Address, and who may see it, in the order of `ROLES`.
const PAGES: [(&str, [bool; 6]); 11] = [
    ("/", [true; 6]),
    ("/desk", [true; 6]),
    ("/search", [true, true, true, true, true, false]),
    (ACCOUNT, [true, true, true, true, true, false]),
    ("/accounts/051600000001/why", [true, true, true, true, true, false]),
    ("/enrol", [true, true, false, false, false, false]),
    ("/days/2026-03-02", [false, true, true, true, true, false]),
    ("/files", [false, true, true, true, true, false]),
    ("/breaks", [false, true, true, true, true, false]),
    ("/people", [false, false, false, false, true, true]),
    ("/runs", [false, false, true, true, true, true]),
];

/// Act, its form, and who may do it.
type Act = (&'static str, &'static [(&'static str, &'static str)], [bool; 6]);

const ACTS: [Act; 5] = [
    ("/people", &[("name", "x"), ("action", "fly"), ("reason", "x")], [false, false, false, false, false, true]),
    ("/accounts/051600000001/form", &[], [true, true, false, false, false, false]),
    (ACCOUNT, &[("action", "suspend"), ("reason", "x")], [true, true, false, false, false, false]),
    ("/enrol", &[("account", "x")], [true, true, false, false, false, false]),
    ("/runs", &[("job", "nightly"), ("date", "2020-01-01")], [false, false, false, true, false, false]),
];

const ROLES: [&str; 6] = ["teller", "supervisor", "finance", "operator", "auditor", "administrator"];

async fn each_role_has_its_pages_and_no_others(place: Place) {
    let site = Site::plain(place, &[household(1)]).await;
    let mut refused = 0;
    for (at, role) in ROLES.into_iter().enumerate() {
        let mut browser = Browser::of(&site, role, role, "2026-03-02T12:00:00").await;
        for (path, may) in PAGES {
            let page = browser.get(path).await;
            assert_eq!(page.status, if may[at] { 200 } else { 403 }, "{role} {path}");
            refused += usize::from(!may[at]);
            if path == "/" {
                let link = |to: &str| page.text.contains(&format!("<a href=\"{to}\""));
                for (path, may) in PAGES
                    .iter()
                    .filter(|(path, _)| ["/search", "/enrol", "/files", "/breaks", "/runs", "/people"].contains(path))
                {
                    assert_eq!(link(path), may[at], "{role}: a way to {path}");
                }
            }
        }
        for (path, fields, may) in ACTS {
            let page = browser.post(path, fields).await;
            assert_eq!(page.status == 403, !may[at], "{role} {path}: {}", page.status);
            refused += usize::from(!may[at]);
        }
        assert_eq!(browser.get("/nowhere").await.status, 404);
        assert_eq!(browser.get("/accounts/051600000099").await.status, if may_see(role) { 404 } else { 403 });
        refused += usize::from(!may_see(role));
    }
    let told = texts(&site.app.db, "SELECT actor || object FROM audit WHERE action = 'page refused'").await;
    assert_eq!(told.len(), refused, "every refusal is recorded");
}

fn may_see(role: &str) -> bool {
    role != "administrator"
}
