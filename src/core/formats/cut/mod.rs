//! *Cut*: bytes → records of cells. Only this module and the pen know what a file's shape is.

mod delimited;
mod fixed;
mod input;
mod quoted;
mod values;
mod walk;
mod workbook;
mod xml;

use std::io::Read;

use self::delimited::DelimitedCut;
use self::fixed::FixedCut;
pub(crate) use self::input::Input;
use self::workbook::WorkbookCut;
use self::xml::XmlCut;
use super::format::{Format, Line, Shape};
use super::records::FileError;

/// The longest line or record, in bytes: a file without line ends must not fill the memory.
pub(crate) const LIMIT: usize = 64 * 1024;

/// One record, cut into cells.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// Line of the file, or record number where it has no lines.
    pub line: u64,
    text: String,
    cells: Vec<Cell>,
    places: Places,
    /// XML: line and column of each cell, and of the record itself.
    cells_at: Vec<(u64, u32)>,
    whole_at: Option<(u64, u32)>,
}

/// What columns are counted in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Places {
    #[default]
    Chars,
    /// Fixed width.
    Bytes,
    /// Columns of a sheet.
    Cells,
}

#[derive(Clone, Copy, Debug)]
struct Cell {
    start: usize,
    end: usize,
    /// Where it begins in the line (offset in `text`), or in the record's bytes; or the column of the sheet.
    at: usize,
}

impl Record {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// The text of a cell; empty beyond the last.
    #[inline]
    pub(super) fn get(&self, index: usize) -> &str {
        self.cells.get(index).map_or("", |cell| &self.text[cell.start..cell.end])
    }

    /// Where a cell begins, for messages: line and column; column 0 means the whole line.
    pub(super) fn place(&self, index: usize) -> (u64, u32) {
        match self.cells_at.get(index).copied().or(self.whole_at) {
            Some(place) => place,
            None => (self.line, self.column(index)),
        }
    }

    /// Where a cell begins in its line: character, byte or column of the sheet, from 1.
    fn column(&self, index: usize) -> u32 {
        let Some(cell) = self.cells.get(index) else { return 0 };
        let before = match self.places {
            Places::Chars => self.text[..cell.at].chars().count(),
            Places::Bytes | Places::Cells => cell.at,
        };
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }

    /// How messages call a field: in a sheet with its cell, `金额 (D7)`.
    pub(super) fn label(&self, index: usize, field: &str) -> String {
        match (self.places, self.cells.get(index), u32::try_from(self.line)) {
            (Places::Cells, Some(cell), Ok(row)) => {
                format!("{field} ({})", crate::workbook::name(u32::try_from(cell.at).unwrap_or(0), row))
            }
            _ => field.to_owned(),
        }
    }

    /// Appends a cell of a sheet.
    fn push(&mut self, text: &str, column: u32) {
        let start = self.text.len();
        self.text.push_str(text);
        self.cells.push(Cell { start, end: self.text.len(), at: column as usize });
    }

    #[inline]
    fn clear(&mut self, line: u64) {
        self.line = line;
        self.text.clear();
        self.cells.clear();
        self.cells_at.clear();
        self.whole_at = None;
    }
}

/// A file being cut.
#[derive(Debug)]
pub(super) enum Cut<R> {
    Delimited(DelimitedCut<R>),
    Fixed(FixedCut<R>),
    Workbook(Box<WorkbookCut<R>>),
    Xml(Box<XmlCut<R>>),
}

impl<R: Read> Cut<R> {
    pub(super) fn new(format: &Format, input: R) -> Cut<R> {
        match &format.style.shape {
            Shape::Delimited { separator, quotes, trailing, skip } => {
                Cut::Delimited(DelimitedCut::new(format, input, *separator, *quotes, *trailing, skip.clone()))
            }
            Shape::Fixed => Cut::Fixed(FixedCut::new(format, input)),
            Shape::Workbook(shape) => Cut::Workbook(Box::new(WorkbookCut::new(format, shape.clone(), input))),
            Shape::Xml(shape) => Cut::Xml(Box::new(XmlCut::new(format, shape, input))),
        }
    }

    /// Cuts the next record, which is one of `candidates` (special lines first, the usual one last); says which.
    pub(super) fn next(&mut self, candidates: &[&Line], record: &mut Record) -> Result<Option<usize>, FileError> {
        match self {
            Cut::Delimited(cut) => {
                if !cut.next(record)? {
                    return Ok(None);
                }
                let chosen = choose(candidates, record);
                cut.drop_trailing(candidates.get(chosen).map_or(usize::MAX, |line| line.most), record);
                Ok(Some(chosen))
            }
            Cut::Fixed(cut) => cut.next(candidates, record),
            Cut::Workbook(cut) => cut.next(candidates, record),
            Cut::Xml(cut) => cut.next(candidates, record),
        }
    }
}

/// Which line a record is: by its first cell, else by its number of columns, else the usual one.
#[inline]
fn choose(candidates: &[&Line], record: &Record) -> usize {
    let marked = |line: &&Line| line.mark.as_deref().is_some_and(|mark| mark == record.get(0));
    let counted = |line: &&Line| line.mark.is_none() && (line.least..=line.most).contains(&record.len());
    let found = candidates.iter().position(marked).or_else(|| candidates.iter().position(counted));
    found.unwrap_or(candidates.len().saturating_sub(1))
}

/// Whether any byte is a control character. Looks at all of them without a branch: most lines have none.
#[inline]
fn has_control(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, b| found | (*b < 0x20) | (*b == 0x7F))
}

/// An error about a place in the bytes, before cells are known.
fn broken(line: u64, column: u32, problem: impl Into<String>, rule: impl Into<String>) -> FileError {
    FileError {
        file: String::new(),
        line,
        column,
        field: if line == 0 { "the file".to_owned() } else { "the line".to_owned() },
        problem: problem.into(),
        rule: rule.into(),
    }
}
