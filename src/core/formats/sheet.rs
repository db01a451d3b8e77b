//! A file being read, line by line: heads, titles, rows, tail. Shared by every reader; rows are left to them.

use std::io::Read;

use super::cut::{Cut, Record};
use super::fault::Problem;
use super::format::{Field, Format, Line, Shape};
use super::judge::Facts;
use super::pen;
use super::records::{FileError, Params};

/// Which kind of line was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A line before the rows.
    Head,
    /// The row of column titles.
    Titles,
    /// One record.
    Row,
    /// A line after the rows.
    Tail,
    /// What stands before the rows of a group (a payment information, a statement).
    Group,
    /// One of the transactions a row is made of.
    Detail,
    /// What stands behind the rows of a group, with what they come to.
    GroupEnd,
    /// The one line of a file that only says: refused.
    Refusal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Head(usize),
    Titles,
    Rows,
    Tail(usize),
    Refused,
    Done,
}

/// A file being read.
#[derive(Debug)]
pub(super) struct Sheet<'f, R> {
    pub format: &'f Format,
    pub params: Params,
    pub file: String,
    pub record: Record,
    pub facts: Facts,
    /// For every column of a row the index of its field; `None` for a column the format does not know.
    pub columns: Vec<Option<usize>>,
    /// The columns of a row that are read or checked, in order: made once, followed for every row.
    pub plan: Vec<(usize, &'f Field)>,
    /// Titles as they stand in the file.
    pub titles: Vec<String>,
    cut: Cut<R>,
    stage: Stage,
    /// The line the record belongs to, and which of its kind.
    current: (Kind, usize),
}

impl<'f, R: Read> Sheet<'f, R> {
    pub(super) fn open(format: &'f Format, params: &Params, file: &str, input: R) -> Sheet<'f, R> {
        let file_date = format.name_facts(file, params).and_then(|facts| facts.file_date);
        Sheet {
            format,
            params: params.clone(),
            file: file.to_owned(),
            record: Record::default(),
            facts: Facts { file_date, ..Facts::default() },
            columns: (0..format.row.fields.len()).map(Some).collect(),
            plan: plan(&format.row, format.row.fields.iter().enumerate().map(|(column, _)| (column, column))),
            titles: Vec::new(),
            cut: Cut::new(format, input),
            stage: if format.heads.is_empty() { first_of_body(format) } else { Stage::Head(0) },
            current: (Kind::Row, 0),
        }
    }

    /// Reads the next line; everything but rows is checked and kept in `facts`.
    pub(super) fn next(&mut self) -> Result<Option<Kind>, FileError> {
        self.step().map_err(|error| self.named(error))
    }

    /// An error gets the file's name.
    pub(super) fn named(&self, error: FileError) -> FileError {
        FileError { file: self.file.clone(), ..error }
    }

    /// A problem of a cell gets its place.
    pub(super) fn place(&self, problem: Problem, column: usize, field: &str) -> FileError {
        let (line, at) = self.record.place(column);
        self.named(problem.at(line, at, &self.path(column, field)))
    }

    /// A field as messages name it: in XML a row's field by its whole path and the row's number.
    fn path(&self, column: usize, field: &str) -> String {
        match &self.format.style.shape {
            Shape::Xml(shape) if self.current.0 == Kind::Row => {
                let row = format!("{}[{}]", shape.rows, self.record.line);
                if field == "the line" { row } else { format!("{row}/{field}") }
            }
            _ => self.record.label(column, field),
        }
    }

    /// The fields of the line last read, by column.
    pub(super) fn line(&self) -> &'f Line {
        let (kind, index) = self.current;
        let line = match kind {
            Kind::Head => self.format.heads.get(index),
            Kind::Tail => self.format.tails.get(index),
            Kind::Refusal => self.format.refusal.as_ref(),
            Kind::Titles | Kind::Row | Kind::Group | Kind::Detail | Kind::GroupEnd => None,
        };
        line.unwrap_or(&self.format.row)
    }

