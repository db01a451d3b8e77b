//! `bank-sim` and `meter-sim`: the words of the command line reach the simulators.

use super::{file, sample, yichong};

#[test]
fn a_bank_plays_a_day_and_its_answer_is_right() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = folder.path().to_str().unwrap();
    let bank = |more: &[&str]| {
        yichong(&[&["bank-sim", "--exchange", exchange, "--family", "plain", "--merchant", "M1"], more].concat())
    };
    std::fs::create_dir(folder.path().join("out")).unwrap();
    let ours = "M1-20240901-001.csv";
    std::fs::copy(sample(ours), folder.path().join("out").join(ours)).unwrap();
    let day = bank(&["--scenario", "funds:1", "--settle", "singles", "day", "--date", "2024-09-02"]);
    assert_eq!((day.code, day.err.as_str()), (Some(0), ""));
    let answer = folder.path().join("in/M1-20240901-001.answer.csv");
    let json = file("lint", &answer, &["--json"]).json();
    assert_eq!((&json["ok"], &json["rows"], &json["sum"]), (&true.into(), &2.into(), &8000.into()));
    // One of two is refused for lack of money: 50 or 30 yuan were taken, and nothing was taken twice.
    let report = bank(&["report"]);
    assert!(report.out.starts_with("debits 2 of which 1 took "), "{}", report.out);
    assert!(report.out.contains("double debits 0\n"), "{}", report.out);
    let receive = bank(&["receive", "--date", "2024-09-03"]);
    assert_eq!(receive.out, "nothing to do\n");
}

#[test]
fn a_head_end_opens_its_books() {
    let folder = tempfile::tempdir().unwrap();
    let balances = folder.path().join("balances.csv");
    std::fs::write(&balances, "account,balance,free\n051600001234,12.50,0.00\n051600005678,-3.00,5.00\n").unwrap();
    let (meters, balances) = (folder.path().to_str().unwrap(), balances.to_str().unwrap());
    let said =
        yichong(&["meter-sim", "--meters", meters, "--balances", balances, "--opened-on", "2024-09-01", "report"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert_eq!(said.out, "meters 2 orders 0 credited 0.00\ndouble credits 0\n");
    let said = yichong(&["meter-sim", "--meters", meters, "snapshot", "--at", "2024-09-01T22:00:00"]);
    let name = said.out.trim_end();
    assert!(folder.path().join("in").join(name).is_file(), "{name}");
}

#[test]
fn wrong_words_are_refused_with_the_known_ones() {
    let folder = tempfile::tempdir().unwrap();
    let exchange = folder.path().to_str().unwrap();
    let bank = |family: &str, more: &[&str]| {
        let start = ["bank-sim", "--exchange", exchange, "--family", family, "--merchant", "M1"];
        yichong(&[&start, more].concat())
    };
    for (said, words) in [
        (
            bank("gold", &["report"]),
            "`gold` is no family of bank files; known are unionpay, pipe, ccb, city, plain, aipg",
        ),
        (bank("plain", &["--settle", "monthly", "report"]), "known are lumps, singles, net-of-fee:FEN"),
        (bank("plain", &["--scenario", "refusal:3", "report"]), "`refusal` is no word of a scenario; known are"),
        (bank("plain", &["day"]), "--date <DATE>"),
        (yichong(&["meter-sim", "--meters", exchange, "--scenario", "x", "report"]), "known are all-accepted"),
    ] {
        assert_eq!((said.code, said.out.as_str()), (Some(2), ""), "{words}");
        assert!(said.err.contains(words), "{}", said.err);
    }
    let said = yichong(&["meter-sim", "--meters", "absent", "report"]);
    assert_eq!(said.code, Some(3));
    assert!(said.err.starts_with("error: absent is no folder; make it first"), "{}", said.err);
    let help = yichong(&["bank-sim", "--help"]).out;
    assert!(help.contains("missing-rows") && help.contains("net-of-fee") && help.contains("ccb"), "{help}");
}
