//! A partner's door: two folders. Files go out under a temporary name, are fsynced and renamed, and never overwrite;
//! files come in once they are complete. (SFTP and markers are kinds of door to come.)

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::archive::measure;
use crate::crash;

/// Where a partner takes and leaves files.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Door {
    /// From us to the partner.
    pub out: PathBuf,
    /// From the partner to us.
    pub into: PathBuf,
}

/// What can be wrong at a door.
#[derive(Debug, thiserror::Error)]
pub enum DoorError {
    /// The folder is missing or not a folder: an error, never "no files".
    #[error("folder {0} is not there; is the exchange mounted?")]
    Missing(PathBuf),
    /// A file of that name lies there with other content.
    #[error(
        "{path} holds other bytes (sha256 {found}) than we would send ({wanted}); ask the partner, never overwrite"
    )]
    Occupied {
        /// Which file.
        path: PathBuf,
        /// What lies there.
        found: String,
        /// What we would send.
        wanted: String,
    },
    /// What was read back is not what was written.
    #[error("{path} reads back as {found}, {wanted} was written")]
    ReadBack {
        /// Which file.
        path: PathBuf,
        /// Read.
        found: String,
        /// Written.
        wanted: String,
    },
    /// The disk said no.
    #[error("{path}: {source}")]
    Io {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The crash points of a sending: after the write, after the fsync, after the rename.
pub type SendPoints = [&'static str; 3];

impl Door {
    /// Writes a file under its temporary name, fsyncs it and reads it back. Nothing has happened for the partner yet.
    pub fn stage(
        &self,
        name: &str,
        sha256: &str,
        mut from: impl Read,
        points: [&'static str; 2],
    ) -> Result<(), DoorError> {
        present(&self.out)?;
        let (path, temporary) = self.names(name);
        let io = |source| DoorError::Io { path: path.clone(), source };
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary).map_err(io)?;
        io::copy(&mut from, &mut file).map_err(io)?;
        crash::point(points[0]);
        file.sync_all().map_err(io)?;
        crash::point(points[1]);
        drop(file);
        let found = measure(File::open(&temporary).map_err(io)?).map_err(io)?.sha256;
        if found == sha256 { Ok(()) } else { Err(DoorError::ReadBack { path, found, wanted: sha256.to_owned() }) }
    }

    /// Shows a staged file to the partner by one atomic rename that never overwrites. Called again after a crash it
    /// knows
    /// what happened: staged still there: not shown; the name there with these bytes: shown; neither: shown and taken.
    /// So the caller must have recorded, durably and after staging, that it is about to publish.
    pub fn publish(&self, name: &str, sha256: &str) -> Result<(), DoorError> {
        present(&self.out)?;
        let (path, temporary) = self.names(name);
        let io = |source| DoorError::Io { path: path.clone(), source };
        if path.exists() {
            self.adopt(path.clone(), sha256)?;
            return fs::remove_file(&temporary)
                .or_else(|e| if e.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(io(e)) });
        }
        if !temporary.exists() {
            return Ok(());
        }
        let folder = File::open(&self.out).map_err(io)?;
        let (from, to) = (temporary.as_path(), path.as_path());
        let flags = rustix::fs::RenameFlags::NOREPLACE;
        rustix::fs::renameat_with(rustix::fs::CWD, from, rustix::fs::CWD, to, flags).map_err(|e| io(e.into()))?;
        folder.sync_all().map_err(io)
    }

    /// Stages and publishes in one go, for partners whose order numbers make a repeat harmless.
    pub fn send(&self, name: &str, sha256: &str, from: impl Read, points: SendPoints) -> Result<(), DoorError> {
        let (path, _) = self.names(name);
        if path.exists() {
            return self.adopt(path, sha256);
        }
        self.stage(name, sha256, from, [points[0], points[1]])?;
        self.publish(name, sha256)?;
        crash::point(points[2]);
        Ok(())
    }

    fn names(&self, name: &str) -> (PathBuf, PathBuf) {
        (self.out.join(name), self.out.join(format!(".{name}.tmp")))
    }

    fn adopt(&self, path: PathBuf, wanted: &str) -> Result<(), DoorError> {
        let read = File::open(&path).and_then(measure);
        let found = read.map_err(|source| DoorError::Io { path: path.clone(), source })?.sha256;
        if found == wanted {
            return Ok(());
        }
        Err(DoorError::Occupied { path, found, wanted: wanted.to_owned() })
    }

    /// The names of the files that wait, sorted. Temporary names (`.x`, `x.tmp`) are still being written; folders,
    /// links and
    /// names that are not UTF-8 are not files of a partner.
    pub fn waiting(&self) -> Result<Vec<String>, DoorError> {
        present(&self.into)?;
        let io = |source| DoorError::Io { path: self.into.clone(), source };
        let mut names = Vec::new();
        for item in fs::read_dir(&self.into).map_err(io)? {
            let item = item.map_err(io)?;
            let plain = item.file_type().map_err(io)?.is_file();
            if let Some(name) =
                item.file_name().to_str().filter(|name| plain && !name.starts_with('.') && !name.ends_with(".tmp"))
            {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Opens a file that waits.
    pub fn open(&self, name: &str) -> Result<File, DoorError> {
        let path = self.into.join(name);
        File::open(&path).map_err(|source| DoorError::Io { path, source })
    }

    /// Takes a file away that is safely archived: an exchange folder is clear text only until then.
    pub fn remove(&self, name: &str) -> Result<(), DoorError> {
        let path = self.into.join(name);
        match fs::remove_file(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done.map_err(|source| DoorError::Io { path, source }),
        }
    }
}

fn present(folder: &Path) -> Result<(), DoorError> {
    if folder.is_dir() { Ok(()) } else { Err(DoorError::Missing(folder.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const POINTS: SendPoints = ["send.temp.after_write", "send.temp.after_fsync", "send.after_rename"];

    fn door(folder: &Path) -> Door {
        let door = Door { out: folder.join("out"), into: folder.join("in") };
        fs::create_dir_all(&door.out).unwrap();
        fs::create_dir_all(&door.into).unwrap();
        door
    }

    #[test]
    fn a_file_is_sent_once_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let door = door(folder.path());
        let sha = measure(&b"abc"[..]).unwrap().sha256;
        door.send("a.txt", &sha, &b"abc"[..], POINTS).unwrap();
        door.send("a.txt", &sha, &b"abc"[..], POINTS).unwrap();
        assert_eq!(fs::read(door.out.join("a.txt")).unwrap(), b"abc");
        let other = measure(&b"abd"[..]).unwrap().sha256;
        assert!(matches!(door.send("a.txt", &other, &b"abd"[..], POINTS), Err(DoorError::Occupied { .. })));
        assert!(matches!(door.send("b.txt", &sha, &b"abd"[..], POINTS), Err(DoorError::ReadBack { .. })));
        assert_eq!(
            fs::read_dir(&door.out)
                .unwrap()
                .filter(|f| !f.as_ref().unwrap().file_name().to_str().unwrap().starts_with('.'))
                .count(),
            1
        );
    }

    #[test]
    fn publishing_again_knows_what_happened() {
        let folder = tempfile::tempdir().unwrap();
        let door = door(folder.path());
        let sha = measure(&b"abc"[..]).unwrap().sha256;
        door.stage("a", &sha, &b"abc"[..], [POINTS[0], POINTS[1]]).unwrap();
        assert!(!door.out.join("a").exists(), "staged is not shown");
        door.publish("a", &sha).unwrap();
        assert_eq!(fs::read(door.out.join("a")).unwrap(), b"abc");
        door.publish("a", &sha).unwrap();
        fs::remove_file(door.out.join("a")).unwrap();
        door.publish("a", &sha).unwrap();
        assert!(!door.out.join("a").exists(), "the partner took it: nothing is shown twice");
    }

    #[test]
    fn only_complete_files_wait_and_a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let door = door(folder.path());
        for name in ["b", "a", "c.tmp", ".d"] {
            fs::write(door.into.join(name), "x").unwrap();
        }
        assert_eq!(door.waiting().unwrap(), ["a", "b"]);
        door.remove("a").unwrap();
        door.remove("a").unwrap();
        fs::remove_dir_all(&door.into).unwrap();
        assert!(matches!(door.waiting(), Err(DoorError::Missing(_))));
    }
}
