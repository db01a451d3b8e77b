//! Texts: to the right phone, once, outside quiet hours, and never in the way of money.

use std::os::unix::fs::PermissionsExt;

use yichong::jobs::{credit, notify};
use yichong::store::db::Db;
use yichong::store::outbox;
use yichong_core::model::debit::State;
use yichong_core::model::money::Fen;

use super::{A, A_DEBIT, B, B_DEBIT, Site, at, counted, order};
use crate::support::on_both;

on_both!(
    a_credited_payer_is_told_in_the_morning,
    a_pending_credit_is_told_once,
    phones_are_not_mixed_up,
    a_closed_folder_keeps_texts,
    what_was_overtaken_is_not_told
);

async fn a_credited_payer_is_told_in_the_morning(db: &Db) {
    let mut site = Site::open(db, "").await;
    site.paid(A).await;
    credit::run(&site.ctx()).await.unwrap();
    // 23:00 is quiet.
    assert_eq!(counted(notify::run(&site.ctx()).await), "sms_waiting 1");
    assert!(site.files("sms").is_empty());
    site.clock("2026-11-21T07:00:00");
    assert_eq!(counted(notify::run(&site.ctx()).await), "sms_sent 1");
    assert_eq!(site.files("sms"), ["sms-20261120-0001.csv"]);
    let text = "【水电中心】户号尾号1234于11月20日从尾号0048的银行卡代扣充值50.00元，已到账。";
    let file = format!("message_no,phone,text\n{A_DEBIT}-credited,13800000009,{text}\n");
    assert_eq!(site.read("sms/sms-20261120-0001.csv"), file);
    let mode = std::fs::metadata(site.path("sms/sms-20261120-0001.csv")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(site.outbox(A).await, ["credit  accepted 5000", "sms credited sent 5000"]);
    // The gateway took the file: nothing is sent again.
    std::fs::remove_file(site.path("sms/sms-20261120-0001.csv")).unwrap();
    assert_eq!(counted(notify::run(&site.ctx()).await), "");
    assert!(site.files("sms").is_empty());
}

async fn a_pending_credit_is_told_once(db: &Db) {
    // Answered at 22:50 and not credited: 23:19 is too early, 23:20 is half an hour.
    let mut site = Site::open(db, "").await;
    site.app.config.sms.quiet_from = site.app.config.sms.quiet_to;
    site.paid(A).await;
    site.clock("2026-11-20T23:19:00");
    assert_eq!(counted(notify::run(&site.ctx()).await), "");
    site.clock("2026-11-20T23:20:00");
    assert_eq!(counted(notify::run(&site.ctx()).await), "sms_sent 1");
    assert_eq!(counted(notify::run(&site.ctx()).await), "");
    assert_eq!(site.outbox(A).await, ["credit  queued 5000", "sms credit_pending sent 5000"]);
    credit::run(&site.ctx()).await.unwrap();
    assert_eq!(counted(notify::run(&site.ctx()).await), "sms_sent 1");
    assert_eq!(site.files("sms"), ["sms-20261120-0001.csv", "sms-20261120-0002.csv"]);
}

async fn phones_are_not_mixed_up(db: &Db) {
    let mut site = Site::open(db, "").await;
    site.clock("2026-11-21T09:00:00");
    site.paid(A).await;
    credit::run(&site.ctx()).await.unwrap();
    let mut tx = db.write().await.unwrap();
    let texts = [order(A, A_DEBIT, "sms", "funds", 5_000), order(A, A_DEBIT, "sms", "still_short", 501)];
    outbox::queue(&mut tx, &texts, at("2026-11-20T23:00:00")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(counted(notify::run(&site.ctx()).await), "sms_sent 3");
    let file = site.read("sms/sms-20261120-0001.csv");
    let lines: Vec<&str> = file.lines().collect();
    assert!(lines[1].starts_with(&format!("{A_DEBIT}-credited,13800000009,")), "{file}");
    assert!(lines[2].starts_with(&format!("{A_DEBIT}-funds,13800000009,")), "{file}");
    // The account's own phone; 5.01 are missing to be above 0.00, so the balance is -5.00.
    let short = "【水电中心】户号尾号1234充值后余额-5.00元，再充5.01元方可恢复供电。电话83885330";
    assert_eq!(lines[3], format!("{A_DEBIT}-still_short,13900000001,{short}"));
    assert!(!file.contains("6226") && !file.contains("X1"));
}

async fn a_closed_folder_keeps_texts(db: &Db) {
    let mut site = Site::open(db, "").await;
    site.clock("2026-11-21T09:00:00");
    site.paid(A).await;
    site.paid(B).await;
    credit::run(&site.ctx()).await.unwrap();
    std::fs::remove_dir(site.path("sms")).unwrap();
    assert_eq!(counted(notify::run(&site.ctx()).await), "sms_waiting 2");
    std::fs::create_dir(site.path("sms")).unwrap();
    assert_eq!(counted(notify::run(&site.ctx()).await), "sms_sent 2");
    assert_eq!(site.read("sms/sms-20261120-0001.csv").lines().count(), 3);
    assert!(site.read("sms/sms-20261120-0001.csv").contains(&format!("{B_DEBIT}-credited")));
}

async fn what_was_overtaken_is_not_told(db: &Db) {
    let mut site = Site::open(db, "").await;
    site.paid(A).await;
    site.clock("2026-11-20T23:20:00");
    // Pending at 23:20, but quiet; reversed before the morning.
    assert_eq!(counted(notify::run(&site.ctx()).await), "sms_waiting 1");
    site.shift(A, A_DEBIT, State::Reversed { taken: Fen(5_000) }).await;
    site.clock("2026-11-21T09:00:00");
    assert_eq!(counted(notify::run(&site.ctx()).await), "sms_withdrawn 1");
    assert!(site.files("sms").is_empty());
}
