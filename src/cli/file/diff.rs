//! `file diff`: two files record by record. The first is remembered as keys and hashes; what differs is read again.

use std::collections::{BTreeMap, BTreeSet};

use yichong_core::formats::records::{FileError, Totals};
use yichong_core::formats::{Format, Kind as Part, Section};

use super::difference::{About, Difference, List, Lone, Pair, Report};
use super::layout::Layout;
use super::masks::{Veil, Vocabulary};
use super::rows::{Compared, Comparison, Index, Value};
use super::source::{House, Source};
use super::{DiffArgs, output};
use crate::jobs::JobError;

/// One side.
struct Side<'h> {
    source: Source,
    format: &'h Format,
    layout: Layout,
    words: Vocabulary<'h>,
}

/// Compares; whether they are equal.
pub fn run(house: &House, args: &DiffArgs) -> Result<bool, JobError> {
    let forced = args.common.format.as_deref();
    let a = Side::open(house, &args.a, forced)?;
    let b = Side::open(house, &args.b, args.format_b.as_deref().or(forced))?;
    let one_format = a.format.name() == b.format.name();
    let comparison = Comparison::new(&a.layout, &b.layout, one_format).ok_or_else(|| {
        let (a, b) = (a.format.name(), b.format.name());
        JobError::input(format!("{a} and {b} have no meaning in common; compare files that speak of the same things"))
    })?;
    let report = compare(&a, &b, &comparison, args.rows)?;
    if args.common.json {
        output::json(&report)?;
    } else {
        report.say();
    }
    Ok(report.equal)
}

