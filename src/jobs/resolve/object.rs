//! What two people resolve, as the command line and the tables name it, and what may be done to it by whom.

use std::fmt;
use std::str::FromStr;

use yichong_core::model::breaks::BreakKind;
use yichong_core::model::ids::{AccountNo, DebitNo};

use crate::error::{JobError, Kind};

/// What is to be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// `break:<kind>:<account>:<ref>`.
    Break(i64, BreakKind, i64),
    /// `batch:<batch_id>`.
    Batch(i64),
    /// `debit:<debit_no>`.
    Debit(DebitNo),
    /// `import:<hash>`.
    Import(String),
    /// `agreement:<account>`: the account's newest one.
    Agreement(AccountNo),
    /// `person:<name>`: somebody who uses the program, or is to.
    Person(String),
}

impl FromStr for Object {
    type Err = JobError;
    fn from_str(text: &str) -> Result<Object, JobError> {
        let bad = || {
            JobError::new(
                Kind::Usage,
                format!(
                    "`{text}` names nothing two people resolve; write break:<kind>:<account>:<ref>, batch:<number>, \
                     debit:<number>, import:<hash>, agreement:<account> or person:<name>"
                ),
            )
        };
        let parts: Vec<&str> = text.split(':').collect();
        match parts[..] {
            ["break", kind, account, reference] => Ok(Object::Break(
                account.parse().map_err(|_| bad())?,
                kind.parse().map_err(|e| JobError::new(Kind::Usage, e))?,
                reference.parse().map_err(|_| bad())?,
            )),
            ["batch", number] => Ok(Object::Batch(number.parse().map_err(|_| bad())?)),
            ["debit", number] => Ok(Object::Debit(number.parse().map_err(|_| bad())?)),
            ["import", hash] if !hash.is_empty() => Ok(Object::Import(hash.to_owned())),
            ["agreement", account] => Ok(Object::Agreement(account.parse().map_err(|_| bad())?)),
            ["person", name] if is_name(name) => Ok(Object::Person(name.to_owned())),
            _ => Err(bad()),
        }
    }
}

/// A name as it may stand in the audit: letters of any script, digits, blanks inside, nothing that looks like markup.
fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || " .-_·".contains(c);
    (1..=40).contains(&name.chars().count()) && name.trim() == name && name.chars().all(plain)
}

impl fmt::Display for Object {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Object::Break(account, kind, reference) => write!(out, "break:{kind}:{account}:{reference}"),
            Object::Batch(number) => write!(out, "batch:{number}"),
            Object::Debit(number) => write!(out, "debit:{number}"),
            Object::Import(hash) => write!(out, "import:{hash}"),
            Object::Agreement(account) => write!(out, "agreement:{account}"),
            Object::Person(name) => write!(out, "person:{name}"),
        }
    }
}

impl Object {
    /// The actions there are; what stands after a `:` is chosen by the maker.
    pub const fn actions(&self) -> &'static [&'static str] {
        match self {
            Object::Break(..) => &["accept", "refund", "write_off", "loss"],
            Object::Batch(_) => &["release", "void", "sent_by_hand", "did_not_arrive"],
            Object::Debit(_) => &["pay", "refuse", "refund"],
            Object::Import(_) => &["release"],
            Object::Agreement(_) => &["release", "amend", "suspend", "resume", "replace_card", "cancel", "tell_again"],
            Object::Person(_) => &["add", "role", "invite", "deactivate", "activate"],
        }
    }

    /// Whether a person of this role may propose or approve something about it: agreements are the counter's, money is
    /// not, and who enters people touches neither.
    pub fn allows(&self, role: &str) -> bool {
        match self {
            Object::Person(_) => role == "administrator",
            Object::Import(_) | Object::Agreement(_) => !["auditor", "administrator"].contains(&role),
            _ => !["auditor", "teller", "administrator"].contains(&role),
        }
    }
}
