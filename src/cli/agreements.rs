//! `agreements`: all of them at once: what waits for people, and the comparison with a bank's own list.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args as ClapArgs, Subcommand};
use yichong_core::model::ids::AccountNo;

use super::{Site, output};
use crate::jobs::agreements::compare::{self, Compared, List};
use crate::jobs::{App, JobError};
use crate::store::agreements::{
    self,
    again::{self, BankWord},
};

/// Looks at many agreements.
#[derive(Debug, ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Lists of agreements that wait for their second person, and what banks refused and nobody has mended yet.
    Pending {
        /// For scripts.
        #[arg(long)]
        json: bool,
    },
    /// 签约核对: compares a bank's own list of all agreements with ours; differences are breaks at the counter.
    Compare {
        /// Bank's code.
        bank: String,
        /// The bank's list.
        #[arg(long)]
        list: PathBuf,
        /// The list's format; the bank's own if not given.
        #[arg(long)]
        format: Option<String>,
        /// Who does it; stands in the audit.
        #[arg(long, default_value = "operator")]
        by: String,
        /// Shows every difference and writes nothing: no breaks, no audit.
        #[arg(long)]
        dry_run: bool,
        /// For scripts; with --dry-run an object a line, the sums last.
        #[arg(long)]
        json: bool,
    },
}

/// Looks.
pub async fn run(site: &Site, args: &Args) -> Result<ExitCode, JobError> {
    match &args.what {
        What::Pending { json } => pending(site, *json).await,
        What::Compare { bank, list, format, by, dry_run, json } => {
            let app = site.open().await?;
            let list = List { bank, path: list, format: format.as_deref() };
            if *dry_run {
                return look(&app, &list, *json).await;
            }
            let compared = compare::compare(&app, &list, by).await?;
            show(&compared, *json)
        }
    }
}

async fn pending(site: &Site, json: bool) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    let waiting = agreements::waiting(&mut app.db.read().await?).await?;
    let refused = refused(&app).await?;
    if json {
        output::json(&serde_json::json!({ "lists": waiting, "refused": refused }))?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = output::table(&["对象", "笔数", "金额", "录入"], &[1, 2]);
    for list in &waiting {
        let object = format!("import:{}", list.import_hash);
        table.add_row([&object, &list.agreements.to_string(), &output::yuan(list.amount_fen), &list.maker]);
    }
    output::say(table);
    output::say(format!("{} 份; yichong propose import:HASH release --reason … --by …", waiting.len()));
    if !refused.is_empty() {
        output::say(told(&refused));
        output::say(format!(
            "{} 份银行未接受; mended at the bank: yichong agreement tell-again ACCOUNT --reason … --by …",
            refused.len()
        ));
    }
    Ok(ExitCode::SUCCESS)
}

/// The banks' refusals that stand, at most so many.
async fn refused(app: &App) -> Result<Vec<BankWord>, JobError> {
    const MOST: i64 = 1_000;
    Ok(again::refused(&mut app.db.read().await?, (0, 0), MOST).await?)
}

/// Words to banks as people read them.
pub fn told(words: &[BankWord]) -> comfy_table::Table {
    let mut table = output::table(&["户号", "银行", "告知", "卡尾号", "文件", "日期", "状态", "回复"], &[]);
    for word in words {
        let state = match (word.state.as_str(), word.again) {
            ("placed", _) => "已制盘",
            ("sent", _) => "待回复",
            ("accepted", _) => "已接受",
            (_, true) if word.latest => "已拒绝，将重报",
            (_, true) => "已拒绝，已重报",
            _ => "已拒绝",
        };
        let said = [word.code.as_deref(), word.message.as_deref()].map(Option::unwrap_or_default).join(" ");
        table.add_row([
            AccountNo(word.account).to_string(),
            word.bank.clone(),
            if word.operation == "cancel" { "解约" } else { "签约" }.to_owned(),
            word.card_last4.clone(),
            word.file_name.clone(),
            word.file_date.to_string(),
            state.to_owned(),
            said.trim().to_owned(),
        ]);
    }
    table
}

/// Every difference as it is found; nothing is written.
async fn look(app: &App, list: &List<'_>, json: bool) -> Result<ExitCode, JobError> {
    let mut failed = None;
    let compared = compare::dry_run(app, list, |found| {
        let line = match json {
            true => serde_json::to_string(found),
            false => Ok(format!("{} 第{}行 {}: {}", found.account, found.line, found.difference.zh(), found.detail)),
        };
        match line {
            Ok(line) => output::say(line),
            Err(error) => failed = Some(error),
        }
    })
    .await?;
    if let Some(error) = failed {
        return Err(JobError::input(error.to_string()));
    }
    let Compared { theirs, ours, differences, known, .. } = &compared;
    if json {
        output::say(serde_json::json!({ "theirs": theirs, "ours": ours, "differences": differences, "known": known }));
        return Ok(ExitCode::SUCCESS);
    }
    let sum: u64 = differences.values().sum();
    output::say(format!("银行 {theirs} 份，我方 {ours} 份；差异 {sum}，其中 {known} 已有未结差错；只看，什么也没有写"));
    Ok(ExitCode::SUCCESS)
}

fn show(compared: &Compared, json: bool) -> Result<ExitCode, JobError> {
    if json {
        output::json(compared)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = output::table(&["户号", "行", "差异", "说明"], &[1]);
    for found in &compared.found {
        table.add_row([&found.account, &found.line.to_string(), found.difference.zh(), &found.detail]);
    }
    let Compared { theirs, ours, opened, healed, .. } = compared;
    output::say(table);
    output::say(format!("银行 {theirs} 份，我方 {ours} 份；新开差错 {opened}，已一致 {healed}；见 yichong breaks"));
    Ok(ExitCode::SUCCESS)
}
