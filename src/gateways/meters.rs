//! The meters' head-end by files: orders out, acknowledgements and balances in.
