//! The loader's second half, lines: which fields a line has, how its lines are told apart, what a message must hold.

use std::ops::Range;

use toml::Spanned;

use super::fault::{FormatError, Source};
use super::format::{Field, Line, Part, Shape, Style};
use super::load_fields::field;
use super::meaning::{Meaning, Message, Place, Sort};
use super::spec::{FieldSpec, LineSpec, Spec};
use super::words::{KeyRule, LineEnd};

/// Every line of a format.
pub(super) struct Lines {
    pub heads: Vec<Line>,
    pub row: Line,
    pub tails: Vec<Line>,
    pub refusal: Option<Line>,
}

pub(super) fn lines(source: &Source<'_>, spec: &Spec, style: &Style) -> Result<Lines, FormatError> {
    let make = |fields: &[FieldSpec], span: Range<usize>, part| line(source, spec, style, fields, span, part);
    let edge = |edge: &Spanned<LineSpec>, part| make(&edge.get_ref().fields, edge.span(), part);
    let mut lines = Lines {
        heads: Vec::new(),
        row: make(&spec.row.get_ref().fields, spec.row.span(), Part::Row)?,
        tails: spec.tail.iter().map(|tail| edge(tail, Part::Tail)).collect::<Result<_, _>>()?,
        refusal: spec.refusal.as_ref().map(|line| edge(line, Part::Refusal)).transpose()?,
    };
    if let Some(written) = &spec.preamble {
        // Cut and written like a record of fixed width, whatever the file is otherwise.
        let fixed = Style { charset: style.charset, unit: style.unit, shape: Shape::Fixed };
        let fields = &written.get_ref().fields;
        lines.heads.push(line(source, spec, &fixed, fields, written.span(), Part::Preamble)?);
    }
    for head in &spec.head {
        lines.heads.push(edge(head, Part::Head)?);
    }
    if matches!(style.shape, Shape::Xml(_)) {
        super::load_xml::complete(&mut lines);
    }
    check_message(source, spec, &lines)?;
    check_amounts(source, spec, &lines)?;
    check_told_apart(source, spec, style, &lines)?;
    Ok(lines)
}

fn line(
    source: &Source<'_>,
    spec: &Spec,
    style: &Style,
    specs: &[FieldSpec],
    span: Range<usize>,
    part: Part,
) -> Result<Line, FormatError> {
    let place = match part {
        Part::Preamble | Part::Head | Part::Tail => Place::Edge,
        Part::Row => Place::Row,
        Part::Refusal => Place::Refusal,
    };
    let xml = matches!(style.shape, Shape::Xml(_));
    if specs.is_empty() {
        return Err(source.error(span, "a line needs at least one field"));
    }
    let mut fields: Vec<Field> = Vec::with_capacity(specs.len());
    for spec_field in specs {
        let made = field(source, spec, style, spec_field, place)?;
        let name = &spec_field.name;
        if fields.iter().any(|known| known.name == made.name) {
            return Err(source.error(name.span(), format!("field `{}` stands twice in this line", made.name)));
        }
        let again = |known: &Field| known.read_as().is_some() && known.read_as() == made.read_as();
        if let (Some(means), Some(known)) = (&spec_field.means, fields.iter().find(|known| again(known))) {
            let problem = format!(
                "`{}` and `{}` both mean {}; write `read = false` for the one that is only written",
                known.name,
                made.name,
                means.get_ref().word()
            );
            return Err(source.error(means.span(), problem));
        }
        if !xml && fields.last().is_some_and(|last| last.repeat || (last.optional && !made.optional)) {
            let problem = "only the last column may repeat, and only the last ones may be missing";
            return Err(source.error(name.span(), problem));
        }
        fields.push(made);
    }
    // Every field of a document has its cell, if only an empty one.
    let least = fields.iter().filter(|f| xml || !f.optional).count();
    let most = if fields.last().is_some_and(|f| f.repeat) { usize::MAX } else { fields.len() };
    let bytes = fields.iter().filter_map(|f| f.width).sum();
    let mark = fields.first().and_then(|f| f.value.clone()).filter(|_| !xml);
    if matches!(style.shape, Shape::Fixed) && bytes > super::cut::LIMIT {
        return Err(source.error(span, format!("a record of {bytes} bytes is longer than {}", super::cut::LIMIT)));
    }
    Ok(Line { part, fields, mark, least, most, bytes })
}

