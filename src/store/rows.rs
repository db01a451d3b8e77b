//! Many rows in one statement: a template holds `VALUES {rows …}`, the rows it is run over.
//!
//! `{rows 2: BIGINT TEXT DATE}` means: the template has two parameters of its own, `$1` and `$2`, wherever they stand;
//! each row has three, of these types. SQLite gets `VALUES (?,?,?),(?,?,?)…`; the first row carries casts, so that it
//! knows the types (never for DATE: there `CAST(… AS DATE)` yields a number). PostgreSQL gets one array a column
//! (`UNNEST`): thousands of parameters are thousands of expressions to it, planned anew for each statement.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Most parameters a statement may have (SQLite's limit is 32,766).
const PARAMETERS_MAX: usize = 32_000;
/// More rows than this in one statement bring nothing on SQLite …
const ROWS_MAX: usize = 1_024;
/// … nor more than this on PostgreSQL.
pub const ARRAY_MAX: usize = 8_192;

/// Where the rows stand in a template, and what they are made of.
struct Slot<'a> {
    before: &'a str,
    types: Vec<&'a str>,
    after: &'a str,
}

fn slot(template: &str) -> Option<Slot<'_>> {
    let (before, rest) = template.split_once("VALUES {rows ")?;
    let (spec, after) = rest.split_once('}')?;
    let (_, types) = spec.split_once(':')?;
    Some(Slot { before, types: types.split_whitespace().collect(), after })
}

/// The types of a template's rows.
pub fn types(template: &str) -> Vec<&str> {
    slot(template).map(|slot| slot.types).unwrap_or_default()
}

/// How many rows of this template fit into one statement of SQLite.
pub fn rows_per_statement(template: &str) -> usize {
    slot(template).map_or(1, |slot| (PARAMETERS_MAX / slot.types.len().max(1)).min(ROWS_MAX))
}

/// Cuts rows into pieces, each with its statement for SQLite. A piece is as long as the largest power of two that fits:
/// whatever the number of rows, at most eleven texts per template are ever made, and the database has prepared each.
pub fn pieces<'r, T>(template: &'static str, rows: &'r [T]) -> impl Iterator<Item = (Arc<str>, &'r [T])> {
    let most = rows_per_statement(template);
    let mut rest = rows;
    std::iter::from_fn(move || {
        let length = 1 << rest.len().min(most).checked_ilog2()?;
        let (piece, more) = rest.split_at(length);
        rest = more;
        Some((prepared(template, Some(length)), piece))
    })
}

/// The statement for PostgreSQL, for any number of rows.
pub fn arrayed(template: &'static str) -> Arc<str> {
    prepared(template, None)
}

/// The text for so many rows (`None`: arrays): made once, shared by every page after it.
fn prepared(template: &'static str, rows: Option<usize>) -> Arc<str> {
    type Texts = HashMap<(&'static str, Option<usize>), Arc<str>>;
    static TEXTS: LazyLock<Mutex<Texts>> = LazyLock::new(Mutex::default);
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let text = || statement(rows.is_some(), template, rows.unwrap_or_default()).into();
    texts.entry((template, rows)).or_insert_with(text).clone()
}

/// A template as one statement for so many rows: what SQLite gets, or what PostgreSQL gets.
pub fn statement(sqlite: bool, template: &str, rows: usize) -> String {
    if sqlite { with_values(template, rows) } else { with_arrays(template) }
}

/// `VALUES (?,?),(?,?)`. The parameters are not numbered: to SQLite `$7` is a name, and it searches its list of names
/// for every parameter of every binding, so a thousand rows would take time by the square of their number. The rows'
/// parameters come first, the template's own behind them.
fn with_values(template: &str, rows: usize) -> String {
    let Some(slot) = slot(template) else { return template.to_owned() };
    let parameters = rows * slot.types.len();
    let mut sql = renumbered(slot.before, parameters);
    sql.reserve(template.len() + parameters * 2);
    sql.push_str("VALUES ");
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ",(" });
        for (column, kind) in slot.types.iter().enumerate() {
            sql.push_str(if column > 0 { "," } else { "" });
            match (row, *kind) {
                (0, "BIGINT" | "TEXT") => sql.push_str(&format!("CAST(? AS {kind})")),
                _ => sql.push('?'),
            }
        }
        sql.push(')');
    }
    sql.push_str(&renumbered(slot.after, parameters));
    sql
}

