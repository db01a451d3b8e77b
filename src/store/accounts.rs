//! Accounts, their meters and balances.
