//! Days with a bank that speaks ISO 20022: refused by reason, decided as a whole, paid in one sum, given back.

use std::fs;

use yichong::simulator::{Outcome, Reason, Then, Which};

use super::plain::six;
use crate::support::{Household, Place, Site, both};

both!(
    a_refusal_and_a_return,
    refused_as_a_whole,
    refused_for_a_reason_nobody_knows,
    every_payment_refused,
    one_payment_refused_and_one_settled,
    accepted_is_not_paid
);

const MONDAY: &str = "2026-03-02";

async fn site(place: Place) -> Site {
    let mut site = Site::with(place, "", &["ISO"]).await;
    site.enrol(&six().into_iter().map(|h| h.at("ISO")).collect::<Vec<Household>>()).await;
    site.app.page = 3;
    site
}

/// 50.00, 30.00, 100.00 paid in one sum, 200.00 refused with AM04; two days later the first comes back with MD06.
async fn a_refusal_and_a_return(place: Place) {
    let mut site = site(place).await;
    let mut bank = site.partner("ISO", "lump");
    bank.override_outcome(Which::Row(1), Outcome::paid().then(Then::Returned(1)));
    bank.override_outcome(Which::Row(4), Outcome::refused(Reason::Funds));
    site.night(MONDAY).await;
    let sent = fs::read_to_string(site.exchange("ISO").join("out/M007-20260302-0001.pain008.xml")).unwrap();
    // The same file from the same planned debits: the numbers are those of every other format.
    assert!(sent.contains("<NbOfTxs>4</NbOfTxs><CtrlSum>380.00</CtrlSum>"), "{sent}");
    assert!(sent.contains("<EndToEndId>95570516000000050</EndToEndId>"), "{sent}");
    assert_eq!(site.answered(&mut bank, MONDAY).await, ["M007-20260302-0001.pain002.xml"]);
    assert_eq!(site.ledger().await, ["ISO clearing 18000", "ISO prepaid -18000"]);
    assert_eq!(site.state(5, MONDAY).await, "refused");
    site.settled(&mut bank, MONDAY).await;
    assert_eq!(site.ledger().await, ["ISO bank 18000", "ISO prepaid -18000"]);
    assert_eq!(site.breaks().await, Vec::<String>::new());
    // The statement of the day after says UPDD, MD06.
    site.settled(&mut bank, "2026-03-03").await;
    assert_eq!(site.state(1, MONDAY).await, "reversed");
    assert_eq!(site.ledger().await, ["ISO bank 13000", "ISO prepaid -13000"]);
    assert_eq!(site.breaks().await, ["late_return ISO 5000 open"]);
    assert!(site.files().await.iter().all(|file| file.ends_with(" applied")), "{:?}", site.files().await);
    site.agrees("ISO", &bank).await;
    site.green().await;
}

/// The group is refused and nothing is listed: every debit of ours is refused, and the batch with them.
async fn refused_as_a_whole(place: Place) {
    let mut site = site(place).await;
    let mut bank = site.partner("ISO", "whole-file-refused");
    site.night(MONDAY).await;
    site.answered(&mut bank, MONDAY).await;
    for nth in [1, 2, 4, 5] {
        assert_eq!(site.state(nth, MONDAY).await, "refused");
    }
    assert_eq!(site.batches().await, ["M007-20260302-0001.pain008.xml refused 4 38000"]);
    assert_eq!(site.ledger().await, Vec::<String>::new());
    assert_eq!(site.files().await, ["M007-20260302-0001.pain002.xml answer applied"]);
    site.agrees("ISO", &bank).await;
    site.green().await;
}

/// The group is refused in words only: no debit changes, the file is held with a break, and so is the batch's word.
async fn refused_for_a_reason_nobody_knows(place: Place) {
    let mut site = site(place).await;
    site.night(MONDAY).await;
    let group = "<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>NARR</Cd></Rsn><AddtlInf>no contract</AddtlInf></StsRsnInf>";
    put_of(&site, "words.xml", group, "");
    site.run("returns", MONDAY, "2026-03-02T23:10:00").await;
    let held = "words.xml answer quarantined: it refuses the whole message for a reason that the format does not know \
                (`NARR` no contract)";
    assert!(site.files().await[0].starts_with(held), "{:?}", site.files().await);
    assert_eq!(site.batches().await, ["M007-20260302-0001.pain008.xml sent 4 38000"]);
    for nth in [1, 2, 4, 5] {
        assert_eq!(site.state(nth, MONDAY).await, "planned");
    }
    assert_eq!(site.breaks().await, ["state_differs ISO 0 open"]);
    site.green().await;
}

