//! A fresh database of its own for a test, and a folder; both are gone afterwards.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use yichong::store::db::Db;

/// Where a test lives.
#[derive(Debug)]
pub struct Place {
    /// Its folder.
    pub folder: TempDir,
    /// Its database, as the configuration names it.
    pub url: String,
    /// The server and the name, where the database is on a server.
    server: Option<(String, String)>,
}

impl Place {
    /// An embedded database in the folder.
    pub fn sqlite() -> Place {
        let folder = folder();
        let url = format!("sqlite:{}", folder.path().join("yichong.db").display());
        Place { folder, url, server: None }
    }

    /// A database on the server of `YICHONG_TEST_POSTGRES`. Without one the test fails: half a test is no test.
    pub async fn postgres() -> Place {
        Place::on_server(None).await
    }

    /// The same place once more, as it stands now; nobody may be at work in it.
    pub async fn copy(&self) -> Place {
        match &self.server {
            Some((_, name)) => Place::on_server(Some(name)).await,
            None => Place::sqlite(),
        }
    }

    async fn on_server(template: Option<&str>) -> Place {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let server = std::env::var("YICHONG_TEST_POSTGRES")
            .expect("YICHONG_TEST_POSTGRES names no server: run `./check`, or `./check with cargo test NAME`");
        let (host, _) = server.rsplit_once('/').expect("YICHONG_TEST_POSTGRES ends in /DATABASE");
        let name = format!("yichong_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let from = template.map(|from| format!(" TEMPLATE {from}")).unwrap_or_default();
        let mut admin = PgConnection::connect(&server).await.unwrap();
        admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}{from}"))).await.unwrap();
        admin.close().await.unwrap();
        let url = format!("{host}/{name}");
        Place { folder: folder(), url, server: Some((server, name)) }
    }

    /// Opens the database.
    pub async fn open(&self) -> Db {
        Db::open(&self.url).await.unwrap()
    }

    /// Whether the database is a file in the folder.
    pub fn embedded(&self) -> bool {
        self.server.is_none()
    }
}

/// In memory where the machine offers that: a killed process loses nothing it wrote, on whatever it wrote.
fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((server, name)) = self.server.take() else { return };
        // A test that failed still holds connections, and a runtime of its own cannot wait inside another.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let mut admin = PgConnection::connect(&server).await?;
                admin.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))).await?;
                admin.close().await.map_err(Box::<dyn std::error::Error + Send + Sync>::from)
            })
        });
        if let Ok(Err(error)) = dropped.join() {
            eprintln!("a test's database stays: {error}");
        }
    }
}

/// Runs a statement as it stands, past the store: what a test breaks or looks at, no function of the store does.
pub async fn exec(db: &Db, sql: &str) -> Result<u64, sqlx::Error> {
    let sql = AssertSqlSafe(sql.to_owned());
    match db {
        Db::Sqlite { writer, .. } => Ok(sqlx::query(sql).execute(writer).await?.rows_affected()),
        Db::Postgres(pool) => Ok(sqlx::query(sql).execute(pool).await?.rows_affected()),
    }
}

/// The one text column a query gives, row by row.
pub async fn texts(db: &Db, sql: &str) -> Vec<String> {
    let query = AssertSqlSafe(sql.to_owned());
    let rows: Result<Vec<(String,)>, sqlx::Error> = match db {
        Db::Sqlite { writer, .. } => sqlx::query_as(query).fetch_all(writer).await,
        Db::Postgres(pool) => sqlx::query_as(query).fetch_all(pool).await,
    };
    rows.unwrap_or_else(|error| panic!("{sql}: {error}")).into_iter().map(|(text,)| text).collect()
}
