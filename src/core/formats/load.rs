//! A format file → a [`Format`], or an error at its first wrong place: what passes cannot surprise a writer or reader.

use sha2::{Digest, Sha256};
use toml::Spanned;

use super::fault::{FormatError, Source};
use super::format::{Answer, Code, FileCode, Format, Limits, Line, Separator, Shape, Style};
use super::load_agreements;
use super::load_lines::{self, Lines};
use super::load_workbook;
use super::load_xml;
use super::meaning::{Meaning, Message};
use super::spec::{AnswerSpec, Spec, StatementSpec};
use super::standard::{no_line, standard};
use super::template::Template;
use super::words::{LineEnd, Says, Unit};
use crate::formats::records::MoneyKind;
use crate::model::category::Category;

pub(super) fn format(file: &str, text: &str) -> Result<Format, FormatError> {
    let source = Source { file, text };
    let spec: Spec = toml::from_str(text).map_err(|error| {
        let message = error.message().trim().replace('\n', "; ");
        source.error(error.span().unwrap_or(0..0), message)
    })?;
    if spec.title.get_ref().trim().is_empty() {
        return Err(source.error(spec.title.span(), "the title is empty; say what people call this file"));
    }
    let template = template(&source, &spec)?;
    let standard = standard(&source, &spec)?;
    let mut style = Style {
        charset: *spec.file.charset.get_ref(),
        unit: spec.file.amounts.unwrap_or(Unit::Fen),
        // A standard's message is cut by nobody.
        shape: if standard.is_some() { Shape::Fixed } else { shape(&source, &spec)? },
    };
    let lines = match &standard {
        Some(_) => Lines { heads: Vec::new(), row: no_line(), tails: Vec::new(), refusal: None },
        None if spec.row.span().is_empty() => return Err(source.error(0..0, "missing field `row`")),
        None => load_lines::lines(&source, &spec, &style)?,
    };
    load_xml::fill(&source, &spec, &lines, &mut style)?;
    let Lines { heads, row, tails, refusal } = lines;
    let answer = match (&spec.answer, spec.message) {
        (Some(answer), Message::Answer) => Some(judge(&source, answer.get_ref(), &heads)?),
        (None, Message::Answer) => {
            return Err(source.error(spec.row.span(), "an answer needs [answer] with `lists` and `codes`"));
        }
        (Some(answer), _) => return Err(source.error(answer.span(), "[answer] belongs to message = \"answer\" only")),
        (None, _) => None,
    };
    let kinds = match (&spec.statement, spec.message) {
        (Some(_), Message::Statement) if spec.mt940.is_some() => Vec::new(),
        (Some(statement), Message::Statement) => kinds(&source, statement)?,
        (None, Message::Statement) if standard.is_none() => {
            return Err(source.error(spec.row.span(), "a statement needs [statement] with `kinds`"));
        }
        (Some(other), _) => {
            return Err(source.error(other.span(), "[statement] belongs to message = \"statement\" only"));
        }
        (None, _) => Vec::new(),
    };
    let agreement = load_agreements::agreement(&source, &spec, &template)?;
    let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
    Ok(Format {
        name: name.strip_suffix(".toml").unwrap_or(name).to_owned(),
        title: spec.title.into_inner(),
        hash: Sha256::digest(text.as_bytes()).into(),
        message: spec.message,
        template,
        style,
        bom: spec.file.bom,
        end_mark: spec.file.end_mark,
        line_end: *spec.file.line_end.get_ref(),
        last_line_end: spec.file.last_line_end,
        heads,
        titles: spec.row.get_ref().titles,
        row,
        tails,
        refusal,
        answer,
        kinds,
        agreement,
        limits: Limits { rows: spec.limits.rows, bytes: spec.limits.bytes },
        rows_per_card: spec.limits.rows_per_card,
        standard,
    })
}

fn template(source: &Source<'_>, spec: &Spec) -> Result<Template, FormatError> {
    let name = &spec.file.name;
    let template = Template::parse(name.get_ref()).map_err(|(offset, problem)| {
        let start = name.span().start + 1 + offset;
        source.error(start..start, problem)
    })?;
    if spec.message == Message::Debit && !template.writable() {
        return Err(source.error(name.span(), "`{any}` cannot be written; we make the name of a debit file"));
    }
    Ok(template)
}