    /// The field of a column of the line last read.
    pub(super) fn field(&self, column: usize) -> Option<&'f Field> {
        if self.current.0 != Kind::Row {
            return self.line().fields.get(column);
        }
        match self.columns.get(column) {
            Some(known) => self.format.row.fields.get((*known)?),
            None => self.format.row.fields.last().filter(|last| last.repeat),
        }
    }

    /// The bare text of a column.
    pub(super) fn text(&self, column: usize, field: &Field) -> &str {
        pen::bare(field, self.record.get(column))
    }

    fn step(&mut self) -> Result<Option<Kind>, FileError> {
        let format = self.format;
        let first = self.record.line == 0;
        let refusal = format.refusal.as_ref().filter(|_| first);
        // The usual line of the stage stands last; what may stand in its place, before it.
        let candidates: Vec<(Kind, usize, &Line)> = match self.stage {
            Stage::Head(n) => vec![(Kind::Head, n, &format.heads[n])],
            Stage::Titles => vec![(Kind::Titles, 0, &format.row)],
            Stage::Rows => {
                // Most lines are rows: no list is built for them.
                return self.body(refusal);
            }
            Stage::Tail(n) => vec![(Kind::Tail, n, &format.tails[n])],
            Stage::Refused | Stage::Done => return self.nothing_more(),
        };
        let refusals = refusal.into_iter().map(|line| (Kind::Refusal, 0, line));
        let candidates: Vec<_> = refusals.chain(candidates).collect();
        let lines: Vec<&Line> = candidates.iter().map(|(_, _, line)| *line).collect();
        match self.cut.next(&lines, &mut self.record)? {
            Some(chosen) => self.accept(candidates[chosen].0, candidates[chosen].1),
            None => self.end(),
        }
    }

    fn body(&mut self, refusal: Option<&'f Line>) -> Result<Option<Kind>, FileError> {
        let format = self.format;
        let chosen = match (refusal, format.tails.first()) {
            (None, None) => self.cut.next(&[&format.row], &mut self.record)?.map(|_| 2),
            (None, Some(tail)) => self.cut.next(&[tail, &format.row], &mut self.record)?.map(|n| n + 1),
            (Some(no), None) => self.cut.next(&[no, &format.row], &mut self.record)?.map(|n| n * 2),
            (Some(no), Some(tail)) => self.cut.next(&[no, tail, &format.row], &mut self.record)?,
        };
        match chosen {
            Some(0) => self.accept(Kind::Refusal, 0),
            Some(1) => self.accept(Kind::Tail, 0),
            Some(_) => self.accept(Kind::Row, 0),
            None => self.end(),
        }
    }

    fn accept(&mut self, kind: Kind, index: usize) -> Result<Option<Kind>, FileError> {
        self.current = (kind, index);
        match kind {
            Kind::Head => {
                self.edge()?;
                let next = index + 1;
                let more = next < self.format.heads.len();
                self.stage = if more { Stage::Head(next) } else { first_of_body(self.format) };
            }
            Kind::Titles => {
                self.read_titles()?;
                self.stage = Stage::Rows;
            }
            Kind::Tail => {
                self.edge()?;
                let more = index + 1 < self.format.tails.len();
                self.stage = if more { Stage::Tail(index + 1) } else { Stage::Done };
            }
            Kind::Refusal => self.stage = Stage::Refused,
            Kind::Row | Kind::Group | Kind::Detail | Kind::GroupEnd => self.check_columns()?,
        }
        Ok(Some(kind))
    }

    /// The file ends here: is anything missing?
    fn end(&mut self) -> Result<Option<Kind>, FileError> {
        let missing = match self.stage {
            Stage::Head(_) | Stage::Titles if self.record.line == 0 => "the file is empty",
            Stage::Head(_) => "the file ends within its head",
            Stage::Titles => "the file ends before its titles",
            Stage::Rows | Stage::Tail(_) if !self.format.tails.is_empty() => "the file ends without its last line",
            _ => {
                self.stage = Stage::Done;
                return Ok(None);
            }
        };
        let rule = "a file is taken whole or not at all; it was cut short on its way, fetch it again";
        Err(Problem::new(missing, rule).at(self.record.line + 1, 0, "the file"))
    }

    fn nothing_more(&mut self) -> Result<Option<Kind>, FileError> {
        let mut extra = Record::default();
        match self.cut.next(&[&self.format.row], &mut extra) {
            Ok(None) => {
                self.stage = Stage::Done;
                Ok(None)
            }
            // A sheet's merged cells stand behind its rows.
            Err(error) if self.format.is_workbook() => Err(error),
            // Fixed records: what is left may be shorter than a row.
            Ok(Some(_)) | Err(_) => {
                let rule = "nothing stands behind the last line; two files may have been joined";
                Err(Problem::new("a line stands behind the last one", rule).at(self.record.line + 1, 0, "the line"))
            }
        }
    }

    pub(super) fn check_columns(&self) -> Result<(), FileError> {
        let row = self.current.0 == Kind::Row;
        let have = self.record.len();
        let fits = match (row && self.format.titles, self.line()) {
            (true, _) => have == self.columns.len(),
            (false, line) => (line.least..=line.most).contains(&have),
        };
        if fits {
            return Ok(());
        }
        let wanted = if row { self.columns.len() } else { self.line().fields.len() };
        let rule = "lines have the format's columns; a separator is missing, or stands inside a value";
        Err(Problem::new(format!("the line has {have} columns, it should have {wanted}"), rule).at(
            self.record.line,
            0,
            "the line",
        ))
    }
}

/// Pairs of (column, field) that mean something or can be wrong.
pub(super) fn plan(line: &Line, columns: impl Iterator<Item = (usize, usize)>) -> Vec<(usize, &Field)> {
    let judged = |f: &Field| {
        let constant = f.value.is_some() || f.param.is_some();
        f.read_as().is_some() || constant || f.pattern.is_some() || f.required || f.template.is_some()
    };
    let fields = columns.filter_map(|(column, field)| Some((column, line.fields.get(field)?)));
    fields.filter(|(_, field)| judged(field)).collect()
}

fn first_of_body(format: &Format) -> Stage {
    if format.titles { Stage::Titles } else { Stage::Rows }
}
