//! What can be wrong at a door: which kind, where, what was said, and what to do next.

use std::io;
use std::path::PathBuf;

/// The kinds of a door's refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nobody answers at the address.
    Unreachable,
    /// The other side does not answer in time.
    Timeout,
    /// The connection broke.
    Cut,
    /// The server shows another key than the configured one.
    HostKey,
    /// No algorithm in common.
    Algorithms,
    /// The server does not let us in.
    Authentication,
    /// A password, passphrase or key of ours cannot be read.
    Secret,
    /// It lets us in, but not do that.
    Permission,
    /// Its disk, or our share of it, is full.
    DiskFull,
    /// It refuses to give the file its final name.
    RenameRefused,
    /// It refuses, without a reason we know.
    Refused,
}

impl Fault {
    /// The kind in one word, for reports and scripts.
    pub const fn word(self) -> &'static str {
        match self {
            Fault::Unreachable => "unreachable",
            Fault::Timeout => "timeout",
            Fault::Cut => "cut",
            Fault::HostKey => "host_key",
            Fault::Algorithms => "algorithms",
            Fault::Authentication => "authentication",
            Fault::Secret => "secret",
            Fault::Permission => "permission",
            Fault::DiskFull => "disk_full",
            Fault::RenameRefused => "rename_refused",
            Fault::Refused => "refused",
        }
    }

    /// What to do next.
    pub const fn advice(self) -> &'static str {
        match self {
            Fault::Unreachable => "check address, line and firewall, ask the bank whether its server is up; run again",
            Fault::Timeout => "the line is slow or the server hangs: run again, or give it more operation_seconds",
            Fault::Cut => "run again: what was done is asked first, nothing is sent twice",
            Fault::HostKey => {
                "nothing was said to it. Ask the bank, by telephone, whether it changed its key; only then write the \
                 new fingerprint into host_keys"
            }
            Fault::Algorithms => "ask the bank to update its server, or list in `legacy` what it needs",
            Fault::Authentication => "check user, password_file or key_file; ask the bank whether the access is open",
            Fault::Secret => "put the file there, readable by this user only (chmod 600)",
            Fault::Permission => "ask the bank to give our user the right to list, write, rename and remove there",
            Fault::DiskFull => "ask the bank to make room; then run again",
            Fault::RenameRefused => "the file lies there under its temporary name only: ask the bank why, run again",
            Fault::Refused => "see `yichong door check BANK`; ask the bank for its server's log",
        }
    }

    /// Whether trying again may help without anybody doing anything.
    pub const fn passes(self) -> bool {
        matches!(self, Fault::Unreachable | Fault::Timeout | Fault::Cut)
    }
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
    /// The other side does not do it, or is not there.
    #[error("{at}: {}: {said}; {}", fault.word(), fault.advice())]
    Shut {
        /// Which door, and where in it.
        at: String,
        /// Which kind.
        fault: Fault,
        /// In words, both values where there are two.
        said: String,
    },
}

impl DoorError {
    /// An operation of the machine that failed. What a door said inside it stays what it was.
    pub fn io(path: impl Into<PathBuf>, source: io::Error) -> DoorError {
        let source = match source.downcast::<DoorError>() {
            Ok(inner) => return inner,
            Err(source) => source,
        };
        let path = path.into();
        let fault = match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Fault::Permission,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Fault::DiskFull,
            _ => return DoorError::Io { path, source },
        };
        DoorError::Shut { at: path.display().to_string(), fault, said: source.to_string() }
    }

    /// Which kind, where there is one.
    pub const fn fault(&self) -> Option<Fault> {
        match self {
            DoorError::Shut { fault, .. } => Some(*fault),
            _ => None,
        }
    }

    /// Whether trying again may help without anybody doing anything.
    pub fn passes(&self) -> bool {
        self.fault().is_some_and(Fault::passes)
    }
}

impl From<DoorError> for io::Error {
    fn from(error: DoorError) -> io::Error {
        io::Error::other(error)
    }
}
