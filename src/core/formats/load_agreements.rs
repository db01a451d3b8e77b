//! The loader's part for agreements: the words of their lines, and whether a bank can be told in this format or only
//! its list be read.

use super::fault::{FormatError, Source};
use super::format::AgreementWords;
use super::meaning::{Meaning, Message};
use super::spec::{AgreementSpec, Spec};
use super::template::Template;

/// What a format says of agreements: nothing for other messages.
pub(super) fn agreement(source: &Source<'_>, spec: &Spec, template: &Template) -> Result<AgreementWords, FormatError> {
    let only_read = if spec.message == Message::Agreements { only_read(source, spec, template) } else { None };
    Ok(AgreementWords { only_read, ..words(source, spec)? })
}

/// The first place that keeps us from writing such files, with the remedy; none: a bank can be told in it.
fn only_read(source: &Source<'_>, spec: &Spec, template: &Template) -> Option<FormatError> {
    let list = "or name this format in `lists` only, where a bank's own list is read";
    let fields = &spec.row.get_ref().fields;
    let means = |wanted| fields.iter().any(|field| field.means.as_ref().is_some_and(|m| *m.get_ref() == wanted));
    let shapes = [
        (spec.xml.as_ref().map(toml::Spanned::span), "XML"),
        (spec.workbook.as_ref().map(toml::Spanned::span), "a workbook"),
    ];
    if let Some((span, shape)) = shapes.into_iter().find_map(|(span, shape)| Some((span?, shape))) {
        let problem = format!("agreements are told in lines or fixed records, {shape} is only read; write [delimited]");
        return Some(source.error(span, format!("{problem} or [fixed] with the bank's layout of text, {list}")));
    }
    if !template.writable() {
        let problem =
            format!("`{{any}}` cannot be written in the name of a file we send; write the name whole, {list}");
        return Some(source.error(spec.file.name.span(), problem));
    }
    for wanted in [Meaning::Operation, Meaning::PayerName] {
        if !means(wanted) {
            let word = wanted.word();
            let problem = format!("no field of [row] means `{word}`, so a bank cannot be told with it; add it, {list}");
            return Some(source.error(spec.row.span(), problem));
        }
    }
    let given = |field: &&super::spec::FieldSpec| {
        field.means.as_ref().is_some_and(|m| matches!(m.get_ref(), Meaning::Text | Meaning::BankDate | Meaning::Serial))
    };
    let field = fields.iter().find(given)?;
    let problem =
        format!("field `{}` is the bank's to fill, we have nothing to write there; {list}", field.name.get_ref());
    Some(source.error(field.name.span(), problem))
}

/// The words for what is done to an agreement: as many as the fields ask for, and told apart.
fn words(source: &Source<'_>, spec: &Spec) -> Result<AgreementWords, FormatError> {
    let told = matches!(spec.message, Message::Agreements | Message::AgreementAnswer);
    let fields = spec.row.get_ref().fields.iter();
    let operation =
        fields.filter_map(|field| field.means.as_ref()).find(|means| *means.get_ref() == Meaning::Operation);
    let Some(written) = &spec.agreement else {
        if let Some(operation) = operation {
            return Err(source.error(operation.span(), "`operation` needs [agreement] with `sign` and `cancel`"));
        }
        if spec.message == Message::AgreementAnswer {
            return Err(source.error(spec.row.span(), "an agreement answer needs [agreement] with `accepted`"));
        }
        return Ok(AgreementWords::default());
    };
    let AgreementSpec { sign, cancel, accepted } = written.get_ref();
    let wrong = |problem: &str| Err(source.error(written.span(), problem));
    if !told {
        return wrong("[agreement] belongs to agreements and their answers only");
    }
    if operation.is_some() && (sign.is_none() || cancel.is_none() || sign == cancel) {
        return wrong("`operation` needs two different words, `sign` and `cancel`");
    }
    if (spec.message == Message::AgreementAnswer) == accepted.is_empty() {
        return wrong("`accepted` lists the codes that mean yes, in an answer and nowhere else");
    }
    let (sign, cancel, accepted) = (sign.clone(), cancel.clone(), accepted.clone());
    Ok(AgreementWords { sign, cancel, accepted, only_read: None })
}
