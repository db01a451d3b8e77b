//! A head-end that exchanges files: orders leave once, its word decides, and what cannot be believed changes nothing.

use std::fs;

use yichong::jobs::credit;
use yichong::store::accounts;
use yichong::store::breaks::{self, BreakRow};
use yichong::store::db::Db;
use yichong::store::files_out::{self, FileOut};
use yichong::store::meters;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::debit::State;
use yichong_core::model::ids::AccountNo;
use yichong_core::model::money::Fen;

use super::{A, A_DEBIT, B, B_DEBIT, Site, at, counted, day, sha256};
use crate::support::on_both;

on_both!(
    orders_leave_once,
    its_word_decides,
    wrong_answers_change_nothing,
    a_death_while_sending_neither_loses_nor_doubles,
    silence_is_a_break_that_a_late_yes_heals,
    the_power_comes_back_when_the_switch_says_so,
    a_closed_door_stops_nothing_else
);

const ORDERS: &str = "order_no,account,amount\n98200516000012340,051600001234,50.00\n\
    98200516000012350,051600001235,50.00\nTOTAL,2,100.00\n";
const ACK_TITLES: &str = "order_no,account,amount,result,message\n";
const A_ACCEPTED: &str = "98200516000012340,051600001234,50.00,accepted,\n";
const B_ACCEPTED: &str = "98200516000012350,051600001235,50.00,accepted,\n";
const B_REJECTED: &str = "98200516000012350,051600001235,50.00,rejected,无此户号\n";

impl Site {
    fn answers(&self, name: &str, text: &str) {
        fs::write(self.path("meters-in").join(name), text).unwrap();
    }

    async fn break_of(&self, account: i64, kind: BreakKind, reference: i64) -> Option<BreakRow> {
        let mut tx = self.app.db.read().await.unwrap();
        breaks::find(&mut tx, account, kind, reference).await.unwrap()
    }
}

async fn two_orders_sent(db: &Db) -> Site {
    let site = Site::open(db, "kind = \"file\"").await;
    site.balance(A, 1_000, 0).await;
    site.paid(A).await;
    site.paid(B).await;
    assert_eq!(counted(credit::run(&site.ctx()).await), "orders_sent 2");
    site
}

async fn orders_leave_once(db: &Db) {
    let site = two_orders_sent(db).await;
    assert_eq!(site.files("meters-out"), ["credit-20261120-0001.csv"]);
    assert_eq!(site.read("meters-out/credit-20261120-0001.csv"), ORDERS);
    assert_eq!(site.outbox(A).await, ["credit  sent 5000"]);
    assert_eq!(site.debit_state(A_DEBIT).await, "paid");
    // The head-end takes the file and says nothing yet.
    fs::remove_file(site.path("meters-out/credit-20261120-0001.csv")).unwrap();
    assert_eq!(counted(credit::run(&site.ctx()).await), "");
    assert!(site.files("meters-out").is_empty());
}

async fn its_word_decides(db: &Db) {
    let site = two_orders_sent(db).await;
    let ack = format!("{ACK_TITLES}{A_ACCEPTED}{B_REJECTED}TOTAL,2,50.00\n");
    site.answers("credit-20261120-0001.ack.csv", &ack);
    assert_eq!(counted(credit::run(&site.ctx()).await), "accepted 1, acks 1, rejected 1");
    assert!(site.files("meters-in").is_empty());
    assert_eq!(site.debit_state(A_DEBIT).await, "credited");
    assert_eq!(site.outbox(A).await, ["credit  accepted 5000", "sms credited queued 5000"]);
    // The balance is the head-end's: only the time of the credit moves.
    let (paid, read_at, credited_at) = site.balance_now(A).await;
    assert_eq!((paid, read_at), (1_000, at("2026-11-20T18:00:00")));
    assert_eq!(credited_at, Some(at("2026-11-20T23:00:00")));
    assert_eq!(site.debit_state(B_DEBIT).await, "paid");
    assert_eq!(site.outbox(B).await, ["credit  rejected 5000", "sms credit_pending queued 5000"]);
    let opened = site.break_of(B, BreakKind::MeterUncredited, B_DEBIT).await.unwrap();
    assert_eq!((opened.amount_fen, opened.owner.as_str(), opened.state.as_str()), (5_000, "operator", "open"));
    // The same again is no news.
    site.answers("credit-20261120-0001.ack.csv", &ack);
    assert_eq!(counted(credit::run(&site.ctx()).await), "acks 1, repeated 2");
    assert_eq!(site.outbox(A).await.len(), 2);
    // The contrary is a break, never a flip.
    let contrary = ack.replace("accepted,", "x").replace("rejected,无此户号", "accepted,").replace(",x", ",rejected,");
    site.answers("credit-20261120-0001.ack.csv", &contrary);
    assert_eq!(counted(credit::run(&site.ctx()).await), "acks 1, contradicted 2");
    assert_eq!(site.debit_state(A_DEBIT).await, "credited");
    assert_eq!(site.debit_state(B_DEBIT).await, "paid");
    for (account, debit) in [(A, A_DEBIT), (B, B_DEBIT)] {
        assert!(site.break_of(account, BreakKind::StateDiffers, debit).await.is_some());
    }
}

