//! What is decided, as pure functions of facts: nothing here loads, saves or asks the time.
//!
//! | module | decides |
//! |---|---|
//! | [`selection`] | who is due tonight, and why not |
//! | [`grouping`] | which debit stands on which line of which file |
//! | [`release`] | whether a file may leave without a person |
//! | [`matching`] | whether a bank's answer file is about what we sent |
//! | [`answering`] | what an answer causes |
//! | [`posting`] | which ledger entries an event makes |
//! | [`settlement`] | what a line of money settles, and what is a break |
//! | [`power`] | whether the power comes back |
//! | [`closing`] | whether a day may close |
//! | [`telling`] | what a bank must be told of an agreement, what its reply is about, where its list differs |
//! | [`amending`] | what people may change of an agreement, and what becomes of a debit on its way |
//! | [`access`] | who gets into the console, and for how long |

pub mod access;
pub mod amending;
pub mod answering;
pub mod closing;
pub mod grouping;
pub mod matching;
pub mod posting;
pub mod power;
pub mod release;
pub mod selection;
pub mod settlement;
pub mod telling;

/// Raised by one whenever a rule's meaning changes; stored with every decision.
pub const RULE_VERSION: i64 = 1;
