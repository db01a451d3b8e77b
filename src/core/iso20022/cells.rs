//! The named texts of each part, under the standard's own names; whose they are, and which columns rows have.

use super::camt::Head;
use super::detail::Detail;
use super::entry::Entry;
use super::money::Money;
use super::names::Name::{self, *};
use super::namespace::Family;
use super::node::{Node, account_of, name_of};
use super::pain002::Tx;
use super::posting::is_return;
use super::reason::{Reason, codes, words};
use super::summary::{Balances, DECLARED, Summary};
use crate::formats::Meaning;

/// Name, text, secret.
pub(crate) type Cells = Vec<(&'static str, String, bool)>;

/// The columns of rows that mean something to us.
pub(crate) fn columns(family: Family) -> &'static [(&'static str, Meaning)] {
    use Meaning as M;
    match family {
        Family::Pain008 => &[
            ("EndToEndId", M::DebitNo),
            ("InstrId", M::Reference),
            ("InstdAmt", M::Amount),
            ("MndtId", M::Agreement),
            ("Dbtr", M::PayerName),
            ("DbtrAcct", M::Card),
            ("UETR", M::Serial),
        ],
        Family::Pain002 => &[
            ("OrgnlEndToEndId", M::DebitNo),
            ("OrgnlInstrId", M::Reference),
            ("InstdAmt", M::Amount),
            ("MndtId", M::Agreement),
            ("DbtrAcct", M::Card),
            ("TxSts", M::Code),
            ("AcctSvcrRef", M::Serial),
        ],
        Family::Camt053 | Family::Camt054 => &[
            ("Amt", M::Amount),
            ("AcctSvcrRef", M::Serial),
            ("NtryRef", M::Reference),
            ("PmtInfId", M::Reference),
            ("EndToEndId", M::DebitNo),
            ("MndtId", M::Agreement),
            ("InstrId", M::Reference),
            ("BkTxCd", M::Code),
        ],
    }
}

/// An open text.
pub(super) fn cell(name: &'static str, text: impl Into<String>) -> (&'static str, String, bool) {
    (name, text.into(), false)
}

fn secret(name: &'static str, text: Option<&str>) -> (&'static str, String, bool) {
    (name, text.unwrap_or_default().to_owned(), true)
}

fn texts(node: Node<'_>, paths: &[(&'static str, &[Name])]) -> Cells {
    paths.iter().map(|(name, path)| cell(name, node.text_at(path).unwrap_or_default())).collect()
}

/// Texts under their elements' own names.
fn own_texts(node: Node<'_>, names: &[Name]) -> Cells {
    names.iter().map(|name| cell(name.word(), node.text_at(&[*name]).unwrap_or_default())).collect()
}

/// Cells that say nothing are left out.
fn said(cells: Cells) -> Cells {
    cells.into_iter().filter(|(_, text, _)| !text.is_empty()).collect()
}

pub(super) fn head(node: Option<Node<'_>>, message: &str) -> Cells {
    let mut cells = vec![cell("message", message)];
    let Some(node) = node else { return cells };
    cells.extend(texts(node, &[("MsgId", &[MsgId]), ("CreDtTm", &[CreDtTm]), ("InitgPty", &[InitgPty, Nm])]));
    said(cells)
}

pub(super) fn request(body: Node<'_>, message: &str) -> Cells {
    let group = body.child(GrpHdr);
    let mut cells = head(group, message);
    cells.extend(group.into_iter().flat_map(|node| own_texts(node, &[NbOfTxs, CtrlSum])));
    said(cells)
}

pub(super) fn payment(node: Node<'_>) -> Cells {
    let mut cells = texts(
        node,
        &[
            ("PmtInfId", &[PmtInfId]),
            ("PmtMtd", &[PmtMtd]),
            ("BtchBookg", &[BtchBookg]),
            ("NbOfTxs", &[NbOfTxs]),
            ("CtrlSum", &[CtrlSum]),
            ("SeqTp", &[PmtTpInf, SeqTp]),
            ("ReqdColltnDt", &[ReqdColltnDt]),
            ("Cdtr", &[Cdtr, Nm]),
        ],
    );
    let local = node.first_text(&[&[PmtTpInf, LclInstrm, Cd], &[PmtTpInf, LclInstrm, Prtry]]);
    cells.push(cell("LclInstrm", local.unwrap_or_default()));
    cells.push(cell("CdtrAcct", node.child(CdtrAcct).and_then(account_of).unwrap_or_default()));
    said(cells)
}

