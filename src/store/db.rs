//! Two databases, one text: [`Db`] opens either, [`Tx`] is a transaction on either, `on!` runs one body on either.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Postgres, Sqlite, Transaction};

/// The one migrations folder of both databases.
static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// Libraries older than this can corrupt a database under two writers (the WAL-reset bug, fixed in 3.51.3).
const SQLITE_OLDEST: &str = "3.51.3";

/// Of the one connection that writes: 48 MiB, for the upper parts of the indexes of a million debits.
const WRITER_CACHE: &str = "-49152";
/// Of each connection that only reads: 12 MiB; there may be four.
const READER_CACHE: &str = "-12288";
/// The log is copied into the database from 64 MiB on: a night writes the same pages of its indexes again and again,
/// and they are copied once.
const CHECKPOINT_PAGES: &str = "16384";

/// What can go wrong between us and the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database said no.
    #[error("database: {0}")]
    Sql(#[from] sqlx::Error),
    /// The migrations do not fit the database.
    #[error("database schema: {0}; this program and this database do not belong together")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row contradicts itself.
    #[error("table {table}, row {row}: {problem}; run `yichong verify`")]
    Corrupt {
        /// Which table.
        table: &'static str,
        /// Which row.
        row: String,
        /// What is wrong.
        problem: String,
    },
    /// A guarded change hit another number of rows than it should: somebody was faster, or the books are wrong.
    #[error(
        "{what}: {expected} rows should have changed, {found} did, somebody was faster; nothing was kept of the page: \
         run it again, and `yichong verify` if it stays so"
    )]
    Guard {
        /// Which change.
        what: &'static str,
        /// By the caller.
        expected: u64,
        /// By the database.
        found: u64,
    },
    /// Another runner took the run over.
    #[error("the run of {job} for {date} was taken over by another process; this one stops")]
    Fenced {
        /// Which job.
        job: String,
        /// Which date.
        date: String,
    },
    /// The environment is not fit.
    #[error("{0}")]
    Unfit(String),
}

/// A result of the store.
pub type Result<T> = std::result::Result<T, StoreError>;

/// An open database.
#[derive(Clone, Debug)]
pub enum Db {
    /// Embedded: one writer, many readers.
    Sqlite {
        /// One connection; its transactions begin IMMEDIATE.
        writer: SqlitePool,
        /// Read only.
        readers: SqlitePool,
    },
    /// A server.
    Postgres(PgPool),
}

