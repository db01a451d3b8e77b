//! The bank's journal: JSON lines of which the last about a thing counts.

use std::collections::HashSet;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::folder::{append, read_lines};
use super::truth::{Debit, Entry, RequestFile};

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
