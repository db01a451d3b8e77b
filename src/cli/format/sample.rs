//! A sample of a delimited file, looked at: its charset, its line ends, what separates its cells, where its titles are.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use encoding_rs::{Encoding, GB18030, GBK};

use super::titles;
use crate::jobs::JobError;

/// So much of a file is looked at, in bytes.
const LOOK: u64 = 1024 * 1024;
/// Titles stand within so many lines.
const TITLES_WITHIN: usize = 20;

/// What a sample shows.
#[derive(Debug)]
pub struct Sample {
    pub charset: &'static str,
    pub bom: bool,
    /// `crlf` or `lf`, and whether both were seen.
    pub line_end: (&'static str, bool),
    pub last_line_end: bool,
    pub separator: char,
    pub quoted: bool,
    /// Lines end with a separator behind the last cell.
    pub trailing: bool,
    pub heads: Vec<Vec<String>>,
    pub titles: Vec<String>,
    pub rows: Vec<Vec<String>>,
    pub tails: Vec<Vec<String>>,
    /// The file is longer than what was looked at: its last lines are not known.
    pub cut: bool,
}

impl Sample {
    /// Looks at a file; an error says what is missing.
    pub fn look(path: &Path) -> Result<Sample, JobError> {
        let wrong = |problem: String| JobError::input(format!("{}: {problem}", path.display()));
        let file = File::open(path).map_err(|e| wrong(e.to_string()))?;
        let whole = file.metadata().map_err(|e| wrong(e.to_string()))?.len();
        let mut bytes = Vec::new();
        file.take(LOOK).read_to_end(&mut bytes).map_err(|e| wrong(e.to_string()))?;
        if bytes.starts_with(b"PK") {
            return Err(wrong("it is packed; for a workbook begin with formats/sheet-statement.toml".to_owned()));
        }
        let cut = whole > bytes.len() as u64;
        if cut {
            let end = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
            bytes.truncate(end);
        }
        Sample::of(&bytes, cut).map_err(|problem| wrong(problem.to_owned()))
    }

    fn of(bytes: &[u8], cut: bool) -> Result<Sample, &'static str> {
        let bom = bytes.starts_with(b"\xEF\xBB\xBF");
        let (charset, text) = decoded(if bom { &bytes[3..] } else { bytes })?;
        let crlf = text.matches("\r\n").count();
        let ends = text.matches('\n').count();
        let line_end = (if crlf * 2 > ends { "crlf" } else { "lf" }, crlf > 0 && crlf < ends);
        let last_line_end = cut || text.ends_with('\n');
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        let (at, separator, quoted) = titles_of(&lines).ok_or(
            "no line holds titles that are known (卡号, 金额, 户名 …); write the format by hand, docs/formats.md says how",
        )?;
        let cells = |line: &&str| split(line, separator, quoted);
        let mut titles = cells(&lines[at]);
        let trailing = titles.last().is_some_and(String::is_empty);
        if trailing {
            titles.pop();
        }
        let width = titles.len() + usize::from(trailing);
        let mut rows: Vec<Vec<String>> = lines[at + 1..].iter().map(cells).collect();
        let marks = ["合计", "总计", "小计", "共计", "total", "trailer"];
        let is_tail = |row: &Vec<String>| {
            row.len() != width || row.first().is_some_and(|c| marks.contains(&c.to_lowercase().as_str()))
        };
        let mut tails = Vec::new();
        while !cut && rows.last().is_some_and(is_tail) {
            tails.extend(rows.pop());
        }
        tails.reverse();
        let heads = lines[..at].iter().map(cells).collect();
        Ok(Sample {
            charset,
            bom,
            line_end,
            last_line_end,
            separator,
            quoted,
            trailing,
            heads,
            titles,
            rows,
            tails,
            cut,
        })
    }

    /// The values of a column.
    pub fn column(&self, index: usize) -> impl Iterator<Item = &str> + '_ {
        self.rows.iter().filter_map(move |row| row.get(index)).map(String::as_str).filter(|text| !text.is_empty())
    }
}

fn decoded(bytes: &[u8]) -> Result<(&'static str, String), &'static str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(("utf-8", text.to_owned()));
    }
    let read = |encoding: &'static Encoding| encoding.decode_without_bom_handling_and_without_replacement(bytes);
    // GBK's decoder takes the four bytes of GB18030, too: a digit behind a first byte tells them apart.
    let four = bytes.windows(2).any(|pair| pair[0] >= 0x81 && pair[1].is_ascii_digit());
    match (read(GBK), read(GB18030)) {
        (Some(text), _) if !four => Ok(("gbk", text.into_owned())),
        (_, Some(text)) => Ok(("gb18030", text.into_owned())),
        _ => Err("it is neither UTF-8 nor GBK; save it as one of the two"),
    }
}

/// The line of the titles, what separates them, and whether cells are quoted: what makes most titles known.
fn titles_of(lines: &[&str]) -> Option<(usize, char, bool)> {
    let mut best: Option<(usize, (usize, char, bool))> = None;
    for (at, line) in lines.iter().take(TITLES_WITHIN).enumerate() {
        for separator in [',', '|', '\t', ';', '^', '~', '@'] {
            let quoted = matches!(separator, ',' | ';' | '\t') && lines.iter().any(|line| line.contains('"'));
            let known = titles::known(&split(line, separator, quoted));
            if known >= 2 && best.is_none_or(|(most, ..)| known > most) {
                best = Some((known, (at, separator, quoted)));
            }
        }
    }
    best.map(|(_, found)| found)
}

/// The cells of a line; quotes as in RFC 4180, cells over several lines are not looked at.
fn split(line: &str, separator: char, quoted: bool) -> Vec<String> {
    let (mut cells, mut cell, mut inside) = (Vec::new(), String::new(), false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && inside && chars.peek() == Some(&'"') => cell.extend(chars.next()),
            '"' if quoted => inside = !inside,
            c if c == separator && !inside => cells.push(std::mem::take(&mut cell)),
            c => cell.push(c),
        }
    }
    cells.push(cell);
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_shows_its_shape() {
        let text = "单位,某大学\r\n卡号,户名,金额\r\n1,\"A,B\",5.00\r\n2,C,6.00\r\n合计,2,11.00";
        let sample = Sample::of(text.as_bytes(), false).unwrap();
        assert_eq!((sample.charset, sample.line_end, sample.last_line_end), ("utf-8", ("crlf", false), false));
        assert_eq!((sample.separator, sample.quoted, sample.trailing), (',', true, false));
        assert_eq!((sample.heads.len(), sample.titles.len()), (1, 3));
        assert_eq!((sample.rows.len(), sample.rows[0][1].as_str()), (2, "A,B"));
        assert_eq!(sample.tails, [["合计", "2", "11.00"]]);
        let (gbk, _, _) = GBK.encode("卡号|金额|\n1|5|\n");
        let sample = Sample::of(&gbk, false).unwrap();
        assert_eq!((sample.charset, sample.separator, sample.trailing), ("gbk", '|', true));
        assert_eq!((sample.titles.len(), sample.rows.len(), sample.tails.len()), (2, 1, 0));
        assert!(Sample::of(b"a,b\n1,2\n", false).is_err());
    }
}
