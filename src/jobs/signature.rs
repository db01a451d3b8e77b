//! Documents a bank's formats sign (签名): which key of `[bank.signature]`, and what a missing one means.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use chrono::{DateTime, Utc};
use yichong_core::formats::Format;
use yichong_gateways::signing::{OwnKey, SigningError};

use super::error::JobError;
use crate::config::Bank;

/// How the reason of a file begins that was not believed for its signature.
const SAID: &str = "signature ";

/// Whether a file was not believed for its signature: nothing else of it was looked at.
pub fn said(problem: &str) -> bool {
    problem.starts_with(SAID)
}

/// Refuses a bank whose formats and `[bank.signature]` do not fit together. `out`: formats we write, `into`: it writes.
pub fn fits(bank: &Bank, out: &[&Format], into: &[&Format]) -> Result<(), JobError> {
    let refuse = |why: String| Err(JobError::input(format!("bank {}: {why}", bank.code)));
    let mut signed =
        [out, into].map(|formats| formats.iter().find(|own| own.signature().is_some()).map(|own| own.name()));
    let [ours, theirs] = &mut signed;
    match (&bank.signature, ours, theirs) {
        (None, Some(name), _) | (None, None, Some(name)) => refuse(format!(
            "documents of format `{name}` are signed; write [bank.signature] with algorithm, own and bank, or give the \
             bank a format without `signature` in [xml]"
        )),
        (Some(settings), Some(name), _) if settings.own.is_none() => {
            refuse(format!("format `{name}` is signed by us; write `own`, our key, in [bank.signature]"))
        }
        (Some(settings), _, Some(name)) if !settings.checks() => {
            refuse(format!("format `{name}` is signed by the bank; write `bank`, its key, in [bank.signature]"))
        }
        (Some(_), None, None) => refuse(
            "[bank.signature] is written, but none of its formats is signed; write `signature` in [xml] of the format, \
             or take it out"
                .to_owned(),
        ),
        _ => Ok(()),
    }
}

/// A key that cannot be used: that bank's files wait, the others go on.
pub fn unusable(bank: &Bank, error: &SigningError) -> JobError {
    JobError::input(format!("bank {}: {error}; try it with `yichong door check {}`", bank.code, bank.code))
}

/// Our key for what is written in a format; `None` if nothing signs it.
pub fn own(bank: &Bank, format: &Format) -> Result<Option<OwnKey>, JobError> {
    match &bank.signature {
        Some(settings) if format.signature().is_some() => settings.own().map(Some).map_err(|e| unusable(bank, &e)),
        _ => Ok(None),
    }
}

/// Signs a document into a file of its own (mode 0600), to be read from its beginning. `unsigned` gives the same bytes
/// each time: once to be signed, once to be copied.
pub fn signed<R: Read>(
    format: &Format,
    key: &OwnKey,
    unsigned: impl Fn() -> Result<R, JobError>,
    path: &Path,
) -> Result<File, JobError> {
    let hex = format.sign(unsigned()?, key.begin())?;
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(path)?;
    format.put_signature(unsigned()?, &hex, &mut file)?;
    file.rewind()?;
    Ok(file)
}

/// Checks the signature of a bank's document before anything in it is believed. The inner error says what is wrong
/// with the document; the outer one, that no key of ours can tell.
pub fn check(
    bank: &Bank,
    format: &Format,
    document: impl Read,
    now: DateTime<Utc>,
) -> Result<Result<(), String>, SigningError> {
    let Some(settings) = bank.signature.as_ref().filter(|_| format.signature().is_some()) else { return Ok(Ok(())) };
    let keys = settings.bank(now)?;
    let checked = format.check_signature(document, keys.begin());
    Ok(checked.map_err(|error| {
        let files: Vec<&str> = keys.list().map(|(file, _)| file).collect();
        let (word, path, problem, rule) = (settings.algorithm.word(), error.field, error.problem, error.rule);
        format!("{SAID}{word}: {path}: {problem} ({rule}); checked with {}", files.join(", "))
    }))
}
