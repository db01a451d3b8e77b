//! Pass 2 for lines that name one debit, or nothing we know: judged by `rules::settlement`, saved page by page.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::debit::{self, Effect, Event, State};
use yichong_core::model::ids::DebitNo;
use yichong_core::model::money::Fen;
use yichong_core::rules::answering::Notice;
use yichong_core::rules::posting::Posting;
use yichong_core::rules::settlement::{Booking, Known, KnownDebit, Money, judge};

use super::twins::{Originals, holds_amount};
use super::{Facts, place};
use crate::app::{Context, Tally};
use crate::error::{JobError, Kind};
use yichong_gateways::crash;
use yichong_store::agreements::changes::{self, Why};
use yichong_store::breaks::{self, Break};
use yichong_store::certificates;
use yichong_store::db::Tx;
use yichong_store::debits::{self, DebitRow, Move};
use yichong_store::files::FileRow;
use yichong_store::ledger::{self, Entry};
use yichong_store::money::{self, Booked, MoneyRow, reversal};
use yichong_store::outbox::{self, Order};

/// Books lines that are not a batch's, in their order, in one transaction.
pub async fn page(ctx: &Context<'_>, file: &FileRow, lines: &[MoneyRow], tally: &mut Tally) -> Result<(), JobError> {
    let facts: Facts = serde_json::from_str(file.facts.as_deref().unwrap_or("{\"repeats\":[]}"))?;
    let mut tx = ctx.page().await?;
    let numbers: Vec<DebitNo> = lines.iter().filter_map(|line| line.debit_no.map(DebitNo)).collect();
    let found = debits::by_number(&mut tx, &numbers).await?;
    let mut debits = HashMap::with_capacity(found.len());
    for row in found {
        debits.insert(row.debit_no, Held { known: known(&row)?, row });
    }
    let twins: Vec<MoneyRow> = lines.iter().filter(|line| is_twin(line)).cloned().collect();
    let originals = if twins.is_empty() { Originals::default() } else { Originals::of(&mut tx, &twins).await? };
    let open = certificates::open_date(&mut tx, NaiveDate::default()).await?;
    let mut saved = Saved { opened_on: ctx.business_date, ..Saved::default() };
    for line in lines {
        saved.posted_on = open.max(belongs_to(ctx, line));
        let word = if is_twin(line) {
            saved.twin(line, originals.get(line), &facts)
        } else {
            let debit = line.debit_no.and_then(|number| debits.get_mut(&number));
            saved.line(line, debit)?
        };
        let before = if is_twin(line) { money::TWIN } else { "" };
        saved.booked.push((line.account, line.money_no, before, word));
        tally.add(word, 1);
    }
    saved.save(ctx, &mut tx).await?;
    tx.commit().await?;
    crash::point("statement.page.after_commit");
    Ok(())
}

fn is_twin(line: &MoneyRow) -> bool {
    line.booking.as_deref() == Some(money::TWIN)
}

/// A debit while a page is booked: what the page's earlier lines did to it counts for the later ones.
struct Held {
    row: DebitRow,
    known: KnownDebit,
}

fn known(row: &DebitRow) -> Result<KnownDebit, JobError> {
    Ok(KnownDebit {
        state: row.life()?,
        asked: Fen(row.amount_fen),
        settled: row.settled_by.is_some(),
        reversal_paid: row.reversal_paid_by.is_some(),
        bank_date: row.bank_date,
    })
}

/// The line as the rules see it.
pub fn as_money(line: &MoneyRow) -> Result<Money, JobError> {
    let (amount, fee) = (Fen(line.amount_fen), Fen(line.fee_fen));
    Ok(Money { kind: line.money_kind()?, amount, fee, bank_date: line.bank_date })
}

/// A line's entry into suspense, whole, and its fee: together exactly what moved on the bank account.
pub fn into_suspense(line: &MoneyRow, posted_on: NaiveDate) -> Vec<Entry<'_>> {
    let posting = if line.gross() > Fen::ZERO { Posting::Unexplained } else { Posting::UnexplainedOut };
    let whole = entry(line, posting, line.money_no, Fen(line.gross().0.abs()), posted_on);
    let fee = entry(line, Posting::Fee, line.money_no, Fen(line.fee_fen), posted_on);
    [whole, fee].into_iter().filter(|entry| entry.amount > Fen::ZERO).collect()
}

