//! Whole-program tests, one binary: see each module's own words.

mod cli_file;
mod close;
mod crash;
mod days;
mod edges;
mod formats;
mod import;
mod money;
mod placement;
mod store;
mod support;
mod tidy;
mod two_runners;
