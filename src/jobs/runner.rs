//! Runs a job: claim, step by step, resume.