impl<'h> Side<'h> {
    fn open(house: &'h House, path: &std::path::Path, forced: Option<&str>) -> Result<Side<'h>, JobError> {
        let source = Source::open(path)?;
        let choice = source.must_choose(house, forced)?;
        Ok(Side {
            source,
            format: choice.format,
            layout: Layout::of(house, choice.format)?,
            words: house.words(choice.format),
        })
    }

    /// Reads the whole file, handing out its sections with the number of rows so far.
    fn each(&self, mut take: impl FnMut(&Section<'_>, u64)) -> Result<Totals, JobError> {
        let mut rows = 0;
        let mut read = || {
            let mut reader = self.source.reader(self.format).map_err(Err)?;
            while let Some(section) = reader.next_section().map_err(Ok)? {
                rows += u64::from(is_record(section.kind));
                take(&section, rows);
            }
            reader.finish().map_err(Ok)
        };
        read().map_err(|error| match error {
            Ok(wrong) => {
                let wrong = FileError { file: self.source.path.display().to_string(), ..self.words.error(wrong) };
                JobError::input(format!("{wrong}; `yichong file lint` shows the line"))
            }
            Err(error) => error,
        })
    }

    fn about(&self, totals: Totals) -> About {
        let (file, format) = (self.source.path.display().to_string(), self.format.name().to_owned());
        About { file, format, rows: totals.count, sum: totals.sum }
    }
}

/// Rows, and the transactions they are made of.
fn is_record(kind: Part) -> bool {
    matches!(kind, Part::Row | Part::Detail)
}

/// More columns than any head or tail has.
const WIDE: usize = 1000;

/// Cells of lines around the rows, by kind, column and name.
type Edges = BTreeMap<(&'static str, usize, String), Value>;

fn keep_edge(edges: &mut Edges, section: &Section<'_>) {
    let kind = match section.kind {
        Part::Head => "head",
        Part::Tail => "tail",
        Part::Refusal => "refusal",
        Part::Group => "group",
        Part::GroupEnd => "end of group",
        Part::Titles | Part::Row | Part::Detail => return,
    };
    for (at, cell) in section.cells.iter().enumerate() {
        let value =
            Value { name: format!("{kind} {}", cell.name), text: cell.text.to_owned(), veil: Veil::of_edge(cell) };
        // Lines of one kind follow one another; their numbers say nothing, the rows before a tail may differ in number.
        let place = (0..).map(|line| (kind, line * WIDE + at, cell.name.to_owned()));
        if let Some(free) = place.into_iter().find(|place| !edges.contains_key(place)) {
            edges.insert(free, value);
        }
    }
}

fn compare(a: &Side<'_>, b: &Side<'_>, comparison: &Comparison, limit: u64) -> Result<Report, JobError> {
    let (mut index, mut edges_a, mut edges_b) = (Index::default(), Edges::new(), Edges::new());
    let totals_a = a.each(|section, number| match section.kind {
        Part::Row | Part::Detail => index.add(&comparison.row(&a.layout, section, number)),
        _ => keep_edge(&mut edges_a, section),
    })?;
    let (mut only_in_b, mut differing, mut pairs) = (List::new(), List::new(), Vec::new());
    let (mut same, mut last, mut reordered) = (0, None, false);
    let totals_b = b.each(|section, number| {
        if !is_record(section.kind) {
            return keep_edge(&mut edges_b, section);
        }
        let row = comparison.row(&b.layout, section, number);
        match index.meet(&row.key) {
            None => {
                if only_in_b.takes(limit) {
                    only_in_b.first.push(Lone { key: row.key, line: row.line });
                }
            }
            Some((seen, at)) => {
                reordered |= last.replace(at).is_some_and(|before| before > at);
                if seen.digest == row.digest() {
                    same += 1;
                } else if differing.takes(limit) {
                    pairs.push((seen.line, row));
                }
            }
        }
    })?;
    let only_in_a = look_again(a, comparison, &index, limit, pairs, &mut differing)?;
    let one_format = comparison.meanings.is_none();
    let edges = if one_format { differing_edges(edges_a, edges_b) } else { Vec::new() };
    let equal = only_in_a.count + only_in_b.count + differing.count == 0 && edges.is_empty();
    let key = comparison.key.map_or("order", |means| means.word());
    let (a, b) = (a.about(totals_a), b.about(totals_b));
    Ok(Report { equal, a, b, key, same, reordered, only_in_a, only_in_b, differing, edges })
}

/// Reads the first file once more for the records to be shown.
fn look_again(
    a: &Side<'_>,
    comparison: &Comparison,
    index: &Index,
    limit: u64,
    pairs: Vec<(u64, Compared)>,
    differing: &mut List<Pair>,
) -> Result<List<Lone>, JobError> {
    let mut only_in_a = List::new();
    let lone: BTreeSet<u64> = index.left().filter(|_| only_in_a.takes(limit)).collect();
    if lone.is_empty() && pairs.is_empty() {
        return Ok(only_in_a);
    }
    let wanted: BTreeMap<u64, Compared> = pairs.into_iter().collect();
    a.each(|section, number| {
        if !is_record(section.kind) {
            return;
        }
        if lone.contains(&section.line) {
            let key = comparison.row(&a.layout, section, number).key;
            only_in_a.first.push(Lone { key, line: section.line });
        }
        if let Some(other) = wanted.get(&section.line) {
            let own = comparison.row(&a.layout, section, number);
            let cells = own.differences(other).into_iter().map(|(a, b)| Difference::new(&a, &b)).collect();
            differing.first.push(Pair { key: own.key, line_a: own.line, line_b: other.line, cells });
        }
    })?;
    Ok(only_in_a)
}

fn differing_edges(a: Edges, mut b: Edges) -> Vec<Difference> {
    let mut found = Vec::new();
    let empty = |value: &Value| Value { text: String::new(), ..value.clone() };
    for (place, x) in a {
        let y = b.remove(&place).unwrap_or_else(|| empty(&x));
        if x.text != y.text {
            found.push(Difference::new(&x, &y));
        }
    }
    found.extend(b.into_values().map(|y| Difference::new(&empty(&y), &y)));
    found
}
