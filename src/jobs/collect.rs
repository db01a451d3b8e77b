//! Step: files from the bank's door. Read twice (a file still growing is left for the next pass), archived encrypted,
//! recorded, then taken away from the exchange folder.

mod came;

use std::io::Read as _;

use yichong_core::formats::{Catalogue, Message};
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::money::Fen;

use came::Came;

use super::app::{Context, Outcome, Tally};
use super::doors::ShutDoors;
use super::error::JobError;
use super::receipts;
use super::signature;
use crate::config::Bank;
use yichong_gateways::archive::measure;
use yichong_gateways::crash;
use yichong_gateways::door::{Door, DoorError, Fault, Waiting};
use yichong_gateways::envelope;
use yichong_store::audit::{self, Act};
use yichong_store::breaks::{self, Break};
use yichong_store::db::StoreError;
use yichong_store::dispatches::{self, Travelled};
use yichong_store::files::{self, FileRow};

/// The step.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let mut tally = Tally::default();
    let mut shut = ShutDoors::default();
    for bank in &ctx.app.config.banks {
        match sweep(ctx, bank, &mut tally).await {
            Ok(()) => {}
            Err(Stop::Door(error)) => shut.add(&bank.code, error),
            Err(Stop::Job(error)) => return Err(error),
        }
    }
    Ok(shut.outcome(tally))
}

/// Why a sweep of one bank stops: its door, which is its own affair, or anything else.
enum Stop {
    Door(DoorError),
    Job(JobError),
}

impl From<DoorError> for Stop {
    fn from(error: DoorError) -> Stop {
        Stop::Door(error)
    }
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Stop {
        match error.downcast::<DoorError>() {
            Ok(door) => Stop::Door(door),
            Err(error) => Stop::Job(error.into()),
        }
    }
}

impl From<JobError> for Stop {
    fn from(error: JobError) -> Stop {
        Stop::Job(error)
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Job(error.into())
    }
}

/// Takes in whatever waits at one bank's door.
async fn sweep(ctx: &Context<'_>, bank: &Bank, tally: &mut Tally) -> Result<(), Stop> {
    for door in [Some(bank.door()), bank.agreements_door()].into_iter().flatten() {
        let found = door.look()?;
        told(bank, &found, tally);
        receipts::take(ctx, bank, &door, &found.receipts, tally).await??;
        for name in found.files {
            match take(ctx, bank, &door, &name).await? {
                Taken::Growing => tally.add("growing", 1),
                Taken::Known => tally.add("repeated", 1),
                Taken::New { believed: true } => tally.add("files", 1),
                Taken::New { believed: false } => tally.add("quarantined", 1),
            }
        }
    }
    Ok(())
}

/// Files that stay where they are, and why.
fn told(bank: &Bank, found: &Waiting, tally: &mut Tally) {
    let piles = [("ignored", &found.ignored), ("unmarked", &found.unmarked), ("growing", &found.growing)];
    for (why, names) in piles.into_iter().filter(|(_, names)| !names.is_empty()) {
        tally.add(why, i64::try_from(names.len()).unwrap_or(i64::MAX));
        tracing::warn!(bank = bank.code, why, names = names.join(", "), "left at the door");
    }
}

enum Taken {
    /// Still being written: left for the next pass.
    Growing,
    /// These bytes came before: recorded, ignored.
    Known,
    /// Taken in.
    New { believed: bool },
}

async fn take(ctx: &Context<'_>, bank: &Bank, door: &Door, name: &str) -> Result<Taken, Stop> {
    let app = ctx.app;
    let Some(came) = Came::open(ctx, bank, door, name)? else { return Ok(Taken::Growing) };
    let first = measure(came.read()?)?;
    let mut row = recognised(ctx, bank, &came)?;
    row.sha256 = first.sha256.clone();
    row.bytes = i64::try_from(first.bytes).unwrap_or(i64::MAX);
    let points = ["file.archive.after_fsync", "collect.archive.after_rename"];
    let mut tx = app.db.read().await?;
    let known = files::by_hash(&mut tx, &bank.code, &first.sha256).await?;
    let namesake = files::by_name(&mut tx, &bank.code, &came.name).await?;
    drop(tx);
    if known.is_none() {
        let kept = app.archive.keep(&app.vault, &row.archive_name(), came.read()?, points)?;
        if kept != first {
            return Ok(Taken::Growing);
        }
    }
    signed(ctx, bank, &mut row)?;
    // A name without a date may come again every day.
    let format = app.formats.iter().find(|format| row.format_hash.as_ref() == Some(&format.hash_hex()));
    let facts = format.and_then(|format| format.name_facts(&came.name, &bank.params));
    let once = facts.is_none_or(|facts| facts.file_date.is_some());
    if let Some(other) = namesake.filter(|other| once && other.sha256 != first.sha256) {
        row.state = "quarantined".into();
        row.problem = Some(format!("a file of this name came before with other content (file {})", other.file_id));
    }
    let believed = row.state != "quarantined";
    let words = envelope::words(&door.settings().envelope_in);
    let travelled = came.travelled(ctx, bank, &row.sha256, &words);
    let new = record(ctx, bank, &row, known.as_ref(), travelled.as_ref()).await?;
    crash::point("collect.after_commit");
    door.remove(name)?;
    crash::point("collect.after_remove");
    Ok(if new { Taken::New { believed } } else { Taken::Known })
}

