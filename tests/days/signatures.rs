//! A bank whose documents are signed, both ways: the same bytes in plan, seal and door; no document of its is believed
//! without its signature.
//!
//! Shown to turn red, each tried by hand and taken back: a night that does not sign, a sweep that does not check, a
//! sweep that quarantines what its own missing key cannot tell.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use sha2::{Digest as _, Sha256};
use yichong::jobs::plan::plan;
use yichong::jobs::{App, Kind};
use yichong::simulator::{Bank, SealKind};

use super::plain::six;
use crate::support::partners::{make_keys, seal};
use crate::support::site::day;
use crate::support::{Household, Place, Site, both, texts};

both!(
    plan_seal_and_door_hold_the_same_signed_bytes,
    nothing_of_an_answer_is_believed_without_the_banks_signature,
    a_wrong_key_of_theirs_here_is_put_right,
    a_missing_key_stops_that_bank_only,
    what_does_not_fit_together_is_refused_at_start,
);

const MONDAY: &str = "2026-03-02";
const FILE: &str = "700000000000001_20260302_001.aipg.xml";
const ANSWER: &str = "700000000000001_20260302_001.aipg.ret.xml";

/// Opens the site again with its configuration changed.
async fn changed(site: &mut Site, changes: &[(&str, &str)]) -> Result<(), String> {
    let mut text = fs::read_to_string(site.config()).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let file = site.folder().join("changed.toml");
    fs::write(&file, &text).unwrap();
    let app = App::open(&file, site.app.clock).await.map_err(|e| e.to_string())?;
    fs::rename(file, site.config()).unwrap();
    site.app.db.close().await;
    site.app = app;
    Ok(())
}

/// Six households at the signing bank, and their partner there.
async fn signing(place: Place, algorithm: &str) -> (Site, Bank) {
    let mut site = Site::with(place, "", &["AIPG"]).await;
    let kind: SealKind = algorithm.parse().unwrap();
    match kind {
        SealKind::Sm2Sm3 => make_keys(site.folder(), "SM2"),
        SealKind::HmacSha256 => {
            fs::copy(site.folder().join("keys-bank/own"), site.folder().join("keys-bank/bank")).unwrap();
        }
        _ => {}
    }
    let word = format!("algorithm = \"{algorithm}\"");
    let mut changes = vec![("algorithm = \"rsa-sha1\"", word.as_str())];
    if kind == SealKind::HmacSha256 {
        changes.push(("bank = [\"keys-bank/bank.pub\"]", "bank = []"));
    }
    changed(&mut site, &changes).await.unwrap();
    site.enrol(&six().into_iter().map(|household| household.at("AIPG")).collect::<Vec<Household>>()).await;
    site.app.page = 3;
    let bank = site.partner_signing("AIPG", kind);
    (site, bank)
}

/// Takes the signature out of a document: (the document without it, the signature).
fn parted(signed: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let at = |what: &[u8]| signed.windows(what.len()).position(|part| part == what).unwrap();
    let (open, close) = (at(b"<SIGNED_MSG>"), at(b"</SIGNED_MSG>"));
    let hex = hex::decode(&signed[open + 12..close]).unwrap();
    ([&signed[..open], &signed[close + 13..]].concat(), hex)
}

