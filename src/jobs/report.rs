//! Step: the settlement report.
