//! `bank-sim` and `meter-sim`: the other side of the exchange folders, for demonstrations and trials. Thin: the words
//! of the command line become the calls of [`crate::simulator`].

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{NaiveDate, NaiveDateTime};
use clap::{Args, Subcommand};

use super::output;
use crate::jobs::{JobError, Kind};
use crate::simulator::{
    BankConfig, BankSimArgs, BankStep, Family, HeadEndConfig, HeadEndScenario, MeterSimArgs, MeterStep, Scenario, Seal,
    SealKind, Settle, bank_command, meter_command, opening_balances, vocabulary,
};

/// Plays a partner bank on its exchange folder.
#[derive(Debug, Args)]
#[command(after_help = bank_words())]
pub struct BankArgs {
    /// The exchange folder: files to the bank lie in `out`, answers in `in`, the bank's own books in `bank`.
    #[arg(long)]
    exchange: PathBuf,
    #[arg(long, value_parser = family, help = family_words())]
    family: Family,
    /// Our number there (商户号): in the names of files and statements.
    #[arg(long)]
    merchant: String,
    /// Institution code (机构号) where the family's file names carry one; not checked if not given.
    #[arg(long, default_value = "")]
    institution: String,
    /// Two-letter code of the bank where the family's file names carry one; not checked if not given.
    #[arg(long, default_value = "")]
    code: String,
    /// Seed of its chance: the same seed does the same.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What it does with the rows, words joined by `+`: refusals:25+missing-rows:2.
    #[arg(long, default_value = "all-paid", value_parser = scenario)]
    scenario: Scenario,
    /// How it pays over: lumps, singles, or net-of-fee:FEN (lumps less so many fen for each debit).
    #[arg(long, default_value = "lumps", value_parser = settle)]
    settle: Settle,
    /// Signs its documents and checks ours: rsa-sha1, rsa-sha256, sm2-sm3 or hmac-sha256.
    #[arg(long, value_parser = seal_kind, requires = "sign_with")]
    signature: Option<SealKind>,
    /// The bank's private key (PKCS#8 PEM); with hmac-sha256 the shared one.
    #[arg(long, requires = "signature")]
    sign_with: Option<PathBuf>,
    /// Our public key (PEM); not looked at with hmac-sha256.
    #[arg(long, requires = "signature")]
    check_with: Option<PathBuf>,
    #[command(subcommand)]
    step: BankWord,
}

/// What the bank shall do now.
#[derive(Debug, Subcommand)]
enum BankWord {
    /// Takes the waiting files.
    Receive(OnDate),
    /// Works on them with this 清算日 and answers.
    Answer(OnDate),
    /// Answers, held answers too.
    Release(OnDate),
    /// Answers one of our files once more, without faults.
    Again {
        /// The name of our file.
        file: String,
        #[command(flatten)]
        on: OnDate,
    },
    /// Pays over and writes the statement of a day.
    Statement(OnDate),
    /// Takes, answers and settles a whole day.
    Day(OnDate),
    /// Says the sums of its own books.
    Report,
}

#[derive(Debug, Args)]
struct OnDate {
    /// The bank's day, Asia/Shanghai: 2026-11-20.
    #[arg(long)]
    date: NaiveDate,
}

impl BankWord {
    fn step(&self) -> BankStep {
        match self {
            BankWord::Receive(on) => BankStep::Receive(on.date),
            BankWord::Answer(on) => BankStep::Answer(on.date),
            BankWord::Release(on) => BankStep::Release(on.date),
            BankWord::Again { file, on } => BankStep::Again(file.clone(), on.date),
            BankWord::Statement(on) => BankStep::Statement(on.date),
            BankWord::Day(on) => BankStep::Day(on.date),
            BankWord::Report => BankStep::Report,
        }
    }
}

/// Plays the meters' head-end on its exchange folder.
#[derive(Debug, Args)]
#[command(after_help = METER_WORDS)]
pub struct MeterArgs {
    /// The meters' folder: orders lie in `out`, acknowledgements and balances in `in`, its own books in `meters`.
    #[arg(long)]
    meters: PathBuf,
    /// Seed of its chance: who is rejected, who uses how much.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// What it does with orders, words joined by `+`: reject:2+lost-ack.
    #[arg(long, default_value = "all-accepted", value_parser = meter_scenario)]
    scenario: HeadEndScenario,
    /// Applies an order again each time it comes, as a head-end without memory does.
    #[arg(long)]
    forgetful: bool,
    /// Opening balances, CSV with titles account,balance,free (yuan); accounts already in its books are left alone.
    #[arg(long, requires = "opened_on")]
    balances: Option<PathBuf>,
    /// The day the opening balances are of.
    #[arg(long)]
    opened_on: Option<NaiveDate>,
    #[command(subcommand)]
    step: MeterWord,
}

/// What the head-end shall do now.
#[derive(Clone, Copy, Debug, Subcommand)]
enum MeterWord {
    /// Applies and acknowledges the waiting orders.
    Run(AtTime),
    /// Writes the balances read at this time.
    Snapshot(AtTime),
    /// Says the sums of its own books.
    Report,
}

