//! Whole-program tests, one binary: see each module's own words.

mod import;
mod support;
mod tidy;
