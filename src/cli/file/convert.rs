//! `file convert`: the records of one format written in another. Read twice, written beside its place, read back, and
//! only then named: a file that cannot be whole is not there.

mod document;
mod plan;
mod target;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use chrono::{Datelike, NaiveDate};
use serde::Serialize;
use yichong_core::formats::records::{Params, Totals};
use yichong_core::formats::{Format, Kind as Part, Meaning as M, Message};
use yichong_core::formats::{RecordReader, RecordWriter, StatementReader};
use yichong_core::model::category::Category;
use yichong_core::model::money::Fen;

use self::plan::{Plan, Values, made, plan, value, values};
use self::target::{Field, Line, Target, part_of};
use super::layout::Layout;
use super::source::{House, Source};
use super::{ConvertArgs, output};
use crate::jobs::JobError;

/// What is printed with `--json`; sums in fen.
#[derive(Serialize)]
struct Report<'h> {
    from: &'h str,
    to: &'h str,
    out: String,
    rows: u64,
    sum: Fen,
    #[serde(flatten)]
    plan: Plan,
}

/// What the first reading found.
#[derive(Default)]
struct Found {
    present: BTreeSet<M>,
    rows: Totals,
    paid: Totals,
}

/// The two formats, and what the new file states about itself.
struct Conversion<'h> {
    source: &'h Source,
    from: &'h Format,
    layout: Layout,
    old: Target,
    to: &'h Format,
    target: Target,
    params: BTreeMap<String, String>,
    date: Option<NaiveDate>,
}

/// Converts; true, or an error and no file.
pub fn run(house: &House, args: &ConvertArgs) -> Result<bool, JobError> {
    let source = Source::open(&args.file)?;
    let from = source.must_choose(house, args.common.format.as_deref())?.format;
    let Some(to) = house.catalogue.get(&args.to) else {
        let names: Vec<&str> = house.catalogue.iter().map(Format::name).collect();
        return Err(JobError::input(format!("there is no format `{}`; there are: {}", args.to, names.join(", "))));
    };
    let document = to.is_standard() && to.message() == Message::Debit;
    if to.is_workbook() || (to.is_standard() && !document) {
        let said = format!("{} is only read; choose a format of lines and fields, or a pain.008", to.name());
        return Err(JobError::input(said));
    }
    let params = args.param.iter().cloned().collect();
    let date = args.file_date.or_else(|| from.name_facts(&source.name, &Params::new())?.file_date);
    let (layout, old, target) = (Layout::of(house, from)?, Target::of(house, from)?, Target::of(house, to)?);
    let conversion = Conversion { source: &source, from, layout, old, to, target, params, date };
    conversion.check_lists()?;
    let found = conversion.look()?;
    let plan = match document {
        true => conversion.plan_document(&found.present, &args.leave_out)?,
        false => plan(to, &conversion.target, &found.present, &args.leave_out, &conversion.params, date.is_some())?,
    };
    let out = args.out.clone().unwrap_or_else(|| args.file.with_file_name(format!("{}.{}", source.name, to.name())));
    conversion.write(&found, &out)?;
    let report = Report {
        from: from.name(),
        to: to.name(),
        out: out.display().to_string(),
        rows: found.rows.count,
        sum: found.rows.sum,
        plan,
    };
    if args.common.json {
        output::json(&report)?;
    } else {
        let sum = output::yuan(report.sum.0);
        output::say(format!("{} {} rows, {sum} yuan: {}", output::green("OK"), report.rows, report.out));
        for (word, names) in [("left out", report.plan.left_out.join(", ")), ("empty", report.plan.empty.join(", "))] {
            if !names.is_empty() {
                output::say(format!("  {word}: {names}"));
            }
        }
    }
    Ok(true)
}

