//! Batches: one file to one bank.
