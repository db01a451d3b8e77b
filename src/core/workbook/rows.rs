//! A sheet as a stream of rows: values, formulas, what is hidden, what is merged.

use super::contents::Book;
use super::number::{moment, plain};
use super::package::Part;
use super::texts::Rich;
use super::{COLUMNS, DAMAGED, broken, unreadable};
use crate::formats::records::FileError;
use crate::xml::{Encoding, Event, Reader, Start};
use chrono::NaiveDateTime;

/// The last row Excel has.
const LAST_ROW: u32 = 1_048_576;
/// The most merged ranges that are remembered.
const MERGED: usize = 100_000;

/// One row.
#[derive(Debug, Default)]
pub struct Row {
    /// From 1, as people see it.
    pub number: u32,
    /// It is hidden, or its height is nothing.
    pub hidden: bool,
    /// The cells that hold something, from the left.
    pub cells: Vec<Cell>,
}

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// From 0.
    pub column: u32,
    /// What it holds, or what its formula last came to.
    pub value: Value,
    /// It holds a formula.
    pub formula: bool,
}

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text.
    Text(String),
    /// Decimal digits, and the moment they are where the cell's style shows a date.
    Number(String, Option<NaiveDateTime>),
    /// A moment the file writes as such.
    Moment(NaiveDateTime),
    /// `TRUE` or `FALSE`.
    Logical(bool),
    /// `#N/A` and its like.
    Error(String),
    /// A number that lost its last digits: so many it had.
    TooLong(usize),
    /// A formula that was never reckoned.
    Nothing,
}

/// `D7` of a column from 0 and a row from 1.
pub fn name(column: u32, row: u32) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        letters.push(char::from(b'A' + ((left - 1) % 26) as u8));
        left = (left - 1) / 26;
    }
    letters.iter().rev().chain(row.to_string().chars().collect::<Vec<_>>().iter()).collect()
}

/// `D7` → column from 0, row from 1.
fn place(name: &str) -> Option<(u32, u32)> {
    let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, row) = name.split_at_checked(letters).filter(|(letters, _)| (1..=3).contains(&letters.len()))?;
    let column = letters.bytes().fold(0, |n, b| n * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1);
    let row = row.parse().ok().filter(|row| (1..=LAST_ROW).contains(row))?;
    Some((column - 1, row))
}

/// A range of merged cells: columns from 0, rows from 1, the last ones within.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merged {
    /// The upper left cell.
    pub first: (u32, u32),
    /// The lower right cell.
    pub last: (u32, u32),
}

/// The rows of a sheet.
#[derive(Debug)]
pub struct Rows {
    xml: Reader<Part>,
    part: String,
    book: Book,
    /// The row read last.
    number: u32,
    merged: Vec<Merged>,
    /// Inside the cells: before and behind them other things stand.
    inside: bool,
}

/// A cell being read.
#[derive(Default)]
struct Draft {
    style: usize,
    kind: String,
    text: String,
    formula: bool,
    valued: bool,
}

impl Rows {
    pub(super) fn new(input: Part, part: String, book: Book) -> Rows {
        let xml = Reader::new(input, Encoding::Declared, 1);
        Rows { xml, part, book, number: 0, merged: Vec::new(), inside: false }
    }

    /// The next row that stands in the file, into `row`; false behind the last one, once the whole sheet is read.
    pub fn next(&mut self, row: &mut Row) -> Result<bool, FileError> {
        loop {
            let event = self.xml.next_event().map_err(|error| unreadable(self.number, &self.part, &error))?;
            match event {
                None => return Ok(false),
                Some(Event::Start(start)) if start.name() == "sheetData" => self.inside = true,
                Some(Event::End("sheetData")) => self.inside = false,
                Some(Event::Start(start)) if self.inside && start.name() == "row" => {
                    begin(&start, self.number, row)?;
                    self.number = row.number;
                    self.cells(row)?;
                    return Ok(true);
                }
                Some(Event::Start(start)) if start.name() == "mergeCell" => {
                    let range = start.attribute("ref").unwrap_or_default();
                    let (first, last) = range.split_once(':').unwrap_or((range, range));
                    let merged = place(first).zip(place(last)).map(|(first, last)| Merged { first, last });
                    self.merged.extend(merged.filter(|_| self.merged.len() < MERGED));
                }
                Some(_) => {}
            }
        }
    }

    /// The merged cells; known once [`Rows::next`] said false.
    pub fn merged(&self) -> &[Merged] {
        &self.merged
    }

