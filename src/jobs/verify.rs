//! Step: the invariants; and `yichong verify`: ledger, audit chain, certificates and archive of any span.

use chrono::{Days, NaiveDate};

use super::app::{App, Context, Outcome, Tally};
use super::certificate;
use super::error::{JobError, Kind};
pub use super::findings::Finding;
use super::findings::{database, findings};
use yichong_gateways::archive::measure;
use yichong_store::audit;
use yichong_store::grown::{self, Grown};
use yichong_store::invariants::{self, Broken, INVARIANTS, MOST, Span};

/// How many dates back the nightly step reads texts and archived copies again; the command reads them all.
const RECENT_DAYS: u64 = 7;

/// Audit rows per page.
const AUDIT_PAGE: i64 = 5_000;

/// Checks the whole house; texts and archived copies of the last days only.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    grown::look(&ctx.app.db, Grown::All).await?;
    let from = ctx.business_date.checked_sub_days(Days::new(RECENT_DAYS)).unwrap_or(ctx.business_date);
    let recent = Span { from, to: Span::all().to };
    let (checked, findings) = look(ctx.app, Span::all(), recent).await?;
    ctx.more("verify", INVARIANTS.len());
    if findings.is_empty() {
        let mut tally = Tally::of("checked", checked);
        tally.add("failed", 0);
        return Ok(Outcome::Done(tally));
    }
    Err(JobError::new(Kind::Books, message(&findings)))
}

/// Checks ledger, debits, files, audit chain, certificates and archived copies of a span; `None`: everything. Empty:
/// all holds.
pub async fn verify(app: &App, span: Option<(NaiveDate, NaiveDate)>) -> Result<Vec<Finding>, JobError> {
    grown::look(&app.db, Grown::All).await?;
    // Neither database knows every date that Rust knows.
    let all = Span::all();
    let within = |(from, to): (NaiveDate, NaiveDate)| Span { from: from.max(all.from), to: to.min(all.to) };
    let span = span.map_or(all, within);
    Ok(look(app, span, span).await?.1)
}

/// What a person reads: every invariant that failed, with its rows.
pub fn message(findings: &[Finding]) -> String {
    let list: Vec<String> = findings.iter().map(Finding::to_string).collect();
    format!("账目校验未通过，{} 项不变式被破坏；不要修改数据，先查明原因：\n{}", findings.len(), list.join("\n"))
}

async fn look(app: &App, span: Span, recent: Span) -> Result<(i64, Vec<Finding>), JobError> {
    let (mut checked, mut broken) = database(app, span, recent).await?;
    broken.push(Broken { number: 2, rows: certificate::closed_dates(app, span).await? });
    let mut chains = certificate::check_chain(app, Some((span.from, span.to))).await?;
    chains.extend(audit_chain(app).await?);
    broken.push(Broken { number: 24, rows: chains });
    broken.extend(copies(app, recent).await?);
    checked += 4;
    Ok((checked, findings(broken)))
}

/// Every MAC and number from the first row, and the heads that certificates saw.
async fn audit_chain(app: &App) -> Result<Vec<String>, JobError> {
    let mut heads = certificate::audit_heads(app).await?;
    let (mut rows, mut seq, mut mac) = (Vec::new(), 0, String::new());
    loop {
        let page = audit::after(&mut app.db.read().await?, seq, AUDIT_PAGE).await?;
        if page.is_empty() {
            break;
        }
        for row in page {
            if row.seq != seq + 1 {
                rows.push(format!("audit: after row {seq} comes row {}", row.seq));
            }
            let made = app.vault.audit_mac(&mac, &row.covered());
            if made != row.mac {
                rows.push(format!(
                    "audit row {}: its MAC is {}, its content and the row before make {made}",
                    row.seq, row.mac
                ));
            }
            if let Some((date, head)) = heads.remove(&row.seq).filter(|(_, head)| *head != row.mac) {
                rows.push(format!(
                    "audit row {}: its MAC is {}, the certificate of {date} saw {head}",
                    row.seq, row.mac
                ));
            }
            (seq, mac) = (row.seq, row.mac);
        }
        if rows.len() >= MOST {
            break;
        }
    }
    if rows.len() < MOST {
        rows.extend(
            heads
                .into_iter()
                .map(|(seq, (date, _))| format!("audit row {seq} is gone; the certificate of {date} saw it")),
        );
    }
    Ok(rows)
}

/// Every archived copy opens and has the hash its row says.
async fn copies(app: &App, span: Span) -> Result<Vec<Broken>, JobError> {
    let files = invariants::archived(&mut app.db.read().await?, span).await?;
    let (archive, vault) = (app.archive.clone(), app.vault.clone());
    let read = tokio::task::spawn_blocking(move || {
        let mut broken = Vec::new();
        for file in files {
            let found = archive.open(&vault, &file.archive_name()).and_then(measure).map(|kept| kept.sha256);
            let problem = match found {
                Ok(sha256) if sha256 == file.sha256 => continue,
                Ok(sha256) => format!("its archived copy has sha256 {sha256}, its row says {}", file.sha256),
                Err(e) => format!("its archived copy {} does not open: {e}", file.archive_name()),
            };
            let number = u8::try_from(file.number).unwrap_or_default();
            broken.push(Broken { number, rows: vec![format!("file {} of {}: {problem}", file.file_name, file.bank)] });
        }
        broken
    });
    read.await.map_err(|e| JobError::new(Kind::Machine, format!("reading the archive: {e}")))
}
