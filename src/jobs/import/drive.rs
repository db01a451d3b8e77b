//! The two passes every import makes: check the whole file, then write it in pages.

use csv::StringRecord;

use super::problems::{Findings, List, Problem, Wrong};
use super::scan::Input;
use super::seen::Seen;
use super::table::{Column, Row, Table};
use super::{ImportRequest, Imported, rows_of};
use crate::app::App;
use crate::error::JobError;
use yichong_gateways::crash;
use yichong_store::db::Tx;

/// So many warnings are kept; the rest are counted.
const WARNINGS_MAX: usize = 1_000;
/// So many problems stand in the message; all of them in the error file.
const TOLD_MAX: usize = 5;

/// One row that was read.
#[derive(Debug)]
pub struct Entry<T> {
    /// Its line.
    pub line: u64,
    /// What it says.
    pub item: T,
}

/// What a page's saving did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Saved {
    /// Rows that made or changed something.
    pub written: u64,
    /// Rows that said what was known already.
    pub unchanged: u64,
}

/// What one kind of file holds, row by row and page by page.
pub trait Rows {
    /// What a row says.
    type Item: Send + Sync;
    /// What the database knows about a page's rows.
    type Facts: Send + Sync;
    /// The columns a file may have.
    const COLUMNS: &'static [Column];
    /// The column a file may hold each value of once.
    const KEY: usize = 0;
    /// A file may have no rows.
    const MAY_BE_EMPTY: bool = false;

    /// Reads a row without asking anybody; `None`: something was found bad.
    fn read(&self, row: &Row<'_>, found: &mut Findings) -> Option<Self::Item>;

    /// The row's key.
    fn key(item: &Self::Item) -> i64;

    /// Asks the database about a page, and finds what is bad.
    fn check(
        &self,
        tx: &mut Tx,
        page: &[Entry<Self::Item>],
        found: &mut Findings,
    ) -> impl Future<Output = Result<Self::Facts, JobError>> + Send;

    /// Saves what is good of a page; doing it again changes nothing.
    fn save(
        &self,
        tx: &mut Tx,
        page: &[Entry<Self::Item>],
        facts: &Self::Facts,
    ) -> impl Future<Output = Result<Saved, JobError>> + Send;
}

/// The rows of one pass.
pub struct Pages<'a, R: Rows> {
    rows: &'a R,
    reader: csv::Reader<super::decode::Decoded>,
    table: Table,
    /// The titles, as they stand there.
    pub titles: StringRecord,
    records: Vec<StringRecord>,
    lines: Vec<u64>,
    seen: Seen,
    file: String,
}

impl<'a, R: Rows> Pages<'a, R> {
    /// Begins at the titles.
    pub fn open(rows: &'a R, input: &Input, request: &ImportRequest) -> Result<Pages<'a, R>, JobError> {
        let mut reader = rows_of(input)?;
        let file = request.name();
        let titles = reader.headers().map_err(|e| unreadable(&file, &e))?.clone();
        let table = Table::read(R::COLUMNS, &titles, &file)?;
        Ok(Pages { rows, reader, table, titles, records: Vec::new(), lines: Vec::new(), seen: Seen::default(), file })
    }

    /// Reads up to `most` rows: those that can be used, in order, and what was found about the others. `None`: the end.
    #[expect(clippy::type_complexity, reason = "a page and its findings, used in two places")]
    pub fn next(&mut self, most: usize) -> Result<Option<(Vec<Entry<R::Item>>, Findings)>, JobError> {
        self.fill(most)?;
        if self.lines.is_empty() {
            return Ok(None);
        }
        let (mut page, mut found) = (Vec::with_capacity(self.lines.len()), Findings::default());
        for (record, line) in self.records.iter().zip(&self.lines) {
            let row = Row { table: &self.table, record, line: *line };
            let Some(item) = row.is_whole(&mut found).then(|| self.rows.read(&row, &mut found)).flatten() else {
                continue;
            };
            if self.seen.add(R::key(&item)) {
                page.push(Entry { line: *line, item });
            } else {
                let wrong = Wrong::new("在文件中重复出现", "只留一行");
                found.bad(*line, &R::COLUMNS[R::KEY], row.text(R::KEY), wrong);
            }
        }
        Ok(Some((page, found)))
    }

    fn fill(&mut self, most: usize) -> Result<(), JobError> {
        self.lines.clear();
        while self.lines.len() < most {
            // The records are used again, page after page.
            if self.records.len() == self.lines.len() {
                self.records.push(StringRecord::new());
            }
            let record = &mut self.records[self.lines.len()];
            if !self.reader.read_record(record).map_err(|e| unreadable(&self.file, &e))? {
                break;
            }
            // Spreadsheets leave rows of nothing but commas behind.
            if record.iter().any(|value| !value.trim().is_empty()) {
                self.lines.push(record.position().map_or(0, csv::Position::line));
            }
        }
        Ok(())
    }

    /// How many rows the page has, bad ones included.
    pub fn rows_read(&self) -> usize {
        self.lines.len()
    }

    /// The values of a row of this page, without a column of our own.
    fn values(&self, line: u64) -> Vec<&str> {
        let Some(place) = self.lines.iter().position(|at| *at == line) else { return Vec::new() };
        let ours = |place: usize| self.titles.get(place).is_some_and(|title| title.trim() == super::table::IGNORED);
        self.records[place].iter().enumerate().filter(|(place, _)| !ours(*place)).map(|(_, value)| value).collect()
    }
}

fn unreadable(file: &str, error: &csv::Error) -> JobError {
    let line = error.position().map_or(1, csv::Position::line);
    JobError::input(format!("{file}, line {line} cannot be read: {error}; save the file again as CSV (UTF-8)"))
}

/// Where the first pass puts what it finds.
struct Report {
    list: List,
    skip_bad: bool,
    silent: bool,
    bad: u64,
    first: Vec<Problem>,
}

impl Report {
    fn new(request: &ImportRequest, titles: &StringRecord) -> Report {
        let list = match request.skip_bad {
            true => List::rejects(request.beside(".rejects.csv"), titles),
            false => List::errors(request.errors.clone().unwrap_or_else(|| request.beside(".errors.csv"))),
        };
        let silent = request.dry_run && (request.skip_bad || request.errors.is_none());
        Report { list, skip_bad: request.skip_bad, silent, bad: 0, first: Vec::new() }
    }

