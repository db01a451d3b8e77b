//! A plain good day: six households, four of them due, one without money on the card.

use std::fs;

use yichong::simulator::{Outcome, Reason, Which};

use crate::support::{Household, Place, Site, both, household};

both!(a_plain_good_day);

/// 051600000003 has exactly its threshold, so it is not due; 051600000006 has more.
pub fn six() -> Vec<Household> {
    vec![
        household(1),
        household(2).with(2_999).taking(3_000),
        household(3).with(3_000),
        household(4).with(-150).taking(10_000),
        household(5).with(500).taking(20_000),
        household(6).with(9_900),
    ]
}

/// 2026-03-02 is 9557 days after 2000-01-01, so numbers begin with 9557; then the account, then attempt 0.
const FILE: &str = "debit_no,account,payer_name,card,id_number,mobile,amount,agreement,signed_on
95570516000000010,051600000001,王珅1,6226090000000001,341126197709218366,13552530001,50.00,051600000001-1,2026-01-05
95570516000000020,051600000002,王珅2,6226090000000002,341126197709218366,13552530002,30.00,051600000002-1,2026-01-05
95570516000000040,051600000004,王珅4,6226090000000004,341126197709218366,13552530004,100.00,051600000004-1,2026-01-05
95570516000000050,051600000005,王珅5,6226090000000005,341126197709218366,13552530005,200.00,051600000005-1,2026-01-05
TOTAL,4,380.00
";

async fn a_plain_good_day(place: Place) {
    let mut site = Site::plain(place, &six()).await;
    site.app.page = 3;
    let said = site.run("nightly", "2026-03-02", "2026-03-02T22:00:05").await;
    assert!(said.contains("select: not_selected 0, planned 4, sum_fen 38000"), "{said}");
    assert!(said.contains("file: debits 4, dropped 0, files 1, sum_fen 38000"), "{said}");
    assert!(said.contains("release: released 1\nsend: sent 1, sum_fen 38000"), "{said}");
    let file = site.exchange("PLAIN").join("out/M001-20260302-001.csv");
    assert_eq!(fs::read_to_string(file).unwrap(), FILE);
    assert_eq!(site.batches().await, ["M001-20260302-001.csv sent 4 38000"]);
    assert_eq!(site.ledger().await, Vec::<String>::new(), "nothing is booked before the bank's word");

    let mut bank = site.partner("PLAIN", "all-paid");
    bank.override_outcome(Which::Account("051600000005".into()), Outcome::refused(Reason::Funds));
    assert_eq!(bank.receive("2026-03-02".parse().unwrap()).unwrap(), ["M001-20260302-001.csv"]);
    bank.answer("2026-03-02".parse().unwrap()).unwrap();
    site.run("returns", "2026-03-02", "2026-03-02T23:10:00").await;
    assert_eq!(site.files().await, ["M001-20260302-001.answer.csv answer applied"]);
    assert_eq!(
        site.entries().await,
        [
            "1 paid PLAIN clearing>prepaid 5000 2026-03-02",
            "2 paid PLAIN clearing>prepaid 3000 2026-03-02",
            "4 paid PLAIN clearing>prepaid 10000 2026-03-02",
        ]
    );
    assert_eq!(site.ledger().await, ["PLAIN clearing 18000", "PLAIN prepaid -18000"]);
    site.agrees("PLAIN", &bank).await;
    assert_eq!(site.breaks().await, Vec::<String>::new());
}
