//! The store itself: every statement is understood by both databases, the embedded one is set up as it must be, and
//! what the schema forbids is refused whatever the program does.

mod forbidden;
mod grown;
mod setup;
mod source;
mod statements;
