//! What travels for a batch: fixed before the door is opened, so that every try sends the same bytes; and taking it out
//! of the house by hand when a door stays shut.

use std::fs;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::app::{App, Context};
use super::error::{JobError, Kind};
use super::resolve;
use crate::config::Bank;
use yichong_gateways::archive::{Kept, Opened, measure};
use yichong_gateways::envelope::{self, EnvelopeError};
use yichong_store::audit::{self, Act};
use yichong_store::batches::{self, BatchRow};
use yichong_store::db::Tx;
use yichong_store::dispatches::{self, DispatchRow};

/// The archived bytes that travel.
pub fn body<'v>(app: &'v App, row: &DispatchRow) -> io::Result<Opened<'v>> {
    app.archive.open(&app.vault, &row.archive_name())
}

/// Hash and length of the bytes that travel.
pub fn kept(row: &DispatchRow) -> Kept {
    Kept { sha256: row.sha256.clone(), bytes: u64::try_from(row.bytes).unwrap_or(0) }
}

/// What travels for a batch; made, archived and recorded the first time. `night`: whose pages check the fence.
pub async fn prepared(app: &App, night: Option<&Context<'_>>, batch: &BatchRow) -> Result<DispatchRow, JobError> {
    let mut tx = app.db.read().await?;
    if let Some(row) = dispatches::find(&mut tx, batch.batch_id).await? {
        return Ok(row);
    }
    drop(tx);
    let row = sealed(app, batch)?;
    let mut tx = write(app, night).await?;
    dispatches::prepare(&mut tx, &row).await?;
    // Somebody may have been faster, with an envelope of his own: what stands is what travels.
    let stands = dispatches::find(&mut tx, batch.batch_id).await?;
    tx.commit().await?;
    Ok(stands.unwrap_or(row))
}

async fn write(app: &App, night: Option<&Context<'_>>) -> Result<Tx, JobError> {
    match night {
        Some(ctx) => ctx.page().await,
        None => Ok(app.db.write().await?),
    }
}

/// The batch's own bytes, or the envelope around them.
fn sealed(app: &App, batch: &BatchRow) -> Result<DispatchRow, JobError> {
    let bank = app.bank(&batch.bank)?;
    let mut row = plain(batch);
    if bank.door.envelope_out.is_empty() {
        return Ok(row);
    }
    let wrapped = wrapped(app, bank, &batch.archive_name(), &batch.file_name)?;
    row.envelope = envelope::words(&bank.door.envelope_out);
    row.file_name = wrapped.file_name;
    row.sha256 = wrapped.kept.sha256;
    row.bytes = i64::try_from(wrapped.kept.bytes).unwrap_or(i64::MAX);
    Ok(row)
}

/// An archived file as it travels to a bank.
#[derive(Clone, Debug)]
pub struct Wrapped {
    /// Its name in the archive.
    pub archived: String,
    /// Its name on the way.
    pub file_name: String,
    /// Its hash and length.
    pub kept: Kept,
}

/// Puts a bank's envelope around an archived file: once, because some layers come out different every time. What the
/// archive holds is what travels.
pub fn wrapped(app: &App, bank: &Bank, archived: &str, file_name: &str) -> Result<Wrapped, JobError> {
    let layers = &bank.door.envelope_out;
    if layers.is_empty() {
        let kept = measure(app.archive.open(&app.vault, archived)?)?;
        return Ok(Wrapped { archived: archived.to_owned(), file_name: file_name.to_owned(), kept });
    }
    let travels = format!("{archived}.travelled");
    if !app.archive.has(&travels) {
        let refuse = |e: EnvelopeError| JobError::new(Kind::Input, format!("bank {}: {e}", bank.code));
        let (work, door) = (app.config.folders.data.join("work"), bank.door());
        let clear = app.archive.open(&app.vault, archived)?;
        let sealed = door.envelope(layers, &work, app.clock.now()).seal(file_name, clear).map_err(refuse)?;
        app.archive.keep(&app.vault, &travels, sealed, ["file.archive.after_fsync", "file.archive.after_rename"])?;
    }
    let kept = measure(app.archive.open(&app.vault, &travels)?)?;
    Ok(Wrapped { archived: travels, file_name: envelope::outer_name(layers, file_name), kept })
}

fn plain(batch: &BatchRow) -> DispatchRow {
    DispatchRow {
        batch_id: batch.batch_id,
        bank: batch.bank.clone(),
        file_name: batch.file_name.clone(),
        envelope: String::new(),
        sha256: batch.sha256.clone(),
        bytes: batch.bytes,
        attempt: 1,
        taken_out_by: None,
        by_hand: None,
        receipt_name: None,
        receipt_at: None,
    }
}

/// Writes the very bytes that would travel into a folder (mode 0600), for a person who carries them to the bank. From
/// here on the engine leaves the file alone until two people say what became of it. Gives the file's path.
pub async fn take_out(app: &App, batch_id: i64, to: &Path, by: &str, token: &str) -> Result<PathBuf, JobError> {
    let person = resolve::authenticate(app, by, token).await?;
    if ["auditor", "teller"].contains(&person.role.as_str()) {
        return Err(JobError::refused(format!("{by} is {}; that role does not carry bank files", person.role)));
    }
    let mut tx = app.db.read().await?;
    let batch = batches::find(&mut tx, batch_id).await?;
    drop(tx);
    let batch = batch.ok_or_else(|| JobError::refused(format!("there is no batch {batch_id}; see `yichong files`")))?;
    let waits = ["released", "sending"].contains(&batch.state.as_str());
    let not_now = || {
        JobError::refused(format!(
            "batch {batch_id} is {}; only one that is released and has not left is taken out by hand",
            batch.state
        ))
    };
    if !waits {
        return Err(not_now());
    }
    let row = prepared(app, None, &batch).await?;
    let mut tx = app.db.write().await?;
    if !dispatches::take_out(&mut tx, batch_id, by).await? {
        return Err(not_now());
    }
    let object = format!("batch:{batch_id}");
    let detail = format!("{} {}", row.file_name, row.sha256);
    let act = Act { at: app.clock.now(), actor: by, action: "batch.taken_out", object: &object, detail: &detail };
    audit::add(&mut tx, &act, |previous, line| app.vault.audit_mac(previous, line)).await?;
    let path = to.join(&row.file_name);
    let refuse = |e: io::Error| JobError::input(format!("{}: {e}; choose an empty folder", path.display()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(refuse)?;
    io::copy(&mut body(app, &row)?.by_ref(), &mut file)?;
    file.sync_all()?;
    tx.commit().await?;
    Ok(path)
}
