//! Agreements: imported, released, suspended, cancelled.
