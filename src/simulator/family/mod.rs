//! The families of bank files, read and written by hand: one file for each, and what they share.

mod aipg;
mod ccb;
mod city;
mod iso;
mod pipe;
mod plain;
mod rows;
mod unionpay;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::outcome::Reason;
use super::truth::Entry;
pub use rows::{Answer, AnswerRow, OutFile, Party, Request, RequestRow};

/// A family of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// 银联全渠道: `DK…I.txt` → `DK…O.txt`.
    Unionpay,
    /// 竖线文件: `.PK` → `.PKJG`.
    Pipe,
    /// 代扣直联: one file → summary, successes, failures.
    Ccb,
    /// 同城定长: `CMT031…` → `DLD032…`.
    City,
    /// Our own CSV.
    Plain,
    /// 通联 AIPG 100001: XML both ways.
    Aipg,
    /// ISO 20022: pain.008 → pain.002, camt.053.
    Iso,
}

impl Family {
    /// Every family.
    pub const ALL: &'static [Family] =
        &[Family::Unionpay, Family::Pipe, Family::Ccb, Family::City, Family::Plain, Family::Aipg, Family::Iso];

    /// The families banks made themselves: their money comes in the plain statement, their answers row by row.
    pub const OWN: &'static [Family] =
        &[Family::Unionpay, Family::Pipe, Family::Ccb, Family::City, Family::Plain, Family::Aipg];

    /// The word for it.
    pub const fn word(self) -> &'static str {
        match self {
            Family::Unionpay => "unionpay",
            Family::Pipe => "pipe",
            Family::Ccb => "ccb",
            Family::City => "city",
            Family::Plain => "plain",
            Family::Aipg => "aipg",
            Family::Iso => "iso",
        }
    }

    /// Our rows carry a short key, unique in a day only.
    pub const fn short_key(self) -> bool {
        matches!(self, Family::Pipe | Family::City | Family::Aipg)
    }

    /// Answers say how much was taken, row by row.
    pub const fn says_taken(self) -> bool {
        matches!(self, Family::Plain)
    }

    /// Has a code for a reversal in its answers.
    pub const fn says_reversed(self) -> bool {
        matches!(self, Family::Unionpay | Family::Ccb | Family::Plain | Family::Aipg | Family::Iso)
    }

    /// Answers are text in UTF-8, not in GBK.
    pub const fn answers_in_utf8(self) -> bool {
        matches!(self, Family::Ccb | Family::Plain | Family::Iso)
    }

    /// Reads a request, strictly: a bank that forgives would hide our errors.
    pub fn read(self, party: Party<'_>, name: &str, bytes: &[u8]) -> Result<Request, String> {
        let request = match self {
            Family::Unionpay => unionpay::read(party, name, bytes),
            Family::Pipe => pipe::read(party, name, bytes),
            Family::Ccb => ccb::read(party, name, bytes),
            Family::City => city::read(name, bytes),
            Family::Plain => plain::read(party, name, bytes),
            Family::Aipg => aipg::read(party, name, bytes),
            Family::Iso => iso::read(party, name, bytes),
        }?;
        let mut keys: Vec<&str> = request.rows.iter().map(|row| row.key.as_str()).collect();
        keys.sort_unstable();
        if let Some(twice) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(format!("key `{}` stands twice in the file", twice[0]));
        }
        match request.rows.iter().find(|row| row.asked <= 0 || row.card.is_empty() || row.name.is_empty()) {
            Some(row) => Err(format!("row `{}` lacks an amount, a card or a name", row.key)),
            None => Ok(request),
        }
    }

    /// Writes an answer: one file, or the set of them.
    pub fn write(self, answer: &Answer<'_>) -> Vec<OutFile> {
        match self {
            Family::Unionpay => vec![unionpay::write(answer)],
            Family::Pipe => vec![pipe::write(answer)],
            Family::Ccb => ccb::write(answer),
            Family::City => vec![city::write(answer)],
            Family::Plain => vec![plain::write(answer)],
            Family::Aipg => vec![aipg::write(answer)],
            Family::Iso => vec![iso::write(answer)],
        }
    }

    /// The file that refuses a whole request, where the family knows one.
    pub fn write_refusal(self, name: &str) -> Option<OutFile> {
        match self {
            Family::Unionpay => Some(unionpay::write_refusal(name)),
            Family::Plain => Some(plain::write_refusal(name)),
            Family::Aipg => Some(aipg::write_refusal(name)),
            Family::Iso => Some(iso::write_refusal(name)),
            Family::Pipe | Family::Ccb | Family::City => None,
        }
    }

    /// The statement of a day in the family's own form; `None`: the plain CSV.
    pub fn statement(self, merchant: &str, day: chrono::NaiveDate, entries: &[Entry]) -> Option<OutFile> {
        (self == Family::Iso).then(|| iso::statement(merchant, day, entries))
    }

    /// The code and text for a reason; `None` is "paid".
    pub const fn says(self, reason: Option<Reason>) -> (&'static str, &'static str) {
        match self {
            Family::Unionpay => unionpay::says(reason),
            Family::Pipe => pipe::says(reason),
            Family::Ccb => ccb::says(reason),
            Family::City => city::says(reason),
            Family::Plain => plain::says(reason),
            Family::Aipg => aipg::says(reason),
            Family::Iso => iso::says(reason),
        }
    }

    /// A key of the family's shape that we never sent.
    pub fn strange_key(self, nth: usize) -> String {
        if self.short_key() { format!("{}", 99_999_990 + nth % 10) } else { format!("9999999999999999{nth:02}") }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.word())
    }
}

impl FromStr for Family {
    type Err = String;

    fn from_str(text: &str) -> Result<Family, String> {
        let known = || Family::ALL.iter().map(|family| family.word()).collect::<Vec<_>>().join(", ");
        let found = Family::ALL.iter().copied().find(|family| family.word() == text);
        found.ok_or_else(|| format!("`{text}` is no family of bank files; known are {}", known()))
    }
}

/// A sequence number for the nth name of the same answer: its own first, then 9…02, 9…03 … in as many digits.
fn renumbered(sequence: &str, copy: u32) -> String {
    if copy <= 1 { sequence.to_owned() } else { format!("9{copy:0width$}", width = sequence.len().saturating_sub(1)) }
}

/// The stated count and sum must be those of the rows.
fn tie(rows: &[RequestRow], count: i64, sum: i64) -> Result<(), String> {
    let real = rows.iter().map(|row| row.asked).sum::<i64>();
    if usize::try_from(count) != Ok(rows.len()) || sum != real {
        return Err(format!("the file states {count} rows and {sum} fen, it holds {} and {real}", rows.len()));
    }
    Ok(())
}

/// A part of a file's name must be what the bank agreed with us.
fn named(what: &str, found: &str, agreed: &str) -> Result<(), String> {
    if agreed.is_empty() || found == agreed {
        return Ok(());
    }
    Err(format!("the name says {what} `{found}`, agreed is `{agreed}`"))
}

#[cfg(test)]
mod tests;
