//! RFC 4180 quotes, and where in a block a byte is that no charset knows.

use super::{Cell, Record, broken};
use crate::charset::Charset;
use crate::formats::format::Separator;
use crate::formats::records::FileError;

/// Splits a record that holds quotes; the error is (offset, problem).
pub(super) fn split_quoted(line: &str, separator: Separator, record: &mut Record) -> Result<(), (usize, &'static str)> {
    let Separator::Byte(separator) = separator else { return Err((0, "quotes need a separator character")) };
    let bytes = line.as_bytes();
    record.text.push_str(line);
    let mut at = 0;
    loop {
        let start = at;
        if bytes.get(at) == Some(&b'"') {
            // The cell's text, its doubled quotes undone, is kept behind the line.
            let cell_start = record.text.len();
            at += 1;
            loop {
                let Some(found) = line[at..].find('"') else { return Err((start, "a quote is not closed")) };
                record.text.push_str(&line[at..at + found]);
                at += found + 1;
                if bytes.get(at) != Some(&b'"') {
                    break;
                }
                record.text.push('"');
                at += 1;
            }
            record.cells.push(Cell { start: cell_start, end: record.text.len(), at: start });
        } else {
            let end = bytes[at..].iter().position(|b| *b == separator).map_or(line.len(), |n| at + n);
            if let Some(odd) = line[at..end].find('"') {
                return Err((at + odd, "a quote stands inside a cell"));
            }
            record.cells.push(Cell { start: at, end, at: start });
            at = end;
        }
        match bytes.get(at) {
            None => return Ok(()),
            Some(byte) if *byte == separator => at += 1,
            Some(_) => return Err((at, "text stands behind a closed quote")),
        }
    }
}

/// The place of a byte that is no character.
pub(super) fn undecodable(charset: Charset, bytes: &[u8], at: usize, first_line: u64) -> FileError {
    let before = &bytes[..at.min(bytes.len())];
    let line = first_line + before.iter().filter(|b| **b == b'\n').count() as u64;
    let line_start = before.iter().rposition(|b| *b == b'\n').map_or(0, |n| n + 1);
    let mut text = String::new();
    let column = match charset.decode(&before[line_start..], &mut text) {
        Ok(()) => u32::try_from(text.chars().count() + 1).unwrap_or(u32::MAX),
        Err(_) => 0,
    };
    let shown: Vec<String> = bytes.iter().skip(at).take(4).map(|b| format!("{b:02X}")).collect();
    let problem = format!("the bytes {} are no character of {}", shown.join(" "), charset.word());
    broken(line, column, problem, "the file is in another charset or damaged; fetch it again or set `charset`")
}
