//! Titles and rows: which column is which, whatever the order and the language of the titles.

use csv::StringRecord;

pub use super::column::{Column, IGNORED};
use super::problems::{Findings, Wrong};
use crate::error::JobError;

/// Where a file has its columns.
#[derive(Debug)]
pub struct Table {
    columns: &'static [Column],
    at: Vec<Option<usize>>,
    width: usize,
}

impl Table {
    /// Reads the titles; unknown, repeated and missing ones are refused with the accepted words.
    pub fn read(columns: &'static [Column], titles: &StringRecord, file: &str) -> Result<Table, JobError> {
        let accepted = || {
            let words: Vec<String> = columns.iter().map(|column| column.titles.join("|")).collect();
            words.join(", ")
        };
        let wrong = |said: String| Err(JobError::input(format!("{file}, line 1: {said}; accepted are {}", accepted())));
        let mut at = vec![None; columns.len()];
        for (place, title) in titles.iter().enumerate() {
            let title = title.trim_start_matches('\u{feff}').trim();
            if title == IGNORED {
                continue;
            }
            match columns.iter().position(|column| column.titles.contains(&title)) {
                None if titles.len() == 1 && title.contains([';', '\t', '|', '，']) => {
                    return wrong(format!("`{title}` is not separated by commas; save the file as CSV with commas"));
                }
                None => return wrong(format!("`{title}` is no title (column {})", place + 1)),
                Some(column) if at[column].is_some() => {
                    return wrong(format!("`{}` stands there twice", columns[column].title()));
                }
                Some(column) => at[column] = Some(place),
            }
        }
        if let Some(missing) = columns.iter().zip(&at).find(|(column, at)| column.required && at.is_none()) {
            return wrong(format!("the title `{}` is missing", missing.0.titles.join("|")));
        }
        Ok(Table { columns, at, width: titles.len() })
    }

    /// Whether the file has a column.
    pub fn has(&self, column: usize) -> bool {
        self.at.get(column).is_some_and(Option::is_some)
    }
}

/// One row, and the place its problems go to.
#[derive(Debug)]
pub struct Row<'a> {
    /// The file's columns.
    pub table: &'a Table,
    /// Its values.
    pub record: &'a StringRecord,
    /// Its line.
    pub line: u64,
}

impl<'a> Row<'a> {
    /// Whether it has as many values as there are titles.
    pub fn is_whole(&self, found: &mut Findings) -> bool {
        let (values, width) = (self.record.len(), self.table.width);
        if values != width {
            let wrong = Wrong::new(format!("这一行有{values}列，标题有{width}列"), "补齐或删去多余的逗号");
            found.bad(self.line, &Column::needed(&["整行"]), "", wrong);
        }
        values == width
    }

    /// A value without the blanks around it; empty where the file has no such column.
    pub fn text(&self, column: usize) -> &'a str {
        let place = self.table.at.get(column).copied().flatten();
        place.and_then(|place| self.record.get(place)).unwrap_or_default().trim()
    }

    /// A value that must be there and be right.
    pub fn take<T>(&self, found: &mut Findings, column: usize, read: impl Fn(&str) -> Result<T, Wrong>) -> Option<T> {
        let text = self.text(column);
        let value = if text.is_empty() { Err(Wrong::new("没有填写", "填写此列")) } else { read(text) };
        value.map_err(|wrong| found.bad(self.line, &self.table.columns[column], text, wrong)).ok()
    }

    /// A value that may be left out, but must be right: `Some(None)` is left out, `None` is wrong.
    pub fn maybe<T>(
        &self,
        found: &mut Findings,
        column: usize,
        read: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Option<Option<T>> {
        if self.text(column).is_empty() { Some(None) } else { self.take(found, column, read).map(Some) }
    }

    /// Something to look at.
    pub fn warn(&self, found: &mut Findings, column: usize, problem: &str, remedy: &str) {
        found.warn(self.line, &self.table.columns[column], self.text(column), Wrong::new(problem, remedy));
    }
}
