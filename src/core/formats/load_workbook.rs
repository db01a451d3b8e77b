//! The loader's part for workbooks: what `[workbook]` may say, and what a sheet cannot be.

use std::sync::Arc;

use toml::Spanned;

use super::fault::{FormatError, Source};
use super::format::{Shape, WorkbookShape};
use super::meaning::Message;
use super::spec::{Spec, WorkbookSpec};
use super::words::{Formulas, HiddenRows};
use crate::workbook::Choice;

pub(super) fn shape(source: &Source<'_>, spec: &Spec, workbook: &Spanned<WorkbookSpec>) -> Result<Shape, FormatError> {
    let refuse = |span, problem: &str| Err(source.error(span, problem));
    if spec.delimited.is_some() || spec.fixed.is_some() || spec.xml.is_some() {
        return refuse(workbook.span(), "a file is [delimited], [fixed], [xml] or [workbook]: one of them");
    }
    if spec.message == Message::Debit {
        return refuse(workbook.span(), "workbooks are only read; debits are written as text files");
    }
    if !spec.row.get_ref().titles {
        return refuse(spec.row.span(), "the columns of a sheet are found by their titles; write `titles = true`");
    }
    if let Some(refusal) = &spec.refusal {
        return refuse(refusal.span(), "a workbook lists rows; it has no [refusal]");
    }
    for tail in &spec.tail {
        if tail.get_ref().fields.first().is_none_or(|field| field.value.as_deref().unwrap_or_default().is_empty()) {
            return refuse(tail.span(), "a last line of a sheet is known by its first cell; give that field a `value`");
        }
    }
    let said = workbook.get_ref();
    if let Some(row) = said.title_row.as_ref().filter(|row| *row.get_ref() == 0) {
        return refuse(row.span(), "rows of a sheet are counted from 1");
    }
    let sheet = match said.sheet.as_ref().map(|sheet| (sheet.get_ref().as_str(), sheet.span())) {
        None | Some(("first", _)) => Choice::First,
        Some(("", span)) => return refuse(span, "a sheet has a name; write it, or \"first\""),
        Some((name, _)) => Choice::Named(name.to_owned()),
    };
    Ok(Shape::Workbook(Arc::new(WorkbookShape {
        sheet,
        title_row: said.title_row.as_ref().map(|row| *row.get_ref()),
        skip: said.skip.clone(),
        cached: said.formulas == Formulas::Cached,
        hidden: said.hidden == HiddenRows::Read,
    })))
}
