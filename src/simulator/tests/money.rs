//! What the words of a scenario do to the statement, and how the books tell a double debit.

use super::super::{Bank, Family, Money, Outcome, Settle, Which};
use super::*;

/// Statement lines of a day without the titles, in columns.
fn statement(bank: &mut Bank, root: &Path, offset: u64) -> Vec<Vec<String>> {
    let name = bank.statement(day(offset)).unwrap();
    let text = text(root, &name);
    assert!(text.starts_with("交易日期,清算日,流水号,收入,支出,手续费,参考号,摘要\n") && text.ends_with('\n'));
    text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

fn incomes(lines: &[Vec<String>]) -> Vec<&str> {
    lines.iter().map(|line| line[3].as_str()).collect()
}

#[test]
fn singles_and_lumps_byte_for_byte() {
    let root = tempfile::tempdir().unwrap();
    let (mut bank, _) = night(root.path(), Family::Pipe, "singles");
    let name = bank.statement(day(0)).unwrap();
    assert_eq!(name, "M0001-20260310.stmt.csv");
    assert!(text(root.path(), &name).starts_with(
        "交易日期,清算日,流水号,收入,支出,手续费,参考号,摘要\n\
         2026-03-10,2026-03-10,20260310000001,10.00,,,JS20260310.PK#1001,代扣入账\n"
    ));
    for (script, line) in [
        ("lump", "150.00,,,M0001-20260310-001.csv,代扣汇总"),
        ("net-of-fee:30", "148.50,,1.50,M0001-20260310-001.csv,代扣汇总"),
    ] {
        let root = tempfile::tempdir().unwrap();
        let (mut bank, _) = night(root.path(), Family::Plain, script);
        assert_eq!(statement(&mut bank, root.path(), 0).concat()[3..].join(","), line);
    }
    let root = tempfile::tempdir().unwrap();
    let (mut bank, _) = night(root.path(), Family::Plain, "lump+fee-line:30");
    let lines = statement(&mut bank, root.path(), 0);
    assert_eq!(lines[1][3..].join(","), ",1.50,,,手续费");
    assert_eq!(bank.totals().fees, 150);
}

#[test]
fn a_statement_is_written_though_nothing_moved_and_never_changes() {
    let root = tempfile::tempdir().unwrap();
    let mut bank = bank(root.path(), Family::Plain, "all-paid");
    assert!(statement(&mut bank, root.path(), 0).is_empty());
    send(root.path(), Family::Plain, day(0), 1, 5);
    bank.receive(day(0)).unwrap();
    bank.answer(day(0)).unwrap();
    assert!(statement(&mut bank, root.path(), 0).is_empty());
    assert_eq!(statement(&mut bank, root.path(), 1).len(), 5);
    assert!(statement(&mut bank, root.path(), 2).is_empty());
}

#[test]
fn money_can_be_short_over_missing_double_or_a_strangers() {
    for (script, count, settled) in [
        ("settle-short", 5, 14_900),
        ("settle-over", 5, 15_100),
        ("taken-less", 5, 14_900),
        ("taken-more", 5, 15_100),
        ("money-without-answer", 5, 15_000),
        ("refused-but-taken:2", 5, 15_000),
        ("settle-long:2", 7, 15_000),
        ("duplicate-line", 6, 15_000),
    ] {
        let root = tempfile::tempdir().unwrap();
        let (mut bank, _) = night(root.path(), Family::Plain, script);
        let lines = statement(&mut bank, root.path(), 0);
        assert_eq!((lines.len(), bank.settled()), (count, settled), "{script}");
        let short = settled - bank.taken();
        assert_eq!(
            short,
            if script.starts_with("settle-short") {
                -100
            } else if script == "settle-over" {
                100
            } else {
                0
            }
        );
    }
    let root = tempfile::tempdir().unwrap();
    let (mut bank, _) = night(root.path(), Family::Plain, "settle-missing");
    assert_eq!(statement(&mut bank, root.path(), 0).len(), 4);
    assert!(bank.taken() == 15_000 && bank.settled() < 15_000);
    let root = tempfile::tempdir().unwrap();
    let (mut bank, _) = night(root.path(), Family::Plain, "duplicate-settlement");
    let lines = statement(&mut bank, root.path(), 0);
    let twice: Vec<&Vec<String>> =
        lines.iter().filter(|line| lines.iter().filter(|own| own[6] == line[6]).count() == 2).collect();
    assert!(twice.len() == 2 && twice[0][2] != twice[1][2] && bank.settled() > 15_000);
}

#[test]
fn lumps_follow_their_debits() {
    for (script, income) in [
        ("lump+settle-short", vec!["149.00"]),
        ("lump+day-cut", vec![]),
        ("lump+duplicate-settlement", vec!["150.00", "150.00"]),
        ("lump+duplicate-line", vec!["150.00", "150.00"]),
        ("lump+refusals:100", vec![]),
    ] {
        let root = tempfile::tempdir().unwrap();
        let (mut bank, _) = night(root.path(), Family::Unionpay, script);
        assert_eq!(incomes(&statement(&mut bank, root.path(), 0)), income, "{script}");
    }
}

#[test]
fn money_can_come_on_a_later_day() {
    let root = tempfile::tempdir().unwrap();
    let (mut bank, _) = night(root.path(), Family::Plain, "day-cut:2");
    assert_eq!(incomes(&statement(&mut bank, root.path(), 0)), ["10.00", "20.00", "30.00"]);
    let next = statement(&mut bank, root.path(), 1);
    assert_eq!((next.len(), next[0][1].as_str()), (2, "2026-03-11"));
    let root = tempfile::tempdir().unwrap();
    let (mut bank, _) = night(root.path(), Family::Plain, "settle-late:2");
    assert!(statement(&mut bank, root.path(), 1).is_empty());
    let late = statement(&mut bank, root.path(), 2);
    assert_eq!((late.len(), late[0][0].as_str(), late[0][1].as_str()), (5, "2026-03-12", "2026-03-10"));
}

#[test]
fn money_can_be_taken_back() {
    let root = tempfile::tempdir().unwrap();
    let (mut bank, _) = night(root.path(), Family::City, "reversal-same-day");
    let lines = statement(&mut bank, root.path(), 0);
    let back = lines.last().unwrap();
    assert_eq!((lines.len(), back[3].as_str(), back[7].as_str()), (6, "", "代扣冲正"));
    let first = lines.iter().find(|line| line[6] == back[6]).unwrap();
    assert_eq!(first[3], back[4]);
    assert_eq!(bank.settled(), bank.taken());
    for (script, days) in [("return-next-day", 1), ("return-late:3", 3)] {
        let root = tempfile::tempdir().unwrap();
        let (mut bank, _) = night(root.path(), Family::Plain, script);
        assert_eq!(statement(&mut bank, root.path(), 0).len(), 5);
        assert_eq!(bank.taken(), 15_000);
        assert!((1..days).all(|offset| statement(&mut bank, root.path(), offset).is_empty()));
        let back = statement(&mut bank, root.path(), days);
        assert_eq!((back.len(), back[0][7].as_str()), (1, "代扣退回"));
        assert!(bank.taken() < 15_000 && bank.taken() == bank.settled());
        assert!(statement(&mut bank, root.path(), days + 1).is_empty());
    }
}

#[test]
fn the_same_file_twice_is_nothing_and_the_same_key_twice_is_a_double_debit() {
    for family in Family::OWN {
        let root = tempfile::tempdir().unwrap();
        let (mut bank, _) = night(root.path(), *family, "all-paid");
        send(root.path(), *family, day(0), 1, 5);
        assert!(bank.receive(day(0)).unwrap().is_empty(), "{family}");
        assert!(bank.answer(day(0)).unwrap().is_empty() && bank.double_debits().is_empty());
        assert_eq!((bank.files()[0].deliveries, bank.taken()), (2, 15_000));
        // The same name with other bytes: six rows, five of them debited before.
        let name = send(root.path(), *family, day(0), 1, 6);
        assert_eq!(bank.receive(day(0)).unwrap(), [name]);
        assert_eq!((bank.resent_keys().len(), bank.double_debits().len()), (5, 0));
        bank.answer(day(0)).unwrap();
        assert_eq!((bank.double_debits().len(), bank.taken()), (5, 36_000), "{family}");
    }
}

#[test]
fn a_short_key_is_another_debit_on_another_day() {
    for family in [Family::Pipe, Family::City] {
        let root = tempfile::tempdir().unwrap();
        let (mut bank, _) = night(root.path(), family, "all-paid");
        send(root.path(), family, day(1), 1, 5);
        bank.receive(day(1)).unwrap();
        bank.answer(day(1)).unwrap();
        assert!(bank.double_debits().is_empty() && bank.taken() == 30_000);
        let reference = format!("{}#{}", name(family, day(1), 1), key(family, day(1), 1, 2));
        assert_eq!(bank.by_key(&reference).len(), 1);
        assert_eq!(bank.by_key(&key(family, day(1), 1, 2)).len(), 2);
    }
}

#[test]
fn what_is_set_by_hand_counts() {
    let root = tempfile::tempdir().unwrap();
    let mut config = config(Family::Plain, "refusals:100");
    config.settle = Settle::Lumps;
    let mut bank = Bank::open(root.path(), config).unwrap();
    bank.override_outcome(Which::When(Box::new(|debit| debit.asked >= 3000)), Outcome::paid());
    bank.override_outcome(Which::Account("000000000004".to_owned()), Outcome::paid().money(Money::Never));
    bank.override_outcome(Which::RowOf(name(Family::Plain, day(0), 1), 5), Outcome::paid().money(Money::Late(1)));
    send(root.path(), Family::Plain, day(0), 1, 5);
    bank.receive(day(0)).unwrap();
    bank.answer(day(0)).unwrap();
    assert_eq!(bank.taken(), 12_000);
    assert_eq!(incomes(&statement(&mut bank, root.path(), 0)), ["30.00"]);
    assert_eq!(incomes(&statement(&mut bank, root.path(), 1)), ["50.00"]);
}
