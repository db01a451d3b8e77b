//! `file lint|inspect|diff|convert`: looks at banks' files without a site, a database or a change. What a person sees
//! is masked; the whole file is read as a stream, whatever its size.

mod convert;
mod diff;
mod difference;
mod inspect;
mod layout;
mod lint;
mod masks;
mod quote;
mod quote_sheet;
mod rows;
mod source;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::{Site, output};
use crate::jobs::{JobError, Kind, open};

/// Looks at a bank's file: lint, inspect, diff (cards, IDs, phones and names are masked); or converts it.
#[derive(Debug, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str =
    "Formats are the shipped ones and those in the folder `formats` beside the configuration; a file \
names its format by its own name and first lines.

Exit codes: 0 right (diff: equal), 3 wrong (diff: different) or no such file, 8 the disk.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Reads a whole file and says OK, or the first wrong place.
    Lint(LintArgs),
    /// Shows the head, the titles, the first rows, the last lines and the totals.
    Inspect(InspectArgs),
    /// Compares two files record by record.
    Diff(DiffArgs),
    /// Writes a file's records in another format; a new file, or an error and none.
    Convert(ConvertArgs),
}

/// What `lint` takes.
#[derive(Debug, clap::Args)]
pub(super) struct LintArgs {
    /// The bank's file, under its own name where possible.
    file: PathBuf,
    #[command(flatten)]
    common: Common,
}

/// What `inspect` takes.
#[derive(Debug, clap::Args)]
pub(super) struct InspectArgs {
    /// The bank's file, under its own name where possible.
    file: PathBuf,
    /// How many rows to show; 0 shows all.
    #[arg(long, default_value_t = 20)]
    rows: u64,
    #[command(flatten)]
    common: Common,
}

/// What `diff` takes.
#[derive(Debug, clap::Args)]
pub(super) struct DiffArgs {
    /// The first file.
    a: PathBuf,
    /// The second file.
    b: PathBuf,
    /// How many records of each kind to show, counts are of all; 0 shows all.
    #[arg(long, default_value_t = 20)]
    rows: u64,
    /// The format of the second file, where it is another.
    #[arg(long)]
    format_b: Option<String>,
    #[command(flatten)]
    common: Common,
}

/// What `convert` takes.
#[derive(Debug, clap::Args)]
pub(super) struct ConvertArgs {
    /// The bank's file, under its own name where possible.
    file: PathBuf,
    /// The format to write.
    #[arg(long)]
    to: String,
    /// Where to; a file that is there is never written over. Beside the file, under its name and the format's, if not
    /// said.
    #[arg(long)]
    out: Option<PathBuf>,
    /// A parameter of the bank, as in [bank.params]: merchant=M1.
    #[arg(long, value_parser = pair)]
    param: Vec<(String, String)>,
    /// The date the new file carries, where its name does not tell.
    #[arg(long)]
    file_date: Option<chrono::NaiveDate>,
    /// A meaning to be given up, because the new format has no field for it: agreement.
    #[arg(long)]
    leave_out: Vec<String>,
    #[command(flatten)]
    common: Common,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    pair.map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(|| "write name=value".to_owned())
}

#[derive(Debug, clap::Args)]
struct Common {
    /// Force a format by its name.
    #[arg(long)]
    format: Option<String>,
    /// For scripts; amounts in fen.
    #[arg(long)]
    json: bool,
}

/// Looks.
pub async fn run(site: &Site, args: &Args) -> Result<ExitCode, JobError> {
    let folder = site.config.parent().map(|parent| parent.join("formats"));
    let (catalogue, texts) = open::formats(folder.as_deref())?;
    let house = source::House { catalogue, texts };
    let right = match &args.command {
        Command::Lint(args) => lint::run(&house, args)?,
        Command::Inspect(args) => inspect::run(&house, args)?,
        Command::Diff(args) => diff::run(&house, args)?,
        Command::Convert(args) => convert::run(&house, args)?,
    };
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::from(Kind::Input as u8) })
}
