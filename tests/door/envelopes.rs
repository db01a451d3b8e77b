//! A night in an envelope: what travels is sealed once, kept, and sent again as it was; what comes is opened, or kept
//! as it came and not believed.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use sha2::{Digest, Sha256};
use yichong::gateways::envelope::{Envelope, Keys, Layer};

use super::line::Line;
use super::night::{bank, behind};
use super::server::Server;
use crate::support::site::at;
use crate::support::site::day;
use crate::support::{Place, both, texts};

both!(a_night_in_an_envelope, an_envelope_that_does_not_open_changes_nothing);

const DATE: &str = "2026-03-02";
const LAYERS: [Layer; 2] = [Layer::Gzip, Layer::Sm];

/// Keys of both sides in a folder, made by somebody else's tool.
fn keys(folder: &Path) {
    for name in ["site", "partner"] {
        let (key, public) = (folder.join(format!("{name}.pem")), folder.join(format!("{name}.pub.pem")));
        let run = |words: &[&str]| assert!(Command::new("openssl").args(words).output().unwrap().status.success());
        run(&["genpkey", "-algorithm", "SM2", "-out", key.to_str().unwrap()]);
        run(&["pkey", "-in", key.to_str().unwrap(), "-pubout", "-out", public.to_str().unwrap()]);
        fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
    }
}

fn door(server: &Server) -> String {
    let path = |name: &str| server.path(name).to_str().unwrap().to_owned();
    format!(
        "envelope_out = [\"gzip\", \"sm\"]\nenvelope_in = [\"gzip\", \"sm\"]\n\
         [bank.door.keys]\nown = [\"{}\"]\nbank = [\"{}\"]\n",
        path("site.pem"),
        path("partner.pub.pem")
    )
}

/// The bank's side of the envelope: opens ours, seals its own.
fn partner(server: &Server, work: impl FnOnce(&Envelope<'_>)) {
    let keys =
        Keys { own: vec![server.path("partner.pem")], passphrase_file: None, bank: vec![server.path("site.pub.pem")] };
    let folder = server.path("work");
    let now = at("2026-03-02T22:00:00");
    work(&Envelope { layers: &LAYERS, keys: &keys, bytes_max: 1 << 20, work: &folder, now });
}

fn only(folder: &Path) -> std::path::PathBuf {
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|item| item.unwrap().path()).collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files.remove(0)
}

/// Takes the envelope off our file, so that the simulated bank can read it.
fn unpacked(server: &Server) {
    let sealed = only(&server.path("out"));
    let name = sealed.file_name().unwrap().to_str().unwrap().strip_suffix(".gz.sm").unwrap().to_owned();
    partner(server, |envelope| {
        let mut clear = envelope.open(fs::File::open(&sealed).unwrap()).unwrap();
        std::io::copy(&mut clear, &mut fs::File::create(server.path("out").join(name)).unwrap()).unwrap();
    });
    fs::remove_file(sealed).unwrap();
}

/// Puts the bank's file into an envelope.
fn packed(server: &Server) -> std::path::PathBuf {
    let clear = only(&server.path("in"));
    let name = clear.file_name().unwrap().to_str().unwrap().to_owned();
    let sealed = server.path("in").join(format!("{name}.gz.sm"));
    partner(server, |envelope| {
        let mut bytes = envelope.seal(&name, fs::File::open(&clear).unwrap()).unwrap();
        std::io::copy(&mut bytes, &mut fs::File::create(&sealed).unwrap()).unwrap();
    });
    fs::remove_file(clear).unwrap();
    sealed
}

