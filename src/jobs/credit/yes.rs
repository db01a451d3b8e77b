//! What a meter's yes means: the debit is credited, the balance moves, the payer is told, the power may come back.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, NaiveDate, Utc};
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::debit::{Event, Illegal, step};
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;
use yichong_core::rules::answering::Notice;
use yichong_core::rules::power::{Power, Reclose, reclose};
use yichong_core::rules::selection::Balance;

use crate::app::{Context, Tally};
use crate::config::MeterKind;
use crate::error::{JobError, Kind};
use yichong_store::breaks::{self, Break};
use yichong_store::db::Tx;
use yichong_store::debits::{self, Move};
use yichong_store::meters;
use yichong_store::outbox::{self, Change, MeterOrder, Order};

/// The one command to a switch so far.
pub const RECLOSE: &str = "reclose";
/// A command that reaches a switch later than this is no longer carried out: who is on the spot may not expect it.
const RECLOSE_MINUTES: i64 = 60;

/// What a page of accepted credits changes.
#[derive(Debug)]
pub struct Yes {
    now: DateTime<Utc>,
    business_date: NaiveDate,
    cut_limit: Fen,
    kind: MeterKind,
    moves: Vec<Move>,
    credits: BTreeMap<i64, i64>,
    switched: BTreeSet<i64>,
    healed: Vec<(i64, BreakKind, i64)>,
    /// The orders' own changes; callers add theirs.
    pub changes: Vec<Change>,
    /// Texts and commands to queue; callers add theirs.
    pub orders: Vec<Order>,
}

/// Whether a yes fits the debit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It does, or it is no news.
    Fits,
    /// The debit is in a state that cannot be credited; nothing was decided.
    Illegal(Illegal),
}

/// A change of this order's state, without a message.
pub fn to(order: &MeterOrder, state: &'static str) -> Change {
    Change {
        account: order.account,
        kind: if order.template.is_empty() { "credit" } else { "relay" },
        reference: order.reference,
        template: order.template.clone(),
        from: order.state.clone(),
        to: state,
        message: None,
    }
}

/// A text about an order's debit; `amount` in fen is what the text is about.
pub fn text(order: &MeterOrder, notice: Notice, amount: Fen) -> Order {
    Order {
        account: order.account,
        kind: "sms",
        reference: order.reference,
        template: notice.word(),
        bank: order.bank.clone(),
        business_date: order.business_date,
        amount_fen: amount.0,
        not_after: None,
    }
}

/// What is known of an account's switch, `more` fen having been credited that its balance does not hold yet.
pub fn power(order: &MeterOrder, more: i64, on: NaiveDate, cut_limit: Fen) -> Power {
    let balance = order.read_at.map(|read_at| Balance {
        paid: Fen(order.paid_fen.unwrap_or(0)),
        free: Fen(order.free_fen.unwrap_or(0)),
        free_until: order.free_until,
        read_at,
    });
    Power {
        cut_for_money: order.cut_for_money.unwrap_or(false),
        hold: order.hold.is_some(),
        balance: Fen(balance.map_or(0, |balance| balance.counts(on).0).saturating_add(more)),
        cut_limit,
    }
}

/// A break about an order's money; the same one opens once.
pub fn break_of<'a>(ctx: &Context<'_>, order: &'a MeterOrder, kind: BreakKind, detail: String) -> Break<'a> {
    Break {
        account: order.account,
        kind,
        reference: order.reference,
        bank: &order.bank,
        opened_on: ctx.business_date,
        bank_date: order.bank_date.unwrap_or(order.business_date),
        amount: Fen(order.amount_fen),
        owner: "operator",
        detail,
    }
}

impl Yes {
    /// Nothing yet.
    pub fn new(ctx: &Context<'_>) -> Yes {
        Yes {
            now: ctx.now(),
            business_date: ctx.business_date,
            cut_limit: ctx.app.config.meters.cut_limit,
            kind: ctx.app.config.meters.kind,
            moves: Vec::new(),
            credits: BTreeMap::new(),
            switched: BTreeSet::new(),
            healed: Vec::new(),
            changes: Vec::new(),
            orders: Vec::new(),
        }
    }

