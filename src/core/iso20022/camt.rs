//! A statement or notification (camt.053, camt.054) as a stream: each statement's head, its entries, its end.

use std::collections::VecDeque;
use std::io::Read;

use chrono::NaiveDate;

use super::cursor::Cursor;
use super::dates;
use super::entry::{Draft, Entry};
use super::money::Currency;
use super::names::Name::{self, *};
use super::namespace::Family;
use super::node::{Node, Tree, account_of};
use crate::formats::records::FileError;

/// What a statement says before its entries.
#[derive(Clone, Debug)]
pub(super) struct Head {
    pub id: String,
    /// When the bank made it.
    pub created: Option<NaiveDate>,
    pub account: String,
    /// As the account states it.
    pub currency: Option<Currency>,
    /// `PgNb` of a statement that comes in pages, and whether it is the last one.
    pub page: Option<(u64, bool)>,
}

/// One part of the message.
#[derive(Debug)]
pub(super) enum Item {
    /// The message's own head: [`Message::group`].
    Group,
    /// A statement begins.
    Begin(Head),
    /// One entry of it, with its details.
    Entry(Box<Entry>),
    /// It ends: [`Message::statement`] is everything of it but the entries, whatever side of them it stood on.
    End,
}

/// A message being read.
#[derive(Debug)]
pub(super) struct Message<R> {
    pub cursor: Cursor<R>,
    /// `Stmt` or `Ntfctn`.
    name: Name,
    body: Tree,
    pub statement: Tree,
    /// The entry being read; what its details share, and one of them.
    entry: Tree,
    details: Tree,
    detail: Tree,
    /// A statement is open.
    open: bool,
    /// Its first entry has begun: not read before it is asked for.
    first: bool,
    waiting: VecDeque<Item>,
    told_group: bool,
    /// Statements so far.
    pub statements: u64,
    done: bool,
}

impl<R: Read> Message<R> {
    pub(super) fn open(file: &str, family: Family, strict: bool, input: R) -> Result<Message<R>, FileError> {
        let (cursor, body) = Cursor::open(file, family, strict, input)?;
        Ok(Message {
            cursor,
            name: if family == Family::Camt054 { Ntfctn } else { Stmt },
            body,
            statement: Tree::new(),
            entry: Tree::new(),
            details: Tree::new(),
            detail: Tree::new(),
            open: false,
            first: false,
            waiting: VecDeque::new(),
            told_group: false,
            statements: 0,
            done: false,
        })
    }

    /// The message's own head, where it has one.
    pub(super) fn group(&self) -> Option<Node<'_>> {
        self.body.root().child(GrpHdr)
    }

    pub(super) fn next(&mut self) -> Result<Option<Item>, FileError> {
        if let Some(item) = self.waiting.pop_front() {
            return Ok(Some(item));
        }
        if self.done {
            return Ok(None);
        }
        if self.open {
            let one =
                std::mem::take(&mut self.first) || self.cursor.until(&mut self.statement, Ntry, &mut self.entry)?;
            if one {
                return self.entry().map(|entry| Some(Item::Entry(Box::new(entry))));
            }
            self.open = false;
            return Ok(Some(Item::End));
        }
        match self.cursor.until(&mut self.body, self.name, &mut self.statement)? {
            true => self.begin()?,
            false => self.end()?,
        }
        if !self.told_group {
            self.told_group = true;
            return Ok(Some(Item::Group));
        }
        Ok(self.waiting.pop_front())
    }

    fn end(&mut self) -> Result<(), FileError> {
        self.done = true;
        self.cursor.close()?;
        if self.statements == 0 {
            let problem = format!("no {} is in it", self.name.word());
            let rule = "a message without a statement says nothing, not even that nothing moved; ask the bank";
            return Err(self.cursor.wrong(self.cursor.body, self.body.root().name(), problem, rule));
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), FileError> {
        self.statements += 1;
        self.first = self.cursor.until(&mut self.statement, Ntry, &mut self.entry)?;
        self.open = self.first;
        let head = self.head();
        self.waiting.push_back(Item::Begin(head));
        if !self.open {
            self.waiting.push_back(Item::End);
        }
        Ok(())
    }

    fn head(&mut self) -> Head {
        let node = self.statement.root();
        for name in [Id, Acct] {
            if node.child(name).is_none() {
                let said = format!("{} is missing, or stands behind the entries", name.word());
                self.cursor.warn(node.place(), self.name.word(), said);
            }
        }
        Head {
            id: node.own(&[Id]).unwrap_or_default(),
            created: node.text_at(&[CreDtTm]).and_then(dates::day),
            account: node.child(Acct).and_then(account_of).unwrap_or_default().to_owned(),
            currency: node.text_at(&[Acct, Ccy]).and_then(Currency::parse),
            page: self.page(),
        }
    }

    fn page(&self) -> Option<(u64, bool)> {
        let pages = self.statement.root().child(if self.name == Stmt { StmtPgntn } else { NtfctnPgntn })?;
        Some((pages.text_at(&[PgNb])?.parse().ok()?, pages.flag_at(&[LastPgInd]).unwrap_or(true)))
    }

    /// One entry: its details are taken one by one, so that a batch of many is not a tree of many.
    fn entry(&mut self) -> Result<Entry, FileError> {
        let mut draft = Draft::default();
        while self.cursor.until(&mut self.entry, NtryDtls, &mut self.details)? {
            while self.cursor.until(&mut self.details, TxDtls, &mut self.detail)? {
                self.cursor.part(&mut self.detail)?;
                draft.detail(self.detail.root(), &mut self.cursor)?;
            }
            draft.batches(self.details.root(), &mut self.cursor)?;
        }
        draft.entry(self.entry.root(), &mut self.cursor)
    }
}
