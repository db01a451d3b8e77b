//! `init` makes a site's folder; `pause` keeps a bank from being sent files.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::output;
use crate::config::DEFAULT;
use crate::jobs::JobError;

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
