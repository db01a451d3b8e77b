//! Step: the banks' yes or no about agreements (签约回复). Pass 1 reads a file whole and believes it or not; pass 2 takes
//! its pages. A yes lets the agreement be debited, a no is a break at the counter, and so is silence.

use std::collections::HashSet;

use yichong_core::formats::agreements::{AgreementLine, AgreementReader};
use yichong_core::formats::records::FileError;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::card::CardNo;
use yichong_core::rules::telling::{Heard, Reply, Word, hear};

use super::{about, operation, reference, stranger, zh};
use crate::app::{App, Context, Outcome, Tally};
use crate::collect::quarantine_break;
use crate::config::Bank;
use crate::error::{JobError, Kind};
use yichong_gateways::archive::Opened;
use yichong_gateways::crash;
use yichong_store::agreements::Why;
use yichong_store::agreements::replies::{self, Answer, Said};
use yichong_store::breaks;
use yichong_store::db::Tx;
use yichong_store::files::{self, FileRow};

/// The word of its files in the table.
const KIND: &str = "agreement_answer";

/// The step.
pub async fn run(ctx: &Context<'_>) -> Result<Outcome, JobError> {
    let mut tally = Tally::default();
    let received = files::by_state(&mut ctx.app.db.read().await?, KIND, "received").await?;
    for file in received {
        let problem = believe(ctx, &file).await?;
        let bank = ctx.app.bank(&file.bank)?;
        let mut tx = ctx.page().await?;
        if let Some(problem) = &problem {
            files::quarantine(&mut tx, file.file_id, problem).await?;
            breaks::open(&mut tx, &[quarantine_break(ctx, bank, file.file_id, problem)]).await?;
            tally.add("quarantined", 1);
        } else {
            files::set_state(&mut tx, file.file_id, "received", "applying").await?;
        }
        tx.commit().await?;
    }
    let believed = files::by_state(&mut ctx.app.db.read().await?, KIND, "applying").await?;
    for file in believed {
        apply(ctx, &file, &mut tally).await?;
    }
    for bank in ctx.app.config.banks.iter().filter(|bank| bank.agreements.is_some()) {
        late(ctx, bank, &mut tally).await?;
    }
    Ok(Outcome::Done(tally))
}

/// Pages of a reply.
struct Pages<'a> {
    reader: AgreementReader<'a, Opened<'a>>,
    most: usize,
}

impl<'a> Pages<'a> {
    fn open(app: &'a App, file: &FileRow) -> Result<Pages<'a>, JobError> {
        let bank = app.bank(&file.bank)?;
        let hash = file.format_hash.as_deref().unwrap_or_default();
        let format = app.formats.iter().find(|format| format.hash_hex() == hash).ok_or_else(|| {
            JobError::input(format!("{}: its format changed since it came in; put the old one back", file.file_name))
        })?;
        let input = app.archive.open(&app.vault, &file.archive_name())?;
        let reader = AgreementReader::open(format, &bank.params, &file.file_name, input)?;
        Ok(Pages { reader, most: usize::try_from(app.page).unwrap_or(1).max(1) })
    }

    fn next(&mut self) -> Result<Vec<AgreementLine>, FileError> {
        let mut page = Vec::new();
        while page.len() < self.most {
            let Some(row) = self.reader.next_row()? else { break };
            page.push(row);
        }
        Ok(page)
    }
}

/// Pass 1: why the file is not believed, if it is not. Nothing is written.
async fn believe(ctx: &Context<'_>, file: &FileRow) -> Result<Option<String>, JobError> {
    let mut pages = match Pages::open(ctx.app, file) {
        Ok(pages) => pages,
        Err(error) if error.kind == Kind::Input => return Ok(Some(error.message)),
        Err(error) => return Err(error),
    };
    loop {
        let page = match pages.next() {
            Ok(page) if page.is_empty() => return Ok(pages.reader.finish().err().map(|error| error.to_string())),
            Ok(page) => page,
            Err(error) => return Ok(Some(error.to_string())),
        };
        let mut tx = ctx.app.db.read().await?;
        for (row, heard) in heard(ctx.app, &mut tx, &file.bank, &page).await? {
            let account = row.account.map_or_else(|| stranger(row.foreign.as_ref()), |no| no.to_string());
            let what = match heard {
                Heard::NeverTold => "nobody told the bank of it by then; is it our file?",
                Heard::OtherCard => "the card is not the one the bank was told; ask the bank for a right file",
                Heard::News(_) | Heard::Repeat | Heard::Contradiction(_) => continue,
            };
            return Ok(Some(format!("{} line {}, account {account}: {what}", file.file_name, row.line)));
        }
    }
}

/// What each line of a page is.
async fn heard<'r>(
    app: &App,
    tx: &mut Tx,
    bank: &str,
    page: &'r [AgreementLine],
) -> Result<Vec<(&'r AgreementLine, Heard)>, JobError> {
    let accounts: Vec<i64> = page.iter().filter_map(|row| row.account).map(|account| account.0).collect();
    let mut said: Vec<Said> = replies::said(tx, bank, &accounts).await?;
    said.sort_by_key(|word| word.account);
    let mut heard = Vec::with_capacity(page.len());
    for row in page {
        let account = row.account.map_or(0, |account| account.0);
        let index = named_card(row).map(|card| app.vault.index("card", card.reveal()));
        let from = said.partition_point(|word| word.account < account);
        let own = said[from..].iter().take_while(|word| word.account == account);
        let words: Vec<Word> = own
            .map(|word| Word {
                operation: operation(&word.operation),
                reply: match word.state.as_str() {
                    "accepted" => Reply::Yes,
                    "refused" => Reply::No,
                    _ => Reply::Waiting,
                },
                key: (word.number, word.notice_no),
                same_card: index.as_ref().is_none_or(|index| index[..] == word.card_index[..]),
                told_on: word.told_on,
            })
            .collect();
        heard.push((row, hear(&words, row.operation, row.accepted, row.bank_date)));
    }
    Ok(heard)
}