async fn plan_seal_and_door_hold_the_same_signed_bytes(place: Place) {
    let first = place.copy().await;
    for (algorithm, place) in ["rsa-sha1", "rsa-sha256", "sm2-sm3", "hmac-sha256"].iter().zip([
        first.copy().await,
        first.copy().await,
        first,
        place,
    ]) {
        let (mut site, mut bank) = signing(place, algorithm).await;
        site.clock("2026-03-02T22:00:05");
        let out = site.folder().join("look");
        fs::create_dir(&out).unwrap();
        let planned = plan(&site.app, day(MONDAY), Some(&out), 0).await.unwrap();
        site.night(MONDAY).await;
        let sent = fs::read(site.exchange("AIPG").join("out").join(FILE)).unwrap();
        let sha256 = hex::encode(Sha256::digest(&sent));
        assert_eq!((planned.files[0].sha256.as_str(), planned.files[0].bytes), (sha256.as_str(), sent.len() as u64));
        assert!(fs::read(out.join(FILE)).unwrap() == sent, "{algorithm}");
        assert_eq!(texts(&site.app.db, "SELECT sha256 FROM batch").await, [sha256], "{algorithm}");
        let (document, signature) = parted(&sent);
        fs::write(site.folder().join("document"), document).unwrap();
        fs::write(site.folder().join("signature"), signature).unwrap();
        let check = match *algorithm {
            "rsa-sha1" => "dgst -sha1 -verify keys-bank/own.pub -signature signature document",
            "rsa-sha256" => "dgst -sha256 -verify keys-bank/own.pub -signature signature document",
            "sm2-sm3" => {
                "pkeyutl -verify -rawin -digest sm3 -pubin -inkey keys-bank/own.pub -sigfile signature -in document \
                 -pkeyopt distid:1234567812345678"
            }
            _ => "version",
        };
        let said = Command::new("openssl").args(check.split_whitespace()).current_dir(site.folder()).output().unwrap();
        assert!(said.status.success(), "{algorithm}: {}", String::from_utf8_lossy(&said.stderr));
        site.answered(&mut bank, MONDAY).await;
        assert!(bank.complaints().is_empty(), "{algorithm}: {:?}", bank.complaints());
        assert_eq!(site.ledger().await, ["AIPG clearing 38000", "AIPG prepaid -38000"], "{algorithm}");
        site.agrees("AIPG", &bank).await;
        site.green().await;
        site.app.db.close().await;
    }
}

/// The night's file lies with the bank, its answer before us; gives the answer.
async fn answered(site: &mut Site, bank: &mut Bank) -> (PathBuf, Vec<u8>) {
    site.night(MONDAY).await;
    bank.receive(day(MONDAY)).unwrap();
    assert_eq!(bank.answer(day(MONDAY)).unwrap(), [ANSWER]);
    let path = site.exchange("AIPG").join("in").join(ANSWER);
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    (path, bytes)
}

async fn nothing_of_an_answer_is_believed_without_the_banks_signature(place: Place) {
    let (mut site, mut bank) = signing(place, "rsa-sha256").await;
    let (path, good) = answered(&mut site, &mut bank).await;
    let (plain, _) = parted(&good);
    let mut own = seal(&site.exchange("AIPG"), SealKind::RsaSha256);
    own.own = fs::read(site.folder().join("keys-bank/own")).unwrap();
    let mut other = good.clone();
    let code = b"<SN>1000002</SN><RET_CODE>";
    let at = other.windows(code.len()).position(|part| part == code).unwrap() + code.len();
    other[at] ^= 1;
    let before = site.debits().await;
    let wrong = [
        (plain.clone(), "the document is not signed"),
        (own.sign(&plain).unwrap(), "the signature is not this document's"),
        (seal(&site.exchange("AIPG"), SealKind::RsaSha1).sign(&plain).unwrap(), "the signature is not this document's"),
        (other, "the signature is not this document's"),
    ];
    for (nth, (bytes, words)) in wrong.iter().enumerate() {
        fs::write(&path, bytes).unwrap();
        let counted = site.run("returns", MONDAY, "2026-03-02T23:10:00").await;
        assert!(counted.contains("quarantined 1"), "{nth}: {counted}");
        let said = site.files().await.pop().unwrap();
        assert!(said.contains("quarantined: signature rsa-sha256: ") && said.contains(words), "{nth}: {said}");
        assert!(said.contains("ask the bank") && said.contains("keys-bank/bank.pub"), "{nth}: {said}");
        assert_eq!(site.debits().await, before, "{nth}");
        assert_eq!(site.ledger().await, Vec::<String>::new(), "{nth}");
        assert_eq!(site.breaks().await.len(), nth + 1, "an owner for each");
    }
    fs::write(&path, good).unwrap();
    site.run("returns", MONDAY, "2026-03-02T23:20:00").await;
    assert_eq!(site.ledger().await, ["AIPG clearing 38000", "AIPG prepaid -38000"]);
    site.agrees("AIPG", &bank).await;
    site.green().await;
}

