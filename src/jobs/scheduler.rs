//! Fires jobs when they are due.
