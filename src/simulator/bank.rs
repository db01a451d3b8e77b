//! The partner bank (合作银行): takes our files, decides with its own chance, and keeps its own books.

use std::fmt;
use std::io;
use std::path::Path;

use chrono::NaiveDate;
use sha2::{Digest, Sha256};

use super::contracts::is_theirs;
use super::family::{Family, Party, Request};
use super::folder::{Exchange, write_whole};
use super::journal::Truth;
use super::outcome::Outcome;
use super::scenario::{Scenario, Word};
use super::seal::Seal;
use super::truth::{Debit, RequestFile};

/// How the bank pays over what it took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Settle {
    /// One entry for each of our files and 清算日.
    #[default]
    Lumps,
    /// One entry for each debit.
    Singles,
    /// Lumps less a fee.
    LumpsNetOfFee {
        /// Fee for each debit, fen.
        fee_fen_per_debit: i64,
    },
}

/// What a bank is and how it behaves.
#[derive(Clone, Debug)]
pub struct BankConfig {
    /// Its family of files.
    pub family: Family,
    /// Our number there (商户号): in names of files and statements.
    pub merchant: String,
    /// 机构号 in `DK` names. Empty: not checked.
    pub institution: String,
    /// Two-letter code in `.PK` names. Empty: not checked.
    pub code: String,
    /// Seed of its chance.
    pub seed: u64,
    /// Its script.
    pub scenario: Scenario,
    /// How it pays over.
    pub settle: Settle,
    /// How documents are signed, both ways. None: nobody signs.
    pub seal: Option<Seal>,
}

/// Which debits an override is for.
pub enum Which {
    /// The nth row of every file, from 1.
    Row(usize),
    /// The nth row of one file.
    RowOf(String, usize),
    /// A key as sent, or a 参考号.
    Key(String),
    /// A meter account.
    Account(String),
    /// A card.
    Card(String),
    /// Whatever a test can say.
    When(Box<dyn Fn(&Debit) -> bool + Send + Sync>),
}

impl Which {
    fn means(&self, debit: &Debit) -> bool {
        match self {
            Which::Row(row) => debit.row == *row,
            Which::RowOf(file, row) => debit.file == *file && debit.row == *row,
            Which::Key(key) => debit.key == *key || debit.reference == *key,
            Which::Account(account) => debit.account.as_ref() == Some(account),
            Which::Card(card) => debit.card == *card,
            Which::When(holds) => holds(debit),
        }
    }
}

impl fmt::Debug for Which {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Which")
    }
}

/// A partner bank on an exchange folder.
#[derive(Debug)]
pub struct Bank {
    pub(super) config: BankConfig,
    pub(super) exchange: Exchange,
    pub(super) truth: Truth,
    pub(super) released: bool,
    overrides: Vec<(Which, Outcome)>,
    leave_requests: bool,
}

impl Bank {
    /// Opens the bank on `<exchange>/{out,in,bank}` with the books it finds there.
    pub fn open(exchange: &Path, config: BankConfig) -> io::Result<Bank> {
        let exchange = Exchange::open(exchange, "bank")?;
        let truth = Truth::open(&exchange.desk.join("truth.jsonl"))?;
        Ok(Bank { config, exchange, truth, released: false, overrides: Vec::new(), leave_requests: false })
    }

    /// Changes the script from now on.
    pub fn set_scenario(&mut self, scenario: Scenario) {
        self.config.scenario = scenario;
    }

    /// Decides these debits by hand when the bank next works on them. The last word about a debit counts.
    pub fn override_outcome(&mut self, which: Which, outcome: Outcome) {
        self.overrides.push((which, outcome));
    }

    /// Leaves request files in `out/` instead of taking them away.
    pub fn leave_requests(&mut self) {
        self.leave_requests = true;
    }

    /// Takes new files from `out/` into the books; returns their names. The same bytes under the same name again are
    /// only counted. What is asked is written down here; what is taken is decided by `answer`.
    pub fn receive(&mut self, now: NaiveDate) -> io::Result<Vec<String>> {
        let mut taken = Vec::new();
        for name in self.exchange.waiting()? {
            if is_theirs(self.config.family, &name) {
                continue;
            }
            let bytes = self.exchange.read(&name)?;
            let hash = hex::encode(Sha256::digest(&bytes));
            let known = self.truth.files.iter().position(|file| file.name == name && file.hash == hash);
            match known {
                Some(_) if self.leave_requests => continue,
                Some(number) => {
                    self.truth.files[number].deliveries += 1;
                    self.truth.note_file(number)?;
                }
                None => {
                    self.enter(now, &name, hash, &bytes)?;
                    taken.push(name.clone());
                }
            }
            self.truth.save()?;
            if !self.leave_requests {
                self.exchange.take_away(&name)?;
            }
        }
        Ok(taken)
    }

    fn enter(&mut self, now: NaiveDate, name: &str, hash: String, bytes: &[u8]) -> io::Result<()> {
        let number = self.truth.files.len();
        write_whole(&self.exchange.desk, &kept_name(number, name), bytes)?;
        let sealed = self.config.seal.as_ref().map_or(Ok(()), |seal| seal.check(bytes));
        let request = sealed.and_then(|()| self.config.family.read(self.party(), name, bytes));
        let problem = request.as_ref().err().cloned();
        self.truth.files.push(RequestFile {
            number,
            name: name.to_owned(),
            hash,
            received_on: now,
            deliveries: 1,
            refused: problem.is_some() || self.config.scenario.has(Word::WholeFileRefused),
            problem,
            ran_on: None,
            answers: Vec::new(),
        });
        self.truth.note_file(number)?;
        let Ok(request) = request else { return Ok(()) };
        let fresh = (0..request.rows.len()).map(|place| self.debit(number, &request, place)).collect();
        self.truth.add_debits(fresh)
    }

    fn debit(&self, file_number: usize, request: &Request, place: usize) -> Debit {
        let row = &request.rows[place];
        let short = self.config.family.short_key();
        Debit {
            number: 0,
            family: self.config.family,
            file_number,
            file: request.file.clone(),
            row: place + 1,
            key: row.key.clone(),
            file_date: request.file_date,
            reference: if short { format!("{}#{}", request.file, row.key) } else { row.key.clone() },
            account: row.account.clone(),
            agreement: row.agreement.clone(),
            card: row.card.clone(),
            name: row.name.clone(),
            asked: row.asked,
            again: false,
            outcome: None,
            taken: 0,
            bank_date: None,
            settles_on: None,
            settled_on: None,
            settled: 0,
            fee: 0,
            reversed_on: None,
            taken_back_on: None,
            answered: None,
        }
    }

    /// The outcome somebody decided by hand for this debit.
    pub(super) fn overridden(&self, debit: &Debit) -> Option<&Outcome> {
        self.overrides.iter().rev().find(|(which, _)| which.means(debit)).map(|(_, outcome)| outcome)
    }

    /// A request the bank took, read again from the copy it keeps.
    pub(super) fn request(&self, number: usize) -> io::Result<Request> {
        let name = &self.truth.files[number].name;
        let bytes = std::fs::read(self.exchange.desk.join(kept_name(number, name)))?;
        self.config.family.read(self.party(), name, &bytes).map_err(io::Error::other)
    }

    fn party(&self) -> Party<'_> {
        let BankConfig { merchant, institution, code, .. } = &self.config;
        Party { merchant, institution, code }
    }
}

fn kept_name(number: usize, name: &str) -> String {
    format!("request-{number:05}-{name}")
}
