//! One movement of money (明细): `:61:2409020902C50,00NTRF90100516000012340//BK0001` and its supplementary line.

use chrono::NaiveDate;

use super::Wrong;
use super::balance::{AMOUNT, amount, date, shown};
use super::fields::Field;
use super::narrative::Narrative;
use crate::formats::nearest;
use crate::model::money::Fen;

/// Which way the money went, as the bank marks it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Into the account.
    Credit,
    /// Out of it.
    Debit,
    /// An earlier credit is taken back (冲正): out.
    CreditReversed,
    /// An earlier debit is given back: in.
    DebitReversed,
}

/// A line of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Line of the file.
    pub line: u64,
    /// When the money counts.
    pub value_date: NaiveDate,
    /// When the bank booked it, where stated.
    pub booked_on: Option<NaiveDate>,
    /// Which way.
    pub mark: Mark,
    /// Into the account positive, out of it negative, fen.
    pub amount: Fen,
    /// Transaction type: `NTRF`, `FMSC`, `S103`.
    pub code: String,
    /// The customer's reference; empty where the bank writes `NONREF`.
    pub customer: String,
    /// The bank's reference, behind `//`.
    pub bank: String,
    /// The second line of the field.
    pub supplementary: String,
    /// The words of `:86:`.
    pub narrative: Narrative,
    /// Unique per account and value date, the same whenever the statement is delivered again.
    pub serial: String,
}

const RULE: &str = "an entry is YYMMDD, perhaps MMDD, C, D, RC or RD, an amount with a comma, a type such as NTRF and \
                    references: 2409020902C50,00NTRF123//456";

impl Entry {
    /// Reads the value of a field; words and serial follow.
    pub(super) fn parse(field: &Field) -> Result<Entry, Wrong> {
        let text = field.first();
        let value_date = text.get(..6).and_then(date).ok_or_else(|| Wrong::new(0, "it has no value date", RULE))?;
        let mut rest = Rest { text, at: 6 };
        let booked_on = rest.entry_date(value_date)?;
        let mark = rest.mark()?;
        // The third letter of the currency, from banks that state it.
        rest.take_if(|c| c.is_ascii_uppercase());
        let digits = rest.left().find(|c: char| !c.is_ascii_digit() && c != ',').unwrap_or(rest.left().len());
        let sum = amount(&rest.left()[..digits]).map_err(|problem| Wrong::new(rest.chars(), problem, AMOUNT))?;
        rest.at += digits;
        let code = rest.left().get(..4).filter(|code| is_code(code));
        let code = code.ok_or_else(|| Wrong::new(rest.chars(), "it has no type behind the amount", RULE))?.to_owned();
        rest.at += 4;
        let (customer, bank) = rest.left().split_once("//").unwrap_or((rest.left(), ""));
        let amount = match mark {
            Mark::Credit | Mark::DebitReversed => sum,
            Mark::Debit | Mark::CreditReversed => Fen(-sum.0),
        };
        let plain = |text: &str| if text.trim() == "NONREF" { String::new() } else { text.trim().to_owned() };
        Ok(Entry {
            line: field.line,
            value_date,
            booked_on,
            mark,
            amount,
            code,
            customer: plain(customer),
            bank: plain(bank),
            supplementary: field.lines.get(1..).unwrap_or_default().join(" ").trim().to_owned(),
            narrative: Narrative::default(),
            serial: String::new(),
        })
    }
}

fn is_code(code: &str) -> bool {
    let mut bytes = code.bytes();
    bytes.next().is_some_and(|b| b.is_ascii_uppercase()) && bytes.all(|b| b.is_ascii_alphanumeric())
}

