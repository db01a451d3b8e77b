//! The invariants as statements: each returns the rows that break it.
