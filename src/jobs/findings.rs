//! Invariants that do not hold, as people read them: what `verify` and the closing both ask of the database.

use std::collections::BTreeMap;

use serde::Serialize;

use super::app::App;
use super::error::JobError;
use yichong_store::invariants::{self, Broken, INVARIANTS, MOST, Span};

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its number.
    pub number: u8,
    /// What people read.
    pub zh: &'static str,
    /// The same in English.
    pub en: &'static str,
    /// The offending rows in words, some of them.
    pub rows: Vec<String>,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "I{} {} ({})", self.number, self.zh, self.en)?;
        self.rows.iter().try_for_each(|row| write!(out, "\n  {row}"))
    }
}

/// The statements alone: what is asked once more just before a day closes.
pub(super) async fn database(app: &App, span: Span, recent: Span) -> Result<(i64, Vec<Broken>), JobError> {
    let mut tx = app.db.read().await?;
    Ok(invariants::check(&mut tx, span, recent).await?)
}

/// One finding per invariant.
pub(super) fn findings(broken: Vec<Broken>) -> Vec<Finding> {
    let mut rows: BTreeMap<u8, Vec<String>> = BTreeMap::new();
    for one in broken.into_iter().filter(|one| !one.rows.is_empty()) {
        rows.entry(one.number).or_default().extend(one.rows);
    }
    let listed = INVARIANTS.iter().filter_map(|known| rows.remove(&known.number).map(|rows| (known, rows)));
    listed
        .map(|(known, mut rows)| {
            rows.truncate(MOST);
            Finding { number: known.number, zh: known.zh, en: known.en, rows }
        })
        .collect()
}
