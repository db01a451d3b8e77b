//! An agreement changed by two people at the counter: terms, state, card (what a bank refused and is told again is in
//! `telling`). What they are shown says what becomes of a
//! debit that is on its way; the change is in force with the approval.

use std::fmt::Write as _;

use yichong_core::model::agreement::AgreementState;
use yichong_core::model::card::{CardNo, mask, mask_name};
use yichong_core::model::ids::AccountNo;
use yichong_core::model::money::Fen;
use yichong_core::rules::amending::{Change, Flight, InFlight, Standing, amend, in_flight};

use super::{Asked, Proposal, Shown, Two, authenticate, object::Object, propose_as, telling};
use crate::app::App;
use crate::error::{JobError, Kind};
use crate::payer::Payer;
use yichong_gateways::clock::local;
use yichong_store::agreements::amending::{self, NewCard, Version};
use yichong_store::agreements::{self, AgreementRow, Why, changes};
use yichong_store::batches;
use yichong_store::db::Tx;
use yichong_store::debits::{self, DebitRow};
use yichong_store::people::{ApprovalRow, PersonRow};

/// Proposes another card for an account's agreement: the payer's own, at `bank`, or at the bank it has. The number is
/// sealed before it is kept; ID number and mobile stay what they are. `proposal.action` is not looked at.
pub async fn replace_card(
    app: &App,
    proposal: &Proposal,
    bank: Option<&str>,
    card: &CardNo,
) -> Result<Shown, JobError> {
    let object: Object = proposal.object.parse()?;
    let Object::Agreement(account) = object else {
        return Err(JobError::new(Kind::Usage, format!("{object} has no card; write agreement:<account>")));
    };
    let maker = authenticate(app, &proposal.by, &proposal.token).await?;
    replace_card_as(app, &maker, account, bank, card, &proposal.reason).await
}

/// The same for somebody who is known already.
pub async fn replace_card_as(
    app: &App,
    maker: &PersonRow,
    account: AccountNo,
    bank: Option<&str>,
    card: &CardNo,
    reason: &str,
) -> Result<Shown, JobError> {
    super::may(&Object::Agreement(account), maker)?;
    let mut tx = app.db.read().await?;
    let row = live(&mut tx, account).await?;
    drop(tx);
    let payer = Payer::open(&app.vault, account.0, &row.payer_sealed)?;
    let sealed = Payer::seal(&app.vault, account.0, card.reveal(), &payer.id_number, &payer.mobile)?;
    let action = Change::ReplaceCard { bank: bank.unwrap_or(&row.bank).to_owned() }.to_string();
    let asked = Asked { object: Object::Agreement(account), action: &action, reason, sealed: Some(sealed) };
    propose_as(app, maker, asked).await
}

/// Refuses where somebody changed the account's agreement since its version `seen` was looked at.
pub async fn expect_version(app: &App, account: AccountNo, seen: i64) -> Result<(), JobError> {
    let mut tx = app.db.read().await?;
    let row = live(&mut tx, account).await?;
    if row.version == seen {
        return Ok(());
    }
    Err(JobError::refused(format!(
        "agreement {} is at version {} by now, you looked at version {seen}; look again: \
         `yichong agreement show {account}`",
        row.agreement_no(),
        row.version
    )))
}

