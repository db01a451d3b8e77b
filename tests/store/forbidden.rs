//! What the schema forbids, whatever the program does: each is tried past the program's own guards.

use yichong::jobs::App;
use yichong::store::db::{Db, StoreError};
use yichong::store::debits::{self, Move};
use yichong::store::ledger::{self, Entry};
use yichong::store::people::{self, ApprovalRow, PersonRow};
use yichong_core::model::debit::State;
use yichong_core::model::money::Fen;
use yichong_core::rules::posting::Posting;

use crate::support::site::{at, day};
use crate::support::{Place, Site, account, both, exec, household, texts};

both!(
    one_debit_per_account_and_date,
    an_entry_posts_once,
    maker_is_never_checker,
    a_move_from_another_state_keeps_nothing,
    rows_that_contradict_themselves_are_refused,
);

const NIGHT: (&str, &str) = ("2026-03-02", "2026-03-02T22:00:00");

async fn planned(place: Place, households: i64) -> Site {
    let all: Vec<_> = (1..=households).map(household).collect();
    let mut site = Site::plain(place, &all).await;
    site.run("nightly", NIGHT.0, NIGHT.1).await;
    site
}

async fn refused(db: &Db, sql: &str) {
    let done = exec(db, sql).await;
    assert!(done.is_err(), "{}: accepted: {sql}", db.engine());
}

async fn first_debit(app: &App) -> debits::DebitRow {
    let mut tx = app.db.read().await.unwrap();
    debits::of_account(&mut tx, yichong_core::model::ids::AccountNo(account(1)), 1).await.unwrap().remove(0)
}

async fn one_debit_per_account_and_date(place: Place) {
    let site = planned(place, 1).await;
    let mut again = first_debit(&site.app).await;
    again.debit_no += 1;
    let mut tx = site.app.db.write().await.unwrap();
    assert!(crate::support::debits::plan(&mut tx, &again).await.is_err(), "a second debit of the date");
    drop(tx);
    // Whatever its outcome: refused counts.
    let sql = "UPDATE debit SET state = 'refused', category = 'funds', code = '51'";
    assert_eq!(exec(&site.app.db, sql).await.unwrap(), 1);
    let mut tx = site.app.db.write().await.unwrap();
    assert!(crate::support::debits::plan(&mut tx, &again).await.is_err(), "a second debit after a refusal");
    drop(tx);
    // Void never left, so it does not count.
    exec(&site.app.db, "UPDATE debit SET state = 'void', category = NULL, code = NULL").await.unwrap();
    let mut tx = site.app.db.write().await.unwrap();
    crate::support::debits::plan(&mut tx, &again).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(texts(&site.app.db, "SELECT state FROM debit ORDER BY debit_no").await, ["void", "planned"]);
}

fn paid(reference: i64, amount: i64) -> Entry<'static> {
    Entry {
        account: account(1),
        posting: Posting::Paid,
        reference,
        bank: "PLAIN",
        amount: Fen(amount),
        posted_on: day(NIGHT.0),
        cause: "a test".into(),
    }
}

async fn an_entry_posts_once(place: Place) {
    let site = planned(place, 1).await;
    let mut tx = site.app.db.write().await.unwrap();
    ledger::post(&mut tx, &[paid(7, 5_000)]).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = site.app.db.write().await.unwrap();
    // One new and one known: nothing of either is kept.
    assert!(ledger::post(&mut tx, &[paid(8, 5_000), paid(7, 4_000)]).await.is_err());
    drop(tx);
    assert_eq!(site.entries().await, ["1 paid PLAIN clearing>prepaid 5000 2026-03-02"]);
    for fen in [0, -1] {
        let mut tx = site.app.db.write().await.unwrap();
        assert!(ledger::post(&mut tx, &[paid(9, fen)]).await.is_err(), "{fen} fen");
    }
    let nowhere = "INSERT INTO entry (account, event, ref, bank, debit, credit, amount_fen, posted_on, cause)
        VALUES (1, 'x', 1, '', 'clearing', 'clearing', 1, '2026-03-02', '')";
    refused(&site.app.db, nowhere).await;
}

