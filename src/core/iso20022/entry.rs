//! One entry of a statement (分录) with its details, as it stands in the document.

use std::io::Read;

use chrono::NaiveDate;

use super::cursor::Cursor;
use super::dates;
use super::detail::{BankCode, Detail, charges};
use super::money::Money;
use super::names::Name::{self, *};
use super::node::Node;
use crate::formats::records::FileError;

/// So many details of one entry are kept; an entry with more is money all the same, its details are counted only.
const DETAILS: usize = 50_000;
/// Batches one entry may name.
const BATCHES: usize = 10_000;

/// An entry.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub line: u64,
    /// `NtryRef`.
    pub reference: Option<String>,
    /// `AcctSvcrRef`: the bank's name of the booking.
    pub servicer_reference: Option<String>,
    pub amount: Money,
    /// Money comes in.
    pub credit: bool,
    /// `RvslInd`; not every edition and bank has it.
    pub reversal: Option<bool>,
    /// `BOOK`, `PDNG`, `INFO`, `FUTR`: only the first is money.
    pub status: String,
    pub booked: Option<NaiveDate>,
    pub valued: Option<NaiveDate>,
    pub code: BankCode,
    /// What the bank kept back or added, minor units of the entry's currency; costs positive.
    pub charges: i64,
    pub info: String,
    pub batches: Vec<Batch>,
    pub details: Vec<Detail>,
    /// Details there are, whether kept or not.
    pub detail_count: u64,
}

/// What an entry says of a batch of ours.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    /// `PmtInfId`, else `MsgId`.
    pub id: Option<String>,
    pub count: Option<String>,
    pub total: Option<Money>,
}

/// The parts of an entry, collected before its fields are complete.
#[derive(Debug, Default)]
pub(super) struct Draft {
    batches: Vec<Batch>,
    details: Vec<Detail>,
    count: u64,
}

impl Draft {
    pub(super) fn detail<R: Read>(&mut self, node: Node<'_>, cursor: &mut Cursor<R>) -> Result<(), FileError> {
        self.count += 1;
        let detail = Detail::of(node, cursor)?;
        if self.details.len() < DETAILS {
            self.details.push(detail);
        } else if self.count == DETAILS as u64 + 1 {
            let said = format!("the entry has more than {DETAILS} details; the entry is posted, not its details");
            cursor.warn(node.place(), "NtryDtls", said);
        }
        Ok(())
    }

    pub(super) fn batches<R: Read>(&mut self, node: Node<'_>, cursor: &mut Cursor<R>) -> Result<(), FileError> {
        for batch in node.all(Btch) {
            if self.batches.len() >= BATCHES {
                let problem = format!("it names more than {BATCHES} batches");
                return Err(cursor.wrong(
                    batch.place(),
                    "NtryDtls/Btch",
                    problem,
                    "the document is broken; ask the bank",
                ));
            }
            let total = batch.money_at(&[TtlAmt]).transpose();
            self.batches.push(Batch {
                id: batch.first_text(&[&[PmtInfId], &[MsgId]]).map(str::to_owned),
                count: batch.own(&[NbOfTxs]),
                total: total.map_err(|(place, why)| cursor.wrong(place, "Btch/TtlAmt", why, EXACT))?,
            });
        }
        Ok(())
    }

    pub(super) fn entry<R: Read>(self, node: Node<'_>, cursor: &mut Cursor<R>) -> Result<Entry, FileError> {
        let amount = match node.money_at(&[Amt]) {
            Some(Ok(amount)) => amount,
            Some(Err((place, why))) => return Err(cursor.wrong(place, "Ntry/Amt", why, EXACT)),
            None => return Err(cursor.wrong(node.place(), "Ntry", "it has no amount", "an entry says what moved")),
        };
        if amount.minor < 0 {
            let problem = format!("the amount {} is below zero", amount.number());
            return Err(cursor.wrong(node.place(), "Ntry/Amt", problem, "CdtDbtInd says the direction, not a sign"));
        }
        let credit = match node.text_at(&[CdtDbtInd]) {
            Some("CRDT") => true,
            Some("DBIT") => false,
            other => {
                let problem = format!("`{}` says no direction", other.unwrap_or_default());
                return Err(cursor.wrong(node.place(), "Ntry/CdtDbtInd", problem, "it is CRDT or DBIT; ask the bank"));
            }
        };
        let Some(status) = node.first_text(&[&[Sts, Cd], &[Sts, Prtry], &[Sts]]).map(str::to_owned) else {
            let rule = "only BOOK is money, and nothing is guessed; ask the bank";
            return Err(cursor.wrong(node.place(), "Ntry/Sts", "it does not say whether it is booked", rule));
        };
        let (booked, valued) = (day(node, BookgDt, cursor)?, day(node, ValDt, cursor)?);
        let charges = charges(node, &amount, cursor)?;
        Ok(Entry {
            line: node.place().line,
            reference: node.own(&[NtryRef]),
            servicer_reference: node.own(&[AcctSvcrRef]),
            amount,
            credit,
            reversal: node.flag_at(&[RvslInd]),
            status,
            booked,
            valued,
            code: BankCode::of(node),
            charges,
            info: node.own(&[AddtlNtryInf]).unwrap_or_default(),
            batches: self.batches,
            details: self.details,
            detail_count: self.count,
        })
    }
}

/// A day of an entry; what stands there and is none is an error: money counts from a day.
fn day<R: Read>(node: Node<'_>, name: Name, cursor: &Cursor<R>) -> Result<Option<NaiveDate>, FileError> {
    let Some((at, text)) = node.child(name).and_then(|at| Some((at, at.first_text(&[&[Dt], &[DtTm]])?))) else {
        return Ok(None);
    };
    let wrong = || {
        let rule = "a day is written 2026-03-02, perhaps with a time and a zone; ask the bank";
        cursor.wrong(at.place(), &format!("Ntry/{}", name.word()), format!("`{text}` is no day"), rule)
    };
    dates::day(text).map(Some).ok_or_else(wrong)
}

impl Entry {
    /// Only booked entries are money.
    pub(super) fn is_booked(&self) -> bool {
        self.status == "BOOK"
    }

    /// What moved: in positive, out negative, minor units.
    pub(super) fn signed(&self) -> i64 {
        if self.credit { self.amount.minor } else { -self.amount.minor }
    }
}

/// The rule of every amount.
pub(super) const EXACT: &str = "amounts are exact in their currency, nothing is rounded; ask the bank";