/// What the checker must see: the agreement as it stands, what changes, and what becomes of a debit on its way.
pub async fn facts(app: &App, tx: &mut Tx, account: AccountNo, asked: &ApprovalRow) -> Result<String, JobError> {
    let (row, change, after) = decided(app, tx, account, &asked.action).await?;
    let mut text = format!(
        "协议 agreement {}: 签约人 {}, 版本 {}, 状态 {}, 银行 {}, 卡尾号 {}, 阈值 {} 元, 金额 {} 元, \
         签约 {}\n",
        row.agreement_no(),
        mask_name(&row.payer_name),
        row.version,
        row.state,
        row.bank,
        row.card_last4,
        Fen(row.threshold_fen),
        Fen(row.amount_fen),
        local(row.signed_at)
    );
    match &change {
        Change::Terms { .. } => {
            let (threshold, amount) = (Fen(row.threshold_fen), Fen(row.amount_fen));
            _ = writeln!(
                text,
                "变更 change: 阈值 {threshold} → {} 元, 金额 {amount} → {} 元",
                after.threshold, after.amount
            );
            if after.amount > app.config.limits.per_debit {
                _ = writeln!(text, "注意: 金额超过单笔限额 {} 元，不会被代扣", app.config.limits.per_debit);
            }
        }
        Change::ReplaceCard { bank } => text += &new_card_facts(app, &row, bank, asked)?,
        Change::TellAgain { bank } => return Ok(text + &telling::facts(app, tx, &row, bank).await?),
        Change::Release => {
            let payer = Payer::open(&app.vault, row.account, &row.payer_sealed)?;
            _ = writeln!(
                text,
                "签约 new agreement: 证件 {} {}, 手机 {}, 卡 {} ****{}; 复核后当日生效",
                row.id_type,
                mask(&payer.id_number),
                mask(&payer.mobile),
                row.bank,
                row.card_last4
            );
            let mark = hex::encode(&row.card_index[..row.card_index.len().min(8)]);
            _ = writeln!(text, "卡指纹 mark {mark}");
            if !row.confirmed {
                text += "注意: 银行确认之前不会代扣\n";
            }
        }
        Change::Suspend | Change::Resume | Change::Cancel => {
            _ = writeln!(text, "变更 change: 状态 {} → {}", row.state, after.state.word());
        }
    }
    for debit in debits::open_of(tx, account).await? {
        text += &on_its_way(tx, &debit, after.state).await?;
    }
    Ok(text)
}

/// Makes the change; says what the agreement is now.
pub async fn resolve(
    app: &App,
    tx: &mut Tx,
    account: AccountNo,
    asked: &ApprovalRow,
    two: &Two<'_>,
) -> Result<String, JobError> {
    let (row, change, after) = decided(app, tx, account, &asked.action).await?;
    let (maker, checker) = (two.maker, two.checker);
    let version =
        Version { account: row.account, number: row.number, version: row.version, state: row.state()?, maker, checker };
    let reason = format!("{}: {}", change.word(), two.reason);
    let actor = format!("{maker}+{checker}");
    let why = Why { reason: &reason, actor: &actor, at: app.clock.now() };
    let key = [(row.account, row.number)];
    let changed = match &change {
        Change::Release => agreements::release_one(tx, row.account, row.number, checker, &why).await?.len(),
        Change::Terms { .. } => {
            amending::terms(tx, &version, after.threshold.0, after.amount.0, &why).await?;
            1
        }
        Change::ReplaceCard { bank } => {
            amending::card(tx, &version, &new_card(app, &row, bank, asked)?.1, &why).await?;
            1
        }
        Change::Suspend => changes::suspend(tx, &key, &why).await?.len(),
        Change::Resume => changes::resume(tx, &key, &why).await?.len(),
        Change::Cancel => changes::cancel(tx, &key, &why).await?.len(),
        Change::TellAgain { bank } => return telling::order(app, tx, &row, bank, &why).await,
    };
    if changed != 1 {
        return Err(JobError::new(Kind::Busy, format!("agreement {} was changed just now", row.agreement_no())));
    }
    let number = row.version + i64::from(change.is_new_version());
    Ok(format!("agreement {} is {}, version {number}", row.agreement_no(), after.state.word()))
}

/// Ends a pending agreement whose release was sent back.
pub async fn take_back(app: &App, tx: &mut Tx, account: AccountNo, reason: &str, by: &str) -> Result<(), JobError> {
    let row = live(tx, account).await?;
    if row.state()? == AgreementState::Pending {
        let reason = format!("退回: {reason}");
        let why = Why { reason: &reason, actor: by, at: app.clock.now() };
        changes::cancel(tx, &[(row.account, row.number)], &why).await?;
    }
    Ok(())
}

/// The account's live agreement.
async fn live(tx: &mut Tx, account: AccountNo) -> Result<AgreementRow, JobError> {
    let newest = agreements::of_account(tx, account).await?.into_iter().next();
    let ended = newest.as_ref().filter(|row| row.state == AgreementState::Cancelled.word());
    match (newest.as_ref(), ended) {
        (None, _) => Err(JobError::refused(format!("account {account} has no agreement; there is nothing to change"))),
        (_, Some(row)) => Err(JobError::refused(format!(
            "agreement {} is cancelled ({}), which is the end; a new agreement is signed and entered anew",
            row.agreement_no(),
            row.state_reason.as_deref().unwrap_or("-")
        ))),
        (Some(row), None) => Ok(row.clone()),
    }
}