async fn maker_is_never_checker(place: Place) {
    let site = planned(place, 1).await;
    let db = &site.app.db;
    let mut tx = db.write().await.unwrap();
    for name in ["finance1", "finance2"] {
        let (name, role, token_hash) = (name.to_owned(), "finance".to_owned(), String::new());
        assert!(people::add(&mut tx, &PersonRow { name, role, token_hash, active: true }).await.unwrap());
    }
    let proposal = ApprovalRow {
        object: "batch 1".into(),
        hash: "h".into(),
        action: "release".into(),
        reason: "seen".into(),
        maker: "finance1".into(),
        checker: None,
        declined_by: None,
        sealed: None,
    };
    let now = at(NIGHT.1);
    assert!(people::propose(&mut tx, &proposal, now).await.unwrap());
    assert!(!people::approve(&mut tx, &proposal, "finance1", now).await.unwrap(), "the maker approved");
    let other = ApprovalRow { hash: "another".into(), ..proposal.clone() };
    assert!(!people::approve(&mut tx, &other, "finance2", now).await.unwrap(), "another thing was approved");
    assert!(people::approve(&mut tx, &proposal, "finance2", now).await.unwrap());
    assert!(!people::approve(&mut tx, &proposal, "finance2", now).await.unwrap(), "approved twice");
    tx.commit().await.unwrap();
    let same = "UPDATE approval SET checker = maker";
    refused(db, same).await;
    refused(db, "UPDATE agreement SET checker = maker").await;
    let alone = "INSERT INTO break_item (account, kind, ref, bank, opened_on, bank_date, amount_fen, owner, detail,
        state, resolution, resolved_on, maker, checker) VALUES (1, 'over', 1, 'PLAIN', '2026-03-02', '2026-03-02',
        1, 'finance',
        '', 'resolved', 'x', '2026-03-02', 'finance1', 'finance1')";
    refused(db, alone).await;
}

async fn a_move_from_another_state_keeps_nothing(place: Place) {
    let site = planned(place, 2).await;
    let numbers = texts(&site.app.db, "SELECT CAST(debit_no AS TEXT) FROM debit ORDER BY account").await;
    let number = |at: usize| numbers[at].parse::<i64>().unwrap();
    let paid = State::Paid { taken: Fen(5_000), bank_date: day(NIGHT.0) };
    let to = |nth: i64, from| Move {
        account: account(nth),
        debit_no: number(usize::try_from(nth).unwrap() - 1),
        from,
        to: paid.clone(),
        heard: None,
    };
    let mut tx = site.app.db.write().await.unwrap();
    let done = debits::shift(&mut tx, &[to(1, "planned"), to(2, "unanswered")], at(NIGHT.1)).await;
    assert!(matches!(done, Err(StoreError::Guard { expected: 2, found: 1, .. })), "{done:?}");
    drop(tx);
    assert_eq!(texts(&site.app.db, "SELECT state FROM debit").await, ["planned", "planned"]);
}

async fn rows_that_contradict_themselves_are_refused(place: Place) {
    let site = planned(place, 1).await;
    let db = &site.app.db;
    // Paid without an amount, an amount without paid, refused without a reason, more than asked, nothing at all.
    refused(db, "UPDATE debit SET state = 'paid'").await;
    refused(db, "UPDATE debit SET taken_fen = 5000").await;
    refused(db, "UPDATE debit SET state = 'refused'").await;
    refused(db, "UPDATE debit SET state = 'paid', bank_date = '2026-03-02', taken_fen = 5001").await;
    refused(db, "UPDATE debit SET state = 'paid', bank_date = '2026-03-02', taken_fen = 0").await;
    refused(db, "UPDATE debit SET state = 'gone'").await;
    refused(db, "UPDATE debit SET line_no = NULL").await;
    // Sent without a time, a second batch of the number, a batch of nothing.
    refused(db, "UPDATE batch SET sent_at = NULL").await;
    refused(db, "UPDATE batch SET debits = 0").await;
    refused(db, "UPDATE batch SET seq = 10000").await;
    // A second live agreement, an agreement in force that nobody released, a second device on the wall.
    let live = "INSERT INTO agreement SELECT account, 2, version, state, state_reason, bank, payer_name, id_type,
        payer_sealed, card_index, card_last4, id_index, mobile_index, threshold_fen, amount_fen, signed_at, released_at,
        confirmed, in_row_category, in_row, held, import_hash, maker, checker FROM agreement";
    refused(db, live).await;
    refused(db, "UPDATE agreement SET released_at = NULL").await;
    let device = |name: &str| format!("INSERT INTO device VALUES ({}, '{name}', '2026-01-01', NULL)", account(1));
    exec(db, &device("m1")).await.unwrap();
    refused(db, &device("m2")).await;
}
