//! The life of agreements after their entry: changed by two people at the counter, told to banks and answered.

mod amend;
mod compare;
mod counter;
pub mod exchange;
mod months;
