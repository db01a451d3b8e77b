//! A camt.053 or camt.054 as lines of money (银行流水), with what does not fit told.

use std::collections::VecDeque;
use std::io::Read;

use super::camt::{Head, Item, Message};
use super::entry::Entry;
use super::posting::{days, post, row, serial};
use super::settings::Settings;
use super::summary::Summary;
use crate::formats::records::{FileError, MoneyKind, StatementRow, Totals, Warning};
use crate::model::money::Fen;
use crate::xml::Place;

/// A message being read as money.
#[derive(Debug)]
pub(crate) struct Statements<'f, R> {
    message: Message<R>,
    settings: &'f Settings,
    kinds: &'f [(String, MoneyKind)],
    head: Option<Head>,
    summary: Summary,
    waiting: VecDeque<StatementRow>,
    /// Entries of this statement, rows of the file.
    ordinal: u64,
    number: u64,
    /// The serial of the entry before, and how often it came: equal bookings of a day are real.
    before: (String, u64),
    totals: Totals,
}

impl<'f, R: Read> Statements<'f, R> {
    pub(crate) fn open(
        settings: &'f Settings,
        kinds: &'f [(String, MoneyKind)],
        file: &str,
        input: R,
    ) -> Result<Statements<'f, R>, FileError> {
        let message = Message::open(file, settings.family, settings.strict, input)?;
        Ok(Statements {
            message,
            settings,
            kinds,
            head: None,
            summary: Summary::default(),
            waiting: VecDeque::new(),
            ordinal: 0,
            number: 0,
            before: (String::new(), 0),
            totals: Totals::default(),
        })
    }

    pub(crate) fn warnings(&self) -> &[Warning] {
        self.message.cursor.warnings.all()
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<StatementRow>, FileError> {
        loop {
            if let Some(row) = self.waiting.pop_front() {
                return Ok(Some(row));
            }
            match self.message.next()? {
                Some(Item::Group(_)) => {}
                Some(Item::Begin(head)) => {
                    self.summary = Summary::default();
                    (self.ordinal, self.head) = (0, Some(head));
                }
                Some(Item::Entry(entry)) => self.entry(&entry)?,
                Some(Item::End(node)) => self.summary.close(&node, &mut self.message.cursor)?,
                None => return Ok(None),
            }
        }
    }

    /// Reads what is left: rows, and what moved either way.
    pub(crate) fn finish(&mut self) -> Result<Totals, FileError> {
        while self.next_row()?.is_some() {}
        Ok(self.totals)
    }

    fn entry(&mut self, entry: &Entry) -> Result<(), FileError> {
        self.ordinal += 1;
        self.summary.entry(entry);
        let place = Place { line: entry.line, column: 0 };
        let cursor = &mut self.message.cursor;
        if !entry.is_booked() {
            let said = format!("status `{}` is not booked: no money, passed over", entry.status);
            cursor.warn(place, "Ntry/Sts", said);
            return Ok(());
        }
        if let Some(currency) = self.settings.currency.filter(|currency| *currency != entry.amount.currency) {
            let problem = format!("the entry is in {}, money of this account is booked in {currency}", entry.amount);
            let rule = "nothing is converted; ask the bank for a statement of each currency";
            return Err(cursor.wrong(place, "Ntry/Amt", problem, rule));
        }
        let Some(head) = &self.head else { return Ok(()) };
        let Some(dates) = days(entry, head) else {
            let problem = "neither the entry nor its statement says a day";
            return Err(cursor.wrong(place, "Ntry/ValDt", problem, "money counts from a day; ask the bank"));
        };
        let posted = post(entry, self.settings);
        if let Some(odd) = posted.odd {
            cursor.warn(place, "NtryDtls", format!("{odd}: the entry is posted whole, its details are not allocated"));
        }
        let name = serial(head, entry, self.ordinal, 0);
        self.before = if self.before.0 == name { (name, self.before.1 + 1) } else { (name, 0) };
        let again = if self.before.1 == 0 { String::new() } else { format!("~{}", self.before.1) };
        let listed = [&entry.code.proprietary, &entry.code.domain];
        let kind = self.kinds.iter().find(|(text, _)| listed.contains(&text)).map(|(_, kind)| *kind);
        for (nth, mut line) in posted.lines.into_iter().enumerate() {
            self.number += 1;
            line.kind = kind.filter(|_| line.kind != MoneyKind::Fee).unwrap_or(line.kind);
            let serial = format!("{}{again}", serial(head, entry, self.ordinal, nth));
            let row = row(line, self.number, dates, serial);
            self.totals.count += 1;
            let sum = self.totals.sum.plus(Fen(row.amount.0.abs()));
            self.totals.sum = sum.map_err(|e| cursor.wrong(place, "the sum", e.to_string(), "sums stay in range"))?;
            self.waiting.push_back(row);
        }
        Ok(())
    }
}
