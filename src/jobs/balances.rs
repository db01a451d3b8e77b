//! Step: balances from the head-end.
