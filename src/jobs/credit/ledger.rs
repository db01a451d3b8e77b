//! The built-in ledger: Yichong keeps the balances, so a queued credit is booked and answered in one transaction.

use super::STEP;
use super::yes::{Verdict, Yes};
use crate::jobs::app::{Context, Outcome, Tally};
use crate::jobs::error::JobError;
use crate::store::outbox::{self, Change};

/// Books every queued credit, page by page.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let mut tally = Tally::default();
    let mut after = outbox::START;
    loop {
        let mut tx = ctx.page().await?;
        let page = outbox::queued(&mut tx, "credit", after, ctx.app.page).await?;
        let Some(last) = page.last() else { break };
        after = last.place();
        let mut yes = Yes::new(ctx);
        for order in &page {
            if let Verdict::Illegal(illegal) = yes.add(order)? {
                // Reversed or refunded before it reached the balance: the money is on its way back.
                yes.changes.push(Change { message: Some(illegal.to_string()), ..super::yes::to(order, "withdrawn") });
            }
        }
        yes.save(&mut tx).await?;
        tx.commit().await?;
        crate::crash::point("credit.answer.after_commit");
        yes.count(&mut tally);
        ctx.more(STEP, page.len());
    }
    Ok(Outcome::Done(tally))
}
