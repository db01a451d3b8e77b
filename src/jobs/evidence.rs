//! Evidence of an act: a text, or a file (a stamped receipt, a letter) that is kept in the archive and named by its
//! hash.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::app::App;
use super::error::JobError;
use yichong_gateways::archive::measure;

/// A page or a photograph is smaller than this.
const BYTES_MAX: u64 = 64 << 20;

/// The words that stand for the evidence: the text itself, or a file's name and hash once the archive has it.
pub fn words(app: &App, about: &str, evidence: &str) -> Result<String, JobError> {
    let path = Path::new(evidence);
    if !path.is_file() {
        return Ok(evidence.to_owned());
    }
    let open = || File::open(path).map_err(|e| JobError::input(format!("{}: {e}", path.display())));
    let found = measure(open()?.take(BYTES_MAX + 1))?;
    if found.bytes == 0 || found.bytes > BYTES_MAX {
        let said = format!("{}: {} bytes or more; evidence holds 1 to {BYTES_MAX}", path.display(), found.bytes);
        return Err(JobError::input(said));
    }
    let name = format!("evidence/{}/{}", about.replace(':', "-"), found.sha256);
    let points = ["file.archive.after_fsync", "file.archive.after_rename"];
    app.archive.keep(&app.vault, &name, open()?, points)?;
    let called = path.file_name().and_then(|name| name.to_str()).unwrap_or("file");
    Ok(format!("证据 evidence {called} sha256 {}", found.sha256))
}
