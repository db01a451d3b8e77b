//! All SQL and nothing but SQL: it narrows and applies, it never decides.
//!
//! A function here takes `&mut Tx`, never a pool, so that what belongs together is one transaction by type. Pages of
//! rows go
//! in and out as `Vec`s. Every statement is a `const`, and a test prepares each one on both databases.

pub mod accounts;
pub mod agreements;
pub mod answers;
pub mod audit;
pub mod batches;
pub mod breaks;
pub mod calendars;
pub mod candidates;
pub mod certificates;
mod columns;
pub mod db;
pub mod debits;
pub mod dispatches;
pub mod files;
pub mod files_out;
pub mod grown;
pub mod invariants;
pub mod ledger;
pub mod logins;
pub mod meters;
pub mod money;
pub mod outbox;
pub mod people;
pub mod report;
pub mod rows;
pub mod runs;
pub mod texts;
