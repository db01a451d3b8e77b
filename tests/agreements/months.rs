//! Months of agreements: a desk at the bank that refuses, is silent, repeats itself and loses lines; its books beside
//! ours at the end of each month, and nothing debited that does not stand there.
//!
//! Shown to turn red, each tried by hand and taken back: a cancellation refused together with the new card's signing
//! that is never told again, a file's name that may come once in a lifetime, a repeated reply about the old card that
//! quarantines the whole file.

use std::fs;

use chrono::{Datelike as _, Days, NaiveDate, Weekday};
use yichong::gateways::clock::Clock;
use yichong::jobs::App;
use yichong::jobs::agreements::compare::{self, Found, List};
use yichong::jobs::resolve::{self, Proposal, agreement};
use yichong::simulator::AgreementDesk;
use yichong::store::agreements::again;
use yichong_core::model::card::CardNo;

use crate::support::site::{at, day};
use crate::support::{Place, Site, account, both, exec, household, texts};

both!(months_of_dkqy, months_of_aut031, a_refusal_is_told_again_by_two_people);

/// A script for each working day, over and over.
const SCRIPTS: [&str; 8] = [
    "",
    "refusals:40",
    "missing-rows:1",
    "answer-next-day:2",
    "duplicate-row:1",
    "identity:1+account:1",
    "duplicate-file",
    "silent",
];

/// What a family of files has of its own.
struct Family {
    code: &'static str,
    out: &'static str,
    answers: &'static str,
}

const PIPE: Family = Family { code: "PIPE", out: "pipe-agreements", answers: "pipe-agreements-answer" };
const CITY: Family = Family { code: "CITY", out: "city-agreements", answers: "city-agreements-answer" };

/// Six households at a bank that confirms agreements itself and has not heard of them.
async fn site(place: Place, family: &Family) -> Site {
    let mut site = Site::with(place, "", &[family.code]).await;
    let told = format!(
        "cutoff = \"23:30\"\nconfirms = true\nagreements = {{ out = \"{}\", answers = [\"{}\"], answer_days = 2 }}\n",
        family.out, family.answers
    );
    let text = fs::read_to_string(site.config()).unwrap().replace("cutoff = \"23:30\"\n", &told);
    fs::write(site.config(), text).unwrap();
    site.app.db.close().await;
    site.app = App::open(&site.config(), Clock::Fixed(at("2026-03-01T12:00:00"))).await.unwrap();
    for nth in 1..=6 {
        enter(&site, family, nth).await;
    }
    site.staff().await;
    site
}

async fn enter(site: &Site, family: &Family, nth: i64) {
    site.enrol(&[household(nth).at(family.code)]).await;
    let sql = format!("UPDATE agreement SET confirmed = FALSE WHERE account = {}", account(nth));
    exec(&site.app.db, &sql).await.unwrap();
}

fn object(nth: i64) -> String {
    format!("agreement:{:012}", account(nth))
}

/// Another card for a household, by two people.
async fn new_card(site: &Site, nth: i64, card: &str) {
    let (by, token, reason) = ("甲".to_owned(), "token 甲".to_owned(), "换卡".to_owned());
    let proposal = Proposal { object: object(nth), action: String::new(), reason, by, token };
    let card = CardNo::parse(card).unwrap();
    let shown = agreement::replace_card(&site.app, &proposal, None, &card).await.unwrap();
    resolve::approve(&site.app, &proposal.object, &shown.hash, "乙", "token 乙").await.unwrap();
}

/// What the counter does of a day, by the day's number; which household is signed next.
async fn acts(site: &Site, family: &Family, number: i64, next: &mut i64) {
    if number % 2 == 0 {
        enter(site, family, *next).await;
        *next += 1;
    }
    let live = texts(
        &site.app.db,
        "SELECT CAST(account - 51600000000 AS TEXT) FROM agreement WHERE state = 'active' ORDER BY account",
    );
    let live: Vec<i64> = live.await.iter().map(|nth| nth.parse().unwrap()).collect();
    let pick = |step: i64| live[usize::try_from(number * step).unwrap() % live.len()];
    if number % 3 == 1 {
        new_card(site, pick(5), &format!("62260911{number:04}{:04}", number * 7 % 10_000)).await;
    }
    if number % 4 == 3 {
        site.two(&object(pick(3)), "cancel").await;
    }
    if number % 5 == 4 {
        mend(site).await;
    }
}

