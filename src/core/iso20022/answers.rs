//! A status report as answers (回盘): row by row, and what is decided for the transactions it does not list.

use std::borrow::Cow;
use std::io::Read;

use super::cursor::Cursor;
use super::dates;
use super::detail::is_key;
use super::names::Name;
use super::namespace::Family;
use super::node::Tree;
use super::pain002::{Level, Tx, not_hac};
use super::reason::Reason;
use super::rest::Rest;
use super::settings::{Key, Settings};
use super::status::Means;
use super::stream::{Part, Stream};
use crate::formats::judge::Ruled;
use crate::formats::records::{AnswerRow, Decision, FileError, Params, Totals, Warning};
use crate::model::ids::AccountNo;
use crate::model::money::Fen;

/// A report being read as answers.
#[derive(Debug)]
pub(crate) struct Answers<'f, R, T> {
    pub(super) stream: Stream<R>,
    pub(super) settings: &'f Settings,
    pub(super) table: &'f T,
    pub(super) group: Option<Level>,
    pub(super) payment: Option<(Level, Rest)>,
    pub(super) listed: Rest,
    pub(super) decisions: Vec<Decision>,
    pub(super) stated: Rest,
    rows: Totals,
    taken: Totals,
    ahead: Option<Part>,
    /// (file date, sequence number) of our message, by its id.
    names: Option<(chrono::NaiveDate, u32)>,
    done: bool,
}

