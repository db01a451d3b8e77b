//! A statement in lines of fields.

use std::io::Read;

use chrono::NaiveDate;

use super::fault::Problem;
use super::format::{Field, Format};
use super::judge::Tally;
use super::mean;
use super::meaning::Meaning as M;
use super::meaning::Message;
use super::records::{FileError, MoneyKind, Params, StatementRow, Totals};
use super::sheet::{Kind, Sheet};
use super::sheet_answers::not_for;
use crate::model::money::Fen;

/// Reads a statement as a stream.
#[derive(Debug)]
pub(super) struct SheetStatements<'f, R> {
    sheet: Sheet<'f, R>,
    tally: Tally,
}

/// A row being put together.
#[derive(Default)]
struct Draft {
    value_date: Option<NaiveDate>,
    bank_date: Option<NaiveDate>,
    income: Fen,
    outgo: Fen,
    fee: Fen,
    reference: String,
    serial: String,
    text: String,
}

impl<'f, R: Read> SheetStatements<'f, R> {
    /// Opens a statement.
    pub(super) fn open(
        format: &'f Format,
        params: &Params,
        file_name: &str,
        input: R,
    ) -> Result<SheetStatements<'f, R>, FileError> {
        let sheet = Sheet::open(format, params, file_name, input);
        if format.message != Message::Statement {
            return Err(sheet.named(not_for(format, "a statement").at(0, 0, "the format")));
        }
        Ok(SheetStatements { sheet, tally: Tally::default() })
    }

    /// The next line of money; `None` after the last one.
    pub(super) fn next_row(&mut self) -> Result<Option<StatementRow>, FileError> {
        while let Some(kind) = self.sheet.next()? {
            if kind == Kind::Row {
                return self.row().map(Some);
            }
        }
        Ok(None)
    }

    /// Reads what is left, ties the totals the file states, and counts: rows, and the sum that moved either way.
    pub(super) fn finish(mut self) -> Result<Totals, FileError> {
        while self.next_row()?.is_some() {}
        self.sheet.facts.tie(self.sheet.format, &self.tally).map_err(|error| self.sheet.named(error))?;
        Ok(self.tally.rows)
    }

    fn row(&mut self) -> Result<StatementRow, FileError> {
        let sheet = &self.sheet;
        let mut draft = Draft::default();
        for (column, field) in sheet.plan.iter().copied() {
            let text = sheet.text(column, field);
            self.cell(&mut draft, field, text).map_err(|problem| sheet.place(problem, column, &field.name))?;
        }
        let line = sheet.record.line;
        let row = whole(sheet.format, draft, line).map_err(|problem| sheet.place(problem, usize::MAX, "the line"))?;
        let counted = self.tally.row(Fen(row.amount.0.abs()));
        counted.map_err(|problem| self.sheet.place(problem, usize::MAX, "the line"))?;
        Ok(row)
    }

    fn cell(&self, draft: &mut Draft, field: &Field, text: &str) -> Result<(), Problem> {
        let unit = self.sheet.format.style.unit;
        let Some(means) = field.read_as().filter(|_| !text.is_empty()) else {
            return mean::check(unit, field, text, &self.sheet.params);
        };
        let near = self.sheet.facts.file_date.or(draft.value_date);
        match means {
            M::ValueDate => draft.value_date = mean::date(field, text, near)?,
            M::BankDate => draft.bank_date = mean::date(field, text, near)?,
            M::Income => draft.income = mean::amount(unit, field, text)?,
            M::Outgo => draft.outgo = mean::amount(unit, field, text)?,
            M::Fee => draft.fee = mean::amount(unit, field, text)?,
            M::Reference => draft.reference.push_str(text),
            M::Serial => draft.serial.push_str(text),
            M::Text => draft.text.push_str(text),
            _ => mean::check(unit, field, text, &self.sheet.params)?,
        }
        Ok(())
    }
}

fn whole(format: &Format, draft: Draft, line: u64) -> Result<StatementRow, Problem> {
    let amount = match (draft.income > Fen::ZERO, draft.outgo > Fen::ZERO) {
        (true, false) => draft.income,
        (false, true) => Fen(-draft.outgo.0),
        (both, _) => {
            let problem = if both { "money comes in and goes out in one line" } else { "no money moves in this line" };
            return Err(Problem::new(problem, "exactly one of the two amounts is above zero"));
        }
    };
    let Some(value_date) = draft.value_date else {
        return Err(Problem::new("it has no date", "the format requires it"));
    };
    let known = format.kinds.iter().find(|(text, _)| *text == draft.text);
    Ok(StatementRow {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        kind: known.map_or(MoneyKind::Other, |(_, kind)| *kind),
        value_date,
        bank_date: draft.bank_date.unwrap_or(value_date),
        amount,
        fee: draft.fee,
        reference: draft.reference,
        serial: draft.serial,
        text: draft.text,
    })
}
