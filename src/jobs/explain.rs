//! Why was this meter (not) debited: every rule with the value seen, from the same function that selects.
//!
//! Tonight: asked of the books as they are. A past date: the stored inputs where the account was a candidate; else
//! rebuilt from
//! the debit, the agreement's history and the balances kept for 400 days; beyond that it says so.

use chrono::NaiveDate;
use serde::Serialize;
use yichong_core::model::agreement::AgreementState;
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;
use yichong_core::rules::selection::{self, Balance, Candidate, Check, Night};

use super::app::App;
use super::error::JobError;
use super::runner;
use super::select::{Picker, bases};
use yichong_gateways::clock::local;
use yichong_store::accounts;
use yichong_store::agreements::changes::EventRow;
use yichong_store::agreements::{self, changes};
use yichong_store::candidates;
use yichong_store::db::Tx;
use yichong_store::debits::{self, DebitRow};
use yichong_store::{files, runs};

/// Changed balances are kept so long.
const KEPT_DAYS: i64 = 400;

/// An explanation.
#[derive(Clone, Debug, Serialize)]
pub struct Explained {
    /// Meter account.
    pub account: AccountNo,
    /// 业务日期.
    pub business_date: NaiveDate,
    /// In one sentence.
    pub verdict: String,
    /// Where the values come from, and what became of the debit.
    pub notes: Vec<String>,
    /// Every rule.
    pub checks: Vec<Check>,
}

/// Explains one account and date.
pub async fn explain(app: &App, account: AccountNo, date: NaiveDate) -> Result<Explained, JobError> {
    let mut tx = app.db.read().await?;
    let mut told =
        Explained { account, business_date: date, verdict: String::new(), notes: Vec::new(), checks: Vec::new() };
    run_note(&mut tx, date, &mut told).await?;
    let debit = debits::of_account(&mut tx, account, 2_000).await?.into_iter().find(|d| d.business_date == date);
    if let Some(debit) = &debit {
        debit_notes(&mut tx, debit, &mut told).await?;
    }
    if let Some(passed) = candidates::passed(&mut tx, account.0, date).await? {
        return Ok(stored(told, &passed));
    }
    let (date_base, month_base) = bases(date)?;
    let Some(row) = candidates::of_account(&mut tx, account.0, date_base, month_base).await? else {
        if accounts::find(&mut tx, account).await?.is_none() {
            let say =
                format!("没有这个户号 (there is no account) {account}: check the number, or `yichong import accounts`");
            return Err(JobError::input(say));
        }
        told.verdict = "该户没有易充值协议".into();
        return Ok(told);
    };
    let slot = runner::slot(runner::find(app, "nightly")?, date)?.unwrap_or_else(|| app.clock.now());
    let past = date < app.clock.today() || debit.is_some();
    let then = if past { changes::in_force_at(&mut tx, account, slot).await? } else { None };
    // The card may have been another bank's.
    let bank = then.as_ref().and_then(|then| app.config.bank(&then.bank)).map_or_else(|| app.bank(&row.bank), Ok)?;
    let picker = Picker::new(app, &mut tx, bank, date, slot).await?;
    let candidate = match past {
        false => picker.candidate(&row, None)?,
        true => rebuilt(app, &mut tx, &picker.candidate(&row, None)?, debit.as_ref(), then, &mut told).await?,
    };
    told.checks = selection::explain(&candidate, picker.night());
    let decided = selection::decide(&candidate, picker.night());
    told.verdict = match (&debit, decided) {
        (Some(debit), _) if debit.state != "void" => format!("已选中: 扣 {} 元", Fen(debit.amount_fen)),
        (Some(_), _) => "已选中，未送出即作废".into(),
        (None, Ok(amount)) if !past => format!("今晚将扣 {amount} 元"),
        (None, Ok(_)) => "按当时数据本应选中".into(),
        (None, Err(rule)) => format!("不扣: {}不满足", rule.zh()),
    };
    Ok(told)
}

/// The night itself: done, skipped, not yet.
async fn run_note(tx: &mut Tx, date: NaiveDate, told: &mut Explained) -> Result<(), JobError> {
    match runs::find(tx, "nightly", date).await? {
        Some(run) if run.state == "skipped" => {
            told.notes.push(format!("当晚作业未运行（{}），漏掉的夜晚不补", run.message.unwrap_or_default()));
        }
        Some(run) => told.notes.push(format!("夜间作业 {}，选取时点 {}", run.state, local(run.scheduled_at))),
        None => told.notes.push("夜间作业尚未运行".into()),
    }
    Ok(())
}