pub(super) fn debit(node: Node<'_>, amount: &Money) -> Cells {
    let mandate = node.at(&[DrctDbtTx, MndtRltdInf]);
    let of_mandate = |name| mandate.and_then(|mandate| mandate.text_at(&[name])).unwrap_or_default();
    let bank = node.at(&[DbtrAgt, FinInstnId]);
    let bank = bank.and_then(|bank| bank.first_text(&[&[BIC], &[BICFI], &[ClrSysMmbId, MmbId], &[Othr, Id]]));
    said(vec![
        cell("EndToEndId", node.text_at(&[PmtId, EndToEndId]).unwrap_or_default()),
        cell("InstrId", node.text_at(&[PmtId, InstrId]).unwrap_or_default()),
        cell("UETR", node.text_at(&[PmtId, UETR]).unwrap_or_default()),
        cell("InstdAmt", node.text_at(&[InstdAmt]).unwrap_or_default()),
        cell("Ccy", amount.currency.code()),
        cell("SeqTp", node.text_at(&[PmtTpInf, SeqTp]).unwrap_or_default()),
        cell("MndtId", of_mandate(MndtId)),
        cell("DtOfSgntr", of_mandate(DtOfSgntr)),
        cell("DbtrAgt", bank.unwrap_or_default()),
        secret("Dbtr", name_of(node, Dbtr)),
        secret("DbtrAcct", node.child(DbtrAcct).and_then(account_of)),
        cell("Ustrd", node.text_at(&[RmtInf, Ustrd]).unwrap_or_default()),
    ])
}

/// Status and reasons of a level, and counts by status.
fn level(node: Node<'_>, status: Name) -> Cells {
    let reasons = Reason::all(node);
    let counts: Vec<String> = node
        .all(NbOfTxsPerSts)
        .map(|part| {
            format!("{} {}", part.text_at(&[DtldSts]).unwrap_or("?"), part.text_at(&[DtldNbOfTxs]).unwrap_or("?"))
        })
        .collect();
    vec![
        cell(status.word(), node.text_at(&[status]).unwrap_or_default()),
        cell("Rsn", codes(&reasons)),
        cell("AddtlInf", words(&reasons)),
        cell("NbOfTxsPerSts", counts.join(", ")),
    ]
}

pub(super) fn report(body: Node<'_>, message: &str) -> Cells {
    let mut cells = head(body.child(GrpHdr), message);
    if let Some(node) = body.child(OrgnlGrpInfAndSts) {
        cells.extend(own_texts(node, &[OrgnlMsgId, OrgnlMsgNmId, OrgnlNbOfTxs, OrgnlCtrlSum]));
        cells.extend(level(node, GrpSts));
    }
    said(cells)
}

pub(super) fn payment_status(node: Node<'_>) -> Cells {
    let mut cells = own_texts(node, &[OrgnlPmtInfId, OrgnlNbOfTxs, OrgnlCtrlSum]);
    cells.extend(level(node, PmtInfSts));
    said(cells)
}

pub(super) fn tx_status(node: Node<'_>, tx: &Tx<'_>) -> Cells {
    let mut cells = own_texts(node, &[OrgnlEndToEndId, OrgnlInstrId, OrgnlUETR]);
    cells.extend(level(node, TxSts));
    let amount = tx.amount.as_ref();
    cells.push(cell("InstdAmt", amount.map(Money::number).unwrap_or_default()));
    cells.push(cell("Ccy", amount.map(|amount| amount.currency.to_string()).unwrap_or_default()));
    cells.push(cell("MndtId", tx.mandate.unwrap_or_default()));
    cells.push(cell("AcctSvcrRef", tx.reference.unwrap_or_default()));
    cells.push(secret("DbtrAcct", tx.account));
    said(cells)
}

pub(super) fn statement(head: &Head) -> Cells {
    let own = |text: Option<String>| text.unwrap_or_default();
    said(vec![
        cell("Id", head.id.clone()),
        cell("CreDtTm", own(head.created.map(|day| day.to_string()))),
        cell("Acct", head.account.clone()),
        cell("Ccy", own(head.currency.map(|currency| currency.to_string()))),
    ])
}

