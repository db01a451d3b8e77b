//! Agreements told to a bank that confirms them itself: selectable after its yes only, never told twice, its no and its
//! silence on somebody's desk.
//!
//! Shown to turn red, each tried by hand and taken back: a refused agreement told again every day, a yes that confirms
//! a card the bank was not told, a reply that is believed though nobody was told of it.

use std::fs;

use yichong::gateways::clock::Clock;
use yichong::jobs::App;
use yichong::jobs::resolve::{self, Proposal, agreement};
use yichong_core::model::card::CardNo;

use crate::support::site::at;
use crate::support::{Place, Site, account, both, exec, household, texts};

both!(
    a_bank_says_yes_no_and_nothing,
    what_changed_is_told_and_taken_back,
    a_reply_that_cannot_be_believed_changes_nothing,
    folders_of_their_own_and_a_name_the_bank_cannot_hold,
);

const MONDAY: &str = "2026-03-02";
const TUESDAY: &str = "2026-03-03";
const WEDNESDAY: &str = "2026-03-04";

/// A site whose one bank exchanges agreements and confirms them; nothing is confirmed yet.
pub async fn site(place: Place, households: i64, more: &str) -> Site {
    let mut site = Site::with(place, "", &["PIPE"]).await;
    let told = format!(
        "cutoff = \"23:30\"\nconfirms = true\nagreements = {{ out = \"pipe-agreements\", answers = \
         [\"pipe-agreements-answer\"], answer_days = 1{more} }}\n"
    );
    let text = fs::read_to_string(site.config()).unwrap().replace("cutoff = \"23:30\"\n", &told);
    fs::write(site.config(), text).unwrap();
    site.app.db.close().await;
    site.app = App::open(&site.config(), Clock::Fixed(at("2026-03-01T12:00:00"))).await.unwrap();
    site.enrol(&(1..=households).map(|nth| household(nth).at("PIPE")).collect::<Vec<_>>()).await;
    exec(&site.app.db, "UPDATE agreement SET confirmed = FALSE").await.unwrap();
    site
}

/// 17:00: what is due is told; gives the file's text.
async fn told(site: &mut Site, date: &str) -> Option<String> {
    site.run("agreements", date, &format!("{date}T17:00:05")).await;
    let path = site.exchange("PIPE").join(format!("out/DKQYJS{}.TXT", date.replace('-', "")));
    let bytes = fs::read(path).ok()?;
    Some(encoding_rs::GBK.decode(&bytes).0.into_owned())
}

/// The bank leaves a reply: (account, card, operation, Y or N, reason).
pub fn reply(site: &Site, name: &str, rows: &[(i64, &str, &str, &str, &str)]) {
    let mut text = String::new();
    for (line, (nth, card, operation, code, reason)) in rows.iter().enumerate() {
        let (line, no) = (line + 1, account(*nth));
        text +=
            &format!("{line}|{no:012}|JS|{card}|王珅{nth}|{operation}|20260105|YICHONG|{code}|20260303|{reason}|\r\n");
    }
    fs::write(site.exchange("PIPE").join("in").join(name), encoding_rs::GBK.encode(&text).0).unwrap();
}

async fn heard(site: &mut Site, date: &str) -> String {
    site.run("confirmations", date, &format!("{date}T08:05:00")).await
}

/// Every word to a bank, as `account operation state card`.
async fn words(site: &Site) -> Vec<String> {
    let sql = "SELECT CAST(account - 51600000000 AS TEXT) || ' ' || operation || ' ' || state || ' ' || card_last4
        || COALESCE(' ' || code, '') FROM agreement_notice ORDER BY account, notice_no";
    texts(&site.app.db, sql).await
}

/// The households that may be debited.
async fn confirmed(site: &Site) -> Vec<String> {
    let sql = "SELECT CAST(account - 51600000000 AS TEXT) FROM agreement WHERE confirmed ORDER BY account";
    texts(&site.app.db, sql).await
}

async fn fresh(site: &Site, date: &str) {
    exec(&site.app.db, &format!("UPDATE balance SET read_at = '{date} 12:00:00+00:00'")).await.unwrap();
}

const CARD: [&str; 3] = ["6226090000000001", "6226090000000002", "6226090000000003"];

