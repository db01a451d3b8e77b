//! Pages of statements: what opens and closes them, and that nothing is missing between two.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::balance::shown;
use super::{Balance, Entry, Options, Wrong};
use crate::model::card::mask;
use crate::model::money::Fen;

/// One page of a statement, from `:20:` to its opening balance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Line of `:20:`.
    pub line: u64,
    /// `:20:`, the message's reference.
    pub reference: String,
    /// `:25:`, the account.
    pub account: String,
    /// The account is ours, as far as anybody said which are.
    pub ours: bool,
    /// `:28C:`, the statement's number as it stands, `245` of `245/2`.
    pub number: String,
    /// The page's number, `2` of `245/2`, where stated.
    pub page: Option<u32>,
    /// The page goes on where an earlier one stopped (`:60M:`).
    pub goes_on: bool,
    /// `:60F:` or `:60M:`.
    pub opening: Balance,
}

/// How a page closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    /// Line of the balance.
    pub line: u64,
    /// Another page follows (`:62M:`).
    pub goes_on: bool,
    /// `:62F:` or `:62M:`.
    pub balance: Balance,
    /// Entries of the page.
    pub entries: u64,
}

/// The fields before the entries, as far as they came.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub line: u64,
    pub reference: String,
    pub account: Option<String>,
    pub number: Option<(String, Option<u32>)>,
}

/// A page whose entries are being read.
#[derive(Debug)]
pub(super) struct Open {
    pub page: Page,
    /// Opening balance and the entries so far.
    sum: Fen,
    pub entries: u64,
}

/// How the page before this one ended.
#[derive(Clone, Debug)]
pub(super) struct Before {
    account: String,
    number: String,
    page: Option<u32>,
    closing: Balance,
    pub goes_on: bool,
}

/// `245/2` → number and page. The standard has five digits; banks also write the day, or the year and a number.
pub(super) fn number(text: &str) -> Result<(String, Option<u32>), Wrong> {
    let digits = |text: &str| (1..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    let (number, page) = text.split_once('/').map_or((text, None), |(number, page)| (number, Some(page)));
    if !digits(number) || page.is_some_and(|page| !digits(page)) {
        let rule = "a statement's number is digits, and perhaps / and the page's number: 245/2";
        return Err(Wrong::new(0, format!("`{}` is no such number", shown(text)), rule));
    }
    Ok((number.to_owned(), page.and_then(|page| page.parse().ok())))
}

impl Page {
    /// What is wrong with a page that follows `before`, if anything is.
    pub(super) fn check(&self, before: Option<&Before>, options: &Options) -> Result<(), Wrong> {
        let whole = |problem: String, rule| Err(Wrong::new(usize::MAX, problem, rule));
        if self.ours && self.opening.currency != options.currency {
            let rule = "the format says the account's currency (`currency`), nothing is converted; is it the right \
                        account's statement?";
            let (found, wanted) = (&self.opening.currency, &options.currency);
            return whole(format!("its currency is {found}, not {wanted}: account {}", mask(&self.account)), rule);
        }
        let before = before.filter(|before| before.goes_on);
        match (self.goes_on, before) {
            (false, None) => Ok(()),
            (true, None) if options.pages_apart => Ok(()),
            (false, Some(_)) if options.pages_apart => Ok(()),
            (true, None) => whole(
                "it goes on from a page that is not in this file".to_owned(),
                "a statement comes whole; fetch the pages before, or write `pages = \"apart\"` in the format",
            ),
            (false, Some(before)) => whole(
                format!("statement {} was to go on, and a new one begins", before.number),
                "the next page of a statement follows it; a part of the file is missing, fetch it again",
            ),
            (true, Some(before)) => self.follows(before),
        }
    }

    fn follows(&self, before: &Before) -> Result<(), Wrong> {
        let rule = "the next page is of the same statement, one page on, and opens with the balance the last closed \
                    with; a page is missing or twice in the file, fetch it again";
        let problem = if self.account != before.account {
            "the page is of another account".to_owned()
        } else if self.number != before.number {
            format!("the page is of statement {}, the page before of {}", self.number, before.number)
        } else if let (Some(page), Some(last)) = (self.page, before.page)
            && page != last + 1
        {
            format!("it is page {page} behind page {last}")
        } else if self.opening.amount != before.closing.amount || self.opening.currency != before.closing.currency {
            format!("it opens with {}, the page before closed with {}", self.opening.amount, before.closing.amount)
        } else {
            return Ok(());
        };
        Err(Wrong::new(usize::MAX, problem, rule))
    }
}

impl Open {
    pub(super) fn new(page: Page) -> Open {
        Open { sum: page.opening.amount, page, entries: 0 }
    }

    /// Counts an entry.
    pub(super) fn add(&mut self, entry: &Entry) -> Result<(), Wrong> {
        let rule = "balances stay inside the range of money";
        self.sum = self.sum.plus(entry.amount).map_err(|e| Wrong::new(usize::MAX, e.to_string(), rule))?;
        self.entries += 1;
        Ok(())
    }

    /// Closes the page: its entries make the difference between its balances, to the fen.
    pub(super) fn close(&self, balance: &Balance) -> Result<(), Wrong> {
        if balance.currency != self.page.opening.currency {
            let problem =
                format!("its currency is {}, the opening balance's {}", balance.currency, self.page.opening.currency);
            return Err(Wrong::new(usize::MAX, problem, "a statement is of one currency"));
        }
        if balance.amount != self.sum {
            let problem = format!(
                "the page closes with {}; it opened with {} and its {} entries make {}",
                balance.amount, self.page.opening.amount, self.entries, self.sum
            );
            let rule = "opening balance and entries make the closing balance; an entry is missing or changed, fetch \
                        the statement again or ask the bank";
            return Err(Wrong::new(usize::MAX, problem, rule));
        }
        Ok(())
    }

    pub(super) fn before(&self, closing: Balance, goes_on: bool) -> Before {
        let Page { account, number, page, .. } = self.page.clone();
        Before { account, number, page, closing, goes_on }
    }
}

/// Names for entries that stay the same whenever a statement is delivered again.
#[derive(Debug, Default)]
pub(super) struct Serials {
    /// Hashes of the bank's references of a statement, and how often each stood there: eight bytes and a number each.
    seen: HashMap<u64, u32>,
    /// Entries without a reference of the bank.
    nameless: u32,
}

impl Serials {
    /// A new page: names begin anew with a new statement, and with a page that has a number of its own.
    pub(super) fn turn(&mut self, page: &Page) {
        if !page.goes_on {
            self.seen.clear();
        }
        if !page.goes_on || page.page.is_some() {
            self.nameless = 0;
        }
    }

    /// The bank's reference (the second of a value date gets `#2`), else account, statement, page, opening day, place.
    pub(super) fn name(&mut self, page: &Page, entry: &Entry) -> String {
        if entry.bank.is_empty() {
            self.nameless += 1;
            let number = page.page.map_or(page.number.clone(), |n| format!("{}/{n}", page.number));
            return format!("{}-{number}-{}-{}", page.account, page.opening.date.format("%Y%m%d"), self.nameless);
        }
        let mut hash = DefaultHasher::new();
        (entry.value_date, &entry.bank).hash(&mut hash);
        let count = self.seen.entry(hash.finish()).or_insert(0);
        *count += 1;
        if *count == 1 { entry.bank.clone() } else { format!("{}#{count}", entry.bank) }
    }
}
