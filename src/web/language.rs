//! Chinese first, English on request. Both texts stand side by side where they are used, so neither can be forgotten.

use axum::Form;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};

/// The cookie that remembers the choice.
const COOKIE: &str = "yichong-language";

/// A language of the pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// 简体中文.
    #[default]
    Chinese,
    /// English.
    English,
}

impl Language {
    /// What this browser chose.
    pub fn of(jar: &CookieJar) -> Language {
        match jar.get(COOKIE).map(Cookie::value) {
            Some("en") => Language::English,
            _ => Language::Chinese,
        }
    }

    /// The text in this language.
    pub fn t<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Language::Chinese => zh,
            Language::English => en,
        }
    }

    /// As HTML names it.
    pub fn tag(self) -> &'static str {
        self.t("zh-CN", "en")
    }
}

/// What is chosen, and the page it was chosen on.
#[derive(Debug, serde::Deserialize)]
pub struct Choice {
    language: String,
    #[serde(default)]
    back: String,
}

/// Remembers the choice for a year and goes back.
pub async fn choose(jar: CookieJar, Form(choice): Form<Choice>) -> Response {
    let word = if choice.language == "en" { "en" } else { "zh" };
    let cookie = Cookie::build((COOKIE, word)).path("/").same_site(SameSite::Lax).permanent();
    (jar.add(cookie), Redirect::to(own(&choice.back))).into_response()
}

/// A path of this console, or its home: nobody is sent elsewhere.
pub fn own(path: &str) -> &str {
    let inside = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']);
    if inside { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_elsewhere() {
        for path in ["https://bank.example", "//bank.example", "/\\bank.example", "", "javascript:alert(1)", "/a\r\nb"]
        {
            assert_eq!(own(path), "/", "{path:?}");
        }
        assert_eq!(own("/accounts/051600000017?x=1"), "/accounts/051600000017?x=1");
    }
}
