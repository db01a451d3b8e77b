//! `format new`: a sample → a format file, with a question wherever the sample does not decide.

use std::fmt::Write as _;
use std::fs::File;

use yichong_core::formats::records::Params;
use yichong_core::formats::{Format, Meaning as M, RecordReader};

use super::sample::Sample;
use super::{NewArgs, Wanted, guess, output, titles};
use crate::jobs::JobError;

/// A column as it will be written.
struct Column<'s> {
    title: &'s str,
    means: Option<M>,
    pattern: Option<&'static str>,
}

/// Prints a proposal; whether it loads and reads the sample.
pub fn run(args: &NewArgs) -> Result<bool, JobError> {
    let sample = Sample::look(&args.from)?;
    let file = args.from.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let message = args.message.unwrap_or_else(|| titles::message(&sample.titles));
    let text = propose(&sample, &file, message, args.message.is_some());
    output::say(text.trim_end());
    let name = args.name.clone().unwrap_or_else(|| "new".to_owned());
    let wrong = match Format::parse(&format!("{name}.toml"), &text) {
        Err(error) => Some(format!("it does not load yet: {error}")),
        Ok(format) => {
            let input = File::open(&args.from)?;
            let read = RecordReader::open(&format, &Params::new(), &file, input).finish();
            read.err().map(|error| format!("it does not read the sample yet: {error}"))
        }
    };
    if let Some(wrong) = &wrong {
        anstream::eprintln!("{wrong}");
    }
    Ok(wrong.is_none())
}

fn propose(sample: &Sample, file: &str, message: Wanted, told: bool) -> String {
    let mut out = String::new();
    let word = match message {
        Wanted::Statement => "statement",
        Wanted::Answer => "answer",
        Wanted::Debit => "debit",
    };
    let columns = columns(sample, message);
    let mut line = |text: String| {
        out.push_str(&text);
        out.push('\n');
    };
    line(format!(
        "# Proposed from the sample {}; lines with `# ?` are questions for the bank's document.",
        printable(file)
    ));
    line(format!("title = {}", quoted("新格式")));
    let guessed = if told { "" } else { " # ? guessed from the titles" };
    line(format!("message = \"{word}\"{guessed}"));
    line(String::new());
    file_table(sample, file, message, &columns, &mut line);
    line("[delimited]".to_owned());
    line(format!("separator = {}", quoted(&sample.separator.to_string())));
    if sample.quoted {
        line("quotes = \"rfc4180\"".to_owned());
    }
    if sample.trailing {
        line("trailing_separator = \"always\"".to_owned());
    }
    for (number, head) in sample.heads.iter().enumerate() {
        edge("head", number, head, sample, &columns, message, &mut line);
    }
    line(String::new());
    line("[row]".to_owned());
    line("titles = true".to_owned());
    line("fields = [".to_owned());
    for column in &columns {
        line(field(column, message));
    }
    line("]".to_owned());
    for (number, tail) in sample.tails.iter().enumerate() {
        edge("tail", number, tail, sample, &columns, message, &mut line);
    }
    match message {
        Wanted::Answer => answer(sample, &columns, &mut line),
        Wanted::Statement => statement(sample, &columns, &mut line),
        Wanted::Debit => {}
    }
    out
}

fn file_table(sample: &Sample, file: &str, message: Wanted, columns: &[Column<'_>], line: &mut impl FnMut(String)) {
    let (name, dated) = guess::name(file);
    let question =
        if dated { " # ? does another part change from file to file?" } else { " # ? where does the date stand?" };
    line("[file]".to_owned());
    line(format!("name = {}{question}", quoted(&name)));
    line(format!("charset = \"{}\"", sample.charset));
    if sample.bom {
        line("bom = \"strip\"".to_owned());
    }
    let mixed = if sample.line_end.1 { " # ? the sample has both LF and CRLF" } else { "" };
    line(format!("line_end = \"{}\"{mixed}", sample.line_end.0));
    if !sample.last_line_end {
        line("last_line_end = false".to_owned());
    }
    let amounts: Vec<usize> = (0..columns.len()).filter(|at| columns[*at].means.is_some_and(is_amount)).collect();
    if !amounts.is_empty() {
        let (unit, sure) = guess::unit(amounts.iter().flat_map(|at| sample.column(*at)));
        let question = if sure { "" } else { " # ? no decimals were seen: fen, or whole yuan?" };
        line(format!("amounts = \"{unit}\"{question}"));
    }
    if message == Wanted::Debit && !dated {
        line("# ? a debit file needs a name of its own for each date: {file_date:%Y%m%d}".to_owned());
    }
    line(String::new());
}

fn is_amount(means: M) -> bool {
    matches!(means, M::Amount | M::Asked | M::Taken | M::Income | M::Outgo | M::Fee)
}

fn columns(sample: &Sample, message: Wanted) -> Vec<Column<'_>> {
    let mut columns: Vec<Column<'_>> = Vec::new();
    for (at, title) in sample.titles.iter().enumerate() {
        let means = titles::meaning(title, message);
        let means = means.filter(|means| columns.iter().all(|column| column.means != Some(*means)));
        let day = guess::day(sample.column(at).collect::<Vec<_>>().into_iter());
        let is_day = means.is_some_and(|means| matches!(means, M::BankDate | M::ValueDate | M::SignedOn));
        columns.push(Column { title, means, pattern: day.filter(|_| is_day).or(is_day.then_some("%Y-%m-%d")) });
    }
    columns
}

