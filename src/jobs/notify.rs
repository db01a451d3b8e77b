//! Texts to residents: written once, kept sealed, sent outside quiet hours. Texts never delay money.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use yichong_core::model::ids::AccountNo;
use yichong_core::model::money::Fen;
use yichong_core::rules::answering::Notice;
use zeroize::Zeroizing;

use super::app::{Ahead, App, Context, Outcome, Tally};
use super::error::{JobError, Kind};
use super::outgoing::{self, Outgoing};
use super::payer::Payer;
use crate::gateways::clock::{instant, local};
use crate::gateways::sms::{self, Facts, Language, Texts};
use crate::gateways::vault::{Purpose, Vault};
use crate::store::files_out::LineOut;
use crate::store::outbox::{self, Change};
use crate::store::texts::{self, Body, TextRow};

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
    let built_in = Texts::built_in().map_err(|e| JobError::input(e.to_string()))?;
    let mut tally = Tally::default();
    tell_pending(ctx).await?;
    let sms = &ctx.app.config.sms;
    if !quiet(local(ctx.now()).time(), sms.quiet_from, sms.quiet_to) {
        write(ctx, &built_in, &mut tally).await?;
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

/// Writes and seals the bodies of what may be told by now, page by page.
async fn write(ctx: &Context<'_>, built_in: &Texts, tally: &mut Tally) -> Result<(), JobError> {
    let mut after = (NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default(), 0, 0, String::new());
    let mut ahead = unwritten(ctx, after.clone());
    loop {
        let page = ahead.done().await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = (last.business_date, last.account, last.reference, last.template.clone());
        ahead = unwritten(ctx, after.clone());
        let (mut bodies, mut changes) = (Vec::new(), Vec::new());
        for row in &page {
            match decide(ctx.app, built_in, row)? {
                Told::Text(body) => bodies.push(body),
                Told::Later => {}
                Told::Never(why) => changes.push(Change {
                    account: row.account,
                    kind: "sms",
                    reference: row.reference,
                    template: row.template.clone(),
                    from: row.state.clone(),
                    to: "withdrawn",
                    message: Some(why.to_owned()),
                }),
            }
        }
        let mut tx = ctx.page().await?;
        texts::freeze(&mut tx, &bodies).await?;
        outbox::change(&mut tx, &changes, ctx.now()).await?;
        tx.commit().await?;
        crate::crash::point("notify.body.after_commit");
        if !changes.is_empty() {
            tally.add("sms_withdrawn", i64::try_from(changes.len()).unwrap_or(i64::MAX));
        }
        ctx.more(STEP, page.len());
    }
}

/// Begins to read the next page of texts without a body.
fn unwritten(ctx: &Context<'_>, after: texts::After) -> Ahead<Vec<TextRow>> {
    let (db, most) = (ctx.app.db.clone(), ctx.app.page);
    Ahead::read(async move { texts::unwritten(&mut db.read().await?, &after, most).await })
}

enum Told {
    Text(Body),
    Later,
    Never(&'static str),
}

fn decide(app: &App, built_in: &Texts, row: &TextRow) -> Result<Told, JobError> {
    let Some(notice) = sms::notice(&row.template) else { return Ok(Told::Never("there is no such text")) };
    match (notice, row.debit_state.as_str()) {
        (Notice::Credited, "paid") => return Ok(Told::Later),
        (Notice::Credited, "credited") | (Notice::CreditPending, "paid") => {}
        (Notice::Credited | Notice::CreditPending, _) => return Ok(Told::Never("overtaken: the debit moved on")),
        _ => {}
    }
    let Some(phone) = recipient(&app.vault, notice, row)? else { return Ok(Told::Never("no phone is known")) };
    let bank = app.config.bank(&row.bank);
    // A text about the power is queued with what is missing; the balance it was decided by follows from it.
    let missing = Fen(row.amount_fen);
    let balance = Fen(app.config.meters.cut_limit.0 - missing.0 + 1);
    let facts = Facts {
        account: AccountNo(row.account),
        amount: Fen(row.amount_fen),
        card_last4: &row.card_last4,
        date: row.business_date,
        balance,
        missing,
        bank: bank.map_or(&row.bank, |bank| &bank.name),
        site_phone: &app.config.site.phone,
    };
    let text = built_in.write(notice, Language::Chinese, &app.config.sms.signature, &facts);
    let clear = Zeroizing::new(format!("{}\n{text}", phone.as_str()));
    Ok(Told::Text(Body {
        account: row.account,
        reference: row.reference,
        template: row.template.clone(),
        to_index: app.vault.index("phone", &phone),
        sealed: app.vault.seal(Purpose::Text, row.account, clear.as_bytes())?,
    }))
}

/// Texts about debits go to the payer, texts about the power to the account's own phone: a refusal's reason never goes
/// to a holder who is not the payer.
fn recipient(vault: &Vault, notice: Notice, row: &TextRow) -> Result<Option<Zeroizing<String>>, JobError> {
    let phone = match notice {
        Notice::StillShort | Notice::Reclosed => match &row.phone_sealed {
            Some(sealed) => text_of(&vault.open_value(Purpose::Phone, row.account, sealed)?),
            None => Zeroizing::new(String::new()),
        },
        _ => Payer::open(vault, row.account, &row.payer_sealed)?.mobile,
    };
    let digits = phone.strip_prefix('+').unwrap_or(&phone);
    let dialled = (5..=20).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    Ok(dialled.then_some(phone))
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
