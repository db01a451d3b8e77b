//! Many rows in one statement: a template holds `{rows …}`, which becomes `(…),(…)`, once per row.
//!
//! `{rows 2: BIGINT TEXT DATE}` means: the template has two parameters of its own, `$1` and `$2`, wherever they stand;
//! each row has three, of these types. The first row carries casts (both databases then know the types of `VALUES`),
//! never for DATE: on SQLite `CAST(… AS DATE)` yields a number.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Most parameters a statement may have (SQLite's limit is 32,766).
const PARAMETERS_MAX: usize = 32_000;
/// More rows than this in one statement bring nothing.
const ROWS_MAX: usize = 1_024;

/// Where the rows stand in a template, and what they are made of.
struct Slot<'a> {
    before: &'a str,
    types: Vec<&'a str>,
    after: &'a str,
}

fn slot(template: &str) -> Option<Slot<'_>> {
    let (before, rest) = template.split_once("{rows ")?;
    let (spec, after) = rest.split_once('}')?;
    let (_, types) = spec.split_once(':')?;
    Some(Slot { before, types: types.split_whitespace().collect(), after })
}

/// How many rows of this template fit into one statement.
pub fn rows_per_statement(template: &str) -> usize {
    slot(template).map_or(1, |slot| (PARAMETERS_MAX / slot.types.len().max(1)).min(ROWS_MAX))
}

/// Cuts rows into pieces, each with its statement. A piece is as long as the largest power of two that fits: whatever
/// the number of rows, at most eleven texts per template are ever made, and the database has prepared each of them.
pub fn pieces<'r, T>(
    spelling: Spelling,
    template: &'static str,
    rows: &'r [T],
) -> impl Iterator<Item = (Arc<str>, &'r [T])> {
    let most = rows_per_statement(template);
    let mut rest = rows;
    std::iter::from_fn(move || {
        let length = 1 << rest.len().min(most).checked_ilog2()?;
        let (piece, more) = rest.split_at(length);
        rest = more;
        Some((prepared(spelling, template, length), piece))
    })
}

/// The text for so many rows: made once, shared by every page after it.
fn prepared(spelling: Spelling, template: &'static str, rows: usize) -> Arc<str> {
    type Texts = HashMap<(Spelling, &'static str, usize), Arc<str>>;
    static TEXTS: LazyLock<Mutex<Texts>> = LazyLock::new(Mutex::default);
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let text = || statement(spelling, template, rows).into();
    texts.entry((spelling, template, rows)).or_insert_with(text).clone()
}

/// How a database likes the parameters of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Spelling {
    /// `$1`, `$2` …: PostgreSQL.
    Numbered,
    /// `?`: SQLite. To it `$7` is a name, and it searches its list of names for every parameter of every binding: a
    /// thousand rows would take time by the square of their parameters.
    Unnamed,
}

/// The statement for this many rows. The rows' parameters come first, the template's own behind them.
pub fn statement(spelling: Spelling, template: &str, rows: usize) -> String {
    let Some(slot) = slot(template) else { return template.to_owned() };
    let parameters = rows * slot.types.len();
    let mut sql = renumbered(slot.before, parameters);
    sql.reserve(template.len() + parameters * 7);
    let mut parameter = 0;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ",(" });
        for (column, kind) in slot.types.iter().enumerate() {
            parameter += 1;
            if column > 0 {
                sql.push(',');
            }
            let cast = row == 0 && matches!(*kind, "BIGINT" | "TEXT");
            sql.push_str(if cast { "CAST(" } else { "" });
            match spelling {
                Spelling::Unnamed => sql.push('?'),
                Spelling::Numbered => sql.push_str(&format!("${parameter}")),
            }
            if cast {
                sql.push_str(&format!(" AS {kind})"));
            }
        }
        sql.push(')');
    }
    sql.push_str(&renumbered(slot.after, parameters));
    sql
}

