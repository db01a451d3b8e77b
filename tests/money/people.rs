//! Two people resolve what the engine cannot.
