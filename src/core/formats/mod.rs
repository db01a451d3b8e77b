//! Bytes ⇄ records: one engine for every bank's file, driven by `formats/*.toml`.

pub mod records;
