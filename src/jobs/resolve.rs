//! What the engine cannot decide, two people do: one proposes with a reason, another approves the hash of what was
//! shown.
//!
//! The hash covers the object's facts as they stand, the action, the reason and the maker. When any of it has changed
//! by the time of the approval, the approval is void and nothing happens.

pub mod agreement;
mod batch;
mod debit;
pub mod desk;
mod money;
mod object;
mod person;
mod shown;
mod telling;

use sha2::{Digest, Sha256};

use super::app::App;
use super::error::{JobError, Kind};
use super::send;
use super::statement::intake::without_cards;
pub use object::Object;
use yichong_store::agreements::releasing;
use yichong_store::audit::{self, Act};
use yichong_store::db::Tx;
use yichong_store::people::{self, ApprovalRow, PersonRow};

/// One person's proposal.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// Which object, see [`Object`].
    pub object: String,
    /// What is to be done; `propose` with an unknown one answers with those there are.
    pub action: String,
    /// Why: evidence, in words.
    pub reason: String,
    /// Who proposes.
    pub by: String,
    /// Shows that it is that person.
    pub token: String,
}

/// What the checker must see, and the hash that names it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    /// SHA-256 of the text, hex.
    pub hash: String,
    /// The object's facts, the action and the reason.
    pub text: String,
}

/// The two people, and why.
#[derive(Clone, Copy, Debug)]
pub struct Two<'a> {
    /// Who proposed.
    pub maker: &'a str,
    /// Who approved.
    pub checker: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// A person by name and token; the same words for a wrong name and a wrong token.
pub async fn authenticate(app: &App, name: &str, token: &str) -> Result<PersonRow, JobError> {
    let mut tx = app.db.read().await?;
    let person = people::find(&mut tx, name).await?;
    let hash = hex::encode(Sha256::digest(token.as_bytes()));
    person.filter(|person| person.active && person.token_hash == hash).ok_or_else(|| {
        JobError::refused(format!("`{name}` and this token belong to nobody who may act; see `yichong person list`"))
    })
}

/// Proposes: what would be done is tried and undone, so that nobody is asked to approve what cannot be done.
pub async fn propose(app: &App, proposal: &Proposal) -> Result<Shown, JobError> {
    propose_sealed(app, proposal, None).await
}

/// The same, with what nobody may read: a new card.
async fn propose_sealed(app: &App, proposal: &Proposal, sealed: Option<Vec<u8>>) -> Result<Shown, JobError> {
    let maker = authenticate(app, &proposal.by, &proposal.token).await?;
    let asked = Asked { object: proposal.object.parse()?, action: &proposal.action, reason: &proposal.reason, sealed };
    propose_as(app, &maker, asked).await
}

/// What a person who is known asks for.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// What it is about.
    pub object: Object,
    /// What is to be done.
    pub action: &'a str,
    /// Why.
    pub reason: &'a str,
    /// What nobody may read: a new card.
    pub sealed: Option<Vec<u8>>,
}

/// Proposes for somebody who is known already.
pub async fn propose_as(app: &App, maker: &PersonRow, asked: Asked<'_>) -> Result<Shown, JobError> {
    let Asked { object, action, reason, sealed } = asked;
    may(&object, maker)?;
    // People quote what they see; what could be a card goes no further.
    let (action, reason) = (action.trim(), without_cards(reason.trim()));
    let reason = reason.as_str();
    let word = action.split_once(':').map_or(action, |(word, _)| word);
    if !object.actions().contains(&word) {
        let known = object.actions().join(", ");
        return Err(JobError::new(Kind::Usage, format!("`{action}` cannot be done to {object}; write one of {known}")));
    }
    if reason.is_empty() {
        return Err(JobError::new(Kind::Usage, "a proposal needs a reason: what was seen, where, by whom"));
    }
    let mut row = ApprovalRow {
        object: object.to_string(),
        hash: String::new(),
        action: action.to_owned(),
        reason: reason.to_owned(),
        maker: maker.name.clone(),
        checker: None,
        declined_by: None,
        sealed,
    };
    let mut trial = app.db.write().await?;
    // A held batch may be proposed for release while it is too late: the approval says so.
    let early = matches!(object, Object::Batch(_)) && ["release", "void"].contains(&word);
    if !early && !matches!(object, Object::Import(_)) {
        carry_out(app, &mut trial, &object, &row, "trial").await?;
    }
    drop(trial);
    let mut tx = app.db.write().await?;
    let shown = show(app, &mut tx, &object, &row).await?;
    row.hash.clone_from(&shown.hash);
    if people::propose(&mut tx, &row, app.clock.now()).await? {
        record(app, &mut tx, &maker.name, "propose", &row).await?;
    } else if let Some(by) = people::declined(&mut tx, &row).await? {
        return Err(JobError::refused(format!("{by} declined this very proposal; say in the reason what is new")));
    }
    tx.commit().await?;
    Ok(shown)
}

