//! Named texts → a file of any format: the other half of [`RecordReader`](super::RecordReader), for conversion, tests.

use super::fault::Problem;
use super::format::{Format, Line, Shape};
use super::lines::{self, begin_line, end_line, finish_line, separate, titles};
use super::pen;
use super::records::FileError;
use super::sheet::Kind;

/// Writes a file line by line, in the order of the format.
#[derive(Debug)]
pub struct RecordWriter<'f> {
    format: &'f Format,
    lines: u64,
    heads: usize,
    tails: usize,
}

impl<'f> RecordWriter<'f> {
    /// Starts a file.
    pub fn new(format: &'f Format) -> RecordWriter<'f> {
        RecordWriter { format, lines: 0, heads: 0, tails: 0 }
    }

    /// Appends one line; cells are looked up by name, a cell that is not given is the field's constant or empty. The
    /// title row is written whole, whatever is given. On an error `out` is as it was.
    pub fn section(&mut self, kind: Kind, cells: &[(&str, &str)], out: &mut Vec<u8>) -> Result<(), FileError> {
        if self.format.is_workbook() {
            let rule = "choose a format that is a text file, and open its file in Excel";
            return Err(Problem::new("workbooks are only read", rule).at(0, 0, "the format"));
        }
        let start = out.len();
        if self.format.is_standard() {
            let rule = "its parts are no lines of fields; write debits with Writer";
            return Err(Problem::new("a standard's message is not written line by line", rule).at(0, 0, "the format"));
        }
        let line = match kind {
            Kind::Head => self.format.heads.get(self.heads),
            Kind::Tail => self.format.tails.get(self.tails),
            Kind::Refusal => self.format.refusal.as_ref(),
            Kind::Row => Some(&self.format.row),
            Kind::Titles | Kind::Group | Kind::Detail | Kind::GroupEnd => None,
        };
        begin_line(self.format, self.lines == 0, out);
        let written =
            match (line, kind) {
                (Some(line), _) => self.line(line, cells, out),
                (None, Kind::Titles) => titles(self.format, out).map(|()| end_line(self.format, out)),
                (None, _) => Err(Problem::new("the format has no such line here", "write the lines the format lists")
                    .at(self.lines + 1, 0, "the line")),
            };
        if let Err(error) = written {
            out.truncate(start);
            return Err(error);
        }
        self.lines += 1;
        self.heads += usize::from(kind == Kind::Head);
        self.tails += usize::from(kind == Kind::Tail);
        Ok(())
    }

    fn line(&self, line: &Line, cells: &[(&str, &str)], out: &mut Vec<u8>) -> Result<(), FileError> {
        let number = self.lines + 1;
        if matches!(self.format.style.shape, Shape::Xml(_)) {
            return lines::line(self.format, line, out, |at, out| {
                let field = &line.fields[at];
                let given = cells.iter().find(|(name, _)| *name == field.name).map(|(_, text)| *text);
                let constant = field.value.as_deref().or(field.default.as_deref());
                pen::put(&self.format.style, field, given.or(constant).unwrap_or_default(), out)
                    .map_err(|problem| problem.at(number, 0, &field.name))
            });
        }
        let mut column = 0;
        for field in &line.fields {
            let mut given: Vec<&str> =
                cells.iter().filter(|(name, _)| *name == field.name).map(|(_, text)| *text).collect();
            if given.is_empty() && field.optional {
                continue;
            }
            if given.is_empty() {
                given.push(field.value.as_deref().or(field.default.as_deref()).unwrap_or_default());
            }
            for text in given {
                separate(&self.format.style, column, out);
                column += 1;
                let put = pen::put(&self.format.style, field, text, out);
                put.map_err(|problem| problem.at(number, u32::try_from(column).unwrap_or(u32::MAX), &field.name))?;
            }
        }
        finish_line(self.format, out);
        Ok(())
    }
}
