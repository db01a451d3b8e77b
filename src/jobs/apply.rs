//! Step: answers into the books, page by page.
