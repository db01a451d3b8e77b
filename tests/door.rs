//! A bank's door over SFTP, against a real OpenSSH server on this machine: thrown away after each test, with keys of
//! its own, and a line in between that can be cut or slowed down.

mod acts;
mod check;
mod crash;
mod envelopes;
mod faults;
mod line;
mod logins;
mod night;
mod server;