async fn a_bank_says_yes_no_and_nothing(place: Place) {
    let mut site = site(place, 3, "").await;
    let text = told(&mut site, MONDAY).await.unwrap();
    assert_eq!(
        text,
        "1|051600000001|JS|6226090000000001|王珅1|1|20260105|YICHONG\r\n\
         2|051600000002|JS|6226090000000002|王珅2|1|20260105|YICHONG\r\n\
         3|051600000003|JS|6226090000000003|王珅3|1|20260105|YICHONG\r\n"
    );
    // No debit before the bank's yes.
    site.night(MONDAY).await;
    assert_eq!((site.debits().await.len(), site.passed(1, MONDAY).await.as_str()), (0, "confirmed"));
    reply(&site, "DKQYRJS20260302.TXT", &[(1, CARD[0], "1", "Y", ""), (2, CARD[1], "1", "N", "户名不符")]);
    heard(&mut site, TUESDAY).await;
    assert_eq!(words(&site).await, ["1 sign accepted 0001 Y", "2 sign refused 0002 N", "3 sign sent 0003"]);
    assert_eq!(confirmed(&site).await, ["1"]);
    assert_eq!(site.breaks().await, ["agreement_refused PIPE 0 open"]);
    let said = texts(&site.app.db, "SELECT owner || ' ' || detail FROM break_item").await.remove(0);
    assert!(
        said.starts_with("counter ") && said.contains("N 户名不符") && said.contains("DKQYRJS20260302.TXT"),
        "{said}"
    );
    let history =
        texts(&site.app.db, "SELECT reason FROM agreement_event WHERE account = 51600000001 ORDER BY event_no");
    assert_eq!(history.await, ["录入", "复核", "银行确认签约"]);
    // A difference at the counter keeps no day open.
    site.closed(MONDAY).await;
    fresh(&site, TUESDAY).await;
    // Neither the refused one nor the silent one is told again; there is no empty file.
    assert_eq!(told(&mut site, TUESDAY).await, None);
    site.night(TUESDAY).await;
    assert_eq!(site.debits().await, ["1 2026-03-03 planned 5000 - - -"]);
    // One bank day after Monday is Tuesday; on Wednesday the third is late.
    heard(&mut site, WEDNESDAY).await;
    assert_eq!(site.breaks().await, ["agreement_refused PIPE 0 open", "agreement_unanswered PIPE 0 open"]);
    reply(&site, "DKQYRJS20260303.TXT", &[(3, CARD[2], "1", "Y", ""), (1, CARD[0], "1", "Y", "")]);
    heard(&mut site, WEDNESDAY).await;
    assert_eq!(site.breaks().await, ["agreement_refused PIPE 0 open", "agreement_unanswered PIPE 0 resolved"]);
    assert_eq!(confirmed(&site).await, ["1", "3"]);
    site.green().await;
    // People may end a break at the counter as any other.
    site.staff().await;
    let object = site.break_of("agreement_refused").await;
    assert!(site.proposed(&object, "refund").await.is_err(), "there is no money in it");
    site.two(&object, "accept").await;
    site.green().await;
}

async fn what_changed_is_told_and_taken_back(place: Place) {
    let mut site = site(place, 2, "").await;
    site.staff().await;
    told(&mut site, MONDAY).await.unwrap();
    reply(&site, "DKQYRJS20260302.TXT", &[(1, CARD[0], "1", "Y", ""), (2, CARD[1], "1", "N", "卡号不存在")]);
    // While the first reply lies at the door the second household's card is replaced, and the first's.
    for (nth, card) in [(1, "6226090000000048"), (2, "6226091111110048")] {
        let proposal = Proposal {
            object: format!("agreement:{:012}", account(nth)),
            action: String::new(),
            reason: "换卡".into(),
            by: "甲".into(),
            token: "token 甲".into(),
        };
        let card = CardNo::parse(card).unwrap();
        let shown = agreement::replace_card(&site.app, &proposal, None, &card).await.unwrap();
        assert!(shown.text.contains("银行确认新卡之前不会代扣"), "{}", shown.text);
        resolve::approve(&site.app, &proposal.object, &shown.hash, "乙", "token 乙").await.unwrap();
    }
    heard(&mut site, TUESDAY).await;
    // The bank's yes was about the old card.
    assert_eq!(confirmed(&site).await, Vec::<String>::new());
    let text = told(&mut site, TUESDAY).await.unwrap();
    assert_eq!(
        text,
        "1|051600000001|JS|6226090000000001|王珅1|2|20260105|YICHONG\r\n\
         2|051600000001|JS|6226090000000048|王珅1|1|20260105|YICHONG\r\n\
         3|051600000002|JS|6226091111110048|王珅2|1|20260105|YICHONG\r\n"
    );
    let rows =
        [(1, CARD[0], "2", "Y", ""), (1, "6226090000000048", "1", "Y", ""), (2, "6226091111110048", "1", "Y", "")];
    reply(&site, "DKQYRJS20260303.TXT", &rows);
    heard(&mut site, WEDNESDAY).await;
    assert_eq!(confirmed(&site).await, ["1", "2"]);
    assert_eq!(site.breaks().await, ["agreement_refused PIPE 0 resolved"], "the new card's yes ends the old one's no");
    site.two("agreement:051600000002", "cancel").await;
    assert_eq!(
        told(&mut site, WEDNESDAY).await.unwrap(),
        "1|051600000002|JS|6226091111110048|王珅2|2|20260105|YICHONG\r\n"
    );
    assert_eq!(
        words(&site).await,
        [
            "1 sign accepted 0001 Y",
            "1 cancel accepted 0001 Y",
            "1 sign accepted 0048 Y",
            "2 sign refused 0002 N",
            "2 sign accepted 0048 Y",
            "2 cancel sent 0048"
        ]
    );
    site.green().await;
}

