//! The loader's third part, fields: words that may stand together, widths, constants that can be written.

use super::fault::{FormatError, Source};
use super::format::{Field, Shape, Style};
use super::meaning::{Meaning, Message, Place, Secret, Sort, allowed};
use super::pattern::Pattern;
use super::pen;
use super::spec::{FieldSpec, Spec};
use super::template::Template;
use super::words::{Pad, Quotes};
use crate::model::person::IdType;

pub(super) fn field(
    source: &Source<'_>,
    spec: &Spec,
    style: &Style,
    written: &FieldSpec,
    place: Place,
) -> Result<Field, FormatError> {
    let span = written.name.span();
    let name = written.name.get_ref().clone();
    let wrong = |problem: String| source.error(span.clone(), format!("field `{name}`: {problem}"));
    if name.trim().is_empty() || name.chars().any(char::is_control) {
        return Err(wrong("a field needs the name the bank gives it".to_owned()));
    }
    let means = written.means.as_ref().map(|means| *means.get_ref());
    check_meaning(source, spec, written, place)?;
    check_width(written, style).map_err(wrong)?;
    let pattern = pattern(source, written, means)?;
    let secret = match means.map_or(Secret::No, Meaning::secret) {
        Secret::No if written.secret => Secret::Number,
        known => known,
    };
    let row = place == Place::Row;
    let xml = matches!(style.shape, Shape::Xml(_));
    if xml && (written.repeat || written.quote.is_some()) {
        return Err(wrong("`repeat` and `quote` are for columns; an element has one text".to_owned()));
    }
    let made = Field {
        means,
        template: template(source, spec, written, place)?,
        in_xml: xml,
        value: written.value.clone(),
        param: written.param.clone(),
        default: written.default.clone(),
        width: written.width,
        max: written.max,
        // A fixed field without a word about padding is a text: spaces on the right.
        pad: written.pad.or(matches!(style.shape, Shape::Fixed).then_some(Pad::SpaceRight)),
        pattern,
        required: written.required
            || (row && written.read && needed(spec.message, means))
            || (place == Place::Edge && means == Some(Meaning::Code)),
        titled: written.required || (row && written.read && titled(spec.message, means)),
        quote: quote(source, written, style)?,
        secret,
        words: words(written, means).map_err(wrong)?,
        repeat: written.repeat,
        optional: written.may_be_missing,
        read: written.read,
        name: name.clone(),
    };
    for text in [&made.value, &made.default].into_iter().flatten() {
        if text.is_empty() && made.required {
            return Err(wrong("a required field has an empty constant".to_owned()));
        }
        pen::fits(style, &made, text).map_err(wrong)?;
    }
    let titles = row && spec.row.get_ref().titles;
    let title = Field { width: None, max: None, pad: None, quote: None, ..made.clone() };
    if titles {
        pen::fits(style, &title, &name).map_err(wrong)?;
    }
    if made.repeat && (made.means.is_some() || made.value.is_some() || made.param.is_some()) {
        return Err(wrong("a repeated column is listed as it stands; it has no meaning and no constant".to_owned()));
    }
    if written.may_be_missing && xml && written.required {
        return Err(wrong("it is `required`, or may be missing; not both".to_owned()));
    }
    if !xml && (made.repeat || made.optional) && (!row || titles || spec.message == Message::Debit) {
        return Err(wrong("`repeat` and `may_be_missing` are for rows without titles that we only read".to_owned()));
    }
    Ok(made)
}

fn check_meaning(source: &Source<'_>, spec: &Spec, written: &FieldSpec, place: Place) -> Result<(), FormatError> {
    let Some(means) = &written.means else { return Ok(()) };
    let accepted = allowed(spec.message, place);
    if !accepted.contains(means.get_ref()) {
        let words: Vec<_> = accepted.iter().map(|m| m.word()).collect();
        let problem = format!("`{}` cannot stand here; accepted: {}", means.get_ref().word(), words.join(", "));
        return Err(source.error(means.span(), problem));
    }
    if written.value.is_some() || written.param.is_some() || written.default.is_some() {
        let problem = "a field has a meaning, or a `value`, or a `param` (with a `default`); not several";
        return Err(source.error(means.span(), problem));
    }
    Ok(())
}

/// What is put together like the file's name.
fn template(
    source: &Source<'_>,
    spec: &Spec,
    written: &FieldSpec,
    place: Place,
) -> Result<Option<Template>, FormatError> {
    let Some(text) = &written.template else { return Ok(None) };
    let alone = written.means.is_none() && written.value.is_none() && written.param.is_none();
    if !alone || written.default.is_some() || place == Place::Refusal {
        let problem = "a `template` stands alone, in rows, heads and tails: it has no meaning, constant or parameter";
        return Err(source.error(text.span(), problem));
    }
    let template = Template::parse(text.get_ref()).map_err(|(offset, problem)| {
        let start = text.span().start + 1 + offset;
        source.error(start..start, problem)
    })?;
    if spec.message == Message::Debit && !template.writable() {
        return Err(source.error(text.span(), "`{any}` cannot be written"));
    }
    Ok(Some(template))
}

