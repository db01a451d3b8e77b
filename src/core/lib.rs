//! The pure half of Yichong: nouns, rules and file formats.
//!
//! Nothing here knows a clock, a database, a runtime or a disk; the package's `Cargo.toml` keeps it so.
//! Read in this order: [`model`] (what exists), [`rules`] (what is decided), [`formats`] (bytes ⇄ records); [`charset`]
//! and [`xml`] are what formats stand on, [`workbook`] reads Excel's files, [`iso20022`] and [`mt940`] the messages of
//! standards for them.

pub mod charset;
pub mod formats;
pub mod iso20022;
pub mod model;
pub mod mt940;
pub mod rules;
pub mod workbook;
pub mod xml;
