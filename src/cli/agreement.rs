//! `agreement`: what the counter does to one account's agreement, each act proposed by one person and approved by
//! another; and what it was and is.

use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;

use clap::{Args as ClapArgs, Subcommand};
use yichong_core::model::card::{CardNo, mask_name};
use yichong_core::model::ids::AccountNo;
use yichong_core::model::money::Fen;
use yichong_core::rules::amending::Change;
use zeroize::Zeroizing;

use super::agreements::told;
use super::{Site, output};
use crate::gateways::clock::local;
use crate::jobs::resolve::{self, Proposal, Shown, agreement};
use crate::jobs::{App, JobError};
use crate::store::agreements::{self, AgreementRow, again};

/// Changes an account's agreement, by two people, or shows it.
#[derive(Debug, ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Shows the agreement and its history.
    Show {
        /// Meter account (户号), 12 digits.
        account: String,
        /// For scripts.
        #[arg(long)]
        json: bool,
    },
    /// 变更: another threshold or amount, in force at once.
    Amend {
        #[command(flatten)]
        act: Act,
        /// 充值阈值, yuan: a box of the form.
        #[arg(long, required_unless_present = "amount")]
        threshold: Option<String>,
        /// 充值金额, yuan: a box of the form.
        #[arg(long)]
        amount: Option<String>,
    },
    /// 暂停: no debit until it is resumed.
    Suspend(Act),
    /// 恢复.
    Resume(Act),
    /// 换卡: another card of the same payer; its number is read from standard input, never from the command line.
    ReplaceCard {
        #[command(flatten)]
        act: Act,
        /// The new card's bank, if it is another one.
        #[arg(long)]
        bank: Option<String>,
    },
    /// 解约: the end of the agreement.
    Cancel(Act),
    /// 重报: tells a bank again what it refused, after the cause was mended there; no new version.
    TellAgain {
        #[command(flatten)]
        act: Act,
        /// The bank that refused; the agreement's own if not given.
        #[arg(long)]
        bank: Option<String>,
    },
}

#[derive(Debug, ClapArgs)]
struct Act {
    /// Meter account (户号), 12 digits.
    account: String,
    /// Why: the form, the telephone call; stands in the audit.
    #[arg(long)]
    reason: String,
    /// Who proposes.
    #[arg(long)]
    by: String,
    /// The person's token.
    #[arg(long, env = "YICHONG_TOKEN", hide_env_values = true)]
    token: String,
    /// The version you looked at: refused if somebody changed it since.
    #[arg(long)]
    version: Option<i64>,
}

/// Proposes a change, or shows.
pub async fn run(site: &Site, args: &Args) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    let (act, change) = match &args.what {
        What::Show { account, json } => return show(&app, number(account)?, *json).await,
        What::Amend { act, threshold, amount } => {
            (act, Some(Change::Terms { threshold: yuan(threshold.as_ref())?, amount: yuan(amount.as_ref())? }))
        }
        What::Suspend(act) => (act, Some(Change::Suspend)),
        What::Resume(act) => (act, Some(Change::Resume)),
        What::Cancel(act) => (act, Some(Change::Cancel)),
        What::ReplaceCard { act, .. } | What::TellAgain { act, .. } => (act, None),
    };
    let account = number(&act.account)?;
    if let Some(seen) = act.version {
        agreement::expect_version(&app, account, seen).await?;
    }
    let change = match &args.what {
        What::TellAgain { bank, .. } => Some(Change::TellAgain { bank: own_bank(&app, account, bank.as_ref()).await? }),
        _ => change,
    };
    let proposal = Proposal {
        object: format!("agreement:{account}"),
        action: change.map_or_else(String::new, |change| change.to_string()),
        reason: act.reason.clone(),
        by: act.by.clone(),
        token: act.token.clone(),
    };
    let shown = match &args.what {
        What::ReplaceCard { bank, .. } => {
            agreement::replace_card(&app, &proposal, bank.as_deref(), &read_card()?).await?
        }
        _ => resolve::propose(&app, &proposal).await?,
    };
    say(&proposal.object, &shown);
    Ok(ExitCode::SUCCESS)
}

