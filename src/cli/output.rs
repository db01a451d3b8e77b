//! How things look on a terminal: tables that measure Chinese widths, progress on long work, colours only where wanted.

use std::collections::HashMap;
use std::io::{IsTerminal as _, Write as _};
use std::sync::{Arc, Mutex};

use comfy_table::{CellAlignment, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::jobs::{JobError, Progress};

/// A text in red; `anstream` drops the colour where no terminal shows it.
pub fn red(text: &str) -> String {
    format!("\u{1b}[31m{text}\u{1b}[0m")
}

/// A text in green.
pub fn green(text: &str) -> String {
    format!("\u{1b}[32m{text}\u{1b}[0m")
}

/// A plain table with these titles; columns named in `right` hold figures.
pub fn table(titles: &[&str], right: &[usize]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(titles.to_vec());
    for column in right {
        if let Some(column) = table.column_mut(*column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
}

/// Prints a line, or nothing if nobody listens any more.
pub fn say(text: impl std::fmt::Display) {
    let _ = writeln!(anstream::stdout(), "{text}");
}

/// Prints a value as JSON.
pub fn json(value: &impl Serialize) -> Result<(), JobError> {
    say(serde_json::to_string_pretty(value)?);
    Ok(())
}

/// Fen as people read them, with thousands separated: `1,234.50`.
pub fn yuan(fen: i64) -> String {
    let (sign, fen) = (if fen < 0 { "-" } else { "" }, fen.unsigned_abs());
    let whole = (fen / 100).to_string();
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{sign}{out}.{:02}", fen % 100)
}

/// Bars on a terminal, one per step; nothing elsewhere.
pub fn progress() -> Progress {
    if !std::io::stderr().is_terminal() {
        return Progress::default();
    }
    let bars: Mutex<HashMap<String, ProgressBar>> = Mutex::new(HashMap::new());
    let style = ProgressStyle::with_template("  {spinner} {msg:<10} {human_pos} rows, {per_sec}, {elapsed}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner());
    Progress(Some(Arc::new(move |step, rows| {
        let Ok(mut bars) = bars.lock() else { return };
        let bar = bars.entry(step.to_owned()).or_insert_with(|| {
            let bar = ProgressBar::new_spinner().with_style(style.clone());
            bar.set_message(step.to_owned());
            bar
        });
        bar.inc(rows);
    })))
}

#[cfg(test)]
mod tests {
    #[test]
    fn money_reads_well() {
        assert_eq!(super::yuan(123_456_789), "1,234,567.89");
        assert_eq!(super::yuan(-5), "-0.05");
        assert_eq!(super::yuan(100_000), "1,000.00");
    }
}
