//! What must hold when the night is over, whatever it took: durability as configured, no clear card in the
//! database's bytes.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use sqlx::Connection as _;
use yichong::store::db::Db;

/// SQLite syncs every commit to the disk; PostgreSQL too, unless somebody turned it off.
pub async fn durable(db: &Db) -> Result<()> {
    match db {
        Db::Sqlite { writer, .. } => {
            let (synchronous,): (i64,) = sqlx::query_as("PRAGMA synchronous").fetch_one(writer).await?;
            ensure!(synchronous == 2, "PRAGMA synchronous is {synchronous}, it must be 2 (FULL)");
        }
        Db::Postgres(pool) => {
            for name in ["fsync", "synchronous_commit", "full_page_writes"] {
                let sql = "SELECT current_setting($1)";
                let (value,): (String,) = sqlx::query_as(sql).bind(name).fetch_one(pool).await?;
                ensure!(value == "on", "PostgreSQL's {name} is {value}, it must be on");
            }
        }
    }
    Ok(())
}

/// Where a PostgreSQL database keeps its tables and its log; readable on a throwaway server of this machine only.
pub async fn postgres_files(url: &str) -> Result<Vec<PathBuf>> {
    let mut one = sqlx::PgConnection::connect(url).await?;
    sqlx::query("CHECKPOINT").execute(&mut one).await?;
    let sql = "SELECT current_setting('data_directory'), CAST(oid AS BIGINT) FROM pg_database WHERE datname =
        current_database()";
    let (data, oid): (String, i64) = sqlx::query_as(sql).fetch_one(&mut one).await?;
    one.close().await?;
    let mut files = Vec::new();
    for folder in [format!("{data}/base/{oid}"), format!("{data}/pg_wal")] {
        let items =
            fs::read_dir(&folder).with_context(|| format!("{folder}: the database's files cannot be searched"))?;
        let paths = items.filter_map(|item| Some(item.ok()?.path()));
        files.extend(paths.filter(|path| path.is_file()));
    }
    Ok(files)
}

/// The database and its write-ahead log.
pub fn sqlite_files(file: &Path) -> Vec<PathBuf> {
    ["", "-wal"]
        .iter()
        .map(|ending| PathBuf::from(format!("{}{ending}", file.display())))
        .filter(|path| path.exists())
        .collect()
}

/// No file holds these bytes. Says how many bytes were searched.
pub fn absent(files: &[PathBuf], needle: &str) -> Result<u64> {
    let mut searched = 0;
    for path in files {
        let mut file = File::open(path)?;
        let (mut block, mut kept) = (vec![0_u8; 1 << 20], 0);
        loop {
            let read = file.read(&mut block[kept..])?;
            if read == 0 {
                break;
            }
            let held = &block[..kept + read];
            let found = held.windows(needle.len()).any(|window| window == needle.as_bytes());
            ensure!(!found, "{}: a card number stands there in clear", path.display());
            // What could be the beginning of a match across the border is looked at again.
            let tail = held.len().min(needle.len() - 1);
            block.copy_within(kept + read - tail..kept + read, 0);
            (searched, kept) = (searched + read as u64, tail);
        }
    }
    ensure!(searched > 0, "there was nothing to search");
    Ok(searched)
}
