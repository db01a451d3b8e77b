//! A door that is folders of this machine: names appear by one atomic rename that never overwrites, folders are
//! fsynced.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use super::{DoorError, Item};
use crate::crash;

/// The folder must be there.
pub fn present(folder: &Path) -> Result<(), DoorError> {
    if folder.is_dir() { Ok(()) } else { Err(DoorError::Missing(folder.to_owned())) }
}

/// Its plain files; folders, links and names that are not UTF-8 are not files of a partner.
pub fn list(folder: &Path) -> Result<Vec<Item>, DoorError> {
    present(folder)?;
    let io = |source| DoorError::io(folder, source);
    let mut items = Vec::new();
    for item in fs::read_dir(folder).map_err(io)? {
        let item = item.map_err(io)?;
        let Some(name) = item.file_name().to_str().map(str::to_owned) else { continue };
        // Taken away meanwhile: not there.
        let Ok(facts) = fs::symlink_metadata(item.path()) else { continue };
        if facts.is_file() {
            items.push(Item { name, bytes: facts.len(), changed: Some(facts.mtime()) });
        }
    }
    Ok(items)
}

/// A file's length; none where there is no such name.
pub fn size(path: &Path) -> Result<Option<u64>, DoorError> {
    match fs::symlink_metadata(path) {
        Ok(facts) => Ok(Some(facts.len())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(DoorError::io(path, e)),
    }
}

/// Writes a file anew, mode 0600, safe on disk. `points`: after the write, after the fsync.
pub fn write(path: &Path, from: &mut dyn Read, points: Option<[&'static str; 2]>) -> Result<(), DoorError> {
    let io = |source| DoorError::io(path, source);
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path).map_err(io)?;
    io::copy(from, &mut file).map_err(io)?;
    if let Some([written, _]) = points {
        crash::point(written);
    }
    file.sync_all().map_err(io)?;
    if let Some([_, synced]) = points {
        crash::point(synced);
    }
    Ok(())
}

/// Gives a file another name, which nobody has.
pub fn rename(from: &Path, to: &Path) -> Result<(), DoorError> {
    let io = |source| DoorError::io(to, source);
    let folder = to.parent().unwrap_or(Path::new("."));
    let folder = File::open(folder).map_err(io)?;
    let flags = rustix::fs::RenameFlags::NOREPLACE;
    rustix::fs::renameat_with(rustix::fs::CWD, from, rustix::fs::CWD, to, flags).map_err(|e| io(e.into()))?;
    folder.sync_all().map_err(io)
}

/// Removes a file; one that is gone is gone.
pub fn remove(path: &Path) -> Result<(), DoorError> {
    match fs::remove_file(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done.map_err(|e| DoorError::io(path, e)),
    }
}
