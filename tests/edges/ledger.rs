//! The built-in ledger: a queued credit is booked once, and the switch follows the balance.

use yichong::jobs::credit;
use yichong::store::accounts::readings;
use yichong::store::db::Db;
use yichong_core::model::debit::State;
use yichong_core::model::ids::AccountNo;
use yichong_core::model::money::Fen;

use super::{A, A_DEBIT, B, B_DEBIT, Site, at, counted, day};
use crate::support::on_both;

on_both!(
    a_credit_is_booked_once,
    small_pages_book_the_same,
    what_was_reversed_is_not_credited,
    the_power_follows_the_balance
);

async fn a_credit_is_booked_once(db: &Db) {
    let site = Site::open(db, "").await;
    site.balance(A, 1_000, 200).await;
    site.paid(A).await;
    assert_eq!(counted(credit::run(&site.ctx()).await), "credited 1, credited_fen 5000");
    assert_eq!(site.debit_state(A_DEBIT).await, "credited");
    let now = at("2026-11-20T23:00:00");
    assert_eq!(site.balance_now(A).await, (6_000, now, Some(now)));
    assert_eq!(site.outbox(A).await, ["credit  accepted 5000", "sms credited queued 5000"]);
    // What it was before is kept, and counts until the date of the credit.
    let mut tx = db.read().await.unwrap();
    let before = readings::on_date(&mut tx, AccountNo(A), day("2026-11-20")).await.unwrap().unwrap();
    assert_eq!((before.paid_fen, before.free_fen), (6_000, 200));
    drop(tx);
    assert_eq!(counted(credit::run(&site.ctx()).await), "");
    assert_eq!(site.balance_now(A).await.0, 6_000);
}

/// Pages of one: what a process that died after the first page leaves is finished by the next.
async fn small_pages_book_the_same(db: &Db) {
    let mut site = Site::open(db, "").await;
    site.app.page = 1;
    site.balance(A, 1_000, 0).await;
    site.paid(A).await;
    site.paid(B).await;
    assert_eq!(counted(credit::run(&site.ctx()).await), "credited 2, credited_fen 10000");
    assert_eq!(site.balance_now(A).await.0, 6_000);
    // An account without a balance row starts from its first money.
    assert_eq!(site.balance_now(B).await.0, 5_000);
    assert_eq!(site.debit_state(B_DEBIT).await, "credited");
}

async fn what_was_reversed_is_not_credited(db: &Db) {
    let site = Site::open(db, "").await;
    site.balance(A, 1_000, 0).await;
    site.paid(A).await;
    site.shift(A, A_DEBIT, State::Reversed { taken: Fen(5_000) }).await;
    assert_eq!(counted(credit::run(&site.ctx()).await), "withdrawn 1");
    assert_eq!(site.balance_now(A).await.0, 1_000);
    assert_eq!(site.outbox(A).await, ["credit  withdrawn 5000"]);
}

async fn the_power_follows_the_balance(db: &Db) {
    // A: -1.00 + 50.00 is above 10.00. B: -45.00 + 50.00 is 5.00, and 5.01 more are needed to be above 10.00.
    let site = Site::open(db, "cut_limit = 1000").await;
    for (account, paid_fen) in [(A, -100), (B, -4_500)] {
        site.balance(account, paid_fen, 0).await;
        site.paid(account).await;
        let mut tx = db.write().await.unwrap();
        yichong::store::meters::cut_for_money(&mut tx, &[account]).await.unwrap();
        tx.commit().await.unwrap();
    }
    assert_eq!(counted(credit::run(&site.ctx()).await), "credited 2, credited_fen 10000, reclose 1");
    assert_eq!(
        site.outbox(A).await,
        ["credit  accepted 5000", "relay reclose queued 5000", "sms credited queued 5000"]
    );
    assert_eq!(
        site.outbox(B).await,
        ["credit  accepted 5000", "sms credited queued 5000", "sms still_short queued 501"]
    );
}
