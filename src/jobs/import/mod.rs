//! Files in: accounts, balances, agreements, calendars.
