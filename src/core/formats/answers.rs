//! A bank's answers (回盘), row by row, judged by the format's table.

use std::io::Read;

use chrono::NaiveDate;

use super::fault::Problem;
use super::format::{Answer, Field, Format};
use super::judge::Tally;
use super::mean;
use super::meaning::Meaning as M;
use super::meaning::Message;
use super::records::{AnswerFacts, AnswerRow, FileError, Lists, Params, Refusal};
use super::sheet::{Kind, Sheet};
use crate::model::category::Category;

/// Reads an answer file as a stream.
#[derive(Debug)]
pub struct AnswerReader<'f, R> {
    sheet: Sheet<'f, R>,
    answer: &'f Answer,
    tally: Tally,
    refusal: Option<Refusal>,
    /// The line read ahead by `open`.
    ahead: Option<Kind>,
    done: bool,
}

impl<'f, R: Read> AnswerReader<'f, R> {
    /// Opens a file: reads and checks its head. `file_name` is the bank's; it may tell the file date.
    pub fn open(
        format: &'f Format,
        params: &Params,
        file_name: &str,
        input: R,
    ) -> Result<AnswerReader<'f, R>, FileError> {
        let mut sheet = Sheet::open(format, params, file_name, input);
        let Some(answer) = &format.answer else {
            return Err(sheet.named(not_for(format, "answers").at(0, 0, "the format")));
        };
        let mut ahead = sheet.next()?;
        while matches!(ahead, Some(Kind::Head | Kind::Titles)) {
            ahead = sheet.next()?;
        }
        let mut refusal = None;
        if ahead == Some(Kind::Refusal) {
            refusal = Some(read_refusal(&sheet, answer));
            ahead = sheet.next()?;
        }
        let done = ahead.is_none();
        Ok(AnswerReader { sheet, answer, tally: Tally::default(), refusal, ahead, done })
    }

    /// The bank's words, if it refuses the whole file; such a file has no rows.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// The date of our file, by the answer's name or head.
    pub fn file_date(&self) -> Option<NaiveDate> {
        self.sheet.facts.file_date
    }

    /// The next answer; `None` after the last one.
    pub fn next_row(&mut self) -> Result<Option<AnswerRow>, FileError> {
        while !self.done {
            let kind = match self.ahead.take() {
                Some(kind) => Some(kind),
                None => self.sheet.next()?,
            };
            match kind {
                Some(Kind::Row) => return self.row().map(Some),
                Some(_) => {}
                None => self.done = true,
            }
        }
        Ok(None)
    }

    /// Reads what is left and ties every total the file states to its rows.
    pub fn finish(mut self) -> Result<AnswerFacts, FileError> {
        while self.next_row()?.is_some() {}
        let facts = &self.sheet.facts;
        let (rows, taken) = (self.tally.rows, self.tally.taken);
        let stated_request = facts.pair(M::Count, M::Sum);
        let stated_taken = facts.pair(M::PaidCount, M::PaidSum);
        let (lists, partial) = (self.answer.lists, self.answer.partial);
        if self.refusal.is_none() {
            facts.tie(self.sheet.format, &self.tally).map_err(|error| self.sheet.named(error))?;
        }
        Ok(AnswerFacts { lists, partial, rows, taken, stated_request, stated_taken })
    }

    fn row(&mut self) -> Result<AnswerRow, FileError> {
        let sheet = &self.sheet;
        let mut row = empty_row(sheet.record.line, sheet.facts.file_date);
        for (column, field) in sheet.plan.iter().copied() {
            let text = sheet.text(column, field);
            self.cell(&mut row, field, text).map_err(|problem| sheet.place(problem, column, &field.name))?;
        }
        if !self.answer.by_columns.is_empty() {
            row.code = self.answer.code_of_columns(sheet.record.len()).to_owned();
        }
        let verdict = self.answer.verdict(&row.code, &row.text);
        (row.category, row.code_known) = (verdict.category, verdict.known);
        if row.text.is_empty() {
            row.text.push_str(verdict.text);
        }
        check_list(self.answer.lists, &row)
            .and_then(|()| self.tally.answer(self.answer, verdict, row.asked, row.taken))
            .map_err(|problem| self.sheet.place(problem, usize::MAX, "the line"))?;
        Ok(row)
    }

    fn cell(&self, row: &mut AnswerRow, field: &Field, text: &str) -> Result<(), Problem> {
        let unit = self.sheet.format.style.unit;
        let Some(means) = field.read_as().filter(|_| !text.is_empty()) else {
            return mean::check(unit, field, text, &self.sheet.params);
        };
        match means {
            M::DebitNo => match mean::debit_no(text) {
                Some(number) => row.debit_no = Some(number),
                None => row.foreign = Some(text.to_owned()),
            },
            M::BankRef => row.bank_ref = Some(mean::bank_ref(field, text).to_owned()),
            M::Account => match mean::account(text) {
                Some(account) => row.account = Some(account),
                None => row.foreign = Some(text.to_owned()),
            },
            M::FileDate => row.file_date = mean::date(field, text, None)?,
            M::Card => row.card = Some(text.to_owned()),
            M::PayerName => row.payer_name = Some(text.to_owned()),
            M::Asked => row.asked = Some(mean::amount(unit, field, text)?),
            M::Taken => row.taken = Some(mean::amount(unit, field, text)?),
            M::Code => row.code.push_str(text),
            M::Text => row.text.push_str(text),
            M::BankDate => row.bank_date = mean::date(field, text, row.file_date)?,
            M::Serial => row.bank_serial = Some(text.to_owned()),
            _ => mean::check(unit, field, text, &self.sheet.params)?,
        }
        Ok(())
    }
}

