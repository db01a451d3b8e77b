//! A bank's own list beside ours: every difference is named once, masked, and ends when the lists agree.
//!
//! Shown to turn red, each tried by hand and taken back: a comparison that never ends a break, one that takes what is
//! still on its way for a difference.

use std::path::{Path, PathBuf};

use yichong::jobs::agreements::compare::{self, Compared, List};
use yichong_core::rules::telling::Difference;

use super::exchange;
use crate::support::{Place, Site, both, exec, household, texts};

both!(every_difference_is_named_and_ends, what_is_on_its_way_is_no_difference);

/// The bank's list: (account, card, name, status).
fn list(site: &Site, rows: &[(&str, &str, &str, &str)]) -> PathBuf {
    let mut text = String::new();
    for (line, (account, card, name, status)) in rows.iter().enumerate() {
        text += &format!("{}|{account}|JS|{card}|{name}|{status}|20260105|\r\n", line + 1).replace("|\r\n", "|x\r\n");
    }
    let path = site.folder().join("DKQYJS20260331.TXT");
    std::fs::write(&path, encoding_rs::GBK.encode(&text).0).unwrap();
    path
}

fn named(path: &Path) -> List<'_> {
    List { bank: "PIPE", path, format: Some("pipe-agreements") }
}

fn unnamed(path: &Path) -> List<'_> {
    List { bank: "PIPE", path, format: None }
}

async fn compared(site: &Site, rows: &[(&str, &str, &str, &str)]) -> Compared {
    site.app.db.read().await.unwrap();
    let path = list(site, rows);
    compare::compare(&site.app, &named(&path), "甲").await.unwrap()
}

const GOOD: (&str, &str, &str, &str) = ("051600000001", "6226090000000001", "王珅1", "1");

