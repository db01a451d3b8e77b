//! The line a mistake stands in, masked, with a caret under the place.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use encoding_rs::GB18030;
use yichong_core::formats::records::FileError;

use super::layout::{Fixed, Layout};
use super::masks::Vocabulary;

/// The longest line that is looked at, in bytes; the readers take none longer either.
const LIMIT: usize = 64 * 1024;
/// So many characters are shown on either side of the place.
const AROUND: usize = 50;

/// The masked line, and under it the caret; nothing where the mistake is the whole file's. Errors of the disk make it
/// nothing, too: the mistake itself is already found.
pub fn quote(raw: File, layout: &Layout, words: &Vocabulary<'_>, error: &FileError) -> Option<Quote> {
    if error.line == 0 {
        return None;
    }
    let without_lines = layout.fixed.as_ref().filter(|fixed| !fixed.lines);
    let bytes = match without_lines {
        Some(fixed) => record(raw, fixed, error.line)?,
        None => line(raw, error.line)?,
    };
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&bytes);
    let text = decode(bytes);
    let place = usize::try_from(error.column).ok().and_then(|column| column.checked_sub(1));
    // Columns of fixed records are bytes.
    let place = place.map(|at| match layout.fixed {
        Some(_) => decode(&bytes[..at.min(bytes.len())]).chars().count(),
        None => at,
    });
    Some(Quote::new(&words.line(&text), place))
}

/// A line to be shown.
#[derive(Debug, PartialEq, Eq)]
pub struct Quote {
    pub text: String,
    pub caret: Option<String>,
}

impl Quote {
    /// Of a masked line, and how many characters of it stand before the place.
    pub fn new(masked: &str, place: Option<usize>) -> Quote {
        let letters: Vec<char> = masked.chars().collect();
        let place = place.map(|at| at.min(letters.len()));
        let from = place.map_or(0, |at| at.saturating_sub(AROUND));
        let to = (place.unwrap_or(AROUND) + AROUND).min(letters.len());
        let cut = |hidden: bool| if hidden { "…" } else { "" };
        let shown: String = letters[from..to].iter().collect();
        let text = format!("{}{shown}{}", cut(from > 0), cut(to < letters.len()));
        let caret = place.map(|at| {
            let before: usize = letters[from..at].iter().map(|c| width(*c)).sum();
            format!("{}^", " ".repeat(before + usize::from(from > 0)))
        });
        Quote { text, caret }
    }
}

/// Terminal columns: Chinese characters and full-width forms take two.
fn width(c: char) -> usize {
    let wide = matches!(c, '\u{1100}'..='\u{115F}' | '\u{2E80}'..='\u{A4CF}' | '\u{AC00}'..='\u{D7A3}'
        | '\u{F900}'..='\u{FAFF}' | '\u{FE30}'..='\u{FE6F}' | '\u{FF00}'..='\u{FF60}' | '\u{FFE0}'..='\u{FFE6}'
        | '\u{20000}'..='\u{3FFFD}');
    if wide { 2 } else { 1 }
}

/// Readable whatever the charset: UTF-8 if it is, else GB18030, which holds GBK; broken bytes become marks.
fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => GB18030.decode_without_bom_handling(bytes).0.into_owned(),
    }
}

/// The nth line, from 1, without its end and not longer than the limit.
fn line(raw: File, number: u64) -> Option<Vec<u8>> {
    let mut input = BufReader::new(raw);
    for _ in 1..number {
        if input.skip_until(b'\n').ok()? == 0 {
            return None;
        }
    }
    let mut bytes = Vec::new();
    input.take(LIMIT as u64).read_until(b'\n', &mut bytes).ok()?;
    while matches!(bytes.last(), Some(b'\n' | b'\r')) {
        bytes.pop();
    }
    (!bytes.is_empty()).then_some(bytes)
}

/// The nth record, from 1; what there is of it.
fn record(mut raw: File, fixed: &Fixed, number: u64) -> Option<Vec<u8>> {
    let (at, length) = fixed.place(number);
    raw.seek(SeekFrom::Start(at)).ok()?;
    let mut bytes = Vec::new();
    raw.take(length.min(LIMIT as u64)).read_to_end(&mut bytes).ok()?;
    (!bytes.is_empty()).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_place() {
        // 测 takes two columns: the place is the third character, behind 1, | and 测.
        let quote = Quote::new("1|测**|x", Some(3));
        assert_eq!((quote.text.as_str(), quote.caret.as_deref()), ("1|测**|x", Some("    ^")));
        assert_eq!(Quote::new("abc", None), Quote { text: "abc".into(), caret: None });
        assert_eq!(Quote::new("abc", Some(9)).caret.as_deref(), Some("   ^"));
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        // 200 letters, place 100: characters 50..150 are shown, one mark on either side.
        let quote = Quote::new(&"x".repeat(200), Some(100));
        assert_eq!(quote.text, format!("…{}…", "x".repeat(100)));
        assert_eq!(quote.caret, Some(format!("{}^", " ".repeat(51))));
    }
}