/// A transaction on either database. Dropped without [`Tx::commit`] it changes nothing.
#[derive(Debug)]
pub enum Tx {
    /// Embedded.
    Sqlite(Transaction<'static, Sqlite>),
    /// A server.
    Postgres(Transaction<'static, Postgres>),
}

/// Runs one expression on whichever database the transaction is of.
macro_rules! on {
    ($tx:expr, |$c:ident| $body:expr) => {
        match $tx {
            $crate::db::Tx::Sqlite(t) => {
                let $c = &mut **t;
                $body
            }
            $crate::db::Tx::Postgres(t) => {
                let $c = &mut **t;
                $body
            }
        }
    };
}
pub(crate) use on;

impl Db {
    /// Opens `sqlite:FILE` or `postgres://…`, checks that it is fit, and brings the schema up to date.
    pub async fn open(url: &str) -> Result<Db> {
        let db = if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            Db::open_postgres(url).await?
        } else {
            Db::open_sqlite(Path::new(url.strip_prefix("sqlite:").unwrap_or(url))).await?
        };
        match &db {
            Db::Sqlite { writer, .. } => MIGRATIONS.run(writer).await?,
            Db::Postgres(pool) => MIGRATIONS.run(pool).await?,
        }
        Ok(db)
    }

    async fn open_sqlite(file: &Path) -> Result<Db> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(60))
            .foreign_keys(true)
            .pragma("cache_size", WRITER_CACHE)
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .pragma("temp_store", "FILE")
            .row_buffer_size(1_024)
            .statement_cache_capacity(200);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .acquire_timeout(Duration::from_secs(300))
            .connect_with(options.clone())
            .await?;
        let (version,): (String,) = sqlx::query_as("SELECT sqlite_version()").fetch_one(&writer).await?;
        if numbers(&version) < numbers(SQLITE_OLDEST) {
            return Err(StoreError::Unfit(format!(
                "SQLite {version} can lose data under two writers; this program needs {SQLITE_OLDEST} or newer"
            )));
        }
        restrict(file)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .test_before_acquire(false)
            .connect_lazy_with(options.pragma("cache_size", READER_CACHE).read_only(true).create_if_missing(false));
        Ok(Db::Sqlite { writer, readers })
    }

    async fn open_postgres(url: &str) -> Result<Db> {
        let options = PgConnectOptions::from_str(url)?
            .options([("idle_in_transaction_session_timeout", "600000"), ("timezone", "UTC")])
            .statement_cache_capacity(200);
        let pool = PgPoolOptions::new().max_connections(8).test_before_acquire(true).connect_with(options).await?;
        Ok(Db::Postgres(pool))
    }

    /// Begins a transaction that writes.
    pub async fn write(&self) -> Result<Tx> {
        match self {
            Db::Sqlite { writer, .. } => Ok(Tx::Sqlite(writer.begin_with("BEGIN IMMEDIATE").await?)),
            Db::Postgres(pool) => begin_postgres(pool, "BEGIN").await,
        }
    }

    /// Begins a transaction that only reads, on one snapshot.
    pub async fn read(&self) -> Result<Tx> {
        match self {
            Db::Sqlite { readers, .. } => Ok(Tx::Sqlite(readers.begin().await?)),
            Db::Postgres(pool) => begin_postgres(pool, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await,
        }
    }

    /// `sqlite` or `postgres`.
    pub const fn engine(&self) -> &'static str {
        match self {
            Db::Sqlite { .. } => "sqlite",
            Db::Postgres(_) => "postgres",
        }
    }

    /// Asks the database to parse a statement, without running it.
    pub async fn prepare(&self, sql: String) -> Result<()> {
        use sqlx::{AssertSqlSafe, Executor, SqlSafeStr};
        match self {
            Db::Sqlite { writer, .. } => {
                writer.acquire().await?.prepare(AssertSqlSafe(sql).into_sql_str()).await?;
            }
            Db::Postgres(pool) => {
                pool.acquire().await?.prepare(AssertSqlSafe(sql).into_sql_str()).await?;
            }
        }
        Ok(())
    }

    /// Ends every connection, so that a file may be copied or a server stopped.
    pub async fn close(&self) {
        match self {
            Db::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

/// sqlx 0.9's `begin()` leaks an open transaction into the pool when it is cancelled; a spawned task is not cancelled.
async fn begin_postgres(pool: &PgPool, begin: &'static str) -> Result<Tx> {
    let pool = pool.clone();
    let begun = tokio::spawn(async move { pool.begin_with(begin).await }).await;
    let tx = begun.map_err(|e| StoreError::Unfit(format!("beginning a transaction failed: {e}")))??;
    Ok(Tx::Postgres(tx))
}

impl Tx {
    /// Keeps everything done in it, or says that it did not.
    pub async fn commit(self) -> Result<()> {
        match self {
            Tx::Sqlite(t) => t.commit().await?,
            Tx::Postgres(t) => t.commit().await?,
        }
        Ok(())
    }
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

/// The database file is for its owner only.
fn restrict(file: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))
        .map_err(|e| StoreError::Unfit(format!("{}: cannot be made private (mode 0600): {e}", file.display())))
}

/// Requires that a guarded change hit exactly the rows it was meant for.
pub fn expect_rows(what: &'static str, expected: usize, found: u64) -> Result<()> {
    let expected = expected as u64;
    if expected == found { Ok(()) } else { Err(StoreError::Guard { what, expected, found }) }
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(numbers("3.9.2") < numbers("3.51.3") && numbers("3.51.10") > numbers("3.51.3"));
    }
}
