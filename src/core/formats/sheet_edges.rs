//! The lines around the rows: heads and tails are checked and kept, titles decide where columns stand.

use std::io::Read;

use chrono::NaiveDate;

use super::fault::Problem;
use super::format::Format;
use super::judge::{Said, Stated};
use super::mean;
use super::meaning::{Meaning, Sort};
use super::pen;
use super::records::FileError;
use super::sheet::{Sheet, plan};

impl<'f, R: Read> Sheet<'f, R> {
    /// Checks a head or tail line and keeps what it states.
    pub(super) fn edge(&mut self) -> Result<(), FileError> {
        self.check_columns()?;
        let unit = self.format.style.unit;
        for (column, field) in self.line().fields.iter().enumerate() {
            let at = self.record.place(column);
            let text = pen::bare(field, self.record.get(column));
            let wrong = |problem: Problem| problem.at(at.0, at.1, &self.record.label(column, &field.name));
            mean::check(unit, field, text, &self.params).map_err(wrong)?;
            if let Some(template) = field.template.as_ref().filter(|_| field.read && !text.is_empty()) {
                let Some(named) = template.read(text, &self.params) else {
                    self.facts.foreign = Some(text.to_owned());
                    continue;
                };
                check_date(self.facts.file_date, named.file_date).map_err(wrong)?;
                self.facts.file_date = named.file_date.or(self.facts.file_date);
                self.facts.seq = named.seq.or(self.facts.seq);
                continue;
            }
            let Some(means) = field.read_as().filter(|_| !text.is_empty()) else { continue };
            let number = match means.sort() {
                Sort::Amount => mean::amount(unit, field, text).map_err(wrong)?.0,
                Sort::Digits => mean::number(field, text).map_err(wrong)?,
                _ if means == Meaning::FileDate => {
                    let stated = mean::date(field, text, self.facts.file_date).map_err(wrong)?;
                    check_date(self.facts.file_date, stated).map_err(wrong)?;
                    self.facts.file_date = stated.or(self.facts.file_date);
                    continue;
                }
                _ if means == Meaning::Code => {
                    self.facts.said =
                        Some(Said { code: text.to_owned(), line: at.0, column: at.1, field: field.name.clone() });
                    continue;
                }
                _ if means == Meaning::Text => {
                    self.facts.words.push_str(text);
                    continue;
                }
                _ => continue,
            };
            let field = self.record.label(column, &field.name);
            let stated = Stated { means, number, line: at.0, column: at.1, field };
            self.facts.totals.push(stated);
        }
        Ok(())
    }

    /// The title row decides where each column stands.
    pub(super) fn read_titles(&mut self) -> Result<(), FileError> {
        let format: &'f Format = self.format;
        let fields = &format.row.fields;
        self.titles = (0..self.record.len()).map(|n| self.record.get(n).to_owned()).collect();
        self.columns = self.titles.iter().map(|title| fields.iter().position(|f| f.name == *title)).collect();
        let known = self.columns.iter().enumerate();
        self.plan = plan(&format.row, known.filter_map(|(column, field)| Some((column, (*field)?))));
        let line = self.record.line;
        for (column, title) in self.titles.iter().enumerate() {
            if self.titles[..column].contains(title) {
                let problem = Problem::new("the title stands twice", "each column has its own title");
                return Err(problem.at(line, self.record.place(column).1, &self.record.label(column, title)));
            }
        }
        for (index, field) in fields.iter().enumerate().filter(|(_, field)| field.titled) {
            if !self.columns.contains(&Some(index)) {
                let problem = Problem::new("the title is missing", "columns may be left out, but not this one");
                return Err(problem.at(line, 0, &field.name));
            }
        }
        Ok(())
    }
}

fn check_date(known: Option<NaiveDate>, stated: Option<NaiveDate>) -> Result<(), Problem> {
    match (known, stated) {
        (Some(known), Some(stated)) if known != stated => Err(Problem::new(
            format!("the file states {stated}, its name or head {known}"),
            "one file has one date; was it renamed, or is it another day's?",
        )),
        _ => Ok(()),
    }
}
