//! Credits to the meters: what a bank has paid for reaches the meter once, and the power comes back.
//!
//! | module | does |
//! |---|---|
//! | [`yes`] | what a meter's yes means for debit, balance, texts and the switch; both kinds of meters share it |
//! | [`ledger`] | Yichong keeps the balances: a queued credit is its own answer |
//! | [`head_end`] | a head-end keeps them: orders out by file, silence named |
//! | [`answer`] | its acknowledgements of credits in |
//! | [`relay`] | switches: judged again before they leave, read back after |

use super::app::{Context, Outcome};
use super::error::JobError;
use crate::config::MeterKind;

pub mod answer;
pub mod head_end;
pub mod ledger;
pub mod relay;
pub mod yes;

/// The step's name in progress and tallies.
const STEP: &str = "credit";

/// Runs the step: safe at any time, and again.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    match ctx.app.config.meters.kind {
        MeterKind::Ledger => ledger::run(ctx).await,
        MeterKind::File => head_end::run(ctx).await,
    }
}
