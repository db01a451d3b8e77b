//! What is wrong with a file's rows, in the words of the people who must put it right, and the files that list it.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use csv::StringRecord;
use serde::Serialize;
use yichong_core::model::card::mask;

use super::column::{Column, IGNORED};
use crate::error::{JobError, Kind};
use yichong_gateways::crash;

/// One value that cannot be used, or should be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Line of the file, the titles being line 1.
    pub line: u64,
    /// The column's title.
    pub column: String,
    /// The value, masked where it is somebody's secret.
    pub value: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// Why a value cannot be used, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(pub String, pub String);

impl Wrong {
    /// Makes one.
    pub fn new(problem: impl Into<String>, remedy: impl Into<String>) -> Wrong {
        Wrong(problem.into(), remedy.into())
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Problem { line, column, value, problem, remedy } = self;
        write!(out, "第{line}行 {column} `{value}`: {problem}；{remedy}")
    }
}

/// What was found on one page.
#[derive(Debug, Default)]
pub struct Findings {
    /// Rows that cannot be imported.
    pub bad: Vec<Problem>,
    /// Things to look at.
    pub warnings: Vec<Problem>,
}

impl Findings {
    /// A value that cannot be used.
    pub fn bad(&mut self, line: u64, column: &Column, value: &str, wrong: Wrong) {
        self.bad.push(problem(line, column, value, wrong));
    }

    /// A value to look at.
    pub fn warn(&mut self, line: u64, column: &Column, value: &str, wrong: Wrong) {
        self.warnings.push(problem(line, column, value, wrong));
    }

    /// The lines that cannot be imported.
    pub fn bad_lines(&self) -> HashSet<u64> {
        self.bad.iter().map(|problem| problem.line).collect()
    }
}

fn problem(line: u64, column: &Column, value: &str, Wrong(problem, remedy): Wrong) -> Problem {
    // A value in the wrong column may be a card: nothing with that many digits is shown whole.
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let secret = column.secret || digits > 14 || value.chars().count() > 40;
    let value = if secret { mask(value) } else { value.to_owned() };
    Problem { line, column: column.title().to_owned(), value, problem, remedy }
}

/// A spreadsheet must not take a text for a formula.
fn safe(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// A list being written: made with the first row, under its name only when it is whole.
#[derive(Debug)]
pub struct List {
    path: PathBuf,
    titles: Vec<String>,
    out: Option<csv::Writer<BufWriter<File>>>,
}

impl List {
    /// The error file: one row per problem.
    pub fn errors(path: PathBuf) -> List {
        List { path, titles: ["行", "列", "值", "问题", "办法"].map(str::to_owned).to_vec(), out: None }
    }

    /// The rejects: the rows as they came, to be corrected and imported again, and what is wrong with them.
    pub fn rejects(path: PathBuf, titles: &StringRecord) -> List {
        let titles = titles.iter().filter(|title| *title != IGNORED).chain([IGNORED]);
        List { path, titles: titles.map(str::to_owned).collect(), out: None }
    }

    /// Adds a problem to an error file.
    pub fn problem(&mut self, problem: &Problem) -> Result<(), JobError> {
        let line = problem.line.to_string();
        let Problem { column, value, problem, remedy, .. } = problem;
        let texts = [&line, column, value, problem, remedy];
        self.row(texts.map(|text| safe(text)))
    }

    /// Adds a row to the rejects. Its own values stay as they are, or they could not be imported again.
    pub fn reject(&mut self, row: &[&str], problem: &str) -> Result<(), JobError> {
        self.row(row.iter().copied().chain([problem]))
    }

    fn row(&mut self, texts: impl IntoIterator<Item = impl AsRef<[u8]>>) -> Result<(), JobError> {
        let failed = failing(&self.path);
        let out = match &mut self.out {
            Some(out) => out,
            none => {
                let new = fs::OpenOptions::new()
                    .write(true)
                    .create(true)
                    .truncate(true)
                    .mode(0o600)
                    .open(temporary(&self.path));
                let mut file = BufWriter::new(new.map_err(&failed)?);
                // Excel takes a file for UTF-8 only if it begins with a mark.
                file.write_all("\u{feff}".as_bytes()).map_err(&failed)?;
                let out = none.insert(csv::WriterBuilder::new().flexible(true).from_writer(file));
                out.write_record(&self.titles).map_err(|e| failed(e.into()))?;
                out
            }
        };
        out.write_record(texts).map_err(|e| failed(e.into()))
    }

    /// Puts the list under its name; `None`: it has no rows, and there is no file.
    pub fn finish(&mut self) -> Result<Option<PathBuf>, JobError> {
        let Some(out) = self.out.take() else { return Ok(None) };
        let failed = failing(&self.path);
        let out = out.into_inner().map_err(|e| failed(e.into_error()))?;
        let file = out.into_inner().map_err(|e| failed(e.into_error()))?;
        file.sync_all().map_err(&failed)?;
        crash::point("import.rejects.after_fsync");
        fs::rename(temporary(&self.path), &self.path).map_err(&failed)?;
        crash::point("import.rejects.after_rename");
        Ok(Some(self.path.clone()))
    }
}

fn temporary(path: &Path) -> PathBuf {
    let mut name = path.to_owned().into_os_string();
    name.push(".tmp");
    PathBuf::from(name)
}

fn failing(path: &Path) -> impl Fn(std::io::Error) -> JobError + use<> {
    let name = path.display().to_string();
    move |e| JobError::new(Kind::Machine, format!("{name} cannot be written: {e}; name another place with --errors"))
}
