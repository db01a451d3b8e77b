//! What leaves the process: credit orders, relay commands, texts, mail.
