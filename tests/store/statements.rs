//! Every statement of the store is parsed by both databases, and none is made anywhere else than in a constant.

use std::path::Path;

use yichong::store::db::Db;
use yichong::store::rows::statement;

use super::source;
use crate::support::on_both;

on_both!(every_statement_is_understood);

/// Fewer than this and the test has lost sight of them. Raise it when the store has grown well beyond.
const AT_LEAST: usize = 220;

fn store() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store")
}

async fn every_statement_is_understood(db: &Db) {
    let statements = source::statements(&store());
    let mut wrong = Vec::new();
    let sqlite = db.engine() == "sqlite";
    for found in &statements {
        // One row carries the casts, the second does not: two show both.
        let text = statement(sqlite, &found.sql, 2);
        if let Err(error) = db.prepare(text.clone()).await {
            wrong.push(format!("src/store/{} {}: {error}\n{text}", found.at, found.name));
        }
    }
    assert!(wrong.is_empty(), "{} of {} on {}:\n{}", wrong.len(), statements.len(), db.engine(), wrong.join("\n\n"));
    assert!(statements.len() >= AT_LEAST, "{} statements found, {AT_LEAST} is the least", statements.len());
}

#[test]
fn every_statement_is_a_constant() {
    let mut wrong = Vec::new();
    for path in source::files(&store()) {
        let text = source::program(&path);
        wrong
            .extend(made_elsewhere(&text).into_iter().map(|(line, what)| format!("{}:{line}: {what}", path.display())));
    }
    assert!(
        wrong.is_empty(),
        "name the SQL with a `const`, so that it is prepared on both databases:\n{}",
        wrong.join("\n")
    );
}

/// Calls of `sqlx::query…` whose text is neither a constant nor a template's `AssertSqlSafe(sql)`.
fn made_elsewhere(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (place, _) in text.match_indices("sqlx::query") {
        let call = &text[place..];
        let (Some(open), Some(close)) = (call.find('('), call.find(')')) else { continue };
        let argument = call[open + 1..close].trim();
        let constant = !argument.is_empty() && argument.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        // `for (sql, …) in [A, B]` takes its text from constants too.
        let template = ["sqlx::AssertSqlSafe(sql", "AssertSqlSafe(sql", "sql", "sql, arguments"].contains(&argument);
        // What only one database can be asked stands in db.rs.
        let version = argument == "\"SELECT sqlite_version(";
        if !(constant || template || version) {
            found.push((text[..place].matches('\n').count() + 1, argument.to_owned()));
        }
    }
    found
}

#[test]
fn a_statement_made_on_the_way_is_seen() {
    assert_eq!(made_elsewhere("sqlx::query(SQL)\nsqlx::query_as::<_, $kind>(sqlx::AssertSqlSafe(sql))"), []);
    assert_eq!(made_elsewhere("\nsqlx::query(\"DELETE FROM t\")").len(), 1);
    assert_eq!(made_elsewhere("sqlx::query(&format!(\"{x}\"))").len(), 1);
}