async fn every_difference_is_named_and_ends(place: Place) {
    let mut site = Site::with(place, "", &["PIPE"]).await;
    // Pages of two: the list is four, ours are three.
    site.app.page = 2;
    site.enrol(&(1..=5).map(|nth| household(nth).at("PIPE")).collect::<Vec<_>>()).await;
    site.clock("2026-03-31T10:00:00");
    let rows = [
        GOOD,
        ("051600000002", "6226090000000048", "王珅2", "1"),
        ("051600000003", "6226090000000003", "王坤3", "1"),
        ("051600000004", "6226090000000004", "王珅4", "2"),
        ("051600000077", "6226090000000077", "张三", "1"),
        ("ABC", "6226090000000078", "李四", "1"),
        ("051600000005", "6226090000000005", "王珅5", "1"),
    ];
    // Looking first: every difference, and nothing is written.
    let mut looked = Vec::new();
    let path = list(&site, &rows);
    let found = compare::dry_run(&site.app, &named(&path), |found| looked.push((found.line, found.difference))).await;
    let found = found.unwrap();
    assert_eq!((found.theirs, found.ours, found.opened, found.known), (6, 5, 0, 0));
    assert_eq!((site.breaks().await.len(), looked.len()), (0, 5));
    let audited = "SELECT actor FROM audit WHERE action = 'agreements.compared'";
    assert!(texts(&site.app.db, audited).await.is_empty());
    let result = compared(&site, &rows).await;
    assert_eq!(looked, result.found.iter().map(|f| (f.line, f.difference)).collect::<Vec<_>>());
    // The line that says cancelled is none of theirs; the fourth household stands with us alone.
    assert_eq!((result.theirs, result.ours, result.opened, result.healed), (6, 5, 5, 0));
    let found: Vec<(&str, u32, Difference)> =
        result.found.iter().map(|f| (f.account.as_str(), f.line, f.difference)).collect();
    assert_eq!(
        found,
        [
            ("051600000002", 2, Difference::Card),
            ("051600000003", 3, Difference::Name),
            ("051600000077", 5, Difference::OnlyTheirs),
            ("ABC", 6, Difference::OnlyTheirs),
            ("051600000004", 0, Difference::OnlyOurs),
        ]
    );
    let details = texts(&site.app.db, "SELECT owner || ' ' || detail FROM break_item ORDER BY account, ref").await;
    assert_eq!(
        details,
        [
            "counter 卡号不符: 卡尾号 我方 0002，银行 0048",
            "counter 户名不符: 户名 我方 王**，银行 王**",
            "counter 我方有、银行无: 我方协议 051600000004-1（卡尾号 0004）不在银行清单上",
            "counter 银行有、我方无: 银行第5行有签约，我方没有",
            "counter 银行有、我方无: 不是本站的户号",
        ]
    );
    // The same list again is no news; a month later, with two of them put right, the others stay open.
    assert_eq!(compared(&site, &rows).await.opened, 0);
    // A stranger has no account to know a break by; the four others are known.
    assert_eq!(compare::dry_run(&site.app, &named(&path), |_| ()).await.unwrap().known, 4);
    site.clock("2026-04-30T10:00:00");
    let better = [
        GOOD,
        ("051600000002", "6226090000000002", "王珅2", "1"),
        ("051600000003", "6226090000000003", "王坤3", "1"),
        ("051600000004", "6226090000000004", "王珅4", "1"),
        ("051600000005", "6226090000000005", "王珅5", "1"),
    ];
    let result = compared(&site, &better).await;
    assert_eq!((result.opened, result.healed), (0, 2));
    let open =
        texts(&site.app.db, "SELECT CAST(account AS TEXT) FROM break_item WHERE state = 'open' ORDER BY account");
    assert_eq!(open.await, ["51600000003", "51600000077", "999999999003"]);
    // Two people end one; next month it is a break again, for it still differs.
    site.staff().await;
    site.two("break:agreement_differs:51600000003:202603", "accept").await;
    site.clock("2026-05-31T10:00:00");
    assert_eq!(compared(&site, &better).await.opened, 1);
    assert_eq!(texts(&site.app.db, audited).await, ["甲"; 4]);
    // A list that breaks off changes nothing.
    let before = site.breaks().await;
    let path = site.folder().join("DKQYJS20260601.TXT");
    std::fs::write(&path, "1|051600000009|JS|6226090000000009|a|1|20260105|x\r\n2|0516").unwrap();
    let error = compare::compare(&site.app, &named(&path), "甲").await.unwrap_err();
    assert!(error.message.contains("line 2"), "{error}");
    assert_eq!(site.breaks().await, before);
    site.green().await;
}

async fn what_is_on_its_way_is_no_difference(place: Place) {
    let mut site = exchange::site(place, 3, "").await;
    site.clock("2026-03-02T10:00:00");
    // Nothing is confirmed: the bank's list need not have it.
    let path = list(&site, &[]);
    let result = compare::compare(&site.app, &unnamed(&path), "甲").await.unwrap();
    assert_eq!((result.theirs, result.ours, result.opened), (0, 0, 0));
    site.run("agreements", "2026-03-02", "2026-03-02T17:00:05").await;
    let card = |nth: i64| format!("62260900000{nth:05}");
    let (one, two) = (card(1), card(2));
    exchange::reply(&site, "DKQYRJS20260302.TXT", &[(1, &one, "1", "Y", ""), (2, &two, "1", "Y", "")]);
    site.run("confirmations", "2026-03-03", "2026-03-03T08:05:00").await;
    exec(&site.app.db, "UPDATE agreement SET state = 'cancelled' WHERE account = 51600000002").await.unwrap();
    site.run("agreements", "2026-03-03", "2026-03-03T17:00:05").await;
    // The second's cancellation is on its way, and so is the third's signing: the list may have them or not.
    let rows = [GOOD, ("051600000002", two.as_str(), "王珅2", "1")];
    let result = compare::compare(&site.app, &unnamed(&list(&site, &rows)), "甲").await.unwrap();
    assert_eq!((result.theirs, result.ours, result.opened), (2, 1, 0), "{:?}", result.found);
}
