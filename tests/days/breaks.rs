//! The eleven breaks (差错): each is made by the partner alone, named exactly, in suspense to the fen, and healed.
//!
//! Four debits a day: 50.00, 30.00, 100.00 and 200.00, together 380.00. Suspense and prepaid are credit balances, so
//! they stand here below zero; clearing is what the bank owes us.

use yichong::simulator::{Money, Outcome, Reason, Shown, Takes, Then, Which};

use super::plain::six;
use crate::support::{Place, Site, both};

both!(
    no_return,
    over,
    short,
    amount_differs,
    state_differs,
    unsettled,
    money_unanswered,
    duplicate,
    late_return,
    day_cut,
);

const MONDAY: &str = "2026-03-02";
const TUESDAY: &str = "2026-03-03";
const WEDNESDAY: &str = "2026-03-04";
const NOTHING: [&str; 0] = [];
const ANSWER: &str = "M001-20260302-001.answer.csv";

fn nth(household: i64) -> Which {
    Which::Account(format!("{:012}", crate::support::account(household)))
}

/// A day on which the partner does this to the first household's debit of 50.00, money coming one by one.
async fn day(place: Place, script: &str, first: Outcome) -> (Site, yichong::simulator::Bank) {
    let mut site = Site::plain(place, &six()).await;
    site.app.page = 3;
    let mut bank = site.partner("PLAIN", script);
    bank.override_outcome(nth(1), first);
    site.played(&mut bank, MONDAY).await;
    site.green().await;
    (site, bank)
}

async fn no_return(place: Place) {
    let (mut site, mut bank) = day(place, "lump", Outcome::refused(Reason::Funds).shown(Shown::Never)).await;
    // Within a bank day it is in transit, no break; the other three are settled by one sum of 330.00.
    assert_eq!((site.breaks().await, site.state(1, MONDAY).await.as_str()), (vec![], "planned"));
    assert_eq!(site.ledger().await, ["PLAIN bank 33000", "PLAIN prepaid -33000"]);
    site.reconciled(WEDNESDAY).await;
    assert_eq!(site.breaks().await, ["no_return PLAIN 5000 open"]);
    assert_eq!(site.state(1, MONDAY).await, "unanswered");
    // Never sent again: the open debit keeps the account out of Wednesday's night.
    site.run("nightly", WEDNESDAY, "2026-03-04T22:00:05").await;
    assert_eq!(site.passed(1, WEDNESDAY).await, "no_open_debit");
    // The bank answers after all, under another name.
    bank.answer_again("M001-20260302-001.csv").unwrap();
    bank.answer(WEDNESDAY.parse().unwrap()).unwrap();
    site.renamed("PLAIN", ANSWER, "M001-20260302-901.answer.csv");
    site.run("returns", WEDNESDAY, "2026-03-04T23:10:00").await;
    assert_eq!(site.state(1, MONDAY).await, "refused");
    site.reconciled("2026-03-05").await;
    assert_eq!(site.breaks().await, ["no_return PLAIN 5000 resolved"]);
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}

async fn over(place: Place) {
    let (mut site, bank) = day(place, "lump", Outcome::paid().money(Money::Off(100))).await;
    // 381.00 came for 380.00: nobody knows whose yuan it is, so nothing of it is spread.
    assert_eq!(site.breaks().await, ["over PLAIN 100 open"]);
    assert_eq!(
        site.ledger().await,
        ["PLAIN bank 38100", "PLAIN clearing 38000", "PLAIN prepaid -38000", "PLAIN suspense -38100"]
    );
    // Two people give the yuan back: the rest ties, and the next sweep settles it.
    site.staff().await;
    site.two(&site.break_of("over").await, "refund").await;
    site.reconciled(WEDNESDAY).await;
    assert_eq!(site.breaks().await, ["over PLAIN 100 resolved"]);
    assert_eq!(site.ledger().await, ["PLAIN bank 38100", "PLAIN prepaid -38000", "PLAIN refunds_payable -100"]);
    site.green().await;
    site.agrees("PLAIN", &bank).await;
}

async fn short(place: Place) {
    let (mut site, mut bank) = day(place, "lump", Outcome::paid().money(Money::Late(1))).await;
    // 330.00 came for 380.00.
    assert_eq!(site.breaks().await, ["short PLAIN 5000 open"]);
    assert_eq!(
        site.ledger().await,
        ["PLAIN bank 33000", "PLAIN clearing 38000", "PLAIN prepaid -38000", "PLAIN suspense -33000"]
    );
    // The missing 50.00 come a day later: together they tie, and the break heals by itself.
    site.settled(&mut bank, TUESDAY).await;
    assert_eq!(site.breaks().await, ["short PLAIN 5000 resolved"]);
    assert_eq!(site.ledger().await, ["PLAIN bank 38000", "PLAIN prepaid -38000"]);
    site.green().await;
}

async fn amount_differs(place: Place) {
    let (site, bank) = day(place, "singles", Outcome::paid().money(Money::Off(-100))).await;
    assert_eq!(site.breaks().await, ["amount_differs PLAIN -100 open"]);
    // 49.00 wait in suspense; the other 330.00 are settled.
    assert_eq!(
        site.ledger().await,
        ["PLAIN bank 37900", "PLAIN clearing 5000", "PLAIN prepaid -38000", "PLAIN suspense -4900"]
    );
    // Two people take the loss of the missing yuan: what is there settles the debit.
    site.staff().await;
    site.two(&site.break_of("amount_differs").await, "loss").await;
    assert_eq!(site.breaks().await, ["amount_differs PLAIN -100 resolved"]);
    assert_eq!(site.ledger().await, ["PLAIN bank 37900", "PLAIN loss 100", "PLAIN prepaid -38000"]);
    site.green().await;
    site.agrees("PLAIN", &bank).await;
}

