//! What database tests share: a fresh database on either engine, and one test made into two.

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tempfile::TempDir;
use yichong::store::db::Db;

/// Makes `name::sqlite` and `name::postgres` out of each `async fn name(db: &Db)`.
macro_rules! on_both {
    ($($name:ident),* $(,)?) => { $(
        mod $name {
            #[test]
            fn sqlite() {
                $crate::support::block_on(async {
                    let (_folder, db) = $crate::support::sqlite().await;
                    super::$name(&db).await;
                });
            }
            #[test]
            fn postgres() {
                $crate::support::block_on(async {
                    let db = $crate::support::postgres().await;
                    super::$name(&db).await;
                    db.close().await;
                });
            }
        }
    )* };
}
pub(crate) use on_both;

/// Runs a test's future to its end.
pub fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(test);
}

/// A fresh embedded database in a folder of its own.
pub async fn sqlite() -> (TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(&format!("sqlite:{}", folder.path().join("test.db").display())).await.unwrap();
    (folder, db)
}

/// A fresh database on the server of `YICHONG_TEST_POSTGRES`.
pub async fn postgres() -> Db {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let server = std::env::var("YICHONG_TEST_POSTGRES")
        .expect("YICHONG_TEST_POSTGRES names no server: run `./check`, or `./check with cargo test NAME`");
    let name = format!("yichong_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let mut admin = PgConnection::connect(&server).await.unwrap();
    admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    admin.close().await.unwrap();
    let (host, _) = server.rsplit_once('/').expect("YICHONG_TEST_POSTGRES ends in /DATABASE");
    Db::open(&format!("{host}/{name}")).await.unwrap()
}
