//! Step: to the bank's door.