async fn wrong_answers_change_nothing(db: &Db) {
    let site = two_orders_sent(db).await;
    let other = "98200516000012360,051600001236,50.00,accepted,\n";
    let wrong = [
        ("an order of nobody", format!("{ACK_TITLES}{A_ACCEPTED}{other}TOTAL,2,100.00\n")),
        ("another amount", format!("{ACK_TITLES}{}TOTAL,1,50.01\n", A_ACCEPTED.replace("50.00", "50.01"))),
        ("another account", format!("{ACK_TITLES}{}TOTAL,1,50.00\n", A_ACCEPTED.replace("1234,", "1235,"))),
        ("a sum that does not tie", format!("{ACK_TITLES}{A_ACCEPTED}{B_ACCEPTED}TOTAL,2,50.00\n")),
        ("a count that does not tie", format!("{ACK_TITLES}{A_ACCEPTED}TOTAL,2,50.00\n")),
        ("cut short", format!("{ACK_TITLES}{A_ACCEPTED}{B_ACCEPTED}")),
        ("an order twice", format!("{ACK_TITLES}{A_ACCEPTED}{A_ACCEPTED}TOTAL,2,100.00\n")),
        ("a word of its own", format!("{ACK_TITLES}{}TOTAL,1,0.00\n", A_ACCEPTED.replace("accepted", "done"))),
        ("no titles", A_ACCEPTED.to_owned()),
        ("empty", String::new()),
    ];
    for (what, text) in wrong {
        site.answers("credit-20261120-0001.ack.csv", &text);
        assert_eq!(counted(credit::run(&site.ctx()).await), "quarantined 1", "{what}");
        assert!(site.files("meters-in").is_empty(), "{what}");
        assert_eq!(site.outbox(A).await, ["credit  sent 5000"], "{what}");
    }
    site.answers("credit-20261119-0001.ack.csv", &format!("{ACK_TITLES}TOTAL,0,0.00\n"));
    assert_eq!(counted(credit::run(&site.ctx()).await), "quarantined 1");
    assert_eq!(site.files("data/quarantine/archive/in/meters").len(), 11);
    let file_no = files_out::number(day("2026-11-20"), 1, 1);
    let opened = site.break_of(999_999_999_000, BreakKind::StateDiffers, file_no).await.unwrap();
    assert!(opened.detail.contains("98200516000012360") && opened.owner == "operator", "{}", opened.detail);
}

async fn a_death_while_sending_neither_loses_nor_doubles(db: &Db) {
    let site = Site::open(db, "kind = \"file\"").await;
    site.paid(A).await;
    site.paid(B).await;
    let file = |seq: i64| FileOut {
        file_no: files_out::number(day("2026-11-20"), 1, seq),
        door: "meters".into(),
        file_date: day("2026-11-20"),
        seq,
        file_name: format!("credit-20261120-000{seq}.csv"),
        lines: 0,
        sum_fen: 0,
        sha256: None,
        state: "open".into(),
    };
    // Two files were declared sent; of the first the complete bytes still wait for their name, the second has left.
    let one = |order: i64, account: i64| format!("order_no,account,amount\n{order},0{account},50.00\nTOTAL,1,50.00\n");
    let texts = [one(A_DEBIT, A), one(B_DEBIT, B)];
    let mut tx = db.write().await.unwrap();
    for (seq, key) in [(1, (A, A_DEBIT, String::new())), (2, (B, B_DEBIT, String::new()))] {
        let file = file(seq);
        files_out::make(&mut tx, &file).await.unwrap();
        files_out::place(&mut tx, file.file_no, "credit", 0, &[key]).await.unwrap();
        let sha = sha256(&texts[usize::try_from(seq).unwrap() - 1]);
        files_out::seal(&mut tx, file.file_no, 1, 5_000, &sha).await.unwrap();
        files_out::change(&mut tx, file.file_no, "open", "sent").await.unwrap();
    }
    tx.commit().await.unwrap();
    fs::write(site.path("meters-out/.credit-20261120-0001.csv.tmp"), &texts[0]).unwrap();
    assert_eq!(counted(credit::run(&site.ctx()).await), "orders_sent 2");
    assert_eq!(site.files("meters-out"), ["credit-20261120-0001.csv"]);
    assert_eq!(site.read("meters-out/credit-20261120-0001.csv"), texts[0]);
    assert_eq!(counted(credit::run(&site.ctx()).await), "");
}

