//! Lines of money on bank statements.
