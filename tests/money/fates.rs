//! Two people answer for the bank, give money back, lose it, release a batch: figures before and after.

use chrono::NaiveTime;
use yichong::gateways::clock::{Clock, instant};
use yichong::store::batches::{self, BatchRow};
use yichong::store::breaks::{self, Break};
use yichong::store::db::Db;
use yichong::store::money::reversal;
use yichong::store::outbox::{self, Order};
use yichong_core::formats::records::MoneyKind::Single;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::money::Fen;

use super::people::{approve, both, on_break, propose, staff};
use super::world::{World, account, day, number, row};
use crate::support::on_both;

on_both!(
    nobody_knows_until_two_people_say,
    a_refusal_by_people_has_its_consequences,
    a_refund_excludes_a_live_credit,
    money_that_never_comes_is_lost,
    a_held_batch_is_released_or_void,
);

async fn nobody_knows_until_two_people_say(db: &Db) {
    let mut world = World::sent(db).await;
    staff(&world).await;
    let object = format!("debit:{}", number(2));
    assert!(propose(&world, &object, "pay", "甲").await.is_err(), "the bank's day is not over");
    world.statement("2026-11-21", vec![row(1, Single, 5_000, 0, &number(2).to_string())]).await;
    world.reconcile("2026-11-24").await.unwrap();
    assert_eq!(world.books().await, (5_000, 0, -5_000));
    both(&world, &object, "pay:2026-11-21").await;
    let debit = world.debit(2).await;
    assert_eq!((debit.state.as_str(), debit.bank_date), ("paid", Some(day("2026-11-21"))));
    assert_eq!(world.books().await, (5_000, 5_000, -5_000));
    let mut tx = world.tx().await;
    let order = reversal::credit_order(&mut tx, account(2), number(2)).await.unwrap();
    drop(tx);
    assert_eq!(order.as_deref(), Some("queued"));
    world.reconcile("2026-11-24").await.unwrap();
    assert_eq!(world.books().await, (5_000, 0, 0));
    let open: Vec<_> = world.breaks().await.into_iter().filter(|b| b.3 == "open").map(|b| (b.0, b.1)).collect();
    assert_eq!(open, [(BreakKind::NoReturn, account(1)), (BreakKind::NoReturn, account(3))]);
}

async fn a_refusal_by_people_has_its_consequences(db: &Db) {
    let world = World::sent(db).await;
    staff(&world).await;
    world.reconcile("2026-11-24").await.unwrap();
    let object = format!("debit:{}", number(1));
    assert!(propose(&world, &object, "refuse:paid", "甲").await.unwrap_err().message.contains("no refusal"));
    both(&world, &object, "refuse:identity").await;
    let debit = world.debit(1).await;
    assert_eq!((debit.state.as_str(), debit.category.as_deref()), ("refused", Some("identity")));
    assert_eq!(world.books().await, (0, 0, 0));
    let mut tx = world.tx().await;
    let no = yichong_core::model::agreement::AgreementNo {
        account: yichong_core::model::ids::AccountNo(account(1)),
        number: 1,
    };
    let agreement = yichong::store::agreements::find(&mut tx, no).await.unwrap().unwrap();
    assert_eq!(agreement.state, "suspended");
}

async fn a_refund_excludes_a_live_credit(db: &Db) {
    let world = World::sent(db).await;
    staff(&world).await;
    world.paid(1, "2026-11-20").await;
    let mut tx = world.tx().await;
    let order = Order {
        account: account(1),
        kind: "credit",
        reference: number(1),
        template: "",
        bank: "BOC".into(),
        business_date: day("2026-11-20"),
        amount_fen: 3_000,
        not_after: None,
    };
    outbox::queue(&mut tx, &[order], world.app.clock.now()).await.unwrap();
    let uncredited = Break {
        account: account(1),
        kind: BreakKind::MeterUncredited,
        reference: number(1),
        bank: "BOC",
        opened_on: day("2026-11-21"),
        bank_date: day("2026-11-20"),
        amount: Fen(3_000),
        owner: "operator",
        detail: "no acknowledgement".into(),
    };
    breaks::open(&mut tx, &[uncredited]).await.unwrap();
    tx.commit().await.unwrap();
    let object = format!("debit:{}", number(1));
    set_order(&world, "sent").await;
    let said = propose(&world, &object, "refund", "甲").await.unwrap_err().message;
    assert!(said.contains("credit order is sent"), "{said}");
    set_order(&world, "queued").await;
    // 电表未到账: clearing keeps the bank's debt, the resident's prepaid becomes a debt of ours.
    assert_eq!((world.balance("prepaid").await, world.balance("clearing").await), (-3_000, 3_000));
    both(&world, &object, "refund").await;
    assert_eq!((world.balance("prepaid").await, world.balance("clearing").await), (0, 3_000));
    assert_eq!(world.balance("refunds_payable").await, -3_000);
    assert_eq!(world.debit(1).await.state, "refunded");
    let mut tx = world.tx().await;
    let order = reversal::credit_order(&mut tx, account(1), number(1)).await.unwrap();
    drop(tx);
    assert_eq!(order.as_deref(), Some("withdrawn"));
    assert!(world.breaks().await.iter().all(|b| b.3 == "resolved"));
}

