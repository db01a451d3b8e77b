//! Step: what is no longer kept. Replaced balances explain a past date for 400 days; after that `explain` says so.

use super::app::{Context, Outcome, Tally};
use super::error::JobError;
use yichong_store::accounts::readings;

/// Runs the step: safe at any time, and again.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let mut tally = Tally::default();
    let mut after = 0;
    loop {
        let mut tx = ctx.page().await?;
        let (last, gone) = readings::prune(&mut tx, ctx.business_date, after, ctx.app.page).await?;
        tx.commit().await?;
        if gone > 0 {
            tally.add("balances", i64::try_from(gone).unwrap_or(i64::MAX));
        }
        let Some(last) = last else { return Ok(Outcome::Done(tally)) };
        after = last;
    }
}
