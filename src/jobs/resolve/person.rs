//! People (人员), entered and changed by two administrators: who they are, what they may do, whether they still may.

use yichong_core::model::role::Role;
use yichong_gateways::password;
use yichong_store::db::Tx;
use yichong_store::logins;
use yichong_store::people::{self, PersonRow};

use super::Two;
use crate::error::{JobError, Kind};

/// Fewer administrators than these could no longer agree on anything.
const ADMINISTRATORS_MIN: usize = 2;

/// What the checker must see: the person as it stands, and what it would be.
pub async fn facts(tx: &mut Tx, name: &str, action: &str) -> Result<String, JobError> {
    let now = people::find(tx, name).await?;
    let after = decided(tx, name, now.as_ref(), action).await?;
    let words = |person: &PersonRow| {
        let zh = Role::from_word(&person.role).map_or("", Role::zh);
        format!("{zh} {}, {}", person.role, if person.active { "在用 active" } else { "停用 inactive" })
    };
    let before = now.as_ref().map_or_else(|| "没有此人 nobody".to_owned(), &words);
    let login = logins::find(tx, name).await?.map_or("没有密码 no password", |_| "有密码 has a password");
    Ok(format!("人员 person: {name}\n现在 now: {before}, {login}\n以后 afterwards: {}\n", words(&after)))
}

/// Makes the change. A one-time password, where one is due, is made afterwards by who approved.
pub async fn resolve(tx: &mut Tx, name: &str, action: &str, two: &Two<'_>) -> Result<String, JobError> {
    if [two.maker, two.checker].contains(&name) {
        return Err(JobError::refused(format!("{name} cannot decide about {name}; two others must")));
    }
    let now = people::find(tx, name).await?;
    let after = decided(tx, name, now.as_ref(), action).await?;
    if now.is_none() {
        people::add(tx, &after).await?;
    } else {
        people::put(tx, name, &after.role, after.active).await?;
        // What somebody may do is asked anew: sessions that began before do not go on.
        logins::end_others(tx, name, "").await?;
    }
    Ok(format!("{name} is {}{}", after.role, if after.active { "" } else { ", inactive" }))
}

async fn decided(tx: &mut Tx, name: &str, now: Option<&PersonRow>, action: &str) -> Result<PersonRow, JobError> {
    let (word, role) = action.split_once(':').map_or((action, None), |(word, role)| (word, Some(role)));
    let known = || now.cloned().ok_or_else(|| JobError::refused(format!("there is no person `{name}` to change")));
    let role = role.and_then(Role::from_word).map(|role| role.word().to_owned()).ok_or_else(|| {
        let words = Role::ALL.map(Role::word).join(", ");
        JobError::new(Kind::Usage, format!("`{action}` names no role; write {word}: and one of {words}"))
    });
    let after = match word {
        "add" if now.is_some() => {
            return Err(JobError::refused(format!("there is a person `{name}` already; nothing was changed")));
        }
        // The token for scripts is nobody's until somebody asks for one.
        "add" => {
            let token_hash = password::ticket_hash(&password::ticket());
            PersonRow { name: name.to_owned(), role: role?, token_hash, active: true }
        }
        "role" => PersonRow { role: role?, ..known()? },
        "deactivate" => PersonRow { active: false, ..known()? },
        "activate" => PersonRow { active: true, ..known()? },
        _ => known()?,
    };
    if now == Some(&after) && word != "invite" {
        return Err(JobError::refused(format!("`{name}` is so already; nothing would change")));
    }
    enough(tx, &after).await?;
    Ok(after)
}

/// Two administrators must be left.
async fn enough(tx: &mut Tx, after: &PersonRow) -> Result<(), JobError> {
    let acts = |person: &&PersonRow| person.active && person.role == Role::Administrator.word();
    if acts(&after) {
        return Ok(());
    }
    let all = people::all(tx).await?;
    let was = all.iter().any(|person| person.name == after.name && acts(&person));
    let left = all.iter().filter(|person| person.name != after.name).filter(acts).count();
    if was && left < ADMINISTRATORS_MIN {
        let said = format!("{} is one of the last two administrators; make another first", after.name);
        return Err(JobError::refused(said));
    }
    Ok(())
}
