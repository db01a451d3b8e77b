//! A partner's door: where it takes our files and leaves its own, in folders of this machine or of its SFTP server.
//!
//! One protocol for both. Out: under a temporary name, read back by size and hash, renamed, never overwriting, then a
//! marker where the partner wants one. In: complete files only, by marker, by two looks, or by reading twice.
//! What cannot have happened is tried again; what may have happened is asked for first (`publish`).
//!
//! Every operation blocks, as folders do: files stream through `Read` from here into the archive and the formats,
//! which know no other way. A door over the network does its work on a thread of its own and lets the runtime know
//! that this one waits (`sftp`), so leases are renewed meanwhile.

pub mod check;
mod fault;
mod folder;
mod looking;
pub mod names;
mod settings;
mod sftp;
#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};

pub use fault::{DoorError, Fault};
pub use looking::Waiting;
pub use settings::{Kind, Legacy, Settings};

use super::archive::{Kept, measure};
use super::envelope::{Envelope, Layer};
use crate::crash;
use sftp::Sftp;

/// One file of a partner's folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// When it was changed last, seconds since 1970 by the partner's clock.
    pub changed: Option<i64>,
}

/// A partner's door.
#[derive(Debug)]
pub struct Door {
    place: Place,
    out: PathBuf,
    into: PathBuf,
    settings: Settings,
}

/// What is behind a door.
#[derive(Debug)]
enum Place {
    Folder,
    Sftp(Box<Sftp>),
}

/// The crash points of a staging: after the write, after the fsync.
pub type StagePoints = [&'static str; 2];

impl Door {
    /// Two folders of this machine, without markers or patterns.
    pub fn folder(out: PathBuf, into: PathBuf) -> Door {
        Door { place: Place::Folder, out, into, settings: Settings::default() }
    }

    /// A door by its settings. Nothing is connected yet.
    pub fn new(out: PathBuf, into: PathBuf, settings: Settings) -> Door {
        let place = match settings.kind {
            Kind::Folder => Place::Folder,
            Kind::Sftp => Place::Sftp(Box::new(Sftp::new(&settings))),
        };
        Door { place, out, into, settings }
    }

    /// Its settings.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The envelope of one direction.
    pub fn envelope<'a>(&'a self, layers: &'a [Layer], work: &'a Path, now: DateTime<Utc>) -> Envelope<'a> {
        Envelope { layers, keys: &self.settings.keys, bytes_max: self.settings.envelope_bytes_max, work, now }
    }

    /// Writes a file under its temporary name and reads it back, size and hash. Nothing has happened for the partner
    /// yet, so it is tried again as often as the door allows. `body` gives the same bytes from the start each time.
    pub fn stage<R: Read>(
        &self,
        name: &str,
        kept: &Kept,
        mut body: impl FnMut() -> io::Result<R>,
        points: StagePoints,
    ) -> Result<(), DoorError> {
        let (path, temporary) = self.names(name);
        self.again(|| {
            self.place.present(&self.out)?;
            let mut from = body().map_err(|e| DoorError::io(&path, e))?;
            self.place.write(&temporary, &mut from, Some(points))?;
            self.compare(&temporary, kept)
        })
    }

    /// Shows a staged file to the partner by one rename that never overwrites. Called again after a crash or a cut it
    /// asks the door what happened: staged still there: not shown; the name there with these bytes: shown; neither:
    /// shown and taken. So the caller must have recorded, durably and after staging, that it is about to publish.
    pub fn publish(&self, name: &str, kept: &Kept) -> Result<(), DoorError> {
        self.again(|| self.show(name, kept))
    }

    fn show(&self, name: &str, kept: &Kept) -> Result<(), DoorError> {
        self.place.present(&self.out)?;
        let (path, temporary) = self.names(name);
        if self.place.size(&path)?.is_some() {
            self.adopt(path, kept)?;
            self.place.remove(&temporary)?;
            return self.mark(name, kept);
        }
        if self.place.size(&temporary)?.is_none() {
            return Ok(());
        }
        self.place.rename(&temporary, &path)?;
        self.mark(name, kept)
    }

    /// Lays the marker beside a file that is complete.
    fn mark(&self, name: &str, kept: &Kept) -> Result<(), DoorError> {
        let Some(template) = &self.settings.marker_out else { return Ok(()) };
        let (path, temporary) = self.names(&template.of(name));
        if self.place.size(&path)?.is_some() {
            return Ok(());
        }
        let text = self.settings.marker_text.replace("{name}", name).replace("{bytes}", &kept.bytes.to_string());
        let text = text.replace("{sha256}", &kept.sha256);
        self.place.write(&temporary, &mut text.as_bytes(), None)?;
        self.place.rename(&temporary, &path)
    }

    /// Stages and publishes in one go, for partners whose order numbers make a repeat harmless.
    pub fn send<R: Read>(
        &self,
        name: &str,
        kept: &Kept,
        body: impl FnMut() -> io::Result<R>,
        points: [&'static str; 3],
    ) -> Result<(), DoorError> {
        let (path, _) = self.names(name);
        if self.place.size(&path)?.is_some() {
            return self.adopt(path, kept);
        }
        self.stage(name, kept, body, [points[0], points[1]])?;
        self.publish(name, kept)?;
        crash::point(points[2]);
        Ok(())
    }

    fn names(&self, name: &str) -> (PathBuf, PathBuf) {
        (self.out.join(name), self.out.join(self.settings.temporary.of(name)))
    }

    fn adopt(&self, path: PathBuf, kept: &Kept) -> Result<(), DoorError> {
        match self.compare(&path, kept) {
            Err(DoorError::ReadBack { path, found, wanted }) => Err(DoorError::Occupied { path, found, wanted }),
            other => other,
        }
    }

    fn compare(&self, path: &Path, kept: &Kept) -> Result<(), DoorError> {
        let found = measure(self.place.open(path)?).map_err(|e| DoorError::io(path, e))?;
        if found == *kept && self.place.size(path)?.is_none_or(|bytes| bytes == kept.bytes) {
            return Ok(());
        }
        let words = |kept: &Kept| format!("{} ({} bytes)", kept.sha256, kept.bytes);
        Err(DoorError::ReadBack { path: path.to_owned(), found: words(&found), wanted: words(kept) })
    }

    /// Opens a file that waits.
    pub fn open(&self, name: &str) -> Result<Box<dyn Read + Send>, DoorError> {
        self.again(|| self.place.open(&self.into.join(name)))
    }

    /// Takes a file away that is safely archived: an exchange folder is clear text only until then. Its marker goes
    /// with it.
    pub fn remove(&self, name: &str) -> Result<(), DoorError> {
        self.again(|| self.take_away(name))?;
        let Some(marker) = &self.settings.marker_in else { return Ok(()) };
        self.again(|| self.place.remove(&self.into.join(marker.of(name))))
    }

    fn take_away(&self, name: &str) -> Result<(), DoorError> {
        let path = self.into.join(name);
        let Some(done) = &self.settings.done else { return self.place.remove(&path) };
        if self.place.size(&path)?.is_none() {
            return Ok(());
        }
        self.place.present(done)?;
        for copy in 1..=99 {
            let to = done.join(if copy == 1 { name.to_owned() } else { format!("{name}.{copy}") });
            if self.place.size(&to)?.is_none() {
                return self.place.rename(&path, &to);
            }
        }
        Err(self.place.refused(Fault::Refused, format!("{} holds {name} 99 times", done.display())))
    }

    /// Does something that may be done again; where only the line was to blame, again, after a while.
    fn again<T>(&self, mut work: impl FnMut() -> Result<T, DoorError>) -> Result<T, DoorError> {
        for done in 1.. {
            match work() {
                Err(error) if error.passes() => {
                    self.place.forget();
                    if done >= self.settings.tries {
                        return Err(error);
                    }
                    tracing::warn!(%error, "tried again");
                    sftp::pause(Duration::from_secs(self.settings.backoff_seconds << (done - 1).min(10)));
                }
                other => return other,
            }
        }
        unreachable!("the loop returns")
    }
}

