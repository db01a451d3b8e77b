//! The eleventh break, 电表未到账: paid, and the meters' head-end does not take the credit.

use chrono::NaiveDateTime;
use yichong::simulator::{HeadEnd, HeadEndConfig};

use super::plain::six;
use crate::support::site::day;
use crate::support::{Place, Site, account, both};

both!(a_rejected_credit_is_given_back, a_head_end_that_comes_back_heals);

const MONDAY: &str = "2026-03-02";
const TUESDAY: &str = "2026-03-03";

/// A head-end that knows these households' meters.
fn head_end(site: &Site, known: &[i64], scenario: &str) -> HeadEnd {
    let balances = known.iter().map(|nth| (format!("{:012}", account(*nth)), (1_000, 0))).collect();
    let (seed, idempotent, opened_on) = (1, true, day("2026-03-01"));
    let config = HeadEndConfig { seed, scenario: scenario.parse().unwrap(), idempotent, opened_on, balances };
    HeadEnd::open(&site.folder().join("exchange/meters"), config).unwrap()
}

fn local(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

/// Four debits, all paid; their credit orders lie at the head-end's door.
async fn paid(place: Place) -> (Site, yichong::simulator::Bank) {
    let mut site = Site::with(place, "[meters]\nkind = \"file\"", &["PLAIN"]).await;
    site.enrol(&six()).await;
    site.app.page = 3;
    let mut bank = site.partner("PLAIN", "lump");
    site.night(MONDAY).await;
    site.answered(&mut bank, MONDAY).await;
    let orders = ["1 credit sent 5000", "2 credit sent 3000", "4 credit sent 10000", "5 credit sent 20000"];
    let own = site.outbox().await;
    assert_eq!(
        own.iter().filter(|row| row.contains("credit sent")).collect::<Vec<_>>(),
        orders.iter().collect::<Vec<_>>()
    );
    (site, bank)
}

async fn a_rejected_credit_is_given_back(place: Place) {
    let (mut site, mut bank) = paid(place).await;
    // The head-end has no meter for the first household.
    let mut meters = head_end(&site, &[2, 4, 5], "all-accepted");
    meters.run(local("2026-03-03T00:30:00")).unwrap();
    site.run("returns", TUESDAY, "2026-03-03T07:10:00").await;
    assert_eq!(site.breaks().await, ["meter_uncredited PLAIN 5000 open"]);
    assert_eq!((site.state(1, MONDAY).await.as_str(), site.state(2, MONDAY).await.as_str()), ("paid", "credited"));
    assert_eq!(meters.credited(), 33_000, "30.00 + 100.00 + 200.00");
    site.settled(&mut bank, MONDAY).await;
    assert_eq!(site.ledger().await, ["PLAIN bank 38000", "PLAIN prepaid -38000"]);
    // No credit can be given, so two people give the money back.
    site.staff().await;
    site.two("debit:95570516000000010", "refund").await;
    assert_eq!(site.state(1, MONDAY).await, "refunded");
    assert_eq!(site.ledger().await, ["PLAIN bank 38000", "PLAIN prepaid -33000", "PLAIN refunds_payable -5000"]);
    assert_eq!(meters.double_credits(), Vec::<&yichong::simulator::Order>::new());
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}

async fn a_head_end_that_comes_back_heals(place: Place) {
    let (mut site, mut bank) = paid(place).await;
    let mut meters = head_end(&site, &[1, 2, 4, 5], "offline");
    meters.run(local("2026-03-03T00:30:00")).unwrap();
    site.settled(&mut bank, MONDAY).await;
    assert_eq!(site.breaks().await, Vec::<String>::new(), "24 hours are not over");
    site.run("returns", TUESDAY, "2026-03-03T23:20:00").await;
    let four = ["5000", "3000", "10000", "20000"];
    assert_eq!(site.breaks().await, four.map(|fen| format!("meter_uncredited PLAIN {fen} open")));
    meters.set_scenario("all-accepted".parse().unwrap());
    meters.run(local("2026-03-04T06:00:00")).unwrap();
    site.run("returns", "2026-03-04", "2026-03-04T07:10:00").await;
    assert_eq!(site.breaks().await, four.map(|fen| format!("meter_uncredited PLAIN {fen} resolved")));
    assert_eq!(meters.credited(), 38_000);
    assert!(meters.double_credits().is_empty());
    assert_eq!(site.state(1, MONDAY).await, "credited");
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}
