//! The life of agreements after their entry: changed by two people at the counter.

mod amend;
mod counter;
