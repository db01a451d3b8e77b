//! The outside: clock, keys, folders of banks, meters and SMS. Nothing here knows the database.

pub mod archive;
pub mod clock;
pub mod crash;
pub mod door;
pub mod envelope;
pub mod handover;
pub mod host;
pub mod meters;
pub mod password;
mod secret;
pub mod signing;
pub mod sms;
pub mod vault;
