//! Step: bank statements into the books. Pass 1 takes a file in whole, or quarantines it; pass 2 books its lines:
//! singles in pages, lumps debit by debit. A line's booking is set with, or after, what it caused.

pub mod booking;
pub mod intake;
pub mod lump;
pub mod twins;

use serde::{Deserialize, Serialize};
use yichong_core::formats::records::FileError;
use yichong_core::formats::{Format, StatementReader};

use super::app::{Context, Outcome, Tally};
use super::collect::quarantine_break;
use super::error::JobError;
use yichong_gateways::crash;
use yichong_store::breaks;
use yichong_store::files::{self, FileRow, Verified};
use yichong_store::money::{self, MoneyRow};

/// What pass 1 learned of a statement beside its sums; kept as JSON with the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Earlier files of which every line stands in this one, unchanged: this is a re-delivery of them.
    pub repeats: Vec<i64>,
    /// Earlier files in another format that tell bookings of this one: a notification before the statement.
    #[serde(default)]
    pub others: Vec<i64>,
}

/// The step.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let mut tally = Tally::default();
    for file in in_state(ctx, "received").await? {
        take_in(ctx, &file, &mut tally).await?;
    }
    for state in ["applying", "verified"] {
        for file in in_state(ctx, state).await? {
            book(ctx, &file, &mut tally).await?;
        }
    }
    Ok(Outcome::Done(tally))
}

async fn in_state(ctx: &Context<'_>, state: &str) -> Result<Vec<FileRow>, JobError> {
    let mut tx = ctx.app.db.read().await?;
    Ok(files::by_state(&mut tx, "statement", state).await?)
}

/// Pass 1 of one file out of the archive.
async fn take_in(ctx: &Context<'_>, file: &FileRow, tally: &mut Tally) -> Result<(), JobError> {
    let app = ctx.app;
    let bank = app.bank(&file.bank)?;
    let hash = file.format_hash.as_deref().unwrap_or_default();
    let mut tx = app.db.read().await?;
    let Some((name, body)) = files::format(&mut tx, hash).await? else {
        let problem = format!("the text of its format ({hash}) is not kept; restore it or deliver the file again");
        return quarantine(ctx, file, &problem, tally).await;
    };
    drop(tx);
    let format = Format::parse(&format!("{name}.toml"), &body).map_err(|e| JobError::input(e.to_string()))?;
    let input = app.archive.open(&app.vault, &file.archive_name())?;
    let read = async {
        let mut reader = match StatementReader::open(&format, &bank.params, &file.file_name, input) {
            Ok(reader) => reader,
            Err(error) => return Ok(Err(error)),
        };
        let rows = std::iter::from_fn(|| reader.next_row().transpose());
        let taken = intake::lines(ctx, file, rows).await?;
        for warning in reader.warnings() {
            let warning = intake::without_cards(&warning.to_string());
            tracing::warn!(file = file.file_name, warning, "odd, and read all the same");
        }
        match taken {
            Ok(taken) => Ok::<_, JobError>(reader.finish().map(|_| taken)),
            Err(error) => Ok(Err(error)),
        }
    };
    match read.await? {
        Ok(mut taken) => {
            let stated = format.name_facts(&file.file_name, &bank.params).and_then(|name| name.file_date);
            taken.bank_date = stated.or(taken.bank_date);
            believe(ctx, file, &taken, tally).await
        }
        Err(error) => quarantine(ctx, file, &said(&error), tally).await,
    }
}

fn said(error: &FileError) -> String {
    intake::without_cards(&error.to_string())
}

/// The file is believed: what it repeats is settled before anything is booked.
pub async fn believe(
    ctx: &Context<'_>,
    file: &FileRow,
    taken: &intake::Taken,
    tally: &mut Tally,
) -> Result<(), JobError> {
    let facts = serde_json::to_string(&twins::facts(ctx, file).await?)?;
    let mut tx = ctx.page().await?;
    let whole = Verified {
        batch_id: None,
        bank_date: taken.bank_date,
        lines: taken.lines,
        sum_fen: taken.sum.0,
        facts: &facts,
    };
    files::verified(&mut tx, file.file_id, &whole).await?;
    tx.commit().await?;
    tally.add("statements", 1);
    tally.add("lines", taken.lines);
    Ok(())
}

/// The file is not believed: its lines go, the file stays byte for byte, finance hears of it; nothing else changes.
pub async fn quarantine(ctx: &Context<'_>, file: &FileRow, problem: &str, tally: &mut Tally) -> Result<(), JobError> {
    intake::forget(ctx, file.file_id).await?;
    let bank = ctx.app.bank(&file.bank)?;
    let mut tx = ctx.page().await?;
    files::quarantine(&mut tx, file.file_id, problem).await?;
    breaks::open(&mut tx, &[quarantine_break(ctx, bank, file.file_id, problem)]).await?;
    tx.commit().await?;
    tally.add("quarantined", 1);
    Ok(())
}

/// Pass 2 of one file, from wherever it stopped.
pub async fn book(ctx: &Context<'_>, file: &FileRow, tally: &mut Tally) -> Result<(), JobError> {
    if file.state == "verified" {
        let mut tx = ctx.page().await?;
        files::set_state(&mut tx, file.file_id, "verified", "applying").await?;
        tx.commit().await?;
    }
    let mut after = 0;
    loop {
        let mut tx = ctx.app.db.read().await?;
        let lines = money::unbooked(&mut tx, file.file_id, after, ctx.app.page).await?;
        drop(tx);
        let Some(last) = lines.last() else { break };
        after = last.line_no;
        // Lines are booked in the bank's order: a lump may pay what a line after it takes back.
        for run in lines.chunk_by(|a, b| !is_lump(a) && !is_lump(b)) {
            match run {
                [lump] if is_lump(lump) => lump::book(ctx, lump, tally).await?,
                singles => booking::page(ctx, file, singles, tally).await?,
            }
        }
        ctx.more("statement", lines.len());
    }
    let mut tx = ctx.page().await?;
    files::set_state(&mut tx, file.file_id, "applying", "applied").await?;
    tx.commit().await?;
    crash::point("statement.after_commit");
    Ok(())
}

/// Lines of a batch are booked one by one: each may settle thousands of debits. Twins book nothing.
fn is_lump(line: &MoneyRow) -> bool {
    line.batch_id.is_some() && line.booking.as_deref() != Some(money::TWIN)
}

/// What an entry or a break says of where it comes from.
pub fn place(line: &MoneyRow) -> String {
    format!("statement: file {} line {}", line.file_id, line.line_no)
}
