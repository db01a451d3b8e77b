//! A sheet of an Excel workbook → records: finds the titles, turns values into the texts a format's fields expect, and
//! refuses what people do not see.

use std::io::Read;
use std::sync::Arc;

use super::values::{text, title, trim};
use super::{Places, Record, broken};
use crate::formats::format::{Field, Format, Line, WorkbookShape};
use crate::formats::records::FileError;
use crate::workbook::{self, Book, Row, Rows, name};

/// So many rows may stand before the titles.
const BEFORE_TITLES: u32 = 200;

/// A workbook being cut.
#[derive(Debug)]
pub(in crate::formats) struct WorkbookCut<R> {
    shape: Arc<WorkbookShape>,
    fields: Arc<[Field]>,
    heads: usize,
    /// Taken when the first record is asked for: a workbook is read whole before it can be opened.
    input: Option<R>,
    rows: Option<Box<Rows>>,
    row: Row,
    /// Records handed out; the heads, the titles, then the rows.
    given: usize,
    /// The first column of the table, from 0, and how many there are.
    left: u32,
    width: usize,
    /// For every column of the table its field.
    columns: Vec<Option<usize>>,
    /// The titles' row, and the last one of a record.
    body: (u32, u32),
    /// The first line behind the rows came.
    tail: bool,
    /// The row read before this one.
    before: u32,
    /// An empty row among the rows: nothing may follow it.
    gap: Option<u32>,
    /// The row that came nearest to being the titles, and what it lacks.
    nearest: Option<(u32, Vec<String>)>,
}

impl<R: Read> WorkbookCut<R> {
    pub(super) fn new(format: &Format, shape: Arc<WorkbookShape>, input: R) -> WorkbookCut<R> {
        WorkbookCut {
            shape,
            fields: format.row.fields.as_slice().into(),
            heads: format.heads.len(),
            input: Some(input),
            rows: None,
            row: Row::default(),
            given: 0,
            left: 0,
            width: 0,
            columns: Vec::new(),
            body: (u32::MAX, 0),
            tail: false,
            before: 0,
            gap: None,
            nearest: None,
        }
    }

    /// Cuts the next row; `None` behind the last one.
    pub(super) fn next(&mut self, candidates: &[&Line], record: &mut Record) -> Result<Option<usize>, FileError> {
        self.open()?;
        loop {
            let Some(rows) = &mut self.rows else { return Ok(None) };
            if !rows.next(&mut self.row)? {
                return self.end().map(|()| None);
            }
            if self.passed_over()? {
                continue;
            }
            let titles = self.given == self.heads;
            if titles && !self.is_title_row()? {
                continue;
            }
            if titles {
                self.take_titles(record);
                self.given += 1;
                return Ok(Some(candidates.len().saturating_sub(1)));
            }
            let first = self.text_of_first();
            let marked = |line: &&Line| line.mark.as_deref().is_some_and(|mark| mark == first);
            let usual = candidates.len().saturating_sub(1);
            let chosen = candidates.iter().position(marked).unwrap_or(usual);
            self.tail |= chosen != usual;
            let row = self.given > self.heads && !self.tail;
            if row {
                self.body.1 = self.row.number;
            }
            self.cut(if row { None } else { candidates.get(chosen).copied() }, record)?;
            self.given += 1;
            return Ok(Some(chosen));
        }
    }

    fn open(&mut self) -> Result<(), FileError> {
        let Some(input) = self.input.take() else { return Ok(()) };
        let mut bytes = Vec::new();
        let most = workbook::LARGEST as u64 + 1;
        let read = input.take(most).read_to_end(&mut bytes);
        read.map_err(|error| broken(0, 0, format!("it cannot be read: {error}"), "fetch the file again"))?;
        if bytes.is_empty() {
            return Ok(());
        }
        self.rows = Some(Box::new(Book::open(bytes.into())?.rows(&self.shape.sheet)?));
        Ok(())
    }

    /// Rows that are no records: empty ones, and those the format names.
    fn passed_over(&mut self) -> Result<bool, FileError> {
        let number = self.row.number;
        // Empty rows often do not stand in the file at all.
        let jump = std::mem::replace(&mut self.before, number) + 1;
        let gaps_count = self.given > self.heads && !self.shape.skip.iter().any(String::is_empty);
        if gaps_count && jump < number {
            self.gap = self.gap.or(Some(jump));
        }
        let blank = |cell: &workbook::Cell| matches!(&cell.value, workbook::Value::Text(text) if trim(text).is_empty());
        self.row.cells.retain(|cell| !blank(cell));
        let Some(first) = self.row.cells.first() else {
            if gaps_count {
                self.gap = self.gap.or(Some(number));
            }
            return Ok(true);
        };
        let said = match &first.value {
            workbook::Value::Text(text) => trim(text),
            _ => "",
        };
        if self.shape.skip.iter().any(|skip| !skip.is_empty() && said.starts_with(skip.as_str())) {
            return Ok(true);
        }
        if self.row.hidden && !self.shape.hidden {
            let rule = "what nobody sees is not taken: clear the filter, unhide the row and look at it, or write \
                        `hidden = \"read\"`";
            return Err(at_row(number, "it is hidden", rule));
        }
        if let Some(gap) = self.gap {
            let rule = "rows follow one another, a part of the table may be lost; delete the empty row, or write \
                        `skip = [\"\"]`";
            return Err(at_row(gap, "it is empty, and rows follow it", rule));
        }
        Ok(false)
    }

