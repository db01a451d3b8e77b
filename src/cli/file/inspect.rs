//! `file inspect`: what stands in a file, in its own order; rows beyond the asked number are read and counted only.

use serde::Serialize;
use yichong_core::formats::records::{FileError, Totals, Warning};
use yichong_core::formats::{Format, Kind as Part, Message, NamedCell, Section};

use super::layout::Layout;
use super::lint::{Wrong, shown};
use super::masks::Veil;
use super::source::{Choice, House, Source};
use super::{InspectArgs, output};
use crate::jobs::JobError;

/// Rows in one table: a table must be in memory whole to know its widths.
const PAGE: usize = 500;

/// One cell, masked.
#[derive(Serialize)]
struct Cell {
    name: String,
    text: String,
}

/// One line, masked.
#[derive(Serialize)]
struct Shown {
    kind: Part,
    line: u64,
    cells: Vec<Cell>,
}

/// Shows a file; whether it is right to its end.
pub fn run(house: &House, args: &InspectArgs) -> Result<bool, JobError> {
    let source = Source::open(&args.file)?;
    let choice = source.must_choose(house, args.common.format.as_deref())?;
    let layout = Layout::of(house, choice.format)?;
    let mut printer = if args.common.json {
        Printer::Json { first: true, warnings: Vec::new() }
    } else {
        Printer::Text { page: Vec::new() }
    };
    printer.open(&source, &choice)?;
    let (count, read) = show(&source, choice.format, &layout, args.rows, &mut printer)?;
    let (totals, wrong) = match read {
        Ok(totals) => (Some(totals), None),
        Err(error) => (None, Some(Wrong::at(house, &source, choice.format, error)?)),
    };
    printer.close(count, totals, wrong.as_ref())?;
    Ok(wrong.is_none())
}

/// Prints sections while reading; how many rows there are, and the totals or the first wrong place.
fn show(
    source: &Source,
    format: &Format,
    layout: &Layout,
    rows: u64,
    printer: &mut Printer,
) -> Result<(u64, Result<Totals, FileError>), JobError> {
    let mut reader = source.reader(format)?;
    let mut count = 0;
    loop {
        match reader.next_section() {
            Ok(Some(section)) => {
                count += u64::from(section.kind == Part::Row);
                let row = matches!(section.kind, Part::Row | Part::Detail);
                if !row || rows == 0 || count <= rows {
                    printer.section(masked(layout, &section))?;
                }
            }
            Ok(None) => {
                printer.warnings(reader.warnings());
                return Ok((count, reader.finish()));
            }
            Err(error) => {
                printer.warnings(reader.warnings());
                return Ok((count, Err(error)));
            }
        }
    }
}

fn masked(layout: &Layout, section: &Section<'_>) -> Shown {
    let veil = |cell: &NamedCell<'_>| match section.kind {
        Part::Row | Part::Detail => Veil::of(layout, cell),
        _ => Veil::of_edge(cell),
    };
    let cells = section.cells.iter().map(|cell| Cell { name: cell.name.to_owned(), text: veil(cell).show(cell.text) });
    Shown { kind: section.kind, line: section.line, cells: cells.collect() }
}

/// Prints as it goes.
enum Printer {
    /// Rows wait until their table is full.
    Text { page: Vec<Shown> },
    /// One line of JSON for each section; the warnings for the end.
    Json { first: bool, warnings: Vec<Warning> },
}

/// How the JSON begins.
#[derive(Serialize)]
struct Opening<'a> {
    file: String,
    bytes: u64,
    format: &'a str,
    title: &'a str,
    message: Message,
    others: &'a [&'a str],
}

/// How the JSON ends; `sum` in fen.
#[derive(Serialize)]
struct Closing<'a> {
    ok: bool,
    rows: u64,
    totals: Option<Totals>,
    error: Option<&'a Wrong>,
    /// What was odd and read all the same.
    warnings: &'a [Warning],
}

impl Printer {
    /// Keeps the warnings, or says them.
    fn warnings(&mut self, found: &[Warning]) {
        match self {
            Printer::Json { warnings, .. } => *warnings = shown(found),
            Printer::Text { page } => {
                table(page);
                for warning in shown(found) {
                    output::say(format!("warning: {warning}"));
                }
            }
        }
    }

    fn open(&self, source: &Source, choice: &Choice<'_>) -> Result<(), JobError> {
        let (file, format) = (source.path.display().to_string(), choice.format);
        let (name, title) = (format.name(), format.title());
        if let Printer::Json { .. } = self {
            let others = &choice.others;
            let message = format.message();
            let opening = Opening { file, bytes: source.bytes, format: name, title, message, others };
            let text = serde_json::to_string(&opening)?;
            // The object stays open: sections and the ending go into it.
            output::say(format!("{},\n\"sections\":[", text.trim_end_matches('}')));
            return Ok(());
        }
        output::say(format!("{file}: {} bytes, {name} {title}", source.bytes));
        Ok(())
    }

    fn section(&mut self, shown: Shown) -> Result<(), JobError> {
        match self {
            Printer::Json { first, .. } => {
                let comma = if std::mem::take(first) { "" } else { "," };
                output::say(format!("{comma}{}", serde_json::to_string(&shown)?));
            }
            Printer::Text { page } if shown.kind == Part::Row => {
                page.push(shown);
                if page.len() >= PAGE {
                    table(page);
                }
            }
            Printer::Text { page } => {
                table(page);
                if shown.kind != Part::Titles {
                    edge(&shown);
                }
            }
        }
        Ok(())
    }

    fn close(&mut self, rows: u64, totals: Option<Totals>, error: Option<&Wrong>) -> Result<(), JobError> {
        match self {
            Printer::Json { warnings, .. } => {
                let text = serde_json::to_string(&Closing { ok: error.is_none(), rows, totals, error, warnings })?;
                output::say(format!("],\n{}", text.trim_start_matches('{')));
            }
            Printer::Text { page } => {
                table(page);
                if let Some(totals) = totals {
                    output::say(format!("totals: {rows} rows, {} yuan", output::yuan(totals.sum.0)));
                }
                if let Some(wrong) = error {
                    output::say(format!("{} behind {rows} rows", output::red("WRONG")));
                    wrong.say();
                }
            }
        }
        Ok(())
    }
}

/// Prints the rows and forgets them.
fn table(page: &mut Vec<Shown>) {
    let Some(first) = page.first() else { return };
    let titles: Vec<&str> = std::iter::once("line").chain(first.cells.iter().map(|cell| cell.name.as_str())).collect();
    let mut table = output::table(&titles, &[0]);
    for row in page.iter() {
        let cells = row.cells.iter().map(|cell| cell.text.clone());
        table.add_row(std::iter::once(row.line.to_string()).chain(cells));
    }
    output::say(table);
    page.clear();
}

/// A line before or behind the rows.
fn edge(shown: &Shown) {
    let kind = match shown.kind {
        Part::Head => "head",
        Part::Tail => "tail",
        Part::Refusal => "refusal of the whole file",
        Part::Titles => "titles",
        Part::Row => "row",
        Part::Group => "group",
        Part::Detail => "detail",
        Part::GroupEnd => "end of the group",
    };
    output::say(format!("{kind}, line {}", shown.line));
    for cell in &shown.cells {
        output::say(format!("  {}: {}", cell.name, cell.text));
    }
}
