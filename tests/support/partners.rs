//! The banks a test may have, and the partners that play them: one for each family of files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use yichong::simulator::{AgreementDesk, Bank, BankConfig, Family, Scenario, Seal, SealKind, Settle};

/// Banks a test may have: code, number, family, what its formats ask for.
const BANKS: [(&str, i64, Family, &str); 7] = [
    ("PLAIN", 1, Family::Plain, "merchant = \"M001\""),
    ("UNION", 2, Family::Unionpay, "merchant = \"700000000000001\"\ninstitution = \"00012345\""),
    ("PIPE", 3, Family::Pipe, "bank_code = \"JS\"\nmerchant = \"M003\""),
    ("SET", 4, Family::Ccb, "merchant = \"M004\""),
    ("CITY", 5, Family::City, CITY),
    ("AIPG", 6, Family::Aipg, AIPG),
    ("ISO", 7, Family::Iso, ISO),
];
const SIGNED: &str =
    "[bank.signature]\nalgorithm = \"rsa-sha1\"\nown = \"keys-bank/own\"\nbank = [\"keys-bank/bank.pub\"]\n";
const AIPG: &str = "merchant = \"700000000000001\"\nuser_name = \"U\"\nuser_pass = \"P&\"\nbusiness_code = \"10600\"";
const ISO: &str = "merchant = \"M007\"\ncreditor_name = \"某大学水电中心\"\ncreditor_account = \"33000000000000000001\"
creditor_bank = \"105100000017\"";
const CITY: &str = "merchant = \"M005\"\nsender = \"1000000001\"\nreceiver = \"2000000001\"\nunit_code = \"3000000001\"
debit_bank = \"1020000001\"\ncredit_bank = \"1050000001\"\ncredit_account = \"33000000000000000001\"";

/// Formats of a family: written, answered.
const fn formats(family: Family) -> (&'static str, &'static str) {
    match family {
        Family::Plain => ("plain-debit", "\"plain-answer\""),
        Family::Unionpay => ("unionpay-dk-debit", "\"unionpay-dk-answer\""),
        Family::Pipe => ("pipe-debit", "\"pipe-answer\""),
        Family::Ccb => ("ccb-debit", "\"ccb-answer-success\", \"ccb-answer-failure\", \"ccb-answer\""),
        Family::City => ("city-debit", "\"city-answer\""),
        Family::Aipg => ("aipg-debit", "\"aipg-answer\", \"aipg-answer-query\""),
        Family::Iso => ("iso-debit", "\"iso-answer\""),
    }
}

/// The configuration of these banks.
pub fn banks(codes: &[&str]) -> String {
    let mut text = String::new();
    for (code, no, family, params) in BANKS.iter().filter(|bank| codes.contains(&bank.0)) {
        let (debit, answers) = formats(*family);
        let low = code.to_lowercase();
        let statement = if *family == Family::Iso { "iso-camt053" } else { "plain-statement" };
        text += &format!(
            "[[bank]]\nno = {no}\ncode = \"{code}\"\nname = \"{code}银行\"\ncalendar = \"banks\"\ndebit = \"{debit}\"
answers = [{answers}]\nstatements = [\"{statement}\"]\nout = \"exchange/{low}/out\"\ninto = \"exchange/{low}/in\"
answer_days = 1\nsettle_days = 1\ncutoff = \"23:30\"\n[bank.params]\n{params}\n"
        );
        if *family == Family::Aipg {
            text += SIGNED;
        }
    }
    text
}

/// The partner on the other side of a bank's exchange folder, with the books it left there.
pub fn partner(exchange: &Path, code: &str, scenario: &str) -> Bank {
    Bank::open(exchange, config(exchange, code, scenario)).unwrap()
}

/// The same bank's desk for agreements.
pub fn desk(exchange: &Path, code: &str, scenario: &str) -> AgreementDesk {
    AgreementDesk::open(exchange, config(exchange, code, scenario)).unwrap()
}

/// What it is, and how it behaves.
pub fn config(exchange: &Path, code: &str, scenario: &str) -> BankConfig {
    let (_, no, family, _) = BANKS.iter().find(|bank| bank.0 == code).unwrap();
    let union = *family == Family::Unionpay;
    let scenario: Scenario = scenario.parse().unwrap();
    BankConfig {
        family: *family,
        merchant: if union || *family == Family::Aipg { "700000000000001".into() } else { format!("M00{no}") },
        institution: if union { "00012345".into() } else { String::new() },
        code: if *family == Family::Pipe { "JS".into() } else { String::new() },
        seed: 1,
        scenario,
        settle: Settle::Lumps,
        seal: (*family == Family::Aipg).then(|| seal(exchange, SealKind::RsaSha1)),
    }
}

/// The keys of a site's partner: beside its configuration, two folders above the exchange.
pub fn seal(exchange: &Path, kind: SealKind) -> Seal {
    let keys = exchange.ancestors().nth(2).unwrap().join("keys-bank");
    Seal { kind, own: fs::read(keys.join("bank")).unwrap(), theirs: fs::read(keys.join("own.pub")).unwrap() }
}

/// Makes a pair of keys for us and one for the bank, by openssl: `own`, `own.pub`, `bank`, `bank.pub`.
pub fn make_keys(folder: &Path, algorithm: &str) {
    let keys = folder.join("keys-bank");
    fs::create_dir_all(&keys).unwrap();
    for name in ["own", "bank"] {
        let openssl = |words: &[&str]| {
            let said = Command::new("openssl").args(words).current_dir(&keys).output().expect("openssl is missing");
            assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        };
        openssl(&["genpkey", "-algorithm", algorithm, "-out", name]);
        openssl(&["pkey", "-in", name, "-pubout", "-out", &format!("{name}.pub")]);
        fs::set_permissions(keys.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
}