/// The same few operations on either side.
impl Place {
    fn present(&self, folder: &Path) -> Result<(), DoorError> {
        match self {
            Place::Folder => folder::present(folder),
            Place::Sftp(sftp) => sftp.present(folder),
        }
    }

    fn list(&self, folder: &Path) -> Result<Vec<Item>, DoorError> {
        match self {
            Place::Folder => folder::list(folder),
            Place::Sftp(sftp) => sftp.list(folder),
        }
    }

    fn size(&self, path: &Path) -> Result<Option<u64>, DoorError> {
        match self {
            Place::Folder => folder::size(path),
            Place::Sftp(sftp) => Ok(sftp.facts(path)?.map(|facts| facts.bytes)),
        }
    }

    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, DoorError> {
        match self {
            Place::Folder => Ok(Box::new(std::fs::File::open(path).map_err(|e| DoorError::io(path, e))?)),
            Place::Sftp(sftp) => Ok(Box::new(sftp.open(path)?)),
        }
    }

    fn write(&self, path: &Path, from: &mut dyn Read, points: Option<StagePoints>) -> Result<(), DoorError> {
        match self {
            Place::Folder => folder::write(path, from, points),
            Place::Sftp(sftp) => sftp.write(path, from, points),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<(), DoorError> {
        match self {
            Place::Folder => folder::rename(from, to),
            Place::Sftp(sftp) => sftp.rename(from, to),
        }
    }

    fn remove(&self, path: &Path) -> Result<(), DoorError> {
        match self {
            Place::Folder => folder::remove(path),
            Place::Sftp(sftp) => sftp.remove(path),
        }
    }

    fn refused(&self, fault: Fault, said: String) -> DoorError {
        let at = match self {
            Place::Folder => "folder".to_owned(),
            Place::Sftp(sftp) => sftp.at().to_owned(),
        };
        DoorError::Shut { at, fault, said }
    }

    /// Forgets a connection that broke: the next operation makes a new one.
    fn forget(&self) {
        if let Place::Sftp(sftp) = self {
            sftp.forget();
        }
    }
}
