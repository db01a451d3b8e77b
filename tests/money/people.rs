//! Two people resolve a break: figures before and after, and what is refused.

use sha2::{Digest, Sha256};
use yichong::jobs::resolve::{self, Proposal};
use yichong::jobs::{JobError, Kind};
use yichong::store::db::Db;
use yichong::store::people::{self, PersonRow};
use yichong_core::formats::records::MoneyKind::{Lump, Other, Reversal, Single};
use yichong_core::model::breaks::BreakKind;

use super::world::{BATCH_NAME, RESERVED, World, account, number, on, row};
use crate::support::on_both;

on_both!(
    too_much_is_given_back_and_the_rest_settles,
    too_little_is_lost_and_the_rest_settles,
    a_wrong_amount_settles_when_the_difference_is_lost,
    a_stranger_is_written_off,
    money_gone_is_lost,
    two_people_always,
    a_change_voids_the_approval,
    nothing_is_accepted_over_money_that_waits,
);

pub async fn staff(world: &World) {
    let mut tx = world.tx().await;
    for (name, role) in [("甲", "finance"), ("乙", "supervisor"), ("丙", "teller")] {
        let token_hash = hex::encode(Sha256::digest(format!("token {name}")));
        let person = PersonRow { name: name.into(), role: role.into(), token_hash, active: true };
        assert!(people::add(&mut tx, &person).await.unwrap());
    }
    tx.commit().await.unwrap();
}

pub async fn propose(world: &World, object: &str, action: &str, by: &str) -> Result<resolve::Shown, JobError> {
    let token = format!("token {by}");
    let reason = "对账单第1行，已电话核实".to_owned();
    let proposal = Proposal { object: object.into(), action: action.into(), reason, by: by.into(), token };
    resolve::propose(&world.app, &proposal).await
}

pub async fn approve(world: &World, object: &str, hash: &str, by: &str) -> Result<String, JobError> {
    resolve::approve(&world.app, object, hash, by, &format!("token {by}")).await
}

/// Proposed by 甲, approved by 乙.
pub async fn both(world: &World, object: &str, action: &str) {
    let shown = propose(world, object, action, "甲").await.unwrap();
    approve(world, object, &shown.hash, "乙").await.unwrap();
}

pub fn on_break(kind: BreakKind, account: i64, reference: i64) -> String {
    format!("break:{kind}:{account}:{reference}")
}

/// The first line of the first statement.
const LINE: i64 = 10_000_001;

async fn too_much_is_given_back_and_the_rest_settles(db: &Db) {
    let mut world = World::sent(db).await;
    staff(&world).await;
    world.all_paid().await;
    world.statement("2026-11-21", vec![row(1, Lump, 10_100, 0, BATCH_NAME)]).await;
    assert_eq!(world.books().await, (10_100, 10_000, -10_100));
    both(&world, &on_break(BreakKind::Over, RESERVED, LINE), "refund").await;
    assert_eq!(world.books().await, (10_100, 10_000, -10_000));
    assert_eq!(world.balance("refunds_payable").await, -100);
    world.reconcile("2026-11-21").await.unwrap();
    assert_eq!(world.books().await, (10_100, 0, 0));
    let ended = &world.break_rows().await[0];
    assert_eq!((ended.maker.as_deref(), ended.checker.as_deref()), (Some("甲"), Some("乙")));
}

async fn too_little_is_lost_and_the_rest_settles(db: &Db) {
    let mut world = World::sent(db).await;
    staff(&world).await;
    world.all_paid().await;
    world.statement("2026-11-21", vec![row(1, Lump, 9_900, 0, BATCH_NAME)]).await;
    let object = on_break(BreakKind::Short, RESERVED, LINE);
    let refused = propose(&world, &object, "refund", "甲").await.unwrap_err();
    assert!(refused.message.contains("98.00") && refused.kind == Kind::Refused, "{refused}");
    both(&world, &object, "loss").await;
    assert_eq!(world.books().await, (9_900, 10_000, -10_000));
    assert_eq!(world.balance("loss").await, 100);
    world.reconcile("2026-11-21").await.unwrap();
    assert_eq!(world.books().await, (9_900, 0, 0));
}

async fn a_wrong_amount_settles_when_the_difference_is_lost(db: &Db) {
    let mut world = World::sent(db).await;
    staff(&world).await;
    world.all_paid().await;
    world.statement("2026-11-21", vec![row(1, Single, 4_990, 0, &number(2).to_string())]).await;
    both(&world, &on_break(BreakKind::AmountDiffers, account(2), LINE), "loss").await;
    // 4990 + 10 lost = 5000: settled out of suspense at once.
    assert_eq!(world.books().await, (4_990, 5_000, 0));
    assert_eq!((world.balance("loss").await, world.debit(2).await.settled_by), (10, Some(LINE)));
}