/// Everything refused is told again.
async fn mend(site: &Site) {
    let refused = again::refused(&mut site.app.db.read().await.unwrap(), (0, 0), 100).await.unwrap();
    for word in refused.into_iter().filter(|word| !word.again) {
        // A new version is told by itself.
        let object = format!("agreement:{:012}", word.account);
        if let Ok(shown) = site.proposed(&object, &format!("tell_again:{}", word.bank)).await {
            resolve::approve(&site.app, &object, &shown.hash, "乙", "token 乙").await.unwrap();
        }
    }
}

/// One day: replies in, people, our file out, the bank's desk.
async fn one_day(site: &mut Site, desk: &mut AgreementDesk, date: NaiveDate) {
    site.run("confirmations", &date.to_string(), &format!("{date}T08:05:00")).await;
    site.run("agreements", &date.to_string(), &format!("{date}T17:00:05")).await;
    desk.work(date).unwrap();
}

async fn months(place: Place, family: Family) {
    let mut site = site(place, &family).await;
    let mut desk = site.desk(family.code, "");
    let mut bank = site.partner(family.code, "singles");
    let (mut date, mut number, mut next) = (day("2026-03-02"), 0, 7);
    while date < day("2026-05-01") {
        site.clock(&format!("{date}T10:00:00"));
        let works = !matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        // The last days of a month nothing new happens: what is open is asked for and mended.
        let quiet = date.day() > 23;
        if quiet {
            desk.set_scenario("".parse().unwrap());
            desk.catch_up(date).unwrap();
            mend(&site).await;
        } else if works {
            acts(&site, &family, number, &mut next).await;
            desk.set_scenario(SCRIPTS[usize::try_from(number).unwrap() % SCRIPTS.len()].parse().unwrap());
            number += 1;
        }
        one_day(&mut site, &mut desk, date).await;
        if date.weekday() == Weekday::Thu {
            let fresh = format!("UPDATE balance SET read_at = '{date} 12:00:00+00:00'");
            exec(&site.app.db, &fresh).await.unwrap();
            site.night(&date.to_string()).await;
            site.answered(&mut bank, &date.to_string()).await;
        }
        if date.month() != (date + Days::new(1)).month() {
            agrees(&site, &desk, &family, date).await;
        }
        date = date + Days::new(1);
    }
    // Every debit the bank saw was of an agreement that stood there that night.
    let debits = bank.debits();
    assert!(debits.len() >= 10, "only {} debits", debits.len());
    for debit in debits {
        let account = debit.account.as_deref().unwrap();
        assert!(desk.stood(account, &debit.card, debit.file_date), "{account} of {} does not stand", debit.file_date);
    }
    assert!(desk.told().len() >= 50, "only {} lines", desk.told().len());
    let (no, yes): (Vec<_>, Vec<_>) = desk.told().iter().partition(|told| told.refused.is_some());
    assert!(no.len() >= 5 && yes.len() >= 30, "{} refused, {} taken", no.len(), yes.len());
    site.green().await;
}

/// The month's end: the bank's list, its books and ours are one.
async fn agrees(site: &Site, desk: &AgreementDesk, family: &Family, end: NaiveDate) {
    let path = desk.list(end).unwrap();
    let list = List { bank: family.code, path: &path, format: None };
    let mut found = Vec::new();
    let look = |difference: &Found| found.push(format!("{} {}", difference.account, difference.detail));
    let looked = compare::dry_run(&site.app, &list, look).await.unwrap();
    let refused: Vec<String> = site.files().await.into_iter().filter(|file| !file.ends_with(" applied")).collect();
    assert_eq!(refused, Vec::<String>::new(), "{end}");
    assert_eq!((looked.theirs, looked.ours), (desk.standing().count() as u64, looked.theirs), "{end}: {found:?}");
    assert!(found.is_empty(), "{end}: {found:?}");
    let sql =
        "SELECT CAST(account AS TEXT) || ' ' || card_last4 FROM agreement WHERE confirmed AND state <> 'cancelled'
        ORDER BY 1";
    let mut theirs: Vec<String> = desk
        .standing()
        .map(|own| format!("{} {}", own.account.trim_start_matches('0'), &own.card[own.card.len() - 4..]))
        .collect();
    theirs.sort();
    assert_eq!(texts(&site.app.db, sql).await, theirs, "{end}");
    assert!(theirs.len() >= 5, "{end}: {} agreements stand", theirs.len());
}

