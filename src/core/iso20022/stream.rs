//! A payment message as a stream: its head, each payment information, each transaction in it. One transaction is in
//! memory at a time.

use std::collections::VecDeque;
use std::io::Read;

use super::cursor::Cursor;
use super::names::Name;
use super::namespace::Family;
use super::node::Tree;
use crate::formats::records::FileError;

/// One part of a message: which tree of the stream holds it, until the next part is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Part {
    /// [`Stream::body`] with what stands before the first payment information: once, before all others.
    Head,
    /// [`Stream::payment`] with what stands before its transactions.
    Begin,
    /// [`Stream::tx`]: a transaction of it.
    Tx,
    /// Its end: [`Stream::payment`], with what stood behind its transactions.
    End,
    /// The body's end: [`Stream::body`], with what stood behind the payment informations.
    Close,
}

/// A message being read.
#[derive(Debug)]
pub(super) struct Stream<R> {
    pub cursor: Cursor<R>,
    pub body: Tree,
    pub payment: Tree,
    pub tx: Tree,
    outer: Name,
    inner: Name,
    /// A payment information is open.
    open: bool,
    /// Its first transaction has begun: not read before it is asked for.
    first: bool,
    waiting: VecDeque<Part>,
    begun: bool,
    done: bool,
}

impl<R: Read> Stream<R> {
    /// Opens a pain.002 or pain.008.
    pub(super) fn open(file: &str, family: Family, strict: bool, input: R) -> Result<Stream<R>, FileError> {
        let (cursor, body) = Cursor::open(file, family, strict, input)?;
        let (outer, inner) = match family {
            Family::Pain008 => (Name::PmtInf, Name::DrctDbtTxInf),
            _ => (Name::OrgnlPmtInfAndSts, Name::TxInfAndSts),
        };
        Ok(Stream {
            cursor,
            body,
            payment: Tree::new(),
            tx: Tree::new(),
            outer,
            inner,
            open: false,
            first: false,
            waiting: VecDeque::new(),
            begun: false,
            done: false,
        })
    }

    pub(super) fn next(&mut self) -> Result<Option<Part>, FileError> {
        if let Some(part) = self.waiting.pop_front() {
            return Ok(Some(part));
        }
        if self.done {
            return Ok(None);
        }
        if self.open {
            let one =
                std::mem::take(&mut self.first) || self.cursor.until(&mut self.payment, self.inner, &mut self.tx)?;
            if one {
                return self.cursor.part(&mut self.tx).map(|()| Some(Part::Tx));
            }
            self.open = false;
            return Ok(Some(Part::End));
        }
        let more = self.cursor.until(&mut self.body, self.outer, &mut self.payment)?;
        if !std::mem::replace(&mut self.begun, true) {
            self.waiting.push_back(Part::Head);
        }
        if more {
            self.begin()?
        } else {
            self.close()?
        }
        Ok(self.waiting.pop_front())
    }

    fn begin(&mut self) -> Result<(), FileError> {
        self.first = self.cursor.until(&mut self.payment, self.inner, &mut self.tx)?;
        self.open = self.first;
        self.waiting.push_back(Part::Begin);
        if !self.open {
            self.waiting.push_back(Part::End);
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), FileError> {
        self.done = true;
        self.cursor.close()?;
        if let Some(stray) = self.body.root().child(self.inner) {
            let problem = format!("it stands outside {}", self.outer.word());
            let rule = "nobody would read it; ask the bank";
            return Err(self.cursor.wrong(stray.place(), self.inner.word(), problem, rule));
        }
        self.waiting.push_back(Part::Close);
        Ok(())
    }
}
