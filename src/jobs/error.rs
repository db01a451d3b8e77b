//! What can go wrong while working, by kind; the kind is the exit code (see `docs/operations.md`).

use crate::config::ConfigError;
use yichong_gateways::door::{DoorError, Fault};
use yichong_gateways::vault::VaultError;
use yichong_store::db::StoreError;

/// The kind of a failure: what a script needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The command line is wrong.
    Usage = 2,
    /// An input file or value is wrong; nothing was changed.
    Input = 3,
    /// A rule forbids it: not released, not allowed, day not closable.
    Refused = 4,
    /// The books or the invariants are wrong.
    Books = 5,
    /// Waiting for a person or a partner; run again later.
    Waiting = 6,
    /// Another process, or a person, is at it.
    Busy = 7,
    /// The machine: disk, database, folder.
    Machine = 8,
}

/// A failure with its kind and words that say what to do.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct JobError {
    /// Which kind.
    pub kind: Kind,
    /// What, where, both values, and what to do next.
    pub message: String,
}

impl JobError {
    /// Makes one.
    pub fn new(kind: Kind, message: impl Into<String>) -> JobError {
        JobError { kind, message: message.into() }
    }

    /// An input is wrong.
    pub fn input(message: impl Into<String>) -> JobError {
        JobError::new(Kind::Input, message)
    }

    /// A rule forbids it.
    pub fn refused(message: impl Into<String>) -> JobError {
        JobError::new(Kind::Refused, message)
    }
}

impl From<StoreError> for JobError {
    fn from(error: StoreError) -> JobError {
        let kind = match &error {
            StoreError::Corrupt { .. } => Kind::Books,
            // A page is read before it is saved: a person may have been faster. Nothing is lost by doing it again.
            StoreError::Fenced { .. } | StoreError::Guard { .. } => Kind::Busy,
            StoreError::Sql(_) | StoreError::Migrate(_) | StoreError::Unfit(_) => Kind::Machine,
        };
        JobError::new(kind, error.to_string())
    }
}

impl From<DoorError> for JobError {
    fn from(error: DoorError) -> JobError {
        let kind = match error.fault() {
            Some(fault) if fault.passes() => Kind::Waiting,
            Some(Fault::HostKey) => Kind::Refused,
            Some(Fault::Secret) => Kind::Input,
            _ if matches!(error, DoorError::Occupied { .. }) => Kind::Refused,
            _ => Kind::Machine,
        };
        JobError::new(kind, error.to_string())
    }
}

impl From<VaultError> for JobError {
    fn from(error: VaultError) -> JobError {
        JobError::new(Kind::Machine, error.to_string())
    }
}

impl From<ConfigError> for JobError {
    fn from(error: ConfigError) -> JobError {
        JobError::new(Kind::Input, error.to_string())
    }
}

impl From<std::io::Error> for JobError {
    fn from(error: std::io::Error) -> JobError {
        // What a door says while a file streams through it comes inside the stream's error.
        match error.downcast::<DoorError>() {
            Ok(door) => JobError::from(door),
            Err(error) => JobError::new(Kind::Machine, error.to_string()),
        }
    }
}

impl From<yichong_core::formats::records::FileError> for JobError {
    fn from(error: yichong_core::formats::records::FileError) -> JobError {
        JobError::new(Kind::Input, error.to_string())
    }
}

impl From<yichong_core::model::money::MoneyError> for JobError {
    fn from(error: yichong_core::model::money::MoneyError) -> JobError {
        JobError::new(Kind::Books, error.to_string())
    }
}

impl From<yichong_core::model::calendar::MissingYear> for JobError {
    fn from(error: yichong_core::model::calendar::MissingYear) -> JobError {
        JobError::new(Kind::Refused, error.to_string())
    }
}

impl From<serde_json::Error> for JobError {
    fn from(error: serde_json::Error) -> JobError {
        JobError::new(Kind::Books, format!("a stored value does not read back: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cron runs it again; nobody is called out of bed for a colleague's click.
    #[test]
    fn somebody_who_was_faster_is_no_fault_of_the_books() {
        let guard = JobError::from(StoreError::Guard { what: "moving debits", expected: 3, found: 2 });
        assert_eq!(guard.kind, Kind::Busy);
        assert!(guard.message.contains("3 rows") && guard.message.contains("run it again"), "{guard}");
        let corrupt = StoreError::Corrupt { table: "debit", row: "1".into(), problem: "gone".into() };
        assert_eq!(JobError::from(corrupt).kind, Kind::Books);
    }
}
