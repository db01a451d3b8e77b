//! Candidates of a night: a superset by SQL, judged by the rules.