/// The bank that is named, or the one of the account's newest agreement.
async fn own_bank(app: &App, account: AccountNo, named: Option<&String>) -> Result<String, JobError> {
    if let Some(bank) = named {
        return Ok(bank.clone());
    }
    let newest = agreements::of_account(&mut app.db.read().await?, account).await?.into_iter().next();
    let newest = newest.ok_or_else(|| JobError::input(format!("account {account} has no agreement")))?;
    Ok(newest.bank)
}

fn say(object: &str, shown: &Shown) {
    output::say(&shown.text);
    output::say(format!(
        "proposed, nothing is changed yet; another person approves with:\n  yichong approve {object} {} --by NAME",
        shown.hash
    ));
}

fn number(text: &str) -> Result<AccountNo, JobError> {
    text.parse().map_err(|e| JobError::input(format!("{e}")))
}

fn yuan(text: Option<&String>) -> Result<Option<Fen>, JobError> {
    text.map(|text| Fen::parse_yuan(text).map_err(|e| JobError::input(e.to_string()))).transpose()
}

/// One line of standard input: the number stands in no list of processes and in no shell's history.
fn read_card() -> Result<CardNo, JobError> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        output::say("new card number (新卡号):");
    }
    let mut line = Zeroizing::new(String::new());
    stdin.lock().read_line(&mut line)?;
    CardNo::parse(line.trim()).map_err(|e| JobError::input(format!("standard input: {e}")))
}

async fn show(app: &App, account: AccountNo, json: bool) -> Result<ExitCode, JobError> {
    let mut tx = app.db.read().await?;
    let rows = agreements::of_account(&mut tx, account).await?;
    let Some(newest) = rows.first() else {
        return Err(JobError::input(format!(
            "account {account} has no agreement; `yichong import agreements` enters one"
        )));
    };
    let mut events = Vec::new();
    let mut words = Vec::new();
    for row in &rows {
        events.extend(agreements::events(&mut tx, row.agreement_no()).await?);
        words.extend(again::of_agreement(&mut tx, row.agreement_no()).await?);
    }
    if json {
        let agreements: Vec<_> = rows.iter().map(facts).collect();
        output::json(&serde_json::json!({ "agreements": agreements, "history": events, "told": words }))?;
        return Ok(ExitCode::SUCCESS);
    }
    output::say(format!(
        "{} 版本 {} {}: {} {} ****{}, 阈值 {} 元, 金额 {} 元, 签约 {}{}",
        newest.agreement_no(),
        newest.version,
        newest.state,
        mask_name(&newest.payer_name),
        newest.bank,
        newest.card_last4,
        Fen(newest.threshold_fen),
        Fen(newest.amount_fen),
        local(newest.signed_at),
        if newest.confirmed { "" } else { ", 待银行确认" }
    ));
    let mut table =
        output::table(&["时间", "协议", "版本", "状态", "银行", "卡尾号", "阈值", "金额", "谁", "原因"], &[6, 7]);
    for event in events {
        table.add_row([
            local(event.at).to_string(),
            event.number.to_string(),
            event.version.to_string(),
            event.state,
            event.bank,
            event.card_last4,
            output::yuan(event.threshold_fen),
            output::yuan(event.amount_fen),
            event.actor,
            event.reason,
        ]);
    }
    output::say(table);
    if !words.is_empty() {
        output::say(told(&words));
    }
    Ok(ExitCode::SUCCESS)
}

fn facts(row: &AgreementRow) -> serde_json::Value {
    serde_json::json!({
        "agreement": row.agreement_no().to_string(),
        "version": row.version,
        "state": row.state,
        "state_reason": row.state_reason,
        "bank": row.bank,
        "payer": mask_name(&row.payer_name),
        "card_last4": row.card_last4,
        "threshold_fen": row.threshold_fen,
        "amount_fen": row.amount_fen,
        "signed_at": row.signed_at,
        "confirmed": row.confirmed,
        "held": row.held,
    })
}
