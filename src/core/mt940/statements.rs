//! A file as lines of money (银行流水), and as named texts for looking into it.

use std::io::Read;

use super::{Entry, Item, Options, Reader, row};
use crate::charset::Charset;
use crate::formats::Kind;
use crate::formats::records::{FileError, StatementRow, Totals};
use crate::model::money::Fen;

/// A file being read as money. Entries of nothing (`0,00`) are told by banks and move nothing: they are passed over.
#[derive(Debug)]
pub(crate) struct Statements<'f, R> {
    reader: Reader<'f, R>,
    options: &'f Options,
    file: String,
    totals: Totals,
}

impl<'f, R: Read> Statements<'f, R> {
    pub(crate) fn open(options: &'f Options, charset: Charset, file: &str, input: R) -> Statements<'f, R> {
        let reader = Reader::new(options, charset, input);
        Statements { reader, options, file: file.to_owned(), totals: Totals::default() }
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<StatementRow>, FileError> {
        let named = |error: FileError| FileError { file: self.file.clone(), ..error };
        loop {
            match self.reader.next_item().map_err(named)? {
                None => return Ok(None),
                Some(Item::Entry(entry)) if entry.amount != Fen::ZERO => {
                    count(&mut self.totals, &entry).map_err(named)?;
                    return Ok(Some(row(self.options, &entry)));
                }
                Some(_) => {}
            }
        }
    }

    /// Reads what is left: rows, and what moved either way.
    pub(crate) fn finish(&mut self) -> Result<Totals, FileError> {
        while self.next_row()?.is_some() {}
        Ok(self.totals)
    }
}

fn count(totals: &mut Totals, entry: &Entry) -> Result<(), FileError> {
    totals.count += 1;
    let sum = totals.sum.plus(Fen(entry.amount.0.abs()));
    totals.sum = sum.map_err(|e| super::broken(entry.line, 0, e.to_string(), "sums stay inside the range of money"))?;
    Ok(())
}

/// One part of a file, with texts of its own.
#[derive(Debug)]
pub(crate) struct Section {
    pub kind: Kind,
    pub line: u64,
    pub cells: Vec<(&'static str, String)>,
}

/// A file being looked at.
#[derive(Debug)]
pub(crate) struct Sections<'f, R> {
    reader: Reader<'f, R>,
    options: &'f Options,
    file: String,
    totals: Totals,
}

impl<'f, R: Read> Sections<'f, R> {
    pub(crate) fn open(options: &'f Options, charset: Charset, file: &str, input: R) -> Sections<'f, R> {
        let reader = Reader::new(options, charset, input);
        Sections { reader, options, file: file.to_owned(), totals: Totals::default() }
    }

    /// Rows so far, and what moved either way.
    pub(crate) fn totals(&self) -> Totals {
        self.totals
    }

    pub(crate) fn next(&mut self) -> Result<Option<Section>, FileError> {
        let named = |error: FileError| FileError { file: self.file.clone(), ..error };
        let item = loop {
            match self.reader.next_item().map_err(named)? {
                None => return Ok(None),
                Some(Item::Entry(entry)) if entry.amount == Fen::ZERO => {}
                Some(item) => break item,
            }
        };
        Ok(Some(match item {
            Item::Page(page) => {
                let number = page.page.map_or(page.number.clone(), |n| format!("{}/{n}", page.number));
                let cells = vec![
                    ("message", page.reference),
                    ("account", page.account),
                    ("number", number),
                    ("date", page.opening.date.to_string()),
                    ("opening", page.opening.amount.to_string()),
                    ("currency", page.opening.currency),
                ];
                Section { kind: Kind::Group, line: page.line, cells }
            }
            Item::Closing(closing) => {
                let cells = vec![
                    ("date", closing.balance.date.to_string()),
                    ("closing", closing.balance.amount.to_string()),
                    ("entries", closing.entries.to_string()),
                ];
                Section { kind: Kind::GroupEnd, line: closing.line, cells }
            }
            Item::Entry(entry) => {
                count(&mut self.totals, &entry).map_err(named)?;
                let money = row(self.options, &entry);
                let amount = Fen(money.amount.0.abs()).to_string();
                let (income, outgo) =
                    if money.amount < Fen::ZERO { (String::new(), amount) } else { (amount, String::new()) };
                let cells = vec![
                    ("value_date", money.value_date.to_string()),
                    ("bank_date", money.bank_date.to_string()),
                    ("income", income),
                    ("outgo", outgo),
                    ("kind", format!("{:?}", money.kind).to_lowercase()),
                    ("code", entry.code),
                    ("reference", money.reference),
                    ("serial", money.serial),
                    ("text", money.text),
                ];
                Section { kind: Kind::Row, line: entry.line, cells }
            }
        }))
    }
}
