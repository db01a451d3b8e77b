//! Runs `night.sql` section by section in the database's own shell, and times each.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};

use super::measure::timed;

const SQL: &str = include_str!("../night.sql");
const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");

/// Where a script runs.
#[derive(Clone, Debug)]
pub enum Shell {
    /// A file of its own.
    Sqlite(String),
    /// An empty database of the same server.
    Postgres(String),
}

/// Seconds per section.
pub fn run(shell: &Shell, due: u64) -> Result<BTreeMap<String, Duration>> {
    let mut sections = BTreeMap::new();
    shell.feed(&migrations()?, due).context("the yardstick's tables")?;
    for section in SQL.split("-- section: ").skip(1) {
        let (name, sql) = section.split_once('\n').context("a section without a name")?;
        let (sql, name) = (shell.spell(sql), name.trim());
        let ((), took) = timed(|| shell.feed(&sql, due).with_context(|| format!("yardstick section {name}")))?;
        if !name.starts_with('-') {
            sections.insert(name.to_owned(), took);
        }
    }
    Ok(sections)
}

fn migrations() -> Result<String> {
    let mut files: Vec<_> = std::fs::read_dir(Path::new(MIGRATIONS))?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::path);
    files.retain(|file| file.path().extension().is_some_and(|ending| ending == "sql"));
    let texts: Result<Vec<String>, _> = files.iter().map(|file| std::fs::read_to_string(file.path())).collect();
    Ok(texts?.join("\n"))
}

impl Shell {
    /// `{instant SECONDS}` becomes what this database stores as an instant.
    fn spell(&self, sql: &str) -> String {
        let mut pieces = sql.split("{instant ");
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (seconds, rest) = piece.split_once('}').unwrap_or((piece, ""));
            out.push_str(&match self {
                Shell::Sqlite(_) => format!("strftime('%Y-%m-%dT%H:%M:%S+00:00', {seconds}, 'unixepoch')"),
                Shell::Postgres(_) => format!("to_timestamp({seconds})"),
            });
            out.push_str(rest);
        }
        out
    }

    /// One transaction.
    fn feed(&self, sql: &str, due: u64) -> Result<()> {
        let (sealed, hash) = ("5a".repeat(85), "a5".repeat(16));
        let mut command = match self {
            Shell::Sqlite(file) => {
                let mut command = Command::new("sqlite3");
                command.args([
                    "-bail",
                    "-batch",
                    "-cmd",
                    "PRAGMA journal_mode = WAL",
                    "-cmd",
                    "PRAGMA synchronous = FULL",
                ]);
                command.args(["-cmd", "PRAGMA cache_size = -65536", "-cmd", "PRAGMA foreign_keys = ON"]);
                command.args(["-cmd", ".parameter init", "-cmd", &format!(".parameter set :due {due}")]);
                command.args(["-cmd", &format!(".parameter set :sealed x'{sealed}'")]);
                command.args(["-cmd", &format!(".parameter set :hash x'{hash}'"), file]);
                command
            }
            Shell::Postgres(url) => {
                let mut command = Command::new("psql");
                command.args(["-q", "-v", "ON_ERROR_STOP=1", "-v", &format!("due={due}")]);
                command.args([
                    "-v",
                    &format!("sealed='\\x{sealed}'::bytea"),
                    "-v",
                    &format!("hash='\\x{hash}'::bytea"),
                ]);
                command.args([url]);
                command
            }
        };
        let mut shell = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().context("the database's shell")?;
        let Some(mut input) = shell.stdin.take() else { bail!("the shell takes no input") };
        write!(input, "BEGIN;\n{sql}\nCOMMIT;\n")?;
        drop(input);
        let ended = shell.wait()?;
        ensure!(ended.success(), "the shell ended with {ended}");
        Ok(())
    }
}
