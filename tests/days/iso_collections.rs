//! A bank that speaks ISO 20022 is told on which bank day money is to be taken, and which card an agreement had before:
//! until the bank has taken money from the new one.

use std::fs;

use yichong::gateways::archive::measure;
use yichong::jobs::plan::plan;
use yichong::jobs::resolve::{self, Proposal, agreement};
use yichong::simulator::{Outcome, Reason, Which};
use yichong_core::model::card::CardNo;

use crate::support::site::day;
use crate::support::{Place, Site, account, both, household};

both!(a_replaced_card_is_told_until_it_was_taken, a_year_nobody_loaded_sends_nothing);

/// One household that is due every night, at a bank that takes money two bank days behind the file.
async fn site(place: Place) -> Site {
    let format = include_str!("../../formats/iso-debit.toml");
    let format = format.replace("rows_per_group", "lead_days = 2\nsequence = \"history\"\nrows_per_group");
    fs::create_dir_all(place.folder.path().join("formats")).unwrap();
    fs::write(place.folder.path().join("formats/iso-debit.toml"), format).unwrap();
    let site = Site::with(place, "", &["ISO"]).await;
    site.enrol(&[household(1).with(-100_000).at("ISO")]).await;
    site
}

/// What the file of a date says: sequence, day, the card before.
fn said(site: &Site, date: &str) -> (String, String, Option<String>) {
    let name = format!("out/M007-{}-0001.pain008.xml", date.replace('-', ""));
    let text = fs::read_to_string(site.exchange("ISO").join(name)).unwrap();
    let between = |from: &str| text.split_once(from).map(|(_, rest)| rest.split('<').next().unwrap().to_owned());
    let before = between("<AmdmntInd>true</AmdmntInd><AmdmntInfDtls><OrgnlDbtrAcct><Id><Othr><Id>");
    (between("<SeqTp>").unwrap(), between("<ReqdColltnDt>").unwrap(), before)
}

async fn replace(site: &Site, card: &str) {
    let object = format!("agreement:{:012}", account(1));
    let (by, token, reason) = ("甲".to_owned(), "token 甲".to_owned(), "卡已挂失".to_owned());
    let proposal = Proposal { object: object.clone(), action: String::new(), reason, by, token };
    let card = CardNo::parse(card).unwrap();
    let shown = agreement::replace_card(&site.app, &proposal, None, &card).await.unwrap();
    resolve::approve(&site.app, &object, &shown.hash, "乙", "token 乙").await.unwrap();
}

async fn a_replaced_card_is_told_until_it_was_taken(place: Place) {
    let mut site = site(place).await;
    site.staff().await;
    site.rests(&["2026-03-04"]).await;
    let mut bank = site.partner("ISO", "all-paid");
    // Monday; Tuesday is one bank day on, Wednesday rests, Thursday is the second.
    site.night("2026-03-02").await;
    assert_eq!(said(&site, "2026-03-02"), ("FRST".into(), "2026-03-05".into(), None));
    site.answered(&mut bank, "2026-03-02").await;
    assert_eq!(site.state(1, "2026-03-02").await, "credited");
    replace(&site, "6226090000000048").await;
    let before = Some("6226090000000001".to_owned());
    // The plan says it as the night does.
    let planned = plan(&site.app, day("2026-03-03"), None, 0).await.unwrap();
    site.night("2026-03-03").await;
    assert_eq!(said(&site, "2026-03-03"), ("RCUR".into(), "2026-03-06".into(), before.clone()));
    let sent = fs::File::open(site.exchange("ISO").join("out/M007-20260303-0001.pain008.xml")).unwrap();
    assert_eq!(planned.files[0].sha256, measure(sent).unwrap().sha256);
    // The bank took nothing from the new card: it is told once more.
    bank.override_outcome(Which::Row(1), Outcome::refused(Reason::Funds));
    site.answered(&mut bank, "2026-03-03").await;
    assert_eq!(site.state(1, "2026-03-03").await, "refused");
    site.night("2026-03-05").await;
    assert_eq!(said(&site, "2026-03-05"), ("RCUR".into(), "2026-03-09".into(), before));
    let mut bank = site.partner("ISO", "all-paid");
    site.answered(&mut bank, "2026-03-05").await;
    assert_eq!(site.state(1, "2026-03-05").await, "credited");
    // Taken: from now on the card is the agreement's.
    site.night("2026-03-06").await;
    assert_eq!(said(&site, "2026-03-06"), ("RCUR".into(), "2026-03-10".into(), None));
}

async fn a_year_nobody_loaded_sends_nothing(place: Place) {
    let mut site = site(place).await;
    let ended = site.try_run("nightly", "2027-12-31", "2027-12-31T22:00:05").await;
    let error = format!("{:?}", ended.unwrap_err());
    assert!(error.contains("calendar `banks` has no year 2028"), "{error}");
    assert_eq!(site.batches().await, Vec::<String>::new());
    assert_eq!(fs::read_dir(site.exchange("ISO").join("out")).unwrap().count(), 0);
}
