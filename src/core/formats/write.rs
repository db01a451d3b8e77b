//! Records → a bank's file. The body does not depend on totals, so rows stream to wherever the caller keeps them, and the
//! file is `head ++ rows ++ tail`.

use super::fault::Problem;
use super::format::{Field, Format, Line, Separator, Shape, Style};
use super::meaning::{Meaning as M, Message};
use super::pen;
use super::records::{DebitRow, FileError, FileFacts, Totals};
use super::spec::{Pad, Unit};
use super::template::Clock;
use crate::model::money::Fen;

/// Writes one debit file.
#[derive(Debug)]
pub struct Writer<'f> {
    format: &'f Format,
    facts: FileFacts,
    /// For each field of a row the bytes that are the same in every row of this file.
    constants: Vec<Option<Vec<u8>>>,
    scratch: String,
    rows: u64,
    bytes: u64,
}

impl<'f> Writer<'f> {
    /// Prepares a file: everything that is the same in each row is made and checked here.
    pub fn new(format: &'f Format, facts: &FileFacts) -> Result<Writer<'f>, FileError> {
        if format.message != Message::Debit {
            return Err(super::answers::not_for(format, "debits").at(0, 0, "the format"));
        }
        if facts.seq > 1 && !format.many_per_date() {
            let rule = "the format's file name tells no second file from the first; put all debits into one";
            return Err(Problem::new("the bank takes one file per date", rule).at(0, 0, "seq"));
        }
        let mut constants = Vec::with_capacity(format.row.fields.len());
        for field in &format.row.fields {
            let text = same_in_all_rows(field, facts).map_err(|problem| problem.at(0, 0, &field.name))?;
            constants.push(match text {
                None => None,
                Some(text) => {
                    let mut bytes = Vec::new();
                    pen::put(&format.style, field, &text, &mut bytes).map_err(|p| p.at(0, 0, &field.name))?;
                    Some(bytes)
                }
            });
        }
        let facts = facts.clone();
        Ok(Writer { format, facts, constants, scratch: String::new(), rows: 0, bytes: 0 })
    }

    /// The lines before the rows.
    pub fn head(&self, totals: Totals, out: &mut Vec<u8>) -> Result<(), FileError> {
        let format = self.format;
        let mut first = true;
        for (n, line) in format.heads.iter().enumerate() {
            self.edge(line, totals, n as u64 + 1, &mut first, out)?;
        }
        if format.titles {
            begin_line(format, first, out);
            titles(format, out)?;
            end_line(format, out);
        }
        Ok(())
    }

    /// Appends one row; on an error `out` is as it was, and the row is not counted.
    pub fn row(&mut self, row: &DebitRow, out: &mut Vec<u8>) -> Result<(), FileError> {
        let start = out.len();
        let written = self.try_row(row, out);
        match written {
            Ok(()) => {
                self.rows += 1;
                self.bytes += (out.len() - start) as u64;
                Ok(())
            }
            Err(error) => {
                out.truncate(start);
                Err(error)
            }
        }
    }

    /// The lines after the rows; also the last check of the bank's limits.
    pub fn tail(&self, totals: Totals, out: &mut Vec<u8>) -> Result<(), FileError> {
        let format = self.format;
        let start = out.len();
        let mut first = format.heads.is_empty() && !format.titles && self.rows == 0;
        for line in &format.tails {
            self.edge(line, totals, 0, &mut first, out)?;
        }
        let mut head = Vec::new();
        self.head(totals, &mut head)?;
        let bytes = head.len() as u64 + self.bytes + (out.len() - start) as u64;
        if let Some(most) = format.limits.bytes.filter(|most| bytes > *most) {
            let problem = format!("the file has {bytes} bytes, the bank takes {most}");
            return Err(Problem::new(problem, "put fewer rows into one file").at(0, 0, "the file"));
        }
        Ok(())
    }

    /// Rows and body bytes written so far: for a caller that splits at the bank's limits.
    pub fn written(&self) -> (u64, u64) {
        (self.rows, self.bytes)
    }

    fn try_row(&mut self, row: &DebitRow, out: &mut Vec<u8>) -> Result<(), FileError> {
        let format = self.format;
        let line = u64::from(row.line);
        if let Some(most) = format.limits.rows.filter(|most| self.rows >= *most) {
            let problem = format!("it would be row {}, the bank takes {most}", self.rows + 1);
            return Err(Problem::new(problem, "put it into the next file").at(line, 0, "the file"));
        }
        begin_line(format, format.heads.is_empty() && !format.titles && self.rows == 0, out);
        let first_cell = out.len();
        for (n, field) in format.row.fields.iter().enumerate() {
            separate(&format.style, n, out);
            if let Some(constant) = &self.constants[n] {
                out.extend_from_slice(constant);
                continue;
            }
            self.scratch.clear();
            let put = row_text(format.style.unit, field, row, &mut self.scratch)
                .and_then(|text| pen::put(&format.style, field, text, out));
            put.map_err(|problem| problem.at(line, n as u32 + 1, &field.name))?;
            if n == 0 && is_mark(format, &out[first_cell..]) {
                let problem =
                    Problem::new("it reads like the mark of the file's last line", "the bank would stop here");
                return Err(problem.at(line, 1, &field.name));
            }
        }
        finish_line(format, out);
        Ok(())
    }

    fn edge(&self, line: &Line, totals: Totals, n: u64, first: &mut bool, out: &mut Vec<u8>) -> Result<(), FileError> {
        begin_line(self.format, std::mem::take(first), out);
        for (column, field) in line.fields.iter().enumerate() {
            separate(&self.format.style, column, out);
            let text = edge_text(self.format.style.unit, field, &self.facts, totals);
            text.and_then(|text| pen::put(&self.format.style, field, &text, out))
                .map_err(|problem| problem.at(n, column as u32 + 1, &field.name))?;
        }
        finish_line(self.format, out);
        Ok(())
    }
}

fn is_mark(format: &Format, cell: &[u8]) -> bool {
    format.tails.first().and_then(|tail| tail.mark.as_deref()).is_some_and(|mark| mark.as_bytes() == cell)
}

/// Where the last line has no end, line ends stand before lines: a row cannot know that it is the last.
pub(super) fn begin_line(format: &Format, first: bool, out: &mut Vec<u8>) {
    if !format.last_line_end && !first {
        out.extend_from_slice(format.line_end.bytes());
    }
}

pub(super) fn end_line(format: &Format, out: &mut Vec<u8>) {
    if format.last_line_end {
        out.extend_from_slice(format.line_end.bytes());
    }
}

pub(super) fn finish_line(format: &Format, out: &mut Vec<u8>) {
    if let Shape::Delimited { separator: Separator::Byte(separator), trailing: true, .. } = format.style.shape {
        out.push(separator);
    }
    end_line(format, out);
}

pub(super) fn separate(style: &Style, column: usize, out: &mut Vec<u8>) {
    match style.shape {
        Shape::Delimited { separator: Separator::Byte(separator), .. } if column > 0 => out.push(separator),
        Shape::Delimited { separator: Separator::Blanks, .. } if column > 0 => out.push(b' '),
        _ => {}
    }
}

pub(super) fn titles(format: &Format, out: &mut Vec<u8>) -> Result<(), FileError> {
    for (column, field) in format.row.fields.iter().enumerate() {
        separate(&format.style, column, out);
        let title = Field { width: None, max: None, pad: None, quote: None, ..field.clone() };
        pen::put(&format.style, &title, &field.name, out).map_err(|p| p.at(0, column as u32 + 1, &field.name))?;
    }
    if let Shape::Delimited { separator: Separator::Byte(separator), trailing: true, .. } = format.style.shape {
        out.push(separator);
    }
    Ok(())
}

/// The text of a field that no row changes.
fn same_in_all_rows(field: &Field, facts: &FileFacts) -> Result<Option<String>, Problem> {
    match field.means {
        None => constant(field, facts).map(Some),
        Some(means) => Ok(of_file(means, field, facts)),
    }
}

fn constant(field: &Field, facts: &FileFacts) -> Result<String, Problem> {
    if let Some(value) = &field.value {
        return Ok(value.clone());
    }
    let given = field.param.as_ref().and_then(|name| facts.params.get(name));
    match (given.or(field.default.as_ref()), &field.param) {
        (Some(text), _) => Ok(text.clone()),
        (None, None) => Ok(String::new()),
        (None, Some(param)) => Err(Problem::new(
            format!("the bank's parameter `{param}` is not set"),
            "the format takes it from the bank's parameters; ask the bank and set it",
        )),
    }
}

fn of_file(means: M, field: &Field, facts: &FileFacts) -> Option<String> {
    let clock = match means {
        M::FileDate => Clock::FileDate,
        M::BusinessDate => Clock::BusinessDate,
        M::MadeAt => Clock::MadeAt,
        M::SentAt => Clock::SentAt,
        M::Seq => return Some(facts.seq.to_string()),
        _ => return None,
    };
    let mut text = String::new();
    field.pattern.as_ref()?.write(clock.of_file(facts), &mut text);
    Some(text)
}

fn edge_text(unit: Unit, field: &Field, facts: &FileFacts, totals: Totals) -> Result<String, Problem> {
    match field.means {
        None => constant(field, facts),
        Some(M::Count) => Ok(totals.count.to_string()),
        Some(M::Sum) => {
            let mut text = String::new();
            push_amount(unit, totals.sum, &mut text)?;
            Ok(text)
        }
        Some(means) => Ok(of_file(means, field, facts).unwrap_or_default()),
    }
}

/// The text of a field for one debit.
fn row_text<'a>(unit: Unit, field: &Field, row: &'a DebitRow, scratch: &'a mut String) -> Result<&'a str, Problem> {
    match field.means {
        Some(M::Line) => push_number(i64::from(row.line), 1, scratch),
        Some(M::DebitNo) => push_number(row.debit_no.0, 1, scratch),
        Some(M::Account) => push_number(row.account.0, 12, scratch),
        Some(M::Amount) => push_amount(unit, row.amount, scratch)?,
        Some(M::BankRef) => {
            if field.pad == Some(Pad::ZeroLeft) && row.bank_ref.starts_with('0') {
                let rule = "the field is padded with zeros, which would not be told from the key's own";
                return Err(Problem::new(format!("`{}` starts with a zero", row.bank_ref), rule));
            }
            return Ok(&row.bank_ref);
        }
        Some(M::SignedOn) => {
            let at = row.signed_on.and_time(chrono::NaiveTime::MIN);
            if let Some(pattern) = &field.pattern {
                pattern.write(at, scratch);
            }
        }
        Some(M::IdType) => {
            let word = field.words.iter().find(|(id_type, _)| *id_type == row.id_type);
            scratch.push_str(word.map_or("", |(_, word)| word));
        }
        Some(M::PayerName) => return Ok(&row.payer_name),
        Some(M::Card) => return Ok(row.card.reveal()),
        Some(M::IdNumber) => return Ok(&row.id_number),
        Some(M::Mobile) => return Ok(&row.mobile),
        Some(M::Agreement) => return Ok(&row.agreement),
        _ => {}
    }
    Ok(scratch)
}

fn push_number(number: i64, width: usize, out: &mut String) {
    let mut digits = [b'0'; 20];
    let mut rest = number.unsigned_abs();
    let mut at = digits.len();
    while rest > 0 || digits.len() - at < width {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend(digits[at..].iter().map(|digit| char::from(*digit)));
}

/// An amount in a bank's file is above zero or a total; a sign would be another bank's language.
fn push_amount(unit: Unit, amount: Fen, out: &mut String) -> Result<(), Problem> {
    if amount < Fen::ZERO {
        return Err(Problem::new(format!("`{amount}` is below zero"), "a debit takes money, it never gives any"));
    }
    match unit {
        Unit::Fen => push_number(amount.0, 1, out),
        Unit::Yuan => {
            push_number(amount.0 / 100, 1, out);
            out.push('.');
            push_number(amount.0 % 100, 2, out);
        }
    }
    Ok(())
}
