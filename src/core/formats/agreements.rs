//! Agreements as one side tells the other (签约送盘), the other's yes or no (签约回复), and a side's list of all of them.

use std::io::Read;

use chrono::NaiveDate;

use super::fault::Problem;
use super::format::{Field, Format, Line};
use super::judge::Tally;
use super::lines::{begin_line, end_line, finish_line, separate, titles};
use super::mean;
use super::meaning::Meaning as M;
use super::meaning::Message;
use super::pen;
use super::records::{FileError, FileFacts, Params, Totals};
use super::sheet::{Kind, Sheet};
use super::sheet_answers::not_for;
use super::texts::{edge_text, push_number, same_in_all_rows};
use crate::model::agreement::Operation;
use crate::model::card::CardNo;
use crate::model::ids::AccountNo;
use crate::model::money::Fen;
use crate::model::person::IdType;

/// One agreement as it goes into a bank's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgreementRow {
    /// Line number among the agreements of its file, from 1.
    pub line: u32,
    /// Signed or cancelled.
    pub operation: Operation,
    /// The meter account.
    pub account: AccountNo,
    /// Our agreement number, e.g. `051600001234-1`.
    pub agreement: String,
    /// The account's holder.
    pub holder: String,
    /// The meter's address.
    pub address: String,
    /// Name on the card.
    pub payer_name: String,
    /// The card.
    pub card: CardNo,
    /// Kind of ID.
    pub id_type: IdType,
    /// ID number.
    pub id_number: String,
    /// The payer's mobile.
    pub mobile: String,
    /// Day of the signature.
    pub signed_on: NaiveDate,
}

/// What a bank's line says of an agreement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AgreementLine {
    /// Line of the file, from 1.
    pub line: u32,
    /// Signed or cancelled, where it says so.
    pub operation: Option<Operation>,
    /// The meter account.
    pub account: Option<AccountNo>,
    /// An account that cannot be one of ours, as it stands.
    pub foreign: Option<String>,
    /// Our agreement number, where echoed.
    pub agreement: Option<String>,
    /// The card, where it stands there.
    pub card: Option<String>,
    /// Name on the card, where it stands there.
    pub payer_name: Option<String>,
    /// The bank's code; empty in a list.
    pub code: String,
    /// Whether the code means yes by the format's table.
    pub accepted: bool,
    /// The bank's words.
    pub text: String,
    /// The bank's date, where stated.
    pub bank_date: Option<NaiveDate>,
}

/// Writes one file of agreements: `head ++ rows ++ tail`.
#[derive(Clone, Debug)]
pub struct AgreementWriter<'f> {
    format: &'f Format,
    facts: FileFacts,
    rows: u64,
}

impl<'f> AgreementWriter<'f> {
    /// Prepares a file.
    pub fn new(format: &'f Format, facts: &FileFacts) -> Result<AgreementWriter<'f>, FileError> {
        if format.message != Message::Agreements {
            return Err(not_for(format, "agreements to send").at(0, 0, "the format"));
        }
        if let Some(why) = &format.agreement.only_read {
            let problem = format!("a bank cannot be told in this format: {}", why.problem);
            let rule = format!("{}:{}:{}", why.file, why.line, why.column);
            return Err(Problem::new(problem, rule).at(0, 0, "the format"));
        }
        Ok(AgreementWriter { format, facts: facts.clone(), rows: 0 })
    }

    /// The lines before the rows; `count`: rows of the whole file.
    pub fn head(&self, count: u64, out: &mut Vec<u8>) -> Result<(), FileError> {
        for (n, line) in self.format.heads.iter().enumerate() {
            begin_line(self.format, n == 0, out);
            self.edge(line, count, out)?;
        }
        if self.format.titles {
            begin_line(self.format, self.format.heads.is_empty(), out);
            titles(self.format, out)?;
            end_line(self.format, out);
        }
        Ok(())
    }

    /// Appends one row; on an error `out` is as it was, and the row is not counted.
    pub fn row(&mut self, row: &AgreementRow, out: &mut Vec<u8>) -> Result<(), FileError> {
        let (format, start) = (self.format, out.len());
        begin_line(format, format.heads.is_empty() && !format.titles && self.rows == 0, out);
        let mut text = String::new();
        for (n, field) in format.row.fields.iter().enumerate() {
            separate(&format.style, n, out);
            text.clear();
            if let Err(problem) =
                self.text(field, row, &mut text).and_then(|()| pen::put(&format.style, field, &text, out))
            {
                out.truncate(start);
                return Err(problem.at(u64::from(row.line), u32::try_from(n + 1).unwrap_or(u32::MAX), &field.name));
            }
        }
        finish_line(format, out);
        self.rows += 1;
        Ok(())
    }

    /// The lines after the rows.
    pub fn tail(&self, count: u64, out: &mut Vec<u8>) -> Result<(), FileError> {
        let format = self.format;
        for (n, line) in format.tails.iter().enumerate() {
            begin_line(format, n == 0 && format.heads.is_empty() && !format.titles && count == 0, out);
            self.edge(line, count, out)?;
        }
        Ok(())
    }

    fn edge(&self, line: &Line, count: u64, out: &mut Vec<u8>) -> Result<(), FileError> {
        let totals = Totals { count, sum: Fen::ZERO };
        for (column, field) in line.fields.iter().enumerate() {
            separate(&self.format.style, column, out);
            edge_text(self.format.style.unit, field, &self.facts, totals)
                .and_then(|text| pen::put(&self.format.style, field, &text, out))
                .map_err(|problem| problem.at(0, u32::try_from(column + 1).unwrap_or(u32::MAX), &field.name))?;
        }
        finish_line(self.format, out);
        Ok(())
    }

    fn text(&self, field: &Field, row: &AgreementRow, out: &mut String) -> Result<(), Problem> {
        if let Some(text) = same_in_all_rows(field, &self.facts)? {
            out.push_str(&text);
            return Ok(());
        }
        let words = &self.format.agreement;
        match field.means {
            Some(M::Line) => push_number(i64::from(row.line), 1, out),
            Some(M::Account) => push_number(row.account.0, 12, out),
            Some(M::Operation) => out.push_str(match row.operation {
                Operation::Sign => words.sign.as_deref().unwrap_or_default(),
                Operation::Cancel => words.cancel.as_deref().unwrap_or_default(),
            }),
            Some(M::SignedOn) => {
                let at = row.signed_on.and_time(chrono::NaiveTime::MIN);
                field.pattern.iter().for_each(|pattern| pattern.write(at, out));
            }
            Some(M::IdType) => {
                let word = field.words.iter().find(|(id_type, _)| *id_type == row.id_type);
                out.push_str(word.map_or("", |(_, word)| word));
            }
            Some(M::Agreement) => out.push_str(&row.agreement),
            Some(M::Holder) => out.push_str(&row.holder),
            Some(M::Address) => out.push_str(&row.address),
            Some(M::PayerName) => out.push_str(&row.payer_name),
            Some(M::Card) => out.push_str(row.card.reveal()),
            Some(M::IdNumber) => out.push_str(&row.id_number),
            Some(M::Mobile) => out.push_str(&row.mobile),
            _ => {}
        }
        Ok(())
    }
}

/// Reads a bank's file about agreements as a stream: its answer, or its list.
#[derive(Debug)]
pub struct AgreementReader<'f, R> {
    sheet: Sheet<'f, R>,
    tally: Tally,
}

