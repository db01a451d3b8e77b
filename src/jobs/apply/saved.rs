//! What one page of answers does to debits, ledger, agreements and texts: decided row by row, saved in a few
//! statements.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::category::Category;
use yichong_core::model::debit::{self, Effect, Event};
use yichong_core::model::ids::DebitNo;
use yichong_core::model::money::Fen;
use yichong_core::rules::answering::{self, FollowUp, Heard, REVERSAL, Suspend};
use yichong_core::rules::posting::Posting;

use crate::app::Context;
use crate::error::{JobError, Kind};
use yichong_store::agreements::changes::{self, Count, Why};
use yichong_store::answers::Answered;
use yichong_store::breaks::{self, Break};
use yichong_store::db::Tx;
use yichong_store::debits::{self, Move};
use yichong_store::files::FileRow;
use yichong_store::ledger::{self, Entry};
use yichong_store::outbox::{self, Order};

/// Everything one page of answers does, collected before anything is saved.
#[derive(Default)]
pub struct Saved<'a> {
    moves: Vec<Move>,
    entries: Vec<Entry<'a>>,
    orders: Vec<Order>,
    breaks: Vec<Break<'a>>,
    /// By reason.
    suspend: BTreeMap<&'static str, Vec<(i64, i64)>>,
    /// By reason: debits whose whole card is suspended.
    suspend_cards: BTreeMap<&'static str, Vec<DebitNo>>,
    counts: Vec<Count<'static>>,
    withdrawn: Vec<(i64, i64)>,
}

impl<'a> Saved<'a> {
    /// Decides one answer; says the line's verdict.
    pub fn answer(
        &mut self,
        ctx: &Context<'_>,
        file: &'a FileRow,
        line: &Answered,
        posted_on: NaiveDate,
        place: &str,
    ) -> Result<&'static str, JobError> {
        let category: Category = line.category.parse().map_err(|e| JobError::new(Kind::Books, e))?;
        let heard = Heard { category, taken: line.taken_fen.map(Fen), bank_date: line.bank_date };
        let state = line.life()?;
        let event = answering::event_of(&heard, Fen(line.amount_fen), &state);
        let (next, effects) = match debit::step(&state, &event) {
            Ok(moved) => moved,
            Err(illegal) => {
                // Two answers that cannot both be true: never a flip, always a break.
                let detail = format!("{place} says {} ({}): {illegal}", line.category, line.code);
                self.breaks.push(opened(ctx, file, line, BreakKind::StateDiffers, detail));
                return Ok("conflict");
            }
        };
        if category == Category::Duplicate {
            let detail = format!("{place}: the bank calls it a duplicate");
            self.breaks.push(opened(ctx, file, line, BreakKind::Duplicate, detail));
        }
        if next == state && effects.is_empty() {
            return Ok("repeat");
        }
        self.moves.push(Move {
            account: line.account,
            debit_no: line.debit_no,
            from: state.word(),
            to: next,
            heard: Some((category, line.code.clone())),
        });
        for effect in effects {
            self.effect(file, line, effect, posted_on, place);
        }
        match event {
            Event::Reverse => self.follow(file, line, category, &REVERSAL),
            Event::Pay { .. } | Event::Refuse { .. } => {
                let same = line.in_row_category.as_deref() == Some(category.word());
                let follow = answering::follow_up(category, if same { line.in_row } else { 0 });
                if follow.in_row != line.in_row || follow.held {
                    self.counts.push(Count {
                        account: line.account,
                        number: line.number,
                        category: (follow.in_row > 0).then(|| category.word()),
                        in_row: follow.in_row,
                        held: follow.held,
                    });
                }
                self.follow(file, line, category, &follow);
            }
            _ => {}
        }
        Ok(event.word())
    }

    fn effect(&mut self, file: &'a FileRow, line: &Answered, effect: Effect, posted_on: NaiveDate, place: &str) {
        let mut post = |posting, amount: Fen| {
            self.entries.push(Entry {
                account: line.account,
                posting,
                reference: line.debit_no,
                bank: &file.bank,
                amount,
                posted_on,
                cause: format!("answer: {place}"),
            });
        };
        match effect {
            Effect::PostPaid(amount) => post(Posting::Paid, amount),
            Effect::PostReversed(amount) => {
                post(Posting::Reversed, amount);
                self.withdrawn.push((line.account, line.debit_no));
            }
            Effect::CreditMeter(amount) => {
                self.orders.push(Order::about(DebitNo(line.debit_no), &file.bank, "credit", "", amount.0));
            }
            // Texts and suspensions follow from the category; the credit's text comes after the meter's yes.
            Effect::Consequences(_) | Effect::TellReversed(_) | Effect::TellCredited(_) | Effect::PostRefund(_) => {}
        }
    }

    fn follow(&mut self, file: &FileRow, line: &Answered, category: Category, follow: &FollowUp) {
        match follow.suspend {
            Suspend::None => {}
            Suspend::This => self.suspend.entry(category.zh()).or_default().push((line.account, line.number)),
            Suspend::WholeCard => self.suspend_cards.entry(category.zh()).or_default().push(DebitNo(line.debit_no)),
        }
        if let Some(notice) = follow.notice {
            let debit = DebitNo(line.debit_no);
            self.orders.push(Order::about(debit, &file.bank, "sms", notice.word(), line.amount_fen));
        }
        if category == Category::PaidLate {
            tracing::warn!(debit = line.debit_no, "money taken, the bank posts late: finance looks at it");
        }
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
        for (reason, numbers) in &self.suspend_cards {
            let refused = debits::by_number(tx, numbers).await?;
            let cards: Vec<_> = refused.into_iter().map(|debit| (debit.card_index, debit.bank)).collect();
            changes::suspend_card(tx, &cards, &Why { reason, actor: "engine", at: now }).await?;
        }
        Ok(())
    }
}

fn opened<'a>(ctx: &Context<'_>, file: &'a FileRow, line: &Answered, kind: BreakKind, detail: String) -> Break<'a> {
    Break {
        account: line.account,
        kind,
        reference: line.debit_no,
        bank: &file.bank,
        opened_on: ctx.business_date,
        bank_date: line.known_date.unwrap_or_else(|| DebitNo(line.debit_no).business_date()),
        amount: Fen(line.known_fen.unwrap_or(line.amount_fen)),
        owner: "finance",
        detail,
    }
}
