//! 重报: what a bank refused of an agreement is told it again, by two people, after the cause was mended at the bank (a
//! name put right in its books, a card unlocked). No new version: nothing of the agreement changes.

use yichong_core::model::agreement::{AgreementState, Operation};
use yichong_core::model::ids::AccountNo;
use yichong_core::rules::telling::{Holds, Reply, Told, tell_again};

use crate::agreements::{operation, zh};
use crate::app::App;
use crate::error::JobError;
use yichong_store::agreements::again::{self, BankWord};
use yichong_store::agreements::{self, AgreementRow, Why};
use yichong_store::db::Tx;

/// An account's newest agreement, ended or not.
pub(super) async fn newest(tx: &mut Tx, account: AccountNo) -> Result<AgreementRow, JobError> {
    let found = agreements::of_account(tx, account).await?.into_iter().next();
    found.ok_or_else(|| JobError::refused(format!("account {account} has no agreement; there is nothing to tell")))
}

/// What the checker must see: the bank's refusal, and what it will be told.
pub(super) async fn facts(app: &App, tx: &mut Tx, row: &AgreementRow, bank: &str) -> Result<String, JobError> {
    let (word, told) = refusal(app, tx, row, bank).await?;
    Ok(format!(
        "银行的拒绝 refused: {bank} {}, 卡尾号 {}, 文件 {} ({}), 回复 {} {}\n重报 tell again: {}, 随下一个签约文件送出\n",
        zh(operation(&word.operation)),
        word.card_last4,
        word.file_name,
        word.file_date,
        word.code.as_deref().unwrap_or_default(),
        word.message.as_deref().unwrap_or_default(),
        said(told),
    ))
}

/// Words as people read them: `解约 (cancel), 签约 (sign)`.
fn said(due: &[Operation]) -> String {
    due.iter().map(|word| format!("{} ({})", zh(*word), word.word())).collect::<Vec<_>>().join(", ")
}

/// What a bank still has, by what it said yes to; its words, oldest first.
fn holds<'w>(words: impl Iterator<Item = &'w BankWord>) -> Holds {
    let mut holds = Holds::Nothing;
    for word in words.filter(|word| word.state == "accepted") {
        holds = match operation(&word.operation) {
            Operation::Cancel => Holds::Nothing,
            Operation::Sign if word.same_payer => Holds::Same,
            Operation::Sign => Holds::Other,
        };
    }
    holds
}

/// Orders it; says what will happen.
pub(super) async fn order(
    app: &App,
    tx: &mut Tx,
    row: &AgreementRow,
    bank: &str,
    why: &Why<'_>,
) -> Result<String, JobError> {
    let (word, told) = refusal(app, tx, row, bank).await?;
    again::order(tx, &word).await?;
    again::note(tx, row.agreement_no(), row.state()?, why).await?;
    Ok(format!(
        "bank {bank} is told again of agreement {1} with the next file of agreements: {0}",
        said(told),
        row.agreement_no()
    ))
}

/// The bank's refusal, and what it would be told now; or why it cannot be told again.
async fn refusal(
    app: &App,
    tx: &mut Tx,
    row: &AgreementRow,
    bank: &str,
) -> Result<(BankWord, &'static [Operation]), JobError> {
    if app.bank(bank)?.agreements.is_none() {
        let said = format!("bank {bank} exchanges no agreements; write `agreements = {{ … }}` in its [[bank]] first");
        return Err(JobError::refused(said));
    }
    let words = again::of_agreement(tx, row.agreement_no()).await?;
    let holds = holds(words.iter().filter(|word| word.bank == bank));
    let word = words.into_iter().find(|word| word.bank == bank && word.latest);
    let told = word.as_ref().map(|word| Told {
        operation: operation(&word.operation),
        reply: match word.state.as_str() {
            "accepted" => Reply::Yes,
            "refused" => Reply::No,
            _ => Reply::Waiting,
        },
        holds,
        same_version: word.version == row.version,
        again: word.again,
    });
    let released = matches!(row.state()?, AgreementState::Active | AgreementState::Suspended);
    let stands = row.bank == bank && released;
    match (word, tell_again(stands, told)) {
        (Some(word), Ok(due)) => Ok((word, due)),
        (_, Err(why)) => {
            let said = format!("agreement {} cannot be told again to {bank}: {why}", row.agreement_no());
            Err(JobError::refused(said))
        }
        (None, Ok(_)) => Err(JobError::refused(format!("bank {bank} was never told of {}", row.agreement_no()))),
    }
}
