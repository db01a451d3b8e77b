//! The same seed makes the same bytes, and books survive being closed at any moment.

use std::collections::BTreeMap;
use std::fs;

use super::super::{Bank, BankSimArgs, BankStep, Family, bank_command};
use super::*;

const SCRIPT: &str =
    "refusals:30+missing-rows+duplicate-row+reversal-same-day+return-next-day+settle-long+unknown-item";

fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(root.join("in")).unwrap().map(Result::unwrap);
    entries.map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())).collect()
}

fn three_days(root: &Path, family: Family, mut between: impl FnMut(Bank) -> Bank) -> BTreeMap<String, Vec<u8>> {
    let mut bank = bank(root, family, SCRIPT);
    for offset in 0..3 {
        for nth in 1..=2 {
            send(root, family, day(offset), nth, 12);
        }
        bank.receive(day(offset)).unwrap();
        bank = between(bank);
        bank.answer(day(offset)).unwrap();
        bank = between(bank);
        bank.statement(day(offset)).unwrap();
        bank = between(bank);
    }
    files(root)
}

#[test]
fn the_same_seed_makes_the_same_bytes_and_a_reload_changes_nothing() {
    for family in Family::OWN {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let straight = three_days(one.path(), *family, |bank| bank);
        let reloaded = three_days(two.path(), *family, |own| {
            let (debits, totals) = (own.debits().to_vec(), own.totals());
            let again = bank(two.path(), *family, SCRIPT);
            assert_eq!((again.debits(), again.totals()), (&debits[..], totals));
            assert_eq!((again.files(), again.entries()), (own.files(), own.entries()));
            again
        });
        assert!(straight.len() > 5 && straight == reloaded, "{family}");
    }
}

#[test]
fn another_seed_makes_another_night() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = three_days(one.path(), Family::Plain, |bank| bank);
    let mut other = config(Family::Plain, SCRIPT);
    other.seed = 43;
    let mut bank = Bank::open(two.path(), other).unwrap();
    send(two.path(), Family::Plain, day(0), 1, 12);
    bank.receive(day(0)).unwrap();
    bank.answer(day(0)).unwrap();
    let name = "M0001-20260310-001.answer.csv";
    assert_ne!(first[name], files(two.path())[name]);
}

#[test]
fn a_line_cut_off_by_a_crash_is_forgotten() {
    let root = tempfile::tempdir().unwrap();
    let (own, _) = night(root.path(), Family::Plain, "all-paid");
    let path = root.path().join("bank/truth.jsonl");
    let mut text = fs::read_to_string(&path).unwrap();
    text.push_str("{\"debit\":{\"numb");
    fs::write(&path, text).unwrap();
    let mut again = bank(root.path(), Family::Plain, "all-paid");
    assert_eq!(again.debits(), own.debits());
    again.statement(day(0)).unwrap();
    assert_eq!(bank(root.path(), Family::Plain, "all-paid").settled(), 15_000);
}

#[test]
fn requests_may_be_left_where_they_are() {
    let root = tempfile::tempdir().unwrap();
    let mut bank = bank(root.path(), Family::Plain, "all-paid");
    bank.leave_requests();
    let name = send(root.path(), Family::Plain, day(0), 1, 5);
    assert_eq!(bank.receive(day(0)).unwrap(), std::slice::from_ref(&name));
    assert!(bank.receive(day(0)).unwrap().is_empty() && root.path().join("out").join(name).exists());
    assert_eq!(bank.files()[0].deliveries, 1);
}

#[test]
fn the_commands_do_a_day_in_separate_calls() {
    let root = tempfile::tempdir().unwrap();
    let run = |step: BankStep| {
        let config = config(Family::Unionpay, "late");
        bank_command(&BankSimArgs { exchange: root.path().to_owned(), config, step }).unwrap()
    };
    let name = send(root.path(), Family::Unionpay, day(0), 1, 5);
    assert_eq!(run(BankStep::Receive(day(0))), std::slice::from_ref(&name));
    assert!(run(BankStep::Answer(day(0))).is_empty());
    assert_eq!(run(BankStep::Release(day(0))), [name.replace("I.txt", "O.txt")]);
    assert_eq!(run(BankStep::Again(name.clone(), day(0))), [name.replace("I.txt", "O.txt")]);
    assert_eq!(run(BankStep::Statement(day(0))), ["000000000000001-20260310.stmt.csv"]);
    assert_eq!(run(BankStep::Day(day(1))), ["000000000000001-20260311.stmt.csv"]);
    assert_eq!(run(BankStep::Report)[0], "debits 5 of which 5 took 150.00");
}
