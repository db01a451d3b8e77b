//! The counter: found by whatever the resident brings, enrolled by one, released by another, taken that very night.
//!
//! Shown to turn red, each tried by hand and taken back: an approval that does not look at the hash, a form whose
//! warnings are never shown.

use yichong::simulator::Bank;

use super::browser::{Browser, decided, waiting};
use crate::support::{Place, Site, both, exec, household, texts};

both!(
    an_agreement_is_signed_released_and_taken_tonight,
    a_form_says_beside_the_field_what_is_wrong,
    what_is_sent_back_ends_and_is_entered_anew,
    a_resident_is_found_by_whatever_is_brought,
    what_changed_meanwhile_is_not_approved,
);

const NOON: &str = "2026-03-02T12:00:00";

/// GB 11643: 11010519491231002X is the standard's own example.
const FORM: [(&str, &str); 9] = [
    ("account", "051600000002"),
    ("payer_name", "李四"),
    ("id_type", "resident"),
    ("id_number", "11010519491231002x"),
    ("bank", "PLAIN"),
    ("card", "6226 0900 0000 0006"),
    ("mobile", "13800138000"),
    ("threshold", "30"),
    ("amount", "100"),
];

/// The form with other values.
fn form<'a>(other: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let value = |(name, value): (&'a str, &'a str)| {
        (name, other.iter().find(|(field, _)| *field == name).map_or(value, |(_, value)| *value))
    };
    let extra = other.iter().filter(|(name, _)| !FORM.iter().any(|(field, _)| field == name)).copied();
    FORM.into_iter().map(value).chain(extra).collect()
}

/// One household with an agreement, a second one without; 10.00 on both meters.
async fn site(place: Place) -> Site {
    let site = Site::plain(place, &[household(1), household(2)]).await;
    exec(&site.app.db, "DELETE FROM agreement_event WHERE account = 51600000002").await.unwrap();
    exec(&site.app.db, "DELETE FROM agreement WHERE account = 51600000002").await.unwrap();
    site
}

async fn an_agreement_is_signed_released_and_taken_tonight(place: Place) {
    let mut site = site(place).await;
    let mut teller = Browser::of(&site, "teller1", "teller", NOON).await;
    let mut supervisor = Browser::of(&site, "sup1", "supervisor", NOON).await;
    // 100.00 when below 30.00: nothing to warn of but that the card has a good Luhn check.
    let entered = teller.post("/enrol", &FORM).await;
    assert_eq!(entered.to, "/accounts/051600000002?done=proposed", "{}", entered.text);
    teller
        .get("/accounts/051600000002")
        .await
        .has("待复核")
        .has("李*")
        .has("PLAIN ****0006")
        .has("30.00")
        .has("100.00");
    let address = waiting(&mut supervisor).await;
    let shown = supervisor.get(&address).await;
    shown.has("签约").has("****0006").has("阈值 30.00 元, 金额 100.00 元").has("经办 maker: teller1");
    assert!(!shown.text.contains("6226090000000006") && !shown.text.contains("11010519491231002X"), "in clear");
    // The teller cannot: not the role, and not the own entry.
    assert_eq!(decided(&mut teller, &address, "approve", "").await.status, 403);
    let mut second = Browser::of(&site, "sup2", "supervisor", NOON).await;
    assert_eq!(decided(&mut second, &address, "approve", "").await.to, "/accounts/051600000002");
    assert_eq!(decided(&mut supervisor, &address, "approve", "").await.status, 409, "somebody was faster");
    supervisor.get("/accounts/051600000002").await.has("生效").has("teller1 / sup2");
    // The form to be signed shows everything, and who had it printed is known.
    let paper = teller.post("/accounts/051600000002/form", &[]).await;
    paper.has("6226090000000006").has("11010519491231002X").has("银行留存联").has("客户联").has("30 ☑").has("100 ☑");
    assert_eq!(teller.get("/accounts/051600000002/form").await.status, 405, "no link shows it");
    let printed = texts(&site.app.db, "SELECT actor || ' ' || object FROM audit WHERE action = 'form printed'").await;
    assert_eq!(printed, ["teller1 051600000002-1"]);
    let mut bank: Bank = site.partner("PLAIN", "all-paid");
    site.night("2026-03-02").await;
    let sql =
        "SELECT CAST(account AS TEXT) || ' ' || CAST(amount_fen AS TEXT) || ' ' || payer_name FROM debit ORDER BY 1";
    assert_eq!(texts(&site.app.db, sql).await, ["51600000001 5000 王珅1", "51600000002 10000 李四"]);
    site.answered(&mut bank, "2026-03-02").await;
    site.settled(&mut bank, "2026-03-02").await;
    site.closed("2026-03-02").await;
    site.green().await;
    // Both were taken: 50.00 and 100.00. Finance finds the same on the home page and on the day's.
    let mut finance = Browser::of(&site, "fin1", "finance", "2026-03-04T09:00:00").await;
    finance.get("/").await.has("2026-03-02 周一").has("150.00<small>2</small>").has("已日结");
    finance.get("/days/2026-03-02").await.has("<td>已扣</td><td class=\"n\">2</td><td class=\"n\">150.00</td>");
    finance.get("/accounts/051600000002/why?date=2026-03-02").await.has("余额低于阈值").has("✓");
}

