//! What two people say about a file that the engine cannot see, and the bank's receipts.
//!
//! Shown to turn red, each tried by hand and taken back: a night that sends a file somebody has taken out,
//! `did_not_arrive` without asking for receipts and answers.

use std::fs;
use std::path::Path;

use yichong::jobs::{Kind, dispatch, report};
use yichong::store::dispatches;

use super::line::Line;
use super::night::{bank, behind};
use super::server::Server;
use crate::support::children::{self, End};
use crate::support::site::day;
use crate::support::{Place, Site, both, household, texts};

both!(
    a_file_carried_by_hand_is_sent_once,
    a_file_that_did_not_arrive_is_sent_again_with_the_same_bytes,
    a_receipt_stands_beside_its_file_and_moves_no_money,
    a_day_closes_over_a_missing_receipt_and_its_certificate_says_so,
    killed_between_the_temporary_name_and_the_final_one,
);

const DATE: &str = "2026-03-02";
const NIGHT: &str = "2026-03-02T22:00:05";

async fn batch(site: &Site, code: &str) -> i64 {
    let sql = format!("SELECT CAST(batch_id AS TEXT) FROM batch WHERE bank = '{code}'");
    texts(&site.app.db, &sql).await.remove(0).parse().unwrap()
}

async fn state(site: &Site, code: &str) -> String {
    texts(&site.app.db, &format!("SELECT state FROM batch WHERE bank = '{code}'")).await.remove(0)
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    fs::read_dir(folder).unwrap().map(|item| item.unwrap().path()).collect()
}

async fn a_file_carried_by_hand_is_sent_once(place: Place) {
    let server = Server::start();
    let line = Line::to(server.port);
    let mut site = behind(place, &server, line.port, "").await;
    site.staff().await;
    line.broken(true);
    site.try_run("nightly", DATE, NIGHT).await.unwrap_err();
    let id = batch(&site, "PLAIN").await;
    let object = format!("batch:{id}");
    let error = site.proposed(&object, "sent_by_hand").await.unwrap_err();
    assert!(error.kind == Kind::Refused && error.message.contains("take-out"), "{error}");
    let stick = tempfile::tempdir().unwrap();
    let path = dispatch::take_out(&site.app, id, stick.path(), "甲", "token 甲").await.unwrap();
    let carried = fs::read(&path).unwrap();
    let again = dispatch::take_out(&site.app, id, stick.path(), "甲", "token 甲").await.unwrap_err();
    assert!(again.message.contains("empty folder"), "{again}");
    // The line lives again, but the file is on its way by hand: the engine leaves it alone.
    line.broken(false);
    let waits = format!("{:?}", site.try_run("nightly", DATE, "2026-03-02T22:10:00").await.unwrap());
    assert!(waits.contains("taken out by 甲") && waits.contains("sent-by-hand"), "{waits}");
    assert!(files(&server.path("out")).is_empty());
    fs::write(server.path("out").join(path.file_name().unwrap()), &carried).unwrap();
    site.two(&object, "sent_by_hand").await;
    assert_eq!(state(&site, "PLAIN").await, "sent");
    site.run("nightly", DATE, "2026-03-02T22:20:00").await;
    let mut bank = bank(&server);
    site.answered(&mut bank, DATE).await;
    assert_eq!(texts(&site.app.db, "SELECT DISTINCT state FROM debit WHERE bank = 'PLAIN'").await, ["credited"]);
    assert!(bank.double_debits().is_empty() && bank.resent_keys().is_empty());
    let said = "SELECT actor || ' ' || action FROM audit WHERE object LIKE 'batch:%' ORDER BY seq";
    assert_eq!(
        texts(&site.app.db, said).await,
        ["甲 batch.taken_out", "甲 propose sent_by_hand", "乙 approve sent_by_hand"]
    );
    site.green().await;
}

