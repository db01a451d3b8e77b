//! What two people say about a file that the engine cannot see.
