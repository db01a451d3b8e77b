//! The order of a statement's fields: `:20: :21: :25: :28C: :60: (:61: :86:)* :62: :64: :65: :86:`, page by page.

use std::io::Read;

use super::fields::{Field, Fields};
use super::lines::Lines;
use super::pages::{self, Before, Head, Open, Serials};
use super::{Balance, Closing, Entry, Narrative, Options, Page, Wrong, broken};
use crate::charset::Charset;
use crate::formats::records::FileError;
use crate::formats::{Bom, EndMark, Input};
use crate::model::own_account::OwnAccounts;

/// The most lines of one entry's words; the standard has six.
const WORDS: usize = 500;

/// One thing a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A page begins.
    Page(Page),
    /// Money moved.
    Entry(Entry),
    /// The page is whole, and ties.
    Closing(Closing),
}

/// Reads a file as a stream.
#[derive(Debug)]
pub struct Reader<'o, R> {
    options: &'o Options,
    own: OwnAccounts,
    fields: Fields<R>,
    stage: Stage,
    before: Option<Before>,
    serials: Serials,
    /// An entry whose words may follow, and those that came.
    pending: Option<Entry>,
    words: Vec<String>,
    /// A field that had to wait for the entry before it.
    ahead: Option<Field>,
}

#[derive(Debug)]
enum Stage {
    Outside,
    Head(Head),
    Entries(Open),
    /// Behind the closing balance: what may come is of no use to us.
    Closed,
}

