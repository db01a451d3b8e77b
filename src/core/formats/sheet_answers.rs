//! Answers in lines of fields, judged by the format's table.

use std::io::Read;

use chrono::NaiveDate;

use super::fault::Problem;
use super::format::{Answer, Field, FileCode, Format};
use super::judge::Tally;
use super::mean;
use super::meaning::Meaning as M;
use super::meaning::Message;
use super::records::{AnswerFacts, AnswerRow, FileError, Lists, Params, Refusal};
use super::sheet::{Kind, Sheet};
use super::words::Says;

/// Reads an answer file as a stream.
#[derive(Debug)]
pub(super) struct SheetAnswers<'f, R> {
    sheet: Sheet<'f, R>,
    answer: &'f Answer,
    tally: Tally,
    refusal: Option<Refusal>,
    /// The line read ahead by `open`.
    ahead: Option<Kind>,
    /// Where the last row's code stands in the table.
    code: usize,
    /// The last row's 清算日: its text, the date it was read near to, and what it means. Rows of a file mostly share it.
    bank_date: (String, Option<NaiveDate>, Option<NaiveDate>),
    done: bool,
}

impl<'f, R: Read> SheetAnswers<'f, R> {
    /// Opens a file: reads and checks its head. `file_name` is the bank's; it may tell the file date.
    pub(super) fn open(
        format: &'f Format,
        params: &Params,
        file_name: &str,
        input: R,
    ) -> Result<SheetAnswers<'f, R>, FileError> {
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
        if let Some(told) = answer.of_file(&sheet.facts).map_err(|error| sheet.named(error))?
            && told.says == Says::Refused
        {
            refusal = Some(told_refusal(&sheet, told, ahead)?);
        }
        let done = ahead.is_none();
        let (code, bank_date) = (0, (String::new(), None, None));
        Ok(SheetAnswers { sheet, answer, tally: Tally::default(), refusal, ahead, code, bank_date, done })
    }

    /// The bank's words, if it refuses the whole file; such a file has no rows.
    pub(super) fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// The date of our file, by the answer's name or head.
    pub(super) fn file_date(&self) -> Option<NaiveDate> {
        self.sheet.facts.file_date
    }

    /// The next answer; `None` after the last one.
    pub(super) fn next_row(&mut self) -> Result<Option<AnswerRow>, FileError> {
        let mut row = AnswerRow::default();
        Ok(self.next_into(&mut row)?.then_some(row))
    }

    /// The next answer into a row that was used before, whose texts keep their room; false after the last one.
    pub(super) fn next_into(&mut self, row: &mut AnswerRow) -> Result<bool, FileError> {
        while !self.done {
            let kind = match self.ahead.take() {
                Some(kind) => Some(kind),
                None => self.sheet.next()?,
            };
            match kind {
                Some(Kind::Row) => return self.row(row).map(|()| true),
                Some(_) => {}
                None => self.done = true,
            }
        }
        Ok(false)
    }

    /// Reads what is left and ties every total the file states to its rows.
    pub(super) fn finish(mut self) -> Result<AnswerFacts, FileError> {
        let mut row = AnswerRow::default();
        while self.next_into(&mut row)? {}
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

    fn row(&mut self, row: &mut AnswerRow) -> Result<(), FileError> {
        let sheet = &self.sheet;
        row.reset(sheet.record.line, sheet.facts.file_date);
        for (column, field) in sheet.plan.iter().copied() {
            let text = sheet.text(column, field);
            let read = cell(sheet, &mut self.bank_date, row, field, text);
            read.map_err(|problem| sheet.place(problem, column, &field.name))?;
        }
        if !self.answer.by_columns.is_empty() {
            row.code = self.answer.code_of_columns(sheet.record.len()).to_owned();
        }
        if row.foreign.is_none() {
            row.foreign.clone_from(&sheet.facts.foreign);
        }
        let verdict = self.answer.verdict_near(&mut self.code, &row.code, &row.text);
        (row.category, row.code_known) = (verdict.category, verdict.known);
        if row.text.is_empty() {
            row.text.push_str(verdict.text);
        }
        check_list(self.answer.lists, row)
            .and_then(|()| self.tally.answer(self.answer, verdict, row.asked, row.taken))
            .map_err(|problem| self.sheet.place(problem, usize::MAX, "the line"))
    }
}

