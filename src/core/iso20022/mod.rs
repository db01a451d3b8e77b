//! ISO 20022: the international standard's messages of the debit cycle. pain.008 goes out (and is read back), pain.002
//! comes in as answers, camt.053 and camt.054 as money; they feed the same records as the text formats.
//!
//! ```text
//! document ─ cursor: body, identity, order ─▶ stream | camt: one part in memory ─▶ answers · statements · sections
//! ```
//! Every version is read by one reader: elements are found by name, in any order, and what is odd is a warning.
//! Money is exact in its currency or an error. What a status means is the bank's table (`settings`), what a reason
//! means the format's codes.

mod answers;
mod camt;
mod cells;
mod charset;
mod collection;
mod cursor;
mod dates;
mod decisions;
mod detail;
mod entry;
mod form;
mod money;
mod names;
mod namespace;
mod node;
mod order;
mod pages;
mod pain002;
mod pain008;
mod party;
mod posting;
mod reason;
mod rest;
mod sections;
mod serial;
mod settings;
mod statements;
mod status;
mod stream;
mod summary;
mod tx;
mod warnings;
mod writer;
mod written;

pub(crate) use self::answers::Answers;
pub(crate) use self::cells::columns;
pub use self::money::Currency;
pub use self::namespace::Family;
pub(crate) use self::sections::{Section, Sections};
pub use self::settings::{Key, Profile, References, Sequence, Settings};
pub(crate) use self::settings::{Spec, settings};
pub(crate) use self::statements::Statements;
pub use self::status::{Means, Statuses};
pub(crate) use self::writer::DebitWriter;
pub use self::written::Amendments;
