//! Nights that are not plain: two in a row, a bank that rests, a file that is held, a night that was missed.

use yichong::jobs::plan::plan;
use yichong::jobs::runner::Ended;
use yichong::jobs::scheduler;
use yichong::simulator::{Outcome, Reason, Which};
use yichong::store::accounts::readings::{self, Reading};

use super::plain::six;
use crate::support::site::{at, day};
use crate::support::{Place, Site, account, both, exec, household, texts};

both!(
    two_days,
    a_day_the_bank_rests,
    held_and_released,
    held_and_void_at_the_cut_off,
    a_missed_night,
    a_shared_card_goes_to_who_signed_first,
    closing_forgets_old_balances,
    texts_may_be_english,
);

const MONDAY: &str = "2026-03-02";
const TUESDAY: &str = "2026-03-03";
const NOTHING: [&str; 0] = [];
/// (9557 days × 1000 + bank 1) × 10,000 + 1.
const BATCH: &str = "batch:95570010001";

async fn two_days(place: Place) {
    let mut site = Site::plain(place, &six()).await;
    let mut bank = site.partner("PLAIN", "all-paid");
    bank.override_outcome(Which::Account("051600000005".into()), Outcome::refused(Reason::Funds));
    site.played(&mut bank, MONDAY).await;
    // On Tuesday the first household has used all but 1.00 of its 60.00.
    let reading = Reading {
        account: account(1),
        paid_fen: 100,
        free_fen: 0,
        free_until: None,
        read_at: at("2026-03-03T20:00:00"),
        since: day(TUESDAY),
    };
    let mut tx = site.app.db.write().await.unwrap();
    readings::record(&mut tx, &[reading]).await.unwrap();
    tx.commit().await.unwrap();
    site.played(&mut bank, TUESDAY).await;
    // The first again, and the fifth once more in vain; the others have enough.
    assert_eq!(
        site.debits().await[4..],
        ["1 2026-03-03 credited 5000 5000 2026-03-03 paid", "5 2026-03-03 refused 20000 - - funds"]
    );
    assert_eq!(site.batches().await, ["M001-20260302-001.csv sent 4 38000", "M001-20260303-001.csv sent 2 25000"]);
    assert_eq!(site.ledger().await, ["PLAIN bank 23000", "PLAIN prepaid -23000"], "180.00 and 50.00");
    let texts_of_five: Vec<String> = site.outbox().await.into_iter().filter(|row| row.starts_with("5 sms")).collect();
    assert_eq!(texts_of_five.len(), 1, "the first failure is told, the second is not");
    // Days close in order.
    let early = site.try_run("close", TUESDAY, "2026-03-04T19:00:00").await.unwrap();
    assert!(matches!(&early, Ended::Waiting { reason, .. } if reason.contains(MONDAY)), "{early:?}");
    site.closed(MONDAY).await;
    site.run("close", TUESDAY, "2026-03-04T19:00:00").await;
    let chain = "SELECT b.previous FROM certificate a JOIN certificate b ON b.previous = a.sha256";
    assert_eq!(texts(&site.app.db, chain).await.len(), 1);
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}

async fn a_day_the_bank_rests(place: Place) {
    let mut site = Site::plain(place, &six()).await;
    site.rests(&[MONDAY]).await;
    let mut bank = site.partner("PLAIN", "all-paid");
    let said = site.night(MONDAY).await;
    assert!(said.contains("not_selected 4, planned 0"), "{said}");
    assert_eq!(site.passed(1, MONDAY).await, "bank_open");
    assert_eq!((site.batches().await, site.debits().await), (vec![], vec![]));
    // Nothing accumulates: Tuesday takes one debit of each.
    site.played(&mut bank, TUESDAY).await;
    assert_eq!(site.batches().await, ["M001-20260303-001.csv sent 4 38000"]);
    assert_eq!(site.ledger().await, ["PLAIN bank 38000", "PLAIN prepaid -38000"]);
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}

/// A site whose largest debit may be 150.00, so that the night's 200.00 hold the file.
async fn held(place: Place) -> Site {
    let mut site = Site::with(place, "[stop]\nlargest_max = 15000", &["PLAIN"]).await;
    site.enrol(&six()).await;
    site.staff().await;
    let ended = site.try_run("nightly", MONDAY, "2026-03-02T22:00:05").await.unwrap();
    assert!(matches!(&ended, Ended::Waiting { reason, .. } if reason.contains("largest debit 200.00")), "{ended:?}");
    assert_eq!(site.batches().await, ["M001-20260302-001.csv held 4 38000"]);
    assert_eq!(waiting(&site), NOTHING, "nothing leaves");
    site
}

fn waiting(site: &Site) -> Vec<String> {
    let out = std::fs::read_dir(site.exchange("PLAIN").join("out")).unwrap();
    out.map(|item| item.unwrap().file_name().to_string_lossy().into_owned()).collect()
}

async fn held_and_released(place: Place) {
    let mut site = held(place).await;
    let shown = site.proposed(BATCH, "release").await.unwrap();
    let alone = yichong::jobs::resolve::approve(&site.app, BATCH, &shown.hash, "甲", "token 甲").await;
    assert!(alone.is_err(), "the maker approved");
    yichong::jobs::resolve::approve(&site.app, BATCH, &shown.hash, "乙", "token 乙").await.unwrap();
    site.run("nightly", MONDAY, "2026-03-02T22:40:00").await;
    assert_eq!(waiting(&site), ["M001-20260302-001.csv"]);
    let mut bank = site.partner("PLAIN", "all-paid");
    site.answered(&mut bank, MONDAY).await;
    site.settled(&mut bank, MONDAY).await;
    assert_eq!(site.ledger().await, ["PLAIN bank 38000", "PLAIN prepaid -38000"]);
    assert_eq!(texts(&site.app.db, "SELECT released_by FROM batch").await, ["甲+乙"]);
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}