/// The business date a line's entries belong to: its 清算日, but none that lies ahead. Where that day is closed they
/// post on the first open one.
pub fn belongs_to(ctx: &Context<'_>, line: &MoneyRow) -> NaiveDate {
    line.bank_date.min(ctx.business_date)
}

/// One entry about a line.
pub fn entry(line: &MoneyRow, posting: Posting, reference: i64, amount: Fen, posted_on: NaiveDate) -> Entry<'_> {
    Entry { account: line.account, posting, reference, bank: &line.bank, amount, posted_on, cause: place(line) }
}

/// A break about a line.
pub fn opened(line: &MoneyRow, kind: BreakKind, amount: Fen, opened_on: NaiveDate, detail: String) -> Break<'_> {
    Break {
        account: line.account,
        kind,
        reference: line.money_no,
        bank: &line.bank,
        opened_on,
        bank_date: line.bank_date,
        amount,
        owner: "finance",
        detail,
    }
}

/// Everything a page does, collected before anything is saved.
#[derive(Default)]
struct Saved<'a> {
    opened_on: NaiveDate,
    posted_on: NaiveDate,
    booked: Vec<Booked>,
    moves: Vec<Move>,
    entries: Vec<Entry<'a>>,
    settled: Vec<(i64, i64, i64)>,
    paid_out: Vec<(i64, i64, i64)>,
    breaks: Vec<Break<'a>>,
    orders: Vec<Order>,
    withdrawn: Vec<(i64, i64)>,
    /// By reason.
    suspend: BTreeMap<&'static str, Vec<(i64, i64)>>,
}

