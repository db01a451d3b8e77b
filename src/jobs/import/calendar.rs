//! `import calendar`: the exceptions of one or more years of one calendar.
//!
//! | title | | |
//! |---|---|---|
//! | 日期, day | date | |
//! | 上班, works | 是/否, true/false, 1/0 | 否 a day of rest, 是 a make-up working day (调休) |
//! | 名称, name | optional | e.g. 国庆节 |
//!
//! Weekdays work and weekends rest unless a row says otherwise. Every year the file names is replaced whole; a year
//! without exceptions is named by the caller. A calendar is never imported in part: a missing holiday sends a file on a
//! closed day.

use std::collections::{BTreeMap, BTreeSet};

use chrono::Datelike;

use super::drive::{self, Entry, Pages, Rows, Saved};
use super::problems::{Findings, Wrong};
use super::scan::Input;
use super::table::{Column, Row};
use super::{ImportRequest, Imported, values};
use crate::app::App;
use crate::error::JobError;
use yichong_gateways::crash;
use yichong_store::calendars::{self, Exception};
use yichong_store::db::Tx;

const DAY: usize = 0;
const WORKS: usize = 1;
const NAME: usize = 2;

/// Rows of a calendar file.
#[derive(Debug)]
struct Exceptions;

impl Rows for Exceptions {
    type Item = Exception;
    type Facts = ();
    const COLUMNS: &'static [Column] =
        &[Column::needed(&["日期", "day"]), Column::needed(&["上班", "works"]), Column::optional(&["名称", "name"])];
    const MAY_BE_EMPTY: bool = true;

    fn read(&self, row: &Row<'_>, found: &mut Findings) -> Option<Exception> {
        let day = row.take(found, DAY, |text| {
            let day = values::date(text)?;
            // A day has four digits of year in every file, and one bit in memory.
            if day.year() >= 2_000 { Ok(day) } else { Err(Wrong::new("早于2000年", "改正日期")) }
        });
        let works = row.take(found, WORKS, values::yes);
        let name = row.maybe(found, NAME, |text| values::words(text, 40));
        let (day, works, name) = (day?, works?, name?.unwrap_or_default());
        let weekend = day.weekday().number_from_monday() > 5;
        if works != weekend {
            row.warn(found, DAY, "与平常相同：周一至周五上班，周末休息", "不必列出；若写反了，改正“上班”");
        }
        Some(Exception { day, works, name })
    }

    fn key(item: &Exception) -> i64 {
        i64::from(item.day.num_days_from_ce())
    }

    async fn check(&self, _: &mut Tx, _: &[Entry<Exception>], _: &mut Findings) -> Result<(), JobError> {
        Ok(())
    }

    async fn save(&self, _: &mut Tx, page: &[Entry<Exception>], (): &()) -> Result<Saved, JobError> {
        Ok(Saved { written: page.len() as u64, unchanged: 0 })
    }
}

/// Imports a calendar's years, all in one transaction.
pub async fn import(app: &App, input: &Input, request: &ImportRequest) -> Result<Imported, JobError> {
    let calendar = which(app, request)?;
    if request.skip_bad {
        return Err(JobError::input("a calendar is imported whole or not at all; leave --skip-bad out"));
    }
    if let Some(year) = request.years.iter().find(|year| !(2_000..=2_199).contains(*year)) {
        return Err(JobError::input(format!("--year {year} is outside 2000 to 2199")));
    }
    let mut imported = Imported { hash: input.hash.clone(), ..Imported::default() };
    drive::check(app, &Exceptions, input, request, &mut imported).await?;
    let mut years: BTreeMap<i32, Vec<Exception>> = request.years.iter().map(|year| (*year, Vec::new())).collect();
    let mut pages = Pages::open(&Exceptions, input, request)?;
    // At most a few hundred days a year: the whole calendar is one page.
    while let Some((page, _)) = pages.next(1_000)? {
        for entry in page {
            years.entry(entry.item.day.year()).or_default().push(entry.item);
        }
    }
    if years.is_empty() {
        let said = "has no rows; name a year without exceptions with --year";
        return Err(JobError::input(format!("{} {said}", request.name())));
    }
    if request.dry_run {
        return Ok(imported);
    }
    let mut tx = app.db.write().await?;
    let before = calendars::load(&mut tx, calendar).await?;
    for (year, exceptions) in &years {
        calendars::put_year(&mut tx, calendar, *year, &request.name(), exceptions).await?;
    }
    let changed = calendars::load(&mut tx, calendar).await? != before;
    input.check_unchanged()?;
    crash::point("import.calendar.before_commit");
    tx.commit().await?;
    crash::point("import.calendar.after_commit");
    let rows = imported.read;
    (imported.written, imported.unchanged) = if changed { (rows, 0) } else { (0, rows) };
    Ok(imported)
}

/// The calendar's name: one that the configuration asks for, or a typo would import what nobody reads.
fn which<'a>(app: &App, request: &'a ImportRequest) -> Result<&'a str, JobError> {
    let banks = app.config.banks.iter().map(|bank| bank.calendar.as_str());
    let known: BTreeSet<&str> = banks.chain([app.config.cuts.calendar.as_str()]).collect();
    let known = || known.iter().copied().collect::<Vec<_>>().join(", ");
    match request.calendar.as_deref() {
        None => Err(JobError::input(format!("say which calendar it is: one of {}", known()))),
        Some(name) if known().split(", ").any(|known| known == name) => Ok(name),
        Some(name) => {
            let said = "no bank and no rule of the configuration reads a calendar";
            Err(JobError::input(format!("{said} `{name}`; there are: {}", known())))
        }
    }
}
