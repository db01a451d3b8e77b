//! The site's rows: CSV files through the program's own import, the agreements released by a second person.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Result, ensure};
use yichong::jobs::App;
use yichong::jobs::import::{self, ImportRequest, What};
use yichong::store::agreements;

/// Writes one CSV file of the site; outside the measured time.
pub fn write(
    app: &App,
    name: &str,
    households: u64,
    rows: impl FnOnce(u64, &mut BufWriter<File>) -> io::Result<()>,
) -> Result<PathBuf> {
    let path = app.config.folders.data.join(name);
    let mut file = BufWriter::new(File::create(&path)?);
    rows(households, &mut file)?;
    file.flush()?;
    Ok(path)
}

/// Imports one file; every row must be good and new. Gives its hash.
pub async fn import(app: &App, what: What, file: PathBuf, rows: u64) -> Result<String> {
    let request = ImportRequest {
        what,
        file,
        calendar: None,
        years: Vec::new(),
        dry_run: false,
        skip_bad: false,
        errors: None,
        actor: "maker".into(),
    };
    let imported = import::run(app, &request).await?;
    ensure!(imported.written == rows, "{}: {} of {rows} rows were new", what.word(), imported.written);
    Ok(imported.hash)
}

/// Imports the agreements and releases all of them.
pub async fn agreements(app: &App, file: PathBuf, rows: u64) -> Result<()> {
    let hash = import(app, What::Agreements, file, rows).await?;
    let mut tx = app.db.write().await?;
    agreements::release(&mut tx, &hash, "checker", app.clock.now(), rows).await?;
    Ok(tx.commit().await?)
}
