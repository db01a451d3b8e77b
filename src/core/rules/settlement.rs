//! What a line of money settles, and what is a break (design §3 and §5).

use chrono::NaiveDate;

use crate::formats::records::MoneyKind;
use crate::model::breaks::BreakKind;
use crate::model::debit::State;
use crate::model::money::Fen;

/// A line of the statement, as far as the rules care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Money {
    /// What the bank calls it.
    pub kind: MoneyKind,
    /// What moved: in positive, out negative.
    pub amount: Fen,
    /// Fee kept back from this line.
    pub fee: Fen,
    /// 清算日.
    pub bank_date: NaiveDate,
}

/// What our books hold under the line's reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing.
    Nothing,
    /// One debit.
    Debit(KnownDebit),
    /// One batch.
    Batch(KnownBatch),
}

/// A debit, as far as money cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownDebit {
    /// Where it stands.
    pub state: State,
    /// What was asked, fen.
    pub asked: Fen,
    /// Its money arrived before.
    pub settled: bool,
    /// The money of its reversal left before.
    pub reversal_paid: bool,
    /// The bank date of its payment, if it was paid.
    pub bank_date: Option<NaiveDate>,
}

/// A batch, as far as money cares. All sums in fen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KnownBatch {
    /// Paid debits whose money has not arrived.
    pub awaited: Fen,
    /// Of these, those with a bank date up to the line's.
    pub awaited_by_date: Fen,
    /// Sent debits without an answer.
    pub unanswered: Fen,
    /// Earlier lumps of this batch, fees added, that wait in suspense.
    pub suspended: Fen,
    /// Debits whose money arrived before.
    pub settled: Fen,
}

/// What to book.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Booking {
    /// The debit is settled.
    SettleDebit,
    /// Every awaited debit of the batch is settled, by this line and the lumps in suspense.
    SettleBatch,
    /// All of it waits in suspense.
    Suspend,
    /// A fee.
    Fee,
    /// The debit is reversed, and its money left.
    ReverseAndPayOut,
    /// The debit was reversed before; now its money left.
    PayOut,
}

/// What a line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What to book.
    pub booking: Booking,
    /// The break it opens, with its difference in fen.
    pub opens: Option<(BreakKind, Fen)>,
}

const fn book(booking: Booking) -> Verdict {
    Verdict { booking, opens: None }
}

const fn suspend(kind: BreakKind, difference: Fen) -> Verdict {
    Verdict { booking: Booking::Suspend, opens: Some((kind, difference)) }
}

/// Judges one line against what is known under its reference.
pub fn judge(money: &Money, known: &Known) -> Verdict {
    let gross = Fen(money.amount.0.saturating_add(money.fee.0));
    match (money.kind, known) {
        (MoneyKind::Fee, _) if money.amount.0 < 0 => book(Booking::Fee),
        (_, Known::Debit(debit)) if money.amount.0 < 0 => money_back(money, debit),
        (_, Known::Debit(debit)) => money_for_debit(gross, debit),
        (_, Known::Batch(batch)) if money.amount.0 > 0 => money_for_batch(gross, batch),
        _ if money.amount.0 < 0 => suspend(BreakKind::Short, Fen(-gross.0)),
        _ => suspend(BreakKind::Over, gross),
    }
}

fn money_for_debit(gross: Fen, debit: &KnownDebit) -> Verdict {
    match &debit.state {
        _ if debit.settled => suspend(BreakKind::Duplicate, gross),
        State::Paid { taken, .. }
        | State::Credited { taken, .. }
        | State::Reversed { taken }
        | State::Refunded { taken } => {
            if *taken == gross {
                book(Booking::SettleDebit)
            } else {
                suspend(BreakKind::AmountDiffers, Fen(gross.0 - taken.0))
            }
        }
        State::Planned { sent: true } | State::Unanswered => suspend(BreakKind::MoneyUnanswered, gross),
        State::Planned { sent: false } | State::Void | State::Refused { .. } => suspend(BreakKind::StateDiffers, gross),
    }
}

fn money_for_batch(gross: Fen, batch: &KnownBatch) -> Verdict {
    let awaited = batch.awaited.0;
    let with_suspended = gross.0 + batch.suspended.0;
    if awaited > 0 && (gross.0 == awaited || with_suspended == awaited) {
        // With lumps in suspense beside it, a line that ties alone leaves them where they are: their break stays open.
        return book(Booking::SettleBatch);
    }
    if awaited == 0 && batch.settled.0 > 0 && batch.unanswered.0 == 0 {
        return suspend(BreakKind::Duplicate, gross);
    }
    let missing = awaited - with_suspended;
    match missing {
        1.. if gross == batch.awaited_by_date => suspend(BreakKind::DayCut, Fen(missing)),
        1.. => suspend(BreakKind::Short, Fen(missing)),
        _ if -missing <= batch.unanswered.0 => suspend(BreakKind::MoneyUnanswered, Fen(-missing)),
        _ => suspend(BreakKind::Over, Fen(-missing)),
    }
}

fn money_back(money: &Money, debit: &KnownDebit) -> Verdict {
    let back = Fen(-money.amount.0);
    match &debit.state {
        _ if debit.reversal_paid => suspend(BreakKind::Duplicate, back),
        State::Paid { taken, bank_date } | State::Credited { taken, bank_date } if *taken == back => {
            let late = money.bank_date > *bank_date;
            Verdict { booking: Booking::ReverseAndPayOut, opens: late.then_some((BreakKind::LateReturn, back)) }
        }
        State::Reversed { taken } if *taken == back => {
            let late = debit.bank_date.is_some_and(|paid| money.bank_date > paid);
            Verdict { booking: Booking::PayOut, opens: late.then_some((BreakKind::LateReturn, back)) }
        }
        State::Paid { taken, .. } | State::Credited { taken, .. } | State::Reversed { taken } => {
            suspend(BreakKind::AmountDiffers, Fen(back.0 - taken.0))
        }
        _ => suspend(BreakKind::StateDiffers, back),
    }
}

