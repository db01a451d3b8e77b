//! Lumps: settled only if exactly equal, otherwise whole in suspense with one break; healed when the sums tie.

use yichong_core::formats::records::FileError;
use yichong_core::formats::records::MoneyKind::Lump;
use yichong_core::model::breaks::BreakKind::{self, DayCut, Duplicate, MoneyUnanswered, NoReturn, Over, Short};
use yichong_core::model::debit::State;
use yichong_core::model::money::Fen;
use yichong_core::rules::posting::Posting;

use super::world::{AMOUNTS, BATCH_NAME, RESERVED, World, account, day, number, on, row};
use crate::support::on_both;
use yichong::jobs::app::Tally;
use yichong::jobs::statement;
use yichong::store::db::Db;
use yichong::store::debits::{self, Move};
use yichong::store::files;
use yichong::store::ledger::{self, Entry};
use yichong::store::money::{self, batch};

on_both!(
    a_lump_settles_its_batch_net_of_its_fee,
    a_lump_too_small_waits_whole,
    a_lump_too_large_waits_whole,
    two_lumps_over_the_cut,
    a_lump_before_the_last_answer,
    a_lump_twice,
    a_settling_cut_short_goes_on,
    a_late_answer_in_the_middle_of_settling,
    a_reversal_paid_over_before_the_lump,
    a_reversal_netted_by_the_lump,
    a_file_that_breaks_off_changes_nothing,
    silence_is_unanswered_and_heals,
);

async fn open(world: &World) -> Vec<(BreakKind, i64, i64)> {
    let breaks = world.breaks().await;
    breaks.into_iter().filter(|b| b.3 == "open").map(|b| (b.0, b.1, b.2)).collect()
}

async fn a_lump_settles_its_batch_net_of_its_fee(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    let tally = world.statement("2026-11-21", vec![row(1, Lump, 9_850, 150, BATCH_NAME)]).await;
    assert_eq!(tally.to_string(), "settle_batch 1");
    assert_eq!(world.books().await, (9_850, 0, 0));
    assert_eq!(world.balance("fees").await, 150);
    assert_eq!(world.entries(RESERVED).await, [("fee".into(), "fees".into(), "bank".into(), 150)]);
    for line in 1..=3 {
        let settled = ("settled".to_owned(), "bank".to_owned(), "clearing".to_owned(), AMOUNTS[line - 1]);
        assert!(world.entries(account(line)).await.contains(&settled), "line {line}");
    }
    assert!(world.breaks().await.is_empty());
}

async fn a_lump_too_small_waits_whole(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    world.statement("2026-11-21", vec![row(1, Lump, 9_900, 0, BATCH_NAME)]).await;
    // 短款 100: clearing 10000 still awaited, all 9900 in suspense, never spread.
    assert_eq!(world.books().await, (9_900, 10_000, -9_900));
    assert_eq!(open(&world).await, [(Short, RESERVED, 100)]);
    // Past settle_by the lump's break says it already: no break per debit beside it.
    world.reconcile("2026-11-24").await.unwrap();
    assert_eq!(open(&world).await, [(Short, RESERVED, 100)]);
    // The missing 100 come later: 9900 + 100 = 10000 ties.
    let rest = on(row(1, Lump, 100, 0, BATCH_NAME), "2026-11-24", "L2");
    let tally = world.statement("2026-11-24", vec![rest]).await;
    assert_eq!(tally.to_string(), "explained 1");
    assert_eq!(world.books().await, (10_000, 0, 0));
    assert!(open(&world).await.is_empty());
}

async fn a_lump_too_large_waits_whole(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    world.statement("2026-11-21", vec![row(1, Lump, 10_100, 0, BATCH_NAME)]).await;
    assert_eq!(world.books().await, (10_100, 10_000, -10_100));
    assert_eq!(open(&world).await, [(Over, RESERVED, 100)]);
    // The bank takes the 100 back: what waits is 10000, and reconcile settles the batch out of it.
    let back = on(row(1, Lump, -100, 0, BATCH_NAME), "2026-11-24", "L2");
    world.statement("2026-11-24", vec![back]).await;
    assert_eq!(world.books().await, (10_000, 10_000, -10_000));
    world.reconcile("2026-11-24").await.unwrap();
    assert_eq!(world.books().await, (10_000, 0, 0));
    assert!(open(&world).await.is_empty());
}

