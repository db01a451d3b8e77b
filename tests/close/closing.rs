//! A day closes once, in order, and is chained to the day before; what stands against it is named.

use serde_json::Value;
use yichong::jobs::app::Outcome;
use yichong::jobs::{certificate, verify};
use yichong::store::certificates;
use yichong::store::db::Db;

use super::day::{self, BANK, D3, change, date};
use crate::support::on_both;

on_both!(
    what_stands_against_closing_is_named,
    a_day_closes_once_with_the_figures_of_the_day,
    the_chain_shows_every_change,
    what_comes_late_posts_on_the_open_date,
);

async fn what_stands_against_closing_is_named(db: &Db) {
    let (_folder, app) = day::app(db).await;
    let ctx = day::claim(&app, "2026-11-18").await;
    let file = "INSERT INTO file_in (file_id, bank, kind, file_name, sha256, bytes, received_at, business_date,
        state, problem)
        VALUES (3, 'BOC', 'unknown', 'odd.txt', 'c', 1, '2026-11-18T14:00:00+00:00', '2026-11-18', 'quarantined',
        'unreadable')";
    let unowned = "UPDATE break_item SET owner = ''";
    let quarantine_break = format!(
        "INSERT INTO break_item (account, kind, ref, bank, opened_on, bank_date, amount_fen, owner, detail, state)
        VALUES ({BANK}, 'state_differs', 3, 'BOC', '2026-11-18', '2026-11-18', 0, 'finance', 'file 3', 'open')"
    );
    // The money of the 17th was due on the 18th, and no statement reaches the 17th.
    let due = format!("UPDATE debit SET bank_date = '2026-11-17' WHERE debit_no = {D3}");
    let undue = format!("UPDATE debit SET bank_date = '2026-11-18' WHERE debit_no = {D3}");
    let held = "UPDATE batch SET state = 'held', hold_reason = 'too many', sent_at = '2026-11-18T14:00:00+00:00'";
    let cases: Vec<(&str, Vec<&str>, Vec<&str>)> = vec![
        ("invariant failed: I12", vec!["UPDATE batch SET sum_fen = 1"], vec!["UPDATE batch SET sum_fen = 26000"]),
        ("debit-1.txt of BOC is held: too many", vec![held], vec!["UPDATE batch SET state = 'sent'"]),
        ("odd.txt of BOC is quarantined: unreadable", vec![file], vec![&quarantine_break]),
        (
            "answer-1.txt of BOC is applying",
            vec!["UPDATE file_in SET state = 'applying' WHERE file_id = 1"],
            vec!["UPDATE file_in SET state = 'applied' WHERE file_id = 1"],
        ),
        (
            "BOC for bank date 2026-11-17: 1 debits, 100.00 yuan, due by 2026-11-18",
            vec![
                &due,
                "UPDATE file_in SET bank_date = '2026-11-16' WHERE file_id = 2",
                "UPDATE money_line SET bank_date = '2026-11-16'",
            ],
            vec![&undue, "UPDATE file_in SET bank_date = '2026-11-18' WHERE file_id = 2"],
        ),
        (
            "break:over:999999999001:20000005 of 7.00 yuan",
            vec![unowned],
            vec!["UPDATE break_item SET owner = 'finance'"],
        ),
        (
            "the night of this date has neither run nor been skipped",
            vec!["UPDATE run SET state = 'failed' WHERE job = 'nightly'"],
            vec!["UPDATE run SET state = 'skipped' WHERE job = 'nightly'"],
        ),
    ];
    for (reason, spoil, mend) in cases {
        change(db, &spoil).await;
        let Outcome::Waiting(_, said) = certificate::run(&ctx).await.unwrap() else { panic!("closed over: {reason}") };
        assert!(said.contains(reason), "{reason} is not in: {said}");
        assert!(certificates::last(&mut db.read().await.unwrap()).await.unwrap().is_none());
        change(db, &mend).await;
    }
    let next = day::claim(&app, "2026-11-19").await;
    let Outcome::Waiting(_, said) = certificate::run(&next).await.unwrap() else { panic!("closed out of order") };
    assert!(said.contains("2026-11-18 is not closed") && said.contains("neither run nor"), "{said}");
    assert!(matches!(certificate::run(&ctx).await.unwrap(), Outcome::Done(_)), "nothing stands against it any more");
    let before = day::claim(&app, "2026-11-17").await;
    let said = certificate::run(&before).await.unwrap_err();
    assert!(said.kind == yichong::jobs::Kind::Refused && said.message.contains("2026-11-18"), "{said}");
}