impl<'a> Saved<'a> {
    /// The bank named this movement before: a re-delivery is no news, nor is the other message of the standard that
    /// tells the same bookings; all else is a break, and none is new money.
    fn twin(&mut self, line: &'a MoneyRow, original: Option<&MoneyRow>, facts: &Facts) -> &'static str {
        let repeats = |o: &&MoneyRow| {
            let other = facts.others.contains(&o.file_id) && holds_amount(line.bank_serial());
            other || (facts.repeats.contains(&o.file_id) && o.says_the_same(line))
        };
        if original.filter(repeats).is_some() {
            return money::REPEAT;
        }
        let first = original.map(place).unwrap_or_default();
        let same = if original.is_some_and(|o| o.says_the_same(line)) { "the same words" } else { "other words" };
        let detail = format!("{}: its serial stands in {first} already, with {same}", place(line));
        let amount = Fen(line.gross().0.abs());
        self.breaks.push(opened(line, BreakKind::Duplicate, amount, self.opened_on, detail));
        money::DUPLICATE
    }

    /// Judges one line; says its booking.
    fn line(&mut self, line: &'a MoneyRow, debit: Option<&mut Held>) -> Result<&'static str, JobError> {
        let money = as_money(line)?;
        if money.amount == Fen::ZERO && money.fee == Fen::ZERO {
            return Ok(money::NOTHING);
        }
        let known = debit.as_ref().map_or(Known::Nothing, |debit| Known::Debit(debit.known.clone()));
        let verdict = judge(&money, &known);
        if let Some((kind, amount)) = verdict.opens {
            let detail = format!("{}: {}", place(line), said(line, debit.as_deref()));
            self.breaks.push(opened(line, kind, amount, self.opened_on, detail));
        }
        match (verdict.booking, debit) {
            (Booking::SettleDebit, Some(debit)) => {
                self.settle(line, debit);
                Ok(money::SETTLED)
            }
            (Booking::ReverseAndPayOut, Some(debit)) => {
                self.reverse(line, debit)?;
                self.pay_out(line, debit);
                Ok(money::PAID_OUT)
            }
            (Booking::PayOut, Some(debit)) => {
                self.pay_out(line, debit);
                Ok(money::PAID_OUT)
            }
            (Booking::Fee, _) => {
                self.entries.push(entry(line, Posting::Fee, line.money_no, Fen(-line.amount_fen), self.posted_on));
                Ok(money::FEE)
            }
            (Booking::Suspend, _) => {
                self.entries.extend(into_suspense(line, self.posted_on));
                Ok(money::SUSPENDED)
            }
            (booking, _) => {
                let said = format!("{}: {booking:?} cannot be booked for it; nothing was kept", place(line));
                Err(JobError::new(Kind::Books, said))
            }
        }
    }

    fn settle(&mut self, line: &'a MoneyRow, debit: &mut Held) {
        let number = debit.row.debit_no;
        self.entries.push(entry(line, Posting::Settled, number, line.gross(), self.posted_on));
        if line.fee_fen > 0 {
            self.entries.push(entry(line, Posting::Fee, line.money_no, Fen(line.fee_fen), self.posted_on));
        }
        self.settled.push((line.account, number, line.money_no));
        debit.known.settled = true;
    }

    /// 冲正 or 退票: the debit is reversed, its agreement suspended, its credit order called back if it has not left.
    fn reverse(&mut self, line: &'a MoneyRow, debit: &mut Held) -> Result<(), JobError> {
        let (next, effects) = debit::step(&debit.known.state, &Event::Reverse)
            .map_err(|e| JobError::new(Kind::Books, format!("{}: {e}", place(line))))?;
        let (account, number) = (debit.row.account, debit.row.debit_no);
        let from = debit.known.state.word();
        self.moves.push(Move { account, debit_no: number, from, to: next.clone(), heard: None });
        for effect in effects {
            match effect {
                Effect::PostReversed(amount) => {
                    self.entries.push(entry(line, Posting::Reversed, number, amount, self.posted_on));
                    self.withdrawn.push((account, number));
                }
                Effect::TellReversed(amount) => {
                    let text =
                        Order::about(debit.row.debit_no(), &debit.row.bank, "sms", Notice::Reversed.word(), amount.0);
                    self.orders.push(text);
                    self.suspend.entry("冲正").or_default().push((account, debit.row.number));
                }
                _ => {}
            }
        }
        debit.known.state = next;
        Ok(())
    }

    fn pay_out(&mut self, line: &'a MoneyRow, debit: &mut Held) {
        let amount = Fen(-line.amount_fen);
        self.entries.push(entry(line, Posting::ReversalPaid, debit.row.debit_no, amount, self.posted_on));
        self.paid_out.push((line.account, debit.row.debit_no, line.money_no));
        debit.known.reversal_paid = true;
    }

    async fn save(&self, ctx: &Context<'_>, tx: &mut Tx) -> Result<(), JobError> {
        let now = ctx.now();
        debits::shift(tx, &self.moves, now).await?;
        money::settle(tx, &self.settled).await?;
        reversal::paid_out(tx, &self.paid_out).await?;
        ledger::post(tx, &self.entries).await?;
        outbox::queue(tx, &self.orders, now).await?;
        outbox::withdraw(tx, &self.withdrawn, now).await?;
        breaks::open(tx, &self.breaks).await?;
        for (reason, agreements) in &self.suspend {
            changes::suspend(tx, agreements, &Why { reason, actor: "engine", at: now }).await?;
        }
        money::book(tx, &self.booked).await?;
        Ok(())
    }
}

fn said(line: &MoneyRow, debit: Option<&Held>) -> String {
    let (amount, fee) = (Fen(line.amount_fen), Fen(line.fee_fen));
    match debit {
        None => format!("{amount} (fee {fee}) names no debit or batch of ours; ask the bank whose it is"),
        Some(Held { known, .. }) => {
            let taken = match &known.state {
                State::Paid { taken, .. } | State::Credited { taken, .. } => *taken,
                State::Reversed { taken } | State::Refunded { taken } => *taken,
                _ => Fen::ZERO,
            };
            let before = if known.settled { ", money arrived before" } else { "" };
            format!("{amount} (fee {fee}) for a debit that is {}, taken {taken}{before}", known.state)
        }
    }
}