impl<'f, R: Read, T: Ruled> Answers<'f, R, T> {
    /// Opens a report: reads what it says of our message.
    pub(crate) fn open(
        settings: &'f Settings,
        table: &'f T,
        params: &Params,
        file: &str,
        input: R,
    ) -> Result<Answers<'f, R, T>, FileError> {
        let mut stream = Stream::open(file, Family::Pain002, settings.strict, input)?;
        let Some(Part::Head) = stream.next()? else {
            return Err(stream.cursor.wrong(stream.cursor.body, "the document", "it is empty", "fetch it again"));
        };
        not_hac(stream.body.root(), &stream.cursor)?;
        let mut group = None;
        if let Some((level, original)) = Level::of_group(stream.body.root(), &mut stream.cursor)? {
            about_debits(&original, &mut stream.cursor)?;
            group = Some(level);
        }
        let ahead = stream.next()?;
        let payment = match &ahead {
            Some(Part::Begin) => stream.payment.root().own(&[Name::OrgnlPmtInfId]),
            _ => None,
        };
        let ours = |id: &str| settings.names(id, params);
        // The bank may give our message an id of its own; our payment information keeps ours.
        let names = group.as_ref().and_then(|level| ours(level.id.as_deref()?)).or_else(|| ours(payment.as_deref()?));
        Ok(Answers {
            stream,
            settings,
            table,
            group,
            payment: None,
            listed: Rest::default(),
            decisions: Vec::new(),
            stated: Rest::default(),
            rows: Totals::default(),
            taken: Totals::default(),
            ahead,
            names,
            done: false,
        })
    }

    pub(crate) fn names(&self) -> Option<(chrono::NaiveDate, u32)> {
        self.names
    }

    pub(crate) fn warnings(&self) -> &[Warning] {
        self.stream.cursor.warnings.all()
    }

    /// What is decided for those it does not list; complete once the rows are read.
    pub(crate) fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    pub(crate) fn next_row(&mut self) -> Result<Option<AnswerRow>, FileError> {
        while !self.done {
            let part = match self.ahead.take() {
                Some(part) => Some(part),
                None => self.stream.next()?,
            };
            match part {
                Some(Part::Tx) => {
                    // Out of the stream for the time being: the row is made of its texts.
                    let tree = std::mem::replace(&mut self.stream.tx, Tree::gone());
                    let row = Tx::of(tree.root(), &self.stream.cursor).and_then(|tx| self.row(&tx));
                    self.stream.tx = tree;
                    return row.map(Some);
                }
                Some(Part::Begin) => {
                    let level = Level::of_payment(self.stream.payment.root(), &self.stream.cursor)?;
                    self.contradiction("GrpSts", self.group.clone().as_ref(), "PmtInfSts", level.status.as_deref());
                    self.payment = Some((level, Rest::default()));
                }
                Some(Part::End) => {
                    let level = Level::of_payment(self.stream.payment.root(), &self.stream.cursor)?;
                    self.end_of_payment(&level)?;
                }
                Some(Part::Head) => {}
                Some(Part::Close) => {
                    // Some banks put it behind what it heads.
                    let told = Level::of_group(self.stream.body.root(), &mut self.stream.cursor)?;
                    if let (None, Some((level, _))) = (&self.group, told) {
                        self.group = Some(level);
                    }
                    self.end_of_group()?;
                }
                None => self.done = true,
            }
        }
        Ok(None)
    }

    /// Reads what is left: rows, taken, and the successes as stated.
    pub(crate) fn finish(&mut self) -> Result<(Totals, Totals, Option<Totals>), FileError> {
        while self.next_row()?.is_some() {}
        Ok((self.rows, self.taken, self.stated.paid(&self.settings.statuses)))
    }

    fn row(&mut self, tx: &Tx<'_>) -> Result<AnswerRow, FileError> {
        // Out of the reader for the time being: a level may say much, and is not copied for each row.
        let (mut payment, group) = (self.payment.take(), self.group.take());
        let levels = [payment.as_ref().map(|(level, _)| level), group.as_ref()];
        let own = tx.status.filter(|status| !status.is_empty());
        let above = || levels.iter().flatten().find_map(|level| level.certain());
        let status = own.map_or_else(|| Cow::Owned(above().unwrap_or_default().to_owned()), Cow::Borrowed);
        // A level that accepts has reasons for that, not for this refusal.
        let said = |level: Option<&'_ Level>| match level {
            Some(level) if !self.accepts(level) => level.reasons.clone(),
            _ => Vec::new(),
        };
        let above = if tx.reasons.is_empty() { levels.map(said) } else { [Vec::new(), Vec::new()] };
        let reasons = first_reasons([Some(&tx.reasons), Some(&above[0]), Some(&above[1])]);
        let ruling = self.settings.statuses.rule(&status, reasons, self.table);
        // Where a level above decides for those that are not listed, one that is listed stands on a line of its own.
        let alone = levels.iter().flatten().all(|level| self.decides_nothing(level));
        self.contradiction("PmtInfSts", levels[0], "TxSts", own);
        if let Some((_, rest)) = &mut payment {
            rest.listed(&status);
        }
        self.listed.listed(&status);
        (self.payment, self.group) = (payment, group);
        self.rows.count += 1;
        let line = u32::try_from(self.rows.count).unwrap_or(u32::MAX);
        let mut row = AnswerRow { line, ..AnswerRow::default() };
        self.key(tx, &mut row);
        row.asked = self.asked(tx)?;
        // An account the bank masks says nothing.
        row.card = tx.account.filter(|account| account.bytes().all(|b| b.is_ascii_alphanumeric())).map(str::to_owned);
        row.bank_serial = tx.reference.map(str::to_owned);
        row.bank_date = tx.settled.and_then(dates::day).filter(|_| ruling.category.took_money());
        if !ruling.known {
            let said = format!("`{}` stands in no table: people decide", ruling.code);
            self.warn(tx.line, "TxInfAndSts", said);
        }
        (row.category, row.code_known) = (ruling.category, ruling.known);
        row.pending = ruling.pending && alone;
        (row.code, row.text) = (ruling.code, ruling.text);
        let amount = row.asked.unwrap_or_default();
        self.rows.sum = self.plus(self.rows.sum, amount)?;
        if row.category.took_money() {
            self.taken = Totals { count: self.taken.count + 1, sum: self.plus(self.taken.sum, amount)? };
        }
        Ok(row)
    }

    fn decides_nothing(&self, level: &Level) -> bool {
        level.status.as_deref().is_none_or(|status| self.settings.statuses.means(status) == Some(Means::Pending))
    }

    fn accepts(&self, level: &Level) -> bool {
        let means = level.certain().map(|status| self.settings.statuses.means(status));
        means.is_some_and(|means| means != Some(Means::Refused))
    }

    /// Which debit it is: `EndToEndId`, then `InstrId`, then the agreement with the amount.
    fn key(&mut self, tx: &Tx<'_>, row: &mut AnswerRow) {
        let mut keys = [tx.end_to_end, tx.instruction].into_iter().flatten().filter(|key| is_key(key));
        match self.settings.key {
            Key::DebitNo => row.debit_no = keys.clone().find_map(|key| key.parse().ok()),
            Key::BankRef => {
                let digits = |key: &&str| key.bytes().all(|b| b.is_ascii_digit());
                row.bank_ref = keys.clone().find(digits).map(str::to_owned);
            }
        }
        if row.debit_no.is_some() || row.bank_ref.is_some() {
            return;
        }
        match keys.next() {
            Some(foreign) => row.foreign = Some(foreign.to_owned()),
            None => {
                row.account = tx.mandate.and_then(account_in);
                let how =
                    if row.account.is_some() { "its agreement says which debit it is" } else { "nothing names it" };
                self.warn(tx.line, "TxInfAndSts", format!("it has no id of ours: {how}"));
            }
        }
    }

    fn asked(&self, tx: &Tx<'_>) -> Result<Option<Fen>, FileError> {
        let Some(amount) = &tx.amount else { return Ok(None) };
        if let Some(currency) = self.settings.currency.filter(|currency| *currency != amount.currency) {
            let problem = format!("the amount is in {}, our debits are in {currency}", amount.currency);
            let place = crate::xml::Place { line: tx.line, column: 0 };
            return Err(self.stream.cursor.wrong(place, "OrgnlTxRef/Amt", problem, "is it our file? ask the bank"));
        }
        Ok(Some(Fen(amount.minor)))
    }

    /// Two levels that say different things: the lower one counts, and it is said.
    fn contradiction(&mut self, upper: &str, above: Option<&Level>, lower: &str, below: Option<&str>) {
        let Some((above, below)) = above.and_then(|level| level.certain()).zip(below) else { return };
        let statuses = &self.settings.statuses;
        if below != super::status::PART && statuses.means(above) != statuses.means(below) {
            let said = format!("{upper} says {above}, {lower} says {below}: the lower level counts");
            self.warn(0, upper, said);
        }
    }

    fn warn(&mut self, line: u64, field: &str, said: String) {
        self.stream.cursor.warnings.add((line, 0), field, said);
    }

    fn plus(&self, sum: Fen, more: Fen) -> Result<Fen, FileError> {
        let place = self.stream.cursor.body;
        sum.plus(more).map_err(|e| self.stream.cursor.wrong(place, "the sum", e.to_string(), "sums stay in range"))
    }
}

/// The account in the number of one of our agreements.
fn account_in(mandate: &str) -> Option<AccountNo> {
    mandate.get(..12)?.parse().ok()
}

pub(super) fn first_reasons(levels: [Option<&Vec<Reason>>; 3]) -> &[Reason] {
    levels.into_iter().flatten().find(|reasons| !reasons.is_empty()).map_or(&[], Vec::as_slice)
}

/// A report about another message of the standard says nothing of our debits; odd names are only told.
fn about_debits<R: Read>(original: &str, cursor: &mut Cursor<R>) -> Result<(), FileError> {
    let name = original.to_ascii_lowercase();
    if name.is_empty() || name.starts_with("pain.008") {
        return Ok(());
    }
    let place = cursor.body;
    if name.starts_with("pain.") || name.starts_with("camt.") || name.starts_with("pacs.") {
        let problem = format!("it answers a {original}, our debits are a pain.008");
        return Err(cursor.wrong(
            place,
            "OrgnlMsgNmId",
            problem,
            "only the answer to our debits is taken; ask the bank",
        ));
    }
    cursor.warn(place, "OrgnlMsgNmId", format!("it calls the message it answers `{original}`"));
    Ok(())
}
