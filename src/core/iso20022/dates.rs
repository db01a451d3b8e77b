//! Dates and times of the standard, as the bank's clock shows them.

use chrono::{Datelike as _, NaiveDate, NaiveDateTime};

use crate::formats::push_number;

/// The day of a date (`2026-03-02`, `2026-03-02+01:00`) or of a date and time: always the day as it is written,
/// whatever the zone.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let date = text.get(..10)?;
    let date = plain(date.as_bytes()).or_else(|| date.parse().ok())?;
    match text.as_bytes().get(10) {
        None => Some(date),
        Some(b'T') => moment(text).map(|at| at.date()),
        Some(b'Z') if text.len() == 11 => Some(date),
        Some(b'+' | b'-') if is_zone(&text[10..]) => Some(date),
        Some(_) => None,
    }
}

/// Appends a day as the standard writes it: `2026-03-02`.
pub(super) fn push_day(day: NaiveDate, out: &mut String) {
    for (number, width, before) in [(day.year(), 4, ""), (day.month() as i32, 2, "-"), (day.day() as i32, 2, "-")] {
        out.push_str(before);
        push_number(i64::from(number), width, out);
    }
}

/// `2026-03-02`, as nearly all dates are written.
fn plain(text: &[u8]) -> Option<NaiveDate> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let number =
        |digits: &[&u8]| digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(**b - b'0')));
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    NaiveDate::from_ymd_opt(year, number(&[m1, m2])?, number(&[d1, d2])?)
}

fn is_zone(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 6 && bytes[3] == b':' && [1, 2, 4, 5].iter().all(|at| bytes[*at].is_ascii_digit())
}

fn moment(text: &str) -> Option<NaiveDateTime> {
    let without = text.strip_suffix('Z').unwrap_or(text);
    let clock = without.get(11..)?;
    let without = match clock.find(['+', '-']) {
        Some(at) if is_zone(&clock[at..]) => &without[..11 + at],
        Some(_) => return None,
        None => without,
    };
    // The end of a day is a moment of it, as it is written.
    let midnight = without.ends_with("T24:00:00").then(|| without.replace("T24:", "T00:"));
    let without = midnight.as_deref().unwrap_or(without);
    without.parse().ok().or_else(|| NaiveDateTime::parse_from_str(without, "%Y-%m-%dT%H:%M").ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_is_the_one_written() {
        for text in [
            "2026-03-02",
            "2026-03-02Z",
            "2026-03-02+01:00",
            "2026-03-02T23:59:59",
            "2026-03-02T00:30:00.123+08:00",
            " 2026-03-02T00:00:00Z ",
            "2026-03-02T24:00:00",
            "2026-03-02T23:59",
            "2026-03-02T08:00:00+00:00",
        ] {
            assert_eq!(day(text).map(|d| d.to_string()).as_deref(), Some("2026-03-02"), "{text}");
        }
        let mut written = String::new();
        push_day(NaiveDate::from_ymd_opt(987, 3, 12).unwrap(), &mut written);
        assert_eq!(written, "0987-03-12");
        for text in ["", "20260302", "2026-02-30", "2026-03-02x", "2026-03-02T25:00:00", "2026-03-02+1", "二〇二六年"]
        {
            assert_eq!(day(text), None, "{text}");
        }
    }
}
