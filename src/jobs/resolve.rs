//! People resolve what the engine cannot: breaks, releases, unanswered debits.
