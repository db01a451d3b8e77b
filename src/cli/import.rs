//! `import`: accounts, balances, agreements and calendars from CSV.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args as ClapArgs, ValueEnum};

use super::{Site, output};
use crate::gateways::clock::local;
use crate::jobs::import::{self, ImportRequest, What};
use crate::jobs::resolve::authenticate;
use crate::jobs::{JobError, Kind};

/// Brings in accounts, balances, agreements or calendars from CSV (UTF-8 or GB18030).
#[derive(Debug, ClapArgs)]
pub struct Args {
    /// What the file holds.
    #[arg(value_enum)]
    what: Word,
    /// The file.
    file: PathBuf,
    /// Check everything, change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Import the good rows and keep the bad ones beside the file; otherwise one bad row stops everything.
    #[arg(long)]
    skip_bad: bool,
    /// Where the list of errors goes; beside the file if not given.
    #[arg(long)]
    errors: Option<PathBuf>,
    /// calendar: which one.
    #[arg(long, required_if_eq("what", "calendar"))]
    calendar: Option<String>,
    /// calendar: a year without exceptions of its own.
    #[arg(long = "year")]
    years: Vec<i32>,
    /// Who does it; stands in the audit.
    #[arg(long, default_value = "operator")]
    by: String,
    /// agreements: that person's token; whoever enters them is their maker.
    #[arg(long, env = "YICHONG_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Word {
    /// 户号, 户主, 地址, 电话, 表号, 装表日期.
    Accounts,
    /// 户号, 余额, 补助, 补助到期, 读数时间.
    Balances,
    /// 户号, 银行, 姓名, 证件类型, 证件号码, 卡号, 手机, 阈值, 金额, 签约时间.
    Agreements,
    /// 日期, 上班, 名称.
    Calendar,
}

/// Imports.
pub async fn run(site: &Site, args: &Args) -> Result<ExitCode, JobError> {
    let app = site.open_with_progress().await?;
    if args.what == Word::Agreements && !args.dry_run {
        let Some(token) = &args.token else {
            let say =
                "whoever enters agreements is their maker: name --by and show that person's --token (YICHONG_TOKEN)";
            return Err(JobError::new(Kind::Usage, say));
        };
        authenticate(&app, &args.by, token).await?;
    }
    let request = ImportRequest {
        what: match args.what {
            Word::Accounts => What::Accounts,
            Word::Balances => What::Balances,
            Word::Agreements => What::Agreements,
            Word::Calendar => What::Calendar,
        },
        file: args.file.clone(),
        calendar: args.calendar.clone(),
        years: args.years.clone(),
        dry_run: args.dry_run,
        skip_bad: args.skip_bad,
        errors: args.errors.clone(),
        actor: args.by.clone(),
    };
    let done = import::run(&app, &request).await?;
    if args.json {
        output::json(&done)?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(at) = done.already {
        output::say(format!("这个文件在 {} 已经导入过，没有改动", local(at)));
        return Ok(ExitCode::SUCCESS);
    }
    let tried = if args.dry_run { "试运行，未写入: " } else { "" };
    output::say(format!(
        "{tried}读 {} 行，写 {}，未变 {}，拒绝 {}，提示 {}",
        done.read, done.written, done.unchanged, done.rejected, done.warned
    ));
    for warning in &done.warnings {
        output::say(format!("  提示: {warning}"));
    }
    if let Some(rejects) = &done.rejects {
        output::say(format!("被拒绝的行在 {}", rejects.display()));
    }
    if args.what == Word::Agreements && done.written > 0 && !args.dry_run {
        output::say(format!("待复核: yichong propose import:{} release --reason … --by …", done.hash));
    }
    Ok(ExitCode::SUCCESS)
}