async fn held_and_void_at_the_cut_off(place: Place) {
    let mut site = held(place).await;
    let shown = site.proposed(BATCH, "release").await.unwrap();
    site.run("nightly", MONDAY, "2026-03-02T23:30:00").await;
    assert_eq!(site.batches().await, ["M001-20260302-001.csv void 4 38000"]);
    assert!(site.debits().await.iter().all(|debit| debit.contains(" void ")));
    assert_eq!(waiting(&site), NOTHING);
    // Too late: what was shown is no longer so.
    assert!(yichong::jobs::resolve::approve(&site.app, BATCH, &shown.hash, "乙", "token 乙").await.is_err());
    assert_eq!(site.ledger().await, NOTHING);
    site.closed(MONDAY).await;
    site.green().await;
}

async fn a_missed_night(place: Place) {
    let mut site = Site::plain(place, &six()).await;
    let mut bank = site.partner("PLAIN", "all-paid");
    site.played(&mut bank, MONDAY).await;
    // The machine stood still until Thursday noon.
    site.clock("2026-03-05T12:00:00");
    scheduler::catch_up(&site.app).await.unwrap();
    let nights = "SELECT CAST(business_date AS TEXT) || ' ' || state FROM run WHERE job = 'nightly' ORDER BY 1";
    assert_eq!(texts(&site.app.db, nights).await, ["2026-03-02 done", "2026-03-03 skipped", "2026-03-04 skipped"]);
    for (date, local) in [(TUESDAY, "2026-03-05T12:00:00"), ("2026-03-06", "2026-03-05T12:00:00")] {
        let refused = site.try_run("nightly", date, local).await.unwrap_err();
        assert_eq!(refused.kind, yichong::jobs::Kind::Refused, "{date}: {refused}");
    }
    assert_eq!(site.debits().await.len(), 4);
    site.green().await;
}

/// Accounts 2, 3 and 4 share a card that may give 100.00 a day; they signed in the order 4, 3, 2, and 1 and 5 in
/// between.
async fn a_shared_card_goes_to_who_signed_first(place: Place) {
    let mut site = Site::with(place, "[limits]\nper_card_day = 10000", &["PLAIN"]).await;
    let mut households: Vec<_> = (1..=5).map(household).collect();
    for sharing in &mut households[1..4] {
        sharing.card = household(9).card;
    }
    site.enrol(&households).await;
    for (hour, nth) in [(1, 4), (2, 1), (3, 3), (4, 5), (5, 2)] {
        let (signed, account) = (format!("2026-01-05T0{hour}:00:00+00:00"), account(nth));
        let sql = format!("UPDATE agreement SET signed_at = '{signed}' WHERE account = {account}");
        assert_eq!(exec(&site.app.db, &sql).await.unwrap(), 1);
    }
    site.app.page = 2;
    let planned = plan(&site.app, day(MONDAY), None, 9).await.unwrap();
    let said = site.night(MONDAY).await;
    assert!(said.contains("not_selected 1, planned 4"), "{said}");
    assert_eq!(site.passed(2, MONDAY).await, "cap_card_day");
    let lines = "SELECT CAST(account - 51600000000 AS TEXT) FROM debit WHERE line_no IS NOT NULL ORDER BY line_no";
    assert_eq!(texts(&site.app.db, lines).await, ["4", "1", "3", "5"]);
    let sent = texts(&site.app.db, "SELECT sha256 FROM batch").await;
    assert_eq!([planned.files[0].sha256.clone()], sent[..], "the plan and the night are the same bytes");
}

/// 400 days before Monday, 2 March 2026, is 26 January 2025.
async fn closing_forgets_old_balances(place: Place) {
    let mut site = Site::plain(place, &six()).await;
    let mut bank = site.partner("PLAIN", "all-paid");
    site.played(&mut bank, MONDAY).await;
    for until in ["2025-01-25", "2025-01-26"] {
        let sql = format!(
            "INSERT INTO balance_past (account, since, until, paid_fen, free_fen, read_at)
             VALUES ({}, '2025-01-01', '{until}', 1, 0, '2025-01-01T00:00:00+00:00')",
            account(6)
        );
        exec(&site.app.db, &sql).await.unwrap();
    }
    site.closed(MONDAY).await;
    let left = "SELECT CAST(until AS TEXT) FROM balance_past WHERE since = '2025-01-01'";
    assert_eq!(texts(&site.app.db, left).await, ["2025-01-26"]);
}

async fn texts_may_be_english(place: Place) {
    let mut site = Site::with(place, "[sms]\nlanguage = \"en\"\nsignature = \"Campus\"", &["PLAIN"]).await;
    site.enrol(&six()).await;
    let mut bank = site.partner("PLAIN", "all-paid");
    site.night(MONDAY).await;
    site.answered(&mut bank, MONDAY).await;
    // Quiet until 07:00.
    site.run("returns", MONDAY, "2026-03-03T07:00:00").await;
    let out = std::fs::read_to_string(site.exchange("sms").join("out/sms-20260302-0001.csv")).unwrap();
    assert!(out.contains("【Campus】Account ..0001: 50.00 yuan from card"), "{out}");
}
