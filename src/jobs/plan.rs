//! Tonight's files without writing state: the same bytes as the run.