/// What is left of a line.
struct Rest<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Rest<'t> {
    fn left(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn chars(&self) -> usize {
        self.text.get(..self.at).map_or(0, |before| before.chars().count())
    }

    fn take_if(&mut self, wanted: impl Fn(char) -> bool) -> Option<char> {
        let next = self.left().chars().next().filter(|c| wanted(*c))?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// `MMDD`: the day nearest to the value date, over New Year, too.
    fn entry_date(&mut self, value_date: NaiveDate) -> Result<Option<NaiveDate>, Wrong> {
        let Some(four) = self.left().get(..4).filter(|four| four.bytes().all(|b| b.is_ascii_digit())) else {
            return Ok(None);
        };
        let number = |at: usize| four.get(at..at + 2).and_then(|two| two.parse().ok()).unwrap_or(0);
        let Some(found) = nearest(number(0), number(2), value_date) else {
            return Err(Wrong::new(self.chars(), format!("`{four}` is no entry date MMDD"), RULE));
        };
        self.at += 4;
        Ok(Some(found))
    }

    fn mark(&mut self) -> Result<Mark, Wrong> {
        let marks =
            [("RC", Mark::CreditReversed), ("RD", Mark::DebitReversed), ("C", Mark::Credit), ("D", Mark::Debit)];
        let Some((word, mark)) = marks.into_iter().find(|(word, _)| self.left().starts_with(word)) else {
            let stands: String = self.left().chars().take(2).collect();
            let problem = format!("`{}` stands where C, D, RC or RD should", shown(&stands));
            return Err(Wrong::new(self.chars(), problem, RULE));
        };
        self.at += word.len();
        Ok(mark)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(lines: &[&str]) -> Result<Entry, Wrong> {
        let lines = lines.iter().map(|line| (*line).to_owned()).collect();
        Entry::parse(&Field { tag: "61".to_owned(), line: 7, lines })
    }

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn everything_a_line_may_say() {
        let entry = parse(&["2412310102RDY12,3FMSC90100516000012340//BK/1", " 2 of 2 "]).unwrap();
        assert_eq!((entry.value_date, entry.booked_on), (day(2024, 12, 31), Some(day(2025, 1, 2))));
        assert_eq!((entry.mark, entry.amount), (Mark::DebitReversed, Fen(1230)));
        assert_eq!((entry.code.as_str(), entry.customer.as_str()), ("FMSC", "90100516000012340"));
        assert_eq!((entry.bank.as_str(), entry.supplementary.as_str(), entry.line), ("BK/1", "2 of 2", 7));
        let entry = parse(&["250101C50,NTRFNONREF"]).unwrap();
        assert_eq!((entry.booked_on, entry.mark, entry.amount), (None, Mark::Credit, Fen(5000)));
        assert_eq!((entry.customer.as_str(), entry.bank.as_str()), ("", ""));
        assert_eq!(parse(&["2501011231D0,01S103x"]).unwrap().booked_on, Some(day(2024, 12, 31)));
        // C, and R for EUR: a credit. RC: a credit taken back.
        assert_eq!(parse(&["250101CR5,NTRFx"]).unwrap().amount, Fen(500));
        assert_eq!(parse(&["250101RC5,NTRFx"]).unwrap().amount, Fen(-500));
    }

    #[test]
    fn each_part_is_missed_in_its_place() {
        for (text, at, problem) in [
            ("250230C5,NTRFx", 0, "it has no value date"),
            ("2501011301C5,NTRFx", 6, "`1301` is no entry date MMDD"),
            ("250101X5,NTRFx", 6, "`X5` stands where C, D, RC or RD should"),
            ("250101EC5,NTRFx", 6, "`EC` stands where C, D, RC or RD should"),
            ("250101C5.00NTRFx", 7, "`5` is no amount"),
            ("250101C,50NTRFx", 7, "`,50` is no amount"),
            ("250101C5,001NTRFx", 7, "`5,001` is no amount"),
            ("250101C5,00N", 11, "it has no type behind the amount"),
            ("250101C5,00代扣入账", 11, "it has no type behind the amount"),
            ("", 0, "it has no value date"),
        ] {
            let wrong = parse(&[text]).unwrap_err();
            assert_eq!((wrong.at, wrong.problem.as_str()), (at, problem), "{text}");
        }
    }
}
