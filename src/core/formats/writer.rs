//! Records → a bank's file, whatever it is made of. The bodies of its groups do not depend on totals, so rows stream to
//! wherever the caller keeps them, and the file is `head ++ (group ++ rows) … ++ tail`.

use super::fault::Problem;
use super::format::Format;
use super::meaning::Message;
use super::records::{DebitRow, FileError, FileFacts, Totals};
use super::sheet_answers::not_for;
use super::sheet_write::SheetWriter;
use super::standard::Standard;
use crate::iso20022::DebitWriter;

/// Writes one debit file.
#[derive(Clone, Debug)]
pub struct Writer<'f> {
    target: Target<'f>,
}

#[derive(Clone, Debug)]
enum Target<'f> {
    Sheet(Box<SheetWriter<'f>>),
    Iso(Box<DebitWriter<'f>>),
}

impl<'f> Writer<'f> {
    /// Prepares a file: everything that is the same in each row is made and checked here.
    pub fn new(format: &'f Format, facts: &FileFacts) -> Result<Writer<'f>, FileError> {
        if format.message() != Message::Debit {
            return Err(not_for(format, "debits").at(0, 0, "the format"));
        }
        if facts.seq > 1 && !format.many_per_date() {
            let rule = "the format's file name tells no second file from the first; put all debits into one";
            return Err(Problem::new("the bank takes one file per date", rule).at(0, 0, "seq"));
        }
        let target = match &format.standard {
            None => Target::Sheet(Box::new(SheetWriter::new(format, facts)?)),
            Some(Standard::Mt940(_)) => {
                return Err(Problem::new("it is only read", "choose another format").at(0, 0, "the format"));
            }
            Some(Standard::Iso20022(settings)) => {
                Target::Iso(Box::new(DebitWriter::new(settings, format.limits(), facts)?))
            }
        };
        Ok(Writer { target })
    }

    /// What stands before the first group.
    pub fn head(&self, totals: Totals, out: &mut Vec<u8>) -> Result<(), FileError> {
        match &self.target {
            Target::Sheet(sheet) => sheet.head(totals, out),
            Target::Iso(iso) => iso.head(totals, out),
        }
    }

    /// The group a row will stand in, from 0; most formats have one.
    pub fn group_of(&self, row: &DebitRow) -> usize {
        match &self.target {
            Target::Sheet(_) => 0,
            Target::Iso(iso) => iso.group_of(row),
        }
    }

    /// What stands before the rows of a group, and ends the group before it.
    pub fn group(&self, group: usize, totals: Totals, out: &mut Vec<u8>) -> Result<(), FileError> {
        match &self.target {
            Target::Sheet(_) => Ok(()),
            Target::Iso(iso) => iso.group(group, totals, out),
        }
    }

    /// Appends one row to the body of its group; on an error `out` is as it was, and the row is not counted.
    pub fn row(&mut self, row: &DebitRow, out: &mut Vec<u8>) -> Result<(), FileError> {
        match &mut self.target {
            Target::Sheet(sheet) => sheet.row(row, out),
            Target::Iso(iso) => iso.row(row, out),
        }
    }

    /// What stands behind the last group; also the last check of the bank's limits.
    pub fn tail(&self, totals: Totals, out: &mut Vec<u8>) -> Result<(), FileError> {
        match &self.target {
            Target::Sheet(sheet) => sheet.tail(totals, out),
            Target::Iso(iso) => iso.tail(totals, out),
        }
    }

    /// Rows and body bytes written so far: for a caller that splits at the bank's limits.
    pub fn written(&self) -> (u64, u64) {
        match &self.target {
            Target::Sheet(sheet) => sheet.written(),
            Target::Iso(iso) => iso.written(),
        }
    }
}