async fn two_lumps_over_the_cut(db: &Db) {
    let mut world = World::sent(db).await;
    world.paid(1, "2026-11-20").await;
    world.paid(2, "2026-11-20").await;
    world.paid(3, "2026-11-21").await;
    world.statement("2026-11-21", vec![row(1, Lump, 8_000, 0, BATCH_NAME)]).await;
    // 日切: 8000 is exactly what was paid up to the 20th, 2000 are missing.
    assert_eq!(world.books().await, (8_000, 10_000, -8_000));
    assert_eq!(open(&world).await, [(DayCut, RESERVED, 2_000)]);
    let rest = on(row(1, Lump, 2_000, 0, BATCH_NAME), "2026-11-22", "L2");
    world.statement("2026-11-22", vec![rest]).await;
    assert_eq!(world.books().await, (10_000, 0, 0));
    assert!(open(&world).await.is_empty());
    assert_eq!(world.line(RESERVED, 10_000_001).await.booking.as_deref(), Some("explained"));
}

async fn a_lump_before_the_last_answer(db: &Db) {
    let mut world = World::sent(db).await;
    world.paid(1, "2026-11-20").await;
    world.paid(2, "2026-11-20").await;
    world.statement("2026-11-21", vec![row(1, Lump, 10_000, 0, BATCH_NAME)]).await;
    // 未回盘入账: 8000 are awaited, 2000 more came, and 2000 have no answer.
    assert_eq!(world.books().await, (10_000, 8_000, -10_000));
    assert_eq!(open(&world).await, [(MoneyUnanswered, RESERVED, 2_000)]);
    world.paid(3, "2026-11-20").await;
    world.reconcile("2026-11-22").await.unwrap();
    assert_eq!(world.books().await, (10_000, 0, 0));
    assert!(open(&world).await.is_empty());
}

async fn a_lump_twice(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    let one = row(1, Lump, 10_000, 0, BATCH_NAME);
    let two = row(2, Lump, 10_000, 0, BATCH_NAME);
    world.statement("2026-11-21", vec![one, two]).await;
    assert_eq!(world.books().await, (20_000, 0, -10_000));
    assert_eq!(open(&world).await, [(Duplicate, RESERVED, 10_000)]);
}

/// A lump whose line is marked and whose first page of two debits is done: the process died there.
async fn half_settled(world: &mut World) -> yichong::store::files::FileRow {
    let file = world.file().await;
    let ctx = world.context("2026-11-21").await;
    let rows = vec![row(1, Lump, 10_000, 0, BATCH_NAME)];
    let taken = statement::intake::lines(&ctx, &file, rows.into_iter().map(Ok::<_, FileError>)).await.unwrap();
    statement::believe(&ctx, &file, &taken.unwrap(), &mut Tally::default()).await.unwrap();
    let mut tx = world.tx().await;
    files::set_state(&mut tx, file.file_id, "verified", "applying").await.unwrap();
    money::book(&mut tx, &[(RESERVED, 10_000_001, "", money::SETTLING)]).await.unwrap();
    let settling = batch::Settling {
        batch_id: yichong::store::batches::batch_id(day("2026-11-20"), 1, 1),
        paid: batch::Paid::Gross,
        answered_to: world.app.clock.now(),
        posting: Posting::Settled,
        money_no: 10_000_001,
        cause: "statement",
    };
    let due = batch::due(&mut tx, &settling, 0, 2).await.unwrap();
    assert_eq!(batch::settle(&mut tx, &settling, day("2026-11-21"), &due).await.unwrap(), 2);
    tx.commit().await.unwrap();
    let mut tx = world.tx().await;
    files::find(&mut tx, file.file_id).await.unwrap().unwrap()
}

async fn a_settling_cut_short_goes_on(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    half_settled(&mut world).await;
    assert_eq!(world.books().await, (8_000, 2_000, 0));
    let ctx = world.context("2026-11-21").await;
    statement::run(&ctx).await.unwrap();
    assert_eq!(world.books().await, (10_000, 0, 0));
    assert_eq!(world.line(RESERVED, 10_000_001).await.booking.as_deref(), Some("settle_batch"));
    statement::run(&ctx).await.unwrap();
    assert_eq!(world.books().await, (10_000, 0, 0), "again changes nothing");
}