async fn state_differs(place: Place) {
    let (site, bank) = day(place, "singles", Outcome::refused(Reason::Funds).taking(Takes::All)).await;
    assert_eq!(site.breaks().await, ["state_differs PLAIN 5000 open"]);
    assert_eq!(site.state(1, MONDAY).await, "refused", "money never flips an answer");
    assert_eq!(site.ledger().await, ["PLAIN bank 38000", "PLAIN prepaid -33000", "PLAIN suspense -5000"]);
    site.staff().await;
    site.two(&site.break_of("state_differs").await, "refund").await;
    assert_eq!(site.ledger().await, ["PLAIN bank 38000", "PLAIN prepaid -33000", "PLAIN refunds_payable -5000"]);
    site.green().await;
    let found = site.differences("PLAIN", &bank).await;
    assert_eq!(found, ["95570516000000010: refused 0 here, the bank took 5000"]);
}

async fn unsettled(place: Place) {
    let (mut site, mut bank) = day(place, "singles", Outcome::paid().money(Money::Late(3))).await;
    assert_eq!(site.breaks().await, NOTHING, "in transit");
    assert_eq!(site.balance("PLAIN", "clearing").await, 5_000);
    site.reconciled(WEDNESDAY).await;
    assert_eq!(site.breaks().await, ["unsettled PLAIN 5000 open"]);
    assert_eq!((site.balance("PLAIN", "clearing").await, site.balance("PLAIN", "suspense").await), (5_000, 0));
    // Three days late it comes after all.
    site.settled(&mut bank, "2026-03-05").await;
    assert_eq!(site.breaks().await, ["unsettled PLAIN 5000 resolved"]);
    assert_eq!(site.ledger().await, ["PLAIN bank 38000", "PLAIN prepaid -38000"]);
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}

async fn money_unanswered(place: Place) {
    let (mut site, mut bank) = day(place, "singles", Outcome::paid().shown(Shown::Never)).await;
    assert_eq!(site.breaks().await, ["money_unanswered PLAIN 5000 open"]);
    assert_eq!(site.ledger().await, ["PLAIN bank 38000", "PLAIN prepaid -33000", "PLAIN suspense -5000"]);
    assert_eq!(site.meter(1).await, 1_000, "no credit without the bank's yes");
    bank.answer_again("M001-20260302-001.csv").unwrap();
    bank.answer(TUESDAY.parse().unwrap()).unwrap();
    site.renamed("PLAIN", ANSWER, "M001-20260302-901.answer.csv");
    site.run("returns", TUESDAY, "2026-03-03T10:00:00").await;
    site.run("settlement", TUESDAY, "2026-03-03T10:15:00").await;
    assert_eq!(site.breaks().await, ["money_unanswered PLAIN 5000 resolved"]);
    assert_eq!(site.ledger().await, ["PLAIN bank 38000", "PLAIN prepaid -38000"]);
    assert_eq!(site.meter(1).await, 6_000);
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}

async fn duplicate(place: Place) {
    let (site, bank) = day(place, "singles", Outcome::paid().money(Money::Twice)).await;
    assert_eq!(site.breaks().await, ["duplicate PLAIN 5000 open"]);
    assert_eq!(site.ledger().await, ["PLAIN bank 43000", "PLAIN prepaid -38000", "PLAIN suspense -5000"]);
    site.staff().await;
    site.two(&site.break_of("duplicate").await, "refund").await;
    assert_eq!(site.breaks().await, ["duplicate PLAIN 5000 resolved"]);
    assert_eq!(site.ledger().await, ["PLAIN bank 43000", "PLAIN prepaid -38000", "PLAIN refunds_payable -5000"]);
    site.green().await;
    site.agrees("PLAIN", &bank).await;
}

async fn late_return(place: Place) {
    let (mut site, mut bank) = day(place, "singles", Outcome::paid().then(Then::Returned(1))).await;
    assert_eq!(site.breaks().await, NOTHING);
    site.settled(&mut bank, TUESDAY).await;
    assert_eq!(site.breaks().await, ["late_return PLAIN 5000 open"]);
    assert_eq!(site.state(1, MONDAY).await, "reversed");
    // 50.00 came and went: nothing of it is left in clearing, with us or with the resident.
    assert_eq!(site.ledger().await, ["PLAIN bank 33000", "PLAIN prepaid -33000"]);
    let agreement = crate::support::texts(&site.app.db, "SELECT state FROM agreement ORDER BY account LIMIT 1").await;
    assert_eq!(agreement, ["suspended"]);
    site.staff().await;
    site.two(&site.break_of("late_return").await, "accept").await;
    assert_eq!(site.breaks().await, ["late_return PLAIN 5000 resolved"]);
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}

async fn day_cut(place: Place) {
    let mut site = Site::plain(place, &six()).await;
    site.app.page = 3;
    let mut bank = site.partner("PLAIN", "lump+day-cut:2");
    site.played(&mut bank, MONDAY).await;
    // 50.00 + 30.00 were taken before the cut, 100.00 + 200.00 belong to the bank's Tuesday.
    assert_eq!(site.breaks().await, ["day_cut PLAIN 30000 open"]);
    assert_eq!(
        site.ledger().await,
        ["PLAIN bank 8000", "PLAIN clearing 38000", "PLAIN prepaid -38000", "PLAIN suspense -8000"]
    );
    site.settled(&mut bank, TUESDAY).await;
    assert_eq!(site.breaks().await, ["day_cut PLAIN 30000 resolved"]);
    assert_eq!(site.ledger().await, ["PLAIN bank 38000", "PLAIN prepaid -38000"]);
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}
