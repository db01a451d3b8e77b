//! `door`: looks at a bank's door without sending anybody's file.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Subcommand;

use super::{Site, output};
use crate::jobs::{JobError, dispatch, doors};

/// A bank's door.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Connects, lists, writes and renames probes and removes them, tries the keys of envelopes and signatures and the
    /// door for agreements; says in words what is right and wrong.
    Check {
        /// The bank's code.
        bank: String,
        /// For scripts.
        #[arg(long)]
        json: bool,
    },
    /// Writes the bytes that would travel into a folder, for somebody who carries them; the engine then leaves the
    /// file alone until two people say what became of it: sent-by-hand or did-not-arrive.
    TakeOut {
        /// The batch.
        batch: i64,
        /// The folder; never over another file.
        #[arg(long)]
        to: PathBuf,
        /// Who carries it.
        #[arg(long)]
        by: String,
        /// The person's token.
        #[arg(long, env = "YICHONG_TOKEN", hide_env_values = true)]
        token: String,
    },
}

/// Looks, or takes out.
pub async fn run(site: &Site, args: &Args) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    match &args.what {
        What::Check { bank, json } => {
            let found = doors::check(&app, app.bank(bank)?);
            if *json {
                output::json(&found)?;
            } else {
                let mut table = output::table(&["", "对象", "说明"], &[]);
                for finding in &found {
                    let mark = match finding.right {
                        Some(true) => "✓",
                        Some(false) => "✗",
                        None => "·",
                    };
                    table.add_row([mark, &finding.what, &finding.said]);
                }
                output::say(table);
            }
            match found.into_iter().find_map(|finding| finding.error) {
                // Everything is on the table already: only the exit code is left to say.
                Some(error) => Ok(ExitCode::from(JobError::from(error).kind as u8)),
                None => Ok(ExitCode::SUCCESS),
            }
        }
        What::TakeOut { batch, to, by, token } => {
            let path = dispatch::take_out(&app, *batch, to, by, token).await?;
            output::say(path.display());
            output::say("the engine leaves it alone now; two people say what became of it, one proposes with");
            output::say(format!("  yichong sent-by-hand {batch} --evidence FILE --by NAME"));
            output::say(format!("  yichong did-not-arrive {batch} --evidence FILE --by NAME"));
            Ok(ExitCode::SUCCESS)
        }
    }
}
