//! Money on the statement, on both databases: every figure here is worked out by hand, in fen.
//!
//! The world: bank BOC, one batch of three debits of 30.00, 50.00 and 20.00 yuan (3000, 5000, 2000 fen), sent on Friday
//! 20 November 2026; a debit that is paid has its `paid` entry (clearing → prepaid) before the statement comes.

mod fates;
mod lumps;
mod people;
mod rows;
mod singles;
mod world;
