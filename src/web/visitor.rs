//! Who asks: the session's cookie made into a person with rights, for every page that is not the sign-in.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum_extra::extract::CookieJar;
use yichong_core::model::role::Right;
use yichong_jobs::access::{self, Visitor as Person};
use yichong_store::people::PersonRow;

use super::Console;
use super::language::Language;
use super::refusal::Refusal;

/// The session's cookie.
pub const COOKIE: &str = "yichong";

/// A person at a browser.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// Who.
    pub person: Person,
    /// The language of the pages.
    pub language: Language,
    /// The address that was asked for.
    pub path: String,
}

impl Visitor {
    /// Refuses, and records, what the role must not have.
    pub async fn needs(&self, console: &Console, right: Right) -> Result<(), Refusal> {
        if self.person.role.may(right) {
            return Ok(());
        }
        access::refused(&console.app, &self.person, &self.path).await?;
        Err(Refusal::Forbidden)
    }

    /// As `jobs` wants a maker or checker.
    pub fn row(&self) -> PersonRow {
        let Person { name, role, .. } = &self.person;
        PersonRow { name: name.clone(), role: role.word().to_owned(), token_hash: String::new(), active: true }
    }
}

impl FromRequestParts<Arc<Console>> for Visitor {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Visitor, Refusal> {
        let jar = CookieJar::from_headers(&parts.headers);
        // What was looked for may be a card: it goes into no link back.
        let path = match parts.uri.path() {
            "/search" => "/search".to_owned(),
            path => parts.uri.path_and_query().map_or(path, |path| path.as_str()).to_owned(),
        };
        let ticket = jar.get(COOKIE).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
        let person = match ticket.is_empty() {
            true => None,
            false => access::visitor(&console.app, &ticket).await?,
        };
        let Some(person) = person else { return Err(Refusal::SignIn(path)) };
        if person.must_change && !["/password", "/sign-out"].contains(&parts.uri.path()) {
            return Err(Refusal::ChangePassword);
        }
        Ok(Visitor { person, language: Language::of(&jar), path })
    }
}

impl OptionalFromRequestParts<Arc<Console>> for Visitor {
    type Rejection = Refusal;
    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Option<Visitor>, Refusal> {
        match <Visitor as FromRequestParts<Arc<Console>>>::from_request_parts(parts, console).await {
            Ok(visitor) => Ok(Some(visitor)),
            Err(Refusal::SignIn(_) | Refusal::ChangePassword) => Ok(None),
            Err(other) => Err(other),
        }
    }
}
