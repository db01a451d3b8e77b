//! Step: new, changed and cancelled agreements to the banks that exchange them (签约送盘).
//!
//! What is due is what differs from the last word to the bank. Words are put on lines page by page; the file is a
//! function of its lines, so until it is sealed everything may be done again. It leaves like a debit file: staged,
//! recorded, shown by one rename, recorded. Two people have approved every agreement in it; nobody releases it again.

use std::collections::HashMap;

use yichong_core::formats::Format;
use yichong_core::formats::agreements::AgreementWriter;
use yichong_core::formats::records::FileFacts;
use yichong_core::model::agreement::Operation;
use yichong_core::model::breaks::BreakKind;
use yichong_core::rules::telling::{Holds, Reply, Told, to_tell};

use super::leave::row;
use super::{about, operation, reference};
use crate::app::{Context, Outcome, Tally};
use crate::assembly::facts;
use crate::config::{Agreements, Bank};
use crate::doors::ShutDoors;
use crate::error::JobError;
use crate::runner;
use crate::signature;
use yichong_gateways::crash;
use yichong_gateways::door::DoorError;
use yichong_store::accounts::{self, AccountRow};
use yichong_store::agreements::notices::{self, Line, Notice, Untold};
use yichong_store::breaks::{self, Break};
use yichong_store::calendars;
use yichong_store::db::Tx;
use yichong_store::files_out::{self, FileOut};

/// The step.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let (mut tally, mut shut) = (Tally::default(), ShutDoors::default());
    for bank in &ctx.app.config.banks {
        let Some(own) = &bank.agreements else { continue };
        if let Err(error) = signature::own(bank, ctx.app.format(&own.out)?) {
            shut.refuse(&bank.code, error);
        } else if let Err(error) = one_bank(ctx, bank, own, &mut tally).await? {
            shut.add(&bank.code, error);
        }
    }
    Ok(shut.outcome(tally))
}

async fn one_bank(
    ctx: &Context<'_>,
    bank: &Bank,
    own: &Agreements,
    tally: &mut Tally,
) -> Result<Result<(), DoorError>, JobError> {
    let teller = Teller { ctx, bank, format: ctx.app.format(&own.out)?, door: format!("agreements-{}", bank.code) };
    let mut tx = ctx.app.db.read().await?;
    let works = calendars::load(&mut tx, &bank.calendar).await?.works(ctx.business_date)?;
    let earlier = notices::unfinished(&mut tx, &teller.door).await?;
    drop(tx);
    if !works {
        tally.add("bank_closed", 1);
        return Ok(Ok(()));
    }
    // A file cut short leaves first; what is due since then follows in the next one.
    if let Some(file) = earlier {
        let file = if file.sha256.is_none() { teller.fill(Some(file), tally).await? } else { Some(file) };
        if let Some(file) = file
            && let Err(shut) = teller.leave(file, own, tally).await?
        {
            return Ok(Err(shut));
        }
    }
    match teller.fill(None, tally).await? {
        Some(file) => teller.leave(file, own, tally).await,
        None => Ok(Ok(())),
    }
}

/// One bank being told.
pub(super) struct Teller<'a> {
    pub(super) ctx: &'a Context<'a>,
    pub(super) bank: &'a Bank,
    pub(super) format: &'a Format,
    pub(super) door: String,
}

/// Where the walk over agreements stands.
#[derive(Clone, Copy)]
enum Walk {
    /// Those that stand there no more, after (account, number).
    Cancel(i64, i64),
    /// Those that stand there, after an account.
    Sign(i64),
}

