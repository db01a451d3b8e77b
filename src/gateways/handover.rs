//! Handing a file over exactly once, even if this process dies in between.
//!
//! The complete bytes lie in the partner's folder under a temporary name first. Then the caller commits "sent", then
//! one rename gives them their final name. A partner may take the file away at once, so a missing final name says
//! nothing; the temporary name does: still there = the rename is still to be done, gone = it was done, never again.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::archive::measure;
use super::door::DoorError;
use crate::crash;

/// The folder a partner takes our files from.
#[derive(Clone, Debug)]
pub struct Handover<'a> {
    /// Where.
    pub folder: &'a Path,
}

impl Handover<'_> {
    fn temporary(&self, name: &str) -> PathBuf {
        self.folder.join(format!(".{name}.tmp"))
    }

    fn present(&self) -> Result<(), DoorError> {
        if self.folder.is_dir() { Ok(()) } else { Err(DoorError::Missing(self.folder.to_owned())) }
    }

    /// Lays the bytes down under the temporary name, safe on disk, mode 0600. Other bytes under the final name are
    /// refused.
    pub fn stage(&self, name: &str, sha256: &str, bytes: &[u8]) -> Result<(), DoorError> {
        self.present()?;
        let path = self.folder.join(name);
        let io = |source| DoorError::Io { path: path.clone(), source };
        if path.exists() {
            self.compare(&path, sha256)?;
        }
        let temporary = self.temporary(name);
        let mut file =
            fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&temporary).map_err(io)?;
        file.write_all(bytes).map_err(io)?;
        crash::point("send.temp.after_write");
        file.sync_all().map_err(io)?;
        self.sync().map_err(io)?;
        crash::point("send.temp.after_fsync");
        let found = measure(File::open(&temporary).map_err(io)?).map_err(io)?.sha256;
        if found != sha256 {
            return Err(DoorError::ReadBack { path, found, wanted: sha256.to_owned() });
        }
        Ok(())
    }

    /// Gives staged bytes their final name, if they still wait for it; says whether they did.
    pub fn finish(&self, name: &str, sha256: &str, point: &'static str) -> Result<bool, DoorError> {
        self.present()?;
        let (path, temporary) = (self.folder.join(name), self.temporary(name));
        if !temporary.exists() {
            return Ok(false);
        }
        self.compare(&temporary, sha256)?;
        let io = |source| DoorError::Io { path: path.clone(), source };
        if path.exists() {
            self.compare(&path, sha256)?;
            fs::remove_file(&temporary).map_err(io)?;
        } else {
            fs::rename(&temporary, &path).map_err(io)?;
        }
        self.sync().map_err(io)?;
        crash::point(point);
        Ok(true)
    }

    /// The names whose bytes wait for their final name, sorted.
    pub fn staged(&self) -> Result<Vec<String>, DoorError> {
        self.present()?;
        let io = |source| DoorError::Io { path: self.folder.to_owned(), source };
        let mut names = Vec::new();
        for item in fs::read_dir(self.folder).map_err(io)? {
            let name = item.map_err(io)?.file_name();
            let name = name.to_str().and_then(|name| name.strip_prefix('.')?.strip_suffix(".tmp"));
            names.extend(name.map(str::to_owned));
        }
        names.sort();
        Ok(names)
    }

    fn compare(&self, path: &Path, wanted: &str) -> Result<(), DoorError> {
        let read = File::open(path).and_then(measure);
        let found = read.map_err(|source| DoorError::Io { path: path.to_owned(), source })?.sha256;
        if found == wanted {
            return Ok(());
        }
        Err(DoorError::Occupied { path: path.to_owned(), found, wanted: wanted.to_owned() })
    }

    fn sync(&self) -> io::Result<()> {
        File::open(self.folder)?.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_gets_its_name_once_even_if_the_partner_is_faster() {
        let folder = tempfile::tempdir().unwrap();
        let door = Handover { folder: folder.path() };
        let sha = measure(&b"abc"[..]).unwrap().sha256;
        door.stage("a.csv", &sha, b"abc").unwrap();
        assert_eq!(door.staged().unwrap(), ["a.csv"]);
        assert!(!folder.path().join("a.csv").exists());
        assert!(door.finish("a.csv", &sha, "credit.file.after_rename").unwrap());
        assert_eq!(fs::read(folder.path().join("a.csv")).unwrap(), b"abc");
        fs::remove_file(folder.path().join("a.csv")).unwrap();
        assert!(!door.finish("a.csv", &sha, "credit.file.after_rename").unwrap(), "taken away is not sent again");
        assert!(!folder.path().join("a.csv").exists());
    }

    #[test]
    fn other_bytes_are_never_overwritten_and_a_missing_folder_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let door = Handover { folder: folder.path() };
        let sha = measure(&b"abc"[..]).unwrap().sha256;
        fs::write(folder.path().join("a.csv"), "abd").unwrap();
        assert!(matches!(door.stage("a.csv", &sha, b"abc"), Err(DoorError::Occupied { .. })));
        assert_eq!(fs::read(folder.path().join("a.csv")).unwrap(), b"abd");
        assert!(matches!(door.stage("b.csv", &sha, b"abd"), Err(DoorError::ReadBack { .. })));
        let nowhere = folder.path().join("gone");
        assert!(matches!(Handover { folder: &nowhere }.staged(), Err(DoorError::Missing(_))));
    }
}
