//! What a status report (状态报告, pain.002) says on its three levels.

use std::io::Read;

use super::cursor::Cursor;
use super::entry::EXACT;
use super::money::Money;
use super::names::Name::{self, *};
use super::node::{Node, account_of};
use super::reason::Reason;
use crate::formats::records::FileError;

/// What one level says about its transactions.
#[derive(Clone, Debug)]
pub(super) struct Level {
    /// `OrgnlMsgId`, `OrgnlPmtInfId`.
    pub id: Option<String>,
    /// Open text: tables know some.
    pub status: Option<String>,
    pub reasons: Vec<Reason>,
    /// `NbOfTxsPerSts`: status, count, sum.
    pub per_status: Vec<(String, u64, Option<String>)>,
}

impl Level {
    /// Reads the group's or a payment information's element.
    pub(super) fn of<R: Read>(node: Node<'_>, id: Name, status: Name, cursor: &Cursor<R>) -> Result<Level, FileError> {
        let mut per_status = Vec::new();
        for part in node.all(NbOfTxsPerSts) {
            let count = part.text_at(&[DtldNbOfTxs]).unwrap_or_default();
            let Ok(number) = count.parse() else {
                let problem = format!("`{count}` is no number of transactions");
                return Err(cursor.wrong(
                    part.place(),
                    "DtldNbOfTxs",
                    problem,
                    "a number is digits only; ask the bank",
                ));
            };
            per_status.push((part.own(&[DtldSts]).unwrap_or_default(), number, part.own(&[DtldCtrlSum])));
        }
        Ok(Level { id: node.own(&[id]), status: node.own(&[status]), reasons: Reason::all(node), per_status })
    }

    /// A payment information.
    pub(super) fn of_payment<R: Read>(node: Node<'_>, cursor: &Cursor<R>) -> Result<Level, FileError> {
        Level::of(node, OrgnlPmtInfId, PmtInfSts, cursor)
    }

    /// The group of a body, and the name of the message it answers.
    pub(super) fn of_group<R: Read>(
        body: Node<'_>,
        cursor: &mut Cursor<R>,
    ) -> Result<Option<(Level, String)>, FileError> {
        let Some(node) = body.child(OrgnlGrpInfAndSts) else { return Ok(None) };
        for name in [OrgnlMsgId, OrgnlMsgNmId] {
            if node.text_at(&[name]).is_none() {
                cursor.warn(node.place(), "OrgnlGrpInfAndSts", format!("{} is missing", name.word()));
            }
        }
        let original = node.own(&[OrgnlMsgNmId]).unwrap_or_default();
        Level::of(node, OrgnlMsgId, GrpSts, cursor).map(|level| Some((level, original)))
    }
}

/// A report about EBICS orders (HAC) is a pain.002 too, and says nothing of debits.
pub(super) fn not_hac<R: Read>(body: Node<'_>, cursor: &Cursor<R>) -> Result<(), FileError> {
    let Some(node) = body.child(OrgnlGrpInfAndSts) else { return Ok(()) };
    let names = [node.text_at(&[OrgnlMsgId]), node.text_at(&[OrgnlMsgNmId])];
    if names.iter().flatten().any(|name| name.eq_ignore_ascii_case("EBICS")) {
        let problem = "it is the protocol of the EBICS transfer (HAC), not a result of debits";
        let rule = "protocols say what became of files on their way; take the bank's payment status report";
        return Err(cursor.wrong(node.place(), "OrgnlMsgNmId", problem, rule));
    }
    Ok(())
}

/// What is said about one transaction.
#[derive(Clone, Debug)]
pub(super) struct Tx<'t> {
    pub line: u64,
    pub end_to_end: Option<&'t str>,
    pub instruction: Option<&'t str>,
    pub status: Option<&'t str>,
    pub reasons: Vec<Reason>,
    /// The amount as repeated.
    pub amount: Option<Money>,
    /// The agreement as repeated.
    pub mandate: Option<&'t str>,
    /// The card as repeated.
    pub account: Option<&'t str>,
    /// The bank's number.
    pub reference: Option<&'t str>,
    /// The day the money is settled, else the day it was accepted.
    pub settled: Option<&'t str>,
}

/// The agreement moved into a choice in version 14.
const MANDATES: [&[Name]; 2] = [&[MndtRltdInf, MndtId], &[MndtRltdInf, DrctDbtMndt, MndtId]];
const DAYS: [&[Name]; 2] = [&[IntrBkSttlmDt], &[IntrBkSttlmDt, Dt]];

impl<'t> Tx<'t> {
    /// Reads a transaction.
    pub(super) fn of<R: Read>(node: Node<'t>, cursor: &Cursor<R>) -> Result<Tx<'t>, FileError> {
        let original = node.child(OrgnlTxRef);
        let of_original = |paths: &[&[Name]]| original.and_then(|original| original.first_text(paths));
        let amount = original
            .and_then(|original| original.money_at(&[Amt, InstdAmt]).or_else(|| original.money_at(&[IntrBkSttlmAmt])));
        let amount = amount.transpose();
        let amount = amount.map_err(|(place, why)| cursor.wrong(place, "OrgnlTxRef/Amt", why, EXACT))?;
        Ok(Tx {
            line: node.place().line,
            end_to_end: node.text_at(&[OrgnlEndToEndId]),
            instruction: node.text_at(&[OrgnlInstrId]),
            status: node.text_at(&[TxSts]),
            reasons: Reason::all(node),
            amount,
            mandate: of_original(&MANDATES),
            account: original.and_then(|original| original.child(DbtrAcct)).and_then(account_of),
            reference: node.text_at(&[AcctSvcrRef]),
            settled: of_original(&DAYS).or_else(|| node.text_at(&[AccptncDtTm])),
        })
    }
}
