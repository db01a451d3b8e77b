//! Whole-program tests, one binary: see each module's own words.

mod close;
mod days;
<<<<<<< HEAD
mod formats;
=======
mod edges;
>>>>>>> 24516c4 (Test the edges on both databases, with the head-end's files written by hand)
mod import;
mod money;
mod placement;
mod store;
mod support;
mod tidy;
