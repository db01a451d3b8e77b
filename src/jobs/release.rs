//! Step: inside the stop limits the engine releases a file, outside it is held for two people.

use super::app::{Context, Outcome, Tally};
use super::error::JobError;
use yichong_core::rules::release::reasons_to_hold;
use yichong_gateways::crash;
use yichong_store::batches;

/// How many past runs the limits look at.
const RECENT: i64 = 30;

/// The step.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let app = ctx.app;
    let mut tally = Tally::default();
    let mut tx = app.db.read().await?;
    let sealed = batches::of_date(&mut tx, ctx.business_date).await?;
    drop(tx);
    for batch in sealed.iter().filter(|batch| batch.state == "sealed") {
        let mut tx = ctx.page().await?;
        let recent = batches::recent(&mut tx, &batch.bank, ctx.business_date, RECENT).await?;
        let reasons = reasons_to_hold(&batch.figures(), &recent, &app.config.stop);
        let judged = serde_json::json!({ "limits": app.config.stop, "figures": batch.figures(), "recent": recent });
        let hold = (!reasons.is_empty()).then(|| reasons.join("; "));
        batches::judge(&mut tx, batch.batch_id, hold.as_deref(), &judged.to_string()).await?;
        tx.commit().await?;
        crash::point("release.after_commit");
        tally.add(if hold.is_some() { "held" } else { "released" }, 1);
        if let Some(why) = hold {
            tracing::warn!(batch = batch.batch_id, file = batch.file_name, why, "held: two people must release it");
        }
    }
    Ok(Outcome::Done(tally))
}
