//! Any of the messages as named texts, part by part: for looking into files, linting and comparing them.

use std::collections::VecDeque;
use std::io::Read;

use super::camt::{Item, Message};
use super::cells::{self, Cells};
use super::entry::Entry;
use super::names::Name;
use super::namespace::Family;
use super::pain002::{Level, not_hac};
use super::pain008::Sums;
use super::settings::Settings;
use super::stream::{Part, Stream};
use super::summary::Summary;
use crate::formats::Kind;
use crate::formats::records::{FileError, Totals, Warning};
use crate::model::money::Fen;

/// One part, with texts of its own.
#[derive(Debug)]
pub(crate) struct Section {
    /// Which kind of part.
    pub kind: Kind,
    /// Its number in the document, from 1: documents need not have lines.
    pub number: u64,
    /// Names, texts, and whether they are somebody's.
    pub cells: Cells,
}

/// A document being looked at.
#[derive(Debug)]
pub(crate) struct Sections<R> {
    source: Source<R>,
    waiting: VecDeque<Section>,
    /// An entry whose details are told one by one, and how many are.
    entry: Option<(Box<Entry>, usize)>,
    summary: Summary,
    sums: Sums,
    number: u64,
    totals: Totals,
}

#[derive(Debug)]
enum Source<R> {
    Payments(Family, Box<Stream<R>>),
    Money(Box<Message<R>>),
}

impl<R: Read> Sections<R> {
    /// Opens a document of the format's family.
    pub(crate) fn open(settings: &Settings, file: &str, input: R) -> Result<Sections<R>, FileError> {
        let (family, strict) = (settings.family, settings.strict);
        let source = match family {
            Family::Pain008 | Family::Pain002 => {
                Source::Payments(family, Box::new(Stream::open(file, family, strict, input)?))
            }
            Family::Camt053 | Family::Camt054 => Source::Money(Box::new(Message::open(file, family, strict, input)?)),
        };
        let (waiting, summary, sums) = (VecDeque::new(), Summary::default(), Sums::default());
        Ok(Sections { source, waiting, entry: None, summary, sums, number: 0, totals: Totals::default() })
    }

    pub(crate) fn warnings(&self) -> &[Warning] {
        match &self.source {
            Source::Payments(_, stream) => stream.cursor.warnings.all(),
            Source::Money(message) => message.cursor.warnings.all(),
        }
    }

    /// Rows so far, and what they ask or move, in minor units whatever the currency.
    pub(crate) fn totals(&self) -> Totals {
        self.totals
    }

    pub(crate) fn next(&mut self) -> Result<Option<Section>, FileError> {
        loop {
            if let Some(section) = self.waiting.pop_front() {
                return Ok(Some(section));
            }
            if self.detail() {
                continue;
            }
            let more = match &mut self.source {
                Source::Money(message) => match message.next()? {
                    Some(item) => self.money(item)?,
                    None => false,
                },
                Source::Payments(family, stream) => {
                    let family = *family;
                    match stream.next()? {
                        Some(part) if family == Family::Pain008 => self.debits(part)?,
                        Some(part) => self.report(part)?,
                        None => false,
                    }
                }
            };
            if !more {
                return Ok(None);
            }
        }
    }

    fn add(&mut self, kind: Kind, cells: Cells) {
        self.number += 1;
        self.waiting.push_back(Section { kind, number: self.number, cells });
    }

    /// Tells the next detail of the entry, if it has one more.
    fn detail(&mut self) -> bool {
        let Some((entry, told)) = self.entry.take() else { return false };
        let Some(detail) = entry.details.get(told) else { return false };
        let cells = cells::detail(&entry, detail);
        self.add(Kind::Detail, cells);
        self.entry = Some((entry, told + 1));
        true
    }

    fn row(&mut self, minor: i64) {
        self.totals.count += 1;
        self.totals.sum = Fen(self.totals.sum.0.saturating_add(minor.abs()));
    }

    fn money(&mut self, item: Item) -> Result<bool, FileError> {
        let Source::Money(message) = &mut self.source else { return Ok(false) };
        match item {
            Item::Group => {
                let cells = cells::head(message.group(), &message.cursor.identity.name);
                self.add(Kind::Head, cells);
            }
            Item::Begin(head) => {
                self.summary = Summary::default();
                self.add(Kind::Group, cells::statement(&head));
            }
            Item::Entry(entry) => {
                self.summary.entry(&entry);
                self.row(entry.amount.minor);
                self.add(Kind::Row, cells::entry(&entry));
                self.entry = Some((entry, 0));
            }
            Item::End => {
                let node = message.statement.root();
                self.summary.close(node, None, &mut message.cursor)?;
                let balances = self.summary.balances(node, &message.cursor)?;
                let cells = cells::statement_end(node, &self.summary, balances);
                self.add(Kind::GroupEnd, cells);
            }
        }
        Ok(true)
    }

    fn report(&mut self, part: Part) -> Result<bool, FileError> {
        let Source::Payments(_, stream) = &mut self.source else { return Ok(false) };
        match part {
            Part::Head => {
                let body = stream.body.root();
                not_hac(body, &stream.cursor)?;
                Level::of_group(body, &mut stream.cursor)?;
                let cells = cells::report(body, &stream.cursor.identity.name);
                self.add(Kind::Head, cells);
            }
            Part::Begin => {
                let cells = cells::payment_status(stream.payment.root());
                self.add(Kind::Group, cells);
            }
            Part::Tx => {
                let node = stream.tx.root();
                let tx = super::pain002::Tx::of(node, &stream.cursor)?;
                let (minor, cells) = (tx.amount.as_ref().map_or(0, |amount| amount.minor), cells::tx_status(node, &tx));
                self.row(minor);
                self.add(Kind::Row, cells);
            }
            Part::End => {
                Level::of_payment(stream.payment.root(), &stream.cursor)?;
            }
            Part::Close => {
                if stream.body.root().child(Name::OrgnlGrpInfAndSts).is_none() {
                    let rule = "a report says which message of ours it is about; ask the bank";
                    return Err(stream.cursor.wrong(stream.cursor.body, "OrgnlGrpInfAndSts", "it is missing", rule));
                }
            }
        }
        Ok(true)
    }

    fn debits(&mut self, part: Part) -> Result<bool, FileError> {
        let Source::Payments(_, stream) = &mut self.source else { return Ok(false) };
        match part {
            Part::Head => {
                let cells = cells::request(stream.body.root(), &stream.cursor.identity.name);
                self.add(Kind::Head, cells);
            }
            Part::Begin => {
                let cells = cells::payment(stream.payment.root());
                self.sums.begin();
                self.add(Kind::Group, cells);
            }
            Part::Tx => {
                let node = stream.tx.root();
                let amount = self.sums.tx(node, &stream.cursor)?;
                let cells = cells::debit(node, &amount);
                self.row(amount.minor);
                self.add(Kind::Row, cells);
            }
            Part::End => {
                let (count, sum) = self.sums.end(stream.payment.root(), &stream.cursor)?;
                self.add(Kind::GroupEnd, vec![cells::cell("transactions", count), cells::cell("sum", sum)]);
            }
            Part::Close => {
                let (count, sum) = self.sums.close(stream.body.root(), &stream.cursor)?;
                self.add(Kind::Tail, vec![cells::cell("transactions", count), cells::cell("sum", sum)]);
            }
        }
        Ok(true)
    }
}
