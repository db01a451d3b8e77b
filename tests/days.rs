//! Whole days, played: our program on one side, the simulated partners on the other, every figure worked out by hand.

mod breaks;
mod plain;
