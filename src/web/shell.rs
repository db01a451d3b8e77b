//! The frame of every page: who is signed in, where one may go, the language; and how figures and days are written.

use askama::Template;
use axum::response::{Html, IntoResponse as _, Response};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use yichong_core::model::card::mask_name;
use yichong_core::model::money::Fen;
use yichong_core::model::role::{Right, Role};
use yichong_gateways::clock::local;
use yichong_jobs::JobError;

use super::Console;
use super::assets;
use super::language::Language;
use super::refusal::Refusal;
use super::visitor::Visitor;
use super::words::{ACTIONS, REPORT, STATES};

/// What the frame shows.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The language of the page.
    pub language: Language,
    /// The site's name.
    pub site: String,
    /// Today in Asia/Shanghai.
    pub today: NaiveDate,
    /// Who is signed in; empty: nobody.
    pub name: String,
    /// The role, in the page's language.
    pub role: String,
    /// Where this role may go: address, text, whether it is here.
    pub ways: Vec<Way>,
    /// The address of this page.
    pub path: String,
    /// The stylesheet's address.
    pub style: String,
    /// The script's address.
    pub script: String,
    /// htmx' address.
    pub htmx: String,
}

/// An entry of the navigation.
#[derive(Clone, Debug)]
pub struct Way {
    /// Where to.
    pub to: &'static str,
    /// What people read.
    pub text: &'static str,
    /// The page is one of it.
    pub here: bool,
}

/// Address, Chinese, English, and the right it takes.
const WAYS: [(&str, &str, &str, Option<Right>); 8] = [
    ("/", "首页", "Home", None),
    ("/search", "查找", "Search", Some(Right::SeeAgreements)),
    ("/enrol", "签约", "Enrol", Some(Right::Enrol)),
    ("/desk", "复核", "Approvals", None),
    ("/files", "文件", "Files", Some(Right::SeeMoney)),
    ("/breaks", "差错", "Breaks", Some(Right::SeeMoney)),
    ("/runs", "作业", "Runs", Some(Right::SeeRuns)),
    ("/people", "人员", "People", Some(Right::SeePeople)),
];

impl Shell {
    /// The frame for somebody who is signed in.
    pub fn of(console: &Console, visitor: &Visitor) -> Shell {
        let role = visitor.person.role;
        let here = |to: &str| visitor.path.split('?').next() == Some(to);
        let may = |right: Option<Right>| right.is_none_or(|right| role.may(right));
        let ways = WAYS.iter().filter(|(.., right)| may(*right)).map(|(to, zh, en, _)| Way {
            to,
            text: visitor.language.t(zh, en),
            here: here(to),
        });
        let word = role.word();
        Shell {
            name: visitor.person.name.clone(),
            role: visitor.language.t(role.zh(), word).to_owned(),
            ways: ways.collect(),
            path: visitor.path.clone(),
            ..Shell::nobody(console, visitor.language)
        }
    }

    /// The frame before anybody is signed in.
    pub fn nobody(console: &Console, language: Language) -> Shell {
        Shell {
            language,
            site: console.app.config.site.name.clone(),
            today: console.app.clock.today(),
            name: String::new(),
            role: String::new(),
            ways: Vec::new(),
            path: "/".to_owned(),
            style: assets::style(),
            script: assets::script(),
            htmx: assets::htmx(),
        }
    }

    /// The text in the page's language.
    pub fn t<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        self.language.t(zh, en)
    }

    /// 2026-11-20 周五.
    pub fn day(&self, day: &NaiveDate) -> String {
        let at = day.weekday().num_days_from_monday() as usize;
        let zh = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"];
        let en = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let word = self.t(zh.get(at).copied().unwrap_or(""), en.get(at).copied().unwrap_or(""));
        format!("{day} {word}")
    }

    /// 2026-11-20 16:30, Asia/Shanghai.
    pub fn at(&self, at: &DateTime<Utc>) -> String {
        local(*at).format("%Y-%m-%d %H:%M").to_string()
    }

    /// 2026 年 11 月 20 日, as paper has it.
    pub fn date(&self, at: &DateTime<Utc>) -> String {
        local(*at).format("%Y 年 %-m 月 %-d 日").to_string()
    }

    /// 1,234,567.89 from fen.
    pub fn yuan(&self, fen: &i64) -> String {
        yuan(*fen)
    }

    /// 1,234,567.
    pub fn number(&self, count: &i64) -> String {
        let (sign, digits) = (if *count < 0 { "-" } else { "" }, count.unsigned_abs().to_string());
        format!("{sign}{}", grouped(&digits))
    }

    /// 张*: a name at a counter where others look on.
    pub fn masked(&self, name: &str) -> String {
        mask_name(name)
    }

    /// What is asked, in the page's language: `amend:threshold=20,amount=50` keeps its figures.
    pub fn action(&self, action: &str) -> String {
        let (word, rest) = action.split_once(':').map_or((action, ""), |(word, rest)| (word, rest));
        let known = ACTIONS.iter().find(|(known, ..)| *known == word).map(|(_, zh, en)| self.t(zh, en));
        format!("{} {rest}", known.unwrap_or(word)).trim_end().to_owned()
    }

    /// A heading or item of the settlement report in the page's language.
    pub fn report<'a>(&self, text: &'a str) -> &'a str {
        let known = REPORT.iter().find(|(zh, _)| *zh == text);
        known.map_or(text, |(_, en)| self.t(text, en))
    }

    /// A role's word, in the page's language.
    pub fn role_of<'a>(&self, word: &'a str) -> &'a str {
        Role::from_word(word).map_or(word, |role| self.t(role.zh(), word))
    }

    /// Who works on a break, in the page's language.
    pub fn owner<'a>(&self, word: &'a str) -> &'a str {
        match word {
            "counter" => self.t("柜面", "counter"),
            "finance" => self.t("财务", "finance"),
            "operator" => self.t("运维", "operator"),
            other => other,
        }
    }

    /// A state's word in the page's language.
    pub fn state<'a>(&self, word: &'a str) -> &'a str {
        let Some((_, zh, en)) = STATES.iter().find(|(known, ..)| *known == word) else { return word };
        self.t(zh, en)
    }
}

/// 1,234,567.89 from fen; the sign first.
pub fn yuan(fen: i64) -> String {
    let text = Fen(fen.saturating_abs()).to_string();
    let (whole, rest) = text.split_once('.').unwrap_or((&text, "00"));
    format!("{}{}.{rest}", if fen < 0 { "-" } else { "" }, grouped(whole))
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A page as the browser gets it.
pub fn show(page: &impl Template) -> Result<Response, Refusal> {
    let text = page.render().map_err(|e| JobError::new(yichong_jobs::Kind::Machine, format!("a template: {e}")))?;
    Ok(Html(text).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_grouped() {
        for (fen, text) in
            [(0, "0.00"), (5, "0.05"), (99_999, "999.99"), (100_000, "1,000.00"), (-123_456_789, "-1,234,567.89")]
        {
            assert_eq!(yuan(fen), text);
        }
    }
}
