//! The head-end: credits once only, acknowledgements, relays, balances.

use std::collections::BTreeMap;
use std::fs;

use chrono::NaiveDateTime;

use super::super::{HeadEnd, HeadEndConfig, MeterSimArgs, MeterStep, consumption, meter_command, opening_balances};
use super::*;

fn evening(offset: u64) -> NaiveDateTime {
    day(offset).and_hms_opt(23, 0, 0).unwrap()
}

fn head_end_config(script: &str) -> HeadEndConfig {
    let balances = (1..=3).map(|n| (format!("05160000000{n}"), (1000 * n, 200))).collect::<BTreeMap<_, _>>();
    HeadEndConfig { seed: 5, scenario: script.parse().unwrap(), idempotent: true, opened_on: day(0), balances }
}

fn order(root: &Path, nth: u32, rows: &[(&str, &str, &str)]) {
    let mut text = "order_no,account,amount\n".to_owned();
    let mut sum = 0;
    for (number, account, amount) in rows {
        sum += super::super::text::fen_of_yuan(amount).unwrap();
        text.push_str(&format!("{number},{account},{amount}\n"));
    }
    text.push_str(&format!("TOTAL,{},{}\n", rows.len(), yuan(sum)));
    fs::create_dir_all(root.join("out")).unwrap();
    fs::write(root.join(format!("out/credit-20260310-{nth:04}.csv")), text).unwrap();
}

const ROWS: [(&str, &str, &str); 3] =
    [("C1", "051600000001", "50.00"), ("C2", "051600000002", "0.05"), ("C3", "051600000009", "30.00")];

#[test]
fn credits_are_acknowledged_and_applied_once() {
    let root = tempfile::tempdir().unwrap();
    let mut own = HeadEnd::open(root.path(), head_end_config("all-accepted")).unwrap();
    order(root.path(), 1, &ROWS);
    assert_eq!(own.run(evening(0)).unwrap(), ["credit-20260310-0001.csv"]);
    let ack = "order_no,account,amount,result,message\nC1,051600000001,50.00,accepted,\n\
               C2,051600000002,0.05,accepted,\nC3,051600000009,30.00,rejected,无此户号\nTOTAL,3,50.05\n";
    assert_eq!(text(root.path(), "credit-20260310-0001.ack.csv"), ack);
    assert_eq!(own.credited(), 5005);
    order(root.path(), 2, &ROWS);
    own.run(evening(0)).unwrap();
    assert_eq!(text(root.path(), "credit-20260310-0002.ack.csv"), ack);
    assert!(own.credited() == 5005 && own.double_credits().is_empty());
    order(root.path(), 3, &[("C1", "051600000001", "51.00")]);
    own.run(evening(0)).unwrap();
    assert!(text(root.path(), "credit-20260310-0003.ack.csv").contains("rejected,同一订单号内容不同"));
    assert_eq!(own.credited(), 5005);
}

#[test]
fn a_head_end_that_does_not_look_credits_twice() {
    let root = tempfile::tempdir().unwrap();
    let config = HeadEndConfig { idempotent: false, ..head_end_config("") };
    let mut own = HeadEnd::open(root.path(), config).unwrap();
    for nth in 1..=2 {
        order(root.path(), nth, &ROWS);
        own.run(evening(0)).unwrap();
    }
    assert_eq!(own.double_credits().len(), 2);
    assert_eq!(own.credited(), 2 * 5005);
}