    fn take<R: Rows>(
        &mut self,
        pages: &Pages<'_, R>,
        found: Findings,
        imported: &mut Imported,
    ) -> Result<(), JobError> {
        imported.warned += found.warnings.len() as u64;
        let room = WARNINGS_MAX.saturating_sub(imported.warnings.len());
        imported.warnings.extend(found.warnings.into_iter().take(room));
        let mut bad = found.bad;
        bad.sort_by_key(|problem| problem.line);
        for row in bad.chunk_by(|a, b| a.line == b.line) {
            self.bad += 1;
            self.first.extend(row.iter().take(TOLD_MAX.saturating_sub(self.first.len())).cloned());
            if self.silent {
                continue;
            }
            if self.skip_bad {
                let said: Vec<String> = row.iter().map(|p| format!("{}: {}", p.column, p.problem)).collect();
                self.list.reject(&pages.values(row[0].line), &said.join("；"))?;
            } else {
                row.iter().try_for_each(|problem| self.list.problem(problem))?;
            }
        }
        Ok(())
    }

    /// Ends the pass: refuses the file, or hands the count and the rejects on.
    fn finish(mut self, request: &ImportRequest, imported: &mut Imported) -> Result<(), JobError> {
        let written = self.list.finish()?;
        imported.rejected = self.bad;
        if self.bad == 0 || self.skip_bad {
            imported.rejects = written;
            return Ok(());
        }
        let first: Vec<String> = self.first.iter().map(|problem| format!("  {problem}")).collect();
        let list = written.map_or_else(String::new, |path| format!("; all of them are in {}", path.display()));
        let (name, bad, read) = (request.name(), self.bad, imported.read);
        let said = format!("{name}: {bad} of {read} rows are wrong, nothing was imported{list}");
        let hint = "put them right, or import the others with --skip-bad. The first:";
        Err(JobError::input(format!("{said}; {hint}\n{}", first.join("\n"))))
    }
}

/// Checks and, unless it is a dry run, writes a file.
pub async fn drive<R: Rows>(app: &App, rows: &R, input: &Input, request: &ImportRequest) -> Result<Imported, JobError> {
    let mut imported = Imported { hash: input.hash.clone(), ..Imported::default() };
    check(app, rows, input, request, &mut imported).await?;
    if !request.dry_run {
        write(app, rows, input, request, &mut imported).await?;
    }
    Ok(imported)
}

/// Pass 1: every row is checked, nothing is written; a bad file is refused here.
pub async fn check<R: Rows>(
    app: &App,
    rows: &R,
    input: &Input,
    request: &ImportRequest,
    imported: &mut Imported,
) -> Result<(), JobError> {
    let mut pages = Pages::open(rows, input, request)?;
    let mut report = Report::new(request, &pages.titles);
    while let Some((page, mut found)) = pages.next(page_size(app))? {
        let mut tx = app.db.read().await?;
        rows.check(&mut tx, &page, &mut found).await?;
        drop(tx);
        imported.read += pages.rows_read() as u64;
        report.take(&pages, found, imported)?;
        app.progress.more("check", pages.rows_read());
    }
    if imported.read == 0 && !R::MAY_BE_EMPTY {
        let said = "has titles and no rows; was it saved before it was filled?";
        return Err(JobError::input(format!("{} {said}", request.name())));
    }
    report.finish(request, imported)
}

async fn write<R: Rows>(
    app: &App,
    rows: &R,
    input: &Input,
    request: &ImportRequest,
    imported: &mut Imported,
) -> Result<(), JobError> {
    let mut pages = Pages::open(rows, input, request)?;
    let mut rejected = 0;
    while let Some((mut page, mut found)) = pages.next(page_size(app))? {
        // Asked again, in the transaction that writes: between the passes somebody may have changed something.
        let mut tx = app.db.write().await?;
        let facts = rows.check(&mut tx, &page, &mut found).await?;
        let bad = found.bad_lines();
        rejected += bad.len() as u64;
        if rejected > imported.rejected {
            let first = found.bad.first().map(ToString::to_string).unwrap_or_default();
            let said =
                "while it was being imported something changed; the pages before are kept, import the file again";
            return Err(JobError::refused(format!("{}: {said}. {first}", request.name())));
        }
        page.retain(|entry| !bad.contains(&entry.line));
        let saved = rows.save(&mut tx, &page, &facts).await?;
        input.check_unchanged()?;
        crash::point("import.page.before_commit");
        tx.commit().await?;
        crash::point("import.page.after_commit");
        imported.written += saved.written;
        imported.unchanged += saved.unchanged;
        app.progress.more("import", pages.rows_read());
    }
    Ok(())
}

fn page_size(app: &App) -> usize {
    usize::try_from(app.page).unwrap_or(1).max(1)
}
