//! Which field of the new file is made from what, decided before anything is written: what cannot be carried over is
//! named, all of it at once.

use std::collections::{BTreeMap, BTreeSet};

use yichong_core::formats::{Format, Meaning as M, Section};

use super::super::layout::Layout;
use super::target::{Field, Target};
use crate::jobs::JobError;

/// A record of the old file: its values by meaning.
pub type Values = BTreeMap<M, String>;

/// The values of a row, as every format would write them; empty ones are left out.
pub fn values(layout: &Layout, section: &Section<'_>) -> Values {
    let cells = section.cells.iter().filter(|cell| !cell.text.is_empty());
    cells.filter_map(|cell| Some((layout.means(cell.name)?, layout.value(cell.name, cell.text)))).collect()
}

/// Finds the value for a meaning: what was asked is the amount, and the other way round.
pub fn value(values: &Values, means: M) -> Option<&str> {
    let other = match means {
        M::Asked => Some(M::Amount),
        M::Amount => Some(M::Asked),
        _ => None,
    };
    values.get(&means).or_else(|| values.get(&other?)).map(String::as_str)
}

/// Facts of a file and numbers of rows: made anew, never carried.
pub const fn made(means: M) -> bool {
    matches!(means, M::Line | M::Seq | M::FileDate | M::BusinessDate | M::MadeAt | M::SentAt)
}

/// What happens to each field.
#[derive(Debug, Default, serde::Serialize)]
pub struct Plan {
    /// Meanings that go over.
    pub carried: Vec<&'static str>,
    /// Meanings the old file has and the new one cannot hold, left out because the caller says so.
    pub left_out: Vec<&'static str>,
    /// Fields of the new file that stay empty.
    pub empty: Vec<String>,
}

/// Decides; `present` are the meanings with a value in some row of the old file.
pub fn plan(
    format: &Format,
    target: &Target,
    present: &BTreeSet<M>,
    leave_out: &[String],
    params: &BTreeMap<String, String>,
    dated: bool,
) -> Result<Plan, JobError> {
    let mut plan = Plan::default();
    let mut wrong: Vec<String> = Vec::new();
    let has = |means: M| present.contains(&means) || alike(means).is_some_and(|other| present.contains(&other));
    let takes = |means: M| {
        let own = |field: &Field| field.means.is_some_and(|own| own == means || alike(own) == Some(means));
        target.row.fields.iter().any(own)
    };
    for means in present.iter().copied().filter(|means| !made(*means)) {
        let word = means.word();
        match () {
            () if takes(means) => plan.carried.push(word),
            () if leave_out.iter().any(|left| left == word) => plan.left_out.push(word),
            () => wrong.push(format!("`{word}` has no field there (--leave-out {word} gives it up)")),
        }
    }
    let lines = target.head.iter().chain([&target.row]).chain(&target.tail);
    for field in lines.flat_map(|line| &line.fields) {
        if let (Some(param), None) = (&field.param, &field.default)
            && !params.contains_key(param)
        {
            wrong.push(format!("field `{}` needs --param {param}=…", field.name));
        }
    }
    let needed = format.needed();
    for field in &target.row.fields {
        let Field { name, .. } = field;
        match field.means {
            Some(means) if made(means) && means != M::Line && means != M::Seq && !dated => {
                wrong.push(format!("field `{name}` is a date of the file; say --file-date"));
            }
            Some(means) if made(means) || has(means) => {}
            Some(means) if needed.contains(&name.as_str()) => {
                wrong.push(format!("field `{name}` needs `{}`, which no row has", means.word()));
            }
            _ if field.template.is_some() => wrong.push(format!("field `{name}` is put together when debits are sent")),
            Some(_) => plan.empty.push(name.clone()),
            None => {}
        }
    }
    if wrong.is_empty() {
        return Ok(plan);
    }
    Err(JobError::input(format!("the records do not fit into {}: {}", format.name(), wrong.join("; "))))
}

const fn alike(means: M) -> Option<M> {
    match means {
        M::Asked => Some(M::Amount),
        M::Amount => Some(M::Asked),
        _ => None,
    }
}