#[test]
fn orders_can_be_rejected_unknown_unanswered_or_not_taken() {
    let root = tempfile::tempdir().unwrap();
    let mut own = HeadEnd::open(root.path(), head_end_config("reject+unknown")).unwrap();
    order(root.path(), 1, &ROWS[..2]);
    own.run(evening(0)).unwrap();
    let ack = text(root.path(), "credit-20260310-0001.ack.csv");
    assert!(ack.contains(",rejected,电表拒绝") && ack.contains(",unknown,") && ack.ends_with("TOTAL,2,0.00\n"));
    assert_eq!(own.orders().filter(|order| order.applied == 1).count(), 1);
    order(root.path(), 1, &ROWS[..2]);
    own.run(evening(0)).unwrap();
    let ack = text(root.path(), "credit-20260310-0001.ack.csv");
    assert!(ack.contains(",rejected,") && ack.contains(",accepted,"));

    let root = tempfile::tempdir().unwrap();
    let mut own = HeadEnd::open(root.path(), head_end_config("offline")).unwrap();
    order(root.path(), 1, &ROWS);
    assert!(own.run(evening(0)).unwrap().is_empty() && own.credited() == 0);
    own.set_scenario("lost-ack".parse().unwrap());
    own.run(evening(0)).unwrap();
    assert!(own.credited() == 5005 && !root.path().join("in/credit-20260310-0001.ack.csv").exists());
    own.set_scenario("".parse().unwrap());
    order(root.path(), 1, &ROWS);
    own.run(evening(1)).unwrap();
    assert!(text(root.path(), "credit-20260310-0001.ack.csv").contains("accepted") && own.credited() == 5005);
}

#[test]
fn a_file_that_does_not_tie_changes_nothing() {
    let root = tempfile::tempdir().unwrap();
    let mut own = HeadEnd::open(root.path(), head_end_config("")).unwrap();
    fs::write(
        root.path().join("out/credit-20260310-0001.csv"),
        "order_no,account,amount\nC1,051600000001,50.00\nTOTAL,1,50.01\n",
    )
    .unwrap();
    own.run(evening(0)).unwrap();
    assert_eq!((own.credited(), own.complaints().len()), (0, 1));
    assert_eq!(fs::read_dir(root.path().join("in")).unwrap().count(), 0);
}

#[test]
fn relays_close_open_and_let_late_commands_pass() {
    let root = tempfile::tempdir().unwrap();
    let mut own = HeadEnd::open(root.path(), head_end_config("")).unwrap();
    let file = "order_no,account,command,not_after\nR1,051600000001,open,2026-03-10 23:30:00\n\
                R2,051600000002,cut,2026-03-10 22:59:59\nR3,051600000009,close,\n";
    fs::write(root.path().join("out/relay-20260310-0001.csv"), file).unwrap();
    own.run(evening(0)).unwrap();
    assert_eq!(
        text(root.path(), "relay-20260310-0001.ack.csv"),
        "order_no,account,result,state\nR1,051600000001,accepted,open\nR2,051600000002,expired,closed\n\
         R3,051600000009,rejected,unknown\n"
    );
    own.snapshot(day(3)).unwrap();
    assert_eq!(own.meter("051600000001").unwrap().used, 0);
    assert!(own.meter("051600000002").unwrap().used > 0);
}

#[test]
fn balances_are_opening_plus_credits_less_use_and_survive_a_reload() {
    let root = tempfile::tempdir().unwrap();
    let mut own = HeadEnd::open(root.path(), head_end_config("")).unwrap();
    order(root.path(), 1, &ROWS);
    own.run(evening(0)).unwrap();
    assert_eq!(own.snapshot(day(2)).unwrap(), "balances-20260312.csv");
    let account = "051600000001";
    let used: i64 = (1..=2).map(|offset| consumption(5, account, day(offset))).sum();
    let meter = own.meter(account).unwrap().clone();
    assert_eq!(meter.balance + meter.free, 1000 + 200 + 5000 - used);
    let text = text(root.path(), "balances-20260312.csv");
    let line = format!("{account},{},{},2026-03-12 18:00:00", yuan(meter.balance), yuan(meter.free));
    assert!(text.starts_with("account,balance,free,read_at\n") && text.contains(&line), "{text}");
    assert_eq!(opening_balances(&text).unwrap()[account], (meter.balance, meter.free));
    let config = HeadEndConfig { balances: BTreeMap::new(), ..head_end_config("") };
    let again = HeadEnd::open(root.path(), config.clone()).unwrap();
    assert!(again.meters().eq(own.meters()) && again.orders().eq(own.orders()));
    let report =
        meter_command(&MeterSimArgs { meters: root.path().to_owned(), config, step: MeterStep::Report }).unwrap();
    assert_eq!(report, ["meters 3 orders 3 credited 50.05", "double credits 0"]);
}