/// Reads one cell of a row.
fn cell<R: Read>(
    sheet: &Sheet<'_, R>,
    last: &mut (String, Option<NaiveDate>, Option<NaiveDate>),
    row: &mut AnswerRow,
    field: &Field,
    text: &str,
) -> Result<(), Problem> {
    let unit = sheet.format.style.unit;
    let Some(means) = field.read_as().filter(|_| !text.is_empty()) else {
        if let Some(slot) = slot(row, field.read_as()) {
            *slot = None;
        }
        if let Some(template) = field.template.as_ref().filter(|_| field.read && !text.is_empty()) {
            match template.read(text, &sheet.params) {
                Some(named) => row.file_date = named.file_date.or(row.file_date),
                None => row.foreign = Some(text.to_owned()),
            }
        }
        return mean::check(unit, field, text, &sheet.params);
    };
    match means {
        M::DebitNo => match mean::debit_no(text) {
            Some(number) => row.debit_no = Some(number),
            None => row.foreign = Some(text.to_owned()),
        },
        M::BankRef => keep(&mut row.bank_ref, mean::bank_ref(field, text)),
        M::Account => match mean::account(text) {
            Some(account) => row.account = Some(account),
            None => row.foreign = Some(text.to_owned()),
        },
        M::FileDate => row.file_date = mean::date(field, text, None)?,
        M::Card => keep(&mut row.card, text),
        M::PayerName => keep(&mut row.payer_name, text),
        M::Asked => row.asked = Some(mean::amount(unit, field, text)?),
        M::Taken => row.taken = Some(mean::amount(unit, field, text)?),
        M::Code => row.code.push_str(text),
        M::Text => row.text.push_str(text),
        M::BankDate => {
            if last.0 != text || last.1 != row.file_date {
                *last = (text.to_owned(), row.file_date, mean::date(field, text, row.file_date)?);
            }
            row.bank_date = last.2;
        }
        M::Serial => keep(&mut row.bank_serial, text),
        _ => mean::check(unit, field, text, &sheet.params)?,
    }
    Ok(())
}

impl AnswerRow {
    /// Everything a row may leave out is as if it did; the texts keep their room.
    fn reset(&mut self, line: u64, file_date: Option<NaiveDate>) {
        self.line = u32::try_from(line).unwrap_or(u32::MAX);
        (self.debit_no, self.account, self.foreign) = (None, None, None);
        (self.asked, self.taken, self.bank_date) = (None, None, None);
        self.file_date = file_date;
        self.code.clear();
        self.text.clear();
    }
}

/// Puts a text where one of the row before may stand.
fn keep(slot: &mut Option<String>, text: &str) {
    let kept = slot.get_or_insert_default();
    kept.clear();
    kept.push_str(text);
}

/// Where the text of a meaning stands in a row, if it is one that is kept from row to row.
fn slot(row: &mut AnswerRow, means: Option<M>) -> Option<&mut Option<String>> {
    match means? {
        M::BankRef => Some(&mut row.bank_ref),
        M::Card => Some(&mut row.card),
        M::PayerName => Some(&mut row.payer_name),
        M::Serial => Some(&mut row.bank_serial),
        _ => None,
    }
}

/// A list of successes holds nothing else, and the other way round.
pub(super) fn check_list(lists: Lists, row: &AnswerRow) -> Result<(), Problem> {
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

/// A refusal that the head's code says. It refuses every debit of a file, so it must be of that very file, and alone.
fn told_refusal<R: Read>(sheet: &Sheet<'_, R>, told: &FileCode, ahead: Option<Kind>) -> Result<Refusal, FileError> {
    let facts = &sheet.facts;
    let code = &told.code;
    let wrong = |problem: String, rule: &str| {
        let (line, column, field) = facts.said.as_ref().map_or((0, 0, ""), |at| (at.line, at.column, &at.field));
        Err(sheet.named(Problem::new(problem, rule).at(line, column, field)))
    };
    if ahead == Some(Kind::Row) {
        let problem = format!("the head refuses the whole file (code `{code}`), and rows stand in it");
        return wrong(problem, "a refused file lists nothing; ask the bank which of the two is right");
    }
    let named = sheet.format.name_facts(&sheet.file, &sheet.params).and_then(|named| named.seq);
    if facts.foreign.is_some() || facts.seq.zip(named).is_some_and(|(stated, named)| stated != named) {
        let problem =
            format!("code `{code}` refuses a file, and the number in the head is not that of the file's name");
        return wrong(problem, "ask the bank which file it refuses, and give the answer its right name");
    }
    let words = Some(&facts.words).filter(|words| !words.is_empty()).or(told.text.as_ref());
    Ok(Refusal { code: code.clone(), text: words.cloned().unwrap_or_default(), category: told.category })
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
