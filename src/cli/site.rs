//! `init` makes a site's folder; `pause` keeps a bank from being sent files.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::{Site, output};
use crate::config::DEFAULT;
use crate::jobs::JobError;
use crate::store::audit::{self, Act};
use crate::store::calendars;

/// Makes a new site's folder with a commented configuration.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Which folder; it must be empty or absent.
    folder: PathBuf,
}

/// Makes the folder.
pub fn init(args: &InitArgs) -> Result<ExitCode, JobError> {
    let folder = &args.folder;
    let file = folder.join("yichong.toml");
    if file.exists() {
        return Err(JobError::input(format!("{} is there already; nothing was changed", file.display())));
    }
    fs::create_dir_all(folder)?;
    fs::write(&file, DEFAULT)?;
    output::say(format!("made {}", file.display()));
    output::say(
        "next: add a [[bank]] to it, import calendar, accounts and agreements (see README, a first real night)",
    );
    Ok(ExitCode::SUCCESS)
}

/// Pauses a bank, or lets it run again.
#[derive(Debug, Args)]
pub struct PauseArgs {
    /// Bank's code.
    bank: String,
    /// Let it run again.
    #[arg(long)]
    resume: bool,
    /// Who does it.
    #[arg(long)]
    by: String,
    /// The person's token.
    #[arg(long, env = "YICHONG_TOKEN", hide_env_values = true)]
    token: String,
}

/// Does it, and records who did.
pub async fn pause(site: &Site, args: &PauseArgs) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    let person = crate::jobs::resolve::authenticate(&app, &args.by, &args.token).await?;
    app.bank(&args.bank)?;
    let mut tx = app.db.write().await?;
    calendars::pause(&mut tx, &args.bank, !args.resume).await?;
    let action = if args.resume { "bank.resumed" } else { "bank.paused" };
    let act = Act { at: app.clock.now(), actor: &person.name, action, object: &args.bank, detail: "" };
    audit::add(&mut tx, &act, |previous, row| app.vault.audit_mac(previous, row)).await?;
    tx.commit().await?;
    output::say(format!("{} {}", args.bank, if args.resume { "runs again" } else { "is paused" }));
    Ok(ExitCode::SUCCESS)
}