impl<'o, R: Read> Reader<'o, R> {
    /// Opens a file. A byte order mark, and NUL or 0x1A bytes behind the last line, are passed over.
    pub fn new(options: &'o Options, charset: Charset, input: R) -> Reader<'o, R> {
        Reader::of(options, OwnAccounts::default(), charset, input)
    }

    /// [`Reader::new`] for a bank of which is known which accounts are ours.
    pub fn of(options: &'o Options, own: OwnAccounts, charset: Charset, input: R) -> Reader<'o, R> {
        let input = Input::new(input, Bom::Strip, EndMark::Ignore);
        Reader {
            options,
            own,
            fields: Fields::new(Lines::new(input, charset)),
            stage: Stage::Outside,
            before: None,
            serials: Serials::default(),
            pending: None,
            words: Vec::new(),
            ahead: None,
        }
    }

    /// The next thing; `None` at the end of the file. An error is final.
    pub fn next_item(&mut self) -> Result<Option<Item>, FileError> {
        loop {
            let field = match self.ahead.take() {
                Some(field) => field,
                None => match self.fields.next()? {
                    Some(field) => field,
                    None => return self.end(),
                },
            };
            if field.tag != "86"
                && let Some(entry) = self.entry()
            {
                self.ahead = Some(field);
                return Ok(Some(Item::Entry(entry)));
            }
            let item = self.field(&field).map_err(|wrong| wrong.place(field.line, &field.tag))?;
            if item.is_some() {
                return Ok(item);
            }
        }
    }

    fn field(&mut self, field: &Field) -> Result<Option<Item>, Wrong> {
        match (field.tag.as_str(), &mut self.stage) {
            ("20", Stage::Outside | Stage::Closed) => {
                let reference = field.first().trim().to_owned();
                self.stage = Stage::Head(Head { line: field.line, reference, ..Head::default() });
                Ok(None)
            }
            ("21", Stage::Head(_)) | ("64" | "65" | "86", Stage::Closed) => Ok(None),
            ("25" | "25P", Stage::Head(head)) => {
                head.account = Some(field.first().trim().to_owned()).filter(|account| !account.is_empty());
                Ok(None)
            }
            ("28C" | "28", Stage::Head(head)) => {
                head.number = Some(pages::number(field.first().trim())?);
                Ok(None)
            }
            ("60F" | "60M", Stage::Head(head)) => {
                let head = std::mem::take(head);
                self.begin(field, head).map(Some)
            }
            ("61", Stage::Entries(open)) => {
                let mut entry = Entry::parse(field)?;
                open.add(&entry)?;
                entry.serial = self.serials.name(&open.page, &entry);
                self.pending = Some(entry);
                Ok(None)
            }
            ("86", Stage::Entries(_)) if self.pending.is_none() => {
                Err(Wrong::new(usize::MAX, "no :61: stands before it", "words belong to the entry before them"))
            }
            ("86", Stage::Entries(_)) if self.words.len() + field.lines.len() > WORDS => {
                let problem = format!("the words of one entry have more than {WORDS} lines");
                Err(Wrong::new(usize::MAX, problem, "no bank writes so many; the file is broken"))
            }
            ("86", Stage::Entries(_)) => {
                // Some banks give each line of the words a tag of its own.
                self.words.extend(field.lines.iter().cloned());
                Ok(None)
            }
            ("62F" | "62M", Stage::Entries(open)) => {
                let balance = Balance::of(field)?;
                open.close(&balance)?;
                let goes_on = field.tag == "62M";
                self.before = Some(open.before(balance.clone(), goes_on));
                let entries = open.entries;
                self.stage = Stage::Closed;
                Ok(Some(Item::Closing(Closing { line: field.line, goes_on, balance, entries })))
            }
            _ => Err(self.out_of_place(field)),
        }
    }

    /// The entry that waited for its words.
    fn entry(&mut self) -> Option<Entry> {
        let mut entry = self.pending.take()?;
        let words = std::mem::take(&mut self.words);
        if !words.is_empty() {
            entry.narrative = Narrative::parse(&words);
        }
        Some(entry)
    }

    fn begin(&mut self, field: &Field, head: Head) -> Result<Item, Wrong> {
        let missing = |what: &str| {
            let rule = "a statement begins with :20:, :25: (account), :28C: (number) and :60F: (balance)";
            Wrong::new(usize::MAX, format!("no {what} stands before it"), rule)
        };
        let account = head.account.ok_or_else(|| missing(":25:"))?;
        let (number, page) = head.number.ok_or_else(|| missing(":28C:"))?;
        let opening = Balance::of(field)?;
        let goes_on = field.tag == "60M";
        let ours = self.own.hold(&account);
        let page = Page { line: head.line, reference: head.reference, account, ours, number, page, goes_on, opening };
        page.check(self.before.as_ref(), self.options)?;
        self.serials.turn(&page);
        self.stage = Stage::Entries(Open::new(page.clone()));
        Ok(Item::Page(page))
    }

    fn out_of_place(&self, field: &Field) -> Wrong {
        let known = ["20", "21", "25", "25P", "28", "28C", "60F", "60M", "61", "62F", "62M", "64", "65", "86"];
        if !known.contains(&field.tag.as_str()) {
            let rule = "an MT940 has the fields 20, 21, 25, 28C, 60, 61, 86, 62, 64 and 65; is it another message?";
            return Wrong::new(usize::MAX, "an MT940 has no such field", rule);
        }
        let wanted = match &self.stage {
            Stage::Outside => ":20:, with which a statement begins",
            Stage::Head(_) => ":60F:, the opening balance",
            Stage::Entries(_) => ":61: or :62F:, the closing balance",
            Stage::Closed => ":20: of the next statement",
        };
        let rule = "fields have their order; a part of the statement is missing, fetch the file again";
        Wrong::new(usize::MAX, format!("it stands where {wanted}, is expected"), rule)
    }

    fn end(&mut self) -> Result<Option<Item>, FileError> {
        if let Some(entry) = self.entry() {
            return Ok(Some(Item::Entry(entry)));
        }
        let cut = "a file is taken whole or not at all; it was cut short on its way, fetch it again";
        let line = self.fields.line() + 1;
        let goes_on = self.before.as_ref().is_some_and(|before| before.goes_on) && !self.options.pages_apart;
        let (problem, rule) = match self.stage {
            Stage::Closed if !goes_on => return Ok(None),
            Stage::Closed => ("the file ends before the statement's last page (:62M: says so)", cut),
            Stage::Outside => ("the file holds no statement", "one statement at least is expected"),
            Stage::Head(_) => ("the file ends before the opening balance (:60F:)", cut),
            Stage::Entries(_) => ("the file ends before the closing balance (:62F:)", cut),
        };
        Err(FileError { field: "the file".to_owned(), ..broken(line, 0, problem, rule) })
    }
}
