//! Step: answers into the books. Pass 1 verifies each file whole; pass 2 takes its lines page by page: what each answer is
//! (`answering`), what the debit becomes (`debit::step`), what it books (`posting`), whom it suspends and tells.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::category::Category;
use yichong_core::model::debit::{self, Effect, Event};
use yichong_core::model::ids::DebitNo;
use yichong_core::model::money::Fen;
use yichong_core::rules::answering::{self, FollowUp, Heard, REVERSAL, Suspend};
use yichong_core::rules::posting::Posting;

use super::app::{Context, Outcome, Tally};
use super::error::{JobError, Kind};
use super::verify_answer::{self, WholeFile};
use crate::crash;
use crate::store::agreements::changes::{self, Count, Why};
use crate::store::answers::{self, LineRow, Order};
use crate::store::batches;
use crate::store::breaks::{self, Break};
use crate::store::certificates;
use crate::store::db::Tx;
use crate::store::debits::{self, DebitRow, Move};
use crate::store::files::{self, FileRow};
use crate::store::ledger::{self, Entry};

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
    loop {
        let mut tx = ctx.page().await?;
        let lines = answers::open_lines(&mut tx, file.file_id, 0, ctx.app.page).await?;
        if lines.is_empty() {
            break;
        }
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

/// Everything one page of answers does, collected before anything is saved.
#[derive(Default)]
struct Saved<'a> {
    moves: Vec<Move>,
    entries: Vec<Entry<'a>>,
    orders: Vec<Order<'a>>,
    breaks: Vec<Break<'a>>,
    /// By reason.
    suspend: BTreeMap<&'static str, Vec<(i64, i64)>>,
    suspend_cards: BTreeMap<&'static str, Vec<(Vec<u8>, String)>>,
    counts: Vec<Count<'static>>,
    withdrawn: Vec<(i64, i64)>,
}

async fn page<'a>(
    ctx: &Context<'_>,
    tx: &mut Tx,
    file: &'a FileRow,
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