    /// Decides what one order's yes means.
    pub fn add(&mut self, order: &MeterOrder) -> Result<Verdict, JobError> {
        let life = order.life()?;
        let (state, effects) = match step(&life, &Event::Credit) {
            Ok(moved) => moved,
            Err(illegal) => return Ok(Verdict::Illegal(illegal)),
        };
        if order.state != "accepted" {
            self.changes.push(to(order, "accepted"));
        }
        if effects.is_empty() {
            return Ok(Verdict::Fits);
        }
        if order.taken_fen != Some(order.amount_fen) {
            let (debit, account) = (DebitNo(order.reference), AccountNo(order.account));
            let (ours, taken) = (Fen(order.amount_fen), Fen(order.taken_fen.unwrap_or(0)));
            let what = format!("debit {debit} of {account}: {taken} yuan were taken, its credit order says {ours}");
            return Err(JobError::new(Kind::Books, format!("{what}; nothing was credited, run `yichong verify`")));
        }
        self.moves.push(Move {
            account: order.account,
            debit_no: order.reference,
            from: life.word(),
            to: state,
            heard: None,
        });
        let credited = self.credits.entry(order.account).or_insert(0);
        *credited += order.amount_fen;
        // A head-end's reading may be from after the credit, and holds it then; our own balance never does yet.
        let held = self.kind == MeterKind::File && order.read_at.is_some_and(|read| read > order.changed_at);
        let more = if held { 0 } else { *credited };
        self.orders.push(text(order, Notice::Credited, Fen(order.amount_fen)));
        self.healed.push((order.account, BreakKind::MeterUncredited, order.reference));
        self.switch(order, more);
        Ok(Verdict::Fits)
    }

    fn switch(&mut self, order: &MeterOrder, more: i64) {
        match reclose(&power(order, more, self.business_date, self.cut_limit)) {
            Reclose::Nothing => {}
            Reclose::Missing(missing) => self.orders.push(text(order, Notice::StillShort, missing)),
            Reclose::Order if self.switched.insert(order.account) => self.orders.push(Order {
                kind: "relay",
                template: RECLOSE,
                not_after: Some(self.now + Duration::minutes(RECLOSE_MINUTES)),
                ..text(order, Notice::Reclosed, Fen(order.amount_fen))
            }),
            Reclose::Order => {}
        }
    }

    /// Saves it all: few statements, whatever the page's size.
    pub async fn save(&self, tx: &mut Tx) -> Result<(), JobError> {
        debits::shift(tx, &self.moves, self.now).await?;
        match self.kind {
            MeterKind::Ledger => {
                let credits: Vec<(i64, i64)> = self.credits.iter().map(|(account, fen)| (*account, *fen)).collect();
                meters::credit(tx, self.business_date, self.now, &credits).await?;
            }
            MeterKind::File => {
                let accounts: Vec<i64> = self.credits.keys().copied().collect();
                meters::credited_elsewhere(tx, self.now, &accounts).await?;
            }
        }
        outbox::change(tx, &self.changes, self.now).await?;
        outbox::queue(tx, &self.orders, self.now).await?;
        // Ledger credits open no breaks, so only a head-end's yes can heal one.
        if self.kind == MeterKind::File {
            breaks::heal(tx, self.business_date, "the meter said yes", &self.healed).await?;
        }
        Ok(())
    }

    /// Counts what was decided.
    pub fn count(&self, tally: &mut Tally) {
        let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        let changed = |to: &str| self.changes.iter().filter(|change| change.to == to).count();
        for (what, n) in [("credited", self.moves.len()), ("withdrawn", changed("withdrawn"))] {
            if n > 0 {
                tally.add(what, count(n));
            }
        }
        let recloses = self.orders.iter().filter(|order| order.kind == "relay").count();
        if recloses > 0 {
            tally.add("reclose", count(recloses));
        }
        if !self.moves.is_empty() {
            tally.add("credited_fen", self.credits.values().sum());
        }
    }
}
