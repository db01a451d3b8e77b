//! What two people are shown: an object's facts as they stand, in one fixed order, so that a change is another hash.

use std::fmt::Write as _;

use yichong_core::model::breaks::BreakKind;
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;

use super::Object;
use crate::error::JobError;
use yichong_store::agreements::releasing::{self, PendingImport};
use yichong_store::batches;
use yichong_store::breaks;
use yichong_store::db::Tx;
use yichong_store::debits;
use yichong_store::dispatches;
use yichong_store::money::{self, batch, reversal};

/// The facts of an object, line by line.
pub async fn facts(tx: &mut Tx, object: &Object) -> Result<String, JobError> {
    match object {
        Object::Break(account, kind, reference) => break_facts(tx, *account, *kind, *reference).await,
        Object::Debit(number) => debit_facts(tx, *number).await,
        Object::Batch(batch_id) => batch_facts(tx, *batch_id).await,
        Object::Import(hash) => {
            let list = import(tx, hash).await?;
            let sum = Fen(list.amount_fen);
            Ok(format!("待复核协议 pending: {}, 金额 {sum} 元, 录入 {}\n", list.agreements, list.maker))
        }
        // Shown with what is asked of it: see `agreement` and `person`.
        Object::Agreement(_) | Object::Person(_) => Ok(String::new()),
    }
}

/// The pending agreements of an import.
pub async fn import(tx: &mut Tx, hash: &str) -> Result<PendingImport, JobError> {
    let waiting = releasing::waiting(tx).await?;
    waiting.into_iter().find(|list| list.import_hash == hash).ok_or_else(|| {
        JobError::refused(format!("no agreements of the import {hash} wait; see `yichong agreements pending`"))
    })
}

async fn break_facts(tx: &mut Tx, account: i64, kind: BreakKind, reference: i64) -> Result<String, JobError> {
    let row = breaks::find(tx, account, kind, reference).await?.ok_or_else(|| {
        JobError::refused(format!(
            "there is no break {kind} of account {account} about {reference}; see `yichong breaks`"
        ))
    })?;
    let mut text = format!(
        "差错 break: {} {}, 户号 {}, 银行 {}, 差额 {} 元, 清算日 {}, 开立 {}, {}\n说明: {}\n",
        kind.zh(),
        kind.word(),
        AccountNo(account),
        row.bank,
        Fen(row.amount_fen),
        row.bank_date,
        row.opened_on,
        row.state,
        row.detail
    );
    if let Some(line) = money::find(tx, account, reference).await? {
        let held: i64 = batch::held(tx, &[(account, reference)]).await?.iter().map(|(_, _, fen)| fen).sum();
        let (amount, fee) = (Fen(line.amount_fen), Fen(line.fee_fen));
        let booking = line.booking.as_deref().unwrap_or("-");
        _ = writeln!(text, "流水 line: {amount} 元, 手续费 {fee}, 入账 {booking}, 挂账 {} 元", Fen(held));
        if let Some(batch_id) = line.batch_id {
            let sums = batch::sums(tx, batch_id, line.bank_date).await?;
            let (awaited, unanswered) = (Fen(sums.live_fen + sums.reversed_fen), Fen(sums.unanswered_fen));
            _ = writeln!(text, "批次 batch {batch_id}: 待到账 {awaited} 元, 未回盘 {unanswered} 元");
        }
        if let Some(number) = line.debit_no {
            text += &debit_facts(tx, DebitNo(number)).await?;
        }
    } else if DebitNo(reference).account().0 == account {
        text += &debit_facts(tx, DebitNo(reference)).await?;
    }
    Ok(text)
}

async fn debit_facts(tx: &mut Tx, number: DebitNo) -> Result<String, JobError> {
    let debit = debits::by_number(tx, &[number])
        .await?
        .into_iter()
        .next()
        .ok_or_else(|| JobError::refused(format!("there is no debit {number}; see `yichong explain ACCOUNT`")))?;
    let credit = reversal::credit_order(tx, debit.account, debit.debit_no).await?;
    let arrived = debit.settled_by.map_or_else(|| "未到账".to_owned(), |line| format!("到账流水 {line}"));
    Ok(format!(
        "代扣 debit {number}: 户号 {}, 银行 {}, 卡尾号 {}, 应扣 {} 元, 状态 {}, 已扣 {} 元, {arrived}, 充值指令 {}\n",
        AccountNo(debit.account),
        debit.bank,
        debit.card_last4,
        Fen(debit.amount_fen),
        debit.state,
        Fen(debit.taken_fen.unwrap_or(0)),
        credit.as_deref().unwrap_or("-")
    ))
}

async fn batch_facts(tx: &mut Tx, batch_id: i64) -> Result<String, JobError> {
    let batch = batches::find(tx, batch_id)
        .await?
        .ok_or_else(|| JobError::refused(format!("there is no batch {batch_id}; see `yichong files`")))?;
    let travels = dispatches::find(tx, batch_id).await?.map_or_else(String::new, |row| {
        let receipt = row.receipt_name.as_deref().unwrap_or("-");
        let out = row.taken_out_by.as_deref().unwrap_or("-");
        format!(
            "送盘 travels: {} 第{}次, 取出 {out}, 回执 {receipt}, sha256 {}\n",
            row.file_name, row.attempt, row.sha256
        )
    });
    Ok(format!(
        "批次 batch {batch_id}: 银行 {}, 业务日期 {}, 文件 {}, {} 笔 {} 元, 最大 {} 元, 状态 {}, 拦截原因 {}\nsha256 {}\n{travels}",
        batch.bank,
        batch.business_date,
        batch.file_name,
        batch.debits,
        Fen(batch.sum_fen),
        Fen(batch.largest_fen),
        batch.state,
        batch.hold_reason.as_deref().unwrap_or("-"),
        batch.sha256
    ))
}