impl<'a> Saved<'a> {
    /// Decides one answer; says the line's verdict.
    fn answer(
        &mut self,
        ctx: &Context<'_>,
        file: &'a FileRow,
        line: &LineRow,
        debit: &DebitRow,
        before: Option<&(Option<String>, i64)>,
        posted_on: NaiveDate,
    ) -> Result<&'static str, JobError> {
        let category: Category = line.category.parse().map_err(|e| JobError::new(Kind::Books, e))?;
        let heard = Heard { category, taken: line.taken_fen.map(Fen), bank_date: line.bank_date };
        let state = debit.life()?;
        let event = answering::event_of(&heard, Fen(debit.amount_fen), &state);
        let (next, effects) = match debit::step(&state, &event) {
            Ok(moved) => moved,
            Err(illegal) => {
                self.contradiction(ctx, file, line, debit, &illegal.to_string());
                return Ok("conflict");
            }
        };
        if category == Category::Duplicate {
            let detail = format!("file {} line {}: the bank calls it a duplicate", file.file_id, line.line_no);
            self.breaks.push(opened(ctx, file, debit, BreakKind::Duplicate, detail));
        }
        if next == state && effects.is_empty() {
            return Ok("repeat");
        }
        self.moves.push(Move {
            account: debit.account,
            debit_no: debit.debit_no,
            from: state.word(),
            to: next,
            heard: Some((category, line.code.clone())),
        });
        let cause = format!("answer: file {} line {}", file.file_id, line.line_no);
        for effect in effects {
            self.effect(file, debit, effect, posted_on, &cause);
        }
        let before_in_row =
            before.filter(|(word, _)| word.as_deref() == Some(category.word())).map_or(0, |(_, count)| *count);
        match event {
            Event::Reverse => self.follow(file, debit, category, &REVERSAL),
            Event::Pay { .. } | Event::Refuse { .. } => {
                let follow = answering::follow_up(category, before_in_row);
                if follow.in_row != before.map_or(0, |(_, count)| *count) || follow.held {
                    self.counts.push(Count {
                        account: debit.account,
                        number: debit.number,
                        category: (follow.in_row > 0).then(|| category.word()),
                        in_row: follow.in_row,
                        held: follow.held,
                    });
                }
                self.follow(file, debit, category, &follow);
            }
            _ => {}
        }
        Ok(event.word())
    }

    fn effect(&mut self, file: &'a FileRow, debit: &DebitRow, effect: Effect, posted_on: NaiveDate, cause: &str) {
        let mut post = |posting, amount: Fen| {
            self.entries.push(Entry {
                account: debit.account,
                posting,
                reference: debit.debit_no,
                bank: &file.bank,
                amount,
                posted_on,
                cause: cause.to_owned(),
            });
        };
        match effect {
            Effect::PostPaid(amount) => post(Posting::Paid, amount),
            Effect::PostReversed(amount) => {
                post(Posting::Reversed, amount);
                self.withdrawn.push((debit.account, debit.debit_no));
            }
            Effect::CreditMeter(amount) => self.orders.push(order(file, debit, "credit", "", amount)),
            // Texts and suspensions follow from the category; the credit's text comes after the meter's yes.
            Effect::Consequences(_) | Effect::TellReversed(_) | Effect::TellCredited(_) | Effect::PostRefund(_) => {}
        }
    }

    fn follow(&mut self, file: &'a FileRow, debit: &DebitRow, category: Category, follow: &FollowUp) {
        match follow.suspend {
            Suspend::None => {}
            Suspend::This => self.suspend.entry(category.zh()).or_default().push((debit.account, debit.number)),
            Suspend::WholeCard => {
                let cards = self.suspend_cards.entry(category.zh()).or_default();
                cards.push((debit.card_index.clone(), debit.bank.clone()));
            }
        }
        if let Some(notice) = follow.notice {
            self.orders.push(order(file, debit, "sms", notice.word(), Fen(debit.amount_fen)));
        }
        if category == Category::PaidLate {
            tracing::warn!(debit = debit.debit_no, "money taken, the bank posts late: finance looks at it");
        }
    }

    /// Two answers that cannot both be true: never a flip, always a break.
    fn contradiction(&mut self, ctx: &Context<'_>, file: &'a FileRow, line: &LineRow, debit: &DebitRow, why: &str) {
        let detail =
            format!("file {} line {} says {} ({}): {why}", file.file_id, line.line_no, line.category, line.code);
        self.breaks.push(opened(ctx, file, debit, BreakKind::StateDiffers, detail));
    }

    async fn save(&self, ctx: &Context<'_>, tx: &mut Tx) -> Result<(), JobError> {
        let now = ctx.now();
        debits::shift(tx, &self.moves, now).await?;
        ledger::post(tx, &self.entries).await?;
        answers::queue(tx, &self.orders, now).await?;
        answers::withdraw(tx, &self.withdrawn, now).await?;
        breaks::open(tx, &self.breaks).await?;
        changes::count_in_row(tx, &self.counts).await?;
        for (reason, suspend) in &self.suspend {
            changes::suspend(tx, suspend, &Why { reason, actor: "engine", at: now }).await?;
        }
        for (reason, cards) in &self.suspend_cards {
            changes::suspend_card(tx, cards, &Why { reason, actor: "engine", at: now }).await?;
        }
        Ok(())
    }
}

fn order<'a>(
    file: &'a FileRow,
    debit: &DebitRow,
    kind: &'static str,
    template: &'static str,
    amount: Fen,
) -> Order<'a> {
    Order {
        account: debit.account,
        kind,
        reference: debit.debit_no,
        template,
        bank: &file.bank,
        business_date: debit.business_date,
        amount_fen: amount.0,
    }
}

fn opened<'a>(ctx: &Context<'_>, file: &'a FileRow, debit: &DebitRow, kind: BreakKind, detail: String) -> Break<'a> {
    Break {
        account: debit.account,
        kind,
        reference: debit.debit_no,
        bank: &file.bank,
        opened_on: ctx.business_date,
        bank_date: debit.bank_date.unwrap_or(debit.business_date),
        amount: Fen(debit.taken_fen.unwrap_or(debit.amount_fen)),
        owner: "finance",
        detail,
    }
}
