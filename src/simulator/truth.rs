//! What the bank knows to be true: files, debits, entries of our account.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::family::Family;
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
    /// 1 for the answer's own name, 2, 3 … for another.
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
