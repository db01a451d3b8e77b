//! One transaction inside an entry, and what the bank calls it.

use std::io::Read;

use super::cursor::Cursor;
use super::entry::EXACT;
use super::money::Money;
use super::node::Node;
use super::reason::Reason;
use crate::formats::records::FileError;

/// The bank's transaction code (交易代码).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct BankCode {
    /// `PMNT/IDDT/ESDD`; empty where the bank has only its own.
    pub domain: String,
    /// The bank's own.
    pub proprietary: String,
}

impl BankCode {
    pub(super) fn of(node: &Node) -> BankCode {
        let parts = ["BkTxCd/Domn/Cd", "BkTxCd/Domn/Fmly/Cd", "BkTxCd/Domn/Fmly/SubFmlyCd"];
        let parts: Vec<&str> = parts.iter().filter_map(|path| node.text_at(path)).collect();
        BankCode { domain: parts.join("/"), proprietary: node.own("BkTxCd/Prtry/Cd").unwrap_or_default() }
    }

    /// `IDDT` of `PMNT/IDDT/ESDD`.
    fn part(&self, nth: usize) -> &str {
        self.domain.split('/').nth(nth).unwrap_or_default()
    }

    /// A collection that came back: issued or received direct debits, unpaid or reversed.
    pub(super) fn is_return(&self) -> bool {
        matches!(self.part(1), "IDDT" | "RDDT") && matches!(self.part(2), "UPDD" | "PRDD")
    }

    /// Costs of the account or of a payment.
    pub(super) fn is_fee(&self) -> bool {
        matches!(self.part(2), "CHRG" | "FEES" | "COMM" | "COME" | "COMI" | "COMT") || self.part(1) == "CHRG"
    }

    /// What people read.
    pub(super) fn words(&self) -> &str {
        if self.domain.is_empty() { &self.proprietary } else { &self.domain }
    }
}

/// A transaction inside an entry.
#[derive(Clone, Debug)]
pub(super) struct Detail {
    pub end_to_end: Option<String>,
    pub instruction: Option<String>,
    /// `PmtInfId`, else `MsgId`: the batch it belongs to.
    pub batch: Option<String>,
    pub mandate: Option<String>,
    pub servicer_reference: Option<String>,
    /// By precedence: `Amt`, `AmtDtls/TxAmt`, `AmtDtls/InstdAmt`; those in the entry's currency first.
    pub amount: Option<Money>,
    /// `AmtDtls/InstdAmt`: of a return what was collected once.
    pub instructed: Option<Money>,
    /// Its own direction, which goes before the entry's.
    pub credit: Option<bool>,
    pub reason: Option<Reason>,
    /// Costs, minor units.
    pub charges: i64,
    pub code: BankCode,
    pub text: String,
}

const AMOUNTS: [&str; 3] = ["Amt", "AmtDtls/TxAmt/Amt", "AmtDtls/InstdAmt/Amt"];

impl Detail {
    pub(super) fn of<R: Read>(node: &Node, cursor: &mut Cursor<R>) -> Result<Detail, FileError> {
        let mut amounts = Vec::new();
        for path in AMOUNTS {
            match node.money_at(path) {
                Some(Err((place, why))) => return Err(cursor.wrong(place, path, why, EXACT)),
                Some(Ok(amount)) => amounts.push((path, amount)),
                None => {}
            }
        }
        let amount = amounts.first().map(|(_, amount)| amount.clone());
        let instructed = amounts.iter().find(|(path, _)| *path == AMOUNTS[2]).map(|(_, amount)| amount.clone());
        let lines: Vec<&str> =
            node.child("RmtInf").iter().flat_map(|info| info.all("Ustrd")).map(|n| &*n.text).collect();
        let text = node.own("AddtlTxInf").unwrap_or_else(|| lines.join(" "));
        let charges = match &amount {
            Some(amount) => charges(node, amount, cursor)?,
            None => 0,
        };
        Ok(Detail {
            end_to_end: node.own("Refs/EndToEndId"),
            instruction: node.own("Refs/InstrId"),
            batch: node.first_text(&["Refs/PmtInfId", "Refs/MsgId"]).map(str::to_owned),
            mandate: node.own("Refs/MndtId"),
            servicer_reference: node.own("Refs/AcctSvcrRef"),
            amount,
            instructed,
            credit: match node.text_at("CdtDbtInd") {
                Some("CRDT") => Some(true),
                Some("DBIT") => Some(false),
                _ => None,
            },
            reason: node.child("RtrInf").map(Reason::of),
            charges,
            code: BankCode::of(node),
            text,
        })
    }

    /// The key of ours it carries: `NOTPROVIDED` is none.
    pub(super) fn key(&self) -> Option<&str> {
        [&self.end_to_end, &self.instruction].into_iter().flatten().map(String::as_str).find(|key| is_key(key))
    }
}

/// Whether a text is a key at all.
pub(super) fn is_key(text: &str) -> bool {
    !text.is_empty() && !text.eq_ignore_ascii_case("NOTPROVIDED") && !text.eq_ignore_ascii_case("NONREF")
}

/// The charges of an entry or detail in its own currency: costs positive. Flat in version 2, records since 4; the total
/// where only that is said.
pub(super) fn charges<R: Read>(node: &Node, own: &Money, cursor: &Cursor<R>) -> Result<i64, FileError> {
    let mut sum = 0_i64;
    for part in node.all("Chrgs") {
        let records: Vec<&Node> = part.all("Rcrd").collect();
        // Records since version 4, flat before; or only what they come to.
        let (records, name) = match records.is_empty() {
            true if part.child("Amt").is_none() => (vec![part], "TtlChrgsAndTaxAmt"),
            true => (vec![part], "Amt"),
            false => (records, "Amt"),
        };
        for record in records {
            let amount = match record.money_at(name) {
                Some(Ok(amount)) if amount.currency == own.currency => amount.minor,
                Some(Err((place, why))) => return Err(cursor.wrong(place, "Chrgs/Amt", why, EXACT)),
                _ => continue,
            };
            let credit = record.text_at("CdtDbtInd") == Some("CRDT");
            sum = sum.saturating_add(if credit { -amount } else { amount });
        }
    }
    Ok(sum)
}