async fn set_order(world: &World, state: &str) {
    let sql = "UPDATE outbox SET state = $1 WHERE kind = 'credit'";
    match &world.app.db {
        Db::Sqlite { writer, .. } => sqlx::query(sql).bind(state).execute(writer).await.map(drop),
        Db::Postgres(pool) => sqlx::query(sql).bind(state).execute(pool).await.map(drop),
    }
    .unwrap();
}

async fn money_that_never_comes_is_lost(db: &Db) {
    let world = World::sent(db).await;
    staff(&world).await;
    world.paid(1, "2026-11-20").await;
    world.reconcile("2026-11-24").await.unwrap();
    let object = on_break(BreakKind::Unsettled, account(1), number(1));
    assert!(propose(&world, &object, "accept", "甲").await.unwrap_err().message.contains("still missing"));
    both(&world, &object, "loss").await;
    assert_eq!(world.books().await, (0, 0, 0));
    assert_eq!(world.balance("loss").await, 3_000);
    assert_eq!(world.debit(1).await.settled_by, Some(0));
}

async fn state(world: &World, seq: i64) -> String {
    let mut tx = world.tx().await;
    batches::find(&mut tx, batches::batch_id(day("2026-11-20"), 1, seq)).await.unwrap().unwrap().state
}

async fn a_held_batch_is_released_or_void(db: &Db) {
    let mut world = World::sent(db).await;
    staff(&world).await;
    let night = day("2026-11-20");
    let now = world.app.clock.now();
    for seq in [2, 3] {
        let batch = BatchRow {
            batch_id: batches::batch_id(night, 1, seq),
            bank: "BOC".into(),
            business_date: night,
            file_date: night,
            seq,
            state: "sealed".into(),
            file_name: format!("held-{seq}.txt"),
            format_hash: "f".into(),
            debits: 1,
            sum_fen: 1,
            largest_fen: 1,
            new_per_mille: 0,
            bytes: 1,
            sha256: "0".repeat(64),
            sealed_at: now,
            hold_reason: None,
            limits: None,
            released_by: None,
            sent_at: None,
        };
        let mut tx = world.tx().await;
        batches::seal(&mut tx, &batch).await.unwrap();
        batches::judge(&mut tx, batch.batch_id, Some("count 3 is above 2"), "{}").await.unwrap();
        tx.commit().await.unwrap();
    }
    let object = |seq: i64| format!("batch:{}", batches::batch_id(night, 1, seq));
    // Debit 1's row is borrowed for the batch to be voided: planned again, and never sent.
    let mut tx = world.tx().await;
    let place = (account(1), number(1), batches::batch_id(night, 1, 3), 1);
    yichong::store::debits::planning::place(&mut tx, &[place]).await.unwrap();
    tx.commit().await.unwrap();
    // The bank's cut-off was at 23:30: a file released the next morning would reach nobody.
    let late = propose(&world, &object(2), "release", "甲").await.unwrap();
    let refused = approve(&world, &object(2), &late.hash, "乙").await.unwrap_err().message;
    assert!(refused.contains("could be released until 2026-11-20 23:30:00, it is 2026-11-21 09:00:00"), "{refused}");
    assert_eq!(state(&world, 2).await, "held");
    world.app.clock = Clock::Fixed(instant(night, NaiveTime::from_hms_opt(23, 29, 59).unwrap()));
    both(&world, &object(2), "release").await;
    both(&world, &object(3), "void").await;
    assert_eq!((state(&world, 2).await.as_str(), state(&world, 3).await.as_str()), ("released", "void"));
    assert_eq!(world.debit(1).await.state, "void");
    let shown = propose(&world, &object(3), "release", "甲").await.unwrap();
    let said = approve(&world, &object(3), &shown.hash, "乙").await.unwrap_err().message;
    assert!(said.contains("is void"), "{said}");
}