async fn a_night_in_an_envelope(place: Place) {
    let server = Server::start();
    keys(server.folder.path());
    let line = Line::to(server.port);
    let mut site = behind(place, &server, line.port, &door(&server)).await;
    site.staff().await;
    // Sealed, but the door is shut: what was sealed then is what travels later.
    line.broken(true);
    site.try_run("nightly", DATE, "2026-03-02T22:00:05").await.unwrap_err();
    let said = "SELECT sha256 FROM dispatch WHERE bank = 'PLAIN'";
    let sealed = texts(&site.app.db, said).await;
    line.broken(false);
    site.run("nightly", DATE, "2026-03-02T22:10:00").await;
    let travelled = fs::read(only(&server.path("out"))).unwrap();
    assert_eq!(vec![hex::encode(Sha256::digest(&travelled))], sealed);
    // It did not arrive: the very bytes once more, though the envelope would come out different.
    fs::remove_file(only(&server.path("out"))).unwrap();
    let batch = texts(&site.app.db, "SELECT CAST(batch_id AS TEXT) FROM batch WHERE bank = 'PLAIN'").await.remove(0);
    site.two(&format!("batch:{batch}"), "did_not_arrive").await;
    site.run("returns", DATE, "2026-03-02T22:20:00").await;
    assert!(fs::read(only(&server.path("out"))).unwrap() == travelled);
    unpacked(&server);
    let mut bank = bank(&server);
    bank.receive(day(DATE)).unwrap();
    bank.answer(day(DATE)).unwrap();
    let clear = fs::read(only(&server.path("in"))).unwrap();
    let answer = packed(&server);
    let (name, came) = (answer.file_name().unwrap().to_owned(), fs::read(&answer).unwrap());
    site.run("returns", DATE, "2026-03-02T23:10:00").await;
    assert_eq!(texts(&site.app.db, "SELECT DISTINCT state FROM debit WHERE bank = 'PLAIN'").await, ["credited"]);
    let kept = "SELECT t.sha256 FROM travelled t JOIN file_in f ON f.bank = t.bank AND f.sha256 = t.inner_sha256";
    assert_eq!(texts(&site.app.db, kept).await, [hex::encode(Sha256::digest(&came))]);
    // The same answer in a fresh envelope is the same file.
    let again = server.path("in").join("again");
    partner(&server, |envelope| {
        let mut bytes = envelope.seal("x", &clear[..]).unwrap();
        std::io::copy(&mut bytes, &mut fs::File::create(&again).unwrap()).unwrap();
    });
    fs::rename(again, server.path("in").join(name)).unwrap();
    let counted = site.run("returns", DATE, "2026-03-02T23:20:00").await;
    assert!(counted.contains("repeated 1"), "{counted}");
    assert!(bank.double_debits().is_empty());
    site.green().await;
}

async fn an_envelope_that_does_not_open_changes_nothing(place: Place) {
    let server = Server::start();
    keys(server.folder.path());
    let mut site = behind(place, &server, server.port, &door(&server)).await;
    site.night(DATE).await;
    unpacked(&server);
    let mut bank = bank(&server);
    bank.receive(day(DATE)).unwrap();
    bank.answer(day(DATE)).unwrap();
    let answer = packed(&server);
    let right = fs::read(&answer).unwrap();
    let mut wrong = right.clone();
    wrong[300] ^= 1;
    fs::write(&answer, &wrong).unwrap();
    let counted = site.run("returns", DATE, "2026-03-02T23:10:00").await;
    assert!(counted.contains("quarantined 1"), "{counted}");
    let problem = "SELECT problem FROM file_in WHERE bank = 'PLAIN'";
    assert!(
        texts(&site.app.db, problem).await[0].contains("envelope sm: its signature"),
        "{:?}",
        texts(&site.app.db, problem).await
    );
    assert_eq!(texts(&site.app.db, "SELECT DISTINCT state FROM debit WHERE bank = 'PLAIN'").await, ["planned"]);
    assert!(!answer.exists(), "it is kept in the archive, byte for byte");
    fs::write(&answer, &right).unwrap();
    site.run("returns", DATE, "2026-03-02T23:20:00").await;
    assert_eq!(texts(&site.app.db, "SELECT DISTINCT state FROM debit WHERE bank = 'PLAIN'").await, ["credited"]);
    // A key that others may read: this bank waits, the others go on.
    fs::set_permissions(server.path("site.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    fs::write(&answer, &right).unwrap();
    let error = site.try_run("returns", DATE, "2026-03-02T23:30:00").await.unwrap_err();
    assert!(error.message.contains("644") && error.message.contains("bank PLAIN"), "{error}");
}
