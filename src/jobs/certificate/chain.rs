//! The chain of certificates, read again: every hash, every link, and what closed dates hold today.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};

use super::{Certificate, GENESIS, hash};
use crate::app::App;
use crate::error::JobError;
use yichong_store::certificates::{self, CertificateRow};
use yichong_store::invariants::Span;
use yichong_store::report::Count;

/// Reads the certificates of a span (`None`: all) again; says in words what does not hold.
pub async fn check_chain(app: &App, span: Option<(NaiveDate, NaiveDate)>) -> Result<Vec<String>, JobError> {
    let mut tx = app.db.read().await?;
    let Some((first, last)) = certificates::span(&mut tx).await? else { return Ok(Vec::new()) };
    let (from, to) = span.unwrap_or((first, last));
    // One more before the span: the first link hangs on it.
    let from = from.max(first).checked_sub_days(Days::new(1)).unwrap_or(first);
    let rows = certificates::between(&mut tx, from, to.min(last)).await?;
    let mut problems = Vec::new();
    for (at, row) in rows.iter().enumerate() {
        problems.extend(alone(row));
        let before = at.checked_sub(1).and_then(|at| rows.get(at));
        match before {
            Some(before) => problems.extend(linked(before, row)),
            None if row.business_date == first && row.previous != GENESIS => problems
                .push(format!("certificate {first} is the first and names {} before it, not 64 zeros", row.previous)),
            None => {}
        }
    }
    Ok(problems)
}

/// What is wrong with one certificate by itself.
fn alone(row: &CertificateRow) -> Option<String> {
    let date = row.business_date;
    let made = hash(&row.body);
    if made != row.sha256 {
        return Some(format!("certificate {date}: its body hashes to {made}, it was sealed as {}", row.sha256));
    }
    let said: Certificate = match serde_json::from_str(&row.body) {
        Ok(said) => said,
        Err(e) => return Some(format!("certificate {date} does not read: {e}")),
    };
    if said.business_date != date || said.previous != row.previous {
        let (other, previous) = (said.business_date, said.previous);
        return Some(format!(
            "certificate {date} says it is of {other} after {previous}, its row says after {}",
            row.previous
        ));
    }
    None
}

fn linked(before: &CertificateRow, row: &CertificateRow) -> Option<String> {
    let (date, next) = (row.business_date, before.business_date.checked_add_days(Days::new(1)));
    if next != Some(date) {
        return Some(format!("after certificate {} comes {date}: days are missing between them", before.business_date));
    }
    let (names, is) = (&row.previous, &before.sha256);
    (names != is).then(|| format!("certificate {date} names {names} before it, {} is {is}", before.business_date))
}

/// Closed dates whose entries are not what their certificate counted: something was posted late, changed or taken away.
pub async fn closed_dates(app: &App, span: Span) -> Result<Vec<String>, JobError> {
    let mut tx = app.db.read().await?;
    let certificates = certificates::between(&mut tx, span.from, span.to).await?;
    let Some((first, last)) = certificates.first().zip(certificates.last()) else { return Ok(Vec::new()) };
    let posted = certificates::posted_by_date(&mut tx, first.business_date, last.business_date).await?;
    let posted: BTreeMap<NaiveDate, Count> =
        posted.into_iter().map(|(date, count, sum_fen)| (date, Count { count, sum_fen })).collect();
    let differs = |row: &CertificateRow| {
        // One that does not read is a matter of the chain.
        let said = serde_json::from_str::<Certificate>(&row.body).ok()?.entries;
        let found = posted.get(&row.business_date).copied().unwrap_or_default();
        (said != found).then(|| {
            format!(
                "{}: the certificate counts {} entries of {} fen, the ledger has {} of {}",
                row.business_date, said.count, said.sum_fen, found.count, found.sum_fen
            )
        })
    };
    Ok(certificates.iter().filter_map(differs).collect())
}

/// The audit rows that certificates saw as the chain's head, with the MAC they saw: an outside anchor against a chain
/// cut short.
pub async fn audit_heads(app: &App) -> Result<BTreeMap<i64, (NaiveDate, String)>, JobError> {
    let mut tx = app.db.read().await?;
    let Some((first, last)) = certificates::span(&mut tx).await? else { return Ok(BTreeMap::new()) };
    let rows = certificates::between(&mut tx, first, last).await?;
    let head = |row: &CertificateRow| {
        let head = serde_json::from_str::<Certificate>(&row.body).ok()?.audit?;
        Some((head.seq, (row.business_date, head.mac)))
    };
    Ok(rows.iter().filter_map(head).collect())
}
