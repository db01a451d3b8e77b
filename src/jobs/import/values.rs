//! The values of imported files: each read strictly, each refusal with what to write instead.

use chrono::{DateTime, Datelike, NaiveDate, NaiveTime, Utc};
use yichong_core::model::ids::AccountNo;
use yichong_core::model::money::{Fen, MoneyError};

use super::problems::Wrong;
use crate::config::Config;
use yichong_gateways::clock;

/// 户号 by the site's pattern.
pub fn account(config: &Config, text: &str) -> Result<i64, Wrong> {
    let pattern = &config.site.account_pattern;
    let wrong = |problem: &str| Wrong::new(problem, format!("写12位数字，形如{pattern}；电子表格中把此列设为文本"));
    let account: AccountNo = text.parse().map_err(|_| wrong("不是12位户号"))?;
    if config.fits_pattern(account) { Ok(account.0) } else { Err(wrong("不是本站的户号")) }
}

/// Yuan, at most two decimals, to fen.
pub fn yuan(text: &str) -> Result<i64, Wrong> {
    Fen::parse_yuan(text).map(|fen| fen.0).map_err(|error| match error {
        MoneyError::Grammar { .. } => Wrong::new("不是以元为单位的金额", "写成50.00，不带逗号、货币符号和空格"),
        MoneyError::Range(_) => Wrong::new("金额超出范围", "检查小数点"),
    })
}

/// Yuan that cannot be below zero, to fen.
pub fn yuan_not_negative(text: &str) -> Result<i64, Wrong> {
    match yuan(text)? {
        fen if fen < 0 => Err(Wrong::new("不能为负数", "写0或正数")),
        fen => Ok(fen),
    }
}

/// A date: `2026-11-20`, or as a spreadsheet may have made it: `2026/11/20`, `2026/1/5`.
pub fn date(text: &str) -> Result<NaiveDate, Wrong> {
    parse_date(text).ok_or_else(|| Wrong::new("不是日期，或没有这一天", "写成2026-11-20"))
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let separator = if text.contains('/') { '/' } else { '-' };
    let mut parts = text.split(separator);
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if year.len() != 4 || parts.next().is_some() {
        return None;
    }
    let day = NaiveDate::from_ymd_opt(number(year)?.cast_signed(), number(month)?, number(day)?)?;
    (1990..=2199).contains(&day.year()).then_some(day)
}

/// One to four digits.
fn number(text: &str) -> Option<u32> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.bytes().fold(0, |n, b| n * 10 + u32::from(b - b'0')))
}

/// A moment in Asia/Shanghai: `2026-11-20 20:00:00` or `2026/11/20 20:00`. Gives the instant and the local date.
pub fn moment(text: &str) -> Result<(DateTime<Utc>, NaiveDate), Wrong> {
    let wrong = || Wrong::new("不是时间，或没有这一刻", "写成2026-11-20 20:00:00（北京时间）");
    let (day, time) = text.split_once([' ', 'T']).ok_or_else(wrong)?;
    let day = parse_date(day).ok_or_else(wrong)?;
    let time = parse_time(time.trim_start()).ok_or_else(wrong)?;
    Ok((clock::instant(day, time), day))
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next().unwrap_or("0"));
    let all_read = parts.next().is_none();
    NaiveTime::from_hms_opt(number(hour)?, number(minute)?, number(second)?).filter(|_| all_read)
}

/// A moment that has passed.
pub fn past(text: &str, now: DateTime<Utc>) -> Result<(DateTime<Utc>, NaiveDate), Wrong> {
    let read = moment(text)?;
    if read.0 <= now {
        Ok(read)
    } else {
        Err(Wrong::new("时间在将来", "检查时间，以及这台机器的时钟"))
    }
}

/// A text of people: not too long, nothing in it that would break a line of a file.
pub fn words(text: &str, most: usize) -> Result<String, Wrong> {
    if text.chars().any(char::is_control) {
        return Err(Wrong::new("含有换行或控制字符", "删去这些字符"));
    }
    if text.contains('\u{fffd}') {
        return Err(Wrong::new("含有无法辨认的字符（�）", "从原件重新填写"));
    }
    let length = text.chars().count();
    if length > most {
        return Err(Wrong::new(format!("有{length}个字，最多{most}个"), "缩短"));
    }
    Ok(text.to_owned())
}

/// 是/否.
pub fn yes(text: &str) -> Result<bool, Wrong> {
    match text.to_ascii_lowercase().as_str() {
        "是" | "true" | "1" => Ok(true),
        "否" | "false" | "0" => Ok(false),
        _ => Err(Wrong::new("不是“是”或“否”", "写是、否、true、false、1或0")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_in_shanghai() {
        let shown = |text: &str| moment(text).map(|(at, day)| format!("{at} {day}")).ok();
        for text in ["2026-11-20 02:03:04", "2026/11/20 2:03:04", "2026-11-20T02:03:04"] {
            assert_eq!(shown(text).as_deref(), Some("2026-11-19 18:03:04 UTC 2026-11-20"), "{text}");
        }
        assert_eq!(shown("2026/1/5 8:00").as_deref(), Some("2026-01-05 00:00:00 UTC 2026-01-05"));
        let wrong = ["2026-11-20", "2026-02-29 00:00:00", "2026-11-20 24:00:00", "20261120 20:00:00", "26-1-5 8:00"];
        for text in wrong.into_iter().chain(["2026-11-20 8", "2026-1-1-1 8:00", "2026-11-20 8:00:00:00", "１-1-1 8:00"])
        {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn money_and_words() {
        assert_eq!((yuan("-3.20"), yuan("50")), (Ok(-320), Ok(5_000)));
        for text in ["1e3", "¥50", "1,000.00", "50.001"] {
            assert!(yuan(text).is_err(), "{text}");
        }
        assert!(yuan_not_negative("-0.01").is_err());
        assert!(words("东区\n1幢", 60).is_err() && words("测�", 60).is_err() && words("一二三", 2).is_err());
        assert_eq!((yes("是"), yes("FALSE"), yes("是的").is_err()), (Ok(true), Ok(false), true));
    }
}