/// The card a line names, unless the bank masks it.
fn named_card(row: &AgreementLine) -> Option<CardNo> {
    row.card.as_deref().filter(|card| !card.contains('*')).and_then(|card| CardNo::parse(card).ok())
}

/// Pass 2.
async fn apply(ctx: &Context<'_>, file: &FileRow, tally: &mut Tally) -> Result<(), JobError> {
    let mut pages = Pages::open(ctx.app, file)?;
    loop {
        let page = pages.next()?;
        if page.is_empty() {
            break;
        }
        let mut tx = ctx.page().await?;
        take(ctx, &mut tx, file, &page, tally).await?;
        crash::point("confirm.page.before_commit");
        tx.commit().await?;
        crash::point("confirm.page.after_commit");
        ctx.more("confirm", page.len());
    }
    let mut tx = ctx.page().await?;
    files::set_state(&mut tx, file.file_id, "applying", "applied").await?;
    tx.commit().await?;
    crash::point("confirm.after_commit");
    tally.add("files", 1);
    Ok(())
}

async fn take(
    ctx: &Context<'_>,
    tx: &mut Tx,
    file: &FileRow,
    page: &[AgreementLine],
    tally: &mut Tally,
) -> Result<(), JobError> {
    let (bank, on) = (file.bank.as_str(), ctx.business_date);
    let (mut yes, mut no, mut open, mut seen) = (Vec::new(), Vec::new(), Vec::new(), HashSet::new());
    for (row, heard) in heard(ctx.app, tx, bank, page).await? {
        let account = row.account.map_or(0, |account| account.0);
        let said = if row.text.is_empty() { row.code.clone() } else { format!("{} {}", row.code, row.text) };
        let (number, notice_no) = match heard {
            // Twice on one page: the second line says it again.
            Heard::News(key) if seen.insert((account, key)) => key,
            Heard::Contradiction((number, notice_no)) => {
                let key = (account, reference(number, notice_no));
                let detail = format!("{} 第{}行又说 {said}，与先前的回复相反", file.file_name, row.line);
                open.push(about(BreakKind::AgreementRefused, bank, key, on, detail));
                tally.add("contradicted", 1);
                continue;
            }
            _ => {
                tally.add("repeated", 1);
                continue;
            }
        };
        let (code, message) = (row.code.clone(), row.text.clone());
        let answer = Answer { account, number, notice_no, code, message };
        if row.accepted {
            yes.push(answer);
            continue;
        }
        let operation = row.operation.map_or("签约", zh);
        let detail = format!("银行不接受{operation}: {said} ({} 第{}行)", file.file_name, row.line);
        open.push(about(BreakKind::AgreementRefused, bank, (account, reference(number, notice_no)), on, detail));
        no.push(answer);
    }
    replies::answer(tx, file.file_id, true, &yes).await?;
    replies::answer(tx, file.file_id, false, &no).await?;
    let why = Why { reason: "银行确认签约", actor: "engine", at: ctx.now() };
    replies::confirm(tx, bank, &yes, &why).await?;
    breaks::open(tx, &open).await?;
    heal(tx, ctx, bank, &yes, &no).await?;
    tally.add("yes", i64::try_from(yes.len()).unwrap_or(i64::MAX));
    tally.add("no", i64::try_from(no.len()).unwrap_or(i64::MAX));
    Ok(())
}

/// An answer ends its own silence; a yes ends what was refused of the agreement before.
async fn heal(tx: &mut Tx, ctx: &Context<'_>, bank: &str, yes: &[Answer], no: &[Answer]) -> Result<(), JobError> {
    let silent = |a: &Answer| (a.account, BreakKind::AgreementUnanswered, reference(a.number, a.notice_no));
    let mut healed: Vec<_> = yes.iter().chain(no).map(silent).collect();
    let accounts: Vec<i64> = yes.iter().map(|answer| answer.account).collect();
    let refused = breaks::open_about(tx, bank, BreakKind::AgreementRefused, &accounts).await?;
    let before = |(account, about): &(i64, i64)| {
        yes.iter().any(|a| a.account == *account && *about <= reference(a.number, a.notice_no))
    };
    healed.extend(
        refused.into_iter().filter(before).map(|(account, about)| (account, BreakKind::AgreementRefused, about)),
    );
    breaks::heal(tx, ctx.business_date, "银行已回复", &healed).await?;
    Ok(())
}

/// Words whose time is over: a break each, once.
async fn late(ctx: &Context<'_>, bank: &Bank, tally: &mut Tally) -> Result<(), JobError> {
    let mut after = (0, 0, 0);
    loop {
        let mut tx = ctx.page().await?;
        let page = replies::overdue(&mut tx, &bank.code, ctx.business_date, after, ctx.app.page).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = (last.0, last.1, last.2);
        let open: Vec<_> = page
            .iter()
            .map(|(account, number, notice_no, told, by)| {
                let detail = format!("{}应在 {by} 前得到银行回复", zh(operation(told)));
                let key = (*account, reference(*number, *notice_no));
                about(BreakKind::AgreementUnanswered, &bank.code, key, ctx.business_date, detail)
            })
            .collect();
        let new = breaks::open(&mut tx, &open).await?;
        tx.commit().await?;
        tally.add("late", i64::try_from(new).unwrap_or(i64::MAX));
        if new > 0 {
            tracing::warn!(bank = bank.code, new, "the bank has not answered about agreements in time");
        }
    }
}
