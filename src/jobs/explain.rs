//! Why was this meter (not) debited: every rule with the value seen.