async fn a_reply_that_cannot_be_believed_changes_nothing(place: Place) {
    let mut site = site(place, 2, "").await;
    told(&mut site, MONDAY).await.unwrap();
    let before = words(&site).await;
    // Somebody else's account, a cancellation nobody asked for, another card; the good line before each counts nothing.
    let good = (1, CARD[0], "1", "Y", "");
    let table = [
        ("DKQYRJS20260228.TXT", (7, CARD[1], "1", "Y", ""), "nobody told the bank"),
        ("DKQYRJS20260301.TXT", (2, CARD[1], "2", "Y", ""), "nobody told the bank"),
        ("DKQYRJS20260302.TXT", (2, CARD[2], "1", "Y", ""), "the card is not the one"),
        ("DKQYRJS20260303.TXT", (2, CARD[1], "3", "Y", ""), "neither `1`"),
    ];
    for (name, wrong, words_said) in table {
        reply(&site, name, &[good, wrong]);
        heard(&mut site, TUESDAY).await;
        let files = site.files().await;
        let last = files.last().unwrap();
        assert!(last.contains("agreement_answer quarantined") && last.contains(words_said), "{last}");
        assert!(!last.contains("6226090000000003"), "{last}");
    }
    assert_eq!((words(&site).await, confirmed(&site).await), (before, vec![]));
    assert_eq!(site.breaks().await, vec!["state_differs PIPE 0 open"; 4]);
    // The right one, and then the contrary: never a flip.
    reply(&site, "DKQYRJS20260304.TXT", &[good]);
    heard(&mut site, TUESDAY).await;
    reply(&site, "DKQYRJS20260305.TXT", &[(1, CARD[0], "1", "N", "错了")]);
    heard(&mut site, TUESDAY).await;
    assert_eq!(words(&site).await, ["1 sign accepted 0001 Y", "2 sign sent 0002"]);
    assert_eq!(site.breaks().await.first().unwrap(), "agreement_refused PIPE 0 open");
    site.green().await;
}

async fn folders_of_their_own_and_a_name_the_bank_cannot_hold(place: Place) {
    let folders = ", out_folder = \"exchange/own/out\", into_folder = \"exchange/own/in\"";
    let mut site = site(place, 2, folders).await;
    for folder in ["out", "in"] {
        fs::create_dir_all(site.folder().join("exchange/own").join(folder)).unwrap();
    }
    exec(&site.app.db, "UPDATE agreement SET payer_name = '王𬱖' WHERE account = 51600000001").await.unwrap();
    assert_eq!(told(&mut site, MONDAY).await, None, "not at the debits' door");
    let file = fs::read(site.folder().join("exchange/own/out/DKQYJS20260302.TXT")).unwrap();
    assert!(file.starts_with(b"1|051600000002|JS|"), "the others go on");
    assert_eq!(site.breaks().await, ["agreement_refused PIPE 0 open"]);
    reply(&site, "DKQYRJS20260302.TXT", &[(2, CARD[1], "1", "Y", "")]);
    let (from, to) = (site.exchange("PIPE").join("in"), site.folder().join("exchange/own/in"));
    fs::rename(from.join("DKQYRJS20260302.TXT"), to.join("DKQYRJS20260302.TXT")).unwrap();
    heard(&mut site, TUESDAY).await;
    assert_eq!(confirmed(&site).await, ["2"]);
    site.green().await;
}
