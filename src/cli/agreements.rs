//! `agreements`: all of them at once.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args as ClapArgs, Subcommand};

use super::{Site, output};
use crate::jobs::JobError;
use crate::jobs::agreements::compare::{self, Compared};
use crate::store::agreements;

/// Looks at many agreements.
#[derive(Debug, ClapArgs)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Lists of agreements that wait for their second person.
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
        /// For scripts.
        #[arg(long)]
        json: bool,
    },
}

/// Looks.
pub async fn run(site: &Site, args: &Args) -> Result<ExitCode, JobError> {
    match &args.what {
        What::Pending { json } => pending(site, *json).await,
        What::Compare { bank, list, format, by, json } => {
            let app = site.open().await?;
            let compared = compare::compare(&app, bank, list, format.as_deref(), by).await?;
            show(&compared, *json)
        }
    }
}

async fn pending(site: &Site, json: bool) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    let waiting = agreements::waiting(&mut app.db.read().await?).await?;
    if json {
        output::json(&waiting)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = output::table(&["对象", "笔数", "金额", "录入"], &[1, 2]);
    for list in &waiting {
        let object = format!("import:{}", list.import_hash);
        table.add_row([&object, &list.agreements.to_string(), &output::yuan(list.amount_fen), &list.maker]);
    }
    output::say(table);
    output::say(format!("{} 份; yichong propose import:HASH release --reason … --by …", waiting.len()));
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