async fn a_late_answer_in_the_middle_of_settling(db: &Db) {
    // The lump of 10000 was judged when all three were paid; of the third's answer the books were robbed here, so that
    // 2000 are left of the money and nothing is awaited: what is left waits, and is explained when the answer comes.
    let mut world = World::sent(db).await;
    world.paid(1, "2026-11-20").await;
    world.paid(2, "2026-11-20").await;
    half_settled(&mut world).await;
    assert_eq!(world.books().await, (8_000, 0, 0));
    let ctx = world.context("2026-11-21").await;
    statement::run(&ctx).await.unwrap();
    assert_eq!(world.books().await, (10_000, 0, -2_000));
    assert_eq!(open(&world).await, [(Over, RESERVED, 2_000)]);
    world.paid(3, "2026-11-20").await;
    world.reconcile("2026-11-22").await.unwrap();
    assert_eq!(world.books().await, (10_000, 0, 0));
    assert!(open(&world).await.is_empty());
    assert_eq!(world.debit(3).await.settled_by, Some(10_000_001));
}

async fn a_reversal_paid_over_before_the_lump(db: &Db) {
    // The bank pays the reversed debit over and takes it back with a line of its own: clearing owes 3000 until then.
    reversed_before(db, 10_000, -3_000).await;
}

async fn a_reversal_netted_by_the_lump(db: &Db) {
    // The bank nets it: neither paid over nor taken back, and clearing is even.
    reversed_before(db, 7_000, 0).await;
}

async fn reversed_before(db: &Db, lump: i64, clearing: i64) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    let mut tx = world.tx().await;
    let moved = Move {
        account: account(1),
        debit_no: number(1),
        from: "paid",
        to: State::Reversed { taken: Fen(3000) },
        heard: None,
    };
    debits::shift(&mut tx, &[moved], world.app.clock.now()).await.unwrap();
    let entry = Entry {
        account: account(1),
        posting: Posting::Reversed,
        reference: number(1),
        bank: "BOC",
        amount: Fen(3000),
        posted_on: day("2026-11-20"),
        cause: "answer".into(),
    };
    ledger::post(&mut tx, &[entry]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(world.books().await, (0, 7_000, 0));
    world.statement("2026-11-21", vec![row(1, Lump, lump, 0, BATCH_NAME)]).await;
    assert_eq!(world.books().await, (lump, clearing, 0));
    assert_eq!(world.debit(1).await.settled_by.is_some(), lump == 10_000);
    assert!(world.breaks().await.is_empty());
}

async fn a_file_that_breaks_off_changes_nothing(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    let file = world.file().await;
    let ctx = world.context("2026-11-21").await;
    let error = FileError {
        file: "f".into(),
        line: 4,
        column: 1,
        field: "收入".into(),
        problem: "`12.3.4` is not an amount".into(),
        rule: "write 50.00".into(),
    };
    let mut rows: Vec<Result<_, FileError>> = (1..=3).map(|n| Ok(row(n, Lump, 1, 0, ""))).collect();
    rows.push(Err(error.clone()));
    let said = statement::intake::lines(&ctx, &file, rows.into_iter()).await.unwrap().unwrap_err();
    assert_eq!(said, error);
    statement::quarantine(&ctx, &file, &said.to_string(), &mut Tally::default()).await.unwrap();
    assert_eq!(world.books().await, (0, 10_000, 0));
    assert_eq!(open(&world).await, [(BreakKind::StateDiffers, RESERVED, 0)]);
    let mut tx = world.tx().await;
    assert!(money::unbooked(&mut tx, file.file_id, 0, 10).await.unwrap().is_empty(), "its lines are gone");
    let kept = files::find(&mut tx, file.file_id).await.unwrap().unwrap();
    assert_eq!(kept.state, "quarantined");
    assert!(kept.problem.unwrap().contains("line 4"));
}

async fn silence_is_unanswered_and_heals(db: &Db) {
    let world = World::sent(db).await;
    world.paid(1, "2026-11-20").await;
    // Sent on Friday 20, one bank day: due on Monday 23, late on Tuesday 24.
    world.reconcile("2026-11-23").await.unwrap();
    assert_eq!(world.debit(2).await.state, "planned");
    world.reconcile("2026-11-24").await.unwrap();
    let mut found = open(&world).await;
    found.retain(|b| b.0 == NoReturn);
    assert_eq!(found, [(NoReturn, account(2), 5000), (NoReturn, account(3), 2000)]);
    assert_eq!(world.debit(2).await.state, "unanswered");
    world.paid(2, "2026-11-24").await;
    world.reconcile("2026-11-24").await.unwrap();
    let mut found = open(&world).await;
    found.retain(|b| b.0 == NoReturn);
    assert_eq!(found, [(NoReturn, account(3), 2000)], "healed by the late answer");
    assert_eq!(world.books().await, (0, 8_000, 0));
}
