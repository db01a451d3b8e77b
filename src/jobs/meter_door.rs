//! The meters' door, inwards: files are kept in the archive first, believed whole or not at all, then taken away.

use std::io::Read as _;

use yichong_core::model::breaks::BreakKind;
use yichong_core::model::money::Fen;

use super::app::Context;
use super::error::JobError;
use yichong_gateways::archive::{Archive, measure};
use yichong_gateways::door::Door;
use yichong_store::breaks::{self, Break};

/// Breaks about the head-end's files carry this account: outside the range of meters, and no bank's reserved one.
const NO_ACCOUNT: i64 = 999_999_999_000;
/// Crash points of keeping a file.
const POINTS: [&str; 2] = ["file.archive.after_fsync", "collect.archive.after_rename"];
/// So many different files under one name are kept; more is not an exchange any more.
const NAMESAKES_MAX: usize = 99;

/// The door of the head-end.
pub fn door(ctx: &Context<'_>) -> Door {
    let meters = &ctx.app.config.meters;
    Door::folder(meters.out.clone(), meters.into.clone())
}

/// The archive's name of a file that came; a second one of the same name gets a number.
fn archive_name(name: &str, copy: usize) -> String {
    if copy == 1 { format!("in/meters/{name}") } else { format!("in/meters/{name}.{copy}") }
}

/// Whether a file of this name came before.
pub fn came(ctx: &Context<'_>, name: &str) -> bool {
    ctx.app.archive.has(&archive_name(name, 1))
}

/// Keeps a waiting file; gives its name in the archive, or none while it is still growing.
pub fn keep(ctx: &Context<'_>, door: &Door, name: &str) -> Result<Option<String>, JobError> {
    let app = ctx.app;
    let first = measure(door.open(name)?)?;
    for copy in 1..=NAMESAKES_MAX {
        let kept_as = archive_name(name, copy);
        if app.archive.has(&kept_as) {
            if measure(app.archive.open(&app.vault, &kept_as)?)? == first {
                return Ok(Some(kept_as));
            }
            continue;
        }
        let kept = app.archive.keep(&app.vault, &kept_as, door.open(name)?, POINTS)?;
        // What was kept of a growing file stays as a copy; the whole file will be the next.
        return Ok((kept == first).then_some(kept_as));
    }
    Err(JobError::refused(format!("{name} came {NAMESAKES_MAX} times with different content; ask the head-end why")))
}

/// Everything of a kept file, for files that are small by our own making.
pub fn read(ctx: &Context<'_>, kept_as: &str) -> Result<Vec<u8>, JobError> {
    let mut bytes = Vec::new();
    ctx.app.archive.open(&ctx.app.vault, kept_as)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Puts a file aside that cannot be believed: kept byte for byte, a break with an owner, nothing else changed.
pub async fn quarantine(
    ctx: &Context<'_>,
    door: &Door,
    file: (&str, &str, i64),
    problem: &str,
) -> Result<(), JobError> {
    let (name, kept_as, reference) = file;
    let app = ctx.app;
    let aside = Archive::at(&app.config.folders.data.join("quarantine"));
    aside.keep(&app.vault, kept_as, app.archive.open(&app.vault, kept_as)?, POINTS)?;
    let detail =
        format!("{name} (kept as {kept_as}): {problem}; nothing was changed, ask the head-end for a right one");
    tracing::warn!("{detail}");
    let mut tx = ctx.page().await?;
    let opened = Break {
        account: NO_ACCOUNT,
        kind: BreakKind::StateDiffers,
        reference,
        bank: "",
        opened_on: ctx.business_date,
        bank_date: ctx.business_date,
        amount: Fen::ZERO,
        owner: "operator",
        detail,
    };
    breaks::open(&mut tx, &[opened]).await?;
    tx.commit().await?;
    door.remove(name)?;
    Ok(())
}
