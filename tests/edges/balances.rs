//! Balances of a head-end: taken whole or not at all; what is missing or wrong is never a balance of 0.

use std::fs;

use yichong::jobs::balances;
use yichong::store::breaks;
use yichong::store::db::Db;
use yichong::store::files_out;
use yichong_core::model::breaks::BreakKind;

use super::{A, Site, at, counted, day};
use crate::support::on_both;

on_both!(readings_are_taken_once, wrong_files_change_nothing, the_built_in_ledger_reads_nothing);

const NAME: &str = "meters-in/balances-20261120.csv";

async fn readings_are_taken_once(db: &Db) {
    let mut site = Site::open(db, "kind = \"file\"").await;
    assert_eq!(counted(balances::run(&site.ctx()).await), "missing 1");
    let lines = "051600001234,12.34,0.50,2026-11-20 18:00:00\n051600001239,1.00,0.00,2026-11-20 18:00:00\n";
    fs::write(site.path(NAME), format!("account,balance,free,read_at\n{lines}")).unwrap();
    // Of another head-end's day, and of tomorrow: not tonight's business.
    fs::write(site.path("meters-in/balances-20261121.csv"), "x").unwrap();
    site.app.page = 1;
    assert_eq!(counted(balances::run(&site.ctx()).await), "changed 1, lines 2, unknown_accounts 1");
    assert_eq!(site.files("meters-in"), ["balances-20261121.csv"]);
    assert_eq!(site.balance_now(A).await, (1_234, at("2026-11-20T18:00:00"), None));
    assert_eq!(counted(balances::run(&site.ctx()).await), "");
    // Again, as after a death before the file was taken away.
    fs::write(site.path(NAME), format!("account,balance,free,read_at\n{lines}")).unwrap();
    assert_eq!(counted(balances::run(&site.ctx()).await), "lines 2, old 1, unknown_accounts 1");
    // A later reading of the day, without the free credit: what is known of it stays.
    fs::write(site.path(NAME), "account,balance,read_at\n051600001234,-3.00,2026-11-20 20:00:00\n").unwrap();
    assert_eq!(counted(balances::run(&site.ctx()).await), "changed 1, lines 1");
    assert_eq!(site.balance_now(A).await, (-300, at("2026-11-20T20:00:00"), None));
}

async fn wrong_files_change_nothing(db: &Db) {
    let site = Site::open(db, "kind = \"file\"").await;
    site.balance(A, 1_000, 0).await;
    let right = "051600001234,12.34,0.50,2026-11-20 19:00:00\n";
    let titles = "account,balance,free,read_at\n";
    let wrong = [
        ("no titles", right.to_owned(), "the titles are not"),
        ("one field less", format!("{titles}{right}051600001235,1.00,2026-11-20 19:00:00\n"), "line 3: 3 fields"),
        ("an amount", format!("{titles}051600001234,12.345,0,2026-11-20 19:00:00\n"), "12.345"),
        ("an account", format!("{titles}{right}51600001235,1.00,0,2026-11-20 19:00:00\n"), "51600001235"),
        ("a time", format!("{titles}051600001234,1.00,0,2026-11-20T19:00:00\n"), "2026-11-20T19:00:00"),
        ("the future", format!("{titles}051600001234,1.00,0,2026-11-20 23:00:01\n"), "in the future"),
        ("twice", format!("{titles}{right}{right}"), "line 3: account 051600001234 stands twice"),
        ("free below zero", format!("{titles}051600001234,1.00,-0.01,2026-11-20 19:00:00\n"), "below zero"),
    ];
    for (at_file, (what, text, said)) in wrong.into_iter().enumerate() {
        fs::write(site.path(NAME), text).unwrap();
        assert_eq!(counted(balances::run(&site.ctx()).await), "quarantined 1", "{what}");
        assert!(site.files("meters-in").is_empty(), "{what}");
        assert_eq!(site.balance_now(A).await.0, 1_000, "{what}");
        assert_eq!(site.files("data/quarantine/archive/in/meters").len(), at_file + 1, "{what}");
        if at_file == 0 {
            let mut tx = db.read().await.unwrap();
            let number = files_out::number(day("2026-11-20"), 0, 0);
            let kind = BreakKind::StateDiffers;
            let row = breaks::find(&mut tx, 999_999_999_000, kind, number).await.unwrap().unwrap();
            assert!(row.detail.contains(said) && row.owner == "operator", "{}", row.detail);
        }
    }
    fs::write(site.path(NAME), format!("{titles}{right}")).unwrap();
    assert_eq!(counted(balances::run(&site.ctx()).await), "changed 1, lines 1");
    assert_eq!(site.balance_now(A).await.0, 1_234);
}

async fn the_built_in_ledger_reads_nothing(db: &Db) {
    let site = Site::open(db, "").await;
    assert_eq!(counted(balances::run(&site.ctx()).await), "");
}
