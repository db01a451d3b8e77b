//! Finance at the console: a file that is held, a yuan too much, both decided by two people; the figures by hand.

use yichong::simulator::{Money, Outcome, Which};

use super::browser::{Browser, decided, waiting};
use crate::support::{Place, Site, both, household};

both!(a_held_file_is_released_by_two, a_yuan_too_much_is_given_back_by_two);

async fn a_held_file_is_released_by_two(place: Place) {
    let mut site = Site::with(place, "[stop]\nlargest_max = 15000", &["PLAIN"]).await;
    site.enrol(&[household(1), household(2).taking(20_000)]).await;
    site.try_run("nightly", "2026-03-02", "2026-03-02T22:00:05").await.unwrap();
    let late = "2026-03-02T22:10:00";
    let mut first = Browser::of(&site, "fin1", "finance", late).await;
    let mut second = Browser::of(&site, "fin2", "finance", late).await;
    let list = first.get("/files").await;
    // 50.00 and 200.00.
    list.has("M001-20260302-001.csv").has("待放行").has("largest debit 200.00").has("250.00");
    let (_, rest) = list.text.split_once("href=\"/files/").unwrap();
    let file = format!("/files/{}", rest.split('"').next().unwrap());
    first.get(&file).await.has("051600000002").has("王**").has("****0002").has("200.00").has("value=\"release\"");
    let asked = first.post(&file, &[("action", "release"), ("reason", "第二户是食堂，已核实")]).await;
    assert_eq!(asked.to, format!("{file}?done=proposed"), "{}", asked.text);
    let address = waiting(&mut second).await;
    second.get(&address).await.has("食堂").has("fin1");
    assert_eq!(decided(&mut first, &address, "approve", "").await.status, 409, "the maker");
    assert_eq!(decided(&mut second, &address, "approve", "").await.to, "/desk");
    site.run("nightly", "2026-03-02", "2026-03-02T22:40:00").await;
    second.get(&file).await.has("已送").has("fin1+fin2");
    let mut auditor = Browser::of(&site, "auditor", "auditor", late).await;
    let seen = auditor.get(&file).await;
    assert!(seen.status == 200 && !seen.text.contains("name=\"action\""), "an auditor decides nothing");
    assert_eq!(auditor.post(&file, &[("action", "void"), ("reason", "x")]).await.status, 403);
    site.green().await;
}

async fn a_yuan_too_much_is_given_back_by_two(place: Place) {
    let mut site = Site::plain(place, &[household(1), household(2)]).await;
    let mut bank = site.partner("PLAIN", "lump");
    bank.override_outcome(Which::Account("051600000001".into()), Outcome::paid().money(Money::Off(100)));
    site.played(&mut bank, "2026-03-02").await;
    // 101.00 came for 100.00.
    let late = "2026-03-03T10:00:00";
    let mut one = Browser::of(&site, "fin1", "finance", late).await;
    let mut other = Browser::of(&site, "fin2", "finance", late).await;
    let list = one.get("/breaks").await;
    list.has("长款").has("<small>1 笔, 1.00 元</small>");
    let (_, rest) = list.text.split_once("<td><a href=\"/breaks/").unwrap();
    let this = format!("/breaks/{}", rest.split('"').next().unwrap());
    one.get(&this).await.has("1.00").has("value=\"refund\"");
    assert_eq!(one.post(&this, &[("action", "refund"), ("reason", "")]).await.status, 422, "without a reason");
    assert_eq!(one.post(&this, &[("action", "refund"), ("reason", "银行来函 17 号")]).await.status, 303);
    let address = waiting(&mut other).await;
    other.get(&address).await.has("银行来函 17 号").has("1.00");
    assert_eq!(decided(&mut other, &address, "approve", "").await.to, "/desk");
    one.get("/breaks").await.has("没有差错");
    one.get(&this).await.has("已结").has("fin1 / fin2");
    site.reconciled("2026-03-04").await;
    assert_eq!(site.ledger().await, ["PLAIN bank 10100", "PLAIN prepaid -10000", "PLAIN refunds_payable -100"]);
    site.green().await;
}
