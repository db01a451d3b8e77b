//! A bank statement (银行流水), row by row, whatever the file is made of.

use std::io::Read;

use super::format::Format;
use super::records::{FileError, Params, StatementRow, Totals, Warning};
use super::sheet_answers::not_for;
use super::sheet_statements::SheetStatements;
use super::standard::{Standard, named};
use crate::model::own_account::OwnAccounts;
use crate::{iso20022, mt940};

/// Reads a statement as a stream.
#[derive(Debug)]
pub struct StatementReader<'f, R> {
    source: Statements<'f, R>,
}

#[derive(Debug)]
enum Statements<'f, R> {
    Sheet(Box<SheetStatements<'f, R>>),
    Iso(Box<iso20022::Statements<'f, R>>),
    Mt940(Box<mt940::Statements<'f, R>>),
}

impl<'f, R: Read> StatementReader<'f, R> {
    /// Opens a statement.
    pub fn open(
        format: &'f Format,
        params: &Params,
        file_name: &str,
        input: R,
    ) -> Result<StatementReader<'f, R>, FileError> {
        let own = OwnAccounts::of(params);
        let source = match &format.standard {
            Some(Standard::Iso20022(settings)) if settings.is_money() => {
                let statements = iso20022::Statements::open(settings, &format.kinds, own, file_name, input)?;
                Statements::Iso(Box::new(statements))
            }
            Some(Standard::Mt940(options)) => {
                let charset = format.style.charset;
                Statements::Mt940(Box::new(mt940::Statements::open(options, own, charset, file_name, input)))
            }
            Some(_) => return Err(named(not_for(format, "a statement").at(0, 0, "the format"), file_name)),
            None => Statements::Sheet(Box::new(SheetStatements::open(format, params, file_name, input)?)),
        };
        Ok(StatementReader { source })
    }

    /// The next line of money; `None` after the last one.
    pub fn next_row(&mut self) -> Result<Option<StatementRow>, FileError> {
        match &mut self.source {
            Statements::Sheet(sheet) => sheet.next_row(),
            Statements::Iso(iso) => iso.next_row(),
            Statements::Mt940(mt940) => mt940.next_row(),
        }
    }

    /// What was odd so far.
    pub fn warnings(&self) -> &[Warning] {
        match &self.source {
            Statements::Sheet(_) => &[],
            Statements::Mt940(mt940) => mt940.warnings(),
            Statements::Iso(iso) => iso.warnings(),
        }
    }

    /// Reads what is left, ties the totals the file states, and counts: rows, and the sum that moved either way.
    pub fn finish(self) -> Result<Totals, FileError> {
        match self.source {
            Statements::Sheet(sheet) => sheet.finish(),
            Statements::Iso(mut iso) => iso.finish(),
            Statements::Mt940(mut mt940) => mt940.finish(),
        }
    }
}