fn shape(source: &Source<'_>, spec: &Spec) -> Result<Shape, FormatError> {
    let line_end = &spec.file.line_end;
    let shapes = [
        spec.delimited.as_ref().map(|shape| shape.span()),
        spec.fixed.as_ref().map(|shape| shape.span()),
        spec.xml.as_ref().map(|shape| shape.span()),
        spec.workbook.as_ref().map(|shape| shape.span()),
    ];
    if let Some(second) = shapes.into_iter().flatten().nth(1) {
        return Err(source.error(second, "a file is [delimited], [fixed], [xml] or [workbook]: one of them"));
    }
    if let Some(workbook) = &spec.workbook {
        return load_workbook::shape(source, spec, workbook);
    }
    for (span, word) in [(spec.file.charset.span(), "charset"), (line_end.span(), "line_end")] {
        if span.is_empty() {
            return Err(source.error(spec.file.name.span(), format!("missing field `{word}`: text files need it")));
        }
    }
    if let Some(xml) = &spec.xml {
        return load_xml::shape(source, spec, xml.get_ref());
    }
    if let Some(preamble) = &spec.preamble {
        return Err(source.error(preamble.span(), "[preamble] belongs to [xml] only; other files have [[head]]"));
    }
    let delimited = match (&spec.delimited, &spec.fixed) {
        (None, None) => {
            return Err(source.error(0..0, "say how records are cut: [delimited], [fixed], [xml] or [workbook]"));
        }
        (None, Some(_)) if spec.row.get_ref().titles => {
            return Err(source.error(spec.row.span(), "a title row needs [delimited]; fixed records are cut by width"));
        }
        (None, Some(_)) => return Ok(Shape::Fixed),
        (Some(delimited), _) => delimited.get_ref(),
    };
    if *line_end.get_ref() == LineEnd::None {
        return Err(source.error(line_end.span(), "delimited lines need a line end; write \"lf\" or \"crlf\""));
    }
    let separator = match delimited.separator.get_ref().as_bytes() {
        b"blanks" => Separator::Blanks,
        b"\t" => Separator::Byte(b'\t'),
        [byte] if byte.is_ascii_punctuation() && *byte != b'"' => Separator::Byte(*byte),
        _ => {
            let help = "the separator is one ASCII punctuation character, \"\\t\", or \"blanks\" for runs of spaces";
            return Err(source.error(delimited.separator.span(), help));
        }
    };
    Ok(Shape::Delimited {
        separator,
        quotes: delimited.quotes,
        trailing: delimited.trailing_separator,
        skip: delimited.skip.iter().map(|s| s.get_ref().clone()).collect(),
    })
}

fn judge(source: &Source<'_>, spec: &AnswerSpec, heads: &[Line]) -> Result<Answer, FormatError> {
    let mut codes: Vec<Code> = Vec::with_capacity(spec.codes.len());
    for code in &spec.codes {
        if codes.iter().any(|known| known.code == *code.code.get_ref()) {
            let problem = format!("code `{}` stands twice; one code has one meaning", code.code.get_ref());
            return Err(source.error(code.code.span(), problem));
        }
        let in_success_total = code.in_success_total.unwrap_or(code.category.took_money());
        codes.push(Code {
            code: code.code.get_ref().clone(),
            category: code.category,
            text: code.text.clone(),
            in_success_total,
        });
    }
    for entry in &spec.code_by_columns {
        if !codes.iter().any(|known| known.code == *entry.code.get_ref()) {
            let problem = format!("`{}` is not among `codes`", entry.code.get_ref());
            return Err(source.error(entry.code.span(), problem));
        }
    }
    if let Some(empty) = spec.reasons.iter().find(|reason| reason.contains.get_ref().is_empty()) {
        return Err(source.error(empty.contains.span(), "every text contains an empty one; write the bank's words"));
    }
    codes.sort_by(|a, b| a.code.cmp(&b.code));
    let file_codes = file_codes(source, spec, heads)?;
    Ok(Answer {
        lists: spec.lists,
        partial: spec.partial,
        codes,
        file_codes,
        reasons: spec.reasons.iter().map(|r| (r.contains.get_ref().clone(), r.category)).collect(),
        by_columns: spec.code_by_columns.iter().map(|c| (c.columns, c.code.get_ref().clone())).collect(),
    })
}

/// What the head's code says about the whole file.
fn file_codes(source: &Source<'_>, spec: &AnswerSpec, heads: &[Line]) -> Result<Vec<FileCode>, FormatError> {
    let coded = heads.iter().flat_map(|line| &line.fields).find(|field| field.read_as() == Some(Meaning::Code));
    match (coded, spec.file_codes.first()) {
        (Some(field), None) => {
            let problem =
                format!("`{}` is a code about the whole file; say what it says: write `file_codes`", field.name);
            let at = spec.codes.first().map_or(0..0, |code| code.code.span());
            return Err(source.error(at, problem));
        }
        (None, Some(first)) => {
            return Err(source.error(first.code.span(), "no field of [[head]] means `code`, which these would explain"));
        }
        _ => {}
    }
    let mut codes: Vec<FileCode> = Vec::with_capacity(spec.file_codes.len());
    for code in &spec.file_codes {
        let wrong =
            |problem: &str| source.error(code.code.span(), format!("code `{}`: {problem}", code.code.get_ref()));
        if codes.iter().any(|known| known.code == *code.code.get_ref()) {
            return Err(wrong("it stands twice; one code has one meaning"));
        }
        let refused = code.says == Says::Refused;
        let category = code.category.unwrap_or(Category::Unexplained);
        if code.category.is_some() != refused || category.took_money() || category.is_open() {
            return Err(wrong("a refused file has the `category` of a refusal, others have none"));
        }
        codes.push(FileCode { code: code.code.get_ref().clone(), says: code.says, category, text: code.text.clone() });
    }
    codes.sort_by(|a, b| a.code.cmp(&b.code));
    Ok(codes)
}

fn kinds(source: &Source<'_>, spec: &Spanned<StatementSpec>) -> Result<Vec<(String, MoneyKind)>, FormatError> {
    let mut kinds: Vec<(String, MoneyKind)> = Vec::new();
    for kind in &spec.get_ref().kinds {
        let text = match (&kind.text, &kind.code) {
            (Some(text), None) => text,
            (_, Some(code)) => return Err(source.error(code.span(), "`code` is for MT940; here a kind has its `text`")),
            (None, None) => return Err(source.error(spec.span(), "missing field `text`: every kind has its words")),
        };
        if kinds.iter().any(|(known, _)| known == text.get_ref()) {
            return Err(source.error(text.span(), format!("`{}` stands twice", text.get_ref())));
        }
        kinds.push((text.get_ref().clone(), kind.kind));
    }
    Ok(kinds)
}
