//! The invariants (design §7) as statements: each returns the rows that offend. `yichong verify` and the nightly
//! close run them.

mod control;
mod files;
mod list;
mod money;

use chrono::NaiveDate;

use super::db::{Result, Tx, on};
pub use list::{INVARIANTS, Invariant, Kept};

/// At most so many offending rows are named per statement.
pub const MOST: usize = 20;

/// First and last date, both included, of what is looked at where a check is about dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First.
    pub from: NaiveDate,
    /// Last.
    pub to: NaiveDate,
}

impl Span {
    /// Everything.
    pub fn all() -> Span {
        let first_of = |year| NaiveDate::from_ymd_opt(year, 1, 1).unwrap_or_default();
        Span { from: first_of(1970), to: first_of(9999) }
    }
}

/// A statement that finds what offends an invariant, one text per row.
struct Check {
    number: u8,
    sql: &'static str,
}

/// What offends an invariant; without rows nothing does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub number: u8,
    /// Offending rows in words, at most [`MOST`].
    pub rows: Vec<String>,
}

/// Runs every statement; says how many there were, and what offends. Texts are searched for cards in `recent` only.
pub async fn check(tx: &mut Tx, span: Span, recent: Span) -> Result<(i64, Vec<Broken>)> {
    let mut found = Vec::new();
    for check in money::DATED.iter().chain(files::DATED) {
        let sql = check.sql;
        let rows: Vec<(String,)> = on!(tx, |c| sqlx::query_as(sql).bind(span.from).bind(span.to).fetch_all(c).await)?;
        found.push(Broken { number: check.number, rows: rows.into_iter().map(|(row,)| row).collect() });
    }
    for check in money::WHOLE.iter().chain(files::WHOLE).chain(control::WHOLE) {
        let sql = check.sql;
        let rows: Vec<(String,)> = on!(tx, |c| sqlx::query_as(sql).fetch_all(c).await)?;
        found.push(Broken { number: check.number, rows: rows.into_iter().map(|(row,)| row).collect() });
    }
    found.push(control::postings(tx).await?);
    found.push(control::words(tx).await?);
    found.push(control::numbers(tx, span).await?);
    found.push(control::canary(tx, recent).await?);
    let checked = i64::try_from(found.len()).unwrap_or(i64::MAX);
    found.retain(|broken| !broken.rows.is_empty());
    found.sort_by_key(|broken| broken.number);
    Ok((checked, found))
}

/// Files whose archived copies are compared: name in the archive, name people know, hash, and which invariant.
pub async fn archived(tx: &mut Tx, span: Span) -> Result<Vec<Archived>> {
    const SQL: &str = "SELECT bank, CAST(batch_id AS TEXT) AS tail, file_name, sha256, 13 AS number FROM batch
        WHERE business_date >= $1 AND business_date <= $2 AND state <> 'void'
        UNION ALL SELECT bank, sha256, file_name, sha256, 17 FROM file_in
        WHERE business_date >= $1 AND business_date <= $2
        UNION ALL SELECT door, CASE WHEN door LIKE 'agreements-%' THEN CAST(file_date AS TEXT) || '/' ELSE '' END
        || file_name, file_name, sha256, 19 FROM file_out
        WHERE file_date >= $1 AND file_date <= $2 AND sha256 IS NOT NULL ORDER BY 5, 1, 2";
    Ok(on!(tx, |c| sqlx::query_as(SQL).bind(span.from).bind(span.to).fetch_all(c).await)?)
}

/// A file whose copy the archive keeps.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Archived {
    /// Bank's code, or the other door's name.
    pub bank: String,
    /// The last part of its name in the archive.
    pub tail: String,
    /// The name people know.
    pub file_name: String,
    /// Of its bytes.
    pub sha256: String,
    /// 13: ours to a bank; 17: a bank's; 19: ours to meters and gateways.
    pub number: i32,
}

impl Archived {
    /// Its name in the archive, as `BatchRow`, `FileRow` and `FileOut` make it.
    pub fn archive_name(&self) -> String {
        format!("{}/{}/{}", if self.number == 17 { "in" } else { "out" }, self.bank, self.tail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_invariant_is_listed_once_and_those_with_statements_say_so() {
        let numbers: Vec<u8> = INVARIANTS.iter().map(|one| one.number).collect();
        assert_eq!(numbers, (1..=31).collect::<Vec<u8>>());
        let lists = [money::DATED, money::WHOLE, files::DATED, files::WHOLE, control::WHOLE];
        for check in lists.into_iter().flatten() {
            assert_eq!(INVARIANTS[usize::from(check.number) - 1].kept, Kept::Checked, "{}", check.number);
        }
    }
}
