//! debit