/// Approves what somebody else proposed, by the hash of what was shown, and does it. Says what was done.
pub async fn approve(app: &App, object: &str, hash: &str, by: &str, token: &str) -> Result<String, JobError> {
    approve_as(app, &authenticate(app, by, token).await?, &object.parse()?, hash).await
}

/// Approves for somebody who is known already.
pub async fn approve_as(app: &App, checker: &PersonRow, object: &Object, hash: &str) -> Result<String, JobError> {
    may(object, checker)?;
    let mut tx = app.db.write().await?;
    let proposals = people::proposals(&mut tx, &object.to_string()).await?;
    let row =
        proposals.into_iter().find(|row| row.hash == hash && row.is_open()).ok_or_else(|| nothing(object, hash))?;
    if row.maker == checker.name {
        return Err(JobError::refused(format!("{} proposed this; another person must approve it", checker.name)));
    }
    let now = show(app, &mut tx, object, &row).await?;
    if now.hash != hash {
        return Err(JobError::refused(format!(
            "{object} has changed since it was shown; this approval is void. Propose it again; it stands now:\n{}",
            now.text
        )));
    }
    if !people::approve(&mut tx, &row, &checker.name, app.clock.now()).await? {
        return Err(JobError::refused(format!("{object}: somebody approved {hash} just now")));
    }
    let done = carry_out(app, &mut tx, object, &row, &checker.name).await?;
    record(app, &mut tx, &checker.name, "approve", &row).await?;
    tx.commit().await?;
    if let (Object::Batch(batch_id), "void") = (object, row.action.as_str()) {
        send::void_debits(app, *batch_id, None).await?;
    }
    Ok(done)
}

pub(crate) fn may(object: &Object, person: &PersonRow) -> Result<(), JobError> {
    if object.allows(&person.role) {
        return Ok(());
    }
    Err(JobError::refused(format!("{} is {}; that role does not resolve {object}", person.name, person.role)))
}

fn nothing(object: &Object, hash: &str) -> JobError {
    JobError::refused(format!("nothing open is proposed for {object} under {hash}; propose it, or look at the hash"))
}

async fn show(app: &App, tx: &mut Tx, object: &Object, row: &ApprovalRow) -> Result<Shown, JobError> {
    let facts = match object {
        Object::Agreement(account) => agreement::facts(app, tx, *account, row).await?,
        Object::Person(name) => person::facts(tx, name, &row.action).await?,
        _ => shown::facts(tx, object).await?,
    };
    let ApprovalRow { action, reason, maker, .. } = row;
    let text =
        format!("对象 object: {object}\n{facts}动作 action: {action}\n理由 reason: {reason}\n经办 maker: {maker}\n");
    Ok(Shown { hash: hex::encode(Sha256::digest(text.as_bytes())), text })
}

async fn record(app: &App, tx: &mut Tx, actor: &str, what: &str, row: &ApprovalRow) -> Result<(), JobError> {
    let action = format!("{what} {}", row.action);
    let detail = format!("{}; {}", row.reason, row.hash);
    let act = Act { at: app.clock.now(), actor, action: &action, object: &row.object, detail: &detail };
    audit::add(tx, &act, |previous, line| app.vault.audit_mac(previous, line)).await?;
    Ok(())
}

async fn carry_out(
    app: &App,
    tx: &mut Tx,
    object: &Object,
    row: &ApprovalRow,
    checker: &str,
) -> Result<String, JobError> {
    let action = row.action.as_str();
    let two = &Two { maker: &row.maker, checker, reason: &row.reason };
    match object {
        Object::Break(account, kind, reference) => {
            money::resolve(app, tx, (*account, *kind, *reference), action, two).await
        }
        Object::Debit(number) => debit::resolve(app, tx, *number, action, two).await,
        Object::Batch(batch_id) => batch::resolve(app, tx, *batch_id, action, two).await,
        Object::Import(hash) => {
            let pending = shown::import(tx, hash).await?;
            let expected = u64::try_from(pending.agreements).unwrap_or(0);
            releasing::release(tx, hash, two.checker, app.clock.now(), expected).await?;
            Ok(format!("{} agreements are in force", pending.agreements))
        }
        Object::Agreement(account) => agreement::resolve(app, tx, *account, row, two).await,
        Object::Person(name) => person::resolve(tx, name, action, two).await,
    }
}
