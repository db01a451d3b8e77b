//! Texts of a workbook, held once and one behind the other, and which of its styles are dates.

use super::broken;
use super::package::Package;
use super::unreadable;
use crate::formats::records::FileError;
use crate::xml::{Encoding, Event, Reader};

/// The most bytes of all shared texts: they are held in memory.
const SHARED: usize = 128 * 1024 * 1024;

/// The shared texts.
#[derive(Debug, Default)]
pub(super) struct Texts {
    all: String,
    ends: Vec<usize>,
}

impl Texts {
    /// The text of a number.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.all.get(start..end)
    }

    /// Reads the part of a workbook that holds them; a workbook may have none.
    pub(super) fn read(package: &Package, part: &str) -> Result<Texts, FileError> {
        Texts::within(package, part, SHARED)
    }

    /// [`Texts::read`] with at most so many bytes.
    fn within(package: &Package, part: &str, most: usize) -> Result<Texts, FileError> {
        let mut texts = Texts::default();
        let Some(input) = package.part(part) else { return Ok(texts) };
        let mut xml = Reader::new(input, Encoding::Declared, 1);
        let mut rich = Rich::default();
        while let Some(event) = xml.next_event().map_err(|error| unreadable(0, part, &error))? {
            if rich.take(&event, &mut texts.all) && matches!(event, Event::End("si")) {
                texts.ends.push(texts.all.len());
            }
            if texts.all.len() > most {
                let problem = format!("its texts have more than {most} bytes");
                return Err(broken(0, 0, problem, "take the sheet's rows apart, or ask the bank for a text file"));
            }
        }
        Ok(texts)
    }
}

/// A text that may come in runs of different looks; how Japanese is pronounced is left out.
#[derive(Debug, Default)]
pub(super) struct Rich {
    inside: bool,
    spoken: bool,
}

impl Rich {
    /// Takes what an event adds to a text; true unless it belongs to a pronunciation.
    pub(super) fn take(&mut self, event: &Event<'_>, out: &mut String) -> bool {
        match event {
            Event::Start(start) if start.name() == "rPh" => self.spoken = true,
            Event::End("rPh") => self.spoken = false,
            Event::Start(start) => self.inside = start.name() == "t",
            Event::End(_) => self.inside = false,
            Event::Text(text) if self.inside && !self.spoken => push_unescaped(text, out),
            Event::Text(_) => {}
        }
        !self.spoken
    }
}

/// `_x000D_` stands for a character that XML cannot hold.
fn push_unescaped(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let code = rest.get(at + 2..at + 6).filter(|_| rest.get(at + 6..at + 7) == Some("_"));
        let odd = code.and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        match odd {
            Some(c) => {
                out.push_str(&rest[..at]);
                out.push(c);
                rest = &rest[at + 7..];
            }
            None => {
                out.push_str(&rest[..at + 2]);
                rest = &rest[at + 2..];
            }
        }
    }
    out.push_str(rest);
}

/// Which styles show a number as a date.
#[derive(Debug, Default)]
pub(super) struct Styles {
    dates: Vec<bool>,
}

impl Styles {
    /// Whether a cell of this style is a date.
    pub(super) fn is_date(&self, style: usize) -> bool {
        self.dates.get(style).copied().unwrap_or(false)
    }

    /// Reads the part of a workbook that holds them; a workbook may have none.
    pub(super) fn read(package: &Package, part: &str) -> Result<Styles, FileError> {
        let mut styles = Styles::default();
        let Some(input) = package.part(part) else { return Ok(styles) };
        let mut xml = Reader::new(input, Encoding::Declared, 1);
        let mut own: Vec<(u32, bool)> = Vec::new();
        let mut of_cells = false;
        while let Some(event) = xml.next_event().map_err(|error| unreadable(0, part, &error))? {
            match event {
                Event::Start(start) => {
                    let id = |name| start.attribute(name).and_then(|id| id.parse::<u32>().ok());
                    match start.name() {
                        "numFmt" => own.extend(
                            id("numFmtId").zip(start.attribute("formatCode")).map(|(id, code)| (id, shows_date(code))),
                        ),
                        "cellXfs" => of_cells = true,
                        "xf" if of_cells => {
                            let id = id("numFmtId").unwrap_or(0);
                            let built_in = matches!(id, 14..=17 | 22 | 27..=31 | 36 | 50..=54 | 57 | 58);
                            let known = own.iter().find(|(own, _)| *own == id);
                            styles.dates.push(known.map_or(built_in, |(_, date)| *date));
                        }
                        _ => {}
                    }
                }
                Event::End("cellXfs") => of_cells = false,
                _ => {}
            }
        }
        Ok(styles)
    }
}

/// Whether a format such as `yyyy"年"m"月"d"日"` or `0.00_);[Red]` shows a day: it has a year or a day outside quotes,
/// brackets and escapes.
fn shows_date(code: &str) -> bool {
    let mut chars = code.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => drop(chars.by_ref().find(|c| *c == '"')),
            '[' => drop(chars.by_ref().find(|c| *c == ']')),
            '\\' | '_' | '*' => drop(chars.next()),
            'y' | 'Y' | 'd' | 'D' => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write};

    use zip::write::SimpleFileOptions;
    use zip::{CompressionMethod, ZipWriter};

    use super::*;

    #[test]
    fn only_so_many_bytes_of_texts_are_held() {
        let part = "xl/sharedStrings.xml";
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file(part, SimpleFileOptions::default().compression_method(CompressionMethod::Stored)).unwrap();
        zip.write_all("<sst><si><t>代扣</t></si><si><t>入账</t></si></sst>".as_bytes()).unwrap();
        let package = Package::open(zip.finish().unwrap().into_inner().into()).unwrap();
        // Four characters of three bytes each.
        let texts = Texts::within(&package, part, 12).unwrap();
        assert_eq!((texts.get(0), texts.get(1), texts.get(2)), (Some("代扣"), Some("入账"), None));
        let error = Texts::within(&package, part, 11).unwrap_err().to_string();
        let wanted = "the workbook: its texts have more than 11 bytes (take the sheet's rows apart";
        assert!(error.contains(wanted), "{error}");
    }

    #[test]
    fn formats_with_a_year_or_a_day_are_dates() {
        for code in ["yyyy-mm-dd", "yyyy\"年\"m\"月\"d\"日\"", "[$-804]d/m", "m/d/yy h:mm"] {
            assert!(shows_date(code), "{code}");
        }
        for code in ["General", "0.00", "#,##0.00_);[Red](#,##0.00)", "h:mm:ss", "\"day\" 0", "0_d", "@", "0.00E+00"] {
            assert!(!shows_date(code), "{code}");
        }
    }

    #[test]
    fn escaped_characters_are_taken_back() {
        let mut out = String::new();
        push_unescaped("a_x000D_b_x12_x005F_c_x", &mut out);
        assert_eq!(out, "a\rb_x12_c_x");
    }
}
