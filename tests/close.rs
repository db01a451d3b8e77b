//! The day that balances, on both databases: invariants, the day certificate, the settlement report.

mod closing;
mod day;
mod red;
mod report;
