//! Yichong (易充): the bank auto-debit batch engine for prepaid electricity meters.
//!
//! ```text
//! cli ─┐
//! web ─┼─▶ jobs ─▶ { store · gateways } ─▶ core { rules · formats ─▶ model }
//! clock┘
//! ```
//!
//! Read it in this order: `yichong_core` (what exists and what is decided), [`config`] (what a site may choose),
//! [`store`] (all SQL), [`gateways`] (the outside), [`jobs`] (the night, step by step), [`web`] (what people
//! click), [`cli`] (what they type). [`simulator`] is the other side: banks and meters with their own truth and their
//! own code. `ARCHITECTURE.md` is the map.

pub mod cli;

pub use yichong_gateways::{self as gateways, crash};
pub use yichong_jobs::{self as jobs, config};
pub use yichong_simulator as simulator;
pub use yichong_store as store;
pub use yichong_web as web;
