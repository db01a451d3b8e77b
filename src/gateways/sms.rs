//! Texts: templates as data (`texts.toml`), and a gateway that is a folder.

use std::collections::HashMap;

use chrono::{Datelike, NaiveDate};
use serde::Deserialize;
use toml::Spanned;
use yichong_core::model::ids::AccountNo;
use yichong_core::model::money::Fen;
use yichong_core::rules::answering::Notice;

/// The built-in texts.
const BUILT_IN: &str = include_str!("texts.toml");
/// UTF-16 units of a text that is one message.
const SINGLE: usize = 70;
/// UTF-16 units of each part of a longer one.
const PART: usize = 67;

/// The words a template may hold in braces.
const VARIABLES: &[&str] =
    &["account_tail", "amount", "card_last4", "date", "balance", "missing", "bank", "site_phone"];

/// Every text there is.
const NOTICES: &[Notice] = &[
    Notice::Credited,
    Notice::CreditPending,
    Notice::Funds,
    Notice::FundsLast,
    Notice::Limit,
    Notice::VisitBank,
    Notice::SignAgain,
    Notice::AskBank,
    Notice::Failed,
    Notice::Reversed,
    Notice::StillShort,
    Notice::Reclosed,
];

/// The text of a template's word.
pub fn notice(word: &str) -> Option<Notice> {
    NOTICES.iter().copied().find(|notice| notice.word() == word)
}

/// A file of texts that cannot be used: where and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("texts.toml: {0}")]
pub struct TextError(String);

/// What a text is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
pub enum Language {
    /// 中文, what residents get.
    #[serde(rename = "zh")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    zh: Spanned<String>,
    en: Spanned<String>,
}

/// Every text, checked.
#[derive(Clone, Debug)]
pub struct Texts(HashMap<Notice, (String, String)>);

/// What a text may name. There is no field for an ID number or a whole card.
#[derive(Clone, Debug)]
pub struct Facts<'a> {
    /// Its last 4 digits are shown.
    pub account: AccountNo,
    /// The debit's amount.
    pub amount: Fen,
    /// The card's last 4.
    pub card_last4: &'a str,
    /// 业务日期 of the debit.
    pub date: NaiveDate,
    /// The balance a text about the power is about.
    pub balance: Fen,
    /// What is missing until the power comes back.
    pub missing: Fen,
    /// The bank's name.
    pub bank: &'a str,
    /// The site's phone.
    pub site_phone: &'a str,
}

impl Texts {
    /// The built-in texts.
    pub fn built_in() -> Result<Texts, TextError> {
        Texts::parse(BUILT_IN)
    }

    /// Reads texts; a missing one, an unknown one and an unknown variable are refused, with the line.
    pub fn parse(text: &str) -> Result<Texts, TextError> {
        let templates: HashMap<Notice, Template> =
            toml::from_str(text).map_err(|e| TextError(e.to_string().trim_end().to_owned()))?;
        if let Some(missing) = NOTICES.iter().find(|notice| !templates.contains_key(notice)) {
            return Err(TextError(format!("[{}] is missing; write it with zh and en", missing.word())));
        }
        for spanned in templates.values().flat_map(|template| [&template.zh, &template.en]) {
            let line = text.get(..spanned.span().start).map_or(0, |before| before.matches('\n').count() + 1);
            check(spanned.get_ref()).map_err(|why| TextError(format!("line {line}: {why}")))?;
        }
        let plain = |template: Template| (template.zh.into_inner(), template.en.into_inner());
        Ok(Texts(templates.into_iter().map(|(notice, template)| (notice, plain(template))).collect()))
    }

    /// Writes one text, the signature in front.
    pub fn write(&self, notice: Notice, language: Language, signature: &str, facts: &Facts<'_>) -> String {
        let (zh, en) = self.0.get(&notice).map_or(("", ""), |(zh, en)| (zh.as_str(), en.as_str()));
        let template = if language == Language::Chinese { zh } else { en };
        let mut text = format!("【{signature}】");
        let mut rest = template;
        while let Some((before, (name, after))) = rest.split_once('{').and_then(|(b, r)| Some((b, r.split_once('}')?)))
        {
            text.push_str(before);
            text.push_str(&facts.value(name, language));
            rest = after;
        }
        text.push_str(rest);
        text
    }
}

fn check(template: &str) -> Result<(), String> {
    let mut rest = template;
    while let Some((_, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').ok_or("a { without its }")?;
        if !VARIABLES.contains(&name) {
            return Err(format!("unknown variable `{{{name}}}`, write one of {}", VARIABLES.join(", ")));
        }
        rest = after;
    }
    if template.trim().is_empty() || template.chars().any(char::is_control) {
        return Err("a text is empty or holds a line break; write one line".to_owned());
    }
    Ok(())
}

impl Facts<'_> {
    fn value(&self, name: &str, language: Language) -> String {
        match name {
            "account_tail" => last4(&self.account.to_string()).to_owned(),
            "amount" => self.amount.to_string(),
            "card_last4" => last4(self.card_last4).to_owned(),
            "date" if language == Language::Chinese => format!("{}月{}日", self.date.month(), self.date.day()),
            "date" => self.date.to_string(),
            "balance" => self.balance.to_string(),
            "missing" => self.missing.to_string(),
            "bank" => self.bank.to_owned(),
            "site_phone" => self.site_phone.to_owned(),
            _ => String::new(),
        }
    }
}