async fn a_form_says_beside_the_field_what_is_wrong(place: Place) {
    let site = site(place).await;
    let mut teller = Browser::of(&site, "teller1", "teller", NOON).await;
    for (field, value, said) in [
        ("account", "051600000099", "没有这个户号"),
        ("account", "051600000001", "已有协议"),
        ("id_number", "110105194912310021", "校验位不符"),
        ("mobile", "12345", "不是手机号"),
        ("card", "62", "不是卡号"),
        ("bank", "", "没有填写"),
        ("threshold", "25", "不是协议书上的选项"),
    ] {
        let page = teller.post("/enrol", &form(&[(field, value)])).await;
        assert_eq!(page.status, 422, "{field} {value}");
        // What was typed is still there.
        page.has(said).has("value=\"李四\"").has(if field == "amount" { "" } else { "value=\"100\" required checked" });
    }
    // The check digit of a card only warns, once.
    let odd = form(&[("card", "6226090000000007")]);
    teller.post("/enrol", &odd).await.has("请再看一遍").has("Luhn").has("name=\"seen\"");
    assert_eq!(texts(&site.app.db, "SELECT 'x' FROM agreement WHERE account = 51600000002").await.len(), 0);
    let seen = form(&[("card", "6226090000000007"), ("seen", "yes")]);
    assert_eq!(teller.post("/enrol", &seen).await.to, "/accounts/051600000002?done=proposed");
}

async fn what_is_sent_back_ends_and_is_entered_anew(place: Place) {
    let site = site(place).await;
    let mut teller = Browser::of(&site, "teller1", "teller", NOON).await;
    let mut supervisor = Browser::of(&site, "sup1", "supervisor", NOON).await;
    teller.post("/enrol", &FORM).await;
    let address = waiting(&mut supervisor).await;
    assert_eq!(decided(&mut supervisor, &address, "decline", "").await.status, 422, "without a reason");
    let back = decided(&mut supervisor, &address, "decline", "签名与证件不符").await;
    assert_eq!(back.to, "/accounts/051600000002", "{}", back.text);
    teller.get("/accounts/051600000002").await.has("已解约").has("退回: 签名与证件不符");
    teller.get("/desk").await.has("没有待复核的事项");
    assert_eq!(decided(&mut supervisor, &address, "approve", "").await.status, 409);
    assert_eq!(teller.post("/enrol", &FORM).await.to, "/accounts/051600000002?done=proposed");
    teller.get("/accounts/051600000002").await.has("051600000002-2");
}

async fn a_resident_is_found_by_whatever_is_brought(place: Place) {
    let site = site(place).await;
    let mut teller = Browser::of(&site, "teller1", "teller", NOON).await;
    teller.post("/enrol", &FORM).await;
    for text in ["051600000002", "李四", "李", "11010519491231002X", "6226090000000006", "138 0013 8000"] {
        let page = teller.post("/search", &[("q", text)]).await;
        page.has("href=\"/accounts/051600000002\"");
        assert!(!page.text.contains("6226090000000006") || text == "6226090000000006", "in clear");
    }
    teller.post("/search", &[("q", "王五")]).await.has("没有找到");
    // What is looked for may be a card: it is not taken from an address, where logs and histories keep it.
    let page = teller.get("/search?q=6226090000000006").await;
    assert!(!page.text.contains("051600000002") && !page.text.contains("6226090000000006"), "{}", page.text);
}

async fn what_changed_meanwhile_is_not_approved(place: Place) {
    let site = site(place).await;
    let mut teller = Browser::of(&site, "teller1", "teller", NOON).await;
    let mut supervisor = Browser::of(&site, "sup1", "supervisor", NOON).await;
    let change = [("action", "amend"), ("threshold", "50"), ("amount", "100"), ("reason", "本人申请")];
    assert_eq!(teller.post("/accounts/051600000001", &change).await.to, "/accounts/051600000001?done=proposed");
    let address = waiting(&mut supervisor).await;
    supervisor.get(&address).await.has("阈值 30.00 → 50.00 元, 金额 50.00 → 100.00 元");
    exec(&site.app.db, "UPDATE agreement SET version = 2 WHERE account = 51600000001").await.unwrap();
    supervisor.get(&address).await.has("本次提交已失效");
    let page = decided(&mut supervisor, &address, "approve", "").await;
    assert_eq!(page.status, 409);
    page.has("has changed since it was shown");
    let sql = "SELECT CAST(threshold_fen AS TEXT) FROM agreement WHERE account = 51600000001";
    assert_eq!(texts(&site.app.db, sql).await, ["3000"]);
    let wrong = [("action", "fly"), ("reason", "x")];
    assert_eq!(teller.post("/accounts/051600000001", &wrong).await.status, 422);
}
