//! What the words of a scenario do to answers, in every family.

use std::fs;

use super::super::{Bank, Family, Outcome, Reason, Which};
use super::*;

/// Keys that stand in an answer, in order, whatever the family.
fn keys(family: Family, text: &str) -> Vec<String> {
    let found = |line: &str| match family {
        Family::City => None,
        Family::Ccb => line.split('|').nth(8).map(str::to_owned),
        Family::Plain => line.split(',').next().map(str::to_owned),
        _ => line.split('|').next().map(str::to_owned),
    };
    if family == Family::Aipg {
        return text.split("<SN>").skip(1).filter_map(|rest| rest.split('<').next()).map(str::to_owned).collect();
    }
    if family == Family::City {
        let chars: Vec<char> = text.chars().collect();
        let starts: Vec<usize> =
            (94..chars.len()).filter(|at| chars[*at..].starts_with(&['3', '0', '0', '0'])).collect();
        let record = |at: &usize| chars[*at..].starts_with(&"3000000001".chars().collect::<Vec<_>>());
        return starts.into_iter().filter(record).map(|at| chars[at + 18..at + 26].iter().collect()).collect();
    }
    let skip = match family {
        Family::Unionpay => 2,
        Family::Plain => 1,
        _ => 0,
    };
    text.lines().skip(skip).filter_map(found).filter(|key| key != "0" && key != "TOTAL" && !key.is_empty()).collect()
}

fn shown(root: &Path, family: Family, names: &[String]) -> Vec<String> {
    keys(family, &text(root, &names[0]))
}

fn all_keys(family: Family) -> Vec<String> {
    (1..=5).map(|row| key(family, day(0), 1, row)).collect()
}

#[test]
fn every_row_is_paid_and_answered_without_words() {
    for family in Family::OWN {
        let root = tempfile::tempdir().unwrap();
        let (bank, names) = night(root.path(), *family, "all-paid");
        assert_eq!(bank.complaints(), Vec::<String>::new());
        assert_eq!(names.len(), if *family == Family::Ccb { 3 } else { 1 });
        assert_eq!(shown(root.path(), *family, &names), all_keys(*family), "{family}");
        assert_eq!((bank.taken(), bank.totals().taken_count), (15_000, 5));
        assert_eq!(fs::read_dir(root.path().join("out")).unwrap().count(), 0);
    }
}

#[test]
fn rows_can_lack_stand_twice_or_be_strange() {
    for family in Family::OWN {
        for (script, count, taken) in [
            ("missing-rows:2", 3, 3),
            ("money-without-answer", 4, 5),
            ("duplicate-row", 6, 5),
            ("unknown-item:2", 7, 5),
            ("refusals:100", 5, 0),
        ] {
            let root = tempfile::tempdir().unwrap();
            let (bank, names) = night(root.path(), *family, script);
            assert_eq!(shown(root.path(), *family, &names).len(), count, "{family} {script}");
            assert_eq!(bank.totals().taken_count, taken, "{family} {script}");
        }
    }
}

#[test]
fn a_pending_row_is_said_or_left_out() {
    for family in Family::OWN {
        let root = tempfile::tempdir().unwrap();
        let (bank, names) = night(root.path(), *family, "pending");
        let left_out = matches!(family, Family::Pipe | Family::City);
        assert_eq!(shown(root.path(), *family, &names).len(), if left_out { 4 } else { 5 }, "{family}");
        assert_eq!(bank.totals().taken_count, 4);
    }
}

