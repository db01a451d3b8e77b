//! Records → lines of fields. The body does not depend on totals, so rows stream to wherever the caller keeps them, and
//! the file is `head ++ rows ++ tail`.

use super::fault::Problem;
use super::format::{Format, Line};
use super::lines::{self, begin_line, end_line, titles};
use super::pen;
use super::records::{DebitRow, FileError, FileFacts, Totals};
use super::texts::{edge_text, row_text, same_in_all_rows};

/// Writes one debit file.
#[derive(Clone, Debug)]
pub(super) struct SheetWriter<'f> {
    format: &'f Format,
    facts: FileFacts,
    /// For each field of a row the bytes that are the same in every row of this file.
    constants: Vec<Option<Vec<u8>>>,
    scratch: String,
    rows: u64,
    bytes: u64,
}

impl<'f> SheetWriter<'f> {
    /// Prepares a file: everything that is the same in each row is made and checked here.
    pub(super) fn new(format: &'f Format, facts: &FileFacts) -> Result<SheetWriter<'f>, FileError> {
        let mut constants = Vec::with_capacity(format.row.fields.len());
        for field in &format.row.fields {
            let text = same_in_all_rows(field, facts).map_err(|problem| problem.at(0, 0, &field.name))?;
            constants.push(match text {
                None => None,
                Some(text) => {
                    let mut bytes = Vec::new();
                    pen::put(&format.style, field, &text, &mut bytes).map_err(|p| p.at(0, 0, &field.name))?;
                    Some(bytes)
                }
            });
        }
        let facts = facts.clone();
        Ok(SheetWriter { format, facts, constants, scratch: String::new(), rows: 0, bytes: 0 })
    }

    /// The lines before the rows.
    pub(super) fn head(&self, totals: Totals, out: &mut Vec<u8>) -> Result<(), FileError> {
        let format = self.format;
        let mut first = true;
        for (n, line) in format.heads.iter().enumerate() {
            self.edge(line, totals, n as u64 + 1, &mut first, out)?;
        }
        if format.titles {
            begin_line(format, first, out);
            titles(format, out)?;
            end_line(format, out);
        }
        Ok(())
    }

    /// Appends one row; on an error `out` is as it was, and the row is not counted.
    pub(super) fn row(&mut self, row: &DebitRow, out: &mut Vec<u8>) -> Result<(), FileError> {
        let start = out.len();
        let written = self.try_row(row, out);
        match written {
            Ok(()) => {
                self.rows += 1;
                self.bytes += (out.len() - start) as u64;
                Ok(())
            }
            Err(error) => {
                out.truncate(start);
                Err(error)
            }
        }
    }

    /// The lines after the rows; also the last check of the bank's limits.
    pub(super) fn tail(&self, totals: Totals, out: &mut Vec<u8>) -> Result<(), FileError> {
        let format = self.format;
        let start = out.len();
        let mut first = format.heads.is_empty() && !format.titles && self.rows == 0;
        for line in &format.tails {
            self.edge(line, totals, 0, &mut first, out)?;
        }
        let mut head = Vec::new();
        self.head(totals, &mut head)?;
        let bytes = head.len() as u64 + self.bytes + (out.len() - start) as u64;
        if let Some(most) = format.limits.bytes.filter(|most| bytes > *most) {
            let problem = format!("the file has {bytes} bytes, the bank takes {most}");
            return Err(Problem::new(problem, "put fewer rows into one file").at(0, 0, "the file"));
        }
        Ok(())
    }

    /// Rows and body bytes written so far: for a caller that splits at the bank's limits.
    pub(super) fn written(&self) -> (u64, u64) {
        (self.rows, self.bytes)
    }

    fn try_row(&mut self, row: &DebitRow, out: &mut Vec<u8>) -> Result<(), FileError> {
        let format = self.format;
        let line = u64::from(row.line);
        if let Some(most) = format.limits.rows.filter(|most| self.rows >= *most) {
            let problem = format!("it would be row {}, the bank takes {most}", self.rows + 1);
            return Err(Problem::new(problem, "put it into the next file").at(line, 0, "the file"));
        }
        begin_line(format, format.heads.is_empty() && !format.titles && self.rows == 0, out);
        let SheetWriter { constants, scratch, .. } = self;
        lines::line(format, &format.row, out, |n, out| {
            let field = &format.row.fields[n];
            if let Some(constant) = &constants[n] {
                out.extend_from_slice(constant);
                return Ok(());
            }
            scratch.clear();
            let first_byte = out.len();
            let put = row_text(format.style.unit, field, row, scratch)
                .and_then(|text| pen::put(&format.style, field, text, out));
            put.map_err(|problem| problem.at(line, n as u32 + 1, &field.name))?;
            if n == 0 && is_mark(format, &out[first_byte..]) {
                let problem =
                    Problem::new("it reads like the mark of the file's last line", "the bank would stop here");
                return Err(problem.at(line, 1, &field.name));
            }
            Ok(())
        })
    }

    fn edge(&self, line: &Line, totals: Totals, n: u64, first: &mut bool, out: &mut Vec<u8>) -> Result<(), FileError> {
        begin_line(self.format, std::mem::take(first), out);
        lines::line(self.format, line, out, |column, out| {
            let field = &line.fields[column];
            let text = edge_text(self.format.style.unit, field, &self.facts, totals);
            text.and_then(|text| pen::put(&self.format.style, field, &text, out))
                .map_err(|problem| problem.at(n, column as u32 + 1, &field.name))
        })
    }
}

fn is_mark(format: &Format, cell: &[u8]) -> bool {
    format.tails.first().and_then(|tail| tail.mark.as_deref()).is_some_and(|mark| mark.as_bytes() == cell)
}
