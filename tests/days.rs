//! Whole days, played: our program on one side, the simulated partners on the other, every figure worked out by hand.

mod answers;
mod breaks;
mod documents;
mod families;
mod iso20022;
mod iso_collections;
mod iso_money;
mod meters;
mod nights;
mod plain;
mod signatures;
mod statements;