fn field(column: &Column<'_>, message: Wanted) -> String {
    let Column { title, means, pattern } = column;
    let mut out = format!("    {{ name = {}", quoted(title));
    if let Some(means) = means {
        let _ = write!(out, ", means = \"{}\"", means.word());
    }
    if let Some(pattern) = pattern {
        let _ = write!(out, ", format = {}", quoted(pattern));
    }
    out.push_str(" },");
    match means {
        None => out.push_str(match titles::meaning(title, message) {
            Some(_) => " # ? means the same as a column before it",
            None => " # ? what does it mean to us?",
        }),
        Some(M::BankRef) => out.push_str(" # ? is it our short key? `debit_no` if it holds our whole number"),
        Some(_) => {}
    }
    out
}

/// A line before or behind the rows: totals are known by what they come to.
fn edge(
    table: &str,
    number: usize,
    cells: &[String],
    sample: &Sample,
    columns: &[Column<'_>],
    message: Wanted,
    line: &mut impl FnMut(String),
) {
    let count = sample.rows.len().to_string();
    line(String::new());
    line(format!("[[{table}]]"));
    line("fields = [".to_owned());
    let cells = match cells.split_last() {
        Some((last, before)) if sample.trailing && last.is_empty() => before,
        _ => cells,
    };
    for (at, cell) in cells.iter().enumerate() {
        let name = quoted(&format!("{table}{}.{}", number + 1, at + 1));
        let letters = at == 0 && table == "tail" && cell.chars().all(char::is_alphabetic) && !cell.is_empty();
        line(match () {
            () if letters => format!("    {{ name = {name}, value = {} }},", quoted(cell)),
            () if !sample.cut && *cell == count => {
                format!("    {{ name = {name}, means = \"count\" }}, # ? so many rows")
            }
            () if message != Wanted::Statement && is_sum(cell, sample, columns) => {
                format!("    {{ name = {name}, means = \"sum\" }}, # ? so much in all rows")
            }
            () => format!("    {{ name = {name} }}, # ? what does it say?"),
        });
    }
    line("]".to_owned());
}

/// Whether a cell is the sum of the amounts that were asked.
fn is_sum(cell: &str, sample: &Sample, columns: &[Column<'_>]) -> bool {
    use yichong_core::model::money::Fen;
    let Some(at) = columns.iter().position(|column| matches!(column.means, Some(M::Amount | M::Asked))) else {
        return false;
    };
    let sum = Fen::sum(sample.column(at).filter_map(|text| Fen::parse_yuan(text).ok()));
    !sample.cut && sum.ok().zip(Fen::parse_yuan(cell).ok()).is_some_and(|(sum, stated)| sum == stated)
}

fn answer(sample: &Sample, columns: &[Column<'_>], line: &mut impl FnMut(String)) {
    let at = |means| columns.iter().position(|column| column.means == Some(means));
    line(String::new());
    line("[answer]".to_owned());
    line("lists = \"all\" # ? all debits, or only successes or failures?".to_owned());
    if at(M::DebitNo).is_none() && at(M::BankRef).is_none() {
        line(
            "key = \"none\" # ? no column looks like a key of ours: such answers are never applied by themselves"
                .to_owned(),
        );
    }
    line("# ? what each code means; one that is not listed leaves the debit open".to_owned());
    line("codes = [".to_owned());
    if let Some(code) = at(M::Code) {
        for (value, count) in guess::frequent(sample.column(code), 40) {
            let words = at(M::Text).and_then(|text| {
                let row = sample.rows.iter().find(|row| row.get(code) == Some(&value))?;
                row.get(text).filter(|words| words.chars().count() <= 16)
            });
            let words = words.map(String::as_str).unwrap_or_default();
            let category = guess::category(&value, words);
            line(format!("    # ? {{ code = {}, category = \"{category}\" }}, # seen {count} times", quoted(&value)));
        }
    }
    line("]".to_owned());
}

fn statement(sample: &Sample, columns: &[Column<'_>], line: &mut impl FnMut(String)) {
    line(String::new());
    line("[statement]".to_owned());
    line("# ? which words are one debit (single), a whole batch (lump), a fee, a reversal".to_owned());
    line("kinds = [".to_owned());
    if let Some(text) = columns.iter().position(|column| column.means == Some(M::Text)) {
        for (words, count) in guess::frequent(sample.column(text), 40) {
            line(format!("    # ? {{ text = {}, kind = \"single\" }}, # seen {count} times", quoted(&words)));
        }
    }
    line("]".to_owned());
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn printable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).collect()
}
