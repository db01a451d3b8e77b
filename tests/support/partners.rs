//! The banks a test may have, and the partners that play them: one for each family of files.

use std::path::Path;

use yichong::simulator::{Bank, BankConfig, Family, Scenario, Settle};

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
    }
    text
}

/// The partner on the other side of a bank's exchange folder, with the books it left there.
pub fn partner(exchange: &Path, code: &str, scenario: &str) -> Bank {
    let (_, no, family, _) = BANKS.iter().find(|bank| bank.0 == code).unwrap();
    let union = *family == Family::Unionpay;
    let scenario: Scenario = scenario.parse().unwrap();
    let config = BankConfig {
        family: *family,
        merchant: if union || *family == Family::Aipg { "700000000000001".into() } else { format!("M00{no}") },
        institution: if union { "00012345".into() } else { String::new() },
        code: if *family == Family::Pipe { "JS".into() } else { String::new() },
        seed: 1,
        scenario,
        settle: Settle::Lumps,
    };
    Bank::open(exchange, config).unwrap()
}
