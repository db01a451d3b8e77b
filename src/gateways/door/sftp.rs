//! A door that is folders of the partner's SFTP server. The only module that knows the SSH library.
//!
//! A connection lives on a thread of its own with its own small runtime; callers wait for it as they wait for a disk.
//! (An asynchronous door would need an asynchronous archive, envelopes and formats; a blocking one needs a thread.)
//! It is made at the first use, kept while the door is, and made anew after a cut.

mod connect;
mod file;
mod session;

use std::io::{self, BufWriter, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

pub use file::RemoteFile;
pub use session::Facts;

use super::{DoorError, Fault, Item, Settings, StagePoints};
use crate::crash;
use session::Session;

/// A server, and the connection to it while there is one.
#[derive(Debug)]
pub struct Sftp {
    settings: Settings,
    at: String,
    live: Mutex<Option<Arc<Session>>>,
}

impl Sftp {
    /// A server by its settings. Nothing is connected yet.
    pub fn new(settings: &Settings) -> Sftp {
        let at = format!("sftp://{}@{}:{}", settings.user, settings.host, settings.port);
        Sftp { settings: settings.clone(), at, live: Mutex::new(None) }
    }

    /// Its address.
    pub fn at(&self) -> &str {
        &self.at
    }

    /// The connection; made if there is none.
    pub fn session(&self) -> Result<Arc<Session>, DoorError> {
        let mut live = self.live.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = live.as_ref().filter(|session| !session.is_closed()) {
            return Ok(session.clone());
        }
        let session = Arc::new(Session::open(&self.settings, &self.at)?);
        *live = Some(session.clone());
        Ok(session)
    }

    /// Drops the connection.
    pub fn forget(&self) {
        *self.live.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The folder must be there.
    pub fn present(&self, folder: &Path) -> Result<(), DoorError> {
        match self.facts(folder)? {
            Some(facts) if facts.folder => Ok(()),
            _ => Err(DoorError::Missing(self.full(folder).into())),
        }
    }

    fn full(&self, path: &Path) -> String {
        format!("{}/{}", self.at, text(path).trim_start_matches('/'))
    }

    /// What the server says of a name; none where it does not exist.
    pub fn facts(&self, path: &Path) -> Result<Option<Facts>, DoorError> {
        self.session()?.facts(text(path))
    }

    /// The plain files of a folder.
    pub fn list(&self, folder: &Path) -> Result<Vec<Item>, DoorError> {
        match self.session()?.list(text(folder)) {
            Err(DoorError::Missing(_)) => Err(DoorError::Missing(self.full(folder).into())),
            listed => listed,
        }
    }

    /// Bytes free for us, where the server tells.
    pub fn free(&self, folder: &Path) -> Result<Option<u64>, DoorError> {
        self.session()?.free(text(folder))
    }

    /// Opens a file.
    pub fn open(&self, path: &Path) -> Result<RemoteFile, DoorError> {
        self.session()?.read(text(path))
    }

    /// Writes a file anew and has it synced where the server can. `points`: after the write, after the sync.
    pub fn write(&self, path: &Path, from: &mut dyn Read, points: Option<StagePoints>) -> Result<(), DoorError> {
        let mut to = BufWriter::with_capacity(file::CHUNK, self.session()?.create(text(path))?);
        let explained = |e| self.explained(path, DoorError::io(self.full(path), e));
        io::copy(from, &mut to).map_err(explained)?;
        let mut to = to.into_inner().map_err(|e| explained(e.into_error()))?;
        to.flushed().map_err(explained)?;
        if let Some([written, _]) = points {
            crash::point(written);
        }
        to.close().map_err(explained)?;
        if let Some([_, synced]) = points {
            crash::point(synced);
        }
        Ok(())
    }

    /// A server says "Failure" for a full disk too: its free space tells.
    fn explained(&self, path: &Path, error: DoorError) -> DoorError {
        let DoorError::Shut { at, fault: Fault::Refused, said } = error else { return error };
        let folder = path.parent().unwrap_or(Path::new("."));
        let words = said.to_lowercase();
        let full = ["no space", "quota", "disk full", "not enough space"].iter().any(|word| words.contains(word));
        let free = self.free(folder).ok().flatten();
        match free {
            Some(0) => DoorError::Shut { at, fault: Fault::DiskFull, said: format!("{said}; 0 bytes are free there") },
            _ if full => DoorError::Shut { at, fault: Fault::DiskFull, said },
            _ => DoorError::Shut { at, fault: Fault::Refused, said },
        }
    }

    /// Gives a file another name, which nobody has. Protocol version 3 promises to refuse a name that is taken; the
    /// server is asked beforehand too, because not every server keeps that promise.
    pub fn rename(&self, from: &Path, to: &Path) -> Result<(), DoorError> {
        let session = self.session()?;
        if session.facts(text(to))?.is_some() {
            let said = format!("{} is taken", text(to));
            return Err(DoorError::Shut { at: self.at.clone(), fault: Fault::RenameRefused, said });
        }
        session.rename(text(from), text(to)).map_err(|error| match error {
            DoorError::Shut { at, fault: Fault::Refused, said } => {
                DoorError::Shut { at, fault: Fault::RenameRefused, said }
            }
            other => other,
        })
    }

    /// Removes a file; one that is gone is gone.
    pub fn remove(&self, path: &Path) -> Result<(), DoorError> {
        match self.session()?.remove(text(path)) {
            Err(DoorError::Missing(_)) => Ok(()),
            other => other,
        }
    }
}

/// Waits without keeping the runtime's other tasks waiting.
pub fn blocking<T>(work: impl FnOnce() -> T) -> T {
    use tokio::runtime::{Handle, RuntimeFlavor};
    match Handle::try_current().map(|handle| handle.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}

/// Lets some time pass.
pub fn pause(time: Duration) {
    blocking(|| std::thread::sleep(time));
}

/// Names of a door come from the configuration and from listings: both are UTF-8.
fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}
