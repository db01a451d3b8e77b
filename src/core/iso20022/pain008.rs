//! A debit file (pain.008) read back: counts and control sums tie on both levels, exactly.

use std::io::Read;

use super::cursor::Cursor;
use super::entry::EXACT;
use super::money::{Decimal, Money};
use super::names::Name::*;
use super::node::Node;
use crate::formats::records::FileError;

/// Counts and sums of the transactions so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    payment: (u64, Decimal),
    message: (u64, Decimal),
    payments: u64,
}

const TIE: &str = "totals tie to the transactions; the file is cut short or damaged, fetch it again";

impl Sums {
    /// A payment information begins.
    pub(super) fn begin(&mut self) {
        self.payment = (0, Decimal::default());
        self.payments += 1;
    }

    /// One transaction: its amount.
    pub(super) fn tx<R: Read>(&mut self, node: Node<'_>, cursor: &Cursor<R>) -> Result<Money, FileError> {
        let amount = match node.money_at(&[InstdAmt]) {
            Some(Ok(amount)) if amount.minor > 0 => amount,
            Some(Ok(amount)) => {
                let problem = format!("{amount} is not above zero");
                return Err(cursor.wrong(node.place(), "InstdAmt", problem, "a debit takes money"));
            }
            Some(Err((place, why))) => return Err(cursor.wrong(place, "InstdAmt", why, EXACT)),
            None => {
                return Err(cursor.wrong(
                    node.place(),
                    "DrctDbtTxInf",
                    "it has no InstdAmt",
                    "a debit says what it takes",
                ));
            }
        };
        if node.text_at(&[PmtId, EndToEndId]).is_none() {
            return Err(cursor.wrong(node.place(), "PmtId", "it has no EndToEndId", "every debit has its own number"));
        }
        let number = Decimal::parse(&amount.number()).unwrap_or_default();
        for (count, sum) in [&mut self.payment, &mut self.message] {
            *count += 1;
            *sum = sum
                .plus(number)
                .ok_or_else(|| cursor.wrong(node.place(), "InstdAmt", "the sum is too large", EXACT))?;
        }
        Ok(amount)
    }

    /// A payment information ends: count and sum by its transactions, tied to what it states.
    pub(super) fn end<R: Read>(&self, node: Node<'_>, cursor: &Cursor<R>) -> Result<(String, String), FileError> {
        if self.payment.0 == 0 {
            return Err(cursor.wrong(node.place(), "PmtInf", "it has no transaction", "it holds at least one debit"));
        }
        tie(node, "PmtInf", self.payment, cursor)
    }

    /// The message ends.
    pub(super) fn close<R: Read>(&self, body: Node<'_>, cursor: &Cursor<R>) -> Result<(String, String), FileError> {
        let Some(head) = body.child(GrpHdr) else {
            return Err(cursor.wrong(body.place(), "GrpHdr", "it is missing", "a message has a head; it is damaged"));
        };
        if self.payments == 0 {
            return Err(cursor.wrong(body.place(), "PmtInf", "it is missing", "a debit file holds at least one debit"));
        }
        tie(head, "GrpHdr", self.message, cursor)
    }
}

fn tie<R: Read>(
    node: Node<'_>,
    field: &str,
    (count, sum): (u64, Decimal),
    cursor: &Cursor<R>,
) -> Result<(String, String), FileError> {
    if let Some(stated) = node.child(NbOfTxs).filter(|stated| stated.text().parse() != Ok(count)) {
        let problem = format!("NbOfTxs states {}, there are {count}", stated.text());
        return Err(cursor.wrong(stated.place(), field, problem, TIE));
    }
    if let Some(stated) = node.child(CtrlSum).filter(|stated| Decimal::parse(stated.text()) != Ok(sum)) {
        let problem = format!("CtrlSum states {}, the amounts make {sum}", stated.text());
        return Err(cursor.wrong(stated.place(), field, problem, TIE));
    }
    Ok((count.to_string(), sum.to_string()))
}
