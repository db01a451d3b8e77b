//! Pass 1 of an answer file: read to its end, every row matched with what we sent, all totals tied; one wrong row
//! and the
//! file is quarantined and changes nothing.

mod pass;
mod rest;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use yichong_core::formats::records::{AnswerRow, Refusal};
use yichong_core::formats::{AnswerReader, Format};
use yichong_core::model::breaks::BreakKind;

use super::app::Context;
use super::collect::quarantine_break;
use super::error::{JobError, Kind};
use crate::config::Bank;
use pass::Pass;
use yichong_gateways::archive::Opened;
use yichong_gateways::crash;
use yichong_store::answers;
use yichong_store::batches::{self, BatchRow};
use yichong_store::breaks;
use yichong_store::files::{self, FileRow, Verified};

/// What pass 2 needs to know of a whole file.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WholeFile {
    /// What its absent rows mean: `open`, `refused`, `paid`.
    pub absent: String,
    /// The bank refused the whole request: its code and words.
    pub refusal: Option<(String, String, String)>,
}

/// Why a file is not believed, and the kind of break that says so.
struct Doubt {
    kind: BreakKind,
    problem: String,
}

impl Doubt {
    fn of(problem: impl ToString) -> Doubt {
        Doubt { kind: BreakKind::StateDiffers, problem: problem.to_string() }
    }
}

/// Either the machine failed, or the file is not believed.
enum Stop {
    Machine(JobError),
    Doubt(Doubt),
}

impl<E: Into<JobError>> From<E> for Stop {
    fn from(error: E) -> Stop {
        Stop::Machine(error.into())
    }
}

/// Verifies one received file; says whether it is believed.
pub async fn verify(ctx: &Context<'_>, file: &FileRow) -> Result<bool, JobError> {
    let bank = ctx.app.bank(&file.bank)?;
    clear(ctx, file.file_id).await?;
    let doubt = match read(ctx, bank, file).await {
        Ok(()) => {
            crash::point("verify.after_commit");
            return Ok(true);
        }
        Err(Stop::Machine(error)) => return Err(error),
        Err(Stop::Doubt(doubt)) => doubt,
    };
    clear(ctx, file.file_id).await?;
    let mut tx = ctx.page().await?;
    files::quarantine(&mut tx, file.file_id, &doubt.problem).await?;
    let opened = breaks::Break { kind: doubt.kind, ..quarantine_break(ctx, bank, file.file_id, &doubt.problem) };
    breaks::open(&mut tx, &[opened]).await?;
    tx.commit().await?;
    tracing::warn!(file = file.file_name, problem = doubt.problem, "quarantined");
    Ok(false)
}

async fn clear(ctx: &Context<'_>, file_id: i64) -> Result<(), JobError> {
    loop {
        let mut tx = ctx.page().await?;
        let gone = answers::clear(&mut tx, file_id, ctx.app.page).await?;
        tx.commit().await?;
        if gone == 0 {
            return Ok(());
        }
    }
}

async fn read(ctx: &Context<'_>, bank: &Bank, file: &FileRow) -> Result<(), Stop> {
    let app = ctx.app;
    let format = file.format_hash.as_ref().and_then(|hash| app.formats.iter().find(|f| f.hash_hex() == *hash));
    let Some(format) = format else {
        return Err(Stop::Doubt(Doubt::of("the format it was recognised by is gone; collect it again")));
    };
    let archived = app.archive.open(&app.vault, &file.archive_name())?;
    let opened = AnswerReader::open(format, &bank.params, &file.file_name, archived);
    let mut reader = opened.map_err(|e| Stop::Doubt(Doubt::of(e)))?;
    let named = named_batch(ctx, bank, file, format, reader.names()).await?;
    if let Some(refusal) = reader.refusal().cloned() {
        return whole_refusal(ctx, file, named, &refusal).await;
    }
    let mut pass = Pass::begin(ctx, bank, file, named, format.partial());
    loop {
        let page = rows(&mut reader, app.page)?;
        if page.is_empty() {
            break;
        }
        pass.page(&page, reader.file_date()).await?;
        ctx.more("verify", page.len());
    }
    for warning in reader.warnings() {
        tracing::warn!(file = file.file_name, %warning, "odd, and read all the same");
    }
    let decisions = reader.decisions().to_vec();
    let facts = reader.finish().map_err(|e| Stop::Doubt(Doubt::of(e)))?;
    rest::known(&decisions, facts.rows.count)?;
    rest::decide(ctx, &mut pass, decisions, facts.rows.count).await?;
    pass.whole(&facts).await
}

fn rows(reader: &mut AnswerReader<'_, Opened<'_>>, most: i64) -> Result<Vec<AnswerRow>, Stop> {
    let mut page = Vec::new();
    while (page.len() as i64) < most
        && let Some(row) = reader.next_row().map_err(|e| Stop::Doubt(Doubt::of(e)))?
    {
        // What is still in work is no answer: the debit waits as if it did not stand there.
        if !row.pending {
            page.push(row);
        }
    }
    Ok(page)
}

/// The batch the file's name or content tells, where one does.
async fn named_batch(
    ctx: &Context<'_>,
    bank: &Bank,
    file: &FileRow,
    format: &Format,
    by_content: Option<(NaiveDate, u32)>,
) -> Result<Option<BatchRow>, Stop> {
    let facts = format.name_facts(&file.file_name, &bank.params);
    let by_name = facts.and_then(|facts| facts.file_date.zip(facts.seq));
    let Some((date, seq)) = by_name.or(by_content) else { return Ok(None) };
    let mut tx = ctx.app.db.read().await?;
    let found = batches::find(&mut tx, batches::batch_id(date, bank.no, i64::from(seq))).await?;
    Ok(found.filter(|batch| batch.sent_at.is_some()))
}

async fn whole_refusal(
    ctx: &Context<'_>,
    file: &FileRow,
    named: Option<BatchRow>,
    refusal: &Refusal,
) -> Result<(), Stop> {
    let Some(batch) = named else {
        return Err(Stop::Doubt(Doubt::of("it refuses a whole file, and we sent none that its name could mean")));
    };
    let said = (refusal.category.word().to_owned(), refusal.code.clone(), refusal.text.clone());
    let whole = WholeFile { absent: "refused".into(), refusal: Some(said) };
    let facts = serde_json::to_string(&whole)?;
    let verified = Verified { batch_id: Some(batch.batch_id), bank_date: None, lines: 0, sum_fen: 0, facts: &facts };
    let mut tx = ctx.page().await?;
    files::verified(&mut tx, file.file_id, &verified).await?;
    tx.commit().await?;
    Ok(())
}

/// Reads back what pass 1 stored.
pub fn whole_file(file: &FileRow) -> Result<WholeFile, JobError> {
    let text = file
        .facts
        .as_deref()
        .ok_or_else(|| JobError::new(Kind::Books, format!("file {} has no facts", file.file_id)))?;
    Ok(serde_json::from_str(text)?)
}