/// Never more than the last 4, whatever is handed in.
fn last4(text: &str) -> &str {
    let cut = text.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    &text[cut..]
}

/// How many messages a text is billed as: 70 UTF-16 units are one, longer ones have 67 a part; no pair is split.
pub fn segments(text: &str) -> usize {
    if text.encode_utf16().count() <= SINGLE {
        return 1;
    }
    let (mut parts, mut filled) = (1, 0);
    for units in text.chars().map(char::len_utf16) {
        if filled + units > PART {
            (parts, filled) = (parts + 1, 0);
        }
        filled += units;
    }
    parts
}

/// The gateway's file: `message_no,phone,text`, one line per text, UTF-8, LF.
pub fn write_file<'a>(texts: impl Iterator<Item = (String, &'a str, &'a str)>) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["message_no", "phone", "text"])?;
    for (number, phone, text) in texts {
        out.write_record([number.as_str(), phone, text])?;
    }
    out.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> Facts<'static> {
        Facts {
            account: AccountNo(51_600_001_234),
            amount: Fen(5000),
            card_last4: "6226090000000048",
            date: "2026-11-20".parse().unwrap(),
            balance: Fen(-350),
            missing: Fen(351),
            bank: "中国银行",
            site_phone: "83885330",
        }
    }

    #[test]
    fn a_text_says_what_happened_and_shows_four_digits_of_the_card() {
        let texts = Texts::built_in().unwrap();
        let write = |notice| texts.write(notice, Language::Chinese, "水电中心", &facts());
        assert_eq!(
            write(Notice::Credited),
            "【水电中心】户号尾号1234于11月20日从尾号0048的银行卡代扣充值50.00元，已到账。"
        );
        assert_eq!(
            write(Notice::StillShort),
            "【水电中心】户号尾号1234充值后余额-3.50元，再充3.51元方可恢复供电。电话83885330"
        );
        assert_eq!(
            texts.write(Notice::Limit, Language::English, "水电中心", &facts()),
            "【水电中心】Account ..1234: 50.00 yuan not debited, over a limit of card ..0048. Please ask 中国银行."
        );
    }

    #[test]
    fn every_chinese_text_is_one_message_and_leaves_nothing_in_braces() {
        let texts = Texts::built_in().unwrap();
        for notice in NOTICES {
            for language in [Language::Chinese, Language::English] {
                let text = texts.write(*notice, language, "水电中心", &facts());
                assert!(!text.contains(['{', '}']) && !text.contains("622609"), "{text}");
                assert!(language == Language::English || segments(&text) == 1, "{text}");
            }
        }
    }

    #[test]
    fn wrong_texts_are_refused_with_their_line() {
        let said = |from: &str, to: &str| Texts::parse(&BUILT_IN.replacen(from, to, 1)).unwrap_err().0;
        let unknown = said("户号尾号{account_tail}于", "户号{account}于");
        assert!(unknown.contains("line 6") && unknown.contains("{account}"), "{unknown}");
        assert!(said("[credited]", "[creditd]").contains("creditd"));
        assert!(said("zh = \"户号尾号{account_tail}于", "cn = \"户号尾号{account_tail}于").contains("cn"));
        let start = BUILT_IN.find("[reclosed]").unwrap();
        assert!(Texts::parse(&BUILT_IN[..start]).unwrap_err().0.contains("[reclosed] is missing"));
        assert!(said("已到账。", "已到账{。").contains("a { without its }"));
    }

    #[test]
    fn segments_count_units_and_never_split_a_pair() {
        assert_eq!(segments(&"电".repeat(70)), 1);
        assert_eq!(segments(&"电".repeat(71)), 2);
        assert_eq!(segments(&"电".repeat(134)), 2);
        assert_eq!(segments(&"电".repeat(135)), 3);
        // 35 pairs are 70 units. 67 pairs are 134 units, but a part takes 33 of them (66 units): 3 parts.
        assert_eq!(segments(&"𠮷".repeat(35)), 1);
        assert_eq!(segments(&"𠮷".repeat(67)), 3);
    }

    #[test]
    fn the_gateways_file_is_plain_csv() {
        let file = write_file([("1-credited".to_owned(), "13800000000", "a,b")].into_iter()).unwrap();
        assert_eq!(String::from_utf8(file).unwrap(), "message_no,phone,text\n1-credited,13800000000,\"a,b\"\n");
    }
}
