//! Lines of fields as named texts.

use std::io::Read;

use super::fault::Problem;
use super::format::{Field, Format};
use super::judge::Tally;
use super::mean;
use super::meaning::{Meaning as M, Secret};
use super::record_reader::{NamedCell, Section};
use super::records::{FileError, Params, Totals};
use super::sheet::{Kind, Sheet};
use crate::model::money::Fen;

/// Reads any file as a stream of sections; every cell is checked against its field.
#[derive(Debug)]
pub(super) struct SheetRecords<'f, R> {
    sheet: Sheet<'f, R>,
    tally: Tally,
}

impl<'f, R: Read> SheetRecords<'f, R> {
    /// Opens a file. Constants that come from parameters are compared where `params` holds them.
    pub(super) fn open(format: &'f Format, params: &Params, file_name: &str, input: R) -> SheetRecords<'f, R> {
        SheetRecords { sheet: Sheet::open(format, params, file_name, input), tally: Tally::default() }
    }

    /// The next line, titles included; `None` after the last one.
    pub(super) fn next_section(&mut self) -> Result<Option<Section<'_>>, FileError> {
        let Some(kind) = self.sheet.next()? else { return Ok(None) };
        if kind == Kind::Row {
            self.count()?;
        }
        let sheet = &self.sheet;
        let titles = kind == Kind::Titles;
        let cells = (0..sheet.record.len()).map(|column| {
            let field = if titles { None } else { sheet.field(column) };
            let title = sheet.titles.get(column).map_or("", String::as_str);
            NamedCell {
                name: field.map_or(title, |field| &field.name),
                text: field.map_or(sheet.record.get(column), |field| sheet.text(column, field)),
                secret: field.is_some_and(|field| field.secret != Secret::No),
            }
        });
        Ok(Some(Section { kind, line: sheet.record.line, cells: cells.collect() }))
    }

    /// Reads what is left, ties the totals the file states to its rows, and counts the rows.
    pub(super) fn finish(mut self) -> Result<Totals, FileError> {
        let mut refused = false;
        while let Some(section) = self.next_section()? {
            refused |= section.kind == Kind::Refusal;
        }
        if !refused {
            self.sheet.facts.tie(self.sheet.format, &self.tally).map_err(|error| self.sheet.named(error))?;
        }
        Ok(self.tally.rows)
    }

    fn count(&mut self) -> Result<(), FileError> {
        let sheet = &self.sheet;
        let mut found = Found::default();
        for (column, field) in sheet.plan.iter().copied() {
            let text = sheet.text(column, field);
            self.cell(&mut found, field, column, text).map_err(|problem| sheet.place(problem, column, &field.name))?;
        }
        let format = sheet.format;
        let counted = match &format.answer {
            None => self.tally.row(found.amount.unwrap_or_default()),
            Some(answer) => {
                let by_columns = answer.code_of_columns(sheet.record.len());
                let code = found.code.map_or(by_columns, |column| text_of(sheet, column));
                let words = found.text.map_or("", |column| text_of(sheet, column));
                let verdict = answer.verdict(code, words);
                self.tally.answer(answer, verdict, found.amount, found.taken)
            }
        };
        counted.map_err(|problem| self.sheet.place(problem, usize::MAX, "the line"))
    }

    fn cell(&self, found: &mut Found, field: &Field, column: usize, text: &str) -> Result<(), Problem> {
        let unit = self.sheet.format.style.unit;
        mean::check(unit, field, text, &self.sheet.params)?;
        match field.read_as() {
            Some(M::Amount | M::Asked | M::Income | M::Outgo) if !text.is_empty() => {
                found.amount =
                    Some(mean::amount(unit, field, text)?.plus(found.amount.unwrap_or_default()).unwrap_or_default());
            }
            Some(M::Taken) if !text.is_empty() => found.taken = Some(mean::amount(unit, field, text)?),
            Some(M::Code) => found.code = Some(column),
            Some(M::Text) => found.text = Some(column),
            _ => {}
        }
        Ok(())
    }
}

/// What the totals of a row need.
#[derive(Default)]
struct Found {
    amount: Option<Fen>,
    taken: Option<Fen>,
    code: Option<usize>,
    text: Option<usize>,
}

fn text_of<'a, R: Read>(sheet: &'a Sheet<'_, R>, column: usize) -> &'a str {
    sheet.field(column).map_or("", |field| sheet.text(column, field))
}
