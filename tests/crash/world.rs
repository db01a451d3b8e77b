//! A small site that lives in folders only: copied before a kill, looked at after it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use chrono::NaiveDateTime;
use yichong::simulator::{Bank, HeadEnd, HeadEndConfig, Outcome, Reason, Shown, Takes, Which};

use crate::support::children::{self, End};
use crate::support::partners::partner;
use crate::support::site::day;
use crate::support::{Place, Site, account, household, texts};

/// Twelve households: pages of three are four pages, and the last one is full.
const HOUSEHOLDS: i64 = 12;
/// What a file may be kept for, besides its content.
const MADE_ANEW: [&str; 3] = ["keys", "certificate.json", "certificate.txt"];

/// A site, closed.
#[derive(Debug)]
pub struct World {
    pub place: Place,
}

/// Everything that must come out alike: tables without clocks and secrets, and every file by its content.
pub type Look = BTreeMap<String, Vec<String>>;

const TABLES: &[(&str, &str)] = &[
    (
        "debit",
        "account debit_no business_date bank number version amount_fen state batch_id line_no category code
        taken_fen bank_date settled_by reversal_paid_by",
    ),
    ("candidate", "account business_date rule"),
    ("batch", "batch_id state file_name debits sum_fen sha256 bytes limits released_by"),
    ("entry", "account event ref bank debit credit amount_fen posted_on cause"),
    ("outbox", "account kind ref template bank business_date amount_fen state file_no line_no message"),
    ("break_item", "account kind ref bank opened_on bank_date amount_fen owner detail state resolution resolved_on"),
    ("file_in", "file_id bank kind file_name sha256 state batch_id bank_date line_count line_sum_fen facts problem"),
    ("return_line", "account file_id line_no debit_no taken_fen category code message bank_date bank_serial verdict"),
    (
        "money_line",
        "account money_no file_id line_no kind value_date amount_fen fee_fen serial debit_no batch_id booking",
    ),
    ("balance", "account paid_fen free_fen since"),
    ("agreement", "account number version state confirmed in_row_category in_row held"),
    (
        "agreement_notice",
        "account number notice_no operation state latest card_last4 file_no line_no answer_by code message file_id",
    ),
    ("file_out", "file_no door file_date seq file_name lines sum_fen sha256 state"),
    ("certificate", "business_date"),
    // A sweep killed after its end sweeps once more: which pass it was is no difference.
    ("run", "job business_date state"),
];

impl World {
    /// The site on the evening of Monday, 2 March 2026, with a head-end that knows its meters.
    pub async fn new(place: Place) -> World {
        let site = Site::with(place, "[meters]\nkind = \"file\"", &["PLAIN"]).await;
        let households: Vec<_> = (1..=HOUSEHOLDS).map(household).collect();
        site.enrol(&households).await;
        site.app.db.close().await;
        World { place: site.place }
    }

    /// The same world once more.
    pub async fn copy(&self) -> World {
        let place = self.place.copy().await;
        copy(self.folder(), place.folder.path());
        let file = place.folder.path().join("yichong.toml");
        let text = fs::read_to_string(&file).unwrap().replace(&self.place.url, &place.url);
        fs::write(file, text).unwrap();
        World { place }
    }

    pub fn folder(&self) -> &Path {
        self.place.folder.path()
    }

    /// The bank: the fifth household has no money, the ninth gets no answer, everybody else pays.
    pub fn bank(&self) -> Bank {
        let mut bank = partner(&self.folder().join("exchange/plain"), "PLAIN", "lump");
        let nth = |household| Which::Account(format!("{:012}", account(household)));
        bank.override_outcome(nth(5), Outcome::refused(Reason::Funds));
        bank.override_outcome(nth(9), Outcome::refused(Reason::Funds).taking(Takes::Nothing).shown(Shown::Never));
        bank
    }

    /// The meters' head-end.
    pub fn head_end(&self) -> HeadEnd {
        let balances = (1..=HOUSEHOLDS).map(|nth| (format!("{:012}", account(nth)), (1_000, 0))).collect();
        let (seed, idempotent, opened_on) = (1, true, day("2026-03-01"));
        let scenario = "all-accepted".parse().unwrap();
        let config = HeadEndConfig { seed, scenario, idempotent, opened_on, balances };
        HeadEnd::open(&self.folder().join("exchange/meters"), config).unwrap()
    }

    /// Runs a job in the real program.
    pub fn job(&self, job: &str, date: &str, now: &str, crash: Option<&str>) -> End {
        children::run(children::job(&self.folder().join("yichong.toml"), now, job, date, crash))
    }

    /// Everything there is.
    pub async fn look(&self) -> Look {
        let db = self.place.open().await;
        let mut look = Look::new();
        for (table, columns) in TABLES {
            let columns: Vec<String> =
                columns.split_whitespace().map(|column| format!("COALESCE(CAST({column} AS TEXT), '-')")).collect();
            let sql = format!("SELECT {} FROM {table} ORDER BY 1", columns.join(" || ' ' || "));
            look.insert((*table).to_owned(), texts(&db, &sql).await);
        }
        db.close().await;
        self.files(&self.folder().join("exchange"), &mut look);
        self.files(&self.folder().join("data"), &mut look);
        look
    }

    fn files(&self, folder: &Path, look: &mut Look) {
        for item in fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            let name = path.strip_prefix(self.folder()).unwrap().display().to_string();
            if path.is_dir() {
                self.files(&path, look);
                continue;
            }
            let own = path.file_name().unwrap().to_string_lossy().into_owned();
            let content = if own.ends_with(".sealed") || MADE_ANEW.contains(&own.as_str()) {
                vec![]
            } else {
                vec![String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned()]
            };
            look.insert(name, content);
        }
    }
}

/// What differs between two looks, in words.
pub fn differences(expected: &Look, found: &Look) -> Vec<String> {
    let mut words = Vec::new();
    for key in expected.keys().chain(found.keys().filter(|key| !expected.contains_key(*key))) {
        match (expected.get(key), found.get(key)) {
            (Some(expected), Some(found)) if expected == found => {}
            (Some(_), None) => words.push(format!("{key}: missing")),
            (None, Some(_)) => words.push(format!("{key}: should not be there")),
            (expected, found) => {
                let (expected, found) = (expected.unwrap(), found.unwrap());
                let gone = expected.iter().filter(|row| !found.contains(row)).map(|row| format!("\n  - {row}"));
                let new = found.iter().filter(|row| !expected.contains(row)).map(|row| format!("\n  + {row}"));
                let rows: Vec<String> = gone.chain(new).collect();
                words.push(format!("{key}: {} rows, should be {}{}", found.len(), expected.len(), rows.concat()));
            }
        }
    }
    words
}

/// A local time.
pub fn local(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for item in fs::read_dir(from).unwrap() {
        let path = item.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() { copy(&path, &target) } else { assert!(fs::copy(&path, &target).is_ok()) }
    }
}
