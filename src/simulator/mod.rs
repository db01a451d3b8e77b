//! The partner bank and the campus' meters, each with a truth of its own.

mod answering;
mod bank;
mod chance;
mod deciding;
mod family;
mod folder;
mod headend;
mod meter;
mod meter_files;
mod outcome;
mod scenario;
mod settling;
mod text;
mod truth;

pub use bank::{Bank, BankConfig, Settle, Which};
pub use family::Family;
pub use headend::{HeadEnd, HeadEndConfig, HeadEndScenario};
pub use meter::{Meter, Order, consumption};
pub use outcome::{Money, Outcome, Reason, Shown, Takes, Then};
pub use scenario::{Scenario, Word, vocabulary};
pub use settling::Totals;
pub use truth::{Debit, Delivery, Entry, RequestFile, Stage};

#[cfg(test)]
mod tests;
