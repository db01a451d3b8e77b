//! The steps of the night: load → decide → save, one file each; the runner that claims and resumes them.

pub mod access;
pub mod app;
pub mod assembly;
pub mod config;
pub mod definition;
pub mod dispatch;
pub mod doors;
pub mod enrol;
pub mod error;
pub mod evidence;
pub mod open;
pub mod pages;
pub mod runner;
pub mod scheduler;

pub mod balances;
pub mod file;
pub mod release;
pub mod search;
pub mod select;
pub mod send;
pub mod signature;

pub mod apply;
pub mod collect;
pub mod credit;
pub mod meter_door;
pub mod notify;
pub mod outgoing;
pub mod receipts;
pub mod verify_answer;

pub mod reconcile;
pub mod statement;

pub mod agreements;

pub mod certificate;
pub mod findings;
pub mod forget;
pub mod report;
pub mod verify;

pub mod explain;
pub mod import;
pub mod paper;
pub mod payer;
pub mod plan;
pub mod resolve;

pub use app::{App, Context, Outcome, Progress, Tally};
pub use error::{JobError, Kind};
