//! A file of a server as `Read` and `Write`: so the archive and the formats stream it like any other.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use russh_sftp::client::error::Error as SftpError;
use russh_sftp::client::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::Mutex;

use super::super::{DoorError, Fault};
use super::session::{Session, told};

/// So much is read or written by one operation.
pub const CHUNK: usize = 64 * 1024;

/// A file, read or written in order. It keeps its connection.
pub struct RemoteFile {
    session: Arc<Session>,
    file: Arc<Mutex<File>>,
    path: String,
}

impl fmt::Debug for RemoteFile {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "RemoteFile({})", self.path)
    }
}

impl RemoteFile {
    /// An opened file.
    pub fn new(session: Arc<Session>, file: File, path: &str) -> RemoteFile {
        RemoteFile { session, file: Arc::new(Mutex::new(file)), path: path.to_owned() }
    }

    /// What went wrong, by its kind. Where only words come, the server said them.
    fn told(&self, error: &io::Error) -> io::Error {
        let at = self.session.at();
        let shut = match error.get_ref().and_then(|inner| inner.downcast_ref::<SftpError>()) {
            Some(inner) => told(at, &self.path, inner),
            None => {
                let said = format!("{}: {error}", self.path);
                DoorError::Shut { at: at.to_owned(), fault: Fault::Refused, said }
            }
        };
        shut.into()
    }

    /// Waits until the server has confirmed everything written.
    pub fn flushed(&mut self) -> io::Result<()> {
        let file = self.file.clone();
        self.session.run(async move { file.lock().await.flush().await })?.map_err(|e| self.told(&e))
    }

    /// Has the file synced, where the server can, and closes it.
    pub fn close(self) -> io::Result<()> {
        let file = self.file.clone();
        let closed = self.session.run(async move {
            let mut file = file.lock().await;
            file.sync_all().await?;
            file.shutdown().await
        })?;
        closed.map_err(|e| self.told(&e))
    }
}

impl Read for RemoteFile {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let (file, most) = (self.file.clone(), out.len().min(CHUNK));
        let got = self.session.run(async move {
            let mut block = vec![0_u8; most];
            let length = file.lock().await.read(&mut block).await?;
            block.truncate(length);
            Ok::<_, io::Error>(block)
        })?;
        let block = got.map_err(|e| self.told(&e))?;
        out[..block.len()].copy_from_slice(&block);
        Ok(block.len())
    }
}

impl Write for RemoteFile {
    fn write(&mut self, block: &[u8]) -> io::Result<usize> {
        let block = block[..block.len().min(CHUNK)].to_vec();
        let (file, length) = (self.file.clone(), block.len());
        let done = self.session.run(async move { file.lock().await.write_all(&block).await })?;
        done.map_err(|e| self.told(&e))?;
        Ok(length)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushed()
    }
}