/// `$1` → `$(1 + by)`.
fn renumbered(sql: &str, by: usize) -> String {
    let mut parts = sql.split('$');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: usize = part[..digits].parse().unwrap_or(0);
        out.push_str(&format!("${}{}", number + by, &part[digits..]));
    }
    out
}

/// Rows by what they share: what all rows of a statement have in common is one parameter, not one a row.
pub fn grouped<'r, K: Ord, T>(rows: &'r [T], shared: impl Fn(&'r T) -> K) -> BTreeMap<K, Vec<&'r T>> {
    let mut groups: BTreeMap<K, Vec<&'r T>> = BTreeMap::new();
    for row in rows {
        groups.entry(shared(row)).or_default().push(row);
    }
    groups
}

/// Runs a template over a slice of rows, as many per statement as fit. `$bind` is a closure-like body that binds one
/// row.
macro_rules! many {
    ($tx:expr, $template:expr, [$($fixed:expr),*], $rows:expr, |$q:ident, $row:ident| $bind:expr) => {{
        let mut changed = 0_u64;
        for (sql, piece) in $crate::store::rows::pieces($tx.spelling(), $template, &$rows[..]) {
            changed += $crate::store::db::on!($tx, |c| {
                let mut $q = sqlx::query(sqlx::AssertSqlSafe(sql));
                for $row in piece {
                    $q = $bind;
                }
                $q$(.bind($fixed))*.execute(c).await?.rows_affected()
            });
        }
        changed
    }};
}
pub(crate) use many;

/// Runs a template over a slice of rows like `many!`, and hands back what each statement selects or returns.
macro_rules! many_of {
    ($tx:expr, $kind:ty, $template:expr, [$($fixed:expr),*], $rows:expr, |$q:ident, $row:ident| $bind:expr) => {{
        let mut found = Vec::new();
        for (sql, piece) in $crate::store::rows::pieces($tx.spelling(), $template, &$rows[..]) {
            found.extend($crate::store::db::on!($tx, |c| {
                let mut $q = sqlx::query_as::<_, $kind>(sqlx::AssertSqlSafe(sql));
                for $row in piece {
                    $q = $bind;
                }
                $q$(.bind($fixed))*.fetch_all(c).await?
            }));
        }
        found
    }};
}
pub(crate) use many_of;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_grows_by_rows() {
        let template = "UPDATE t SET a = v.a, b = $2 FROM (VALUES {rows 2: BIGINT DATE}) v WHERE t.x = $1";
        assert_eq!(
            statement(Spelling::Numbered, template, 2),
            "UPDATE t SET a = v.a, b = $6 FROM (VALUES (CAST($1 AS BIGINT),$2),($3,$4)) v WHERE t.x = $5"
        );
        assert_eq!(
            statement(Spelling::Unnamed, template, 2),
            "UPDATE t SET a = v.a, b = $6 FROM (VALUES (CAST(? AS BIGINT),?),(?,?)) v WHERE t.x = $5"
        );
        assert_eq!(rows_per_statement(template), 1_024);
        assert_eq!(statement(Spelling::Unnamed, "SELECT $1", 3), "SELECT $1");
    }

    #[test]
    fn any_number_of_rows_needs_few_texts() {
        let lengths = |template: &'static str, rows: usize| -> Vec<usize> {
            let rows = vec![0_u8; rows];
            pieces(Spelling::Unnamed, template, &rows).map(|(_, piece)| piece.len()).collect()
        };
        let narrow = "INSERT INTO t (a) VALUES {rows 0: BIGINT}";
        assert!(lengths(narrow, 0).is_empty());
        assert_eq!(lengths(narrow, 3_600), [1_024, 1_024, 1_024, 512, 16]);
        assert_eq!(lengths(narrow, 4_096), [1_024; 4]);
        // 40 columns: 800 rows fit.
        let wide = "VALUES {rows 0: A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A A}";
        assert_eq!(lengths(wide, 900), [512, 256, 128, 4]);
    }
}
