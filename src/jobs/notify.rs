//! Texts to residents: written once, kept sealed, sent outside quiet hours. Texts never delay money.

mod author;

use std::sync::Arc;

use chrono::{DateTime, Duration, NaiveTime, Utc};
use zeroize::Zeroizing;

use super::app::{Ahead, App, Context, Outcome, Tally};
use super::error::{JobError, Kind};
use super::outgoing::{self, Outgoing};
use author::{Author, Written};
use yichong_gateways::clock::{instant, local};
use yichong_gateways::sms;
use yichong_gateways::vault::Purpose;
use yichong_store::files_out::LineOut;
use yichong_store::outbox;
use yichong_store::texts;

/// The step's name in progress.
const STEP: &str = "notify";
/// A payer is told that the credit is pending when there is none this long after the bank's answer …
const PENDING_MINUTES: i64 = 30;
/// … or by this time of the morning after it.
const PENDING_AT: NaiveTime = match NaiveTime::from_hms_opt(8, 0, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// Runs the step: safe at any time, and again.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let mut tally = Tally::default();
    tell_pending(ctx).await?;
    let sms = &ctx.app.config.sms;
    if !quiet(local(ctx.now()).time(), sms.quiet_from, sms.quiet_to) {
        write(ctx, &mut tally).await?;
        let out = Outgoing {
            door: ("sms", 3),
            kind: "sms",
            prefix: "sms",
            folder: &sms.out,
            points: ["notify.body.after_commit", "notify.file.after_rename", "notify.sent.after_commit"],
            write: body,
        };
        match outgoing::send(ctx, &out).await? {
            Ok(0) => {}
            Ok(sent) => tally.add("sms_sent", i64::try_from(sent).unwrap_or(i64::MAX)),
            Err(closed) => tracing::warn!("texts wait: {closed}"),
        }
    }
    let waiting = texts::waiting(&mut ctx.app.db.read().await?).await?;
    if waiting > 0 {
        tally.add("sms_waiting", waiting);
    }
    Ok(Outcome::Done(tally))
}

/// Whether a time of day is between two, past midnight where the first is the later.
fn quiet(time: NaiveTime, from: NaiveTime, to: NaiveTime) -> bool {
    if from <= to { from <= time && time < to } else { from <= time || time < to }
}

/// Answers up to this instant should have led to a credit by now.
fn overdue(now: DateTime<Utc>) -> DateTime<Utc> {
    let morning = instant(local(now).date(), PENDING_AT);
    let minutes = now - Duration::minutes(PENDING_MINUTES);
    // What was answered after 08:00 has until the next morning; what came before it, at 08:00 at the latest.
    if now >= morning { minutes.max(morning) } else { minutes }
}

async fn tell_pending(ctx: &Context<'_>) -> Result<(), JobError> {
    let mut tx = ctx.page().await?;
    texts::credit_pending(&mut tx, overdue(ctx.now()), ctx.now()).await?;
    tx.commit().await?;
    Ok(())
}

/// Writes and seals the bodies of what may be told by now, page by page; a page is written while the one before is
/// kept.
async fn write(ctx: &Context<'_>, tally: &mut Tally) -> Result<(), JobError> {
    let author = Author::of(ctx.app)?;
    let (date, account, reference) = outbox::START;
    let mut ahead = written(ctx, &author, (date, account, reference, String::new()));
    loop {
        let (page, last) = ahead.done().await?;
        let Some(last) = last else { return Ok(()) };
        ahead = written(ctx, &author, last);
        let page = page?;
        let mut tx = ctx.page().await?;
        texts::freeze(&mut tx, &page.bodies).await?;
        outbox::change(&mut tx, &page.withdrawn, ctx.now()).await?;
        tx.commit().await?;
        yichong_gateways::crash::point("notify.body.after_commit");
        if !page.withdrawn.is_empty() {
            tally.add("sms_withdrawn", i64::try_from(page.withdrawn.len()).unwrap_or(i64::MAX));
        }
        ctx.more(STEP, page.bodies.len());
    }
}

/// A page of texts, and where the next one begins; none: nothing is left.
type Page = (Result<Written, JobError>, Option<texts::After>);

/// Begins to read and write the next page of texts without a body.
fn written(ctx: &Context<'_>, author: &Arc<Author>, after: texts::After) -> Ahead<Page> {
    let (db, most, author) = (ctx.app.db.clone(), ctx.app.page, author.clone());
    Ahead::read(async move {
        let rows = texts::unwritten(&mut db.read().await?, &after, most).await?;
        let last = rows.last().map(|row| (row.business_date, row.account, row.reference, row.template.clone()));
        Ok((author.write(&rows), last))
    })
}

fn text_of(bytes: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(String::from_utf8_lossy(bytes).into_owned())
}

/// The gateway's file: the sealed texts, opened. A message's number tells what it is about, so a doubled one shows.
fn body(app: &App, lines: &[LineOut]) -> Result<Vec<u8>, JobError> {
    let mut opened = Vec::with_capacity(lines.len());
    for line in lines {
        let sealed = line.body_sealed.as_deref().unwrap_or_default();
        opened.push(text_of(&app.vault.open_value(Purpose::Text, line.account, sealed)?));
    }
    let rows = lines.iter().zip(&opened).map(|(line, opened)| {
        let (phone, text) = opened.split_once('\n').unwrap_or((opened, ""));
        (format!("{}-{}", line.reference, line.template), phone, text)
    });
    sms::write_file(rows).map_err(|e| JobError::new(Kind::Machine, format!("writing texts: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        let local = chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        instant(local.date(), local.time())
    }

    #[test]
    fn quiet_hours_reach_over_midnight() {
        let time = |h, m| NaiveTime::from_hms_opt(h, m, 0).unwrap();
        let (from, to) = (time(22, 0), time(7, 0));
        let quiets = [(21, 59, false), (22, 0, true), (0, 0, true), (6, 59, true), (7, 0, false), (12, 0, false)];
        for (h, m, is) in quiets {
            assert_eq!(quiet(time(h, m), from, to), is, "{h}:{m}");
        }
        assert!(quiet(time(13, 0), time(12, 0), time(14, 0)) && !quiet(time(14, 0), time(12, 0), time(14, 0)));
    }

    #[test]
    fn a_credit_is_pending_after_half_an_hour_or_at_eight() {
        assert_eq!(overdue(at("2026-11-21 07:59")), at("2026-11-21 07:29"));
        assert_eq!(overdue(at("2026-11-21 08:00")), at("2026-11-21 08:00"));
        assert_eq!(overdue(at("2026-11-21 08:10")), at("2026-11-21 08:00"));
        assert_eq!(overdue(at("2026-11-21 10:00")), at("2026-11-21 09:30"));
    }
}