impl Teller<'_> {
    /// Puts what is due on a file's lines; makes the file when the first word needs it.
    async fn fill(&self, mut file: Option<FileOut>, tally: &mut Tally) -> Result<Option<FileOut>, JobError> {
        let mut walk = Walk::Cancel(0, 0);
        loop {
            let mut tx = self.ctx.page().await?;
            let (code, most) = (&self.bank.code, self.ctx.app.page);
            let (page, next) = match walk {
                Walk::Cancel(account, number) => {
                    let page = notices::to_cancel(&mut tx, code, (account, number), most).await?;
                    let next = page.last().map_or(Walk::Sign(0), |row| Walk::Cancel(row.account, row.number));
                    (page, Some(next))
                }
                Walk::Sign(after) => {
                    let page = notices::to_sign(&mut tx, code, after, most).await?;
                    let next = page.last().map(|row| Walk::Sign(row.account));
                    (page, next)
                }
            };
            let stands = matches!(walk, Walk::Sign(_));
            let due: Vec<Notice> = page.iter().flat_map(|row| words(row, stands)).collect();
            let (due, unfit) = self.writable(&mut tx, due).await?;
            breaks::open(&mut tx, &unfit).await?;
            if !due.is_empty() {
                let place = match &file {
                    Some(file) => file.clone(),
                    None => match self.make(&mut tx).await? {
                        Some(made) => made,
                        None => {
                            tally.add("tomorrow", 1);
                            return Ok(None);
                        }
                    },
                };
                let last = notices::last_line(&mut tx, place.file_no).await?;
                let placed: Vec<Notice> =
                    due.into_iter().zip(last + 1..).map(|(notice, line_no)| Notice { line_no, ..notice }).collect();
                notices::place(&mut tx, code, place.file_no, &placed).await?;
                crash::point("agreements.page.before_commit");
                file = Some(place);
                for notice in &placed {
                    tally.add(notice.operation.word(), 1);
                }
            }
            tally.add("unfit", i64::try_from(unfit.len()).unwrap_or(i64::MAX));
            tx.commit().await?;
            crash::point("agreements.page.after_commit");
            self.ctx.more("agreements", page.len());
            match next {
                Some(next) => walk = next,
                None => return Ok(file),
            }
        }
    }

    /// Words the bank's file can hold; the others are breaks, and the rest goes on.
    async fn writable(&self, tx: &mut Tx, due: Vec<Notice>) -> Result<(Vec<Notice>, Vec<Break<'_>>), JobError> {
        let numbers: Vec<i64> = due.iter().map(|notice| notice.account).collect();
        let holders = accounts::page(tx, &numbers).await?;
        let holders: HashMap<i64, AccountRow> = holders.into_iter().map(|row| (row.account, row)).collect();
        let mut trial = AgreementWriter::new(
            self.format,
            &facts(self.bank, self.ctx.business_date, self.ctx.scheduled_at, 1, None),
        )?;
        let (mut fit, mut unfit) = (Vec::with_capacity(due.len()), Vec::new());
        for notice in due {
            let holder = holders.get(&notice.account);
            let line = Line {
                account: notice.account,
                number: notice.number,
                line_no: 1,
                operation: notice.operation.word().to_owned(),
                payer_name: notice.payer_name.clone(),
                id_type: notice.id_type.clone(),
                payer_sealed: notice.payer_sealed.clone(),
                signed_at: notice.signed_at,
                holder: holder.map_or_else(String::new, |row| row.holder.clone()),
                address: holder.map_or_else(String::new, |row| row.address.clone()),
            };
            match trial.row(&row(self.ctx.app, &line)?, &mut Vec::new()) {
                Ok(()) => fit.push(notice),
                Err(error) => {
                    let key = (notice.account, reference(notice.number, notice.notice_no));
                    let said = format!("银行 {} 的签约文件写不下: {}: {}", self.bank.code, error.field, error.problem);
                    unfit.push(about(BreakKind::AgreementRefused, &self.bank.code, key, self.ctx.business_date, said));
                }
            }
        }
        Ok((fit, unfit))
    }

    /// The next file of the date; none where the bank takes one a date and has it.
    async fn make(&self, tx: &mut Tx) -> Result<Option<FileOut>, JobError> {
        let date = self.ctx.business_date;
        let seq = files_out::last_seq(tx, &self.door, date).await? + 1;
        let facts = self.facts(date, seq)?;
        let file_name = self.format.file_name(&facts)?;
        if files_out::has_name(tx, &self.door, date, &file_name).await? {
            return Ok(None);
        }
        let file = FileOut {
            // Apart from the numbers of other doors, which are below 10^10.
            file_no: (date - chrono::NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()).num_days() * 10_000_000
                + self.bank.no * 10_000
                + seq
                + 1_000_000_000_000,
            door: self.door.clone(),
            file_date: date,
            seq,
            file_name,
            lines: 0,
            sum_fen: 0,
            sha256: None,
            state: "open".to_owned(),
        };
        files_out::make(tx, &file).await?;
        Ok(Some(file))
    }

    pub(super) fn facts(&self, date: chrono::NaiveDate, seq: i64) -> Result<FileFacts, JobError> {
        let slot = runner::slot(runner::find(self.ctx.app, self.ctx.job)?, date)?;
        Ok(facts(self.bank, date, slot.unwrap_or(self.ctx.scheduled_at), seq, None))
    }
}

/// What the rules have a bank told of one agreement, without lines.
fn words(row: &Untold, stands: bool) -> Vec<Notice> {
    let told = row.told.as_deref().map(|told| Told {
        operation: operation(told),
        reply: match row.told_state.as_deref() {
            Some("accepted") => Reply::Yes,
            Some("refused") => Reply::No,
            _ => Reply::Waiting,
        },
        holds: match (&row.held_index, &row.held_name) {
            (Some(index), Some(name)) if *index == row.card_index && *name == row.payer_name => Holds::Same,
            (Some(_), _) => Holds::Other,
            (None, _) => Holds::Nothing,
        },
        same_version: row.told_version == Some(row.version),
        again: row.told_again == Some(true),
    });
    let word = |(at, operation): (i64, &Operation)| {
        // What is taken back is what the bank has, not what stands now.
        let back = *operation == Operation::Cancel;
        let was = |held: Option<&String>, now: &String| held.filter(|_| back).unwrap_or(now).clone();
        let sealed = row.held_sealed.as_ref().filter(|_| back).unwrap_or(&row.payer_sealed).clone();
        let card_index = row.held_index.as_ref().filter(|_| back).unwrap_or(&row.card_index).clone();
        Notice {
            account: row.account,
            number: row.number,
            notice_no: row.last_no + at,
            operation: *operation,
            version: row.version,
            payer_name: was(row.held_name.as_ref(), &row.payer_name),
            id_type: was(row.held_id_type.as_ref(), &row.id_type),
            payer_sealed: sealed,
            card_index,
            card_last4: was(row.held_last4.as_ref(), &row.card_last4),
            signed_at: row.signed_at,
            line_no: 0,
        }
    };
    (1..).zip(to_tell(stands, told)).map(word).collect()
}
