//! `explain`: why a meter was (not) debited.

use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Args as ClapArgs;
use yichong_core::model::ids::AccountNo;

use super::{Site, output};
use crate::jobs::JobError;
use crate::jobs::explain::explain;

/// Says why a meter was (not) debited: every rule with the value seen.
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Meter account (户号), 12 digits.
    account: String,
    /// Business date; tonight if not given.
    #[arg(long)]
    date: Option<NaiveDate>,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

/// Explains.
pub async fn run(site: &Site, args: &Args) -> Result<ExitCode, JobError> {
    let account: AccountNo = args.account.parse().map_err(|e| JobError::input(format!("{e}")))?;
    let app = site.open().await?;
    let date = args.date.unwrap_or_else(|| app.clock.today());
    let explained = explain(&app, account, date).await?;
    if args.json {
        output::json(&explained)?;
        return Ok(ExitCode::SUCCESS);
    }
    output::say(format!("{account} {date}: {}", explained.verdict));
    for note in &explained.notes {
        output::say(format!("  {note}"));
    }
    let mut table = output::table(&["", "规则", "rule", "所见"], &[]);
    for check in &explained.checks {
        let mark = if check.passed { output::green("通过") } else { output::red("不过") };
        table.add_row([mark.as_str(), check.rule.zh(), check.rule.word(), &check.seen]);
    }
    output::say(table);
    Ok(ExitCode::SUCCESS)
}
