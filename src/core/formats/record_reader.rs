//! Any file of any format as named texts: for looking into files, linting and comparing them.

use std::io::Read;

use super::format::Format;
use super::records::{FileError, Params, Totals, Warning};
use super::sheet::Kind;
use super::sheet_records::SheetRecords;
use super::standard::Standard;
use crate::{iso20022, mt940};

/// One line of a file.
#[derive(Debug)]
pub struct Section<'a> {
    /// Which kind of line.
    pub kind: Kind,
    /// Line of the file, or record number where the file has no lines. From 1.
    pub line: u64,
    /// Its cells, in the file's order.
    pub cells: Vec<NamedCell<'a>>,
}

/// One cell of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedCell<'a> {
    /// The bank's name for it.
    pub name: &'a str,
    /// Its text without padding and quotes.
    pub text: &'a str,
    /// A card, ID, phone or name: to be masked.
    pub secret: bool,
}

/// Reads any file as a stream of sections; every cell is checked against its field.
#[derive(Debug)]
pub struct RecordReader<'f, R> {
    source: Sections<'f, R>,
    /// What could not even be opened is said at the first section.
    wrong: Option<FileError>,
}

#[derive(Debug)]
enum Sections<'f, R> {
    Sheet(Box<SheetRecords<'f, R>>),
    Iso(Box<iso20022::Sections<R>>, Option<iso20022::Section>),
    Mt940(Box<mt940::Sections<'f, R>>, Option<mt940::Section>),
    Nothing,
}

impl<'f, R: Read> RecordReader<'f, R> {
    /// Opens a file. Constants that come from parameters are compared where `params` holds them.
    pub fn open(format: &'f Format, params: &Params, file_name: &str, input: R) -> RecordReader<'f, R> {
        let source = match &format.standard {
            None => Ok(Sections::Sheet(Box::new(SheetRecords::open(format, params, file_name, input)))),
            Some(Standard::Mt940(options)) => {
                let sections = mt940::Sections::open(options, format.style.charset, file_name, input);
                Ok(Sections::Mt940(Box::new(sections), None))
            }
            Some(Standard::Iso20022(settings)) => iso20022::Sections::open(settings, file_name, input)
                .map(|sections| Sections::Iso(Box::new(sections), None)),
        };
        match source {
            Ok(source) => RecordReader { source, wrong: None },
            Err(error) => RecordReader { source: Sections::Nothing, wrong: Some(error) },
        }
    }

    /// The next line, titles included; `None` after the last one.
    pub fn next_section(&mut self) -> Result<Option<Section<'_>>, FileError> {
        if let Some(error) = &self.wrong {
            return Err(error.clone());
        }
        match &mut self.source {
            Sections::Sheet(sheet) => sheet.next_section(),
            Sections::Iso(sections, current) => {
                *current = sections.next()?;
                Ok(current.as_ref().map(|section| Section {
                    kind: section.kind,
                    line: section.number,
                    cells: section
                        .cells
                        .iter()
                        .map(|(name, text, secret)| NamedCell { name, text, secret: *secret })
                        .collect(),
                }))
            }
            Sections::Mt940(sections, current) => {
                *current = sections.next()?;
                Ok(current.as_ref().map(|section| Section {
                    kind: section.kind,
                    line: section.line,
                    cells: section.cells.iter().map(|(name, text)| NamedCell { name, text, secret: false }).collect(),
                }))
            }
            Sections::Nothing => Ok(None),
        }
    }

    /// What was odd so far.
    pub fn warnings(&self) -> &[Warning] {
        match &self.source {
            Sections::Iso(sections, _) => sections.warnings(),
            Sections::Sheet(_) | Sections::Mt940(..) | Sections::Nothing => &[],
        }
    }

    /// Reads what is left, ties the totals the file states to its rows, and counts the rows.
    pub fn finish(mut self) -> Result<Totals, FileError> {
        if let Sections::Sheet(sheet) = self.source {
            return sheet.finish();
        }
        while self.next_section()?.is_some() {}
        match &self.source {
            Sections::Iso(sections, _) => Ok(sections.totals()),
            Sections::Mt940(sections, _) => Ok(sections.totals()),
            Sections::Sheet(_) | Sections::Nothing => Ok(Totals::default()),
        }
    }
}
