//! Step: the invariants.
