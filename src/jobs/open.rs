//! Opens the program: configuration, keys, formats, jobs, database; refuses loudly whatever does not fit together.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use include_dir::{Dir, include_dir};
use yichong_core::formats::{Catalogue, Format, Message};

use super::app::{App, PAGE, Progress};
use super::definition::Job;
use super::error::{JobError, Kind};
use super::signature;
use crate::config::{Bank, Config};
use yichong_gateways::archive::Archive;
use yichong_gateways::clock::Clock;
use yichong_gateways::vault::Vault;
use yichong_store::calendars::{self, BankRow};
use yichong_store::db::Db;

/// The formats every site has; a folder `formats` beside the configuration adds to them or replaces them by name.
static SHIPPED: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/../../formats");

/// Every format's text, by name.
pub type Texts = BTreeMap<String, String>;

/// Loads the shipped formats and those of a site's folder.
pub fn formats(folder: Option<&Path>) -> Result<(Catalogue, Texts), JobError> {
    let mut files = BTreeMap::new();
    for file in SHIPPED.files().filter(|file| file.path().extension().is_some_and(|ending| ending == "toml")) {
        let text = file.contents_utf8().unwrap_or_default();
        files.insert(format!("formats/{}", file.path().display()), text.to_owned());
    }
    for path in folder.map(tomls).transpose()?.unwrap_or_default() {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        files.insert(format!("formats/{name}"), fs::read_to_string(&path)?);
    }
    let pairs = files.iter().map(|(file, text)| (file.as_str(), text.as_str()));
    let catalogue = Catalogue::load(pairs).map_err(|e| JobError::input(e.to_string()))?;
    let mut texts = Texts::new();
    for (file, text) in files {
        let format = Format::parse(&file, &text).map_err(|e| JobError::input(e.to_string()))?;
        texts.insert(format.name().to_owned(), text);
    }
    Ok((catalogue, texts))
}

fn tomls(folder: &Path) -> Result<Vec<PathBuf>, JobError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut paths = Vec::new();
    for item in fs::read_dir(folder)? {
        let path = item?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

impl App {
    /// Opens a site by its configuration file.
    pub async fn open(file: &Path, clock: Clock) -> Result<App, JobError> {
        let config = Config::load(file)?;
        let folder = file.parent().unwrap_or(Path::new(".")).to_owned();
        let job_files = tomls(&folder.join("jobs"))?;
        let jobs = match job_files.is_empty() {
            true => Job::built_in()?,
            false => job_files
                .iter()
                .map(|path| Job::parse(&path.display().to_string(), &fs::read_to_string(path)?))
                .collect::<Result<_, JobError>>()?,
        };
        App::with(config, Some(&folder.join("formats")), jobs, clock).await
    }

    /// Opens a site that stands in memory.
    pub async fn with(
        config: Config,
        formats_in: Option<&Path>,
        jobs: Vec<Job>,
        clock: Clock,
    ) -> Result<App, JobError> {
        let (catalogue, texts) = formats(formats_in)?;
        for bank in &config.banks {
            fits(bank, &catalogue)?;
        }
        let data = &config.folders.data;
        fs::create_dir_all(data).map_err(|e| JobError::new(Kind::Machine, format!("{}: {e}", data.display())))?;
        let vault = Arc::new(Vault::open(&data.join("keys"))?);
        let db = Db::open(&config.database_url()).await?;
        let mut tx = db.write().await?;
        for bank in &config.banks {
            let row = BankRow {
                code: bank.code.clone(),
                bank_no: bank.no,
                name: bank.name.clone(),
                reserved_account: bank.reserved_account().0,
                paused: false,
            };
            calendars::put_bank(&mut tx, &row).await?;
        }
        tx.commit().await?;
        let page = std::env::var("YICHONG_PAGE").ok().and_then(|page| page.parse().ok()).unwrap_or(PAGE);
        Ok(App {
            db,
            vault,
            formats: Arc::new(catalogue),
            format_texts: texts,
            jobs,
            clock,
            archive: Archive::at(data),
            page,
            progress: Progress::default(),
            config,
        })
    }

    /// A format by name.
    pub fn format(&self, name: &str) -> Result<&Format, JobError> {
        self.formats.get(name).ok_or_else(|| unknown_format(name, &self.formats))
    }

    /// A format's text by name.
    pub fn format_text(&self, name: &str) -> &str {
        self.format_texts.get(name).map_or("", String::as_str)
    }

    /// A bank of the configuration by its code.
    pub fn bank(&self, code: &str) -> Result<&Bank, JobError> {
        self.config.bank(code).ok_or_else(|| {
            let codes: Vec<_> = self.config.banks.iter().map(|bank| bank.code.as_str()).collect();
            JobError::input(format!("there is no bank `{code}` in the configuration; there are: {}", codes.join(", ")))
        })
    }
}

fn unknown_format(name: &str, catalogue: &Catalogue) -> JobError {
    let names: Vec<_> = catalogue.iter().map(Format::name).collect();
    JobError::input(format!("there is no format `{name}`; there are: {}", names.join(", ")))
}

/// A bank's formats exist, are of the right kind, and get the parameters they ask for.
fn fits(bank: &Bank, catalogue: &Catalogue) -> Result<(), JobError> {
    let one = [(&bank.debit, Message::Debit)];
    let answers = bank.answers.iter().map(|name| (name, Message::Answer));
    let statements = bank.statements.iter().map(|name| (name, Message::Statement));
    let own = bank.agreements.iter();
    let told = own.clone().map(|own| (&own.out, Message::Agreements));
    let lists = own.clone().flat_map(|own| &own.lists).map(|name| (name, Message::Agreements));
    let replies = own.flat_map(|own| &own.answers).map(|name| (name, Message::AgreementAnswer));
    let agreements = told.chain(lists).chain(replies);
    if let Some(own) = &bank.agreements
        && let Some(why) = catalogue.get(&own.out).and_then(Format::only_read)
    {
        let said = format!("bank {}: agreements are told in `{}` (`out`), which cannot be: {why}", bank.code, own.out);
        return Err(JobError::input(said));
    }
    let (mut out, mut into) = (Vec::new(), Vec::new());
    for (name, message) in one.into_iter().chain(answers).chain(statements).chain(agreements) {
        let format = catalogue.get(name).ok_or_else(|| unknown_format(name, catalogue))?;
        if format.message() != message {
            let said =
                format!("bank {}: format `{name}` is a {:?}, a {message:?} is wanted", bank.code, format.message());
            return Err(JobError::input(said));
        }
        for (param, default) in format.params() {
            if default.is_none() && !bank.params.contains_key(param) {
                let said = format!("bank {}: format `{name}` asks for [bank.params] {param}", bank.code);
                return Err(JobError::input(said));
            }
        }
        let ours = matches!(message, Message::Debit | Message::Agreements);
        if ours { out.push(format) } else { into.push(format) }
    }
    signature::fits(bank, &out, &into)
}
