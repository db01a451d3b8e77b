//! The built-in ledger: Yichong keeps the balances, so a queued credit is booked and answered in one transaction.

use super::STEP;
use super::yes::{Verdict, Yes};
use crate::app::{Ahead, Context, Outcome, Tally};
use crate::error::JobError;
use crate::pages::Pages;
use yichong_store::outbox::{self, Change, MeterOrder};

/// Books every queued credit, page by page.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let mut tally = Tally::default();
    // Read while the page before was saved: where they share an account, its balance has moved since.
    let mut pages = Pages::after(outbox::START, |after| queued(ctx, after), MeterOrder::place, |order| order.account);
    while let Some(page) = pages.next().await? {
        let mut yes = Yes::new(ctx);
        for order in &page {
            if let Verdict::Illegal(illegal) = yes.add(order)? {
                // Reversed or refunded before it reached the balance: the money is on its way back.
                yes.changes.push(Change { message: Some(illegal.to_string()), ..super::yes::to(order, "withdrawn") });
            }
        }
        let mut tx = ctx.page().await?;
        yes.save(&mut tx).await?;
        tx.commit().await?;
        yichong_gateways::crash::point("credit.answer.after_commit");
        yes.count(&mut tally);
        ctx.more(STEP, page.len());
    }
    Ok(Outcome::Done(tally))
}

/// Begins to read the next page of queued credits.
fn queued(ctx: &Context<'_>, after: outbox::After) -> Ahead<Vec<MeterOrder>> {
    let (db, most) = (ctx.app.db.clone(), ctx.app.page);
    Ahead::read(async move { outbox::queued(&mut db.read().await?, "credit", after, most).await })
}
