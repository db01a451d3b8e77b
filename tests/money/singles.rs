//! Lines that name one debit, or nothing we know.

use yichong_core::formats::records::MoneyKind::{Fee, Other, Reversal, Single};
use yichong_core::model::breaks::BreakKind::{
    AmountDiffers, Duplicate, LateReturn, MoneyUnanswered, Over, Short, StateDiffers, Unsettled,
};

use super::world::{RESERVED, World, account, number, on, row};
use crate::support::on_both;
use yichong::store::db::Db;

on_both!(
    a_single_settles_its_debit_net_of_its_fee,
    a_wrong_amount_waits_whole,
    strangers_money_in_and_out,
    money_before_the_answer_is_explained_by_it,
    money_twice_is_a_break,
    a_serial_again_is_no_new_money,
    a_statement_delivered_again_is_no_news,
    a_reversal_takes_everything_back,
    a_late_return_says_so,
    money_for_a_refused_debit,
    money_that_does_not_come,
);

fn open(breaks: &[(yichong_core::model::breaks::BreakKind, i64, i64, String)]) -> Vec<(String, i64, i64)> {
    breaks.iter().filter(|b| b.3 == "open").map(|b| (b.0.word().to_owned(), b.1, b.2)).collect()
}

async fn a_single_settles_its_debit_net_of_its_fee(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    assert_eq!(world.books().await, (0, 10_000, 0));
    let tally = world
        .statement("2026-11-21", vec![row(1, Single, 2970, 30, &number(1).to_string()), row(2, Fee, -120, 0, "")])
        .await;
    assert_eq!(tally.to_string(), "fee 1, settle 1");
    // Bank: 2970 of the debit, less 120 for the fee's own line. Clearing: 10000 − 3000 gross.
    assert_eq!(world.books().await, (2850, 7000, 0));
    assert_eq!(world.balance("fees").await, 150);
    assert_eq!(world.debit(1).await.settled_by, Some(10_000_001));
    assert!(world.breaks().await.is_empty());
}

async fn a_wrong_amount_waits_whole(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    world.statement("2026-11-21", vec![row(1, Single, 4990, 0, &number(2).to_string())]).await;
    // 金额不符: 10 fen too little; all of it waits, clearing still holds the debit.
    assert_eq!(world.books().await, (4990, 10_000, -4990));
    assert_eq!(open(&world.breaks().await), [(AmountDiffers.word().to_owned(), account(2), -10)]);
    assert_eq!(world.debit(2).await.settled_by, None);
}

async fn strangers_money_in_and_out(db: &Db) {
    let mut world = World::sent(db).await;
    world.statement("2026-11-21", vec![row(1, Other, 777, 0, "谁"), row(2, Other, -700, 0, "")]).await;
    // 长款 777 and 短款 700: suspense owes 777 and is owed 700.
    assert_eq!(world.books().await, (77, 0, -77));
    let breaks = world.breaks().await;
    assert_eq!(open(&breaks), [(Over.word().to_owned(), RESERVED, 777), (Short.word().to_owned(), RESERVED, 700)]);
}

async fn money_before_the_answer_is_explained_by_it(db: &Db) {
    let mut world = World::sent(db).await;
    world.statement("2026-11-21", vec![row(1, Single, 5000, 0, &number(2).to_string())]).await;
    // 未回盘入账: nothing in clearing yet.
    assert_eq!(world.books().await, (5000, 0, -5000));
    assert_eq!(open(&world.breaks().await), [(MoneyUnanswered.word().to_owned(), account(2), 5000)]);
    world.reconcile("2026-11-21").await.unwrap();
    assert_eq!(open(&world.breaks().await).len(), 1, "no answer yet");
    world.paid(2, "2026-11-20").await;
    assert_eq!(world.books().await, (5000, 5000, -5000));
    world.reconcile("2026-11-21").await.unwrap();
    // Healed by suspense → clearing under the debit's number.
    assert_eq!(world.books().await, (5000, 0, 0));
    assert!(open(&world.breaks().await).is_empty());
    let explained = ("settled".to_owned(), "suspense".to_owned(), "clearing".to_owned(), 5000);
    assert!(world.entries(account(2)).await.contains(&explained));
    assert_eq!(world.debit(2).await.settled_by, Some(10_000_001));
    world.reconcile("2026-11-21").await.unwrap();
    assert_eq!(world.books().await, (5000, 0, 0), "again changes nothing");
}

async fn money_twice_is_a_break(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    let one = row(1, Single, 3000, 0, &number(1).to_string());
    let two = row(2, Single, 3000, 0, &number(1).to_string());
    world.statement("2026-11-21", vec![one, two]).await;
    // 重复入账: two movements with two serials; the second one waits.
    assert_eq!(world.books().await, (6000, 7000, -3000));
    assert_eq!(open(&world.breaks().await), [(Duplicate.word().to_owned(), account(1), 3000)]);
}

async fn a_serial_again_is_no_new_money(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    let one = row(1, Single, 3000, 0, &number(1).to_string());
    let mut printed_twice = one.clone();
    printed_twice.line = 2;
    let tally = world.statement("2026-11-21", vec![one, printed_twice]).await;
    assert_eq!(tally.to_string(), "duplicate 1, settle 1");
    // One movement printed twice: the bank account holds 3000, the break says 3000, suspense nothing.
    assert_eq!(world.books().await, (3000, 7000, 0));
    assert_eq!(open(&world.breaks().await), [(Duplicate.word().to_owned(), account(1), 3000)]);
}

