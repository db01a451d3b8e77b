//! The same night in every family of files, and two banks in one night.

use yichong::simulator::{Outcome, Reason, Which};

use super::plain::six;
use crate::support::{Household, Place, Site, both};

both!(union, pipe, set_of_three, city, aipg, standard, two_banks);

const MONDAY: &str = "2026-03-02";

/// Four debits of 380.00 together, the last of 200.00 in vain; one sum, or one line each.
async fn night(place: Place, code: &'static str, file: &str, script: &str, fifth: &str) {
    let mut site = Site::with(place, "", &[code]).await;
    let households: Vec<Household> = six().into_iter().map(|household| household.at(code)).collect();
    site.enrol(&households).await;
    site.app.page = 3;
    let mut bank = site.partner(code, script);
    bank.override_outcome(Which::Row(4), Outcome::refused(Reason::Funds));
    site.played(&mut bank, MONDAY).await;
    assert_eq!(site.batches().await, [format!("{file} sent 4 38000")]);
    assert_eq!(site.state(5, MONDAY).await, fifth);
    assert_eq!(site.ledger().await, [format!("{code} bank 18000"), format!("{code} prepaid -18000")]);
    assert_eq!(site.breaks().await, Vec::<String>::new());
    assert!(site.files().await.iter().all(|file| file.ends_with(" applied")), "{:?}", site.files().await);
    site.closed(MONDAY).await;
    let open = "unanswered 0 here, the bank took 0";
    let found = site.differences(code, &bank).await;
    assert!(found.iter().all(|words| fifth == "unanswered" && words.ends_with(open)), "{found:?}");
    site.green().await;
}

async fn union(place: Place) {
    night(place, "UNION", "DK00012345700000000000001202603020001I.txt", "lump", "refused").await;
}

async fn pipe(place: Place) {
    night(place, "PIPE", "JS20260302.PK", "singles", "refused").await;
}

async fn set_of_three(place: Place) {
    night(place, "SET", "M004_20260302_0001.txt", "lump", "refused").await;
}

async fn city(place: Place) {
    // No public table says what its refusals mean: the debit stays open until somebody knows.
    night(place, "CITY", "CMT031220000S.Z01", "singles", "unanswered").await;
}

async fn aipg(place: Place) {
    night(place, "AIPG", "700000000000001_20260302_001.aipg.xml", "lump", "refused").await;
}

async fn standard(place: Place) {
    night(place, "ISO", "M007-20260302-0001.pain008.xml", "singles", "refused").await;
}

async fn two_banks(place: Place) {
    let mut site = Site::with(place, "", &["PLAIN", "PIPE"]).await;
    // 50.00 and 30.00 at one bank, 100.00 and 200.00 at the other.
    let at = |household: Household| if household.nth > 2 { household.at("PIPE") } else { household };
    site.enrol(&six().into_iter().map(at).collect::<Vec<_>>()).await;
    let (mut plain, mut pipe) = (site.partner("PLAIN", "lump"), site.partner("PIPE", "silent"));
    site.night(MONDAY).await;
    assert_eq!(site.batches().await, ["M001-20260302-001.csv sent 2 8000", "JS20260302.PK sent 2 30000"]);
    site.answered(&mut plain, MONDAY).await;
    site.answered(&mut pipe, MONDAY).await;
    site.settled(&mut plain, MONDAY).await;
    // One bank's silence is nothing to the other.
    assert_eq!(site.ledger().await, ["PLAIN bank 8000", "PLAIN prepaid -8000"]);
    site.reconciled("2026-03-04").await;
    assert_eq!(site.breaks().await, ["no_return PIPE 10000 open", "no_return PIPE 20000 open"]);
    site.agrees("PLAIN", &plain).await;
    site.green().await;
}