async fn silence_is_a_break_that_a_late_yes_heals(db: &Db) {
    let mut site = two_orders_sent(db).await;
    let unknown = B_ACCEPTED.replace("accepted", "unknown");
    site.answers("credit-20261120-0001.ack.csv", &format!("{ACK_TITLES}{unknown}TOTAL,1,0.00\n"));
    assert_eq!(counted(credit::run(&site.ctx()).await), "acks 1, unknown 1");
    site.clock("2026-11-21T22:59:00");
    assert_eq!(counted(credit::run(&site.ctx()).await), "");
    site.clock("2026-11-21T23:00:00");
    assert_eq!(counted(credit::run(&site.ctx()).await), "silent 2");
    assert_eq!(counted(credit::run(&site.ctx()).await), "");
    let state = |row: Option<BreakRow>| row.map(|row| row.state);
    assert_eq!(state(site.break_of(B, BreakKind::MeterUncredited, B_DEBIT).await).as_deref(), Some("open"));
    let ack = format!("{ACK_TITLES}{A_ACCEPTED}{B_ACCEPTED}TOTAL,2,100.00\n");
    site.answers("credit-20261120-0001.ack.csv", &ack);
    assert_eq!(counted(credit::run(&site.ctx()).await), "accepted 2, acks 1");
    for (account, debit) in [(A, A_DEBIT), (B, B_DEBIT)] {
        let row = site.break_of(account, BreakKind::MeterUncredited, debit).await;
        assert_eq!(state(row).as_deref(), Some("resolved"));
        assert_eq!(site.debit_state(debit).await, "credited");
    }
}

async fn the_power_comes_back_when_the_switch_says_so(db: &Db) {
    let site = two_orders_sent(db).await;
    site.balance(B, -100, 0).await;
    let mut tx = db.write().await.unwrap();
    meters::cut_for_money(&mut tx, &[A, B]).await.unwrap();
    meters::hold(&mut tx, B, Some("检修")).await.unwrap();
    tx.commit().await.unwrap();
    let ack = format!("{ACK_TITLES}{A_ACCEPTED}{B_ACCEPTED}TOTAL,2,100.00\n");
    site.answers("credit-20261120-0001.ack.csv", &ack);
    // B is held: no command for it.
    assert_eq!(counted(credit::run(&site.ctx()).await), "accepted 2, acks 1, relays_sent 1");
    let order = "98200516000012340,051600001234,close,2026-11-21 00:00:00\n";
    let titles = "order_no,account,command,not_after\n";
    assert_eq!(site.read("meters-out/relay-20261120-0001.csv"), format!("{titles}{order}"));
    let cut = || async {
        let mut tx = db.read().await.unwrap();
        accounts::find(&mut tx, AccountNo(A)).await.unwrap().unwrap().cut_for_money
    };
    let said = "order_no,account,result,state\n98200516000012340,051600001234,accepted,";
    site.answers("relay-20261120-0001.ack.csv", &format!("{said}open\n"));
    assert_eq!(counted(credit::run(&site.ctx()).await), "acks 1, relay_unknown 1");
    assert!(cut().await);
    site.answers("relay-20261120-0001.ack.csv", &format!("{said}closed\n"));
    assert_eq!(counted(credit::run(&site.ctx()).await), "acks 1, relay_accepted 1");
    assert!(!cut().await);
    let rows = site.outbox(A).await;
    assert_eq!(rows[1..], ["relay reclose accepted 5000", "sms credited queued 5000", "sms reclosed queued 5000"]);
}

async fn a_closed_door_stops_nothing_else(db: &Db) {
    let site = Site::open(db, "kind = \"file\"").await;
    site.paid(A).await;
    site.paid(B).await;
    site.shift(B, B_DEBIT, State::Reversed { taken: Fen(5_000) }).await;
    fs::remove_dir(site.path("meters-out")).unwrap();
    assert_eq!(counted(credit::run(&site.ctx()).await), "door_closed 2, withdrawn 1");
    fs::create_dir(site.path("meters-out")).unwrap();
    assert_eq!(counted(credit::run(&site.ctx()).await), "orders_sent 1");
    assert_eq!(site.read("meters-out/credit-20261120-0001.csv").lines().count(), 3);
    assert_eq!(site.outbox(B).await, ["credit  withdrawn 5000"]);
}
