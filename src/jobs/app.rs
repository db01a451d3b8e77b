//! What every step is handed: the database, the site, the keys, the formats, the clock; and one run's own facts.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::definition::Job;
use super::error::{JobError, Kind};
use crate::config::Config;
use yichong_core::formats::Catalogue;
use yichong_gateways::archive::Archive;
use yichong_gateways::clock::Clock;
use yichong_gateways::vault::Vault;
use yichong_store::db::{self, Db, Tx};
use yichong_store::runs;

/// Rows handed out and taken at once, unless a test asks for fewer (`YICHONG_PAGE`).
///
/// A power of two: pages are saved by statements of so many rows at most, and need no odd ones.
pub const PAGE: i64 = 4_096;

/// The whole program, opened.
#[derive(Debug)]
pub struct App {
    /// Both databases behind one face.
    pub db: Db,
    /// The site.
    pub config: Config,
    /// Its keys.
    pub vault: Arc<Vault>,
    /// Every format.
    pub formats: Arc<Catalogue>,
    /// Their texts, by name: kept with what they wrote or read.
    pub format_texts: BTreeMap<String, String>,
    /// Every job.
    pub jobs: Vec<Job>,
    /// The time.
    pub clock: Clock,
    /// Encrypted copies of every file.
    pub archive: Archive,
    /// Rows per page.
    pub page: i64,
    /// Where long work shows how far it is.
    pub progress: Progress,
}

/// Where long work shows how far it is; the command line hangs a bar on it.
#[derive(Clone, Default)]
pub struct Progress(pub Option<Arc<Show>>);

/// Takes a step's name and how many more of its rows are done.
pub type Show = dyn Fn(&str, u64) + Send + Sync;

impl std::fmt::Debug for Progress {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Progress")
    }
}

impl Progress {
    /// So many more rows of a step are done.
    pub fn more(&self, step: &str, rows: usize) {
        if let Some(show) = &self.0 {
            show(step, rows as u64);
        }
    }
}

/// One claimed run: what its steps may know of it.
#[derive(Debug)]
pub struct Context<'a> {
    /// The program.
    pub app: &'a App,
    /// The job's name.
    pub job: &'a str,
    /// 业务日期.
    pub business_date: NaiveDate,
    /// Which pass of a sweep; 1 for jobs that run once per date.
    pub pass: i64,
    /// The fencing number this process holds.
    pub fence: i64,
    /// The scheduled instant: "generated at" in files, never the wall clock.
    pub scheduled_at: DateTime<Utc>,
}

impl Context<'_> {
    /// Begins a page's transaction: it writes only while this process still holds the run.
    pub async fn page(&self) -> Result<Tx, JobError> {
        let mut tx = self.app.db.write().await?;
        runs::check_fence(&mut tx, self.job, self.business_date, self.fence).await?;
        Ok(tx)
    }

    /// Now, by the program's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.app.clock.now()
    }

    /// Shows progress.
    pub fn more(&self, step: &str, rows: usize) {
        self.app.progress.more(step, rows);
    }
}

/// A page that is read while the one before is worked on: the database and this process work at the same time, and
/// memory holds two pages.
#[derive(Debug)]
pub struct Ahead<T>(tokio::task::JoinHandle<db::Result<T>>);

impl<T: Send + 'static> Ahead<T> {
    /// Begins to read.
    pub fn read(read: impl Future<Output = db::Result<T>> + Send + 'static) -> Ahead<T> {
        Ahead(tokio::spawn(read))
    }

    /// What was read.
    pub async fn done(self) -> Result<T, JobError> {
        let read = self.0.await.map_err(|e| JobError::new(Kind::Machine, format!("reading the next page: {e}")))?;
        Ok(read?)
    }
}

/// What a step counted: shown by `yichong runs`, kept with the run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tally(pub BTreeMap<String, i64>);

impl Tally {
    /// Adds to a count.
    pub fn add(&mut self, what: &str, count: i64) {
        *self.0.entry(what.to_owned()).or_insert(0) += count;
    }

    /// A tally of one count.
    pub fn of(what: &str, count: i64) -> Tally {
        let mut tally = Tally::default();
        tally.add(what, count);
        tally
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<String> = self.0.iter().map(|(what, count)| format!("{what} {count}")).collect();
        out.write_str(&parts.join(", "))
    }
}

/// How a step ended.
#[derive(Debug)]
pub enum Outcome {
    /// Done.
    Done(Tally),
    /// Not done: a person or a partner must act first; the run may go on later.
    Waiting(Tally, String),
    /// Done as far as the others are concerned, but one bank's door is shut: the steps after it go on, the run ends
    /// with this failure.
    Partly(Tally, JobError),
}