#[derive(Clone, Copy, Debug, Args)]
struct AtTime {
    /// Asia/Shanghai: 2026-11-20T22:00:00.
    #[arg(long)]
    at: NaiveDateTime,
}

const METER_WORDS: &str = "Scenarios, joined by `+`, with a number where one makes sense: all-accepted, reject:N, \
unknown:N, lost-ack, offline.";

fn family_words() -> String {
    let words: Vec<&str> = Family::ALL.iter().map(|family| family.word()).collect();
    format!("Which files it reads and writes: {}", words.join(", "))
}

fn bank_words() -> String {
    let words = vocabulary();
    format!("Scenarios, joined by `+`, with a number of rows, percent, days or fen where one makes sense:\n{words}")
}

/// Carries out one step of the bank and prints what it says.
pub fn bank(args: &BankArgs) -> Result<ExitCode, JobError> {
    let config = BankConfig {
        family: args.family,
        merchant: args.merchant.clone(),
        institution: args.institution.clone(),
        code: args.code.clone(),
        seed: args.seed,
        scenario: args.scenario.clone(),
        settle: args.settle,
        seal: seal(args)?,
    };
    folder(&args.exchange)?;
    let call = BankSimArgs { exchange: args.exchange.clone(), config, step: args.step.step() };
    let lines = bank_command(&call)
        .map_err(|e| JobError::new(Kind::Machine, format!("bank-sim on {}: {e}", args.exchange.display())))?;
    Ok(shown(&lines))
}

fn seal(args: &BankArgs) -> Result<Option<Seal>, JobError> {
    let Some(kind) = args.signature else { return Ok(None) };
    let read = |path: &Option<PathBuf>| match path {
        Some(path) => fs::read(path).map_err(|e| JobError::input(format!("{}: {e}", path.display()))),
        None => Ok(Vec::new()),
    };
    Ok(Some(Seal { kind, own: read(&args.sign_with)?, theirs: read(&args.check_with)? }))
}

/// Carries out one step of the head-end and prints what it says.
pub fn meter(args: &MeterArgs) -> Result<ExitCode, JobError> {
    let (opened_on, balances) = match (&args.balances, args.opened_on) {
        (Some(path), Some(day)) => {
            let wrong = |why: String| JobError::input(format!("{}: {why}", path.display()));
            let text = fs::read_to_string(path).map_err(|e| wrong(e.to_string()))?;
            (day, opening_balances(&text).map_err(wrong)?)
        }
        // Without balances nothing is opened, and the day is not looked at.
        (_, day) => (day.unwrap_or_default(), Default::default()),
    };
    let config =
        HeadEndConfig { seed: args.seed, scenario: args.scenario, idempotent: !args.forgetful, opened_on, balances };
    let step = match args.step {
        MeterWord::Run(on) => MeterStep::Run(on.at),
        MeterWord::Snapshot(on) => MeterStep::Snapshot(on.at),
        MeterWord::Report => MeterStep::Report,
    };
    folder(&args.meters)?;
    let call = MeterSimArgs { meters: args.meters.clone(), config, step };
    let lines = meter_command(&call)
        .map_err(|e| JobError::new(Kind::Machine, format!("meter-sim on {}: {e}", args.meters.display())))?;
    Ok(shown(&lines))
}

/// A mistyped folder would be made and found empty: nothing to do, and nobody would know why.
fn folder(path: &std::path::Path) -> Result<(), JobError> {
    if path.is_dir() {
        return Ok(());
    }
    Err(JobError::input(format!("{} is no folder; make it first, or correct the path", path.display())))
}

fn shown(lines: &[String]) -> ExitCode {
    for line in lines {
        output::say(line);
    }
    if lines.is_empty() {
        output::say("nothing to do");
    }
    ExitCode::SUCCESS
}

fn family(text: &str) -> Result<Family, String> {
    text.parse()
}

fn seal_kind(text: &str) -> Result<SealKind, String> {
    text.parse()
}

fn scenario(text: &str) -> Result<Scenario, String> {
    text.parse()
}

fn meter_scenario(text: &str) -> Result<HeadEndScenario, String> {
    text.parse()
}

fn settle(text: &str) -> Result<Settle, String> {
    match text.split_once(':') {
        None if text == "lumps" => Ok(Settle::Lumps),
        None if text == "singles" => Ok(Settle::Singles),
        Some(("net-of-fee", fen)) if !fen.is_empty() && fen.bytes().all(|b| b.is_ascii_digit()) => {
            let fee_fen_per_debit = fen.parse().map_err(|_| format!("`{fen}` fen is too much"))?;
            Ok(Settle::LumpsNetOfFee { fee_fen_per_debit })
        }
        _ => Err(format!("`{text}` is no way to settle; known are lumps, singles, net-of-fee:FEN (net-of-fee:30)")),
    }
}
