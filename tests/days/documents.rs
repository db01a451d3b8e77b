//! A bank that sends XML: its head speaks of the whole batch, and no document that is not whole and ours is believed.

use std::fs;

use yichong::simulator::{Outcome, Reason, SealKind, Which};

use super::plain::six;
use crate::support::partners::seal;
use crate::support::site::day;
use crate::support::{Household, Place, Site, both};

both!(no_odd_document_is_applied, a_batch_in_work_is_answered_as_it_goes, a_head_refuses_the_batch);

const MONDAY: &str = "2026-03-02";
const ANSWER: &str = "700000000000001_20260302_001.aipg.ret.xml";

/// The night's four debits lie with the bank.
async fn sent(place: Place) -> Site {
    let mut site = Site::with(place, "", &["AIPG"]).await;
    let households: Vec<Household> = six().into_iter().map(|household| household.at("AIPG")).collect();
    site.enrol(&households).await;
    site.app.page = 3;
    site.night(MONDAY).await;
    assert_eq!(site.batches().await, ["700000000000001_20260302_001.aipg.xml sent 4 38000"]);
    site
}

/// A document by the bank's hand, signed by it.
fn signed(site: &Site, unsigned: &[u8]) -> Vec<u8> {
    seal(&site.exchange("AIPG"), SealKind::RsaSha1).sign(unsigned).unwrap()
}

/// The document without its signature.
fn unsigned(signed: &[u8]) -> Vec<u8> {
    let at = |what: &[u8]| signed.windows(what.len()).position(|part| part == what).unwrap();
    [&signed[..at(b"<SIGNED_MSG>")], &signed[at(b"</INFO>")..]].concat()
}

/// What one change does to an answer of four rows; words its problem must hold.
const WRONG: [(&str, &str, &str); 9] = [
    ("</BODY></AIPG>", "</BODY>", "the document ends inside `AIPG`"),
    ("<AIPG>", "<!DOCTYPE AIPG [<!ENTITY x \"0000\">]><AIPG>", "it declares a document type"),
    ("</AIPG>", "</AIPG><AIPG/>", "a second root `AIPG`"),
    ("<RET_CODE>0000", "<RET_CODE>1002", "`1002` is no code for a whole file that the format knows"),
    ("<RET_CODE>0000", "<RET_CODE>2004", "the head refuses the whole file (code `2004`)"),
    ("-20260302001<", "-20260301001<", "the file states 2026-03-01, its name or head 2026-03-02"),
    ("700000000000001-20260302001<", "somebody-else<", "somebody-else"),
    ("<SN>1000002<", "<SN>1000001<", "stands on line 1 already"),
    ("<SN>1000002<", "<SN>1000009<", "1000009"),
];

async fn no_odd_document_is_applied(place: Place) {
    let mut site = sent(place).await;
    let mut bank = site.partner("AIPG", "all-paid");
    bank.receive(day(MONDAY)).unwrap();
    assert_eq!(bank.answer(day(MONDAY)).unwrap(), [ANSWER]);
    let into = site.exchange("AIPG").join("in");
    let good = fs::read(into.join(ANSWER)).unwrap();
    let plain = unsigned(&good);
    fs::remove_file(into.join(ANSWER)).unwrap();
    let before = site.debits().await;
    for (nth, (from, to, words)) in WRONG.iter().enumerate() {
        let at = plain.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
        let mut wrong = plain.clone();
        wrong.splice(at..at + from.len(), to.bytes());
        fs::write(into.join(format!("700000000000001_20260302_001.aipg.ret-{}.xml", nth + 2)), signed(&site, &wrong))
            .unwrap();
        site.run("returns", MONDAY, "2026-03-02T23:10:00").await;
        let said = site.files().await.pop().unwrap();
        assert!(said.contains("quarantined") && said.contains(words), "{from} -> {to}: {said}");
        assert_eq!(site.debits().await, before, "{from} -> {to}");
        assert_eq!(site.ledger().await, Vec::<String>::new(), "{from} -> {to}");
    }
    assert_eq!(site.breaks().await.len(), WRONG.len());
    fs::write(into.join(ANSWER), good).unwrap();
    site.run("returns", MONDAY, "2026-03-02T23:20:00").await;
    assert_eq!(site.ledger().await, ["AIPG clearing 38000", "AIPG prepaid -38000"]);
    site.agrees("AIPG", &bank).await;
    site.green().await;
}

async fn a_batch_in_work_is_answered_as_it_goes(place: Place) {
    let mut site = sent(place).await;
    let mut bank = site.partner("AIPG", "all-paid");
    bank.override_outcome(Which::Row(2), Outcome::refused(Reason::Funds));
    bank.receive(day(MONDAY)).unwrap();
    bank.answer(day(MONDAY)).unwrap();
    let into = site.exchange("AIPG").join("in");
    let whole = fs::read(into.join(ANSWER)).unwrap();
    fs::remove_file(into.join(ANSWER)).unwrap();
    // 2001: the first debit is done, nothing is said of the others.
    let first = "<RET_DETAIL><SN>1000001</SN><RET_CODE>0000</RET_CODE></RET_DETAIL>";
    for (nth, rows) in [(2, ""), (3, first)] {
        let text = format!(
            "<AIPG><INFO><TRX_CODE>100001</TRX_CODE><REQ_SN>700000000000001-20260302001</REQ_SN>\
             <RET_CODE>2001</RET_CODE></INFO><BODY><RET_DETAILS>{rows}</RET_DETAILS></BODY></AIPG>"
        );
        fs::write(
            into.join(format!("700000000000001_20260302_001.aipg.ret-{nth}.xml")),
            signed(&site, text.as_bytes()),
        )
        .unwrap();
        site.run("returns", MONDAY, "2026-03-02T23:10:00").await;
        let said = site.files().await.pop().unwrap();
        assert!(said.ends_with(" applied"), "{said}");
        let paid = if rows.is_empty() { "planned" } else { "credited" };
        for (household, state) in [(1, paid), (2, "planned"), (4, "planned"), (5, "planned")] {
            assert_eq!(site.state(household, MONDAY).await, state, "{household} after {nth}");
        }
    }
    fs::write(into.join(ANSWER), whole).unwrap();
    site.run("returns", MONDAY, "2026-03-02T23:30:00").await;
    assert_eq!(site.state(2, MONDAY).await, "refused");
    assert_eq!(site.breaks().await, Vec::<String>::new());
    site.agrees("AIPG", &bank).await;
    site.green().await;
}

async fn a_head_refuses_the_batch(place: Place) {
    let mut site = sent(place).await;
    let mut bank = site.partner("AIPG", "whole-file-refused");
    site.answered(&mut bank, MONDAY).await;
    assert_eq!(site.batches().await, ["700000000000001_20260302_001.aipg.xml refused 4 38000"]);
    assert_eq!(site.ledger().await, Vec::<String>::new());
    site.agrees("AIPG", &bank).await;
    site.green().await;
}
