//! `file lint`: the whole file is right, or its first wrong place.

use serde::Serialize;
use yichong_core::formats::records::{FileError, Totals, Warning};
use yichong_core::formats::{Format, Kind as Part};
use yichong_core::model::money::Fen;

use super::layout::Layout;
use super::masks::Veil;
use super::quote::quote;
use super::source::{House, Source, Tried, Unrecognised};
use super::{LintArgs, output, quote_sheet};
use crate::jobs::JobError;

/// What is printed with `--json`; sums in fen.
#[derive(Serialize)]
struct Report<'h> {
    file: String,
    format: Option<&'h str>,
    /// Other formats that fit.
    others: Vec<&'h str>,
    ok: bool,
    /// Rows read, up to the wrong place if there is one.
    rows: u64,
    /// Of the whole file, where it could be read.
    sum: Option<Fen>,
    /// What the file says where it only says that ours is refused: right, and bad news.
    refusal: Option<String>,
    error: Option<Wrong>,
    /// What is odd and was read all the same.
    warnings: Vec<Warning>,
    /// Where no format fits: the formats, and what each stumbles over.
    tried: Vec<Tried>,
}

/// The first wrong place of a file.
#[derive(Serialize)]
pub struct Wrong {
    pub line: u64,
    pub column: u32,
    pub field: String,
    /// What is wrong, with both values; secrets masked.
    pub problem: String,
    pub rule: String,
    /// The line it stands in, masked.
    pub text: Option<String>,
    #[serde(skip)]
    caret: Option<String>,
}

/// Reads the whole file; whether it is right.
pub fn run(house: &House, args: &LintArgs) -> Result<bool, JobError> {
    let source = Source::open(&args.file)?;
    let report = match source.choose(house, args.common.format.as_deref())? {
        Err(unrecognised) => stranger(unrecognised),
        Ok(choice) => {
            let Reading { rows, refusal, warnings, end } = read(&source, choice.format)?;
            let (sum, error) = match end {
                Ok(totals) => (Some(totals.sum), None),
                Err(error) => (None, Some(Wrong::at(house, &source, choice.format, error)?)),
            };
            let ok = error.is_none();
            let (file, format) = (source.path.display().to_string(), Some(choice.format.name()));
            let (others, tried) = (choice.others, Vec::new());
            Report { file, format, others, ok, rows, sum, refusal, error, warnings, tried }
        }
    };
    if args.common.json {
        output::json(&report)?;
    } else {
        say(house, &report);
    }
    Ok(report.ok)
}

/// What reading came to.
struct Reading {
    /// Rows that are right.
    rows: u64,
    /// The refusal if the file is one.
    refusal: Option<String>,
    warnings: Vec<Warning>,
    /// The totals, or the first wrong place.
    end: Result<Totals, FileError>,
}

/// Reads to the end.
fn read(source: &Source, format: &Format) -> Result<Reading, JobError> {
    let mut reader = source.reader(format)?;
    let (mut rows, mut refusal) = (0, None);
    loop {
        match reader.next_section() {
            Ok(Some(section)) => {
                rows += u64::from(section.kind == Part::Row);
                if section.kind == Part::Refusal {
                    let cells: Vec<String> = section.cells.iter().map(|cell| Veil::Words.show(cell.text)).collect();
                    refusal = Some(cells.join(" "));
                }
            }
            Ok(None) => {
                let mut warnings = shown(reader.warnings());
                warnings.extend((source.bytes == 0 && refusal.is_none()).then(nothing));
                return Ok(Reading { rows, refusal, warnings, end: reader.finish() });
            }
            Err(error) => {
                return Ok(Reading { rows, refusal, warnings: shown(reader.warnings()), end: Err(error) });
            }
        }
    }
}

/// A file of no bytes is right where its format has neither titles nor totals; whether it is whole, nobody can see.
fn nothing() -> Warning {
    let problem = "the file is empty, and nothing in this format says how many rows there should be: ask the bank \
                   whether it is whole";
    Warning { line: 0, column: 0, field: "the file".to_owned(), problem: problem.to_owned() }
}

/// Warnings as they may be shown.
pub fn shown(warnings: &[Warning]) -> Vec<Warning> {
    let veiled = |warning: &Warning| Warning { problem: Veil::Words.show(&warning.problem), ..warning.clone() };
    warnings.iter().map(veiled).collect()
}

impl Wrong {
    /// A reader's error with the line it stands in.
    pub fn at(house: &House, source: &Source, format: &Format, error: FileError) -> Result<Wrong, JobError> {
        let layout = Layout::of(house, format)?;
        let words = house.words(format);
        let quote = match format.is_workbook() {
            true => quote_sheet::quote(source.raw()?, layout.sheet.as_deref(), &words, &error),
            false => quote(source.raw()?, &layout, &words, &error),
        };
        let (text, caret) = quote.map_or((None, None), |quote| (Some(quote.text), quote.caret));
        let FileError { line, column, field, problem, rule, .. } = words.error(error);
        Ok(Wrong { line, column, field, problem, rule, text, caret })
    }

    /// Says it.
    pub fn say(&self) {
        output::say(format!("  line {} column {}, {}: {}", self.line, self.column, self.field, self.problem));
        output::say(format!("  rule: {}", self.rule));
        if let Some(text) = &self.text {
            output::say(format!("    {text}"));
        }
        if let Some(caret) = &self.caret {
            output::say(format!("    {}", output::red(caret)));
        }
    }
}

fn stranger<'h>(unrecognised: Unrecognised) -> Report<'h> {
    let error = Wrong {
        line: 0,
        column: 0,
        field: "the file".to_owned(),
        problem: unrecognised.problem(),
        rule: unrecognised.rule().to_owned(),
        text: None,
        caret: None,
    };
    Report {
        file: unrecognised.file,
        format: None,
        others: Vec::new(),
        ok: false,
        rows: 0,
        sum: None,
        refusal: None,
        error: Some(error),
        warnings: Vec::new(),
        tried: unrecognised.tried,
    }
}

fn say(house: &House, report: &Report<'_>) {
    let format = report.format.unwrap_or("no format");
    let title = house.catalogue.get(format).map_or("", Format::title);
    let name = format!("{}: {format} {title}", report.file);
    match &report.error {
        None => {
            let sum = output::yuan(report.sum.unwrap_or_default().0);
            output::say(format!("{} {} rows, {sum} yuan", output::green("OK"), report.rows));
            output::say(format!("  {}", name.trim_end()));
        }
        Some(wrong) => {
            output::say(format!("{} {}", output::red("WRONG"), name.trim_end()));
            wrong.say();
        }
    }
    for warning in &report.warnings {
        output::say(format!("  warning: {warning}"));
    }
    if let Some(refusal) = &report.refusal {
        output::say(format!("  the bank refuses our whole file: {refusal}"));
    }
    if !report.others.is_empty() {
        output::say(format!("  it would also fit: {} (--format NAME)", report.others.join(", ")));
    }
    for Tried { format, error } in &report.tried {
        let FileError { line, column, field, problem, .. } = error;
        output::say(format!("  tried {format}: line {line} column {column}, {field}: {problem}"));
    }
}
