//! A debit's fate by two people: the bank's yes or no with evidence, or the money back where no credit can be given.

use chrono::NaiveDate;
use yichong_core::model::breaks::BreakKind;
use yichong_core::model::category::Category;
use yichong_core::model::debit::{Effect, Event, step};
use yichong_core::model::ids::DebitNo;
use yichong_core::model::money::Fen;
use yichong_core::rules::answering::{Suspend, follow_up};
use yichong_core::rules::posting::Posting;

use super::Two;
use crate::app::App;
use crate::error::{JobError, Kind};
use yichong_store::agreements::changes::{self, Count, Why};
use yichong_store::answers;
use yichong_store::breaks;
use yichong_store::certificates;
use yichong_store::db::Tx;
use yichong_store::debits::{self, DebitRow, Move};
use yichong_store::ledger::{self, Entry};
use yichong_store::money::reversal;
use yichong_store::outbox::{self, Order};

/// Stands as the bank's code where two people answered.
const BY_PEOPLE: &str = "两人确认";

/// Moves one debit; says what was done. `pay` and `pay:<清算日>`, `refuse` and `refuse:<category>`, `refund`.
pub async fn resolve(app: &App, tx: &mut Tx, number: DebitNo, action: &str, two: &Two<'_>) -> Result<String, JobError> {
    let debit = debits::by_number(tx, &[number]).await?.into_iter().next();
    let debit = debit.ok_or_else(|| JobError::refused(format!("there is no debit {number}")))?;
    let (word, choice) = action.split_once(':').map_or((action, None), |(word, choice)| (word, Some(choice)));
    let (event, heard) = match word {
        "refund" => (Event::Refund, None),
        _ if debit.state != "unanswered" => {
            let said =
                format!("debit {number} is {}; two people answer for the bank only where nobody knows", debit.state);
            return Err(JobError::refused(said));
        }
        "pay" => {
            let bank_date = choice.map_or(Ok(debit.business_date), str::parse::<NaiveDate>);
            let bank_date =
                bank_date.map_err(|e| JobError::new(Kind::Usage, format!("`{action}`: {e}; write pay:2026-11-20")))?;
            (Event::Pay { taken: Fen(debit.amount_fen), bank_date }, Some(Category::Paid))
        }
        _ => {
            let category = choice.map_or(Ok(Category::Unexplained), str::parse::<Category>);
            let category = category.map_err(|e| JobError::new(Kind::Usage, e))?;
            if category.took_money() || category.is_open() {
                return Err(JobError::new(Kind::Usage, format!("`{category}` is no refusal")));
            }
            (Event::Refuse { category }, Some(category))
        }
    };
    let state = debit.life()?;
    let (next, effects) = step(&state, &event).map_err(|e| JobError::refused(format!("debit {number}: {e}")))?;
    if next == state {
        return Err(JobError::refused(format!("debit {number} is {state} already")));
    }
    let heard = heard.map(|category| (category, BY_PEOPLE.to_owned()));
    let from = state.word();
    let moved = Move { account: debit.account, debit_no: debit.debit_no, from, to: next.clone(), heard };
    debits::shift(tx, &[moved], app.clock.now()).await?;
    for effect in effects {
        carry(app, tx, &debit, effect, two).await?;
    }
    Ok(format!("debit {number} is {next}"))
}

async fn carry(app: &App, tx: &mut Tx, debit: &DebitRow, effect: Effect, two: &Two<'_>) -> Result<(), JobError> {
    match effect {
        Effect::PostPaid(amount) => {
            post(app, tx, debit, Posting::Paid, amount, two).await?;
            follow(app, tx, debit, Category::Paid, two).await
        }
        Effect::CreditMeter(amount) => {
            outbox::queue(tx, &[Order::about(debit.debit_no(), &debit.bank, "credit", "", amount.0)], app.clock.now())
                .await?;
            Ok(())
        }
        Effect::Consequences(category) => follow(app, tx, debit, category, two).await,
        Effect::PostRefund(amount) => {
            no_live_credit(app, tx, debit).await?;
            post(app, tx, debit, Posting::Refund, amount, two).await?;
            let key = (debit.account, BreakKind::MeterUncredited, debit.debit_no);
            let how = format!("refund: {}", two.reason);
            breaks::resolve(tx, key, app.clock.today(), &how, (two.maker, two.checker)).await?;
            Ok(())
        }
        Effect::PostReversed(_) | Effect::TellReversed(_) | Effect::TellCredited(_) => Ok(()),
    }
}

async fn post(
    app: &App,
    tx: &mut Tx,
    debit: &DebitRow,
    posting: Posting,
    amount: Fen,
    two: &Two<'_>,
) -> Result<(), JobError> {
    let posted_on = certificates::open_date(tx, app.clock.today()).await?;
    let entry = Entry {
        account: debit.account,
        posting,
        reference: debit.debit_no,
        bank: &debit.bank,
        amount,
        posted_on,
        cause: format!("{} and {}: {}", two.maker, two.checker, two.reason),
    };
    Ok(ledger::post(tx, &[entry]).await?)
}

/// A refund excludes a live credit: one still queued is withdrawn here, one that has left must come to its end first.
async fn no_live_credit(app: &App, tx: &mut Tx, debit: &DebitRow) -> Result<(), JobError> {
    let key = (debit.account, debit.debit_no);
    let order = reversal::credit_order(tx, key.0, key.1).await?;
    let said = match order.as_deref() {
        None | Some("withdrawn" | "rejected" | "expired") => return Ok(()),
        Some("queued") if outbox::withdraw(tx, &[key], app.clock.now()).await? == 1 => return Ok(()),
        Some("accepted") => "the meter has taken its credit".to_owned(),
        Some(state) => {
            format!("its credit order is {state}; the meter's answer must come, or the order be withdrawn, first")
        }
    };
    Err(JobError::refused(format!("debit {} cannot be refunded: {said}", debit.debit_no)))
}

/// What an answer of this category leaves behind for agreement and text, as if the bank had sent it.
async fn follow(app: &App, tx: &mut Tx, debit: &DebitRow, category: Category, two: &Two<'_>) -> Result<(), JobError> {
    let agreement = (debit.account, debit.number);
    let before = answers::counters(tx, &[agreement]).await?.into_iter().next();
    let same = before.filter(|row| row.in_row_category.as_deref() == Some(category.word()));
    let follow = follow_up(category, same.map_or(0, |row| row.in_row));
    let counted = (follow.in_row > 0).then(|| category.word());
    let (account, number) = agreement;
    let count = Count { account, number, category: counted, in_row: follow.in_row, held: follow.held };
    changes::count_in_row(tx, &[count]).await?;
    let at = app.clock.now();
    let why = Why { reason: category.zh(), actor: two.checker, at };
    match follow.suspend {
        Suspend::None => {}
        Suspend::This => drop(changes::suspend(tx, &[agreement], &why).await?),
        Suspend::WholeCard => {
            drop(changes::suspend_card(tx, &[(debit.card_index.clone(), debit.bank.clone())], &why).await?);
        }
    }
    if let Some(notice) = follow.notice {
        let text = Order::about(debit.debit_no(), &debit.bank, "sms", notice.word(), debit.amount_fen);
        outbox::queue(tx, &[text], at).await?;
    }
    Ok(())
}