fn check_width(written: &FieldSpec, style: &Style) -> Result<(), String> {
    let fixed = matches!(style.shape, Shape::Fixed);
    if matches!(style.shape, Shape::Workbook(_)) && (written.width.or(written.max).is_some() || written.pad.is_some()) {
        return Err("cells of a sheet have no width and no padding; leave `width`, `max` and `pad` out".to_owned());
    }
    if written.value.is_some() && (written.param.is_some() || written.default.is_some()) {
        return Err("`value` stands alone; a `param` may have a `default`".to_owned());
    }
    match (written.width, written.max) {
        (Some(0), _) | (_, Some(0)) => Err("a width is at least 1".to_owned()),
        (None, _) if fixed => Err("fixed records need `width` for every field, in bytes".to_owned()),
        (_, Some(_)) if fixed => Err("`max` is for delimited cells; a fixed field has its `width`".to_owned()),
        (Some(_), None) if !fixed && written.pad.is_none() => {
            Err("`width` pads; write `pad` too, or `max` for a limit without padding".to_owned())
        }
        (Some(_), Some(_)) => Err("`width` or `max`, not both".to_owned()),
        (None, _) if written.pad.is_some() => Err("`pad` needs a `width`".to_owned()),
        _ => Ok(()),
    }
}

fn pattern(source: &Source<'_>, written: &FieldSpec, means: Option<Meaning>) -> Result<Option<Pattern>, FormatError> {
    let is_date = means.is_some_and(|m| m.sort() == Sort::Date);
    let Some(format) = &written.format else {
        if is_date {
            let problem = format!("field `{}` is a date; write its `format`, e.g. \"%Y%m%d\"", written.name.get_ref());
            return Err(source.error(written.name.span(), problem));
        }
        return Ok(None);
    };
    if means.is_some() && !is_date {
        return Err(source.error(format.span(), "`format` is for dates and times"));
    }
    let pattern = Pattern::parse(format.get_ref()).map_err(|problem| source.error(format.span(), problem))?;
    let whole = matches!(means, Some(Meaning::ValueDate | Meaning::SignedOn | Meaning::FileDate));
    if whole && !(pattern.has_day() && pattern.has_year()) {
        return Err(source.error(format.span(), "this date needs its year, month and day"));
    }
    if means == Some(Meaning::BankDate) && !pattern.has_day() {
        return Err(source.error(format.span(), "a bank date needs its month and day; the year may be absent"));
    }
    Ok(Some(pattern))
}

fn quote(source: &Source<'_>, written: &FieldSpec, style: &Style) -> Result<Option<char>, FormatError> {
    let Some(quote) = &written.quote else { return Ok(None) };
    let columns = matches!(style.shape, Shape::Delimited { quotes: Quotes::None, .. });
    let mut chars = quote.get_ref().chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) if c.is_ascii_punctuation() && columns => Ok(Some(c)),
        _ => {
            Err(source
                .error(quote.span(), "`quote` is one ASCII character, in delimited files without RFC 4180 quotes"))
        }
    }
}

/// The bank's word for each kind of ID.
fn words(written: &FieldSpec, means: Option<Meaning>) -> Result<Vec<(IdType, String)>, String> {
    if means != Some(Meaning::IdType) {
        return if written.words.is_empty() {
            Ok(Vec::new())
        } else {
            Err("`words` belongs to `id_type` only".to_owned())
        };
    }
    let word = |id_type: &IdType| match written.words.get(id_type) {
        Some(word) => Ok((*id_type, word.clone())),
        None => Err(format!("`words` needs one for `{}`", id_type.word())),
    };
    IdType::ALL.iter().map(word).collect()
}

/// Never empty in a row.
fn needed(message: Message, means: Option<Meaning>) -> bool {
    use Meaning as M;
    let Some(means) = means else { return false };
    match message {
        Message::Debit => matches!(means, M::DebitNo | M::BankRef | M::Card | M::Amount),
        Message::Answer => matches!(means, M::DebitNo | M::BankRef | M::Asked),
        Message::Statement => matches!(means, M::ValueDate | M::Serial),
        _ => means == M::Amount,
    }
}

/// Its title must stand in the title row.
fn titled(message: Message, means: Option<Meaning>) -> bool {
    use Meaning as M;
    match message {
        Message::Answer => needed(message, means) || matches!(means, Some(M::Code | M::Taken)),
        Message::Statement => {
            needed(message, means) || matches!(means, Some(M::Income | M::Outgo | M::Text | M::Reference))
        }
        _ => needed(message, means),
    }
}
