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
    /// Puts a file out and reads it back. The same bytes already there under that name are adopted: an earlier attempt.
    pub fn send(&self, name: &str, sha256: &str, mut from: impl Read, points: SendPoints) -> Result<(), DoorError> {
        present(&self.out)?;
        let path = self.out.join(name);
        let temporary = self.out.join(format!(".{name}.tmp"));
        let io = |source| DoorError::Io { path: path.clone(), source };
        if path.exists() {
            return self.adopt(path.clone(), sha256);
        }
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary).map_err(io)?;
        io::copy(&mut from, &mut file).map_err(io)?;
        crash::point(points[0]);
        file.sync_all().map_err(io)?;
        crash::point(points[1]);
        drop(file);
        let found = measure(File::open(&temporary).map_err(io)?).map_err(io)?.sha256;
        if found != sha256 {
            return Err(DoorError::ReadBack { path, found, wanted: sha256.to_owned() });
        }
        // A link fails where the name is taken; a rename would overwrite.
        fs::hard_link(&temporary, &path).map_err(io)?;
        fs::remove_file(&temporary).map_err(io)?;
        File::open(&self.out).and_then(|folder| folder.sync_all()).map_err(io)?;
        crash::point(points[2]);
        Ok(())
    }

    fn adopt(&self, path: PathBuf, wanted: &str) -> Result<(), DoorError> {
        let read = File::open(&path).and_then(measure);
        let found = read.map_err(|source| DoorError::Io { path: path.clone(), source })?.sha256;
        if found == wanted {
            return Ok(());
        }
        Err(DoorError::Occupied { path, found, wanted: wanted.to_owned() })
    }

    /// The names of the files that wait, sorted. Temporary names (`.x`, `x.tmp`) are still being written; folders, links and
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
