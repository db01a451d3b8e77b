//! Opens a file to be looked at and finds its format: forced by name, or named by the file itself.

use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use serde::Serialize;
use yichong_core::formats::records::{FileError, Params};
use yichong_core::formats::{Candidate, Catalogue, Format, RecordReader};

use super::masks::Vocabulary;
use crate::jobs::open::Texts;
use crate::jobs::{JobError, Kind};

/// The formats there are, and their TOML texts.
pub struct House {
    pub catalogue: Catalogue,
    pub texts: Texts,
}

impl House {
    /// The words of a format.
    pub fn words(&self, format: &Format) -> Vocabulary<'_> {
        Vocabulary::of(self.texts.get(format.name()).map_or("", String::as_str))
    }
}

/// A file that can be read.
pub struct Source {
    pub path: PathBuf,
    /// Without folders: banks' names say dates and numbers.
    pub name: String,
    /// Size when it was opened.
    pub bytes: u64,
    beginning: Vec<u8>,
}

/// The format of a file.
pub struct Choice<'h> {
    pub format: &'h Format,
    /// Others that would fit too, best first.
    pub others: Vec<&'h str>,
}

/// No format fits.
#[derive(Debug, Serialize)]
pub struct Unrecognised {
    pub file: String,
    /// Every format with the first place it stumbles over; the one that came farthest first.
    pub tried: Vec<Tried>,
    /// What the bytes look like instead.
    pub looks_like: Option<&'static str>,
}

/// A format that does not fit.
#[derive(Debug, Serialize)]
pub struct Tried {
    pub format: String,
    pub error: FileError,
}

impl Source {
    /// Opens a file; what is no file to be read is refused here, with the reason.
    pub fn open(path: &Path) -> Result<Source, JobError> {
        let shown = path.display();
        let wrong = |e: std::io::Error| {
            let kind = if e.kind() == ErrorKind::NotFound { Kind::Input } else { Kind::Machine };
            JobError::new(kind, format!("{shown}: {e}; check the path and its permissions"))
        };
        let about = std::fs::metadata(path).map_err(wrong)?;
        if about.is_dir() {
            return Err(JobError::input(format!("{shown} is a folder; name one file in it")));
        }
        if !about.is_file() {
            return Err(JobError::input(format!("{shown} is no regular file, and it is read twice; save it as one")));
        }
        let mut beginning = Vec::new();
        let mut file = File::open(path).map_err(wrong)?;
        file.by_ref().take(4).read_to_end(&mut beginning).map_err(wrong)?;
        let most = Catalogue::beginning(&beginning) - beginning.len();
        file.take(most as u64).read_to_end(&mut beginning).map_err(wrong)?;
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(Source { path: path.to_owned(), name, bytes: about.len(), beginning })
    }