/// Which of the bank's formats the file is of, by its name first, by its beginning where no name fits.
fn recognised(ctx: &Context<'_>, bank: &Bank, came: &Came<'_>) -> Result<FileRow, Stop> {
    let app = ctx.app;
    let name = came.name.as_str();
    let mut beginning = Vec::new();
    came.read()?.take(4).read_to_end(&mut beginning)?;
    let most = Catalogue::beginning(&beginning);
    beginning.clear();
    came.read()?.take(most as u64).read_to_end(&mut beginning)?;
    let ours = |format: &str| bank.formats_in().any(|ours| ours == format);
    let mut named = app
        .formats
        .iter()
        .filter(|format| ours(format.name()))
        .filter(|format| format.name_facts(name, &bank.params).is_some());
    // A name that several formats know says nothing: the beginning decides then, too.
    let (first, second) = (named.next(), named.next());
    let by_content = || {
        let candidates = app.formats.recognise(name, &beginning);
        candidates.into_iter().filter(|c| c.by_content && ours(c.format.name())).map(|c| c.format).next()
    };
    let found = match (first, second) {
        (Some(only), None) => Some(only),
        (first, _) => by_content().or(first),
    };
    let found = found.filter(|_| came.problem.is_none());
    let (kind, state, problem) = match found.map(|format| format.message()) {
        Some(Message::Answer) => ("answer", "received", None),
        Some(Message::Statement) => ("statement", "received", None),
        Some(Message::AgreementAnswer) => ("agreement_answer", "received", None),
        _ => {
            let names: Vec<&str> = bank.formats_in().map(String::as_str).collect();
            let said = format!("no format of bank {} knows this file; it has {}", bank.code, names.join(", "));
            ("unknown", "quarantined", Some(came.problem.clone().unwrap_or(said)))
        }
    };
    Ok(FileRow {
        file_id: 0,
        bank: bank.code.clone(),
        kind: kind.into(),
        file_name: name.to_owned(),
        format_hash: found.map(|format| format.hash_hex()),
        sha256: String::new(),
        bytes: 0,
        received_at: ctx.now(),
        business_date: ctx.business_date,
        state: state.into(),
        batch_id: None,
        bank_date: None,
        line_count: None,
        line_sum_fen: None,
        facts: None,
        problem,
    })
}

/// A signed format's document is believed only with the bank's signature over the very bytes that are kept.
fn signed(ctx: &Context<'_>, bank: &Bank, row: &mut FileRow) -> Result<(), Stop> {
    let app = ctx.app;
    let format = app.formats.iter().find(|format| row.format_hash.as_ref() == Some(&format.hash_hex()));
    let Some(format) = format.filter(|format| format.signature().is_some()) else { return Ok(()) };
    let document = app.archive.open(&app.vault, &row.archive_name())?;
    // A key that cannot be used says nothing about the file: it stays at the door.
    let checked = signature::check(bank, format, document, ctx.now()).map_err(|error| {
        let (at, said) = (error.file.clone(), error.to_string());
        DoorError::Shut { at, fault: Fault::Secret, said }
    })?;
    if let Err(problem) = checked {
        tracing::warn!(bank = bank.code, file = row.file_name, problem, "not believed");
        (row.state, row.problem) = ("quarantined".into(), Some(problem));
    }
    Ok(())
}

/// Records a file; says whether it is new. A repeat is recorded in the audit and changes nothing else.
async fn record(
    ctx: &Context<'_>,
    bank: &Bank,
    row: &FileRow,
    known: Option<&FileRow>,
    travelled: Option<&Travelled<'_>>,
) -> Result<bool, JobError> {
    let app = ctx.app;
    let mut tx = ctx.page().await?;
    if let Some(hash) = &row.format_hash
        && let Some(format) = app.formats.iter().find(|format| format.hash_hex() == *hash)
    {
        files::keep_format(&mut tx, hash, format.name(), app.format_text(format.name())).await?;
    }
    let file_id = files::receive(&mut tx, row).await?;
    // Quarantined for its signature alone: a key of the bank's was wrong here, and is right now.
    let doubted =
        |known: &&FileRow| known.state == "quarantined" && known.problem.as_deref().is_some_and(signature::said);
    let reconsidered = match known.filter(doubted) {
        Some(known) if row.state == "received" => files::reconsider(&mut tx, known.file_id, row).await?,
        _ => false,
    };
    let (action, object) = match (file_id, known) {
        (Some(id), _) => ("file.received", format!("file {id}")),
        (None, Some(known)) if reconsidered => ("file.reconsidered", format!("file {}", known.file_id)),
        (None, Some(known)) => ("file.repeated", format!("file {}", known.file_id)),
        (None, None) => ("file.repeated", format!("sha256 {}", row.sha256)),
    };
    if let (Some(id), Some(problem)) = (file_id, &row.problem) {
        breaks::open(&mut tx, &[quarantine_break(ctx, bank, id, problem)]).await?;
    }
    let detail = format!("{} {} {}", bank.code, row.file_name, row.sha256);
    if let Some(travelled) = travelled {
        dispatches::travelled(&mut tx, travelled).await?;
    }
    let act = Act { at: ctx.now(), actor: "engine", action, object: &object, detail: &detail };
    audit::add(&mut tx, &act, |previous, line| app.vault.audit_mac(previous, line)).await?;
    tx.commit().await?;
    Ok(file_id.is_some() || reconsidered)
}

/// A file that cannot be believed is a break with an owner: the day does not close over it unseen.
pub fn quarantine_break<'a>(ctx: &Context<'_>, bank: &'a Bank, file_id: i64, problem: &str) -> Break<'a> {
    Break {
        account: bank.reserved_account().0,
        kind: BreakKind::StateDiffers,
        reference: file_id,
        bank: &bank.code,
        opened_on: ctx.business_date,
        bank_date: ctx.business_date,
        amount: Fen::ZERO,
        owner: "finance",
        detail: format!("file {file_id} quarantined: {problem}"),
    }
}
