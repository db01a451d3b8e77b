//! A plain good day: six households, four of them due, one without money on the card.

use std::fs;

use yichong::simulator::{Outcome, Reason, Which};

use crate::support::{Household, Place, Site, both, household, texts};

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
    let said = site.night("2026-03-02").await;
    assert!(said.contains("select: not_selected 0, planned 4, sum_fen 38000"), "{said}");
    assert!(said.contains("file: debits 4, dropped 0, files 1, sum_fen 38000"), "{said}");
    assert!(said.contains("release: released 1\nsend: sent 1, sum_fen 38000"), "{said}");
    let file = site.exchange("PLAIN").join("out/M001-20260302-001.csv");
    assert_eq!(fs::read_to_string(file).unwrap(), FILE);
    assert_eq!(site.batches().await, ["M001-20260302-001.csv sent 4 38000"]);
    assert_eq!(site.ledger().await, NOTHING, "nothing is booked before the bank's word");

    let mut bank = site.partner("PLAIN", "all-paid");
    bank.override_outcome(Which::Account("051600000005".into()), Outcome::refused(Reason::Funds));
    site.answered(&mut bank, "2026-03-02").await;
    assert_eq!(site.files().await, ["M001-20260302-001.answer.csv answer applied"]);
    assert_eq!(site.entries().await, PAID);
    assert_eq!(site.ledger().await, ["PLAIN clearing 18000", "PLAIN prepaid -18000"]);
    assert_eq!(site.debits().await, DEBITS);
    let meters = [site.meter(1).await, site.meter(2).await, site.meter(4).await, site.meter(5).await];
    assert_eq!(meters, [6_000, 5_999, 9_850, 500], "10.00 + 50.00, 29.99 + 30.00, -1.50 + 100.00, 5.00");
    // 23:10 is no time for texts; at 07:10 they go, one for each of the four.
    assert!(site.outbox().await.contains(&"1 sms credited queued 5000".to_owned()));
    site.run("returns", "2026-03-03", "2026-03-03T07:10:00").await;
    assert_eq!(site.outbox().await, OUTBOX);

    site.settled(&mut bank, "2026-03-02").await;
    // 180.00 came in one sum: clearing is empty, the money is on our account, the residents have it as prepaid.
    assert_eq!(site.ledger().await, ["PLAIN bank 18000", "PLAIN prepaid -18000"]);
    assert_eq!(site.breaks().await, NOTHING);
    site.closed("2026-03-02").await;
    let body = texts(&site.app.db, "SELECT body FROM certificate").await.concat();
    // Three debits paid and three settled, 180.00 each way: both belong to the night, whose day was still open.
    assert!(body.contains("\"entries\":{\"count\":6,\"sum_fen\":36000}"), "{body}");
    assert!(body.contains("\"clearing_fen\":0") && body.contains("\"suspense_fen\":0"), "{body}");
    assert_eq!(bank.taken(), 18_000);
    site.agrees("PLAIN", &bank).await;
    site.green().await;
}

const NOTHING: [&str; 0] = [];

const PAID: [&str; 3] = [
    "1 paid PLAIN clearing>prepaid 5000 2026-03-02",
    "2 paid PLAIN clearing>prepaid 3000 2026-03-02",
    "4 paid PLAIN clearing>prepaid 10000 2026-03-02",
];

const DEBITS: [&str; 4] = [
    "1 2026-03-02 credited 5000 5000 2026-03-02 paid",
    "2 2026-03-02 credited 3000 3000 2026-03-02 paid",
    "4 2026-03-02 credited 10000 10000 2026-03-02 paid",
    "5 2026-03-02 refused 20000 - - funds",
];

const OUTBOX: [&str; 7] = [
    "1 credit accepted 5000",
    "1 sms credited sent 5000",
    "2 credit accepted 3000",
    "2 sms credited sent 3000",
    "4 credit accepted 10000",
    "4 sms credited sent 10000",
    "5 sms funds sent 20000",
];
