//! Step: who is due tonight.