async fn a_file_that_did_not_arrive_is_sent_again_with_the_same_bytes(place: Place) {
    let server = Server::start();
    let mut site = behind(place, &server, server.port, "receipt = \"{name}.ack\"\n").await;
    site.staff().await;
    site.night(DATE).await;
    let object = format!("batch:{}", batch(&site, "PLAIN").await);
    let sent = files(&server.path("out")).remove(0);
    let bytes = fs::read(&sent).unwrap();
    // The bank's server lost it.
    fs::remove_file(&sent).unwrap();
    site.run("returns", DATE, "2026-03-02T23:00:00").await;
    assert!(files(&server.path("out")).is_empty(), "nothing is sent again because it is gone");
    site.two(&object, "did_not_arrive").await;
    assert_eq!(state(&site, "PLAIN").await, "released");
    site.run("returns", DATE, "2026-03-02T23:10:00").await;
    assert_eq!((state(&site, "PLAIN").await.as_str(), fs::read(&sent).unwrap() == bytes), ("sent", true));
    // A receipt, an answer, or a debit that has moved on speak against it.
    let receipt = server.path("in").join(format!("{}.ack", sent.file_name().unwrap().to_str().unwrap()));
    let shown = site.proposed(&object, "did_not_arrive").await.unwrap();
    fs::write(&receipt, "RECEIVED").unwrap();
    site.run("returns", DATE, "2026-03-02T23:20:00").await;
    let token = "token 乙";
    let late = yichong::jobs::resolve::approve(&site.app, &object, &shown.hash, "乙", token).await.unwrap_err();
    assert!(late.message.contains("has changed"), "{late}");
    let error = site.proposed(&object, "did_not_arrive").await.unwrap_err();
    assert!(error.kind == Kind::Refused && error.message.contains(".ack"), "{error}");
    let other = format!("batch:{}", batch(&site, "PIPE").await);
    let mut pipe = site.partner("PIPE", "");
    pipe.receive(day(DATE)).unwrap();
    pipe.answer(day(DATE)).unwrap();
    site.run("returns", DATE, "2026-03-02T23:30:00").await;
    let error = site.proposed(&other, "did_not_arrive").await.unwrap_err();
    assert!(error.message.contains("answer it"), "{error}");
    site.green().await;
}

async fn a_receipt_stands_beside_its_file_and_moves_no_money(place: Place) {
    let server = Server::start();
    let mut site =
        behind(place, &server, server.port, "receipt = \"ACK_{stem}.xml\"\nmarker_out = \"{name}.ok\"\n").await;
    site.night(DATE).await;
    let id = batch(&site, "PLAIN").await;
    let name = texts(&site.app.db, "SELECT file_name FROM batch WHERE bank = 'PLAIN'").await.remove(0);
    assert!(server.path("out").join(format!("{name}.ok")).exists());
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    let receipt = server.path("in").join(format!("ACK_{stem}.xml"));
    fs::write(&receipt, "<ok/>").unwrap();
    fs::write(server.path("in/ACK_nobody.xml"), "<ok/>").unwrap();
    let debits = "SELECT CAST(account AS TEXT) || state FROM debit ORDER BY account";
    let before = texts(&site.app.db, debits).await;
    // It left and no receipt has come: the report and the list of files say so, of the bank that gives receipts.
    assert_eq!(missing(&site).await, ["PLAIN 无回执 M001-20260302-001.csv 2 10000"]);
    assert_eq!(listed(&site), [("JS20260302.PK".into(), None, false), (name.clone(), None, true)]);
    let counted = site.run("returns", DATE, "2026-03-02T22:30:00").await;
    assert!(counted.contains("receipts 1") && counted.contains("receipts_unknown 1"), "{counted}");
    assert!(!receipt.exists() && server.path("in/ACK_nobody.xml").exists());
    let row = dispatches::find(&mut site.app.db.read().await.unwrap(), id).await.unwrap().unwrap();
    assert_eq!(row.receipt_name, Some(format!("ACK_{stem}.xml")));
    assert_eq!(missing(&site).await, Vec::<String>::new());
    let acknowledged = Some(format!("ACK_{stem}.xml 2026-03-02T22:30:00"));
    assert_eq!(listed(&site), [("JS20260302.PK".into(), None, false), (name.clone(), acknowledged, false)]);
    assert_eq!(texts(&site.app.db, debits).await, before);
    fs::write(&receipt, "<ok/>").unwrap();
    let counted = site.run("returns", DATE, "2026-03-02T22:40:00").await;
    assert!(counted.contains("receipts_repeated 1"), "{counted}");
}

