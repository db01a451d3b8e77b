//! A payment message as a stream: its head, each payment information, each transaction in it. One transaction is in
//! memory at a time.

use std::collections::VecDeque;
use std::io::Read;

use super::cursor::Cursor;
use super::namespace::Family;
use super::node::Node;
use crate::formats::records::FileError;

/// One part of a message.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// The body with what stands before the first payment information: once, before all others.
    Head(Node),
    /// A payment information with what stands before its transactions.
    Begin(Node),
    /// A transaction of it.
    Tx(Node),
    /// Its end: the same, with what stood behind its transactions.
    End(Node),
    /// The body's end: the same, with what stood behind the payment informations.
    Close(Node),
}

/// A message being read.
#[derive(Debug)]
pub(super) struct Stream<R> {
    pub cursor: Cursor<R>,
    outer: &'static str,
    inner: &'static str,
    body: Node,
    open: Option<Node>,
    /// The start of its first transaction: not read before it is asked for.
    first: Option<Node>,
    waiting: VecDeque<Part>,
    begun: bool,
    done: bool,
}

impl<R: Read> Stream<R> {
    /// Opens a pain.002 or pain.008.
    pub(super) fn open(file: &str, family: Family, strict: bool, input: R) -> Result<Stream<R>, FileError> {
        let cursor = Cursor::open(file, family, strict, input)?;
        let (outer, inner) = match family {
            Family::Pain008 => ("PmtInf", "DrctDbtTxInf"),
            _ => ("OrgnlPmtInfAndSts", "TxInfAndSts"),
        };
        let body = cursor.body.clone();
        Ok(Stream {
            cursor,
            outer,
            inner,
            body,
            open: None,
            first: None,
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
        if let Some(start) = self.first.take() {
            return self.cursor.part(start).map(|tx| Some(Part::Tx(tx)));
        }
        if let Some(mut open) = self.open.take() {
            let Some(start) = self.cursor.until(&mut open, self.inner)? else { return Ok(Some(Part::End(open))) };
            self.open = Some(open);
            return self.cursor.part(start).map(|tx| Some(Part::Tx(tx)));
        }
        let start = self.cursor.until(&mut self.body, self.outer)?;
        if !std::mem::replace(&mut self.begun, true) {
            self.waiting.push_back(Part::Head(self.body.clone()));
        }
        match start {
            Some(start) => self.begin(start)?,
            None => {
                self.done = true;
                self.cursor.close()?;
                if let Some(stray) = self.body.child(self.inner) {
                    let problem = format!("it stands outside {}", self.outer);
                    return Err(self.cursor.wrong(
                        stray.place,
                        self.inner,
                        problem,
                        "nobody would read it; ask the bank",
                    ));
                }
                self.waiting.push_back(Part::Close(self.body.clone()));
            }
        }
        Ok(self.waiting.pop_front())
    }

    fn begin(&mut self, mut node: Node) -> Result<(), FileError> {
        let first = self.cursor.until(&mut node, self.inner)?;
        self.waiting.push_back(Part::Begin(node.clone()));
        match first {
            None => self.waiting.push_back(Part::End(node)),
            Some(start) => {
                self.first = Some(start);
                self.open = Some(node);
            }
        }
        Ok(())
    }
}
