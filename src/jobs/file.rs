//! Step: the bank's files.