/// The agreement a change is about, the change, and what the agreement is after it.
async fn decided(
    app: &App,
    tx: &mut Tx,
    account: AccountNo,
    action: &str,
) -> Result<(AgreementRow, Change, Standing), JobError> {
    let change: Change = action.parse().map_err(|e| JobError::new(Kind::Usage, format!("{e}")))?;
    let row = match change {
        // A bank may have refused the cancellation.
        Change::TellAgain { .. } => telling::newest(tx, account).await?,
        _ => live(tx, account).await?,
    };
    let now = Standing { state: row.state()?, threshold: Fen(row.threshold_fen), amount: Fen(row.amount_fen) };
    let after = amend(&now, &change, &app.config.site.boxes)
        .map_err(|e| JobError::refused(format!("agreement {}: {e}; nothing was changed", row.agreement_no())))?;
    Ok((row, change, after))
}

/// The new card, opened for its checks, and as the table keeps it.
fn new_card(app: &App, row: &AgreementRow, bank: &str, asked: &ApprovalRow) -> Result<(CardNo, NewCard), JobError> {
    let Some(sealed) = &asked.sealed else {
        let say = "the new card's number is missing: `yichong agreement replace-card` asks for it";
        return Err(JobError::new(Kind::Usage, say));
    };
    let bank = app.bank(bank)?;
    let payer = Payer::open(&app.vault, row.account, sealed)?;
    let card = CardNo::parse(&payer.card).map_err(|e| JobError::input(e.to_string()))?;
    let card_index = app.vault.index("card", card.reveal()).to_vec();
    if card_index == row.card_index && bank.code == row.bank {
        return Err(JobError::refused(format!(
            "card ****{} of {} is the agreement's card already; nothing was changed",
            card.last4(),
            bank.code
        )));
    }
    let new = NewCard {
        bank: bank.code.clone(),
        payer_sealed: sealed.clone(),
        card_index,
        card_last4: card.last4().to_owned(),
        confirmed: !bank.confirms,
    };
    Ok((card, new))
}

fn new_card_facts(app: &App, row: &AgreementRow, bank: &str, asked: &ApprovalRow) -> Result<String, JobError> {
    let (card, new) = new_card(app, row, bank, asked)?;
    // The approval is bound to this very number without showing it.
    let mark = hex::encode(&new.card_index[..new.card_index.len().min(8)]);
    let mut text = format!(
        "换卡 new card: {} ****{} → {} ****{}, 指纹 mark {mark}\n",
        row.bank, row.card_last4, new.bank, new.card_last4
    );
    if !card.luhn() {
        text += "注意: 新卡号校验位（Luhn）不符，请对照卡片\n";
    }
    if !new.confirmed {
        text += "注意: 银行确认新卡之前不会代扣\n";
    }
    if row.state == AgreementState::Suspended.word() {
        text += "注意: 协议仍是暂停，换卡后另行恢复（resume）\n";
    }
    Ok(text)
}

/// One debit on its way, and what becomes of it.
async fn on_its_way(tx: &mut Tx, debit: &DebitRow, after: AgreementState) -> Result<String, JobError> {
    // A row has its place before its file is sealed; the batch stands only from then on.
    let batch = match debit.batch_id {
        Some(id) => batches::find(tx, id).await?,
        None => None,
    };
    let flight = Flight {
        sealed: batch.is_some(),
        sent: batch.as_ref().is_some_and(|batch| matches!(batch.state.as_str(), "sending" | "sent")),
        paid: debit.state == "paid",
    };
    let amount = Fen(debit.amount_fen);
    let file = batch.map_or_else(String::new, |batch| batch.file_name);
    let becomes = match in_flight(flight, after) {
        InFlight::Void => format!("尚未制盘，将作废，不扣款 (not in a file yet: {amount} will not be taken)"),
        InFlight::Frozen if file.is_empty() => {
            format!("已计划，仍按原条款扣款 (planned already: {amount} will still be taken as planned)")
        }
        InFlight::Frozen => {
            format!(
                "已在文件 {file}，放行后仍会扣款 (in a sealed file: {amount} will still be taken once it is released)"
            )
        }
        InFlight::Left => format!("文件 {file} 已送出，仍会扣款 (the file already left: {amount} will still be taken)"),
        InFlight::Taken => format!("已扣 {amount} 元，待充值 (taken already: the credit follows)"),
    };
    Ok(format!("在途 on its way: {} 代扣 {} 元, 卡尾号 {}: {becomes}\n", debit.business_date, amount, debit.card_last4))
}
