//! Nights and sweeps over SFTP, killed at every point at which a file is on its way, and once more while they recover:
//! nothing is shown or taken twice, and the books come out as if nothing had happened.

use std::fs;

use super::night::{bank, behind};
use super::server::Server;
use crate::support::children::{self, End};
use crate::support::site::day;
use crate::support::{Place, both, texts};

both!(a_night_killed_wherever_a_file_leaves, a_sweep_killed_wherever_a_file_comes_in);

const DATE: &str = "2026-03-02";
const NIGHT: &str = "2026-03-02T22:00:05";
const SWEEP: &str = "2026-03-02T23:10:00";
const DOOR: &str = "marker_out = \"{name}.ok\"\nreceipt = \"{name}.ack\"\n";

/// What must come out alike, whatever happened.
const BOOKS: [&str; 5] = [
    "SELECT CAST(account AS TEXT) || ' ' || state || ' ' || CAST(amount_fen AS TEXT) FROM debit ORDER BY account",
    "SELECT file_name || ' ' || state || ' ' || sha256 FROM batch ORDER BY file_name",
    "SELECT p.file_name || ' ' || p.sha256 || ' ' || COALESCE(p.receipt_name, '-') FROM dispatch p ORDER BY 1",
    "SELECT file_name || ' ' || state || ' ' || sha256 FROM file_in ORDER BY file_name",
    "SELECT event || ' ' || CAST(SUM(amount_fen) AS TEXT) || ' ' || CAST(COUNT(*) AS TEXT) FROM entry GROUP BY event
        ORDER BY event",
];

/// Plays a day with one process killed at the nth passing of a point (none: at none); gives the books.
async fn played(place: Place, job: &str, crash: Option<(&str, u32)>) -> Vec<String> {
    let what = format!("{job} {crash:?}");
    let server = Server::start();
    let site = behind(place, &server, server.port, DOOR).await;
    site.app.db.close().await;
    let (config, mut bank) = (site.config(), bank(&server));
    let run = |name: &str, at: &str| {
        if let Some((point, nth)) = crash.filter(|_| name == job) {
            let killed = children::job(&config, at, name, DATE, Some(&format!("{point}:{nth}")));
            assert_eq!(children::run(killed), End::Killed, "{what}");
            // Once more while it recovers; it may be past the point by then.
            drop(children::run(children::job(&config, at, name, DATE, Some(&format!("{point}:1")))));
        }
        let ended = children::run(children::job(&config, at, name, DATE, None));
        assert!(matches!(ended, End::Exit(0, _)), "{what}: {ended:?}");
    };
    run("nightly", NIGHT);
    // The bank takes only what has its marker.
    let marked = fs::read_dir(server.path("out")).unwrap().map(|item| item.unwrap().file_name().into_string().unwrap());
    let mut marked: Vec<String> = marked.collect();
    marked.sort();
    assert_eq!(marked, ["M001-20260302-001.csv", "M001-20260302-001.csv.ok"], "{what}");
    fs::remove_file(server.path("out/M001-20260302-001.csv.ok")).unwrap();
    fs::write(server.path("in/M001-20260302-001.csv.ack"), "taken").unwrap();
    bank.receive(day(DATE)).unwrap();
    bank.answer(day(DATE)).unwrap();
    run("returns", SWEEP);
    assert_eq!(fs::read_dir(server.path("in")).unwrap().count(), 0, "{what}: taken files are taken away");
    bank.receive(day(DATE)).unwrap();
    assert!(bank.double_debits().is_empty() && bank.resent_keys().is_empty(), "{what}");
    let db = site.place.open().await;
    let mut books = Vec::new();
    for sql in BOOKS {
        books.extend(texts(&db, sql).await);
    }
    db.close().await;
    books
}

async fn killed(place: Place, job: &str, points: &[&str], passings: u32) {
    let whole = played(place.copy().await, job, None).await;
    assert!(whole.iter().any(|row| row.ends_with("credited 5000")), "{whole:#?}");
    for point in points {
        for nth in 1..=passings {
            let found = played(place.copy().await, job, Some((point, nth))).await;
            assert_eq!(found, whole, "{job} killed at {point}:{nth}");
        }
    }
}

async fn a_night_killed_wherever_a_file_leaves(place: Place) {
    // The first file that passes is another bank's, in its folder; the second goes over the line.
    let points = ["send.temp.after_write", "send.temp.after_fsync", "send.after_rename", "send.after_commit"];
    killed(place, "nightly", &points, 2).await;
}

async fn a_sweep_killed_wherever_a_file_comes_in(place: Place) {
    // A receipt and an answer come over the line; the other bank is silent.
    killed(place.copy().await, "returns", &["collect.archive.after_rename"], 2).await;
    killed(place, "returns", &["file.archive.after_fsync", "collect.after_commit", "collect.after_remove"], 1).await;
}
