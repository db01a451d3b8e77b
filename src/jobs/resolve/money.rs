//! A break's end by two people: accepted, or its money given back, written off, or the loss taken.
//!
//! Money never moves half: after it a line holds nothing in suspense, or exactly what its debit or batch awaits, and
//! then that is settled out of suspense.

use chrono::NaiveDate;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::ids::DebitNo;
use yichong_core::model::money::Fen;
use yichong_core::rules::posting::Posting;

use super::Two;
use crate::app::App;
use crate::error::JobError;
use crate::reconcile::healing::explain_singles;
use crate::statement::lump::suspended;
use yichong_store::breaks::{self, BreakRow};
use yichong_store::certificates;
use yichong_store::db::Tx;
use yichong_store::debits;
use yichong_store::ledger::{self, Entry};
use yichong_store::money::batch::{self, Paid};
use yichong_store::money::{self, MoneyRow};

/// Which break.
pub type Key = (i64, BreakKind, i64);

/// Stands in a debit's `settled_by` where no money came and two people took the loss.
const NO_LINE: i64 = 0;

/// Resolves one open break; says what was done.
pub async fn resolve(app: &App, tx: &mut Tx, key: Key, action: &str, two: &Two<'_>) -> Result<String, JobError> {
    let row = breaks::find(tx, key.0, key.1, key.2).await?.filter(|row| row.state == "open");
    let row = row.ok_or_else(|| JobError::refused(format!("break {} of {} is not open", key.1, key.0)))?;
    let line = money::find(tx, key.0, key.2).await?;
    let line = line.filter(|line| line.booking.as_deref() == Some(money::SUSPENDED));
    let today = app.clock.today();
    let how = format!("{action}: {}", two.reason);
    if !breaks::resolve(tx, key, today, &how, (two.maker, two.checker)).await? {
        return Err(JobError::refused(format!("break {} of {} was resolved just now", key.1, key.0)));
    }
    let cause = format!("{action} by {} and {}", two.maker, two.checker);
    let posted_on = certificates::open_date(tx, today).await?;
    let done = match (action, &line) {
        ("accept", None) => accept(tx, key).await?,
        ("accept", Some(line)) => {
            return Err(refused(
                line,
                "money waits in suspense for it: refund, write_off or loss, or wait for the bank",
            ));
        }
        ("loss", None) if key.1 == BreakKind::Unsettled => lose_debit(tx, &row, &cause, posted_on).await?,
        (_, Some(line)) => move_out(tx, &row, line, action, &cause, posted_on).await?,
        _ => {
            let said = format!("break {} of {} holds no money in suspense; only `accept` can end it", key.1, key.0);
            return Err(JobError::refused(said));
        }
    };
    Ok(done)
}

/// Without money moving; refused where the facts still ask for something.
async fn accept(tx: &mut Tx, key: Key) -> Result<String, JobError> {
    let debit = debits::by_number(tx, &[DebitNo(key.2)]).await?.into_iter().next();
    let next = match (key.1, debit) {
        (BreakKind::NoReturn, Some(debit)) if debit.state == "unanswered" => {
            format!("nobody knows what the bank did: propose `pay` or `refuse` for debit:{}", key.2)
        }
        (BreakKind::Unsettled, Some(debit)) if debit.settled_by.is_none() && debit.state != "reversed" => {
            "the money is still missing: wait for the bank, or propose `loss`".to_owned()
        }
        _ => return Ok("accepted; no money moved".to_owned()),
    };
    Err(JobError::refused(next))
}

/// Paid, and the money never came: loss → suspense → clearing, and the debit waits for nothing any more.
async fn lose_debit(tx: &mut Tx, row: &BreakRow, cause: &str, posted_on: NaiveDate) -> Result<String, JobError> {
    let found = debits::by_number(tx, &[DebitNo(row.reference)]).await?.into_iter().next();
    let waits = found.filter(|debit| debit.settled_by.is_none() && debit.state != "reversed");
    let Some(taken) = waits.and_then(|debit| debit.taken_fen) else {
        return Err(JobError::refused(format!("debit {} waits for no money", row.reference)));
    };
    let entry = |posting| Entry {
        account: row.account,
        posting,
        reference: row.reference,
        bank: &row.bank,
        amount: Fen(taken),
        posted_on,
        cause: cause.to_owned(),
    };
    ledger::post(tx, &[entry(Posting::LossTaken), entry(Posting::Explained)]).await?;
    money::settle(tx, &[(row.account, row.reference, NO_LINE)]).await?;
    Ok(format!("{} lost", Fen(taken)))
}