/// Whether lumps in suspense tie with what a batch awaits by now (a late answer came): then the batch settles by
/// itself.
pub fn ties_by_now(batch: &KnownBatch) -> bool {
    batch.awaited.0 > 0 && batch.suspended == batch.awaited
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn line(kind: MoneyKind, amount: i64) -> Money {
        Money { kind, amount: Fen(amount), fee: Fen(0), bank_date: day("2026-11-20") }
    }

    fn debit(state: State) -> KnownDebit {
        KnownDebit { state, asked: Fen(5000), settled: false, reversal_paid: false, bank_date: Some(day("2026-11-20")) }
    }

    fn paid() -> State {
        State::Paid { taken: Fen(5000), bank_date: day("2026-11-20") }
    }

    #[test]
    fn single_lines() {
        use BreakKind::{AmountDiffers, Duplicate, MoneyUnanswered, Over, Short, StateDiffers};
        let single = |amount, known| judge(&line(MoneyKind::Single, amount), &known);
        assert_eq!(single(5000, Known::Debit(debit(paid()))), book(Booking::SettleDebit));
        assert_eq!(single(4990, Known::Debit(debit(paid()))), suspend(AmountDiffers, Fen(-10)));
        let settled = KnownDebit { settled: true, ..debit(paid()) };
        assert_eq!(single(5000, Known::Debit(settled)), suspend(Duplicate, Fen(5000)));
        assert_eq!(single(5000, Known::Debit(debit(State::Unanswered))), suspend(MoneyUnanswered, Fen(5000)));
        let refused = State::Refused { category: crate::model::category::Category::Funds };
        assert_eq!(single(5000, Known::Debit(debit(refused))), suspend(StateDiffers, Fen(5000)));
        assert_eq!(single(5000, Known::Nothing), suspend(Over, Fen(5000)));
        assert_eq!(single(-700, Known::Nothing), suspend(Short, Fen(700)));
        assert_eq!(judge(&line(MoneyKind::Fee, -120), &Known::Nothing), book(Booking::Fee));
        let net = Money { fee: Fen(30), ..line(MoneyKind::Single, 4970) };
        assert_eq!(judge(&net, &Known::Debit(debit(paid()))), book(Booking::SettleDebit), "net of its fee");
    }

    #[test]
    fn lumps_settle_only_if_exactly_equal() {
        let lump = |amount, batch| judge(&line(MoneyKind::Lump, amount), &Known::Batch(batch));
        let batch = KnownBatch { awaited: Fen(10_000), awaited_by_date: Fen(10_000), ..KnownBatch::default() };
        assert_eq!(lump(10_000, batch), book(Booking::SettleBatch));
        assert_eq!(lump(9_000, batch), suspend(BreakKind::Short, Fen(1_000)));
        assert_eq!(lump(11_000, batch), suspend(BreakKind::Over, Fen(1_000)));
        let open = KnownBatch { unanswered: Fen(3_000), ..batch };
        assert_eq!(lump(13_000, open), suspend(BreakKind::MoneyUnanswered, Fen(3_000)));
        assert_eq!(lump(13_001, open), suspend(BreakKind::Over, Fen(3_001)));
        let cut = KnownBatch { awaited_by_date: Fen(7_000), ..batch };
        assert_eq!(lump(7_000, cut), suspend(BreakKind::DayCut, Fen(3_000)));
        let rest = KnownBatch { suspended: Fen(7_000), ..batch };
        assert_eq!(lump(3_000, rest), book(Booking::SettleBatch));
        let done = KnownBatch { settled: Fen(10_000), ..KnownBatch::default() };
        assert_eq!(lump(10_000, done), suspend(BreakKind::Duplicate, Fen(10_000)));
        let net = Money { fee: Fen(100), ..line(MoneyKind::Lump, 9_900) };
        assert_eq!(judge(&net, &Known::Batch(batch)), book(Booking::SettleBatch));
        assert!(ties_by_now(&KnownBatch { suspended: Fen(10_000), ..batch }) && !ties_by_now(&batch));
    }

    #[test]
    fn money_back_reverses_and_says_when_it_is_late() {
        let back = |amount, date: &str, debit: KnownDebit| {
            judge(&Money { bank_date: day(date), ..line(MoneyKind::Reversal, amount) }, &Known::Debit(debit))
        };
        assert_eq!(back(-5000, "2026-11-20", debit(paid())), book(Booking::ReverseAndPayOut));
        let late = Verdict { booking: Booking::ReverseAndPayOut, opens: Some((BreakKind::LateReturn, Fen(5000))) };
        assert_eq!(back(-5000, "2026-11-21", debit(paid())), late);
        assert_eq!(back(-5000, "2026-11-20", debit(State::Reversed { taken: Fen(5000) })), book(Booking::PayOut));
        let twice = KnownDebit { reversal_paid: true, ..debit(State::Reversed { taken: Fen(5000) }) };
        assert_eq!(back(-5000, "2026-11-21", twice), suspend(BreakKind::Duplicate, Fen(5000)));
        assert_eq!(back(-4000, "2026-11-20", debit(paid())), suspend(BreakKind::AmountDiffers, Fen(-1000)));
        assert_eq!(back(-5000, "2026-11-20", debit(State::Unanswered)), suspend(BreakKind::StateDiffers, Fen(5000)));
    }
}
