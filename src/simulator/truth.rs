//! What the bank knows to be true, and its journal: JSON lines of which the last about a thing counts.

use std::collections::HashSet;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::family::Family;
use super::folder::{append, read_lines};
use super::outcome::Outcome;

/// One debit as the bank saw it: every row of every file it ever took, a repeated row again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Debit {
    /// Number in the bank's books, from 0.
    pub number: usize,
    /// Family of its file.
    pub family: Family,
    /// Number of its file in the bank's books.
    pub file_number: usize,
    /// Our request file's name.
    pub file: String,
    /// Row among the file's debits, from 1.
    pub row: usize,
    /// Our key as sent.
    pub key: String,
    /// The file's date: with the key it tells a short key apart from another day's.
    pub file_date: NaiveDate,
    /// 参考号 of the statement: the key, or `<file>#<short key>`.
    pub reference: String,
    /// Meter account, where the family carries it.
    pub account: Option<String>,
    /// Agreement, where the family carries it.
    pub agreement: Option<String>,
    /// Card.
    pub card: String,
    /// Name.
    pub name: String,
    /// Asked, fen.
    pub asked: i64,
    /// The same key came before, in this or another file.
    pub again: bool,
    /// Decided when the bank worked on the file.
    pub outcome: Option<Outcome>,
    /// Taken from the card, fen.
    pub taken: i64,
    /// 清算日.
    pub bank_date: Option<NaiveDate>,
    /// When its money is due on a statement; none = never.
    pub settles_on: Option<NaiveDate>,
    /// Statement it was settled on.
    pub settled_on: Option<NaiveDate>,
    /// Paid over to us, fen, before any fee.
    pub settled: i64,
    /// The bank's fee for it, fen.
    pub fee: i64,
    /// Day it was given back to the card (冲正, 退票).
    pub reversed_on: Option<NaiveDate>,
    /// Statement that took it back from us.
    pub taken_back_on: Option<NaiveDate>,
    /// Code of the first answer that showed it.
    pub answered: Option<String>,
}

impl Debit {
    /// What tells this debit from every other: the key, for short keys with the file's date.
    pub fn identity(&self) -> String {
        if self.family.short_key() { format!("{}#{}", self.file_date, self.key) } else { self.key.clone() }
    }

    /// What stays taken from the card, fen.
    pub fn kept(&self) -> i64 {
        if self.reversed_on.is_some() { 0 } else { self.taken }
    }
}

/// An answer the bank will deliver, or has delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The first answer, with the faults of the scenario.
    First,
    /// The first answer again, same bytes, another name.
    Again,
    /// With the reversals of the day (冲正).
    SameDay,
    /// With what came to light a day later.
    NextDay,
    /// Everything as it is, without faults, because we asked for it.
    Clean,
}

/// One planned delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Which answer.
    pub stage: Stage,
    /// Goes out at the first answering after this date; none = at once.
    pub after: Option<NaiveDate>,
    /// Goes out at the next answering, not at the one that planned it.
    pub next_call: bool,
    /// 1 for the first file of a name, then 2, 3 …
    pub copy: u32,
    /// Gone out.
    pub sent: bool,
}

/// One request file the bank took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestFile {
    /// Number in the bank's books, from 0.
    pub number: usize,
    /// Name.
    pub name: String,
    /// SHA-256 of its bytes.
    pub hash: String,
    /// Day it was taken.
    pub received_on: NaiveDate,
    /// How often the same bytes came under this name.
    pub deliveries: u32,
    /// Why the bank cannot read it.
    pub problem: Option<String>,
    /// Refused whole, by script or because of the problem.
    pub refused: bool,
    /// Day the bank worked on it.
    pub ran_on: Option<NaiveDate>,
    /// Answers, planned and sent.
    pub answers: Vec<Delivery>,
}

