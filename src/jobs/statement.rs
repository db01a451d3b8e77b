//! Step: bank statements into the books.