/// What a line's money is moved by, fen, and whether the line is empty then.
struct Move {
    amount: i64,
    empties: bool,
}

async fn move_out(
    tx: &mut Tx,
    row: &BreakRow,
    line: &MoneyRow,
    action: &str,
    cause: &str,
    posted_on: NaiveDate,
) -> Result<String, JobError> {
    let held: i64 = batch::held(tx, &[(line.account, line.money_no)]).await?.iter().map(|(_, _, fen)| fen).sum();
    let posting = match action {
        "refund" => Posting::SuspenseRefund,
        "write_off" => Posting::SuspenseWrittenOff,
        _ => Posting::LossTaken,
    };
    let moved = amount(tx, row, line, held, posting == Posting::LossTaken).await?;
    let entry = Entry {
        account: line.account,
        posting,
        reference: line.money_no,
        bank: &line.bank,
        amount: Fen(moved.amount),
        posted_on,
        cause: cause.to_owned(),
    };
    ledger::post(tx, &[entry]).await?;
    let key = (line.account, line.money_no);
    let said = format!("{action} {}", Fen(moved.amount));
    if moved.empties {
        money::book(tx, &[(key.0, key.1, money::SUSPENDED, money::RESOLVED)]).await?;
        return Ok(said);
    }
    if line.batch_id.is_some() {
        // Settling a batch takes many transactions: the next `reconcile` finds the mark and does it.
        money::book(tx, &[(key.0, key.1, money::SUSPENDED, money::EXPLAINING)]).await?;
        return Ok(format!("{said}; what waits ties now, the next reconcile settles the batch"));
    }
    explain_singles(tx, posted_on, std::slice::from_ref(line)).await?;
    Ok(format!("{said}; the debit is settled"))
}

/// How much moves: the difference where what then waits ties, else all of it.
async fn amount(tx: &mut Tx, row: &BreakRow, line: &MoneyRow, held: i64, loss: bool) -> Result<Move, JobError> {
    let difference = row.amount_fen.abs();
    let after = if loss { held + difference } else { held - difference };
    let whole = Move { amount: held.abs(), empties: true };
    match (loss, held) {
        (_, 0) => return Err(refused(line, "it holds nothing in suspense")),
        (true, ..0) => return Ok(whole),
        (false, ..0) => return Err(refused(line, "its money went out: only `loss` can end it")),
        _ => {}
    }
    if after > 0 && difference > 0 && ties(tx, line, held, after).await? {
        return Ok(Move { amount: difference, empties: false });
    }
    if !loss && (line.batch_id.is_none() || difference == held) {
        return Ok(whole);
    }
    let said = format!("{} would be left in suspense, which ties with nothing; wait for the bank", Fen(after));
    Err(refused(line, &said))
}

/// Whether a line that held so much and then holds another amount is exactly what its debit or batch awaits.
async fn ties(tx: &mut Tx, line: &MoneyRow, held: i64, after: i64) -> Result<bool, JobError> {
    if let Some(batch_id) = line.batch_id {
        let sums = batch::sums(tx, batch_id, line.bank_date).await?;
        let (waiting, _) = suspended(tx, batch_id).await?;
        return Ok([Paid::Gross, Paid::Net].iter().any(|paid| paid.awaited(&sums) == waiting - held + after));
    }
    let numbers: Vec<DebitNo> = line.debit_no.map(DebitNo).into_iter().collect();
    let debits = debits::by_number(tx, &numbers).await?;
    Ok(debits.iter().any(|debit| debit.settled_by.is_none() && debit.taken_fen == Some(after)))
}

fn refused(line: &MoneyRow, why: &str) -> JobError {
    JobError::refused(format!("line {} of file {}: {why}", line.line_no, line.file_id))
}
