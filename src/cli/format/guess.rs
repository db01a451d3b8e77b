//! What the values of a sample show: how days are written, fen or yuan, what a name is made of, what codes may mean.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};

/// How banks write days.
const DAYS: [&str; 9] = [
    "%Y-%m-%d",
    "%Y%m%d",
    "%Y/%m/%d",
    "%Y年%m月%d日",
    "%Y.%m.%d",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%m%d",
];

/// The pattern all values have.
pub fn day<'v>(values: impl Iterator<Item = &'v str> + Clone) -> Option<&'static str> {
    // Written again it must be the same text: 2024-9-1 is not 2024-09-01.
    let fits = |pattern: &str, text: &str| match pattern {
        "%m%d" => NaiveDate::parse_from_str(&format!("2000{text}"), "%Y%m%d")
            .is_ok_and(|day| day.format(pattern).to_string() == text),
        _ if pattern.contains("%H") => {
            NaiveDateTime::parse_from_str(text, pattern).is_ok_and(|at| at.format(pattern).to_string() == text)
        }
        _ => NaiveDate::parse_from_str(text, pattern).is_ok_and(|day| day.format(pattern).to_string() == text),
    };
    let some = values.clone().next().is_some();
    DAYS.into_iter().find(|pattern| some && values.clone().all(|text| fits(pattern, text)))
}

/// `yuan` if a decimal point was seen, else `fen`; second: whether that is sure.
pub fn unit<'v>(values: impl Iterator<Item = &'v str>) -> (&'static str, bool) {
    let (mut point, mut amounts) = (false, 0);
    for text in values {
        amounts += 1;
        point |= text.contains('.');
    }
    if point { ("yuan", true) } else { ("fen", amounts == 0) }
}

/// A file's name as a template: a date in it is the file's.
pub fn name(file: &str) -> (String, bool) {
    let is_date = |text: &str| {
        text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) && NaiveDate::parse_from_str(text, "%Y%m%d").is_ok()
    };
    let starts = file.char_indices().map(|(at, _)| at);
    let found = starts.clone().find(|at| file.get(*at..*at + 8).is_some_and(is_date));
    let plain = |text: &str| text.replace(['{', '}', '[', ']', '/', '\\'], "_");
    match found {
        Some(at) => (format!("{}{{file_date:%Y%m%d}}{}", plain(&file[..at]), plain(&file[at + 8..])), true),
        None => (plain(file), false),
    }
}

/// Texts and how often each stands, the most frequent first; those that may name somebody are left out.
pub fn frequent<'v>(values: impl Iterator<Item = &'v str>, most: usize) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for text in values {
        *counts.entry(text).or_insert(0) += 1;
    }
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let mut found: Vec<(String, usize)> = counts
        .into_iter()
        .filter(|(text, count)| digits(text) <= 6 && text.chars().count() <= 16 && (*count > 1 || text.is_ascii()))
        .map(|(text, count)| (text.to_owned(), count))
        .collect();
    found.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    found.truncate(most);
    found
}

/// What a bank's words may mean; a suggestion for a comment, never for use.
pub fn category(code: &str, words: &str) -> &'static str {
    let table = [
        ("paid", ["成功", "success", "交易完成"]),
        ("funds", ["余额不足", "insufficient", "可用余额"]),
        ("limit", ["限额", "超限", "limit"]),
        ("account", ["账户不存在", "卡号无效", "冻结"]),
        ("identity", ["户名不符", "证件不符", "姓名不符"]),
        ("agreement", ["未签约", "协议", "agreement"]),
    ];
    let said = format!("{code} {}", words.to_lowercase());
    let failed = said.contains("失败") || said.contains("不成功") || said.contains("部分");
    let found = table
        .into_iter()
        .find(|(category, parts)| parts.iter().any(|part| said.contains(part)) && !(failed && *category == "paid"));
    match found {
        Some((category, _)) => category,
        None if matches!(code, "0" | "00" | "000" | "0000") => "paid",
        None => "unexplained",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_show_how_they_are_written() {
        assert_eq!(day(["2024-09-01", "2024-12-31"].into_iter()), Some("%Y-%m-%d"));
        assert_eq!(day(["20240901"].into_iter()), Some("%Y%m%d"));
        assert_eq!(day(["0901", "1231"].into_iter()), Some("%m%d"));
        assert_eq!(day(["2024年09月01日"].into_iter()), Some("%Y年%m月%d日"));
        assert_eq!(day(["2024-09-01 10:20:30"].into_iter()), Some("%Y-%m-%d %H:%M:%S"));
        assert_eq!(day(["2024-9-1"].into_iter()), None);
        assert_eq!(day(["2024-09-01", "x"].into_iter()), None);
        assert_eq!(day(std::iter::empty()), None);
        assert_eq!(unit(["5000", "1"].into_iter()), ("fen", false));
        assert_eq!(unit(["5000", "1.50"].into_iter()), ("yuan", true));
        assert_eq!(name("JS20240901_2.txt"), ("JS{file_date:%Y%m%d}_2.txt".to_owned(), true));
        assert_eq!(name("流水.csv"), ("流水.csv".to_owned(), false));
        assert_eq!(
            [category("00", ""), category("X", "扣款失败"), category("51", "账户余额不足")],
            ["paid", "unexplained", "funds"]
        );
    }

    #[test]
    fn nobodys_words_are_told() {
        let values = ["代扣入账", "代扣入账", "张三还款", "卡6226090000000048", "卡6226090000000048", "FEE"];
        assert_eq!(frequent(values.into_iter(), 9), [("代扣入账".to_owned(), 2), ("FEE".to_owned(), 1)]);
    }
}