/// The report's lines about receipts: bank, part, item, count and sum.
async fn missing(site: &Site) -> Vec<String> {
    let reports = report::of_day(&site.app, day(DATE)).await.unwrap();
    let lines = reports.iter().flat_map(|one| report::lines(one).into_iter().map(move |line| (one, line)));
    let lines = lines.filter(|(_, line)| line.part == "无回执");
    let words = |(one, line): (&report::Report, report::Line)| {
        format!("{} {} {} {} {}", one.figures.bank, line.part, line.item, line.count.unwrap(), line.sum.0)
    };
    lines.map(words).collect()
}

/// What `yichong files --json` says of our files: name, receipt, whether it is missing. The table says it too.
fn listed(site: &Site) -> Vec<(String, Option<String>, bool)> {
    let run = |words: &[&str]| match children::run(children::command(&site.config(), NIGHT, words, None)) {
        End::Exit(0, words) => words,
        other => panic!("{other:?}"),
    };
    let shown: serde_json::Value = serde_json::from_str(&run(&["files", "--date", DATE, "--json"])).unwrap();
    let rows = shown["out"].as_array().unwrap().iter().map(|row| {
        let receipt = row["receipt"].as_object();
        let receipt = receipt.map(|own| format!("{} {}", own["name"].as_str().unwrap(), own["at"].as_str().unwrap()));
        (row["file_name"].as_str().unwrap().to_owned(), receipt, row["receipt_missing"].as_bool().unwrap())
    });
    let rows: Vec<_> = rows.collect();
    assert_eq!(run(&["files", "--date", DATE]).contains("未到"), rows.iter().any(|row| row.2));
    rows
}

async fn a_day_closes_over_a_missing_receipt_and_its_certificate_says_so(place: Place) {
    let server = Server::start();
    let mut site = behind(place, &server, server.port, "receipt = \"{name}.ack\"\n").await;
    let (mut plain, mut pipe) = (bank(&server), site.partner("PIPE", ""));
    site.night(DATE).await;
    for bank in [&mut plain, &mut pipe] {
        site.answered(bank, DATE).await;
        site.settled(bank, DATE).await;
    }
    site.closed(DATE).await;
    let folder = site.folder().join("data/reports").join(DATE);
    let body = fs::read_to_string(folder.join("certificate.json")).unwrap();
    assert_eq!(body.matches("\"no_receipt\":[\"M001-20260302-001.csv\"]").count(), 1, "{body}");
    for file in ["certificate.txt", "PLAIN.txt"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let line = text.lines().find(|line| line.contains("无回执")).unwrap_or_else(|| panic!("{file}: {text}"));
        assert!(line.contains("M001-20260302-001.csv"), "{line}");
    }
    assert!(!fs::read_to_string(folder.join("PIPE.txt")).unwrap().contains("无回执"), "it gives none");
    site.green().await;
}

async fn killed_between_the_temporary_name_and_the_final_one(place: Place) {
    for point in ["send.temp.after_write", "send.temp.after_fsync", "send.after_rename", "send.after_commit"] {
        let server = Server::start();
        let place = place.copy().await;
        let site = behind(place, &server, server.port, "marker_out = \"{name}.ok\"\n").await;
        site.app.db.close().await;
        let (config, mut bank) = (site.config(), bank(&server));
        // PIPE's file, in its folder, passes the point first.
        let crash = format!("{point}:2");
        assert_eq!(children::run(children::job(&config, NIGHT, "nightly", DATE, Some(&crash))), End::Killed, "{point}");
        // The bank takes whatever has its marker.
        bank.receive(day(DATE)).unwrap();
        let ended = children::run(children::job(&config, NIGHT, "nightly", DATE, None));
        assert!(matches!(ended, End::Exit(0, _)), "{point}: {ended:?}");
        bank.receive(day(DATE)).unwrap();
        assert!(bank.double_debits().is_empty() && bank.resent_keys().is_empty(), "{point}");
        bank.answer(day(DATE)).unwrap();
        let returns = children::job(&config, "2026-03-02T23:10:00", "returns", DATE, None);
        assert!(matches!(children::run(returns), End::Exit(0, _)), "{point}");
        let db = site.place.open().await;
        let paid = "SELECT state FROM debit WHERE bank = 'PLAIN' ORDER BY account";
        assert_eq!(texts(&db, paid).await, ["credited", "credited"], "{point}: {}", household(1).card);
        db.close().await;
    }
}
