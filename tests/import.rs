//! Everything that comes in by CSV, and the life of agreements, on both databases.

mod files;
mod life;
mod lists;
mod shapes;

use std::path::{Path, PathBuf};

use chrono::{DateTime, FixedOffset, NaiveDate, Utc};
use tempfile::TempDir;
use yichong::config::Config;
use yichong::gateways::clock::Clock;
use yichong::jobs::definition::Job;
use yichong::jobs::import::{self, ImportRequest, Imported, What};
use yichong::jobs::{App, JobError};
use yichong::store::calendars::{self, BankRow};
use yichong::store::db::Db;

/// An instant as Asia/Shanghai shows it.
fn at(text: &str) -> DateTime<Utc> {
    format!("{text}+08:00").parse::<DateTime<FixedOffset>>().unwrap().with_timezone(&Utc)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A site with one bank, at ten in the evening of 20 November 2026, and a folder for its files.
struct Site {
    app: App,
    folder: TempDir,
}

const CONFIG: &str = r#"
[[bank]]
no = 1
code = "BOC"
name = "中国银行"
calendar = "boc"
debit = "plain-debit"
answers = ["plain-answer"]
statements = ["plain-statement"]
out = "boc/out"
into = "boc/in"
answer_days = 1
settle_days = 1
cutoff = "23:30"
[bank.params]
merchant = "700000000000001"
"#;

impl Site {
    async fn new(db: &Db) -> Site {
        Site::with(db, CONFIG).await
    }

    async fn with(db: &Db, config: &str) -> Site {
        let folder = tempfile::tempdir().unwrap();
        let config = Config::parse(config, "yichong.toml", folder.path()).unwrap();
        let clock = Clock::Fixed(at("2026-11-20T22:00:00"));
        let mut app = App::with(config, None, Job::built_in().unwrap(), clock).await.unwrap();
        app.db = db.clone();
        app.page = 2;
        let mut tx = db.write().await.unwrap();
        let (code, name) = ("BOC".into(), "中国银行".into());
        let bank = BankRow { code, bank_no: 1, name, reserved_account: 999_999_999_001, paused: false };
        calendars::put_bank(&mut tx, &bank).await.unwrap();
        tx.commit().await.unwrap();
        Site { app, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What an import is asked for, unless a test changes it.
    fn request(&self, what: What, name: &str, content: impl AsRef<[u8]>) -> ImportRequest {
        let file = self.path(name);
        std::fs::write(&file, content).unwrap();
        let (calendar, years, actor) = (None, Vec::new(), "teller".to_owned());
        ImportRequest { what, file, calendar, years, dry_run: false, skip_bad: false, errors: None, actor }
    }

    async fn import(&self, what: What, content: impl AsRef<[u8]>) -> Result<Imported, JobError> {
        import::run(&self.app, &self.request(what, &format!("{}.csv", what.word()), content)).await
    }

    /// Three accounts: 051600001234 测试甲, …35 测试乙, …36 测试丙.
    async fn accounts(&self) {
        let rows = ["户号,户主,地址", "051600001234,测试甲,东1-101", "051600001235,测试乙,东1-102", ""].join("\n");
        let done = self.import(What::Accounts, rows + "051600001236,测试丙,东1-103\n").await.unwrap();
        assert_eq!((done.read, done.written, done.unchanged), (3, 3, 0));
    }

    async fn count(&self, table: &str) -> i64 {
        let sql = sqlx::AssertSqlSafe(format!("SELECT COUNT(*) FROM {table}"));
        match &self.app.db {
            Db::Sqlite { writer, .. } => sqlx::query_scalar(sql).fetch_one(writer).await.unwrap(),
            Db::Postgres(pool) => sqlx::query_scalar(sql).fetch_one(pool).await.unwrap(),
        }
    }
}

/// Rows of a list we wrote, without its titles, each as its values.
fn list(path: &Path) -> Vec<Vec<String>> {
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.starts_with('\u{feff}'), "Excel needs a mark");
    let mut reader = csv::ReaderBuilder::new().has_headers(true).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}