async fn a_wrong_key_of_theirs_here_is_put_right(place: Place) {
    let (mut site, mut bank) = signing(place, "rsa-sha1").await;
    let (path, good) = answered(&mut site, &mut bank).await;
    let keys = site.folder().join("keys-bank");
    let right = fs::read(keys.join("bank.pub")).unwrap();
    // No key to tell: the file stays at the door, and nothing is said against it.
    fs::remove_file(keys.join("bank.pub")).unwrap();
    fs::write(&path, &good).unwrap();
    let error = site.try_run("returns", MONDAY, "2026-03-02T23:00:00").await.unwrap_err();
    assert!(error.kind == Kind::Input && error.message.contains("bank.pub"), "{error}");
    assert!(path.exists() && site.files().await.is_empty());
    // The wrong key: quarantined, whatever the bank did right.
    fs::copy(keys.join("own.pub"), keys.join("bank.pub")).unwrap();
    site.run("returns", MONDAY, "2026-03-02T23:10:00").await;
    assert!(site.files().await[0].contains("quarantined: signature"), "{:?}", site.files().await);
    // The right one, and the same bytes once more.
    fs::write(keys.join("bank.pub"), right).unwrap();
    fs::write(&path, &good).unwrap();
    site.run("returns", MONDAY, "2026-03-02T23:20:00").await;
    assert_eq!(site.ledger().await, ["AIPG clearing 38000", "AIPG prepaid -38000"]);
    assert_eq!(site.breaks().await.len(), 1, "people look at what it was");
    fs::write(&path, &good).unwrap();
    let counted = site.run("returns", MONDAY, "2026-03-02T23:30:00").await;
    assert!(counted.contains("repeated 1"), "{counted}");
    site.agrees("AIPG", &bank).await;
    site.green().await;
}

async fn a_missing_key_stops_that_bank_only(place: Place) {
    let mut site = Site::with(place, "", &["PLAIN", "AIPG"]).await;
    let at = |household: Household| if household.nth > 2 { household.at("AIPG") } else { household };
    site.enrol(&six().into_iter().map(at).collect::<Vec<_>>()).await;
    let key = site.folder().join("keys-bank/own");
    fs::rename(&key, key.with_extension("away")).unwrap();
    let error = site.try_run("nightly", MONDAY, "2026-03-02T22:00:05").await.unwrap_err();
    assert_eq!(error.kind, Kind::Input);
    assert!(
        error.message.contains("bank AIPG: signature rsa-sha1: ") && error.message.contains("door check AIPG"),
        "{error}"
    );
    assert_eq!(site.batches().await, ["M001-20260302-001.csv sent 2 8000"]);
    assert_eq!(site.debits().await.len(), 2, "nothing is planned that could not be signed");
    fs::rename(key.with_extension("away"), &key).unwrap();
    site.run("nightly", MONDAY, "2026-03-02T22:30:00").await;
    assert_eq!(site.batches().await, ["M001-20260302-001.csv sent 2 8000", &format!("{FILE} sent 2 30000")]);
    for (code, sum) in [("PLAIN", 8_000), ("AIPG", 30_000)] {
        let mut bank = site.partner(code, "lump");
        site.answered(&mut bank, MONDAY).await;
        assert_eq!(site.balance(code, "clearing").await, sum);
        site.agrees(code, &bank).await;
    }
    site.green().await;
}

async fn what_does_not_fit_together_is_refused_at_start(place: Place) {
    let mut site = Site::with(place, "", &["PLAIN", "AIPG"]).await;
    let whole = fs::read_to_string(site.config()).unwrap();
    let block = &whole[whole.find("[bank.signature]").unwrap()..];
    let plain = "[bank.params]\nmerchant = \"M001\"\n";
    for (changes, words) in [
        (vec![(block, "")], "bank AIPG: documents of format `aipg-debit` are signed; write [bank.signature]"),
        (vec![("own = \"keys-bank/own\"\n", "")], "`aipg-debit` is signed by us; write `own`"),
        (vec![("[\"keys-bank/bank.pub\"]", "[]")], "`aipg-answer` is signed by the bank; write `bank`"),
        (vec![("rsa-sha1", "rsa-md5")], "rsa-sha256"),
        (vec![(plain, &*format!("{plain}{block}"))], "none of its formats is signed"),
    ] {
        let said = changed(&mut site, &changes).await.unwrap_err();
        assert!(said.contains(words), "{said}");
    }
}
