//! Imports: accounts, balances, agreements and calendars come in as CSV files.
//!
//! A file is read three times, always as a stream: `scan` finds its encoding and hash, pass 1 checks every row
//! (against the database too, page by page), pass 2 writes in pages. One bad row and nothing is written, unless the
//! caller skips bad rows. Titles are Chinese or English, in any order; what each file may hold stands in
//! [`accounts`], [`balances`],
//! [`agreements`] and [`calendar`]. Importing a file again changes nothing; after a crash it goes on.

pub mod accounts;
pub mod agreements;
pub mod balances;
pub mod calendar;
mod column;
mod decode;
pub(crate) mod drive;
pub(crate) mod problems;
mod scan;
pub(crate) mod seen;
pub(crate) mod table;
pub(crate) mod terms;
mod values;

use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use serde::Serialize;

pub use self::problems::Problem;
use self::scan::Input;
use super::app::App;
use super::error::JobError;
use yichong_gateways::crash;
use yichong_store::agreements::{Why, releasing};
use yichong_store::audit::{self, Act};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// 户 and 表.
    Accounts,
    /// 余额.
    Balances,
    /// 易充值协议.
    Agreements,
    /// 日历.
    Calendar,
}

impl What {
    /// All, in the order a new site needs them.
    pub const ALL: &'static [What] = &[What::Calendar, What::Accounts, What::Balances, What::Agreements];

    /// The word on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            What::Accounts => "accounts",
            What::Balances => "balances",
            What::Agreements => "agreements",
            What::Calendar => "calendar",
        }
    }
}

/// What is to be imported, and how.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// What the file holds.
    pub what: What,
    /// The file.
    pub file: PathBuf,
    /// `calendar` only: which one.
    pub calendar: Option<String>,
    /// `calendar` only: years that are to be known even if the file has no exception in them.
    pub years: Vec<i32>,
    /// Check everything, write nothing (an error file only where `errors` names one).
    pub dry_run: bool,
    /// Import the good rows and keep the bad ones in `<file>.rejects.csv`.
    pub skip_bad: bool,
    /// Where the error file goes; none: `<file>.errors.csv`.
    pub errors: Option<PathBuf>,
    /// Who imports: a person's name, for the audit and as the maker of agreements.
    pub actor: String,
}

impl ImportRequest {
    /// The file's own name: what messages and the audit say.
    pub fn name(&self) -> String {
        self.file
            .file_name()
            .map_or_else(|| self.file.display().to_string(), |name| name.to_string_lossy().into_owned())
    }

    /// Beside the input: its name and an ending.
    fn beside(&self, ending: &str) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(ending);
        PathBuf::from(name)
    }
}

/// What came of an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Rows in the file.
    pub read: u64,
    /// Rows that made or changed something; in a dry run 0.
    pub written: u64,
    /// Rows that said what was known already.
    pub unchanged: u64,
    /// Rows that were skipped as bad.
    pub rejected: u64,
    /// The first things to look at; nothing was held back for them.
    pub warnings: Vec<Problem>,
    /// How many warnings there were in all.
    pub warned: u64,
    /// SHA-256 of the file, hex; imported agreements are released by it.
    pub hash: String,
    /// When a list of agreements with this hash came in before: then nothing was done.
    pub already: Option<DateTime<Utc>>,
    /// The rejects, if there are any.
    pub rejects: Option<PathBuf>,
}

/// Imports one file.
pub async fn run(app: &App, request: &ImportRequest) -> Result<Imported, JobError> {
    if request.what != What::Calendar && (request.calendar.is_some() || !request.years.is_empty()) {
        let what = request.what.word();
        return Err(JobError::input(format!("a calendar or a year says nothing about {what}; leave them out")));
    }
    let input = scan::scan(&request.file)?;
    let imported = match request.what {
        What::Accounts => drive::drive(app, &accounts::Accounts::new(app), &input, request).await?,
        What::Balances => drive::drive(app, &balances::Balances::new(app), &input, request).await?,
        What::Agreements => agreements::import(app, &input, request).await?,
        What::Calendar => calendar::import(app, &input, request).await?,
    };
    if !request.dry_run && imported.already.is_none() {
        record(app, request, &imported).await?;
    }
    Ok(imported)
}

/// Takes a list of agreements back that waits for its second person: every one of it is cancelled, and the file, put
/// right
/// or as it is, may be imported again. Says how many were taken back.
pub async fn withdraw(app: &App, import_hash: &str, reason: &str, actor: &str) -> Result<u64, JobError> {
    let at = app.clock.now();
    let mut tx = app.db.write().await?;
    let taken_back = releasing::withdraw(&mut tx, import_hash, &Why { reason, actor, at }).await?;
    if taken_back == 0 {
        return Err(JobError::refused(format!("no agreement of the list {import_hash} waits; nothing to take back")));
    }
    let detail = format!("{taken_back} agreements: {reason}");
    let act = Act { at, actor, action: releasing::WITHDRAWN, object: import_hash, detail: &detail };
    audit::add(&mut tx, &act, |previous, row| app.vault.audit_mac(previous, row)).await?;
    tx.commit().await?;
    Ok(taken_back)
}

/// The audit's row, written last: for agreements it says that the list is whole.
async fn record(app: &App, request: &ImportRequest, imported: &Imported) -> Result<(), JobError> {
    let Imported { read, written, unchanged, rejected, .. } = imported;
    let name = request.name();
    let detail = format!("{name}: read {read}, written {written}, unchanged {unchanged}, rejected {rejected}");
    let action = format!("import {}", request.what.word());
    let mut tx = app.db.write().await?;
    let act =
        Act { at: app.clock.now(), actor: &request.actor, action: &action, object: &imported.hash, detail: &detail };
    audit::add(&mut tx, &act, |previous, row| app.vault.audit_mac(previous, row)).await?;
    crash::point("import.recorded.before_commit");
    tx.commit().await?;
    crash::point("import.recorded.after_commit");
    Ok(())
}

/// A file's name for messages.
fn shown(file: &Path) -> String {
    file.display().to_string()
}

/// An input that can be read again from its start.
fn rows_of(input: &Input) -> Result<csv::Reader<decode::Decoded>, JobError> {
    let text = decode::Decoded::open(input)?;
    Ok(csv::ReaderBuilder::new().flexible(true).has_headers(true).buffer_capacity(1 << 16).from_reader(text))
}
