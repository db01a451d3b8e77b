//! The bank's agreement desk (签约台): takes our files about agreements, says yes or no to each line, and keeps a list of
//! its own. What stands there is what the bank believes, whatever our books say.
//!
//! Its script is made of the words of a [`Scenario`] about rows: `refusals:25`, a reason (`identity:1`), `missing-rows`
//! (in force, and never replied), `answer-next-day`, `duplicate-row`; and about files: `silent`, `duplicate-file` (the
//! reply comes again a day later), `unknown-item` (an agreement nobody told of stands in the reply), `corrupt`.

mod city;
mod journal;
mod pipe;

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::bank::BankConfig;
use super::deciding::decide;
use super::family::Family;
use super::folder::{Exchange, write_whole};
use super::outcome::{Reason, Shown};
use super::scenario::{Scenario, Word};
use journal::Journal;
pub use journal::{Contract, Notice};

/// A file that is written: name and bytes.
type Out = (String, Vec<u8>);

/// One line of our file, as the bank reads it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Row {
    /// Signed; else cancelled.
    sign: bool,
    account: String,
    card: String,
    name: String,
    /// Every column as written.
    fields: Vec<String>,
}

/// A partner bank's desk for agreements, on its exchange folder.
#[derive(Debug)]
pub struct AgreementDesk {
    config: BankConfig,
    exchange: Exchange,
    journal: Journal,
}

/// Whether a file of ours is about agreements: the bank's debit desk leaves it alone.
pub(super) fn is_theirs(family: Family, name: &str) -> bool {
    match family {
        Family::Pipe => name.starts_with("DKQY"),
        Family::City => name.starts_with("AUT031"),
        _ => false,
    }
}

impl AgreementDesk {
    /// Opens the desk on `<exchange>/{out,in,bank}` with the books it finds there. Of the families, [`Family::Pipe`]
    /// (DKQY) and [`Family::City`] (AUT031) have one.
    pub fn open(exchange: &Path, config: BankConfig) -> io::Result<AgreementDesk> {
        if !matches!(config.family, Family::Pipe | Family::City) {
            return Err(io::Error::other(format!("banks of the family {} exchange no agreements", config.family)));
        }
        let exchange = Exchange::open(exchange, "bank")?;
        let journal = Journal::open(&exchange.desk.join("agreements.jsonl"))?;
        Ok(AgreementDesk { config, exchange, journal })
    }

    /// Changes the script from now on.
    pub fn set_scenario(&mut self, scenario: Scenario) {
        self.config.scenario = scenario;
    }

    /// Takes the waiting files about agreements, replies to them, and to what was held back before; names of replies.
    pub fn work(&mut self, now: NaiveDate) -> io::Result<Vec<String>> {
        let mut replies = self.held(now)?;
        let family = self.config.family;
        for name in self.exchange.waiting()?.into_iter().filter(|name| is_theirs(family, name)) {
            let bytes = self.exchange.read(&name)?;
            replies.extend(self.take(now, &name, &bytes)?);
            self.exchange.take_away(&name)?;
        }
        Ok(replies)
    }

    /// Somebody telephoned: replies to every line that never got a reply, one file for each of ours; their names.
    pub fn catch_up(&mut self, now: NaiveDate) -> io::Result<Vec<String>> {
        let silent = |place: &usize| !self.journal.notices[*place].replied;
        let silent = (0..self.journal.notices.len()).filter(silent).collect();
        self.deliver_all(silent, now)
    }

    /// Writes the bank's own list of all agreements as of now; its path, at the bank's desk.
    pub fn list(&self, on: NaiveDate) -> io::Result<PathBuf> {
        let contracts: Vec<&Contract> = self.standing().collect();
        let (name, bytes) = match self.config.family {
            Family::City => city::list(on, self.journal.files.last().map_or(&[], |file| &file.head), &contracts),
            _ => pipe::list(&self.config.code, on, &contracts),
        };
        write_whole(&self.exchange.desk, &name, &bytes)?;
        Ok(self.exchange.desk.join(name))
    }

    /// The agreements that stand at the bank now.
    pub fn standing(&self) -> impl Iterator<Item = &Contract> {
        self.journal.contracts.iter().filter(|contract| contract.until.is_none())
    }

    /// Whether an agreement of this account and card stood at the bank on a date.
    pub fn stood(&self, account: &str, card: &str, on: NaiveDate) -> bool {
        self.journal.contracts.iter().any(|contract| {
            contract.account == account
                && contract.card == card
                && contract.since <= on
                && contract.until.is_none_or(|until| on <= until)
        })
    }

    /// Every line it was told, oldest first.
    pub fn told(&self) -> &[Notice] {
        &self.journal.notices
    }

    /// What a bank would telephone about: unreadable files, the same file twice, agreements signed twice, cancellations
    /// of what does not stand.
    pub fn complaints(&self) -> &[String] {
        &self.journal.complaints
    }