/// The group says nothing, its only payment information is refused: that is every debit, and the batch.
async fn every_payment_refused(place: Place) {
    let mut site = site(place).await;
    site.night(MONDAY).await;
    put_of(&site, "pending.xml", "<GrpSts>PDNG</GrpSts>", "");
    site.run("returns", MONDAY, "2026-03-02T23:10:00").await;
    assert_eq!(site.batches().await, ["M007-20260302-0001.pain008.xml sent 4 38000"]);
    put(
        &site,
        "refused.xml",
        &payment(1, "<PmtInfSts>RJCT</PmtInfSts><StsRsnInf><Rsn><Cd>AC06</Cd></Rsn></StsRsnInf>"),
    );
    site.run("returns", MONDAY, "2026-03-02T23:40:00").await;
    assert_eq!(site.batches().await, ["M007-20260302-0001.pain008.xml refused 4 38000"]);
    for nth in [1, 2, 4, 5] {
        assert_eq!(site.state(nth, MONDAY).await, "refused");
    }
    assert_eq!(site.ledger().await, Vec::<String>::new());
    site.green().await;
}

fn put(site: &Site, name: &str, inside: &str) {
    put_of(site, name, "", inside);
}

fn put_of(site: &Site, name: &str, group: &str, inside: &str) {
    let original = "<OrgnlMsgId>M007-20260302-0001</OrgnlMsgId><OrgnlMsgNmId>pain.008</OrgnlMsgNmId>";
    let text = format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03\"><CstmrPmtStsRpt>\
         <GrpHdr><MsgId>{name}</MsgId></GrpHdr><OrgnlGrpInfAndSts>{original}{group}</OrgnlGrpInfAndSts>\
         {inside}</CstmrPmtStsRpt></Document>"
    );
    fs::write(site.exchange("ISO").join("in").join(name), text).unwrap();
}

fn payment(nth: u32, inside: &str) -> String {
    format!("<OrgnlPmtInfAndSts><OrgnlPmtInfId>M007-20260302-0001-{nth}</OrgnlPmtInfId>{inside}</OrgnlPmtInfAndSts>")
}

/// Two payment informations of two debits each: the first is refused by one word, of the second one is listed as
/// refused and counted, so that the other is settled.
async fn one_payment_refused_and_one_settled(place: Place) {
    let format = include_str!("../../formats/iso-debit.toml").replace("rows_per_group = 10000", "rows_per_group = 2");
    fs::create_dir_all(place.folder.path().join("formats")).unwrap();
    fs::write(place.folder.path().join("formats/iso-debit.toml"), format).unwrap();
    let mut site = site(place).await;
    site.night(MONDAY).await;
    let listed = "<PmtInfSts>PART</PmtInfSts>\
                  <NbOfTxsPerSts><DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>RJCT</DtldSts></NbOfTxsPerSts>\
                  <NbOfTxsPerSts><DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>ACSC</DtldSts></NbOfTxsPerSts>\
                  <TxInfAndSts><OrgnlEndToEndId>95570516000000050</OrgnlEndToEndId><TxSts>RJCT</TxSts>\
                  <StsRsnInf><Rsn><Cd>AC06</Cd></Rsn></StsRsnInf></TxInfAndSts>";
    let refused = "<PmtInfSts>RJCT</PmtInfSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>";
    put(&site, "one.xml", &(payment(1, refused) + &payment(2, listed)));
    site.run("returns", MONDAY, "2026-03-02T23:10:00").await;
    assert_eq!(site.files().await, ["one.xml answer applied"]);
    let states = [site.state(1, MONDAY).await, site.state(2, MONDAY).await, site.state(5, MONDAY).await];
    assert_eq!(states, ["refused", "refused", "refused"]);
    assert_eq!(site.ledger().await, ["ISO clearing 10000", "ISO prepaid -10000"]);
    // A payment information we never wrote changes nothing.
    put(&site, "two.xml", &payment(7, refused));
    site.run("returns", MONDAY, "2026-03-02T23:40:00").await;
    let none = "our file M007-20260302-0001.pain008.xml has none such";
    let wanted = format!("two.xml answer quarantined: it decides payment information `M007-20260302-0001-7`, {none}");
    assert_eq!(site.files().await[1], wanted);
    site.green().await;
}

/// An acceptance says nothing of money: the debits wait, and the word that counts may still come.
async fn accepted_is_not_paid(place: Place) {
    let mut site = site(place).await;
    site.night(MONDAY).await;
    let listed = "<TxInfAndSts><OrgnlEndToEndId>95570516000000010</OrgnlEndToEndId><TxSts>ACCP</TxSts></TxInfAndSts>";
    put(&site, "first.xml", &payment(1, &format!("<PmtInfSts>ACCP</PmtInfSts>{listed}")));
    site.run("returns", MONDAY, "2026-03-02T23:10:00").await;
    assert_eq!(site.state(1, MONDAY).await, "planned");
    assert_eq!(site.ledger().await, Vec::<String>::new());
    put(&site, "second.xml", &payment(1, "<PmtInfSts>ACSC</PmtInfSts>"));
    site.run("returns", MONDAY, "2026-03-02T23:40:00").await;
    assert_eq!(site.ledger().await, ["ISO clearing 38000", "ISO prepaid -38000"]);
    site.green().await;
}