#[test]
fn totals_and_codes_of_a_plain_answer() {
    let root = tempfile::tempdir().unwrap();
    let mut bank = bank(root.path(), Family::Plain, "all-paid");
    for (row, outcome) in [
        Outcome::refused(Reason::Funds),
        Outcome::paid().taking(super::super::Takes::Shift(-100)),
        Outcome::paid().repeating_asked_off_by(100),
        Outcome::paid().saying("ZZ", "x"),
        Outcome::paid().after_cut(),
    ]
    .into_iter()
    .enumerate()
    {
        bank.override_outcome(Which::Row(row + 1), outcome);
    }
    send(root.path(), Family::Plain, day(0), 1, 5);
    bank.receive(day(0)).unwrap();
    let names = bank.answer(day(0)).unwrap();
    let text = text(root.path(), &names[0]);
    let cells: Vec<String> =
        text.lines().map(|line| line.split(',').skip(2).take(5).collect::<Vec<_>>().join(",")).collect();
    assert_eq!(
        cells[1..],
        [
            "10.00,0.00,51,余额不足,",
            "20.00,19.00,00,成功,2026-03-10",
            "31.00,30.00,00,成功,2026-03-10",
            "40.00,40.00,ZZ,x,2026-03-10",
            "50.00,50.00,00,成功,2026-03-11",
            "151.00,4,139.00",
        ]
    );
}

#[test]
fn totals_can_be_wrong_and_bytes_broken() {
    for family in [Family::Unionpay, Family::Pipe, Family::Plain] {
        let (good, bad) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let names = night(good.path(), family, "all-paid").1;
        night(bad.path(), family, "wrong-totals");
        let (good, bad) = (text(good.path(), &names[0]), text(bad.path(), &names[0]));
        let differ: Vec<(&str, &str)> = good.lines().zip(bad.lines()).filter(|(one, other)| one != other).collect();
        assert_eq!(differ.len(), 1, "{family}: {differ:?}");
    }
    for family in Family::OWN {
        let (good, bad) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let names = night(good.path(), *family, "all-paid").1;
        night(bad.path(), *family, "corrupt");
        let read = |root: &Path| fs::read(root.join("in").join(&names[0])).unwrap();
        let (whole, broken) = (read(good.path()), read(bad.path()));
        assert!(whole.starts_with(&broken) && broken.len() < whole.len(), "{family}");
        assert!(!broken.ends_with(b"\n") && !broken.ends_with(b"\r"), "{family}");
        let spoiled = tempfile::tempdir().unwrap();
        night(spoiled.path(), *family, "bad-gbk");
        let bytes = read(spoiled.path());
        assert!(bytes.len() == whole.len() && bytes.contains(&0xff), "{family}");
        assert!(super::super::text::from_gbk(&bytes).is_err() || family.answers_in_utf8(), "{family}");
    }
}

#[test]
fn sets_and_files_can_lack_or_come_twice() {
    let root = tempfile::tempdir().unwrap();
    let (_, names) = night(root.path(), Family::Ccb, "partial-set");
    assert_eq!(names.len(), 2);
    let root = tempfile::tempdir().unwrap();
    let (bank, names) = night(root.path(), Family::Plain, "partial-set");
    assert_eq!((shown(root.path(), Family::Plain, &names).len(), bank.totals().taken_count), (4, 5));
    for (family, other) in [
        (Family::Unionpay, "DK00000000000000000000001202603109002O.txt"),
        (Family::Pipe, "JS20260310_902.PKJG"),
        (Family::Ccb, "M0001_20260310_9002_R0.txt"),
        (Family::City, "DLD0322026031001S-2.bin"),
        (Family::Plain, "M0001-20260310-902.answer.csv"),
        (Family::Aipg, "000000000000001_20260310_902.aipg.ret.xml"),
    ] {
        let root = tempfile::tempdir().unwrap();
        let (_, names) = night(root.path(), family, "duplicate-file");
        let read = |name: &str| fs::read(root.path().join("in").join(name)).unwrap();
        assert_eq!(names[names.len() / 2], other);
        assert!(names[0] != other && read(&names[0]) == read(other));
    }
}

