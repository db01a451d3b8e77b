//! The codecs against the published layouts' sample files, byte for byte, where that folder is at hand.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::super::{Bank, BankConfig, Family, Outcome, Reason, Scenario, Settle, Which};

fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bank-samples");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("no bank samples beside the repository: nothing compared");
    None
}

fn bank(root: &Path, family: Family) -> Bank {
    let (merchant, institution, code) = match family {
        Family::Unionpay => ("700000000000001", "00000000", ""),
        _ => ("", "", "JS"),
    };
    let config = BankConfig {
        family,
        merchant: merchant.to_owned(),
        institution: institution.to_owned(),
        code: code.to_owned(),
        seed: 1,
        scenario: Scenario::all_paid(),
        settle: Settle::Singles,
        seal: None,
    };
    Bank::open(root, config).unwrap()
}

fn september(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 9, day).unwrap()
}

fn compare(family: Family, request: &str, answer: (&str, &str), ran_on: NaiveDate, outcomes: [Outcome; 3]) {
    let Some(folder) = samples() else { return };
    let root = tempfile::tempdir().unwrap();
    let mut bank = bank(root.path(), family);
    fs::write(root.path().join("out").join(request), fs::read(folder.join(request)).unwrap()).unwrap();
    for (place, outcome) in outcomes.into_iter().enumerate() {
        bank.override_outcome(Which::Row(place + 1), outcome);
    }
    assert_eq!(bank.receive(september(1)).unwrap(), [request]);
    assert_eq!(bank.complaints(), Vec::<String>::new());
    assert_eq!(bank.answer(ran_on).unwrap(), [answer.0]);
    let made = fs::read(root.path().join("in").join(answer.0)).unwrap();
    let wanted = fs::read(folder.join(answer.1)).unwrap();
    assert!(made == wanted, "{}\n---\n{}", String::from_utf8_lossy(&made), String::from_utf8_lossy(&wanted));
}

#[test]
fn unionpay() {
    compare(
        Family::Unionpay,
        "DK00000000700000000000001202409010001I.txt",
        ("DK00000000700000000000001202409010001O.txt", "DK00000000700000000000001202409010001O.txt"),
        september(1),
        [Outcome::paid().after_cut(), Outcome::refused(Reason::Funds), Outcome::refused(Reason::Pending)],
    );
}

#[test]
fn unionpay_refuses_a_whole_file() {
    let Some(folder) = samples() else { return };
    let refusal =
        super::super::family::Family::Unionpay.write_refusal("DK00000000700000000000001202409010002I.txt").unwrap();
    assert_eq!(refusal.bytes, fs::read(folder.join(&refusal.name)).unwrap());
}

#[test]
fn pipe() {
    compare(
        Family::Pipe,
        "JS20240901.PK",
        ("JS20240901.PKJG", "JS20240901.PKJG"),
        september(1),
        [Outcome::paid(), Outcome::refused(Reason::Funds), Outcome::refused(Reason::Unexplained)],
    );
}

#[test]
fn city() {
    compare(
        Family::City,
        "CMT031223000S.Z01",
        ("DLD032223000S.bin", "DLD032_result.bin"),
        september(2),
        [Outcome::paid(), Outcome::refused(Reason::Funds), Outcome::paid()],
    );
}

#[test]
fn ccb_reads_the_uploaded_rows() {
    let Some(folder) = samples() else { return };
    let root = tempfile::tempdir().unwrap();
    let mut bank = bank(root.path(), Family::Ccb);
    let name = "M0001_20240901_0001.txt";
    fs::write(root.path().join("out").join(name), fs::read(folder.join("ccb_upload.txt")).unwrap()).unwrap();
    bank.override_outcome(Which::Key("M00000002".to_owned()), Outcome::refused(Reason::Identity));
    bank.receive(september(1)).unwrap();
    bank.answer(september(1)).unwrap();
    let all = fs::read_to_string(root.path().join("in/M0001_20240901_0001_R0.txt")).unwrap();
    assert_eq!(
        all,
        "\u{feff}1|6221558812340000|测试甲|50.00|0||||M00000001|电费||||成功||\r\n\
         2|6226090000000048|测试乙|30.00|0||||M00000002|电费||||失败|户名不符|"
    );
    let paid = fs::read_to_string(root.path().join("in/M0001_20240901_0001_R1.txt")).unwrap();
    assert_eq!(paid.lines().count(), 1);
    let failed = fs::read_to_string(root.path().join("in/M0001_20240901_0001_R2.txt")).unwrap();
    assert_eq!(failed.split('|').nth(13), Some("失败"));
}
