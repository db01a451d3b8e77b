//! What a new site does first: people, calendars, accounts, and the bank's existing agreements, released by two.

use std::path::Path;

use sha2::{Digest, Sha256};

use crate::jobs::import::{self, ImportRequest, What};
use crate::jobs::resolve::{self, Proposal};
use crate::jobs::{App, JobError};
use crate::store::people::{self, PersonRow};

/// Calendars, accounts and agreements; the agreements are released by a second person, by the hash of their file.
pub async fn take_in(app: &App, folder: &Path) -> Result<(), JobError> {
    let mut tx = app.db.write().await?;
    for (name, role) in [("柜员甲", "teller"), ("复核乙", "supervisor")] {
        let token_hash = hex::encode(Sha256::digest(name.as_bytes()));
        people::add(&mut tx, &PersonRow { name: name.into(), role: role.into(), token_hash, active: true }).await?;
    }
    tx.commit().await?;
    let mut request = ImportRequest {
        what: What::Calendar,
        file: folder.join("banks-2026.csv"),
        calendar: Some("banks".into()),
        years: vec![2026],
        dry_run: false,
        skip_bad: false,
        errors: None,
        actor: "柜员甲".into(),
    };
    import::run(app, &request).await?;
    request.file = folder.join("cuts-2026.csv");
    request.calendar = Some("cuts".into());
    import::run(app, &request).await?;
    request = ImportRequest {
        what: What::Accounts,
        file: folder.join("accounts.csv"),
        calendar: None,
        years: vec![],
        ..request
    };
    import::run(app, &request).await?;
    request = ImportRequest { what: What::Agreements, file: folder.join("agreements.csv"), ..request };
    let agreements = import::run(app, &request).await?;
    let object = format!("import:{}", agreements.hash);
    let proposal = Proposal {
        object: object.clone(),
        action: "release".into(),
        reason: "接收银行存量协议".into(),
        by: "柜员甲".into(),
        token: "柜员甲".into(),
    };
    let shown = resolve::propose(app, &proposal).await?;
    resolve::approve(app, &object, &shown.hash, "复核乙", "复核乙").await?;
    Ok(())
}
