//! Money of a bank that speaks ISO 20022 as its messages really come: told twice, of several accounts, in another
//! currency.

use std::fs;

use super::plain::six;
use crate::support::{Household, Place, Site, both};

both!(a_notification_before_its_statement, a_statement_before_its_notification, others_and_other_currencies);

const MONDAY: &str = "2026-03-02";
const OURS: &str = "33000000000000000001";

/// A night of 50.00, 30.00, 100.00 and 200.00, all paid; the bank sends statements and notifications.
async fn answered(place: Place) -> Site {
    let mut site = Site::with(place, "", &["ISO"]).await;
    site.enrol(&six().into_iter().map(|h| h.at("ISO")).collect::<Vec<Household>>()).await;
    site.app.page = 3;
    site.app.config.banks[0].statements.push("iso-camt054".to_owned());
    site.night(MONDAY).await;
    let mut bank = site.partner("ISO", "all-paid");
    site.answered(&mut bank, MONDAY).await;
    assert_eq!(site.ledger().await, ["ISO clearing 38000", "ISO prepaid -38000"]);
    site
}

fn put(site: &Site, name: &str, (body, element, family): (&str, &str, &str), account: &str, entries: &str) {
    let text = format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:{family}.001.08\"><{body}><GrpHdr><MsgId>{name}</MsgId>\
         </GrpHdr><{element}><Id>{name}</Id><CreDtTm>2026-03-03T01:00:00</CreDtTm>\
         <Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>{entries}</{element}></{body}></Document>"
    );
    fs::write(site.exchange("ISO").join("in").join(name), text).unwrap();
}

const STATEMENT: (&str, &str, &str) = ("BkToCstmrStmt", "Stmt", "camt.053");
const NOTIFICATION: (&str, &str, &str) = ("BkToCstmrDbtCdtNtfctn", "Ntfctn", "camt.054");

fn entry(amount: &str, reference: &str, details: &str) -> String {
    format!(
        "<Ntry><Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
         <BookgDt><Dt>{MONDAY}</Dt></BookgDt><ValDt><Dt>{MONDAY}</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef>\
         <NtryDtls>{details}</NtryDtls></Ntry>"
    )
}

/// The batch as one sum, as statements tell it.
fn lump() -> String {
    entry("380.00", "R1", "<Btch><PmtInfId>M007-20260302-0001-1</PmtInfId></Btch>")
}

/// The same entry with each debit, as notifications tell it.
fn details() -> String {
    let one = |(nth, amount): (u32, &str)| {
        let refs = format!("<Refs><EndToEndId>955705160000000{nth}0</EndToEndId></Refs>");
        format!("<TxDtls>{refs}<Amt Ccy=\"CNY\">{amount}</Amt></TxDtls>")
    };
    let all: String = [(1, "50.00"), (2, "30.00"), (4, "100.00"), (5, "200.00")].into_iter().map(one).collect();
    entry("380.00", "R1", &all)
}

async fn a_notification_before_its_statement(place: Place) {
    let mut site = answered(place).await;
    put(&site, "054.xml", NOTIFICATION, OURS, &details());
    site.reconciled("2026-03-03").await;
    assert_eq!(site.ledger().await, ["ISO bank 38000", "ISO prepaid -38000"]);
    put(&site, "053.xml", STATEMENT, OURS, &lump());
    site.reconciled("2026-03-04").await;
    told_once(&site, ["054.xml statement applied", "053.xml statement applied"]).await;
}

async fn a_statement_before_its_notification(place: Place) {
    let mut site = answered(place).await;
    put(&site, "053.xml", STATEMENT, OURS, &lump());
    site.reconciled("2026-03-03").await;
    assert_eq!(site.ledger().await, ["ISO bank 38000", "ISO prepaid -38000"]);
    put(&site, "054.xml", NOTIFICATION, OURS, &details());
    site.reconciled("2026-03-04").await;
    told_once(&site, ["053.xml statement applied", "054.xml statement applied"]).await;
}

async fn told_once(site: &Site, files: [&str; 2]) {
    assert_eq!(site.ledger().await, ["ISO bank 38000", "ISO prepaid -38000"]);
    assert_eq!(site.breaks().await, Vec::<String>::new());
    assert_eq!(site.files().await[1..], files);
    site.green().await;
}

async fn others_and_other_currencies(place: Place) {
    let mut site = answered(place).await;
    // Dollars on our account: refused in words, nothing is booked, not even the yuan before them.
    put(&site, "dollars.xml", STATEMENT, OURS, &(lump() + &entry("12.50", "R2", "").replace("CNY", "USD")));
    site.reconciled("2026-03-03").await;
    let said = site.files().await.pop().unwrap();
    for words in ["dollars.xml statement quarantined", "12.50 USD", "is booked in CNY", "330000**********0001"] {
        assert!(said.contains(words), "{said}");
    }
    assert_eq!(site.ledger().await, ["ISO clearing 38000", "ISO prepaid -38000"]);
    // Another account's statement, and no other: not taken.
    put(&site, "strange.xml", STATEMENT, "44000000000000000002", &lump());
    site.reconciled("2026-03-03").await;
    let said = site.files().await.pop().unwrap();
    assert!(said.contains("quarantined: ") && said.contains("ours is 330000**********0001"), "{said}");
    assert_eq!(site.ledger().await, ["ISO clearing 38000", "ISO prepaid -38000"]);
    assert_eq!(site.breaks().await.len(), 2);
    put(&site, "right.xml", STATEMENT, OURS, &lump());
    site.reconciled("2026-03-03").await;
    assert_eq!(site.ledger().await, ["ISO bank 38000", "ISO prepaid -38000"]);
    site.green().await;
}
