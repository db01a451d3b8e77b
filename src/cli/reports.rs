//! `verify` and `report`: what an auditor and what finance asks for.

use std::process::ExitCode;

use chrono::NaiveDate;
use clap::Args;

use super::{Site, output};
use crate::jobs::{JobError, Kind, report as reporting, verify as verifying};

/// Checks ledger, files, audit chain and certificates of any span.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// First business date; the beginning if not given.
    #[arg(long)]
    from: Option<NaiveDate>,
    /// Last business date; the last one if not given.
    #[arg(long)]
    to: Option<NaiveDate>,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

/// Verifies; the books being wrong is exit code 5.
pub async fn verify(site: &Site, args: &VerifyArgs) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    let span = match (args.from, args.to) {
        (None, None) => None,
        (from, to) => Some((from.unwrap_or(NaiveDate::MIN), to.unwrap_or_else(|| app.clock.today()))),
    };
    let findings = verifying::verify(&app, span).await?;
    if args.json {
        output::json(&findings)?;
    } else if findings.is_empty() {
        output::say(format!("{} 账实相符，全部校验通过", output::green("OK")));
    } else {
        output::say(verifying::message(&findings));
    }
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(Kind::Books as u8) })
}

/// Prints the settlement report of a date.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Business date; today if not given.
    #[arg(long)]
    date: Option<NaiveDate>,
    /// One bank only.
    #[arg(long)]
    bank: Option<String>,
    /// As CSV.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// For scripts.
    #[arg(long)]
    json: bool,
}

/// Reports.
pub async fn report(site: &Site, args: &ReportArgs) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    let date = args.date.unwrap_or_else(|| app.clock.today());
    if let Some(code) = &args.bank {
        app.bank(code)?;
    }
    let reports = reporting::of_day(&app, date).await?;
    let wanted = |bank: &str| args.bank.as_deref().is_none_or(|code| code == bank);
    let reports: Vec<_> = reports.into_iter().filter(|report| wanted(&report.figures.bank)).collect();
    if args.json {
        output::json(&reports)?;
        return Ok(ExitCode::SUCCESS);
    }
    for report in &reports {
        if args.csv {
            output::say(String::from_utf8_lossy(&reporting::csv(report)?).trim_end());
        } else {
            output::say(reporting::text(&app.config.site.name, report));
        }
    }
    Ok(ExitCode::SUCCESS)
}
