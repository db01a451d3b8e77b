//! A statement or notification (camt.053, camt.054) as a stream: each statement's head, its entries, its end.

use std::collections::VecDeque;
use std::io::Read;

use chrono::NaiveDate;

use super::cursor::Cursor;
use super::dates;
use super::entry::{Draft, Entry};
use super::money::Currency;
use super::namespace::Family;
use super::node::{Node, account_of};
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
    /// The message's own head.
    Group(Box<Node>),
    /// A statement begins.
    Begin(Head),
    /// One entry of it, with its details.
    Entry(Box<Entry>),
    /// It ends: everything of it but the entries, whatever side of them it stood on.
    End(Box<Node>),
}

/// A message being read.
#[derive(Debug)]
pub(super) struct Message<R> {
    pub cursor: Cursor<R>,
    /// `Stmt` or `Ntfctn`.
    name: &'static str,
    body: Node,
    open: Option<Node>,
    /// The start of its first entry: not read before it is asked for.
    first: Option<Node>,
    waiting: VecDeque<Item>,
    told_group: bool,
    /// Statements so far.
    pub statements: u64,
    done: bool,
}

impl<R: Read> Message<R> {
    pub(super) fn open(file: &str, family: Family, strict: bool, input: R) -> Result<Message<R>, FileError> {
        let cursor = Cursor::open(file, family, strict, input)?;
        let name = if family == Family::Camt054 { "Ntfctn" } else { "Stmt" };
        let (body, waiting) = (cursor.body.clone(), VecDeque::new());
        Ok(Message {
            cursor,
            name,
            body,
            open: None,
            first: None,
            waiting,
            told_group: false,
            statements: 0,
            done: false,
        })
    }

    pub(super) fn next(&mut self) -> Result<Option<Item>, FileError> {
        if let Some(item) = self.waiting.pop_front() {
            return Ok(Some(item));
        }
        if self.done {
            return Ok(None);
        }
        if let Some(start) = self.first.take() {
            return self.entry(start).map(|entry| Some(Item::Entry(Box::new(entry))));
        }
        if let Some(mut open) = self.open.take() {
            return match self.cursor.until(&mut open, "Ntry")? {
                Some(start) => {
                    self.open = Some(open);
                    self.entry(start).map(|entry| Some(Item::Entry(Box::new(entry))))
                }
                None => Ok(Some(Item::End(Box::new(open)))),
            };
        }
        match self.cursor.until(&mut self.body, self.name)? {
            Some(start) => self.begin(start)?,
            None => self.end()?,
        }
        if !self.told_group {
            self.told_group = true;
            let head = self.body.child("GrpHdr").cloned();
            let head = head.unwrap_or_else(|| Node::new("GrpHdr", None, self.body.place));
            return Ok(Some(Item::Group(Box::new(head))));
        }
        Ok(self.waiting.pop_front())
    }

    fn end(&mut self) -> Result<(), FileError> {
        self.done = true;
        self.cursor.close()?;
        if self.statements == 0 {
            let problem = format!("no {} is in it", self.name);
            let rule = "a message without a statement says nothing, not even that nothing moved; ask the bank";
            return Err(self.cursor.wrong(self.body.place, &self.body.name, problem, rule));
        }
        Ok(())
    }

    fn begin(&mut self, mut node: Node) -> Result<(), FileError> {
        self.statements += 1;
        let first = self.cursor.until(&mut node, "Ntry")?;
        let head = self.head(&node);
        self.waiting.push_back(Item::Begin(head));
        match first {
            None => self.waiting.push_back(Item::End(Box::new(node))),
            Some(start) => {
                self.first = Some(start);
                self.open = Some(node);
            }
        }
        Ok(())
    }

    fn head(&mut self, node: &Node) -> Head {
        for name in ["Id", "Acct"] {
            if node.child(name).is_none() {
                self.cursor.warn(node.place, self.name, format!("{name} is missing, or stands behind the entries"));
            }
        }
        Head {
            id: node.own("Id").unwrap_or_default(),
            created: node.text_at("CreDtTm").and_then(dates::day),
            account: node.child("Acct").and_then(account_of).unwrap_or_default().to_owned(),
            currency: node.text_at("Acct/Ccy").and_then(Currency::parse),
            page: self.page(node),
        }
    }

    fn page(&self, node: &Node) -> Option<(u64, bool)> {
        let name = if self.name == "Stmt" { "StmtPgntn" } else { "NtfctnPgntn" };
        let pages = node.child(name)?;
        Some((pages.text_at("PgNb")?.parse().ok()?, pages.flag_at("LastPgInd").unwrap_or(true)))
    }

    /// One entry: its details are taken one by one, so that a batch of many is not a tree of many.
    fn entry(&mut self, mut node: Node) -> Result<Entry, FileError> {
        let mut draft = Draft::default();
        while let Some(mut details) = self.cursor.until(&mut node, "NtryDtls")? {
            while let Some(start) = self.cursor.until(&mut details, "TxDtls")? {
                let detail = self.cursor.part(start)?;
                draft.detail(&detail, &mut self.cursor)?;
            }
            draft.batches(&details, &mut self.cursor)?;
        }
        draft.entry(&node, &mut self.cursor)
    }
}
