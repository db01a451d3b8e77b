//! The certificate as people read it.

use yichong_core::model::money::Fen;

use super::Certificate;
use crate::report::{Report, lines};

/// The text of a certificate: the chain first, then every bank's lines.
pub(super) fn of(site: &str, certificate: &Certificate, sha256: &str) -> String {
    let date = certificate.business_date;
    let mut text = format!("{site} 日终证书 {date}\n\n本日证书 {sha256}\n上日证书 {}\n", certificate.previous);
    let entries = certificate.entries;
    text += &format!("当日分录 {} 笔，{} 元\n", entries.count, Fen(entries.sum_fen));
    if let Some(head) = &certificate.audit {
        text += &format!("审计链 第 {} 条 {}\n", head.seq, head.mac);
    }
    for bank in &certificate.banks {
        text += &format!("\n{}（{}）\n", bank.bank_name, bank.bank);
        // Ages belong to the report: they would change with the calendar, the certificate never does.
        let report = Report { figures: bank.clone(), ages: Default::default() };
        for line in lines(&report) {
            let count = line.count.map_or(String::new(), |count| format!("{count} 笔，"));
            text += &format!("  {} {}：{count}{} 元\n", line.part, line.item, line.sum);
        }
    }
    text
}