/// One entry of our account at the bank.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// 交易日期: the statement's day.
    pub value_date: NaiveDate,
    /// 清算日.
    pub bank_date: NaiveDate,
    /// 流水号.
    pub serial: String,
    /// 收入, fen; 0 = an outgoing entry.
    pub income: i64,
    /// 支出, fen.
    pub outgo: i64,
    /// 手续费, fen.
    pub fee: i64,
    /// 参考号.
    pub reference: String,
    /// 摘要.
    pub text: String,
    /// Printed so often (1, or 2 by mistake).
    pub printed: u32,
}

/// One line of the journal.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    File(Box<RequestFile>),
    Debit(Box<Debit>),
    Entry(Box<Entry>),
    Statement(NaiveDate),
}

/// The bank's books.
#[derive(Debug, Default)]
pub struct Truth {
    /// Files in order of arrival.
    pub files: Vec<RequestFile>,
    /// Debits in order of arrival.
    pub debits: Vec<Debit>,
    /// Entries of our account.
    pub entries: Vec<Entry>,
    /// Days whose statement is written.
    pub statements: Vec<NaiveDate>,
    identities: HashSet<String>,
    path: PathBuf,
    unsaved: String,
}

impl Truth {
    /// Reads the journal, if there is one.
    pub fn open(path: &Path) -> io::Result<Truth> {
        let mut truth = Truth { path: path.to_owned(), ..Truth::default() };
        for text in read_lines(path)? {
            match serde_json::from_str(&text).map_err(io::Error::other)? {
                Line::File(file) => replace(&mut truth.files, file.number, *file),
                Line::Debit(debit) => {
                    truth.identities.insert(debit.identity());
                    replace(&mut truth.debits, debit.number, *debit);
                }
                Line::Entry(entry) => truth.entries.push(*entry),
                Line::Statement(date) => truth.statements.push(date),
            }
        }
        Ok(truth)
    }

    /// Notes the present state of a file.
    pub fn note_file(&mut self, number: usize) -> io::Result<()> {
        self.note(&Line::File(Box::new(self.files[number].clone())))
    }

    /// Adds a file's debits, each marked if its key came before in another file.
    pub fn add_debits(&mut self, mut fresh: Vec<Debit>) -> io::Result<()> {
        for debit in &mut fresh {
            debit.again = self.identities.contains(&debit.identity());
            debit.number = self.debits.len();
            self.debits.push(debit.clone());
            self.note_debit(debit.number)?;
        }
        self.identities.extend(fresh.iter().map(Debit::identity));
        Ok(())
    }

    /// Places of a file's debits: they stand together.
    pub fn debits_of(&self, file_number: usize) -> Range<usize> {
        let start = self.debits.partition_point(|debit| debit.file_number < file_number);
        start..self.debits.partition_point(|debit| debit.file_number <= file_number)
    }

    /// Notes the present state of a debit.
    pub fn note_debit(&mut self, number: usize) -> io::Result<()> {
        self.note(&Line::Debit(Box::new(self.debits[number].clone())))
    }

    /// Adds an entry to our account.
    pub fn add_entry(&mut self, entry: Entry) -> io::Result<()> {
        self.note(&Line::Entry(Box::new(entry.clone())))?;
        self.entries.push(entry);
        Ok(())
    }

    /// Notes that a day's statement is made.
    pub fn add_statement(&mut self, date: NaiveDate) -> io::Result<()> {
        self.note(&Line::Statement(date))?;
        self.statements.push(date);
        Ok(())
    }

    /// Writes what was noted since the last time, as one piece.
    pub fn save(&mut self) -> io::Result<()> {
        if !self.unsaved.is_empty() {
            append(&self.path, &self.unsaved)?;
            self.unsaved.clear();
        }
        Ok(())
    }

    fn note(&mut self, line: &Line) -> io::Result<()> {
        self.unsaved.push_str(&serde_json::to_string(line).map_err(io::Error::other)?);
        self.unsaved.push('\n');
        Ok(())
    }
}

fn replace<T>(list: &mut Vec<T>, number: usize, item: T) {
    match list.get_mut(number) {
        Some(place) => *place = item,
        None => list.push(item),
    }
}