    /// The file from its first byte.
    pub fn reader<'f>(&self, format: &'f Format) -> Result<RecordReader<'f, File>, JobError> {
        Ok(RecordReader::open(format, &Params::new(), &self.name, self.raw()?))
    }

    /// The bytes from the first.
    pub fn raw(&self) -> Result<File, JobError> {
        File::open(&self.path).map_err(|e| JobError::new(Kind::Machine, format!("{}: {e}", self.path.display())))
    }

    /// The format: the one forced, or the best that fits.
    pub fn choose<'h>(
        &self,
        house: &'h House,
        forced: Option<&str>,
    ) -> Result<Result<Choice<'h>, Unrecognised>, JobError> {
        if let Some(name) = forced {
            let format = house.catalogue.get(name).ok_or_else(|| {
                let names: Vec<&str> = house.catalogue.iter().map(Format::name).collect();
                JobError::input(format!("there is no format `{name}`; there are: {}", names.join(", ")))
            })?;
            return Ok(Ok(Choice { format, others: Vec::new() }));
        }
        let mut found = house.catalogue.recognise(&self.name, &self.beginning);
        let looks_like = looks_like(&self.beginning);
        // An archive under a bank's name is still no file of the bank, unless the bank sends workbooks.
        if looks_like.is_some() {
            found.retain(|candidate| candidate.by_content || (self.is_packed() && candidate.format.is_workbook()));
        }
        // A name is proof of what a file is meant to be; that its content does not fit is what we shall say.
        let named: Vec<usize> = (0..found.len()).filter(|at| found[*at].by_name).collect();
        if let ([only], Some(false)) = (named.as_slice(), found.first().map(|best| best.by_name)) {
            let chosen = found.remove(*only);
            found.insert(0, chosen);
        }
        let Some((best, others)) = found.split_first() else {
            return Ok(Err(self.unrecognised(house, looks_like)));
        };
        let others = others.iter().map(|other: &Candidate<'h>| other.format.name()).collect();
        Ok(Ok(Choice { format: best.format, others }))
    }

    /// [`Source::choose`] for commands that can do nothing without a format.
    pub fn must_choose<'h>(&self, house: &'h House, forced: Option<&str>) -> Result<Choice<'h>, JobError> {
        self.choose(house, forced)?.map_err(|unrecognised| JobError::input(unrecognised.to_string()))
    }

    fn is_packed(&self) -> bool {
        self.beginning.starts_with(b"PK")
    }

    fn unrecognised(&self, house: &House, looks_like: Option<&'static str>) -> Unrecognised {
        let mut tried = Vec::new();
        let fits = |format: &Format| match looks_like {
            Some(_) => self.is_packed() && format.is_workbook(),
            None => !self.beginning.is_empty() && !format.is_workbook(),
        };
        for format in house.catalogue.iter().filter(|format| fits(format)) {
            let mut reader = RecordReader::open(format, &Params::new(), &self.name, self.beginning.as_slice());
            let error = loop {
                match reader.next_section() {
                    Ok(Some(_)) => {}
                    Ok(None) => break None,
                    Err(error) => break Some(error),
                }
            };
            let words = house.words(format);
            tried.extend(error.map(|error| {
                let error = words.error(error);
                Tried { format: format.name().to_owned(), error }
            }));
        }
        tried.sort_by_key(|tried| std::cmp::Reverse((tried.error.line, tried.error.column)));
        Unrecognised { file: self.path.display().to_string(), tried, looks_like }
    }
}

impl Unrecognised {
    /// What is wrong, in one sentence.
    pub fn problem(&self) -> String {
        match (self.looks_like, self.tried.is_empty()) {
            (Some(kind), _) => format!("it looks like {kind}"),
            (None, true) => "the file is empty".to_owned(),
            (None, false) => "no format fits, neither by name nor by its first lines".to_owned(),
        }
    }

    /// What to do.
    pub fn rule(&self) -> &'static str {
        match (self.looks_like, self.tried.is_empty()) {
            (Some(WEB_PAGE), _) => "the bank's site answered in place of the file; log in and fetch the file again",
            (Some(_), true) => "banks' files are plain text; unpack it, or save it as text or CSV",
            (Some(_), false) => {
                "unpack it if it is an archive; a workbook needs a format with its sheet and its titles"
            }
            (None, true) => "a bank's file holds at least one line; fetch it again",
            (None, false) => "give the file its own name again, or force a format with --format NAME",
        }
    }
}

impl fmt::Display for Unrecognised {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {} ({})", self.file, self.problem(), self.rule())?;
        for Tried { format, error } in &self.tried {
            let FileError { line, column, field, problem, .. } = error;
            write!(out, "\n  tried {format}: line {line} column {column}, {field}: {problem}")?;
        }
        Ok(())
    }
}

/// What a portal gives in place of a file when the login ran out or the server failed.
const WEB_PAGE: &str = "a web page (HTML)";

/// Files people send by mistake, known by their first bytes.
fn looks_like(beginning: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 8] = [
        (b"PK\x03\x04", "a ZIP archive or an Excel workbook (.xlsx)"),
        (b"\xD0\xCF\x11\xE0", "an old Excel or Word file (.xls, .doc)"),
        (b"\x1F\x8B", "a gzip archive"),
        (b"Rar!", "a RAR archive"),
        (b"7z\xBC\xAF", "a 7-Zip archive"),
        (b"%PDF", "a PDF"),
        (b"\xFF\xFE", "UTF-16 text"),
        (b"\xFE\xFF", "UTF-16 text"),
    ];
    let known = known.into_iter().find(|(mark, _)| beginning.starts_with(mark)).map(|(_, kind)| kind);
    let text = beginning.trim_ascii_start();
    let begins = |mark: &[u8]| text.get(..mark.len()).is_some_and(|start| start.eq_ignore_ascii_case(mark));
    known.or_else(|| (begins(b"<!DOCTYPE html") || begins(b"<html")).then_some(WEB_PAGE))
}
