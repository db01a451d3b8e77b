//! Step: what should be there by now and is not.