#[test]
fn answers_are_held_until_the_next_day_or_until_told() {
    let root = tempfile::tempdir().unwrap();
    let (mut bank, names) = night(root.path(), Family::Plain, "late");
    assert!(names.is_empty() && bank.taken() == 15_000);
    assert!(bank.answer(day(0)).unwrap().is_empty());
    assert_eq!(bank.answer(day(1)).unwrap().len(), 1);
    assert!(text(root.path(), "M0001-20260310-001.answer.csv").contains(",2026-03-10,"));
    let root = tempfile::tempdir().unwrap();
    let (mut bank, _) = night(root.path(), Family::Plain, "late");
    bank.release_held();
    assert_eq!(bank.answer(day(0)).unwrap().len(), 1);
    let root = tempfile::tempdir().unwrap();
    let (mut bank, names) = night(root.path(), Family::Plain, "silent");
    assert!(names.is_empty() && bank.taken() == 0 && bank.answer(day(9)).unwrap().is_empty());
}

fn later(family: Family, script: &str) -> (Bank, Vec<String>, Vec<String>) {
    let root = tempfile::tempdir().unwrap();
    let (mut bank, first) = night(root.path(), family, script);
    let first = text(root.path(), &first[0]);
    let names = bank.answer(day(1)).unwrap();
    let second = names.first().map(|name| text(root.path(), name));
    (bank, first.lines().map(str::to_owned).collect(), second.unwrap_or_default().lines().map(str::to_owned).collect())
}

#[test]
fn a_second_file_flips_completes_or_reverses() {
    let (bank, first, second) = later(Family::Plain, "contradict-next-day");
    assert_eq!(first.iter().zip(&second).filter(|(one, other)| one != other).count(), 2);
    assert_eq!((second.iter().filter(|line| line.contains(",51,")).count(), bank.taken()), (1, 15_000));
    let (_, first, second) = later(Family::Plain, "answer-next-day:2");
    assert_eq!((first.len(), second.len()), (5, 7));
    let (bank, first, second) = later(Family::Plain, "reversal-same-day");
    assert!(!first.iter().any(|line| line.contains(",R1,")) && second.iter().any(|line| line.contains(",R1,")));
    assert_eq!(bank.totals().given_back + bank.taken(), 15_000);
    let (_, _, second) = later(Family::Unionpay, "reversal-same-day");
    assert!(second.iter().any(|line| line.contains("|46|")));
    assert!(later(Family::Pipe, "reversal-same-day").2.is_empty());
}

#[test]
fn a_file_is_refused_whole_by_script_or_because_it_is_wrong() {
    for (family, line) in [(Family::Unionpay, "14|批量文件格式错误"), (Family::Plain, "REFUSED,30,文件格式错误\n")]
    {
        let root = tempfile::tempdir().unwrap();
        let (bank, names) = night(root.path(), family, "whole-file-refused");
        assert_eq!((text(root.path(), &names[0]).as_str(), bank.taken()), (line, 0));
    }
    let root = tempfile::tempdir().unwrap();
    let (refusing, names) = night(root.path(), Family::Aipg, "whole-file-refused");
    let refusal = text(root.path(), &names[0]);
    assert!(refusal.contains("<REQ_SN>000000000000001-20260310001</REQ_SN><RET_CODE>1000</RET_CODE>"), "{refusal}");
    assert!(!refusal.contains("BODY") && refusing.taken() == 0, "{refusal}");
    let root = tempfile::tempdir().unwrap();
    let mut bank = bank(root.path(), Family::Plain, "all-paid");
    fs::write(root.path().join("out/M0001-20260310-001.csv"), "nonsense").unwrap();
    bank.receive(day(0)).unwrap();
    assert_eq!(bank.complaints().len(), 1);
    assert_eq!(bank.answer(day(0)).unwrap(), ["M0001-20260310-001.answer.csv"]);
    assert!(bank.debits().is_empty() && bank.files()[0].refused);
}

#[test]
fn asked_again_the_answer_is_without_faults() {
    let root = tempfile::tempdir().unwrap();
    let (mut bank, names) = night(root.path(), Family::Plain, "wrong-totals+missing-rows+duplicate-row+unknown-item");
    bank.answer_again("M0001-20260310-001.csv").unwrap();
    let again = bank.answer(day(0)).unwrap();
    assert_eq!(again, names);
    assert_eq!(shown(root.path(), Family::Plain, &again), all_keys(Family::Plain));
}