impl Conversion<'_> {
    /// A list of successes is no list of all.
    fn check_lists(&self) -> Result<(), JobError> {
        match (self.from.lists(), self.to.lists()) {
            (Some(a), Some(b)) if a != b => {
                let said = format!("{} lists {a:?}, {} {b:?}", self.from.name(), self.to.name());
                Err(JobError::input(format!("{said}: what an absent row means would change").to_lowercase()))
            }
            _ => Ok(()),
        }
    }

    /// Reads the whole old file, handing out its records with their numbers.
    fn each(&self, mut take: impl FnMut(u64, Values) -> Result<(), JobError>) -> Result<(), JobError> {
        let mut reader = self.source.reader(self.from)?;
        let mut rows = 0;
        let lint = |error| JobError::input(format!("{error}; `yichong file lint` shows the line"));
        while let Some(section) = reader.next_section().map_err(lint)? {
            match section.kind {
                Part::Row => {
                    rows += 1;
                    take(rows, values(&self.layout, &section))?;
                }
                Part::Refusal => return Err(JobError::input("the file only says that ours is refused: no records")),
                _ => {}
            }
        }
        reader.finish().map(|_| ()).map_err(lint)
    }

    /// What is there, and what it comes to in the new file's own terms.
    fn look(&self) -> Result<Found, JobError> {
        let mut found = Found::default();
        self.each(|_, values| {
            found.present.extend(values.keys());
            let amount = |means| value(&values, means).and_then(|text| Fen::parse_yuan(text).ok());
            let asked = [M::Amount, M::Taken, M::Income, M::Outgo].into_iter().find_map(amount).unwrap_or_default();
            found.rows = Totals { count: found.rows.count + 1, sum: found.rows.sum.plus(asked)? };
            if let Some(code) = self.code(&values)
                && self.target.answer.as_ref().is_some_and(|codes| codes.in_success_total(&code))
            {
                let taken = amount(M::Taken).unwrap_or(asked);
                found.paid = Totals { count: found.paid.count + 1, sum: found.paid.sum.plus(taken)? };
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// The new file's code for what the old one's code means.
    fn code(&self, values: &Values) -> Option<String> {
        let word = value(values, M::Code)?;
        let category = self.old.answer.as_ref()?.category(word).unwrap_or(Category::Unknown);
        let codes = self.target.answer.as_ref()?;
        match category {
            // What nobody knows stays what it was, if nobody knows it there either.
            Category::Unknown if codes.category(word).is_none() => Some(word.to_owned()),
            _ => codes.code(word, category).map(str::to_owned),
        }
    }

    fn write(&self, found: &Found, out: &Path) -> Result<(), JobError> {
        let part = part_of(out);
        let written = self.write_part(found, &part).and_then(|()| self.check_part(found, &part));
        let named = written.and_then(|()| {
            // A link is made or not made: nothing that is there is written over.
            fs::hard_link(&part, out).map_err(|e| JobError::input(format!("{}: {e}", out.display())))
        });
        let _ = fs::remove_file(&part);
        named
    }

    fn write_part(&self, found: &Found, part: &Path) -> Result<(), JobError> {
        if self.to.is_standard() {
            return self.write_document(found, part);
        }
        let wrong = |e: std::io::Error| JobError::input(format!("{}: {e}", part.display()));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(part).map_err(wrong)?;
        let (mut file, mut writer) = (BufWriter::new(file), RecordWriter::new(self.to));
        let mut bytes = Vec::new();
        for line in &self.target.head {
            self.section(&mut writer, Part::Head, line, &self.edge(line, found)?, &mut bytes)?;
        }
        if self.target.row.titles {
            self.section(&mut writer, Part::Titles, &self.target.row, &[], &mut bytes)?;
        }
        self.each(|number, values| {
            let cells = self.row(number, &values)?;
            self.section(&mut writer, Part::Row, &self.target.row, &cells, &mut bytes)?;
            file.write_all(&bytes).map_err(wrong)?;
            bytes.clear();
            Ok(())
        })?;
        for line in &self.target.tail {
            self.section(&mut writer, Part::Tail, line, &self.edge(line, found)?, &mut bytes)?;
        }
        file.write_all(&bytes).map_err(wrong)?;
        file.into_inner().map_err(|e| wrong(e.into_error()))?.sync_all().map_err(wrong)
    }

    /// The new file says the same as the old one.
    fn check_part(&self, found: &Found, part: &Path) -> Result<(), JobError> {
        let open = || File::open(part);
        let mut read = RecordReader::open(self.to, &self.params, "", open()?).finish();
        if self.to.message() == Message::Statement && read.is_ok() {
            read = StatementReader::open(self.to, &self.params, "", open()?).and_then(StatementReader::finish);
        }
        let totals = read.map_err(|e| JobError::input(format!("what was written cannot be read back: {e}")))?;
        if totals == found.rows {
            return Ok(());
        }
        let said = format!("{} rows and {}, not {} and {}", totals.count, totals.sum, found.rows.count, found.rows.sum);
        Err(JobError::input(format!("what was written reads back as {said}; nothing is kept")))
    }

    fn section(
        &self,
        writer: &mut RecordWriter<'_>,
        kind: Part,
        line: &Line,
        cells: &[Option<String>],
        bytes: &mut Vec<u8>,
    ) -> Result<(), JobError> {
        let named = line.fields.iter().zip(cells);
        let given: Vec<(&str, &str)> =
            named.filter_map(|(field, cell)| Some((field.name.as_str(), cell.as_deref()?))).collect();
        writer.section(kind, &given, bytes).map_err(|e| JobError::input(e.to_string()))
    }

    /// The cells of a record; `None` where the writer has a constant.
    fn row(&self, number: u64, values: &Values) -> Result<Vec<Option<String>>, JobError> {
        let cell = |field: &Field| {
            let Some(means) = field.means else { return Ok(self.constant(field)) };
            let text = match means {
                M::Line => Some(number.to_string()),
                _ if made(means) => self.date.map(|date| date.to_string()),
                M::Code => match (value(values, M::Code), self.code(values)) {
                    (Some(word), None) => {
                        let said = format!("row {number}: no code of {} means what `{word}` does", self.to.name());
                        return Err(JobError::input(said));
                    }
                    (_, code) => code,
                },
                _ => value(values, means).map(str::to_owned),
            };
            let Some(text) = text else { return Ok(Some(String::new())) };
            let text = if means == M::BankDate { self.with_year(text) } else { text };
            self.target.write(field, &text).map(Some).ok_or_else(|| {
                let said =
                    format!("row {number}: the value of `{}` cannot be written as `{}`", means.word(), field.name);
                JobError::input(said)
            })
        };
        self.target.row.fields.iter().map(cell).collect()
    }

    /// A day without its year (`0902`) is the one nearest to the file's date.
    fn with_year(&self, text: String) -> String {
        let Some(date) = self.date.filter(|_| text.len() == 4) else { return text };
        let of = |year: i32| NaiveDate::parse_from_str(&format!("{year}{text}"), "%Y%m%d").ok();
        let days = (date.year() - 1..=date.year() + 1).filter_map(of);
        days.min_by_key(|day| (*day - date).num_days().abs()).map_or(text, |day| day.to_string())
    }

    /// The cells of a line around the rows.
    fn edge(&self, line: &Line, found: &Found) -> Result<Vec<Option<String>>, JobError> {
        let cell = |field: &Field| {
            let amount = |sum| Ok(Some(self.target.amount(sum)));
            let unknown = |what: String| Err(JobError::input(format!("field `{}` {what}", field.name)));
            match (field.means, self.date) {
                (None, _) if field.template.is_some() => unknown("is put together when debits are sent".to_owned()),
                (None, _) => Ok(self.constant(field)),
                (Some(M::Count | M::ListedCount), _) => Ok(Some(found.rows.count.to_string())),
                (Some(M::Sum | M::ListedSum), _) => amount(found.rows.sum),
                (Some(M::PaidCount), _) => Ok(Some(found.paid.count.to_string())),
                (Some(M::PaidSum), _) => amount(found.paid.sum),
                (Some(M::Seq), _) => Ok(Some("1".to_owned())),
                (Some(means), Some(date)) if made(means) => Ok(self.target.write(field, &date.to_string())),
                (Some(means), None) if made(means) => unknown("is a date of the file; say --file-date".to_owned()),
                (Some(means), _) => unknown(format!("needs `{}`, which no record says", means.word())),
            }
        };
        line.fields.iter().map(cell).collect()
    }

    /// A parameter the caller gives, or its default; the writer knows the other constants.
    fn constant(&self, field: &Field) -> Option<String> {
        self.params.get(field.param.as_ref()?).or(field.default.as_ref()).cloned()
    }
}
