//! Whole-program tests, one binary: see each module's own words.
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on says so by stopping")]
mod agreements;
mod cli_file;
mod cli_format;
mod close;
mod console;
mod crash;
mod days;
mod door;
mod edges;
mod first_night;
mod formats;
mod import;
mod money;
mod placement;
mod store;
mod support;
mod tidy;
mod two_runners;