/// `SELECT * FROM UNNEST($1::BIGINT[],$2::TEXT[]) rows (column1,column2)`: the same rows, in the same order.
fn with_arrays(template: &str) -> String {
    let Some(slot) = slot(template) else { return template.to_owned() };
    let columns = slot.types.len();
    let listed = |one: &dyn Fn(usize) -> String| (1..=columns).map(one).collect::<Vec<_>>().join(",");
    let arrays = listed(&|n| format!("${n}::{}[]", slot.types[n - 1]));
    let names = listed(&|n| format!("column{n}"));
    let (before, after) = (renumbered(slot.before, columns), renumbered(slot.after, columns));
    format!("{before}SELECT * FROM UNNEST({arrays}) rows ({names}){after}")
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
        match $tx {
            $crate::db::Tx::Sqlite(t) => {
                for (sql, piece) in $crate::rows::pieces($template, &$rows[..]) {
                    let mut $q = sqlx::query(sqlx::AssertSqlSafe(sql));
                    for $row in piece {
                        $q = $bind;
                    }
                    changed += $q$(.bind($fixed))*.execute(&mut **t).await?.rows_affected();
                }
            }
            $crate::db::Tx::Postgres(t) => {
                for piece in $rows[..].chunks($crate::rows::ARRAY_MAX) {
                    let mut $q = $crate::columns::Columns::of($template);
                    for $row in piece {
                        $q = $bind;
                    }
                    let sql = sqlx::AssertSqlSafe($crate::rows::arrayed($template));
                    let arguments = $q.arguments()?;
                    let query = sqlx::query_with(sql, arguments);
                    changed += query$(.bind($fixed))*.execute(&mut **t).await?.rows_affected();
                }
            }
        }
        changed
    }};
}
pub(crate) use many;

/// Runs a template over a slice of rows like `many!`, and hands back what each statement selects or returns.
macro_rules! many_of {
    ($tx:expr, $kind:ty, $template:expr, [$($fixed:expr),*], $rows:expr, |$q:ident, $row:ident| $bind:expr) => {{
        let mut found: Vec<$kind> = Vec::new();
        match $tx {
            $crate::db::Tx::Sqlite(t) => {
                for (sql, piece) in $crate::rows::pieces($template, &$rows[..]) {
                    let mut $q = sqlx::query_as::<_, $kind>(sqlx::AssertSqlSafe(sql));
                    for $row in piece {
                        $q = $bind;
                    }
                    found.extend($q$(.bind($fixed))*.fetch_all(&mut **t).await?);
                }
            }
            $crate::db::Tx::Postgres(t) => {
                for piece in $rows[..].chunks($crate::rows::ARRAY_MAX) {
                    let mut $q = $crate::columns::Columns::of($template);
                    for $row in piece {
                        $q = $bind;
                    }
                    let sql = sqlx::AssertSqlSafe($crate::rows::arrayed($template));
                    let arguments = $q.arguments()?;
                    let query = sqlx::query_as_with::<_, $kind, _>(sql, arguments);
                    found.extend(query$(.bind($fixed))*.fetch_all(&mut **t).await?);
                }
            }
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
            with_values(template, 2),
            "UPDATE t SET a = v.a, b = $6 FROM (VALUES (CAST(? AS BIGINT),?),(?,?)) v WHERE t.x = $5"
        );
        assert_eq!(
            with_arrays(template),
            "UPDATE t SET a = v.a, b = $4 \
             FROM (SELECT * FROM UNNEST($1::BIGINT[],$2::DATE[]) rows (column1,column2)) v \
             WHERE t.x = $3"
        );
        assert_eq!(rows_per_statement(template), 1_024);
        assert_eq!((with_values("SELECT $1", 3), with_arrays("SELECT $1")), ("SELECT $1".into(), "SELECT $1".into()));
    }

    #[test]
    fn any_number_of_rows_needs_few_texts() {
        let lengths = |template: &'static str, rows: usize| -> Vec<usize> {
            let rows = vec![0_u8; rows];
            pieces(template, &rows).map(|(_, piece)| piece.len()).collect()
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
