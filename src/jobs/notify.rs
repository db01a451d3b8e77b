//! Step: texts.
