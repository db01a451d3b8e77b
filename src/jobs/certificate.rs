//! Step: the day certificate, chained to the day before. A closed day never opens again.

mod chain;
mod closing;
mod text;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use yichong_core::rules::closing::reasons_to_refuse;

use super::app::{App, Context, Outcome, Tally};
use super::error::JobError;
use super::report::{self, folder, publish};
use yichong_gateways::crash;
use yichong_store::certificates::{self, CertificateRow, FileOfDay};
use yichong_store::db::Tx;
use yichong_store::report::{Count, DayFigures};

pub use chain::{audit_heads, check_chain, closed_dates};

/// What stands before the first certificate.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// How often a day is summed again because something was posted meanwhile.
const ATTEMPTS: u32 = 5;

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Certificate {
    /// 业务日期.
    pub business_date: NaiveDate,
    /// SHA-256 of the certificate before; [`GENESIS`] for the first.
    pub previous: String,
    /// Every bank's figures.
    pub banks: Vec<DayFigures>,
    /// Count and sum of the entries posted on the date.
    pub entries: Count,
    /// Head of the audit chain; none while it is empty.
    pub audit: Option<Head>,
}

/// Head of the audit chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Its number.
    pub seq: i64,
    /// Its MAC.
    pub mac: String,
}

/// Closes the date, or says what stands against it. Files are written after the commit and again by every later run.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let date = ctx.business_date;
    if let Some(closed) = certificates::find(&mut ctx.app.db.read().await?, date).await? {
        put_out(ctx.app, &closed)?;
        return Ok(Outcome::Done(Tally::of("closed_before", 1)));
    }
    if let Some(last) =
        certificates::last(&mut ctx.app.db.read().await?).await?.filter(|last| last.business_date > date)
    {
        let text = format!("{date} lies before {}, which is closed; days close in order", last.business_date);
        return Err(JobError::refused(text));
    }
    let reasons = reasons_to_refuse(&closing::facts(ctx).await?);
    if !reasons.is_empty() {
        let tally = Tally::of("reasons", i64::try_from(reasons.len()).unwrap_or(i64::MAX));
        let text = format!("{date} 不能关账 (the day may not close):\n- {}", reasons.join("\n- "));
        return Ok(Outcome::Waiting(tally, text));
    }
    for _ in 0..ATTEMPTS {
        let Some(row) = close(ctx).await? else { continue };
        crash::point("certificate.after_commit");
        put_out(ctx.app, &row)?;
        ctx.more("certificate", 1);
        return Ok(Outcome::Done(Tally::of("closed", 1)));
    }
    let text =
        format!("{date} 仍在入账 (entries are still being posted on it); run `yichong run close --date {date}` again");
    Ok(Outcome::Waiting(Tally::of("moving", 1), text))
}

/// Sums the day on one snapshot, then closes it if nothing was posted on it since; `None`: something was.
async fn close(ctx: &Context<'_>) -> Result<Option<CertificateRow>, JobError> {
    let date = ctx.business_date;
    let mut tx = ctx.app.db.read().await?;
    certificates::one_moment(&mut tx).await?;
    let posted = certificates::posted(&mut tx, date).await?;
    let previous = certificates::last(&mut tx).await?.map_or(GENESIS.to_owned(), |last| last.sha256);
    let body = body(ctx.app, &mut tx, date, &previous).await?;
    drop(tx);
    let sha256 = hash(&body);
    let row = CertificateRow { business_date: date, body, sha256, previous, closed_at: ctx.now() };
    // The writer is held for one look and one insert: the sums above may take long.
    let mut tx = ctx.page().await?;
    certificates::lock(&mut tx).await?;
    let still = certificates::posted(&mut tx, date).await? == posted;
    let chained = certificates::last(&mut tx).await?.map_or(GENESIS.to_owned(), |last| last.sha256) == row.previous;
    if !still || !chained || !certificates::add(&mut tx, &row).await? {
        return Ok(certificates::find(&mut tx, date).await?);
    }
    tx.commit().await?;
    Ok(Some(row))
}

/// The certificate's text: JSON whose keys are sorted, so that the same facts are the same bytes.
async fn body(app: &App, tx: &mut Tx, date: NaiveDate, previous: &str) -> Result<String, JobError> {
    let banks: Vec<DayFigures> = report::figures(app, tx, date).await?;
    let files: Vec<FileOfDay> = certificates::files(tx, date).await?;
    let (count, sum_fen) = certificates::posted(tx, date).await?;
    let audit = certificates::audit_head(tx).await?.map(|(seq, mac)| Head { seq, mac });
    let value = json!({
        "version": 1, "business_date": date, "previous": previous, "banks": banks, "files": files,
        "entries": Count { count, sum_fen }, "audit": audit,
    });
    Ok(serde_json::to_string(&value)?)
}

/// SHA-256 of a body, hex.
fn hash(body: &str) -> String {
    hex::encode(Sha256::digest(body.as_bytes()))
}

/// Writes a certificate's files: the very bytes that were hashed, and a text for people.
fn put_out(app: &App, row: &CertificateRow) -> Result<(), JobError> {
    let folder = folder(app, row.business_date);
    publish(&folder, "certificate.json", row.body.as_bytes())?;
    let certificate: Certificate = serde_json::from_str(&row.body)?;
    publish(&folder, "certificate.txt", text::of(&app.config.site.name, &certificate, &row.sha256).as_bytes())
}
