//! One connection: its thread, its operations with their time limits.

use std::fmt;
use std::io;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use russh::client::Handle;
use russh_sftp::client::SftpSession;
use russh_sftp::client::error::Error as SftpError;
use russh_sftp::client::fs::DirEntry;
use russh_sftp::protocol::StatusCode;
use tokio::runtime::{Builder, Runtime};

use super::super::{DoorError, Fault, Item, Settings};
use super::blocking;
use super::connect::{Client, connect};
use super::file::RemoteFile;

/// What a server says of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Length.
    pub bytes: u64,
    /// It is a folder.
    pub folder: bool,
    /// When it was changed last, seconds since 1970 by the server's clock.
    pub changed: Option<i64>,
}

/// One connection.
pub struct Session {
    runtime: Option<Runtime>,
    ssh: Handle<Client>,
    sftp: Arc<SftpSession>,
    limit: Duration,
    at: String,
}

impl fmt::Debug for Session {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Session({})", self.at)
    }
}

impl Session {
    /// Connects and logs in.
    pub fn open(settings: &Settings, at: &str) -> Result<Session, DoorError> {
        let machine = |e: io::Error| DoorError::io(at, e);
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(machine)?;
        // Its own limits stand inside; this one is for a library that hangs.
        let limit = Duration::from_secs(settings.connect_seconds * 2 + settings.operation_seconds * 3);
        let connected = wait(&runtime, limit, connect(settings.clone(), at.to_owned()));
        match connected.unwrap_or_else(|| Err(late(at, limit))) {
            Ok((ssh, sftp)) => {
                let limit = Duration::from_secs(settings.operation_seconds);
                Ok(Session { runtime: Some(runtime), ssh, sftp: Arc::new(sftp), limit, at: at.to_owned() })
            }
            Err(error) => {
                runtime.shutdown_background();
                Err(error)
            }
        }
    }

    /// Its address.
    pub fn at(&self) -> &str {
        &self.at
    }

    /// Whether the connection is over.
    pub fn is_closed(&self) -> bool {
        self.ssh.is_closed()
    }

    /// Waits for an operation.
    pub fn run<T, W>(&self, work: W) -> Result<T, DoorError>
    where
        T: Send + 'static,
        W: Future<Output = T> + Send + 'static,
    {
        let done = self.runtime.as_ref().and_then(|runtime| wait(runtime, self.limit, work));
        done.ok_or_else(|| late(&self.at, self.limit))
    }

    /// What the server says of a name; none where it does not exist.
    pub fn facts(&self, path: &str) -> Result<Option<Facts>, DoorError> {
        let (sftp, name) = (self.sftp.clone(), path.to_owned());
        match self.run(async move { sftp.metadata(name).await })? {
            Ok(facts) => {
                let changed = facts.mtime.map(i64::from);
                Ok(Some(Facts { bytes: facts.size.unwrap_or(0), folder: facts.file_type().is_dir(), changed }))
            }
            Err(error) => match told(&self.at, path, &error) {
                DoorError::Missing(_) => Ok(None),
                other => Err(other),
            },
        }
    }

    /// The plain files of a folder.
    pub fn list(&self, folder: &str) -> Result<Vec<Item>, DoorError> {
        let (sftp, name) = (self.sftp.clone(), folder.to_owned());
        let listed = self.run(async move { sftp.read_dir(name).await })?;
        let listed = listed.map_err(|e| told(&self.at, folder, &e))?;
        let plain = |item: &DirEntry| {
            // A server that does not say what it is lists files. (`is_regular` is true of links.)
            let facts = item.metadata();
            facts.permissions.is_none() || facts.file_type().is_file()
        };
        let item = |item: DirEntry| Item {
            name: item.file_name(),
            bytes: item.metadata().size.unwrap_or(0),
            changed: item.metadata().mtime.map(i64::from),
        };
        // A name is one name: a server that lists paths would lead us elsewhere.
        let named = |item: &Item| !item.name.contains(['/', '\0']);
        Ok(listed.filter(plain).map(item).filter(named).collect())
    }

    /// Opens a file for reading.
    pub fn read(self: &Arc<Session>, path: &str) -> Result<RemoteFile, DoorError> {
        let (sftp, name) = (self.sftp.clone(), path.to_owned());
        let opened = self.run(async move { sftp.open(name).await })?;
        Ok(RemoteFile::new(self.clone(), opened.map_err(|e| told(&self.at, path, &e))?, path))
    }

    /// Makes a file anew for writing.
    pub fn create(self: &Arc<Session>, path: &str) -> Result<RemoteFile, DoorError> {
        let (sftp, name) = (self.sftp.clone(), path.to_owned());
        let opened = self.run(async move { sftp.create(name).await })?;
        Ok(RemoteFile::new(self.clone(), opened.map_err(|e| told(&self.at, path, &e))?, path))
    }

    /// Gives a file another name.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), DoorError> {
        let (sftp, names) = (self.sftp.clone(), (from.to_owned(), to.to_owned()));
        let done = self.run(async move { sftp.rename(names.0, names.1).await })?;
        done.map_err(|e| told(&self.at, to, &e))
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) -> Result<(), DoorError> {
        let (sftp, name) = (self.sftp.clone(), path.to_owned());
        let done = self.run(async move { sftp.remove_file(name).await })?;
        done.map_err(|e| told(&self.at, path, &e))
    }

    /// Bytes free for us, where the server tells.
    pub fn free(&self, folder: &str) -> Result<Option<u64>, DoorError> {
        let (sftp, name) = (self.sftp.clone(), folder.to_owned());
        let disk = self.run(async move { sftp.fs_info(name).await })?.map_err(|e| told(&self.at, folder, &e))?;
        Ok(disk.map(|disk| disk.blocks_avail.saturating_mul(disk.fragment_size)))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Waiting for its end would block whoever drops it.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Runs a future on a connection's thread; none if it does not end in time.
fn wait<T, W>(runtime: &Runtime, limit: Duration, work: W) -> Option<T>
where
    T: Send + 'static,
    W: Future<Output = T> + Send + 'static,
{
    let (tell, told) = mpsc::sync_channel(1);
    runtime.spawn(async move {
        if let Ok(done) = tokio::time::timeout(limit, work).await {
            let _ = tell.send(done);
        }
    });
    blocking(|| told.recv().ok())
}

fn late(at: &str, limit: Duration) -> DoorError {
    let said = format!("no answer within {} s", limit.as_secs());
    DoorError::Shut { at: at.to_owned(), fault: Fault::Timeout, said }
}

/// What the server said, by its kind.
pub fn told(at: &str, path: &str, error: &SftpError) -> DoorError {
    let fault = match error {
        SftpError::Status(status) => match status.status_code {
            StatusCode::NoSuchFile => {
                return DoorError::Missing(format!("{at}/{}", path.trim_start_matches('/')).into());
            }
            StatusCode::PermissionDenied => Fault::Permission,
            StatusCode::NoConnection | StatusCode::ConnectionLost => Fault::Cut,
            _ => Fault::Refused,
        },
        SftpError::Timeout => Fault::Timeout,
        SftpError::IO(_) | SftpError::UnexpectedBehavior(_) => Fault::Cut,
        SftpError::Limited(_) | SftpError::UnexpectedPacket => Fault::Refused,
    };
    DoorError::Shut { at: at.to_owned(), fault, said: format!("{path}: {error}") }
}