    /// The cells of a row, up to its end.
    fn cells(&mut self, row: &mut Row) -> Result<(), FileError> {
        let mut next = 0;
        loop {
            let event = self.xml.next_event().map_err(|error| unreadable(self.number, &self.part, &error))?;
            match event {
                Some(Event::Start(start)) if start.name() == "c" => {
                    let said = start.attribute("r").map(|name| place(name).filter(|(_, at)| *at == row.number));
                    let column = match said {
                        None => next,
                        Some(Some((column, _))) if column >= next => column,
                        Some(_) => return Err(broken(row.number, 0, "its cells are not in order", DAMAGED)),
                    };
                    if column >= COLUMNS {
                        let problem = format!("it has a cell in column {}", column + 1);
                        let rule = format!("at most {COLUMNS} columns are read; take what does not belong out");
                        return Err(broken(row.number, 0, problem, rule));
                    }
                    next = column + 1;
                    let mut draft = Draft {
                        style: start.attribute("s").and_then(|s| s.parse().ok()).unwrap_or(0),
                        kind: start.attribute("t").unwrap_or("n").to_owned(),
                        ..Draft::default()
                    };
                    self.cell(&mut draft)?;
                    if let Some(value) = self.value(&draft, row.number, column)? {
                        row.cells.push(Cell { column, value, formula: draft.formula });
                    }
                }
                Some(Event::End("row")) => return Ok(()),
                None => return Err(broken(row.number, 0, "the sheet ends within it", DAMAGED)),
                Some(_) => {}
            }
        }
    }

    /// What stands in a cell, up to its end.
    fn cell(&mut self, draft: &mut Draft) -> Result<(), FileError> {
        let (mut rich, mut value) = (Rich::default(), false);
        loop {
            let event = self.xml.next_event().map_err(|error| unreadable(self.number, &self.part, &error))?;
            match event {
                Some(Event::End("c")) => return Ok(()),
                None => return Err(broken(self.number, 0, "the sheet ends within it", DAMAGED)),
                Some(Event::Start(start)) if start.name() == "f" => draft.formula = true,
                Some(Event::Start(start)) if start.name() == "v" => (value, draft.valued) = (true, true),
                Some(Event::End("v")) => value = false,
                Some(Event::Text(text)) if value => draft.text.push_str(text),
                Some(event) if draft.kind == "inlineStr" => {
                    draft.valued = true;
                    rich.take(&event, &mut draft.text);
                }
                Some(_) => {}
            }
        }
    }

    /// The value of a cell; `None` for one that is only coloured.
    fn value(&self, draft: &Draft, row: u32, column: u32) -> Result<Option<Value>, FileError> {
        let text = draft.text.as_str();
        if !draft.valued || text.is_empty() {
            return Ok(draft.formula.then_some(Value::Nothing));
        }
        let odd = |what: &str| broken(row, column + 1, format!("it holds no {what}"), DAMAGED);
        Ok(Some(match draft.kind.as_str() {
            "s" => {
                let shared = text.trim().parse().ok().and_then(|index| self.book.texts.get(index));
                Value::Text(shared.ok_or_else(|| odd("text the workbook has"))?.to_owned())
            }
            "str" | "inlineStr" => Value::Text(text.to_owned()),
            "b" => Value::Logical(matches!(text.trim(), "1" | "true")),
            "e" => Value::Error(text.chars().take(16).collect()),
            "d" => {
                let whole = NaiveDateTime::parse_from_str(text.trim_end_matches('Z'), "%Y-%m-%dT%H:%M:%S%.f").ok();
                let day = || chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
                Value::Moment(whole.or_else(day).ok_or_else(|| odd("date"))?)
            }
            "n" => match plain(text.trim()).ok_or_else(|| odd("number"))? {
                Ok(digits) => {
                    let date = self.book.styles.is_date(draft.style);
                    let at = if date { moment(&digits, self.book.from_1904) } else { None };
                    Value::Number(digits, at)
                }
                Err(long) => Value::TooLong(long.digits),
            },
            _ => return Err(odd("value Excel knows")),
        }))
    }

    /// Whether the workbook counts days from 1904.
    pub fn from_1904(&self) -> bool {
        self.book.from_1904
    }
}

/// A row begins: its number is higher than the one before.
fn begin(start: &Start<'_>, before: u32, row: &mut Row) -> Result<(), FileError> {
    let number = match start.attribute("r") {
        Some(said) => said.parse().ok().filter(|n| (before + 1..=LAST_ROW).contains(n)),
        None => Some(before + 1).filter(|n| *n <= LAST_ROW),
    };
    let Some(number) = number else {
        return Err(broken(before.max(1), 0, "the row behind it has a wrong number", DAMAGED));
    };
    let on = |name| matches!(start.attribute(name), Some("1" | "true"));
    row.number = number;
    row.hidden =
        on("hidden") || (start.attribute("ht").is_some_and(|height| plain(height) == Some(Ok("0".to_owned()))));
    row.cells.clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_have_the_names_people_read() {
        for (at, said) in
            [((0, 1), "A1"), ((3, 7), "D7"), ((25, 1), "Z1"), ((26, 9), "AA9"), ((701, 2), "ZZ2"), ((702, 2), "AAA2")]
        {
            assert_eq!(name(at.0, at.1), said);
            assert_eq!(place(said), Some(at));
        }
        for odd in ["", "7", "D", "D0", "D1048577", "ABCD1", "D-1", "余1", "D1.5"] {
            assert_eq!(place(odd), None, "{odd}");
        }
    }
}
