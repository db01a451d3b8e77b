//! A bank's own list of agreements (签约清单) as somebody names it: the file, and which format it is of.

use std::fs::File;
use std::path::Path;

use yichong_core::formats::{Format, Message};

use crate::app::App;
use crate::config::Bank;
use crate::error::JobError;

/// A bank's list to be compared.
#[derive(Clone, Copy, Debug)]
pub struct List<'a> {
    /// Bank's code.
    pub bank: &'a str,
    /// The file.
    pub path: &'a Path,
    /// Its format, by name; the bank's own if none.
    pub format: Option<&'a str>,
}

impl List<'_> {
    /// The file's own name.
    pub(super) fn file_name(&self) -> String {
        self.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    }

    /// Opens the file.
    pub(super) fn input(&self) -> Result<File, JobError> {
        File::open(self.path).map_err(|e| JobError::input(format!("{}: {e}", self.path.display())))
    }

    /// Its format: the one that is named, or the bank's own that its name fits.
    pub(super) fn format_of<'f>(&self, app: &'f App, bank: &Bank, file: &str) -> Result<&'f Format, JobError> {
        let own = bank.agreements.iter().flat_map(|own| own.lists.iter().chain([&own.out]));
        let names: Vec<&str> = self.format.map_or_else(|| own.map(String::as_str).collect(), |name| vec![name]);
        let formats = names.iter().map(|name| app.format(name)).collect::<Result<Vec<_>, _>>()?;
        let by_name = formats.iter().find(|format| format.name_facts(file, &bank.params).is_some());
        let Some(format) = by_name.or(formats.first()).copied() else {
            let said = format!("bank {} exchanges no agreements; name the list's format with --format", bank.code);
            return Err(JobError::input(said));
        };
        if format.message() != Message::Agreements {
            return Err(JobError::input(format!("format {} is no list of agreements", format.name())));
        }
        Ok(format)
    }
}
