//! What one page of answers does to debits, ledger, agreements and texts: decided row by row, saved in a few
//! statements.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::category::Category;
use yichong_core::model::debit::{self, Effect, Event};
use yichong_core::model::money::Fen;
use yichong_core::rules::answering::{self, FollowUp, Heard, REVERSAL, Suspend};
use yichong_core::rules::posting::Posting;

use crate::jobs::app::Context;
use crate::jobs::error::{JobError, Kind};
use crate::store::agreements::changes::{self, Count, Why};
use crate::store::answers::LineRow;
use crate::store::breaks::{self, Break};
use crate::store::db::Tx;
use crate::store::debits::{self, DebitRow, Move};
use crate::store::files::FileRow;
use crate::store::ledger::{self, Entry};
use crate::store::outbox::{self, Order};

/// Everything one page of answers does, collected before anything is saved.
#[derive(Default)]
pub struct Saved<'a> {
    moves: Vec<Move>,
    entries: Vec<Entry<'a>>,
    orders: Vec<Order>,
    breaks: Vec<Break<'a>>,
    /// By reason.
    suspend: BTreeMap<&'static str, Vec<(i64, i64)>>,
    suspend_cards: BTreeMap<&'static str, Vec<(Vec<u8>, String)>>,
    counts: Vec<Count<'static>>,
    withdrawn: Vec<(i64, i64)>,
}

impl<'a> Saved<'a> {
    /// Decides one answer; says the line's verdict.
    pub fn answer(
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
            Event::Reverse => self.follow(debit, category, &REVERSAL),
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
                self.follow(debit, category, &follow);
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
            Effect::CreditMeter(amount) => self.orders.push(Order::about(debit, "credit", "", amount.0)),
            // Texts and suspensions follow from the category; the credit's text comes after the meter's yes.
            Effect::Consequences(_) | Effect::TellReversed(_) | Effect::TellCredited(_) | Effect::PostRefund(_) => {}
        }
    }

    fn follow(&mut self, debit: &DebitRow, category: Category, follow: &FollowUp) {
        match follow.suspend {
            Suspend::None => {}
            Suspend::This => self.suspend.entry(category.zh()).or_default().push((debit.account, debit.number)),
            Suspend::WholeCard => {
                let cards = self.suspend_cards.entry(category.zh()).or_default();
                cards.push((debit.card_index.clone(), debit.bank.clone()));
            }
        }
        if let Some(notice) = follow.notice {
            self.orders.push(Order::about(debit, "sms", notice.word(), debit.amount_fen));
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

    pub async fn save(&self, ctx: &Context<'_>, tx: &mut Tx) -> Result<(), JobError> {
        let now = ctx.now();
        debits::shift(tx, &self.moves, now).await?;
        ledger::post(tx, &self.entries).await?;
        outbox::queue(tx, &self.orders, now).await?;
        outbox::withdraw(tx, &self.withdrawn, now).await?;
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