async fn a_stranger_is_written_off(db: &Db) {
    let mut world = World::sent(db).await;
    staff(&world).await;
    world.statement("2026-11-21", vec![row(1, Other, 777, 0, "")]).await;
    both(&world, &on_break(BreakKind::Over, RESERVED, LINE), "write_off").await;
    assert_eq!(world.books().await, (777, 0, 0));
    assert_eq!(world.balance("loss").await, -777);
    assert_eq!(world.line(RESERVED, LINE).await.booking.as_deref(), Some("resolved"));
}

async fn money_gone_is_lost(db: &Db) {
    let mut world = World::sent(db).await;
    staff(&world).await;
    world.statement("2026-11-21", vec![row(1, Other, -700, 0, "")]).await;
    assert_eq!(world.books().await, (-700, 0, 700));
    let object = on_break(BreakKind::Short, RESERVED, LINE);
    assert!(propose(&world, &object, "refund", "甲").await.unwrap_err().message.contains("only `loss`"));
    both(&world, &object, "loss").await;
    assert_eq!(world.books().await, (-700, 0, 0));
    assert_eq!(world.balance("loss").await, 700);
}

async fn two_people_always(db: &Db) {
    let mut world = World::sent(db).await;
    staff(&world).await;
    world.statement("2026-11-21", vec![row(1, Other, 777, 0, "")]).await;
    let object = on_break(BreakKind::Over, RESERVED, LINE);
    let shown = propose(&world, &object, "refund", "甲").await.unwrap();
    assert!(shown.text.contains("长款") && shown.text.contains("7.77"), "{}", shown.text);
    let said = |result: Result<String, JobError>| result.unwrap_err().message;
    assert!(said(approve(&world, &object, &shown.hash, "甲").await).contains("another person"));
    assert!(said(approve(&world, &object, "0000", "乙").await).contains("nothing open is proposed"));
    assert!(said(approve(&world, &object, &shown.hash, "丙").await).contains("teller"));
    let wrong = resolve::approve(&world.app, &object, &shown.hash, "乙", "token 甲").await;
    assert!(said(wrong).contains("belong to nobody"));
    assert_eq!(world.books().await, (777, 0, -777), "nothing happened");
    approve(&world, &object, &shown.hash, "乙").await.unwrap();
    assert!(said(approve(&world, &object, &shown.hash, "乙").await).contains("nothing open is proposed"));
    assert_eq!(world.books().await, (777, 0, 0));
    assert!(propose(&world, &object, "flip", "甲").await.unwrap_err().message.contains("write_off"));
    assert!(propose(&world, "break:gone:1:2", "refund", "甲").await.unwrap_err().message.contains("no_return"));
}

async fn a_change_voids_the_approval(db: &Db) {
    let mut world = World::sent(db).await;
    staff(&world).await;
    world.all_paid().await;
    world.statement("2026-11-21", vec![row(1, Lump, 9_900, 0, BATCH_NAME)]).await;
    let object = on_break(BreakKind::Short, RESERVED, LINE);
    let shown = propose(&world, &object, "loss", "甲").await.unwrap();
    // The bank pays the missing 100 before the approval: there is nothing to lose any more.
    let rest = on(row(1, Lump, 100, 0, BATCH_NAME), "2026-11-24", "L2");
    world.statement("2026-11-24", vec![rest]).await;
    let said = approve(&world, &object, &shown.hash, "乙").await.unwrap_err().message;
    assert!(said.contains("changed since it was shown") && said.contains("void"), "{said}");
    assert_eq!(world.books().await, (10_000, 0, 0));
    assert_eq!(world.balance("loss").await, 0);
}

async fn nothing_is_accepted_over_money_that_waits(db: &Db) {
    let mut world = World::sent(db).await;
    staff(&world).await;
    world.all_paid().await;
    let reference = number(1).to_string();
    let back = on(row(2, Reversal, -3_000, 0, &reference), "2026-11-23", "R1");
    world.statement("2026-11-23", vec![row(1, Single, 3_000, 0, &reference), back, row(3, Other, 5, 0, "")]).await;
    let late = on_break(BreakKind::LateReturn, account(1), 10_000_002);
    both(&world, &late, "accept").await;
    let over = on_break(BreakKind::Over, RESERVED, 10_000_003);
    assert!(propose(&world, &over, "accept", "甲").await.unwrap_err().message.contains("waits in suspense"));
    assert_eq!(world.books().await, (5, 7_000, -5));
    world.reconcile("2026-11-24").await.unwrap();
    let silent = on_break(BreakKind::Unsettled, account(2), number(2));
    assert!(propose(&world, &silent, "refund", "甲").await.is_err(), "there is nothing to give back");
}