fn empty_row(line: u64, file_date: Option<NaiveDate>) -> AnswerRow {
    AnswerRow {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        debit_no: None,
        bank_ref: None,
        file_date,
        account: None,
        card: None,
        payer_name: None,
        asked: None,
        taken: None,
        code: String::new(),
        text: String::new(),
        category: Category::Unknown,
        code_known: false,
        bank_date: None,
        bank_serial: None,
        foreign: None,
    }
}

/// A list of successes holds nothing else, and the other way round.
fn check_list(lists: Lists, row: &AnswerRow) -> Result<(), Problem> {
    let wrong = match lists {
        Lists::All => false,
        Lists::Successes => !row.category.took_money(),
        Lists::Failures => row.category.took_money(),
    };
    if !wrong {
        return Ok(());
    }
    let list = if lists == Lists::Successes { "successes" } else { "failures" };
    let problem = format!("code `{}` means {}, in a list of {list}", row.code, row.category.word());
    Err(Problem::new(problem, "the format says what the file lists; is it the right file?"))
}

fn read_refusal<R: Read>(sheet: &Sheet<'_, R>, answer: &Answer) -> Refusal {
    let (mut code, mut text) = (String::new(), String::new());
    for (column, field) in sheet.line().fields.iter().enumerate() {
        match field.means {
            Some(M::Code) => code.push_str(sheet.text(column, field)),
            Some(M::Text) => text.push_str(sheet.text(column, field)),
            _ => {}
        }
    }
    let verdict = answer.verdict(&code, &text);
    if text.is_empty() {
        text.push_str(verdict.text);
    }
    Refusal { category: verdict.category, code, text }
}

pub(super) fn not_for(format: &Format, what: &str) -> Problem {
    let word = match format.message {
        Message::Debit => "debits",
        Message::Answer => "answers",
        Message::Statement => "a statement",
        Message::Agreements | Message::AgreementAnswer => "agreements",
        Message::Reconciliation | Message::ReconciliationErrors => "a reconciliation",
    };
    Problem::new(format!("format {} is for {word}, not for {what}", format.name), "choose another format for this file")
}