async fn a_day_closes_once_with_the_figures_of_the_day(db: &Db) {
    let (folder, app) = day::app(db).await;
    let ctx = day::claim(&app, "2026-11-18").await;
    let Outcome::Done(tally) = certificate::run(&ctx).await.unwrap() else { panic!("not closed") };
    assert_eq!(tally.to_string(), "closed 1");
    let row = certificates::find(&mut db.read().await.unwrap(), date("2026-11-18")).await.unwrap().unwrap();
    assert_eq!(row.previous, certificate::GENESIS);
    let body: Value = serde_json::from_str(&row.body).unwrap();
    let count = |path: &str, count: i64, sum: i64| {
        let found = body.pointer(path).unwrap_or(&Value::Null);
        assert_eq!((found["count"].as_i64(), found["sum_fen"].as_i64()), (Some(count), Some(sum)), "{path}");
    };
    count("/banks/0/due", 5, 26_000);
    count("/banks/0/void", 1, 5_000);
    count("/banks/0/sent", 5, 26_000);
    count("/banks/0/paid", 3, 20_000);
    count("/banks/0/refused/funds", 1, 3_000);
    count("/banks/0/unanswered", 1, 3_000);
    count("/banks/0/waiting", 0, 0);
    count("/banks/0/credited", 1, 5_000);
    count("/banks/0/crediting", 1, 10_000);
    count("/banks/0/reversed", 1, 5_000);
    count("/banks/0/settled", 2, 10_000);
    count("/banks/0/in_transit/2026-11-18", 1, 10_000);
    count("/banks/0/reversal_owed", 0, 0);
    count("/banks/0/by_bank_date/2026-11-18/settled", 2, 10_000);
    count("/banks/0/posted/fee", 1, 100);
    count("/banks/0/breaks/over", 1, 700);
    count("/banks/0/breaks/no_return", 1, 3_000);
    count("/banks/0/sms/credited", 1, 5_000);
    // 5000 + 10000 + 5000 paid, 2 × 5000 settled, 5000 reversed, 5000 paid out, 100 fee, 700 suspense.
    count("/entries", 9, 40_800);
    for (path, fen) in [("clearing_fen", 10_000), ("suspense_fen", 700), ("fees_fen", 100)] {
        assert_eq!(body["banks"][0][path].as_i64(), Some(fen), "{path}");
    }
    assert_eq!(body["audit"]["seq"].as_i64(), Some(2));
    let names: Vec<_> =
        body["files"].as_array().unwrap().iter().map(|file| file["file_name"].as_str().unwrap()).collect();
    assert_eq!(names, ["answer-1.txt", "debit-1.txt", "=money.csv", "sms-1.csv"]);
    let written = std::fs::read_to_string(folder.path().join("data/reports/2026-11-18/certificate.json")).unwrap();
    assert_eq!(written, row.body);
    let text = std::fs::read_to_string(folder.path().join("data/reports/2026-11-18/certificate.txt")).unwrap();
    assert!(text.contains(&row.sha256) && text.contains("当日分录 9 笔，408.00 元"), "{text}");
    std::fs::remove_dir_all(folder.path().join("data/reports")).unwrap();
    let Outcome::Done(tally) = certificate::run(&ctx).await.unwrap() else { panic!("a closed day waits") };
    assert_eq!(tally.to_string(), "closed_before 1");
    assert!(folder.path().join("data/reports/2026-11-18/certificate.json").exists(), "files come again");
    assert_eq!(certificates::last(&mut db.read().await.unwrap()).await.unwrap(), Some(row));
}

async fn the_chain_shows_every_change(db: &Db) {
    let (_folder, app) = day::app(db).await;
    certificate::run(&day::claim(&app, "2026-11-18").await).await.unwrap();
    change(
        db,
        &["INSERT INTO run (job, business_date, state, pass, owner, lease_until, fence, scheduled_at, started_at,
        inputs)
        SELECT job, '2026-11-19', state, pass, owner, lease_until, fence, scheduled_at, started_at, inputs FROM run
        WHERE job = 'nightly'"],
    )
    .await;
    let Outcome::Done(_) = certificate::run(&day::claim(&app, "2026-11-19").await).await.unwrap() else {
        panic!("waits")
    };
    let rows =
        certificates::between(&mut db.read().await.unwrap(), date("2026-11-18"), date("2026-11-19")).await.unwrap();
    assert_eq!((rows.len(), &rows[1].previous), (2, &rows[0].sha256));
    assert_eq!(verify::verify(&app, None).await.unwrap(), []);
    let span = Some((date("2026-11-19"), date("2026-11-19")));
    let red = async |sql: &str, back: &str, word: &str| {
        change(db, &[sql]).await;
        let found = verify::verify(&app, span).await.unwrap();
        assert!(verify::message(&found).contains(word), "{sql}: {found:#?}");
        change(db, &[back]).await;
        assert_eq!(verify::verify(&app, None).await.unwrap(), [], "{back}");
    };
    let byte = |from: &str, to: &str| {
        format!("UPDATE certificate SET body = REPLACE(body, '{from}', '{to}') WHERE business_date = '2026-11-19'")
    };
    red(&byte("\"version\":1", "\"version\":2"), &byte("\"version\":2", "\"version\":1"), "its body hashes to").await;
    let first = |sha: &str| format!("UPDATE certificate SET sha256 = '{sha}' WHERE business_date = '2026-11-18'");
    red(&first("ff"), &first(&rows[0].sha256), "names").await;
    let late = "INSERT INTO entry VALUES (999999999001, 'fee', 77, 'BOC', 'fees', 'bank', 1, '2026-11-19', 'late')";
    red(late, "DELETE FROM entry WHERE ref = 77", "I2 ").await;
    let mac = |row: i64| format!("(SELECT mac FROM audit WHERE seq = {row})");
    assert!(!mac(1).is_empty());
    change(db, &["DELETE FROM audit WHERE seq = 2"]).await;
    let found = verify::verify(&app, None).await.unwrap();
    assert!(verify::message(&found).contains("audit row 2 is gone"), "{found:#?}");
}

async fn what_comes_late_posts_on_the_open_date(db: &Db) {
    let (_folder, app) = day::app(db).await;
    let open = async |wanted: &str| {
        let mut tx = db.write().await.unwrap();
        certificates::open_date(&mut tx, date(wanted)).await.unwrap()
    };
    assert_eq!(open("2026-11-18").await, date("2026-11-18"), "nothing is closed");
    certificate::run(&day::claim(&app, "2026-11-18").await).await.unwrap();
    assert_eq!(open("2026-11-17").await, date("2026-11-19"));
    assert_eq!(open("2026-11-18").await, date("2026-11-19"));
    assert_eq!(open("2026-11-25").await, date("2026-11-25"));
}
