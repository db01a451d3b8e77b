//! `door`: looks at a bank's door without sending anybody's file.

use std::process::ExitCode;

use clap::Subcommand;

use super::{Site, output};
use crate::jobs::JobError;

/// A bank's door.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Connects, lists, writes and renames probes and removes them; says in words what is right and wrong.
    Check {
        /// The bank's code.
        bank: String,
        /// For scripts.
        #[arg(long)]
        json: bool,
    },
}

/// Looks.
pub async fn run(site: &Site, args: &Args) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    match &args.what {
        What::Check { bank, json } => {
            let found = app.bank(bank)?.door().check(app.clock.now());
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
    }
}
