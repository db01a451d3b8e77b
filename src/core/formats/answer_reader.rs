//! A bank's answers (回盘), row by row, whatever the file is made of: lines of a format's own fields, or a standard's
//! message.

use std::io::Read;

use chrono::NaiveDate;

use super::format::{Answer, Format};
use super::records::{AnswerFacts, AnswerRow, Decision, FileError, Lists, Params, Refusal, Warning};
use super::sheet_answers::{SheetAnswers, check_list, not_for};
use super::standard::{Standard, named};
use crate::iso20022;

/// Reads an answer file as a stream.
#[derive(Debug)]
pub struct AnswerReader<'f, R> {
    source: Answers<'f, R>,
}

#[derive(Debug)]
enum Answers<'f, R> {
    Sheet(Box<SheetAnswers<'f, R>>),
    Iso(Box<IsoAnswers<'f, R>>),
}

#[derive(Debug)]
struct IsoAnswers<'f, R> {
    reader: iso20022::Answers<'f, R, Answer>,
    file: String,
    lists: Lists,
    partial: bool,
}

impl<'f, R: Read> AnswerReader<'f, R> {
    /// Opens a file: reads and checks its head. `file_name` is the bank's; it may tell the file date.
    pub fn open(
        format: &'f Format,
        params: &Params,
        file_name: &str,
        input: R,
    ) -> Result<AnswerReader<'f, R>, FileError> {
        let source = match (&format.standard, &format.answer) {
            (Some(Standard::Iso20022(settings)), Some(answer)) => {
                let reader = iso20022::Answers::open(settings, answer, params, file_name, input)?;
                let (lists, partial) = (answer.lists, answer.partial);
                Answers::Iso(Box::new(IsoAnswers { reader, file: file_name.to_owned(), lists, partial }))
            }
            (Some(_), _) => return Err(named(not_for(format, "answers").at(0, 0, "the format"), file_name)),
            (None, _) => Answers::Sheet(Box::new(SheetAnswers::open(format, params, file_name, input)?)),
        };
        Ok(AnswerReader { source })
    }

    /// The bank's words, if it refuses the whole file; such a file has no rows.
    pub fn refusal(&self) -> Option<&Refusal> {
        match &self.source {
            Answers::Sheet(sheet) => sheet.refusal(),
            Answers::Iso(_) => None,
        }
    }

    /// The date of our file, by the answer's name or head.
    pub fn file_date(&self) -> Option<NaiveDate> {
        match &self.source {
            Answers::Sheet(sheet) => sheet.file_date(),
            Answers::Iso(iso) => iso.reader.names().map(|(date, _)| date),
        }
    }

    /// The file of ours that the content names: its date and number.
    pub fn names(&self) -> Option<(NaiveDate, u32)> {
        match &self.source {
            Answers::Sheet(_) => None,
            Answers::Iso(iso) => iso.reader.names(),
        }
    }

    /// The next answer; `None` after the last one.
    pub fn next_row(&mut self) -> Result<Option<AnswerRow>, FileError> {
        let iso = match &mut self.source {
            Answers::Sheet(sheet) => return sheet.next_row(),
            Answers::Iso(iso) => iso,
        };
        let Some(row) = iso.reader.next_row()? else { return Ok(None) };
        let wrong = |problem: super::fault::Problem| problem.at(u64::from(row.line), 0, "TxSts");
        // What is still in work stands on no list, and does no harm there.
        if !row.category.is_open() {
            check_list(iso.lists, &row).map_err(|problem| named(wrong(problem), &iso.file))?;
        }
        Ok(Some(row))
    }

    /// The next answer into a row that was used before, whose texts keep their room; false after the last one.
    pub fn next_into(&mut self, row: &mut AnswerRow) -> Result<bool, FileError> {
        if let Answers::Sheet(sheet) = &mut self.source {
            return sheet.next_into(row);
        }
        let next = self.next_row()?;
        Ok(next.map(|found| *row = found).is_some())
    }

    /// What is decided for debits that are not listed; complete after the last row.
    pub fn decisions(&self) -> &[Decision] {
        match &self.source {
            Answers::Sheet(_) => &[],
            Answers::Iso(iso) => iso.reader.decisions(),
        }
    }

    /// What was odd so far.
    pub fn warnings(&self) -> &[Warning] {
        match &self.source {
            Answers::Sheet(_) => &[],
            Answers::Iso(iso) => iso.reader.warnings(),
        }
    }

    /// Reads what is left and ties every total the file states to its rows.
    pub fn finish(self) -> Result<AnswerFacts, FileError> {
        match self.source {
            Answers::Sheet(sheet) => sheet.finish(),
            Answers::Iso(mut iso) => {
                let (rows, taken, stated_taken) = iso.reader.finish()?;
                let (lists, partial) = (iso.lists, iso.partial);
                // The counts of a report may be of what came back only: they say nothing of our request.
                Ok(AnswerFacts { lists, partial, rows, taken, stated_request: None, stated_taken })
            }
        }
    }
}
