//! `agreements`: all of them at once.

use std::process::ExitCode;

use clap::{Args as ClapArgs, Subcommand};

use super::{Site, output};
use crate::jobs::JobError;
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
}

/// Looks.
pub async fn run(site: &Site, args: &Args) -> Result<ExitCode, JobError> {
    match &args.what {
        What::Pending { json } => pending(site, *json).await,
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