async fn months_of_dkqy(place: Place) {
    months(place, PIPE).await;
}

async fn months_of_aut031(place: Place) {
    months(place, CITY).await;
}

async fn a_refusal_is_told_again_by_two_people(place: Place) {
    let mut site = site(place, &PIPE).await;
    let mut desk = site.desk("PIPE", "identity:2");
    one_day(&mut site, &mut desk, day("2026-03-02")).await;
    site.run("confirmations", "2026-03-03", "2026-03-03T08:05:00").await;
    let refused = again::refused(&mut site.app.db.read().await.unwrap(), (0, 0), 100).await.unwrap();
    let (one, two) = (refused[0].account - 51_600_000_000, refused[1].account - 51_600_000_000);
    assert_eq!((refused.len(), refused[0].code.as_deref()), (2, Some("N")));
    assert_eq!(refused[0].message.as_deref(), Some("户名不符"));
    let other = (1..=6).find(|nth| *nth != one && *nth != two).unwrap();
    // What cannot be told again, and why.
    let said = async |nth: i64, bank: &str| {
        site.proposed(&object(nth), &format!("tell_again:{bank}")).await.unwrap_err().message
    };
    assert!(said(other, "PIPE").await.contains("said yes"));
    assert!(said(one, "PLAIN").await.contains("there is no bank `PLAIN`"));
    // Shown with the bank's words; a teller may not approve what they proposed themselves.
    let shown = site.proposed(&object(one), "tell_again:PIPE").await.unwrap();
    for words in ["N 户名不符", "DKQYJS20260302.TXT", "重报", "签约 (sign)", "已电话核实"] {
        assert!(shown.text.contains(words), "{words}: {}", shown.text);
    }
    let own = resolve::approve(&site.app, &object(one), &shown.hash, "甲", "token 甲").await.unwrap_err();
    assert!(own.message.contains("another person"), "{own}");
    let done = resolve::approve(&site.app, &object(one), &shown.hash, "乙", "token 乙").await.unwrap();
    assert!(done.contains("told again") && done.contains("PIPE"), "{done}");
    assert!(said_again(&site, one).await.contains("leaves with the next file already"));
    // No new version; the history, the audit and the list of what is refused say so.
    let sql = format!(
        "SELECT reason || ' ' || actor || ' v' || CAST(version AS TEXT) FROM agreement_event
        WHERE account = {} ORDER BY event_no DESC LIMIT 1",
        account(one)
    );
    assert_eq!(texts(&site.app.db, &sql).await, ["tell_again: 已电话核实 甲+乙 v1"]);
    let audited = "SELECT action FROM audit WHERE action LIKE '%tell_again%' ORDER BY action";
    assert_eq!(texts(&site.app.db, audited).await, ["approve tell_again:PIPE", "propose tell_again:PIPE"]);
    let listed = again::refused(&mut site.app.db.read().await.unwrap(), (0, 0), 100).await.unwrap();
    assert_eq!(listed.iter().filter(|word| word.again).count(), 1);
    // Told the same evening, the other one not; the bank has put the name right.
    desk.set_scenario("duplicate-row:1".parse().unwrap());
    one_day(&mut site, &mut desk, day("2026-03-03")).await;
    let told: Vec<&str> = desk.told().iter().skip(6).map(|told| told.account.as_str()).collect();
    assert_eq!(told, [format!("{:012}", account(one))]);
    site.run("confirmations", "2026-03-04", "2026-03-04T08:05:00").await;
    let open = "SELECT CAST(account - 51600000000 AS TEXT) FROM break_item WHERE state = 'open'";
    assert_eq!(texts(&site.app.db, open).await, [two.to_string()]);
    let confirmed = "SELECT COUNT(*) || '' FROM agreement WHERE confirmed";
    assert_eq!(texts(&site.app.db, confirmed).await, ["5"]);
    assert!(desk.complaints().is_empty(), "{:?}", desk.complaints());
    site.green().await;
}

async fn said_again(site: &Site, nth: i64) -> String {
    site.proposed(&object(nth), "tell_again:PIPE").await.unwrap_err().message
}
