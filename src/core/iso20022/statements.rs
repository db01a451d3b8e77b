//! A camt.053 or camt.054 as lines of money (银行流水), with what does not fit told.

use std::collections::VecDeque;
use std::io::Read;

use super::camt::{Head, Item, Message};
use super::entry::Entry;
use super::money::Currency;
use super::pages::{Pages, Turn};
use super::posting::{days, post, row};
use super::serial::{Serials, of_line};
use super::settings::{References, Settings};
use super::summary::Summary;
use crate::formats::records::{FileError, MoneyKind, StatementRow, Totals, Warning};
use crate::model::card::mask;
use crate::model::money::Fen;
use crate::model::own_account::OwnAccounts;
use crate::xml::Place;

/// A message being read as money.
#[derive(Debug)]
pub(crate) struct Statements<'f, R> {
    message: Message<R>,
    settings: &'f Settings,
    kinds: &'f [(String, MoneyKind)],
    own: OwnAccounts,
    head: Option<Head>,
    /// The statement being read is of somebody else's account.
    strange: bool,
    /// Statements of ours, and accounts of others, masked.
    ours: u64,
    others: Vec<String>,
    pages: Pages,
    summary: Summary,
    waiting: VecDeque<StatementRow>,
    /// Entries of this statement, rows of the file.
    ordinal: u64,
    number: u64,
    serials: Serials,
    totals: Totals,
}

/// So many accounts of others are named.
const OTHERS: usize = 20;

impl<'f, R: Read> Statements<'f, R> {
    pub(crate) fn open(
        settings: &'f Settings,
        kinds: &'f [(String, MoneyKind)],
        own: OwnAccounts,
        file: &str,
        input: R,
    ) -> Result<Statements<'f, R>, FileError> {
        let message = Message::open(file, settings.family, settings.strict, input)?;
        Ok(Statements {
            message,
            settings,
            kinds,
            own,
            head: None,
            strange: false,
            ours: 0,
            others: Vec::new(),
            pages: Pages::default(),
            summary: Summary::default(),
            waiting: VecDeque::new(),
            ordinal: 0,
            number: 0,
            serials: Serials::default(),
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
                Some(Item::Group) => {}
                Some(Item::Begin(head)) => self.begin(head)?,
                Some(Item::Entry(_)) if self.strange => {}
                Some(Item::Entry(entry)) => self.entry(&entry)?,
                Some(Item::End) if self.strange => {}
                Some(Item::End) => {
                    let page = self.head.as_ref().and_then(|head| head.page);
                    self.summary.close(self.message.statement.root(), page, &mut self.message.cursor)?;
                }
                None => return self.end().map(|()| None),
            }
        }
    }

    /// Reads what is left: rows, and what moved either way.
    pub(crate) fn finish(&mut self) -> Result<Totals, FileError> {
        while self.next_row()?.is_some() {}
        Ok(self.totals)
    }

    fn begin(&mut self, head: Head) -> Result<(), FileError> {
        let place = self.message.cursor.body;
        self.ordinal = 0;
        self.strange = false;
        if self.own.are_said() && head.account.is_empty() {
            let problem = format!("it does not say its account before its entries; ours is {}", self.own.shown());
            return Err(self.message.cursor.wrong(place, "Acct", problem, "money belongs to an account; ask the bank"));
        }
        if !self.own.hold(&head.account) {
            let shown = mask(&head.account);
            let said =
                format!("the statement of account {shown} is not ours ({}) and is passed over", self.own.shown());
            self.message.cursor.warn(place, "Acct", said);
            if self.others.len() < OTHERS && !self.others.contains(&shown) {
                self.others.push(shown);
            }
            (self.strange, self.head) = (true, None);
            return Ok(());
        }
        self.ours += 1;
        let turn = self.pages.turn(&head).map_err(|twice| {
            let rule = "a page is taken once; the file was put together wrongly, ask the bank for it again";
            self.message.cursor.wrong(place, "StmtPgntn", twice, rule)
        })?;
        if let Turn::Torn(said) = &turn {
            let said = format!("{said}: the pages between come in other files, or are missing");
            self.message.cursor.warn(place, "StmtPgntn", said);
        }
        if turn != Turn::GoesOn {
            self.summary = Summary::beginning(&head);
            self.serials.begin();
        }
        self.head = Some(head);
        Ok(())
    }

    fn end(&self) -> Result<(), FileError> {
        if self.ours > 0 || self.others.is_empty() {
            return Ok(());
        }
        let place = self.message.cursor.body;
        let problem = format!("it tells of account {}, ours is {}", self.others.join(", "), self.own.shown());
        let rule = "only our own account's money is booked: is it another site's file, or is the bank's parameter \
                    `statement_account` (or `creditor_account`) wrong?";
        Err(self.message.cursor.wrong(place, "Acct", problem, rule))
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
        let Some(head) = &self.head else { return Ok(()) };
        if let Some(currency) = self.settings.currency.filter(|currency| *currency != entry.amount.currency) {
            let problem = other_currency(entry, head, currency);
            let rule = "nothing is converted; ask the bank for a statement of each currency";
            return Err(cursor.wrong(place, "Ntry/Amt", problem, rule));
        }
        let Some(dates) = days(entry, head) else {
            let problem = "neither the entry nor its statement says a day";
            return Err(cursor.wrong(place, "Ntry/ValDt", problem, "money counts from a day; ask the bank"));
        };
        let posted = post(entry, self.settings);
        if let Some(odd) = posted.odd {
            cursor.warn(place, "NtryDtls", format!("{odd}: the entry is posted whole, its details are not allocated"));
        }
        let unique = self.settings.references == References::Unique;
        let name = self.serials.name(head, entry, self.ordinal, unique);
        let listed = [&entry.code.proprietary, &entry.code.domain];
        let kind = self.kinds.iter().find(|(text, _)| listed.contains(&text)).map(|(_, kind)| *kind);
        for (nth, mut line) in posted.lines.into_iter().enumerate() {
            self.number += 1;
            line.kind = kind.filter(|_| line.kind != MoneyKind::Fee).unwrap_or(line.kind);
            let row = row(line, self.number, dates, of_line(&name, nth));
            self.totals.count += 1;
            let sum = self.totals.sum.plus(Fen(row.amount.0.abs()));
            self.totals.sum = sum.map_err(|e| cursor.wrong(place, "the sum", e.to_string(), "sums stay in range"))?;
            self.waiting.push_back(row);
        }
        Ok(())
    }
}

/// Money of another currency, with both and the account.
fn other_currency(entry: &Entry, head: &Head, ours: Currency) -> String {
    let account = if head.account.is_empty() { "without a number".to_owned() } else { mask(&head.account) };
    let kept = head.currency.map(|currency| format!(", which is kept in {currency}")).unwrap_or_default();
    format!("the entry is in {}, money of this account is booked in {ours}: account {account}{kept}", entry.amount)
}
