//! The benchmark of the night: one whole cycle on made-up agreements through the program's own steps, with two
//! things to
//! compare it with: the same database steps as bare SQL in the database's shell, and the raw libraries on as many rows.
//!
//! ```text
//! cargo bench --bench night -- --due 1000000 [--engine sqlite|postgres] [--scale] [--bare]
//! ```
//!
//! `--due N`: debits of the night (there are 2 × N live agreements). `--scale`: first 50,000, then N, and the
//! quotient of
//! the times per row. `--bare`: without yardstick and floors. PostgreSQL is the server YICHONG_TEST_POSTGRES names:
//! `./check with cargo bench …` brings one. It fails if the books are not green, a commit is not durable or a card
//! number
//! stands in the database in clear; never because of time.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

mod night {
    pub mod bank;
    pub mod campus;
    pub mod checks;
    pub mod cycle;
    pub mod floors;
    pub mod measure;
    pub mod seed;
    pub mod table;
    pub mod yardstick;
}

use night::campus::CANARY_CARD;
use night::measure::Stopwatch;
use night::yardstick::Shell;
use night::{checks, cycle, floors, table, yardstick};

/// The smaller night of `--scale`.
const SMALL: u64 = 50_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Engine {
    Sqlite,
    Postgres,
}

#[derive(Clone, Debug)]
struct Options {
    due: u64,
    engine: Engine,
    scale: bool,
    bare: bool,
}

fn main() -> ExitCode {
    match options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("night: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn options() -> Result<Options> {
    let mut options = Options { due: SMALL, engine: Engine::Sqlite, scale: false, bare: false };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--due" => options.due = words.next().context("--due needs a number")?.replace('_', "").parse()?,
            "--engine" => {
                options.engine = match words.next().as_deref() {
                    Some("sqlite") => Engine::Sqlite,
                    Some("postgres") => Engine::Postgres,
                    other => bail!("--engine {other:?}: write sqlite or postgres"),
                }
            }
            "--scale" => options.scale = true,
            "--bare" => options.bare = true,
            "--bench" => {} // cargo's own
            other => bail!("{other} is not known; there are --due N, --engine sqlite|postgres, --scale, --bare"),
        }
    }
    Ok(options)
}

fn run(options: &Options) -> Result<()> {
    // Two workers, as on the smallest machine this runs on: more would flatter the figures.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let small = options.scale.then(|| runtime.block_on(one(options, SMALL))).transpose()?;
    let full = runtime.block_on(one(options, options.due))?;
    if let Some(small) = small {
        println!("{}", table::scale(&small, SMALL, &full, options.due));
    }
    Ok(())
}

/// One night of one size, with everything it is compared with.
async fn one(options: &Options, due: u64) -> Result<Stopwatch> {
    let folder = tempfile::tempdir()?;
    let place = database(options.engine, &folder, "night").await?;
    eprintln!("{due} due, {:?}", options.engine);
    let mut watch = Stopwatch::default();
    let mut night = cycle::open(folder.path(), &place, due).await?;
    night.run(&mut watch).await?;
    checks::durable(&night.app.db).await?;
    let files: Vec<PathBuf> = match options.engine {
        Engine::Sqlite => checks::sqlite_files(&folder.path().join("night.db")),
        Engine::Postgres => checks::postgres_files(&place).await?,
    };
    let searched = checks::absent(&files, CANARY_CARD)?;
    night.app.db.close().await;
    println!("{}", table::steps(&watch, due, options.engine == Engine::Sqlite));
    println!("verify is green, commits are durable, no clear card in {} MiB of database", searched >> 20);
    if !options.bare {
        let floors = floors::measure(due)?;
        let shell = match database(options.engine, &folder, "yardstick").await? {
            url if options.engine == Engine::Postgres => Shell::Postgres(url),
            url => Shell::Sqlite(url.trim_start_matches("sqlite:").to_owned()),
        };
        println!("{}", table::compared(&watch, &yardstick::run(&shell, due)?, &floors));
    }
    Ok(watch)
}

/// The address of a fresh database.
async fn database(engine: Engine, folder: &TempDir, name: &str) -> Result<String> {
    use sqlx::Connection as _;
    if engine == Engine::Sqlite {
        return Ok(format!("sqlite:{}", folder.path().join(format!("{name}.db")).display()));
    }
    let server = std::env::var("YICHONG_TEST_POSTGRES")
        .context("YICHONG_TEST_POSTGRES names no server; run it as ./check with cargo bench --bench night -- …")?;
    let (base, _) = server.rsplit_once('/').context("YICHONG_TEST_POSTGRES is no postgres://…/name")?;
    let mut admin = sqlx::PgConnection::connect(&server).await?;
    let made = format!("{name}_{}", std::process::id());
    for sql in [format!("DROP DATABASE IF EXISTS {made} WITH (FORCE)"), format!("CREATE DATABASE {made}")] {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut admin).await?;
    }
    admin.close().await?;
    Ok(format!("{base}/{made}"))
}