pub(super) fn statement_end(node: Node<'_>, summary: &Summary, balances: Balances) -> Cells {
    let number = |count: u64| count.to_string();
    let mut cells = vec![
        // Whatever side of the entries it stood on.
        cell("Acct", node.child(Acct).and_then(account_of).unwrap_or_default()),
        cell("entries", number(summary.entries)),
        cell("booked", number(summary.booked)),
        cell("credits", number(summary.credits)),
        cell("debits", number(summary.debits)),
        cell("credit sum", summary.credit()),
        cell("debit sum", summary.debit()),
        cell("details", number(summary.details)),
        cell("balances", balances.word()),
    ];
    for balance in node.all(Bal) {
        let kind = balance.first_text(&[&[Tp, CdOrPrtry, Cd], &[Tp, CdOrPrtry, Prtry]]).unwrap_or("?");
        let sign = if balance.text_at(&[CdtDbtInd]) == Some("DBIT") { "-" } else { "" };
        let amount = balance.child(Amt);
        let (text, currency) = amount.map_or(("", ""), |amount| (amount.text(), amount.currency()));
        cells.push(cell("Bal", format!("{kind} {sign}{text} {currency}")));
    }
    cells.extend(DECLARED.iter().map(|(path, name)| cell(name, node.text_at(path).unwrap_or_default())));
    said(cells)
}

pub(super) fn entry(entry: &Entry) -> Cells {
    let own = |text: &Option<String>| text.clone().unwrap_or_default();
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let charges = Money { minor: entry.charges, currency: entry.amount.currency };
    let mut cells = vec![
        cell("NtryRef", own(&entry.reference)),
        cell("Amt", entry.amount.number()),
        cell("Ccy", entry.amount.currency.code()),
        cell("CdtDbtInd", if entry.credit { "CRDT" } else { "DBIT" }),
        cell("RvslInd", entry.reversal.map(|yes| yes.to_string()).unwrap_or_default()),
        cell("Sts", entry.status.clone()),
        cell("BookgDt", day(entry.booked)),
        cell("ValDt", day(entry.valued)),
        cell("AcctSvcrRef", own(&entry.servicer_reference)),
        cell("BkTxCd", entry.code.words()),
        cell("Chrgs", if entry.charges == 0 { String::new() } else { charges.number() }),
    ];
    for batch in &entry.batches {
        cells.push(cell("PmtInfId", own(&batch.id)));
        cells.push(cell("NbOfTxs", own(&batch.count)));
        cells.push(cell("TtlAmt", batch.total.as_ref().map(Money::number).unwrap_or_default()));
    }
    cells.push(cell("TxDtls", if entry.detail_count == 0 { String::new() } else { entry.detail_count.to_string() }));
    cells.push(cell("return", if is_return(entry, None) { "yes" } else { "" }));
    cells.push(cell("AddtlNtryInf", entry.info.clone()));
    said(cells)
}

pub(super) fn detail(entry: &Entry, detail: &Detail) -> Cells {
    let own = |text: &Option<String>| text.clone().unwrap_or_default();
    // A lone detail without an amount of its own has the entry's.
    let lone = Some(&entry.amount).filter(|_| entry.detail_count == 1);
    let amount = detail.amount.as_ref().or(lone);
    let number = |amount: Option<&Money>| amount.map(Money::number).unwrap_or_default();
    let reason = detail.reason.as_ref();
    let direction = |credit| if credit { "CRDT" } else { "DBIT" };
    said(vec![
        cell("EndToEndId", own(&detail.end_to_end)),
        cell("InstrId", own(&detail.instruction)),
        cell("PmtInfId", own(&detail.batch)),
        cell("MndtId", own(&detail.mandate)),
        cell("AcctSvcrRef", own(&detail.servicer_reference)),
        cell("Amt", number(amount)),
        cell("Ccy", amount.map(|amount| amount.currency.to_string()).unwrap_or_default()),
        cell("CdtDbtInd", direction(detail.credit.unwrap_or(entry.credit))),
        cell("InstdAmt", number(detail.instructed.as_ref())),
        cell("Chrgs", if detail.charges == 0 { String::new() } else { detail.charges.to_string() }),
        cell("BkTxCd", detail.code.words()),
        cell("Rsn", reason.map(|reason| reason.code.clone()).unwrap_or_default()),
        cell("AddtlInf", reason.map(|reason| reason.text.clone()).unwrap_or_default()),
        cell("return", if is_return(entry, Some(detail)) { "yes" } else { "" }),
        cell("text", detail.text.clone()),
    ])
}
