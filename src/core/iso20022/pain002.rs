//! What a status report (状态报告, pain.002) says on its three levels.

use std::io::Read;

use super::cursor::Cursor;
use super::entry::EXACT;
use super::money::Money;
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
    pub(super) fn of<R: Read>(node: &Node, id: &str, status: &str, cursor: &Cursor<R>) -> Result<Level, FileError> {
        let mut per_status = Vec::new();
        for part in node.all("NbOfTxsPerSts") {
            let count = part.text_at("DtldNbOfTxs").unwrap_or_default();
            let Ok(number) = count.parse() else {
                let problem = format!("`{count}` is no number of transactions");
                return Err(cursor.wrong(part.place, "DtldNbOfTxs", problem, "a number is digits only; ask the bank"));
            };
            per_status.push((part.own("DtldSts").unwrap_or_default(), number, part.own("DtldCtrlSum")));
        }
        Ok(Level { id: node.own(id), status: node.own(status), reasons: Reason::all(node), per_status })
    }

    /// A payment information.
    pub(super) fn of_payment<R: Read>(node: &Node, cursor: &Cursor<R>) -> Result<Level, FileError> {
        Level::of(node, "OrgnlPmtInfId", "PmtInfSts", cursor)
    }

    /// The group of a body, and the name of the message it answers.
    pub(super) fn of_group<R: Read>(body: &Node, cursor: &mut Cursor<R>) -> Result<Option<(Level, String)>, FileError> {
        let Some(node) = body.child("OrgnlGrpInfAndSts") else { return Ok(None) };
        for name in ["OrgnlMsgId", "OrgnlMsgNmId"] {
            if node.text_at(name).is_none() {
                cursor.warn(node.place, "OrgnlGrpInfAndSts", format!("{name} is missing"));
            }
        }
        let original = node.own("OrgnlMsgNmId").unwrap_or_default();
        Level::of(node, "OrgnlMsgId", "GrpSts", cursor).map(|level| Some((level, original)))
    }
}

/// A report about EBICS orders (HAC) is a pain.002 too, and says nothing of debits.
pub(super) fn not_hac<R: Read>(body: &Node, cursor: &Cursor<R>) -> Result<(), FileError> {
    let Some(node) = body.child("OrgnlGrpInfAndSts") else { return Ok(()) };
    let names = [node.text_at("OrgnlMsgId"), node.text_at("OrgnlMsgNmId")];
    if names.iter().flatten().any(|name| name.eq_ignore_ascii_case("EBICS")) {
        let problem = "it is the protocol of the EBICS transfer (HAC), not a result of debits";
        let rule = "protocols say what became of files on their way; take the bank's payment status report";
        return Err(cursor.wrong(node.place, "OrgnlMsgNmId", problem, rule));
    }
    Ok(())
}

/// What is said about one transaction.
#[derive(Clone, Debug)]
pub(super) struct Tx {
    pub line: u64,
    pub end_to_end: Option<String>,
    pub instruction: Option<String>,
    pub status: Option<String>,
    pub reasons: Vec<Reason>,
    /// The amount as repeated.
    pub amount: Option<Money>,
    /// The agreement as repeated.
    pub mandate: Option<String>,
    /// The card as repeated.
    pub account: Option<String>,
    /// The bank's number.
    pub reference: Option<String>,
    /// The day the money is settled, else the day it was accepted.
    pub settled: Option<String>,
}

/// The agreement moved into a choice in version 14.
const MANDATES: [&str; 2] = ["OrgnlTxRef/MndtRltdInf/MndtId", "OrgnlTxRef/MndtRltdInf/DrctDbtMndt/MndtId"];
const DAYS: [&str; 3] = ["OrgnlTxRef/IntrBkSttlmDt", "OrgnlTxRef/IntrBkSttlmDt/Dt", "AccptncDtTm"];

impl Tx {
    /// Reads a transaction.
    pub(super) fn of<R: Read>(node: &Node, cursor: &Cursor<R>) -> Result<Tx, FileError> {
        let amount = node.money_at("OrgnlTxRef/Amt/InstdAmt").or_else(|| node.money_at("OrgnlTxRef/IntrBkSttlmAmt"));
        let amount = amount.transpose();
        let amount = amount.map_err(|(place, why)| cursor.wrong(place, "OrgnlTxRef/Amt", why, EXACT))?;
        let account = node.at("OrgnlTxRef/DbtrAcct").and_then(account_of);
        Ok(Tx {
            line: node.place.line,
            end_to_end: node.own("OrgnlEndToEndId"),
            instruction: node.own("OrgnlInstrId"),
            status: node.own("TxSts"),
            reasons: Reason::all(node),
            amount,
            mandate: node.first_text(&MANDATES).map(str::to_owned),
            account: account.map(str::to_owned),
            reference: node.own("AcctSvcrRef"),
            settled: node.first_text(&DAYS).map(str::to_owned),
        })
    }
}
