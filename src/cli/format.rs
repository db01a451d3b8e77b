//! `format new|check`: proposes a format file from a sample, says what a format file is. Nothing is written; no value
//! of a person is printed.

mod check;
mod guess;
mod proposal;
mod sample;
mod titles;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};

use super::output;
use crate::jobs::{JobError, Kind};

/// Formats of banks' files: proposes one from a sample, checks one.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str =
    "The manual is docs/formats.md. A proposal is a beginning: lines with `# ?` are questions for \
the bank's document.

Exit codes: 0 done, 3 the sample or the format is wrong, or the proposal does not load yet (it is printed anyway).";

#[derive(Debug, Subcommand)]
enum Command {
    /// Proposes a format from a text file with a row of titles.
    New(NewArgs),
    /// Loads a format file and says what it is, or its first wrong place.
    Check(CheckArgs),
}

/// What `new` takes.
#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    /// A file of the bank, under its own name where possible.
    #[arg(long)]
    from: PathBuf,
    /// The format's name, as it will be written into the configuration.
    #[arg(long)]
    name: Option<String>,
    /// What the file is; guessed from its titles where it is not said.
    #[arg(long)]
    message: Option<Wanted>,
}

/// The messages that can be proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Wanted {
    /// Money that moved (银行流水).
    Statement,
    /// The bank's answers (回盘).
    Answer,
    /// Debits we send (送盘).
    Debit,
}

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    /// The format file.
    file: PathBuf,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

/// Proposes or checks.
pub fn run(args: &Args) -> Result<ExitCode, JobError> {
    let right = match &args.command {
        Command::New(args) => proposal::run(args)?,
        Command::Check(args) => check::run(args)?,
    };
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::from(Kind::Input as u8) })
}
