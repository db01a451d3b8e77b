//! One transaction inside an entry, and what the bank calls it.

use std::io::Read;

use super::cursor::Cursor;
use super::entry::EXACT;
use super::money::Money;
use super::names::Name::{self, *};
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
    pub(super) fn of(node: Node<'_>) -> BankCode {
        let Some(code) = node.child(BkTxCd) else { return BankCode::default() };
        let paths: [&[Name]; 3] = [&[Domn, Cd], &[Domn, Fmly, Cd], &[Domn, Fmly, SubFmlyCd]];
        let mut domain = String::new();
        for part in paths.iter().filter_map(|path| code.text_at(path)) {
            let slash = if domain.is_empty() { "" } else { "/" };
            domain.push_str(slash);
            domain.push_str(part);
        }
        BankCode { domain, proprietary: code.own(&[Prtry, Cd]).unwrap_or_default() }
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

/// Where an amount may stand, and what messages call the place.
const AMOUNTS: [(&[Name], &str); 3] = [
    (&[Amt], "Amt"),
    (&[AmtDtls, TxAmt, Amt], "AmtDtls/TxAmt/Amt"),
    (&[AmtDtls, InstdAmt, Amt], "AmtDtls/InstdAmt/Amt"),
];

impl Detail {
    pub(super) fn of<R: Read>(node: Node<'_>, cursor: &mut Cursor<R>) -> Result<Detail, FileError> {
        let mut amounts = [None, None, None];
        for (found, (path, field)) in amounts.iter_mut().zip(AMOUNTS) {
            let amount = node.money_at(path).transpose();
            *found = amount.map_err(|(place, why)| cursor.wrong(place, field, why, EXACT))?;
        }
        let amount = amounts.iter().flatten().next().cloned();
        let [_, _, instructed] = amounts;
        let lines: Vec<&str> = node.child(RmtInf).iter().flat_map(|info| info.all(Ustrd)).map(Node::text).collect();
        let text = node.own(&[AddtlTxInf]).unwrap_or_else(|| lines.join(" "));
        let charges = match &amount {
            Some(amount) => charges(node, amount, cursor)?,
            None => 0,
        };
        let refs = node.child(Refs);
        Ok(Detail {
            end_to_end: refs.and_then(|refs| refs.own(&[EndToEndId])),
            instruction: refs.and_then(|refs| refs.own(&[InstrId])),
            batch: refs.and_then(|refs| refs.first_text(&[&[PmtInfId], &[MsgId]])).map(str::to_owned),
            mandate: refs.and_then(|refs| refs.own(&[MndtId])),
            servicer_reference: refs.and_then(|refs| refs.own(&[AcctSvcrRef])),
            amount,
            instructed,
            credit: match node.text_at(&[CdtDbtInd]) {
                Some("CRDT") => Some(true),
                Some("DBIT") => Some(false),
                _ => None,
            },
            reason: node.child(RtrInf).map(Reason::of),
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
pub(super) fn charges<R: Read>(node: Node<'_>, own: &Money, cursor: &Cursor<R>) -> Result<i64, FileError> {
    let mut sum = 0_i64;
    for part in node.all(Chrgs) {
        // Records since version 4, flat before; or only what they come to.
        let (flat, name) = match (part.child(Rcrd), part.child(Amt)) {
            (Some(_), _) => (None, Amt),
            (None, Some(_)) => (Some(part), Amt),
            (None, None) => (Some(part), TtlChrgsAndTaxAmt),
        };
        for record in part.all(Rcrd).chain(flat) {
            let amount = match record.money_at(&[name]) {
                Some(Ok(amount)) if amount.currency == own.currency => amount.minor,
                Some(Err((place, why))) => return Err(cursor.wrong(place, "Chrgs/Amt", why, EXACT)),
                _ => continue,
            };
            let credit = record.text_at(&[CdtDbtInd]) == Some("CRDT");
            sum = sum.saturating_add(if credit { -amount } else { amount });
        }
    }
    Ok(sum)
}