/// What a message must hold to be of use.
fn check_message(source: &Source<'_>, spec: &Spec, lines: &Lines) -> Result<(), FormatError> {
    let has = |means| lines.row.fields.iter().any(|f| f.read_as() == Some(means));
    let missing = |what: &str| Err(source.error(spec.row.span(), format!("no field of [row] means {what}")));
    let keyed = has(Meaning::DebitNo) || has(Meaning::BankRef);
    let answer = spec.answer.as_ref().map(|answer| answer.get_ref());
    match spec.message {
        Message::Debit if !keyed => missing("`debit_no` or `bank_ref`; answers are matched by nothing else"),
        Message::Debit if !has(Meaning::Card) => missing("`card`"),
        Message::Debit if !has(Meaning::Amount) => missing("`amount`"),
        Message::Answer if !keyed && answer.is_some_and(|a| a.key == KeyRule::Required) => missing(
            "`debit_no` or `bank_ref`; if the bank echoes neither, write `key = \"none\"` in [answer]: such a file is \
             shown to people and never applied by itself",
        ),
        Message::Answer if has(Meaning::Code) == answer.is_some_and(|a| !a.code_by_columns.is_empty()) => {
            missing("`code`, or [answer] `code_by_columns` tells it: one of the two")
        }
        Message::Agreements | Message::AgreementAnswer if !has(Meaning::Account) => missing("`account`"),
        Message::Agreements if !has(Meaning::Card) => missing("`card`"),
        Message::AgreementAnswer if !has(Meaning::Code) => missing("`code`, the bank's yes or no"),
        Message::Statement if !has(Meaning::ValueDate) => missing("`value_date`"),
        Message::Statement if !has(Meaning::Serial) => missing("`serial`"),
        Message::Statement if !has(Meaning::Income) => missing("`income`"),
        Message::Statement if !has(Meaning::Text) => missing("`text`, by which its kind is known"),
        _ => Ok(()),
    }
}

/// Amounts need a unit, and totals need rows to be tied to.
fn check_amounts(source: &Source<'_>, spec: &Spec, lines: &Lines) -> Result<(), FormatError> {
    let all = lines.heads.iter().chain([&lines.row]).chain(&lines.tails);
    let amounts = all.flat_map(|l| &l.fields).any(|f| f.means.is_some_and(|m| m.sort() == Sort::Amount));
    if amounts && spec.file.amounts.is_none() {
        let problem = "the file has amounts; write `amounts = \"fen\"` or `amounts = \"yuan\"` in [file]";
        return Err(source.error(spec.file.name.span(), problem));
    }
    let row_sums =
        lines.row.fields.iter().any(|f| matches!(f.read_as(), Some(Meaning::Amount | Meaning::Asked | Meaning::Taken)));
    let heads = lines.heads.iter().filter(|line| line.part == Part::Head);
    let edges = heads.zip(&spec.head).chain(lines.tails.iter().zip(&spec.tail));
    for (line, written) in edges {
        let sum = line.fields.iter().find(|f| f.read_as().is_some_and(|m| m.sort() == Sort::Amount));
        if let (Some(sum), false) = (sum, row_sums) {
            let problem = format!("`{}` is a sum, but no field of [row] means an amount to tie it to", sum.name);
            return Err(source.error(written.span(), problem));
        }
    }
    Ok(())
}

/// Every line a reader may meet at one place must be known by its first cell or its number of columns.
fn check_told_apart(source: &Source<'_>, spec: &Spec, style: &Style, lines: &Lines) -> Result<(), FormatError> {
    if matches!(style.shape, Shape::Xml(_)) {
        return Ok(());
    }
    let fixed = matches!(style.shape, Shape::Fixed);
    let overlap = |a: &Line, b: &Line| a.least <= b.most && b.least <= a.most;
    for (tail, written) in lines.tails.iter().take(1).zip(&spec.tail) {
        if tail.mark.is_none() && (fixed || overlap(tail, &lines.row)) {
            let problem = "the first line of the tail is not told apart from a row; give its first field a `value`, or \
                           another number of columns";
            return Err(source.error(written.span(), problem));
        }
        let whole = |f: &Field| super::pen::byte_len(style.charset, f.value.as_deref().unwrap_or_default()) == f.width;
        if fixed && !tail.fields.first().is_some_and(whole) {
            let problem = "the `value` that marks a fixed tail must fill its whole width";
            return Err(source.error(written.span(), problem));
        }
    }
    if let (Some(refusal), Some(written)) = (&lines.refusal, &spec.refusal) {
        let titled = lines.row.fields.iter().filter(|f| f.titled).count();
        let clear = refusal.mark.is_some()
            || match lines.heads.first() {
                Some(head) => !overlap(refusal, head),
                None if spec.row.get_ref().titles => refusal.most < titled,
                None => !overlap(refusal, &lines.row),
            };
        if fixed || !clear {
            let problem = "a refusal is known by a `value` in its first field, or by its number of columns: it must \
                           differ from the file's first line";
            return Err(source.error(written.span(), problem));
        }
    }
    if fixed && *spec.file.line_end.get_ref() == LineEnd::None && !spec.file.last_line_end {
        return Err(source.error(spec.file.line_end.span(), "`last_line_end` means nothing where lines have no end"));
    }
    Ok(())
}
