//! A file as lines of money (银行流水), and as named texts for looking into it.

use std::io::Read;

use super::{Entry, Item, Options, Page, Reader, row};
use crate::charset::Charset;
use crate::formats::Kind;
use crate::formats::records::{FileError, StatementRow, Totals, Warning};
use crate::model::card::mask;
use crate::model::money::Fen;
use crate::model::own_account::OwnAccounts;

/// A file being read as money. Entries of nothing (`0,00`) are told by banks and move nothing: they are passed over.
#[derive(Debug)]
pub(crate) struct Statements<'f, R> {
    reader: Reader<'f, R>,
    options: &'f Options,
    own: OwnAccounts,
    file: String,
    totals: Totals,
    /// The page being read is of our account.
    ours: bool,
    /// Whether any was; and the accounts of others, masked.
    any: bool,
    warnings: Vec<Warning>,
}

impl<'f, R: Read> Statements<'f, R> {
    pub(crate) fn open(
        options: &'f Options,
        own: OwnAccounts,
        charset: Charset,
        file: &str,
        input: R,
    ) -> Statements<'f, R> {
        let reader = Reader::of(options, own.clone(), charset, input);
        let (file, totals, warnings) = (file.to_owned(), Totals::default(), Vec::new());
        Statements { reader, options, own, file, totals, ours: false, any: false, warnings }
    }

    /// What was odd so far.
    pub(crate) fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<StatementRow>, FileError> {
        loop {
            let named = |error: FileError| FileError { file: self.file.clone(), ..error };
            match self.reader.next_item().map_err(named)? {
                None => return self.end().map(|()| None),
                Some(Item::Page(page)) => self.page(&page),
                Some(Item::Entry(entry)) if self.ours && entry.amount != Fen::ZERO => {
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

    fn page(&mut self, page: &Page) {
        (self.ours, self.any) = (page.ours, self.any || page.ours);
        let problem = format!(
            "the statement of account {} is not ours ({}) and is passed over",
            mask(&page.account),
            self.own.shown()
        );
        let known = self.warnings.iter().any(|warning| warning.problem == problem);
        if !page.ours && !known && self.warnings.len() < STRANGE {
            self.warnings.push(Warning { line: page.line, column: 0, field: ":25:".to_owned(), problem });
        }
    }

    fn end(&self) -> Result<(), FileError> {
        let Some(strange) = self.warnings.first().filter(|_| !self.any) else { return Ok(()) };
        let rule = "only our own account's money is booked: is it another site's file, or is the bank's parameter \
                    `statement_account` (or `creditor_account`) wrong?";
        let problem = format!("no statement in it is of our account; {}", strange.problem);
        let error = super::broken(strange.line, 0, problem, rule);
        Err(FileError { file: self.file.clone(), field: ":25:".to_owned(), ..error })
    }
}

/// So many accounts of others are named.
const STRANGE: usize = 20;

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
