//! Many rows in one statement: a template holds `{rows …}`, which becomes as many `($1,$2,…)` as there are rows.
//!
//! `{rows 2: BIGINT TEXT DATE}` means: two parameters stand before the rows, each row has three, of these types. The
//! first row
//! carries casts (both databases then know the types of `VALUES`), never for DATE: on SQLite `CAST(… AS DATE)`
//! yields a number.

/// Most parameters a statement may have (SQLite's limit is 32,766).
const PARAMETERS_MAX: usize = 32_000;
/// More rows than this in one statement bring nothing.
const ROWS_MAX: usize = 1_000;

/// Where the rows stand in a template, and what they are made of.
struct Slot<'a> {
    before: &'a str,
    first: usize,
    types: Vec<&'a str>,
    after: &'a str,
}

fn slot(template: &str) -> Option<Slot<'_>> {
    let (before, rest) = template.split_once("{rows ")?;
    let (spec, after) = rest.split_once('}')?;
    let (first, types) = spec.split_once(':')?;
    Some(Slot { before, first: first.trim().parse().ok()?, types: types.split_whitespace().collect(), after })
}

/// How many rows of this template fit into one statement.
pub fn rows_per_statement(template: &str) -> usize {
    slot(template).map_or(1, |slot| (PARAMETERS_MAX / slot.types.len().max(1)).min(ROWS_MAX))
}

/// The statement for this many rows.
pub fn statement(template: &str, rows: usize) -> String {
    let Some(slot) = slot(template) else { return template.to_owned() };
    let mut sql = String::with_capacity(template.len() + rows * slot.types.len() * 7);
    sql.push_str(slot.before);
    let mut parameter = slot.first;
    for row in 0..rows {
        sql.push_str(if row == 0 { "(" } else { ",(" });
        for (column, kind) in slot.types.iter().enumerate() {
            parameter += 1;
            if column > 0 {
                sql.push(',');
            }
            if row == 0 && matches!(*kind, "BIGINT" | "TEXT") {
                sql.push_str(&format!("CAST(${parameter} AS {kind})"));
            } else {
                sql.push('$');
                sql.push_str(itoa(parameter, &mut [0; 20]));
            }
        }
        sql.push(')');
    }
    sql.push_str(slot.after);
    sql
}

/// Decimal digits without an allocation; a page has tens of thousands of parameters.
fn itoa(mut number: usize, buffer: &mut [u8; 20]) -> &str {
    let mut at = buffer.len();
    loop {
        at -= 1;
        buffer[at] = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
        if number == 0 {
            return std::str::from_utf8(&buffer[at..]).unwrap_or("0");
        }
    }
}

/// Runs a template over a slice of rows, as many per statement as fit. `$bind` is a closure-like body that binds one
/// row.
macro_rules! many {
    ($tx:expr, $template:expr, [$($fixed:expr),*], $rows:expr, |$q:ident, $row:ident| $bind:expr) => {{
        let mut changed = 0_u64;
        let per = $crate::store::rows::rows_per_statement($template);
        for chunk in $rows.chunks(per) {
            let sql = $crate::store::rows::statement($template, chunk.len());
            changed += $crate::store::db::on!($tx, |c| {
                let mut $q = sqlx::query(sqlx::AssertSqlSafe(sql))$(.bind($fixed))*;
                for $row in chunk {
                    $q = $bind;
                }
                $q.execute(c).await?.rows_affected()
            });
        }
        changed
    }};
}
pub(crate) use many;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_grows_by_rows() {
        let template = "UPDATE t SET a = v.a FROM (VALUES {rows 1: BIGINT DATE}) v WHERE t.x = $1";
        assert_eq!(
            statement(template, 2),
            "UPDATE t SET a = v.a FROM (VALUES (CAST($2 AS BIGINT),$3),($4,$5)) v WHERE t.x = $1"
        );
        assert_eq!(rows_per_statement(template), 1_000);
        assert_eq!(statement("SELECT 1", 3), "SELECT 1");
    }
}
