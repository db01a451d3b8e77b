//! Step: answers into the books. Pass 1 verifies each file whole; pass 2 takes its lines page by page: what each
//! answer is
//! (`answering`), what the debit becomes (`debit::step`), what it books (`posting`), whom it suspends and tells.

mod saved;

use std::collections::HashMap;

use chrono::NaiveDate;
use yichong_core::model::ids::DebitNo;

use super::app::{Context, Outcome, Tally};
use super::error::{JobError, Kind};
use super::verify_answer::{self, WholeFile};
use crate::crash;
use crate::store::answers::{self, LineRow};
use crate::store::batches;
use crate::store::certificates;
use crate::store::db::Tx;
use crate::store::debits::{self, DebitRow};
use crate::store::files::{self, FileRow};
use saved::Saved;

/// The step.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let mut tally = Tally::default();
    let mut tx = ctx.app.db.read().await?;
    let received = files::by_state(&mut tx, "answer", "received").await?;
    drop(tx);
    for file in received {
        let believed = verify_answer::verify(ctx, &file).await?;
        tally.add(if believed { "verified" } else { "quarantined" }, 1);
    }
    for state in ["applying", "verified"] {
        let mut tx = ctx.app.db.read().await?;
        let believed = files::by_state(&mut tx, "answer", state).await?;
        drop(tx);
        for file in believed {
            apply(ctx, &file, &mut tally).await?;
            tally.add("applied", 1);
        }
    }
    Ok(Outcome::Done(tally))
}

async fn apply(ctx: &Context<'_>, file: &FileRow, tally: &mut Tally) -> Result<(), JobError> {
    let whole = verify_answer::whole_file(file)?;
    if file.state == "verified" {
        let mut tx = ctx.page().await?;
        files::set_state(&mut tx, file.file_id, "verified", "applying").await?;
        tx.commit().await?;
    }
    let mut after = 0;
    loop {
        let mut tx = ctx.page().await?;
        let lines = answers::open_lines(&mut tx, file.file_id, after, ctx.app.page).await?;
        // Looking from the beginning again would pass over every line judged so far, page after page.
        let Some(last) = lines.last() else { break };
        after = last.line_no;
        let verdicts = page(ctx, &mut tx, file, &lines, tally).await?;
        answers::judge(&mut tx, file.file_id, &verdicts).await?;
        crash::point("apply.page.before_commit");
        tx.commit().await?;
        crash::point("apply.page.after_commit");
        ctx.more("apply", lines.len());
    }
    absent(ctx, file, &whole, tally).await?;
    let mut tx = ctx.page().await?;
    if let (Some(batch_id), Some(_)) = (file.batch_id, &whole.refusal) {
        batches::refused(&mut tx, batch_id).await?;
    }
    files::set_state(&mut tx, file.file_id, "applying", "applied").await?;
    tx.commit().await?;
    crash::point("apply.after_commit");
    Ok(())
}

/// The debits a complete file does not list, or all of them where the bank refused the whole file.
async fn absent(ctx: &Context<'_>, file: &FileRow, whole: &WholeFile, tally: &mut Tally) -> Result<(), JobError> {
    let (Some(batch_id), "refused" | "paid") = (file.batch_id, whole.absent.as_str()) else { return Ok(()) };
    let (category, code, message) = match &whole.refusal {
        Some((category, code, text)) => (category.clone(), code.clone(), text.clone()),
        None if whole.absent == "paid" => ("paid".into(), String::new(), "未列入失败清单".into()),
        None => ("unexplained".into(), String::new(), "未列入成功清单".into()),
    };
    let mut after = 0;
    loop {
        let mut tx = ctx.page().await?;
        let page_of = answers::absent_debits(&mut tx, file.file_id, batch_id, after, ctx.app.page).await?;
        let Some((_, _, last)) = page_of.last() else { return Ok(()) };
        after = *last;
        let line = |(account, debit_no, _): &(i64, i64, i64)| LineRow {
            account: *account,
            file_id: file.file_id,
            line_no: 0,
            debit_no: *debit_no,
            taken_fen: None,
            category: category.clone(),
            code: code.clone(),
            message: message.clone(),
            bank_date: DebitNo(*debit_no).business_date(),
            bank_serial: None,
        };
        let lines: Vec<LineRow> = page_of.iter().map(line).collect();
        page(ctx, &mut tx, file, &lines, tally).await?;
        tx.commit().await?;
    }
}

async fn page(
    ctx: &Context<'_>,
    tx: &mut Tx,
    file: &FileRow,
    lines: &[LineRow],
    tally: &mut Tally,
) -> Result<Vec<(i64, i64, &'static str)>, JobError> {
    let numbers: Vec<DebitNo> = lines.iter().map(|line| DebitNo(line.debit_no)).collect();
    let found = debits::by_number(tx, &numbers).await?;
    let debits: HashMap<i64, DebitRow> = found.into_iter().map(|debit| (debit.debit_no, debit)).collect();
    let agreements: Vec<(i64, i64)> = debits.values().map(|debit| (debit.account, debit.number)).collect();
    let counters: HashMap<(i64, i64), (Option<String>, i64)> = answers::counters(tx, &agreements)
        .await?
        .into_iter()
        .map(|row| ((row.account, row.number), (row.in_row_category, row.in_row)))
        .collect();
    let open = certificates::open_date(tx, NaiveDate::default()).await?;
    let mut saved = Saved::default();
    let mut verdicts = Vec::with_capacity(lines.len());
    for line in lines {
        let debit = debits.get(&line.debit_no).ok_or_else(|| {
            JobError::new(Kind::Books, format!("file {}: debit {} is gone", file.file_id, line.debit_no))
        })?;
        let before = counters.get(&(debit.account, debit.number));
        // What the bank says of a night belongs to that night, unless its day is closed.
        let posted_on = open.max(debit.business_date.min(ctx.business_date));
        let verdict = saved.answer(ctx, file, line, debit, before, posted_on)?;
        tally.add(verdict, 1);
        verdicts.push((line.account, line.line_no, verdict));
    }
    saved.save(ctx, tx).await?;
    Ok(verdicts)
}
