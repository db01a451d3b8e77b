//! Who is at the console: signing in and out, sessions, passwords, and the first two administrators.

use chrono::{DateTime, Duration, Utc};
use yichong_core::model::role::Role;
use yichong_core::rules::access::{self, SESSION_HOURS, Weak};
use yichong_gateways::password;
use yichong_store::audit::{self, Act};
use yichong_store::db::Tx;
use yichong_store::logins::{self, LoginRow};
use yichong_store::people::{self, PersonRow};

use super::app::App;
use super::error::{JobError, Kind};

/// Somebody who is signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visitor {
    /// The name that stands in the audit.
    pub name: String,
    /// The role, as it is now.
    pub role: Role,
    /// Must choose a password before anything else.
    pub must_change: bool,
    /// What the table keeps of the session's ticket.
    pub session: String,
}

/// How signing in ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignIn {
    /// The ticket for the cookie; kept nowhere else.
    Welcome(String),
    /// Name or password are wrong; which, is not said.
    Wrong,
    /// Too many wrong ones: again in so many seconds.
    Wait(i64),
}

/// Signs in. `address` is the machine the request came from.
pub async fn sign_in(app: &App, name: &str, secret: &str, address: &str) -> Result<SignIn, JobError> {
    let (name, now) = (name.trim(), app.clock.now());
    let mut tx = app.db.read().await?;
    let before = logins::failures(&mut tx, name, address).await?;
    let login = logins::find(&mut tx, name).await?;
    drop(tx);
    if let Some(row) = before {
        let open = row.last_at + access::wait_after(row.failures);
        if now < open {
            return Ok(SignIn::Wait((open - now).num_seconds().max(1)));
        }
    }
    let kept = login.as_ref().map(|login| login.password.clone());
    if !blocking(secret, move |secret| password::fits(&secret, kept.as_deref())).await? {
        let mut tx = app.db.write().await?;
        logins::failed(&mut tx, name, address, now).await?;
        record(app, &mut tx, "console", "sign in refused", &known(login.is_some(), name), address).await?;
        tx.commit().await?;
        return Ok(SignIn::Wrong);
    }
    let ticket = password::ticket();
    let mut tx = app.db.write().await?;
    logins::succeeded(&mut tx, name, address).await?;
    logins::forget(&mut tx, now - Duration::hours(SESSION_HOURS)).await?;
    logins::begin(&mut tx, &password::ticket_hash(&ticket), name, now).await?;
    record(app, &mut tx, name, "sign in", name, address).await?;
    tx.commit().await?;
    Ok(SignIn::Welcome(ticket))
}

/// What was typed as a name may be a password: only names that exist stand in the audit.
fn known(exists: bool, name: &str) -> String {
    if exists { name.to_owned() } else { "an unknown name".to_owned() }
}

/// Who holds a ticket; `None`: nobody any more.
pub async fn visitor(app: &App, ticket: &str) -> Result<Option<Visitor>, JobError> {
    let (session, now) = (password::ticket_hash(ticket), app.clock.now());
    let mut tx = app.db.read().await?;
    let Some(row) = logins::session(&mut tx, &session).await? else { return Ok(None) };
    drop(tx);
    let Some(role) = Role::from_word(&row.role).filter(|_| access::is_live(row.made_at, row.seen_at, now)) else {
        return Ok(None);
    };
    if now - row.seen_at >= Duration::minutes(1) {
        let mut tx = app.db.write().await?;
        logins::seen(&mut tx, &session, now).await?;
        tx.commit().await?;
    }
    Ok(Some(Visitor { name: row.person, role, must_change: row.must_change, session }))
}

/// Somebody tried what the role must not have: it stands in the audit.
pub async fn refused(app: &App, visitor: &Visitor, path: &str) -> Result<(), JobError> {
    let path = path.split('?').next().unwrap_or_default();
    let mut tx = app.db.write().await?;
    record(app, &mut tx, &visitor.name, "page refused", path, visitor.role.word()).await?;
    tx.commit().await?;
    Ok(())
}

/// Somebody asked for something that is not money or an agreement: it stands in the audit.
pub async fn asked(app: &App, visitor: &Visitor, what: &str, object: &str) -> Result<(), JobError> {
    let mut tx = app.db.write().await?;
    record(app, &mut tx, &visitor.name, what, object, "console").await?;
    tx.commit().await?;
    Ok(())
}

