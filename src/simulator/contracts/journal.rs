//! The desk's journal: JSON lines, read from the beginning whenever the desk is opened.

use std::io;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::super::folder::{append, read_lines};
use super::super::outcome::Reason;
use super::Row;

/// An agreement as the bank has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contract {
    /// Meter account.
    pub account: String,
    /// Card.
    pub card: String,
    /// Name on the card.
    pub name: String,
    /// Day it came into force.
    pub since: NaiveDate,
    /// Day it ended.
    pub until: Option<NaiveDate>,
    /// The columns it was signed with.
    pub fields: Vec<String>,
}

/// One line the bank was told, and what it made of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// Which of our files.
    pub file: usize,
    /// Signed; else cancelled.
    pub sign: bool,
    /// Meter account.
    pub account: String,
    /// Card.
    pub card: String,
    /// Name on the card.
    pub name: String,
    /// Why it said no; none: yes.
    pub refused: Option<Reason>,
    /// Every column as written.
    pub fields: Vec<String>,
    /// It stood in a reply.
    #[serde(skip)]
    pub replied: bool,
}

/// One file of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// SHA-256.
    pub hash: String,
    /// When it came.
    pub came_on: NaiveDate,
    /// The columns of its head.
    pub head: Vec<String>,
    /// Replies written to it.
    #[serde(skip)]
    pub replies: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    File(File),
    Told(Notice, NaiveDate),
    Hold(usize),
    Released,
    Replied(usize, Vec<usize>),
    Complaint(String),
}

/// The desk's books.
#[derive(Debug, Default)]
pub struct Journal {
    pub files: Vec<File>,
    pub notices: Vec<Notice>,
    pub contracts: Vec<Contract>,
    pub complaints: Vec<String>,
    held: Vec<usize>,
    path: PathBuf,
}

impl Journal {
    pub fn open(path: &Path) -> io::Result<Journal> {
        let mut journal = Journal::default();
        for text in read_lines(path)? {
            journal.apply(serde_json::from_str(&text).map_err(io::Error::other)?);
        }
        journal.path = path.to_owned();
        Ok(journal)
    }

    pub fn file(&mut self, name: &str, hash: &str, came_on: NaiveDate, head: Vec<String>) -> io::Result<usize> {
        let file = File { name: name.to_owned(), hash: hash.to_owned(), came_on, head, replies: 0 };
        self.note(Line::File(file))?;
        Ok(self.files.len() - 1)
    }

    /// Enters a line; where the bank says yes it is in force at once, whether or not it replies.
    pub fn enter(&mut self, file: usize, row: Row, refused: Option<Reason>, on: NaiveDate) -> io::Result<usize> {
        let Row { sign, account, card, name, fields } = row;
        self.note(Line::Told(Notice { file, sign, account, card, name, refused, fields, replied: false }, on))?;
        Ok(self.notices.len() - 1)
    }

    /// Holds a line's reply back until the next time.
    pub fn hold(&mut self, place: usize) -> io::Result<()> {
        self.note(Line::Hold(place))
    }

    /// What was held back.
    pub fn release(&mut self) -> io::Result<Vec<usize>> {
        let held = self.held.clone();
        if !held.is_empty() {
            self.note(Line::Released)?;
        }
        Ok(held)
    }

    /// Notes a reply to these lines of a file; how many replies there are now.
    pub fn replied(&mut self, file: usize, places: &[usize]) -> io::Result<u32> {
        self.note(Line::Replied(file, places.to_vec()))?;
        Ok(self.files[file].replies)
    }

    pub fn complain(&mut self, words: String) -> io::Result<()> {
        self.note(Line::Complaint(words))
    }

    fn note(&mut self, line: Line) -> io::Result<()> {
        let text = serde_json::to_string(&line).map_err(io::Error::other)?;
        append(&self.path, &format!("{text}\n"))?;
        self.apply(line);
        Ok(())
    }

    fn apply(&mut self, line: Line) {
        match line {
            Line::File(file) => self.files.push(file),
            Line::Told(notice, on) => {
                if notice.refused.is_none() {
                    self.in_force(&notice, on);
                }
                self.notices.push(notice);
            }
            Line::Hold(place) => self.held.push(place),
            Line::Released => self.held.clear(),
            Line::Replied(file, places) => {
                self.files[file].replies += 1;
                places.into_iter().for_each(|place| self.notices[place].replied = true);
            }
            Line::Complaint(words) => self.complaints.push(words),
        }
    }

    fn in_force(&mut self, notice: &Notice, on: NaiveDate) {
        let Notice { account, card, name, fields, .. } = notice.clone();
        if notice.sign {
            self.contracts.push(Contract { account, card, name, since: on, until: None, fields });
            return;
        }
        let ended =
            |contract: &&mut Contract| contract.account == account && contract.card == card && contract.until.is_none();
        if let Some(contract) = self.contracts.iter_mut().find(ended) {
            contract.until = Some(on);
        }
    }
}
