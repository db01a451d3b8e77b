//! What people type: one file per command; no rule lives here.

mod acts;
mod agreement;
mod agreements;
mod demo;
mod door;
mod explain;
mod file;
mod files;
mod format;
mod import;
mod lists;
mod night;
mod output;
mod reports;
mod simulate;
mod site;

use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;

use chrono::{DateTime, NaiveDateTime, Utc};
use clap::{CommandFactory, Parser, Subcommand};

use crate::gateways::clock::{Clock, instant};
use crate::jobs::{App, JobError, Kind, Progress};

/// 易充 Yichong: the bank auto-debit batch engine for prepaid electricity meters.
#[derive(Debug, Parser)]
#[command(version, about, after_help = AFTER_HELP)]
pub struct Cli {
    /// The site's configuration.
    #[arg(long, short, global = true, default_value = "yichong.toml", env = "YICHONG_CONFIG")]
    config: PathBuf,
    /// Pretend it is this time (Asia/Shanghai), for training and tests: 2026-11-20T22:00:00.
    #[arg(long, global = true, hide = true, env = "YICHONG_NOW")]
    now: Option<NaiveDateTime>,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "Examples:
  yichong demo                                      five days of a made-up campus, start to finish
  yichong init site && cd site                      a new site's folder with a commented configuration
  yichong import agreements list.csv --dry-run      check a file, change nothing
  yichong plan --date 2026-11-20                    tonight's files, nothing written
  yichong run nightly --date 2026-11-20             select, write, release and send
  yichong explain 051600001234 --date 2026-11-20    why was this meter (not) debited

Exit codes: 0 done, 2 wrong arguments, 3 wrong input (nothing changed), 4 refused by a rule, 5 the books are wrong,
6 waiting for a person or partner, 7 another process is at it, 8 disk, database, folder or a bank's server.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Plays five days of a made-up campus through the real jobs and files.
    Demo(demo::Args),
    /// Makes a new site's folder with a commented configuration.
    Init(site::InitArgs),
    /// Brings in accounts, balances, agreements or calendars from CSV.
    Import(import::Args),
    /// Shows tonight's files without writing state.
    Plan(night::PlanArgs),
    /// Runs a job for a business date, or goes on with it.
    Run(night::RunArgs),
    /// Serves the console and fires the jobs when they are due, until stopped.
    Serve(night::ServeArgs),
    /// Lists runs and their steps.
    Runs(lists::RunsArgs),
    /// Lists batches and files, in and out.
    Files(files::FilesArgs),
    /// Lists breaks.
    Breaks(lists::BreaksArgs),
    /// Says why a meter was (not) debited: every rule with the value seen.
    Explain(explain::Args),
    /// Checks ledger, files, audit chain and certificates of any span.
    Verify(reports::VerifyArgs),
    /// Prints the settlement report of a date.
    Report(reports::ReportArgs),
    /// Looks at a bank's file: lint, inspect, diff; or converts it.
    File(file::Args),
    /// Proposes a format from a sample of a bank's file, or checks a format file.
    Format(format::Args),
    /// Proposes something two people must agree on.
    Propose(acts::ProposeArgs),
    /// Approves what somebody else proposed, by the hash of what was shown.
    Approve(acts::ApproveArgs),
    /// Two people say, with evidence, that a file went to the bank by hand.
    SentByHand(acts::FateArgs),
    /// Two people say, with the bank's word as evidence, that a file did not arrive: the same bytes are sent again.
    DidNotArrive(acts::FateArgs),
    /// Changes an account's agreement by two people: amend, suspend, resume, replace-card, cancel; or shows it.
    Agreement(agreement::Args),
    /// Looks at many agreements: those that wait, and all of a bank beside its own list.
    Agreements(agreements::Args),
    /// Adds a person or lists them.
    Person(acts::PersonArgs),
    /// Pauses a bank, or lets it run again.
    Pause(site::PauseArgs),
    /// Tries a bank's door: what is right, what is wrong, what to do.
    Door(door::Args),
    /// Plays a partner bank on its exchange folder.
    BankSim(simulate::BankArgs),
    /// Plays the meters' head-end on its exchange folder.
    MeterSim(simulate::MeterArgs),
    /// Writes shell completions.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
}