    /// Whether the row is the one of the titles: the one the format names, or the first that holds all it needs.
    fn is_title_row(&mut self) -> Result<bool, FileError> {
        let number = self.row.number;
        if let Some(wanted) = self.shape.title_row {
            if number > wanted {
                return Err(at_row(wanted, "it is empty", "the format says that the titles stand here (`title_row`)"));
            }
            return Ok(number == wanted);
        }
        let titles: Vec<String> = self.row.cells.iter().map(title).collect();
        let missing = self.fields.iter().filter(|field| field.titled && !titles.contains(&field.name));
        let missing: Vec<String> = missing.map(|field| field.name.clone()).collect();
        if missing.is_empty() {
            return Ok(true);
        }
        if self.nearest.as_ref().is_none_or(|(_, least)| missing.len() < least.len()) {
            self.nearest = Some((number, missing));
        }
        if number > BEFORE_TITLES { self.no_titles().map(|()| false) } else { Ok(false) }
    }

    fn no_titles(&self) -> Result<(), FileError> {
        let Some((row, missing)) = &self.nearest else { return Ok(()) };
        let lacks = missing.join(", ");
        let problem = format!("no row holds the titles that are needed; row {row} comes nearest and lacks {lacks}");
        let rule =
            "titles stand as the format writes them; is it the right sheet, or has the bank changed its columns?";
        Err(broken(0, 0, problem, rule))
    }

    fn take_titles(&mut self, record: &mut Record) {
        let cells = &self.row.cells;
        self.left = cells.first().map_or(0, |cell| cell.column);
        self.width = cells.last().map_or(0, |last| (last.column - self.left) as usize + 1);
        self.body = (self.row.number, self.row.number);
        record.clear(u64::from(self.row.number));
        record.places = Places::Cells;
        self.columns.clear();
        for (column, cell) in filled(self.left, self.width, cells) {
            // A column without a title is known by its letter, so that two of them are no title twice.
            let title = cell.map(title).unwrap_or_else(|| format!("({})", name(column, 0).trim_end_matches('0')));
            self.columns.push(self.fields.iter().position(|field| field.name == title));
            record.push(&title, column);
        }
    }

    fn text_of_first(&self) -> &str {
        match self.row.cells.first().map(|cell| &cell.value) {
            Some(workbook::Value::Text(text)) => trim(text),
            _ => "",
        }
    }

    /// The record of a row, or of another line.
    fn cut(&mut self, line: Option<&Line>, record: &mut Record) -> Result<(), FileError> {
        let cells = &self.row.cells;
        let (first, last) = match (cells.first(), cells.last()) {
            (Some(first), Some(last)) => (first.column, last.column),
            _ => (0, 0),
        };
        // Lines before the titles begin where they begin; rows and what follows them, where the titles do.
        let left = if self.given < self.heads { first } else { self.left };
        if first < left {
            let rule = "the table begins at its titles; take what stands beside it out";
            let error = broken(u64::from(self.row.number), first + 1, "something stands left of the table", rule);
            return Err(FileError { field: format!("the cell {}", name(first, self.row.number)), ..error });
        }
        let least = line.map_or(self.width, |line| line.fields.len());
        let width = least.max((last - left) as usize + 1);
        record.clear(u64::from(self.row.number));
        record.places = Places::Cells;
        let from_1904 = self.rows.as_ref().is_some_and(|rows| rows.from_1904());
        for (at, (column, cell)) in filled(left, width, cells).enumerate() {
            let field = match line {
                Some(line) => line.fields.get(at),
                None => self.columns.get(at).copied().flatten().and_then(|index| self.fields.get(index)),
            };
            let Some(cell) = cell else {
                record.push("", column);
                continue;
            };
            let text = text(&self.shape, cell, field, from_1904);
            let text = text.map_err(|(problem, rule)| {
                let place = name(column, self.row.number);
                let field = field.map_or(format!("the cell {place}"), |field| format!("{} ({place})", field.name));
                FileError { field, ..broken(u64::from(self.row.number), column + 1, problem, rule) }
            })?;
            record.push(&text, column);
        }
        Ok(())
    }

    /// Behind the last row: were there titles, and is every row one by itself?
    fn end(&mut self) -> Result<(), FileError> {
        if self.given == self.heads {
            self.no_titles()?;
        }
        let Some(rows) = self.rows.take() else { return Ok(()) };
        let (from, to) = self.body;
        let inside = |merged: &&workbook::Merged| merged.first.1 <= to && merged.last.1 >= from;
        match rows.merged().iter().find(inside) {
            None => Ok(()),
            Some(merged) => {
                let (first, last) = (name(merged.first.0, merged.first.1), name(merged.last.0, merged.last.1));
                let rule = "every cell of the table stands by itself; undo the merge and fill the cells, then save";
                let error = broken(u64::from(merged.first.1), merged.first.0 + 1, "these cells are merged", rule);
                Err(FileError { field: format!("the cells {first}:{last}"), ..error })
            }
        }
    }
}

fn at_row(number: u32, problem: &str, rule: &str) -> FileError {
    FileError { field: format!("row {number}"), ..broken(u64::from(number), 0, problem, rule) }
}

/// Every column of a table with its cell, if it has one.
fn filled(left: u32, width: usize, cells: &[workbook::Cell]) -> impl Iterator<Item = (u32, Option<&workbook::Cell>)> {
    let mut rest = cells.iter().peekable();
    (left..).take(width).map(move |column| (column, rest.next_if(|cell| cell.column == column)))
}