/// Ends a session.
pub async fn sign_out(app: &App, visitor: &Visitor) -> Result<(), JobError> {
    let mut tx = app.db.write().await?;
    logins::end(&mut tx, &visitor.session).await?;
    record(app, &mut tx, &visitor.name, "sign out", &visitor.name, "").await?;
    tx.commit().await?;
    Ok(())
}

/// Chooses a new password; the person's other sessions end. `Err(Some(weak))`: the new one will not do; `Err(None)`:
/// the old one is wrong.
pub async fn change(app: &App, visitor: &Visitor, old: &str, new: &str) -> Result<Result<(), Option<Weak>>, JobError> {
    let mut tx = app.db.read().await?;
    let kept = logins::find(&mut tx, &visitor.name).await?.map(|login| login.password);
    drop(tx);
    if !blocking(old, move |old| password::fits(&old, kept.as_deref())).await? {
        return Ok(Err(None));
    }
    if let Err(weak) = access::check_password(new, old, &visitor.name) {
        return Ok(Err(Some(weak)));
    }
    let row = login(app, &visitor.name, new, false).await?;
    let mut tx = app.db.write().await?;
    logins::put(&mut tx, &row).await?;
    logins::end_others(&mut tx, &visitor.name, &visitor.session).await?;
    record(app, &mut tx, &visitor.name, "password changed", &visitor.name, "").await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// Gives a person a one-time password; it is returned once and kept nowhere in clear. The person must choose another at
/// the first sign-in, and every session of the person ends.
pub async fn invite(app: &App, name: &str, by: &str) -> Result<String, JobError> {
    let once = password::one_time();
    let row = login(app, name, &once, true).await?;
    let mut tx = app.db.write().await?;
    if people::find(&mut tx, name).await?.is_none() {
        return Err(JobError::input(format!("there is no person `{name}`; see `yichong person list`")));
    }
    logins::put(&mut tx, &row).await?;
    logins::end_others(&mut tx, name, "").await?;
    record(app, &mut tx, by, "password.invited", name, "").await?;
    tx.commit().await?;
    Ok(once)
}

/// Where nobody can sign in yet: two administrators with one-time passwords. Two, because people too need a maker and a
/// checker. Otherwise nothing.
pub async fn first(app: &App) -> Result<Vec<(String, String)>, JobError> {
    let mut tx = app.db.read().await?;
    let anybody = logins::count(&mut tx).await? > 0;
    drop(tx);
    if anybody {
        return Ok(Vec::new());
    }
    let mut made = Vec::new();
    for name in ["admin1", "admin2"] {
        // The token for scripts is nobody's: it is not shown.
        let token_hash = password::ticket_hash(&password::ticket());
        let role = Role::Administrator.word().to_owned();
        let person = PersonRow { name: name.to_owned(), role, token_hash, active: true };
        let mut tx = app.db.write().await?;
        if people::add(&mut tx, &person).await? {
            record(app, &mut tx, "engine", "person.added", name, Role::Administrator.word()).await?;
        }
        tx.commit().await?;
        made.push((name.to_owned(), invite(app, name, "engine").await?));
    }
    Ok(made)
}

async fn login(app: &App, name: &str, secret: &str, must_change: bool) -> Result<LoginRow, JobError> {
    let hashed = blocking(secret, |secret| password::hash(&secret)).await?;
    let password = hashed.map_err(|e| JobError::new(Kind::Machine, format!("hashing a password: {e}")))?;
    let changed_at: DateTime<Utc> = app.clock.now();
    Ok(LoginRow { person: name.to_owned(), password, must_change, changed_at })
}

/// Hashing takes tens of milliseconds and 19 MiB: two at a time, and never where pages are served.
async fn blocking<T: Send + 'static>(
    secret: &str,
    work: impl FnOnce(zeroize::Zeroizing<String>) -> T + Send + 'static,
) -> Result<T, JobError> {
    static TURNS: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);
    let secret = zeroize::Zeroizing::new(secret.to_owned());
    let machine = |what: String| JobError::new(Kind::Machine, format!("hashing a password: {what}"));
    let _turn = TURNS.acquire().await.map_err(|e| machine(e.to_string()))?;
    tokio::task::spawn_blocking(move || work(secret)).await.map_err(|e| machine(e.to_string()))
}

async fn record(app: &App, tx: &mut Tx, actor: &str, action: &str, object: &str, detail: &str) -> Result<(), JobError> {
    let act = Act { at: app.clock.now(), actor, action, object, detail };
    audit::add(tx, &act, |previous, row| app.vault.audit_mac(previous, row)).await?;
    Ok(())
}