/// Parses, runs, prints a failure, gives the exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { Kind::Usage as u8 } else { 0 });
        }
    };
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn,yichong=warn,sqlx=error"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&JobError::from(error)),
    };
    // Database work runs in a spawned task: on the main task every answer would cost a thread switch.
    let done = runtime.block_on(async { tokio::spawn(run(cli)).await });
    match done {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => fail(&error),
        Err(panic) => fail(&JobError::new(Kind::Books, format!("a bug in this program: {panic}"))),
    }
}

fn fail(error: &JobError) -> ExitCode {
    anstream::eprintln!("{}{error}", output::red("error: "));
    ExitCode::from(error.kind as u8)
}

async fn run(cli: Cli) -> Result<ExitCode, JobError> {
    let clock = cli.now.map_or(Clock::System, |now| Clock::Fixed(fixed(now)));
    let site = Site { config: cli.config, clock };
    match cli.command {
        Command::Demo(args) => boxed(demo::run(&args)).await,
        Command::Init(args) => site::init(&args),
        Command::Import(args) => boxed(import::run(&site, &args)).await,
        Command::Plan(args) => boxed(night::plan(&site, &args)).await,
        Command::Run(args) => boxed(night::run(&site, &args)).await,
        Command::Serve(args) => boxed(night::serve(&site, &args)).await,
        Command::Runs(args) => boxed(lists::runs(&site, &args)).await,
        Command::Files(args) => boxed(files::run(&site, &args)).await,
        Command::Breaks(args) => boxed(lists::breaks(&site, &args)).await,
        Command::Explain(args) => boxed(explain::run(&site, &args)).await,
        Command::Verify(args) => boxed(reports::verify(&site, &args)).await,
        Command::Report(args) => boxed(reports::report(&site, &args)).await,
        Command::File(args) => boxed(file::run(&site, &args)).await,
        Command::Format(args) => format::run(&args),
        Command::Propose(args) => boxed(acts::propose(&site, &args)).await,
        Command::Approve(args) => boxed(acts::approve(&site, &args)).await,
        Command::Agreement(args) => boxed(agreement::run(&site, &args)).await,
        Command::Agreements(args) => boxed(agreements::run(&site, &args)).await,
        Command::Person(args) => boxed(acts::person(&site, &args)).await,
        Command::Pause(args) => boxed(site::pause(&site, &args)).await,
        Command::SentByHand(args) => boxed(acts::fate(&site, "sent_by_hand", &args)).await,
        Command::DidNotArrive(args) => boxed(acts::fate(&site, "did_not_arrive", &args)).await,
        Command::Door(args) => boxed(door::run(&site, &args)).await,
        Command::BankSim(args) => simulate::bank(&args),
        Command::MeterSim(args) => simulate::meter(&args),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "yichong", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// A command behind a pointer, as the steps of a job are.
fn boxed<'a>(
    command: impl Future<Output = Result<ExitCode, JobError>> + Send + 'a,
) -> Pin<Box<dyn Future<Output = Result<ExitCode, JobError>> + Send + 'a>> {
    Box::pin(command)
}

fn fixed(now: NaiveDateTime) -> DateTime<Utc> {
    instant(now.date(), now.time())
}

/// Where the site is and what time it is there.
#[derive(Debug)]
pub struct Site {
    config: PathBuf,
    clock: Clock,
}

impl Site {
    /// Opens the program.
    pub async fn open(&self) -> Result<App, JobError> {
        App::open(&self.config, self.clock).await
    }

    /// Opens it with progress on the terminal.
    pub async fn open_with_progress(&self) -> Result<App, JobError> {
        let mut app = self.open().await?;
        app.progress = output::progress();
        Ok(app)
    }
}

/// No progress at all.
pub fn silent() -> Progress {
    Progress::default()
}