    fn take(&mut self, now: NaiveDate, name: &str, bytes: &[u8]) -> io::Result<Vec<String>> {
        let hash = hex::encode(Sha256::digest(bytes));
        if self.journal.files.iter().any(|file| file.name == name && file.hash == hash) {
            self.journal.complain(format!("{name} came twice"))?;
            return Ok(Vec::new());
        }
        let rows = match self.config.family {
            Family::City => city::read(name, bytes),
            _ => pipe::read(&self.config.code, name, bytes),
        };
        let (head, rows) = match rows {
            Ok(read) => read,
            Err(problem) => {
                self.journal.complain(format!("{name}: {problem}"))?;
                return Ok(Vec::new());
            }
        };
        let number = self.journal.file(name, &hash, now, head)?;
        let keys: Vec<String> = rows.iter().map(|row| format!("{now}/{}/{}", row.account, row.sign)).collect();
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let outcomes = decide(self.config.seed, &self.config.scenario, self.config.family, name, &keys);
        let (mut shown, mut twice) = (Vec::new(), Vec::new());
        for (row, outcome) in rows.into_iter().zip(outcomes) {
            let problem = self.problem(&row);
            if let Some(problem) = &problem {
                self.journal.complain(format!("{name}: {problem}"))?;
            }
            let refused = outcome.reason.or(problem.map(|_| Reason::Agreement));
            let place = self.journal.enter(number, row, refused, now)?;
            match outcome.shown {
                _ if self.config.scenario.has(Word::Silent) => {}
                Shown::Never => {}
                Shown::NextDay => self.journal.hold(place)?,
                Shown::Twice => {
                    shown.push(place);
                    twice.push(place);
                }
                Shown::Once => shown.push(place),
            }
        }
        if shown.is_empty() {
            return Ok(Vec::new());
        }
        let reply = self.deliver(number, &shown, now, &twice)?;
        if self.config.scenario.has(Word::DuplicateFile) {
            shown.into_iter().try_for_each(|place| self.journal.hold(place))?;
        }
        Ok(vec![reply])
    }

    /// What is wrong with a line by the bank's own books.
    fn problem(&self, row: &Row) -> Option<String> {
        let mut own = self.standing().filter(|contract| contract.account == row.account);
        match (row.sign, own.find(|contract| contract.card == row.card)) {
            (true, Some(_)) => Some(format!("{} is signed already", row.account)),
            (true, None) if self.standing().any(|contract| contract.account == row.account) => {
                Some(format!("{} is signed with another card", row.account))
            }
            (false, None) => Some(format!("{} does not stand here, it cannot be cancelled", row.account)),
            _ => None,
        }
    }

    /// What was held back, one reply for each of our files.
    fn held(&mut self, now: NaiveDate) -> io::Result<Vec<String>> {
        let held = self.journal.release()?;
        self.deliver_all(held, now)
    }

    fn deliver_all(&mut self, places: Vec<usize>, now: NaiveDate) -> io::Result<Vec<String>> {
        let mut by_file: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for place in places {
            by_file.entry(self.journal.notices[place].file).or_default().push(place);
        }
        by_file.into_iter().map(|(number, places)| self.deliver(number, &places, now, &[])).collect()
    }

    /// Writes a reply to these lines into `in/`; `twice`: lines that stand there twice.
    fn deliver(&mut self, number: usize, places: &[usize], now: NaiveDate, twice: &[usize]) -> io::Result<String> {
        let copy = self.journal.replied(number, places)?;
        let file = &self.journal.files[number];
        let mut lines: Vec<Notice> = places.iter().chain(twice).map(|at| self.journal.notices[*at].clone()).collect();
        let faults = &self.config.scenario;
        // A second delivery is without faults: the bank looked.
        if copy == 1 && faults.has(Word::UnknownItem) {
            let account = "051699999999";
            let fields = lines.first().map(|line| line.fields.clone()).unwrap_or_default();
            let stranger = Notice { account: account.to_owned(), refused: None, fields, ..Notice::default() };
            lines.push(Notice { sign: true, ..stranger });
        }
        let (name, mut bytes) = match self.config.family {
            Family::City => city::reply(file, &lines, copy),
            _ => pipe::reply(file, &lines, now, copy),
        };
        if copy == 1 && faults.has(Word::Corrupt) {
            bytes.truncate(bytes.len().saturating_sub(20));
        }
        self.exchange.deliver(&name, &bytes)?;
        Ok(name)
    }
}

/// The codes and words of a yes and of a no.
fn says(family: Family, refused: Option<Reason>) -> (&'static str, &'static str) {
    match (family, refused) {
        (Family::City, None) => ("00", ""),
        (Family::City, Some(Reason::Account)) => ("14", ""),
        (Family::City, Some(_)) => ("17", ""),
        (_, None) => ("Y", ""),
        (_, Some(Reason::Account)) => ("N", "账号不存在"),
        (_, Some(Reason::Identity)) => ("N", "户名不符"),
        (_, Some(Reason::Agreement)) => ("N", "签约状态不符"),
        (_, Some(_)) => ("N", "其他"),
    }
}
