//! The row of a sheet a mistake stands in, masked, with a caret under the cell.

use std::fs::File;
use std::io::Read;

use yichong_core::formats::records::FileError;
use yichong_core::workbook::{Book, Choice, Row, Value};

use super::masks::Vocabulary;
use super::quote::Quote;

/// The masked row; nothing where the mistake is the whole workbook's, or where it cannot be opened at all.
pub fn quote(raw: File, sheet: Option<&str>, words: &Vocabulary<'_>, error: &FileError) -> Option<Quote> {
    if error.line == 0 {
        return None;
    }
    let mut bytes = Vec::new();
    raw.take(yichong_core::workbook::LARGEST as u64).read_to_end(&mut bytes).ok()?;
    let choice = match sheet {
        None | Some("first") => Choice::First,
        Some(name) => Choice::Named(name.to_owned()),
    };
    let mut rows = Book::open(bytes.into()).ok()?.rows(&choice).ok()?;
    let mut row = Row::default();
    while rows.next(&mut row).ok()? {
        if u64::from(row.number) == error.line {
            return Some(shown(&row, words, error.column));
        }
    }
    None
}

fn shown(row: &Row, words: &Vocabulary<'_>, column: u32) -> Quote {
    let (mut text, mut place) = (String::new(), None);
    for cell in &row.cells {
        if !text.is_empty() {
            text.push_str(" | ");
        }
        if cell.column + 1 == column {
            place = Some(text.chars().count());
        }
        match &cell.value {
            Value::Text(value) | Value::Number(value, None) | Value::Error(value) => text.push_str(value),
            Value::Number(_, Some(at)) | Value::Moment(at) => text.push_str(&at.to_string()),
            Value::Logical(yes) => text.push_str(if *yes { "TRUE" } else { "FALSE" }),
            Value::TooLong(digits) => text.push_str(&"#".repeat(*digits)),
            Value::Nothing => text.push('='),
        }
    }
    Quote::new(&words.line(&text), place)
}
