//! Pass 1 of an answer file: read and verified whole.