async fn debit_notes(tx: &mut Tx, debit: &DebitRow, told: &mut Explained) -> Result<(), JobError> {
    let state = debit.life()?;
    let batch = match debit.batch_id {
        Some(id) => yichong_store::batches::find(tx, id).await?,
        None => None,
    };
    if let (Some(batch), Some(line)) = (&batch, debit.line_no) {
        told.notes.push(format!("代扣 {} 在文件 {} 第 {line} 笔（{}）", debit.debit_no, batch.file_name, batch.state));
    }
    let code = debit.code.as_deref().unwrap_or("");
    told.notes.push(format!("代扣状态 {state} {} {code}", debit.category.as_deref().unwrap_or("")));
    if let Some(settled) = debit.settled_by {
        let file = files::find(tx, settled / 10_000_000).await?.map(|file| file.file_name).unwrap_or_default();
        told.notes.push(format!("到账: {file} 第 {} 行", settled % 10_000_000));
    }
    Ok(())
}

/// What the night itself kept: the same rules over the same inputs.
fn stored(mut told: Explained, passed: &candidates::Passed) -> Explained {
    told.notes.push(format!("当晚保存的判断依据（规则版本 {}）", passed.rule_version));
    match serde_json::from_str::<(Candidate, Night)>(&passed.inputs) {
        Ok((candidate, night)) => {
            told.checks = selection::explain(&candidate, &night);
            let failed = told.checks.iter().find(|check| !check.passed).map(|check| check.rule.zh());
            told.verdict = format!("不扣: {}不满足", failed.unwrap_or(&passed.rule));
        }
        // A debit that was planned and dropped before its file was sealed keeps its own words.
        Err(_) => {
            told.verdict = "已计划，封盘前剔除".into();
            told.notes.push(passed.inputs.clone());
        }
    }
    told
}

/// The candidate of a past date: the agreement as it then was, the balance as it was then known.
async fn rebuilt(
    app: &App,
    tx: &mut Tx,
    now: &Candidate,
    debit: Option<&DebitRow>,
    then: Option<EventRow>,
    told: &mut Explained,
) -> Result<Candidate, JobError> {
    let (account, date) = (told.account, told.business_date);
    let mut candidate = now.clone();
    candidate.open_debit = candidate.open_debit.filter(|open| open.business_date() < date);
    // Counters and card sums of a past night are kept for candidates only; a selected one passed them.
    (candidate.unexplained_in_row, candidate.held) = (0, false);
    (candidate.card_today, candidate.card_month) = (Fen::ZERO, Fen::ZERO);
    match then {
        Some(then) => as_it_was(tx, &mut candidate, then, told).await?,
        None if debit.is_none() => {
            candidate.released_at = None;
            told.notes.push("当时协议尚未签订".into());
        }
        None => {}
    }
    if let Some(debit) = debit {
        candidate.balance =
            Some(Balance { paid: Fen(debit.balance_fen), free: Fen::ZERO, free_until: None, read_at: debit.read_at });
        (candidate.threshold, candidate.amount) = (Fen(debit.threshold_fen), Fen(debit.amount_fen));
        (candidate.last_credit_at, candidate.open_debit) = (None, None);
        told.notes.push("余额、阈值、金额取自代扣记录".into());
        return Ok(candidate);
    }
    let oldest = app.clock.today() - chrono::Duration::days(KEPT_DAYS);
    if date < oldest {
        told.notes.push(format!("余额只保留 {KEPT_DAYS} 天（{oldest} 起），{date} 的余额已不可知"));
        candidate.balance = None;
        return Ok(candidate);
    }
    candidate.balance = accounts::readings::on_date(tx, account, date).await?.map(|reading| Balance {
        paid: Fen(reading.paid_fen),
        free: Fen(reading.free_fen),
        free_until: reading.free_until,
        read_at: reading.read_at,
    });
    candidate.last_credit_at = None;
    candidate.debit_today = debit.map(|debit| DebitNo(debit.debit_no));
    Ok(candidate)
}

/// The agreement's state, terms and bank of then; a new version or another agreement has followed it since.
async fn as_it_was(
    tx: &mut Tx,
    candidate: &mut Candidate,
    then: EventRow,
    told: &mut Explained,
) -> Result<(), JobError> {
    candidate.state = AgreementState::from_word(&then.state).unwrap_or(candidate.state);
    candidate.state_reason = (candidate.state == AgreementState::Suspended).then(|| then.reason.clone());
    (candidate.threshold, candidate.amount) = (Fen(then.threshold_fen), Fen(then.amount_fen));
    candidate.confirmed = then.confirmed;
    if then.number != candidate.agreement.number {
        candidate.agreement.number = then.number;
        let earlier = agreements::find(tx, candidate.agreement).await?;
        candidate.released_at = earlier.and_then(|row| row.released_at);
    }
    if then.version != candidate.version {
        let EventRow { version, bank, card_last4, .. } = &then;
        told.notes.push(format!("当时的协议条款: 版本 {version}，银行 {bank}，卡尾号 {card_last4}"));
        candidate.version = *version;
    }
    Ok(())
}
