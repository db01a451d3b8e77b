//! The console asked as a browser asks it: what each role sees and may do, and that nothing happens by accident.

mod browser;
mod counter;
mod money;
mod roles;
mod serving;
mod signing_in;
mod staff;