impl<'f, R: Read> AgreementReader<'f, R> {
    /// Opens a file.
    pub fn open(
        format: &'f Format,
        params: &Params,
        file_name: &str,
        input: R,
    ) -> Result<AgreementReader<'f, R>, FileError> {
        let sheet = Sheet::open(format, params, file_name, input);
        if !matches!(format.message, Message::Agreements | Message::AgreementAnswer) {
            return Err(sheet.named(not_for(format, "agreements").at(0, 0, "the format")));
        }
        Ok(AgreementReader { sheet, tally: Tally::default() })
    }

    /// The next line about an agreement; `None` after the last one.
    pub fn next_row(&mut self) -> Result<Option<AgreementLine>, FileError> {
        while let Some(kind) = self.sheet.next()? {
            if kind == Kind::Row {
                return self.row().map(Some);
            }
        }
        Ok(None)
    }

    /// Reads what is left, ties the totals the file states, and counts the rows.
    pub fn finish(mut self) -> Result<u64, FileError> {
        while self.next_row()?.is_some() {}
        self.sheet.facts.tie(self.sheet.format, &self.tally).map_err(|error| self.sheet.named(error))?;
        Ok(self.tally.rows.count)
    }

    fn row(&mut self) -> Result<AgreementLine, FileError> {
        let sheet = &self.sheet;
        let mut row =
            AgreementLine { line: u32::try_from(sheet.record.line).unwrap_or(u32::MAX), ..Default::default() };
        for (column, field) in sheet.plan.iter().copied() {
            let text = sheet.text(column, field);
            self.cell(&mut row, field, text).map_err(|problem| sheet.place(problem, column, &field.name))?;
        }
        row.accepted = sheet.format.agreement.accepted.contains(&row.code);
        let counted = self.tally.row(Fen::ZERO);
        counted.map_err(|problem| self.sheet.place(problem, usize::MAX, "the line"))?;
        Ok(row)
    }

    fn cell(&self, row: &mut AgreementLine, field: &Field, text: &str) -> Result<(), Problem> {
        let Some(means) = field.read_as().filter(|_| !text.is_empty()) else {
            return mean::check(self.sheet.format.style.unit, field, text, &self.sheet.params);
        };
        match means {
            M::Account => match mean::account(text) {
                Some(account) => row.account = Some(account),
                None => row.foreign = Some(text.to_owned()),
            },
            M::Operation => row.operation = Some(self.operation(text)?),
            M::Agreement => row.agreement = Some(text.to_owned()),
            M::Card => row.card = Some(text.to_owned()),
            M::PayerName => row.payer_name = Some(text.to_owned()),
            M::Code => row.code.push_str(text),
            M::Text => row.text.push_str(text),
            M::BankDate => row.bank_date = mean::date(field, text, self.sheet.facts.file_date)?,
            _ => mean::check(self.sheet.format.style.unit, field, text, &self.sheet.params)?,
        }
        Ok(())
    }

    fn operation(&self, text: &str) -> Result<Operation, Problem> {
        let words = &self.sheet.format.agreement;
        let (sign, cancel) = (words.sign.as_deref().unwrap_or_default(), words.cancel.as_deref().unwrap_or_default());
        match text {
            text if text == sign => Ok(Operation::Sign),
            text if text == cancel => Ok(Operation::Cancel),
            _ => Err(Problem::new(
                format!("`{text}` is neither `{sign}` (signed) nor `{cancel}` (cancelled)"),
                "the words of [agreement] in the format; ask the bank what the line means",
            )),
        }
    }
}
