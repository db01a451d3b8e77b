//! Every rule of the selection on both sides of its edge.

use super::*;
use crate::model::ids::AccountNo;

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}+08:00").parse::<DateTime<chrono::FixedOffset>>().unwrap().with_timezone(&Utc)
}

fn night() -> Night {
    Night {
        business_date: "2026-11-20".parse().unwrap(),
        selected_at: at("2026-11-20T22:00:00"),
        bank_open: true,
        bank_running: true,
        limits: Limits::default(),
    }
}

fn due() -> Candidate {
    Candidate {
        agreement: AgreementNo { account: AccountNo(51_600_001_234), number: 1 },
        version: 1,
        state: AgreementState::Active,
        state_reason: None,
        released_at: Some(at("2026-11-20T22:00:00")),
        confirmed: true,
        account_open: true,
        threshold: Fen::yuan(30),
        amount: Fen::yuan(50),
        balance: Some(Balance { paid: Fen(2999), free: Fen(0), free_until: None, read_at: at("2026-11-20T20:00:00") }),
        last_credit_at: None,
        debit_today: None,
        open_debit: None,
        unexplained_in_row: 0,
        held: false,
        card_today: Fen(0),
        card_month: Fen(0),
    }
}

fn balance(paid: i64, free: i64, until: Option<&str>, read: &str) -> Option<Balance> {
    let free_until = until.map(|day| day.parse().unwrap());
    Some(Balance { paid: Fen(paid), free: Fen(free), free_until, read_at: at(read) })
}

type Change = (&'static str, fn(&mut Candidate, &mut Night), Result<Fen, Rule>);

const DUE: Result<Fen, Rule> = Ok(Fen(5000));

/// Every rule, on both sides of its edge.
const TABLE: &[Change] = &[
    ("one fen below the threshold", |_, _| {}, DUE),
    ("exactly the threshold", |c, _| c.balance = balance(3000, 0, None, "2026-11-20T20:00:00"), Err(Rule::Due)),
    ("free credit counts", |c, _| c.balance = balance(2999, 1, None, "2026-11-20T20:00:00"), Err(Rule::Due)),
    (
        "free credit on its last day",
        |c, _| c.balance = balance(0, 9000, Some("2026-11-20"), "2026-11-20T20:00:00"),
        Err(Rule::Due),
    ),
    ("free credit has expired", |c, _| c.balance = balance(0, 9000, Some("2026-11-19"), "2026-11-20T20:00:00"), DUE),
    ("in arrears", |c, _| c.balance = balance(-4000, 0, None, "2026-11-20T20:00:00"), DUE),
    ("account closed", |c, _| c.account_open = false, Err(Rule::AccountOpen)),
    ("suspended", |c, _| c.state = AgreementState::Suspended, Err(Rule::AgreementActive)),
    ("never released", |c, _| c.released_at = None, Err(Rule::InForce)),
    ("released a second too late", |c, _| c.released_at = Some(at("2026-11-20T22:00:01")), Err(Rule::InForce)),
    ("bank has not confirmed", |c, _| c.confirmed = false, Err(Rule::Confirmed)),
    ("bank closed", |_, n| n.bank_open = false, Err(Rule::BankOpen)),
    ("bank paused", |_, n| n.bank_running = false, Err(Rule::BankRunning)),
    ("held", |c, _| c.held = true, Err(Rule::NotHeld)),
    ("no reading is not zero", |c, _| c.balance = None, Err(Rule::ReadingPresent)),
    ("36 hours old", |c, _| c.balance = balance(0, 0, None, "2026-11-19T10:00:00"), DUE),
    ("a second older", |c, _| c.balance = balance(0, 0, None, "2026-11-19T09:59:59"), Err(Rule::ReadingFresh)),
    ("read before the last credit", |c, _| c.last_credit_at = Some(at("2026-11-20T20:00:01")), Err(Rule::ReadingFresh)),
    ("read at the last credit", |c, _| c.last_credit_at = Some(at("2026-11-20T20:00:00")), DUE),
    ("debited today", |c, _| c.debit_today = Some(DebitNo(1)), Err(Rule::OncePerDay)),
    ("an open debit", |c, _| c.open_debit = Some(DebitNo(1)), Err(Rule::NoOpenDebit)),
    ("refused twice without reason", |c, _| c.unexplained_in_row = 2, DUE),
    ("refused three times without reason", |c, _| c.unexplained_in_row = 3, Err(Rule::TriesLeft)),
    ("above the single cap", |c, _| c.amount = Fen(30_001), Err(Rule::CapDebit)),
    ("nothing to take", |c, _| c.amount = Fen(0), Err(Rule::CapDebit)),
    ("card's day exactly full", |c, _| c.card_today = Fen(95_000), DUE),
    ("card's day one fen over", |c, _| c.card_today = Fen(95_001), Err(Rule::CapCardDay)),
    ("card's month exactly full", |c, _| c.card_month = Fen(495_000), DUE),
    ("card's month one fen over", |c, _| c.card_month = Fen(495_001), Err(Rule::CapCardMonth)),
];

#[test]
fn the_rules_on_both_sides_of_their_edges() {
    for (name, change, expected) in TABLE {
        let (mut candidate, mut night) = (due(), night());
        change(&mut candidate, &mut night);
        assert_eq!(decide(&candidate, &night), *expected, "{name}");
        let failed = explain(&candidate, &night).into_iter().find(|check| !check.passed).map(|check| check.rule);
        assert_eq!(failed, expected.err(), "{name}: explain says the same");
    }
}

#[test]
fn every_rule_has_a_case_that_fails_it() {
    for rule in Rule::ALL {
        assert!(TABLE.iter().any(|(_, _, expected)| *expected == Err(*rule)), "{} has no case", rule.word());
    }
}

#[test]
fn an_explanation_names_the_values_seen() {
    let lines: Vec<String> =
        explain(&due(), &night()).into_iter().map(|c| format!("{} {}: {}", c.passed, c.rule.word(), c.seen)).collect();
    insta::assert_snapshot!(lines.join("\n"));
}
