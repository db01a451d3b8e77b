//! `propose`, `approve`, `person`: what two people must agree on, and who the people are.

use std::process::ExitCode;

use clap::{Args, Subcommand};

use super::{Site, output};
use crate::gateways::password;
use crate::jobs::resolve::{self, Proposal};
use crate::jobs::{App, JobError, access, evidence};
use crate::store::audit::{self, Act};
use crate::store::people::{self, PersonRow};

/// Proposes something two people must agree on, and shows what the other will approve.
#[derive(Debug, Args)]
pub struct ProposeArgs {
    /// What it is about: `break:KIND:ACCOUNT:REF`, `batch:ID`, `debit:NO`, `import:HASH`, `agreement:ACCOUNT`.
    object: String,
    /// What to do: release, void, sent_by_hand, did_not_arrive, accept, refund, write_off, loss, pay, refuse; for
    /// agreements see `yichong agreement`.
    action: String,
    /// Why; stands in the audit.
    #[arg(long)]
    reason: String,
    /// Who proposes.
    #[arg(long)]
    by: String,
    /// The person's token.
    #[arg(long, env = "YICHONG_TOKEN", hide_env_values = true)]
    token: String,
}

/// Proposes.
pub async fn propose(site: &Site, args: &ProposeArgs) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    let proposal = Proposal {
        object: args.object.clone(),
        action: args.action.clone(),
        reason: args.reason.clone(),
        by: args.by.clone(),
        token: args.token.clone(),
    };
    let shown = resolve::propose(&app, &proposal).await?;
    output::say(&shown.text);
    output::say(format!(
        "proposed; another person approves with:\n  yichong approve {} {} --by NAME",
        args.object, shown.hash
    ));
    Ok(ExitCode::SUCCESS)
}

/// What became of a file the engine cannot see, by two people and with evidence.
#[derive(Debug, Args)]
pub struct FateArgs {
    /// The batch, see `yichong files`.
    batch: i64,
    /// A file (the bank's stamp, its letter), which is kept, or a text: who said what, when.
    #[arg(long)]
    evidence: String,
    /// Who proposes.
    #[arg(long)]
    by: String,
    /// The person's token.
    #[arg(long, env = "YICHONG_TOKEN", hide_env_values = true)]
    token: String,
}

/// Proposes `sent_by_hand` or `did_not_arrive`.
pub async fn fate(site: &Site, action: &str, args: &FateArgs) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    let object = format!("batch:{}", args.batch);
    // Nobody fills the archive who may not act.
    resolve::authenticate(&app, &args.by, &args.token).await?;
    let proposal = Proposal {
        reason: evidence::words(&app, &object, &args.evidence)?,
        object: object.clone(),
        action: action.to_owned(),
        by: args.by.clone(),
        token: args.token.clone(),
    };
    let shown = resolve::propose(&app, &proposal).await?;
    output::say(&shown.text);
    output::say(format!(
        "proposed; another person approves with:\n  yichong approve {object} {} --by NAME",
        shown.hash
    ));
    Ok(ExitCode::SUCCESS)
}

/// Approves what somebody else proposed, by the hash of what was shown.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// What it is about.
    object: String,
    /// Hash of what was shown.
    hash: String,
    /// Who approves; not the one who proposed.
    #[arg(long)]
    by: String,
    /// The person's token.
    #[arg(long, env = "YICHONG_TOKEN", hide_env_values = true)]
    token: String,
}

/// Approves and does it.
pub async fn approve(site: &Site, args: &ApproveArgs) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    resolve::approve(&app, &args.object, &args.hash, &args.by, &args.token).await?;
    output::say(format!("{} done: {}", output::green("approved,"), args.object));
    Ok(ExitCode::SUCCESS)
}

/// Adds a person or lists them.
#[derive(Debug, Args)]
pub struct PersonArgs {
    #[command(subcommand)]
    what: PersonCommand,
}

#[derive(Debug, Subcommand)]
enum PersonCommand {
    /// Adds a person and prints the token, once.
    Add {
        /// The name that stands in the audit.
        name: String,
        /// What the person may do.
        #[arg(long, value_parser = ["teller", "supervisor", "finance", "operator", "auditor", "administrator"])]
        role: String,
    },
    /// Gives a person a one-time password for the console, shown once; their sessions end.
    Invite {
        /// Who.
        name: String,
    },
    /// Lists everybody.
    List,
}

/// Adds or lists.
pub async fn person(site: &Site, args: &PersonArgs) -> Result<ExitCode, JobError> {
    let app = site.open().await?;
    match &args.what {
        PersonCommand::Add { name, role } => add(&app, name, role).await?,
        PersonCommand::Invite { name } => {
            let once = access::invite(&app, name, "operator").await?;
            output::say(format!("{name}\none-time password, shown once: {once}"));
        }
        PersonCommand::List => {
            let mut table = output::table(&["姓名", "角色", "在用"], &[]);
            let mut tx = app.db.read().await?;
            for person in people::all(&mut tx).await? {
                table.add_row([person.name, person.role, if person.active { "是" } else { "否" }.into()]);
            }
            output::say(table);
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn add(app: &App, name: &str, role: &str) -> Result<(), JobError> {
    let token = password::ticket();
    let person = PersonRow {
        name: name.to_owned(),
        role: role.to_owned(),
        token_hash: password::ticket_hash(&token),
        active: true,
    };
    let mut tx = app.db.write().await?;
    if !people::add(&mut tx, &person).await? {
        return Err(JobError::input(format!("there is a person `{name}` already; nothing was changed")));
    }
    let act = Act { at: app.clock.now(), actor: "operator", action: "person.added", object: name, detail: role };
    audit::add(&mut tx, &act, |previous, row| app.vault.audit_mac(previous, row)).await?;
    tx.commit().await?;
    output::say(format!("{name} ({role})\ntoken, shown once: {token}"));
    Ok(())
}
