//! Step: answers into the books. Pass 1 verifies each file whole; pass 2 takes its lines page by page: what each
//! answer is
//! (`answering`), what the debit becomes (`debit::step`), what it books (`posting`), whom it suspends and tells.

mod saved;

use chrono::NaiveDate;
use yichong_core::model::ids::DebitNo;

use super::app::{Ahead, Context, Outcome, Tally};
use super::error::JobError;
use super::pages::Pages;
use super::verify_answer::{self, WholeFile};
use saved::Saved;
use yichong_gateways::crash;
use yichong_store::answers::{self, Answered};
use yichong_store::batches;
use yichong_store::certificates;
use yichong_store::db::Tx;
use yichong_store::files::{self, FileRow};
use yichong_store::grown::{self, Grown};

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
            if file.line_count.is_some_and(|lines| lines >= ctx.app.page) {
                grown::look(&ctx.app.db, Grown::Postings).await?;
            }
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
    let read = |after| open_lines(ctx, file, after);
    // Read while the page before was saved: where they share an account, its row in a row has changed since.
    let mut pages = Pages::after((0, 0), read, |line| (line.account, line.line_no), |line| line.account);
    while let Some(lines) = pages.next().await? {
        let mut tx = ctx.page().await?;
        let place = |line: &Answered| format!("file {} line {}", file.file_id, line.line_no);
        let verdicts = page(ctx, &mut tx, file, &lines, place, tally).await?;
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

/// Begins to read the next page of a file's lines.
fn open_lines(ctx: &Context<'_>, file: &FileRow, after: (i64, i64)) -> Ahead<Vec<Answered>> {
    let (db, file_id, most) = (ctx.app.db.clone(), file.file_id, ctx.app.page);
    Ahead::read(async move { answers::open_lines(&mut db.read().await?, file_id, after, most).await })
}

/// The debits a complete file does not list, or all of them where the bank refused the whole file.
async fn absent(ctx: &Context<'_>, file: &FileRow, whole: &WholeFile, tally: &mut Tally) -> Result<(), JobError> {
    let (Some(batch_id), "refused" | "paid") = (file.batch_id, whole.absent.as_str()) else { return Ok(()) };
    let said = match &whole.refusal {
        Some((category, code, _)) => (category.as_str(), code.as_str()),
        None if whole.absent == "paid" => ("paid", ""),
        None => ("unexplained", ""),
    };
    let mut after = 0;
    loop {
        let mut tx = ctx.page().await?;
        let of = (file.file_id, batch_id);
        let lines = answers::absent_debits(&mut tx, of, said, after, ctx.app.page).await?;
        let Some(last) = lines.last() else { return Ok(()) };
        after = last.line_no;
        let place = |_: &Answered| format!("file {} does not list it", file.file_id);
        page(ctx, &mut tx, file, &lines, place, tally).await?;
        tx.commit().await?;
    }
}

/// Decides a page and saves it; says each line's verdict. `place` says where an answer stands, for people.
async fn page(
    ctx: &Context<'_>,
    tx: &mut Tx,
    file: &FileRow,
    lines: &[Answered],
    place: impl Fn(&Answered) -> String,
    tally: &mut Tally,
) -> Result<Vec<(i64, i64, &'static str)>, JobError> {
    let open = certificates::open_date(tx, NaiveDate::default()).await?;
    let mut saved = Saved::default();
    let mut verdicts = Vec::with_capacity(lines.len());
    for line in lines {
        // What the bank says of a night belongs to that night, unless its day is closed.
        let posted_on = open.max(DebitNo(line.debit_no).business_date().min(ctx.business_date));
        let verdict = saved.answer(ctx, file, line, posted_on, &place(line))?;
        tally.add(verdict, 1);
        verdicts.push((line.account, line.line_no, verdict));
    }
    saved.save(ctx, tx).await?;
    Ok(verdicts)
}