async fn a_statement_delivered_again_is_no_news(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    let lines = |first: u32| {
        [1_usize, 2].map(|debit| {
            let line = first + u32::try_from(debit).unwrap();
            let reference = number(debit).to_string();
            on(row(line, Single, [3000, 5000][debit - 1], 0, &reference), "2026-11-21", &format!("T{debit}"))
        })
    };
    world.statement("2026-11-21", lines(0).to_vec()).await;
    assert_eq!(world.books().await, (8000, 2000, 0));
    // The whole file again with a new line at its end: two repeats, one new settlement.
    let mut again = lines(4).to_vec();
    again.push(row(9, Single, 2000, 0, &number(3).to_string()));
    let tally = world.statement("2026-11-21", again).await;
    assert_eq!(tally.to_string(), "repeat 2, settle 1");
    assert_eq!(world.books().await, (10_000, 0, 0));
    assert!(world.breaks().await.is_empty());
    // One line of it alone is no re-delivery: somebody should look.
    let tally = world.statement("2026-11-21", vec![lines(20)[0].clone()]).await;
    assert_eq!(tally.to_string(), "duplicate 1");
    assert_eq!(open(&world.breaks().await), [(Duplicate.word().to_owned(), account(1), 3000)]);
    assert_eq!(world.books().await, (10_000, 0, 0));
}

async fn a_reversal_takes_everything_back(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    let reference = number(1).to_string();
    let lines = vec![row(1, Single, 3000, 0, &reference), row(2, Reversal, -3000, 0, &reference)];
    world.statement("2026-11-21", lines).await;
    // 冲正 on the same 清算日: settled and paid out; clearing holds the other two debits only.
    assert_eq!(world.books().await, (0, 7000, 0));
    assert_eq!(world.balance("prepaid").await, -7000, "the account has nothing left of it");
    let debit = world.debit(1).await;
    assert_eq!((debit.state.as_str(), debit.reversal_paid_by), ("reversed", Some(10_000_002)));
    assert!(world.breaks().await.is_empty());
    let mut tx = world.tx().await;
    let agreement = yichong_core::model::agreement::AgreementNo {
        account: yichong_core::model::ids::AccountNo(account(1)),
        number: 1,
    };
    let row = yichong::store::agreements::find(&mut tx, agreement).await.unwrap().unwrap();
    assert_eq!((row.state.as_str(), row.state_reason.as_deref()), ("suspended", Some("冲正")));
}

async fn a_late_return_says_so(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    let reference = number(1).to_string();
    world.statement("2026-11-21", vec![row(1, Single, 3000, 0, &reference)]).await;
    assert_eq!(world.books().await, (3000, 7000, 0));
    let back = on(row(1, Reversal, -3000, 0, &reference), "2026-11-23", "R1");
    world.statement("2026-11-23", vec![back.clone()]).await;
    // 退票 three days later: everything is back, and finance is told.
    assert_eq!(world.books().await, (0, 7000, 0));
    assert_eq!(open(&world.breaks().await), [(LateReturn.word().to_owned(), account(1), 3000)]);
    // Money given back a second time waits: suspense is owed 3000.
    let tally = world.statement("2026-11-24", vec![on(back, "2026-11-24", "R2")]).await;
    assert_eq!(tally.to_string(), "suspend 1");
    assert_eq!(world.books().await, (-3000, 7000, 3000));
}

async fn money_for_a_refused_debit(db: &Db) {
    let mut world = World::sent(db).await;
    let mut tx = world.tx().await;
    let to = yichong_core::model::debit::State::Refused { category: yichong_core::model::category::Category::Funds };
    let heard = Some((yichong_core::model::category::Category::Funds, "51".to_owned()));
    let refused = yichong::store::debits::Move { account: account(1), debit_no: number(1), from: "planned", to, heard };
    yichong::store::debits::shift(&mut tx, &[refused], world.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    world.statement("2026-11-21", vec![row(1, Single, 3000, 0, &number(1).to_string())]).await;
    assert_eq!(world.books().await, (3000, 0, -3000));
    assert_eq!(open(&world.breaks().await), [(StateDiffers.word().to_owned(), account(1), 3000)]);
}

async fn money_that_does_not_come(db: &Db) {
    let mut world = World::sent(db).await;
    world.all_paid().await;
    // Paid on Friday 20, one bank day: due on Monday 23, late on Tuesday 24.
    world.reconcile("2026-11-23").await.unwrap();
    assert!(world.breaks().await.is_empty());
    world.reconcile("2026-11-24").await.unwrap();
    let mut expected: Vec<_> =
        [(1, 3000), (2, 5000), (3, 2000)].map(|(l, fen)| (Unsettled.word().to_owned(), account(l), fen)).to_vec();
    assert_eq!(open(&world.breaks().await), expected);
    assert_eq!(world.books().await, (0, 10_000, 0));
    world.statement("2026-11-24", vec![row(1, Single, 3000, 0, &number(1).to_string())]).await;
    world.reconcile("2026-11-24").await.unwrap();
    expected.remove(0);
    assert_eq!(open(&world.breaks().await), expected, "healed by bank → clearing");
    assert_eq!(world.books().await, (3000, 7000, 0));
}
