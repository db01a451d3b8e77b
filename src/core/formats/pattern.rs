//! Dates and times as banks write them: `%Y%m%d`, `%Y-%m-%d %H:%M:%S`, `%m%d`. Fixed digits, nothing optional.

use chrono::{Datelike, NaiveDate, NaiveDateTime, Timelike};

/// A date format made of `%Y %m %d %H %M %S` and plain characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    source: String,
    parts: Vec<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    Plain(char),
}

/// What a text says under a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A whole date.
    Date(NaiveDate),
    /// Month and day, no year.
    MonthDay(u32, u32),
    /// A time, a month: real, but no date.
    Other,
}

impl Pattern {
    /// Compiles; the error says what is allowed.
    pub(super) fn parse(source: &str) -> Result<Pattern, String> {
        let mut parts = Vec::new();
        let mut chars = source.chars();
        while let Some(c) = chars.next() {
            parts.push(match (c, if c == '%' { chars.next() } else { None }) {
                ('%', Some('Y')) => Part::Year,
                ('%', Some('m')) => Part::Month,
                ('%', Some('d')) => Part::Day,
                ('%', Some('H')) => Part::Hour,
                ('%', Some('M')) => Part::Minute,
                ('%', Some('S')) => Part::Second,
                ('%', other) => {
                    let other = other.map(String::from).unwrap_or_default();
                    return Err(format!(
                        "`%{other}` is no part of a date; write %Y %m %d %H %M %S and plain characters"
                    ));
                }
                (plain, _) => Part::Plain(plain),
            });
        }
        if !parts.iter().any(|p| !matches!(p, Part::Plain(_))) {
            return Err(format!("`{source}` has no part of a date; write for instance %Y%m%d"));
        }
        Ok(Pattern { source: source.to_owned(), parts })
    }

    /// As it was written.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// Whether a text under it names a day (with or without its year).
    pub(super) fn has_day(&self) -> bool {
        self.parts.contains(&Part::Month) && self.parts.contains(&Part::Day)
    }

    /// Whether a text under it also names the year.
    pub(super) fn has_year(&self) -> bool {
        self.parts.contains(&Part::Year)
    }

    /// Bytes of every text under it (its parts are ASCII digits).
    pub(super) fn bytes(&self) -> usize {
        self.parts
            .iter()
            .map(|p| match p {
                Part::Year => 4,
                Part::Plain(c) => c.len_utf8(),
                _ => 2,
            })
            .sum()
    }

    /// Writes a moment.
    pub(super) fn write(&self, at: NaiveDateTime, out: &mut String) {
        for part in &self.parts {
            let (number, width) = match part {
                Part::Year => (at.year().unsigned_abs(), 4),
                Part::Month => (at.month(), 2),
                Part::Day => (at.day(), 2),
                Part::Hour => (at.hour(), 2),
                Part::Minute => (at.minute(), 2),
                Part::Second => (at.second(), 2),
                Part::Plain(c) => {
                    out.push(*c);
                    continue;
                }
            };
            for place in (0..width).rev() {
                let digit = number / 10_u32.pow(place) % 10;
                out.push(char::from_digit(digit, 10).unwrap_or('0'));
            }
        }
    }

    /// Reads a text of exactly this shape; `None` if it has another or names no real day or time.
    pub(super) fn read(&self, text: &str) -> Option<Found> {
        let (mut year, mut month, mut day) = (None, None, None);
        let mut rest = text;
        for part in &self.parts {
            if let Part::Plain(c) = part {
                rest = rest.strip_prefix(*c)?;
                continue;
            }
            let width = if *part == Part::Year { 4 } else { 2 };
            let digits = rest.get(..width).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
            rest = &rest[width..];
            let number = digits.bytes().fold(0_u32, |n, b| n * 10 + u32::from(b - b'0'));
            match part {
                Part::Year => year = Some(number),
                Part::Month if (1..=12).contains(&number) => month = Some(number),
                Part::Day if (1..=31).contains(&number) => day = Some(number),
                Part::Hour if number < 24 => {}
                Part::Minute | Part::Second if number < 60 => {}
                _ => return None,
            }
        }
        match (rest.is_empty(), year, month, day) {
            (false, ..) => None,
            (true, Some(y), Some(m), Some(d)) => NaiveDate::from_ymd_opt(i32::try_from(y).ok()?, m, d).map(Found::Date),
            // 2000 was a leap year: 0229 is a day of some year.
            (true, None, Some(m), Some(d)) => NaiveDate::from_ymd_opt(2000, m, d).map(|_| Found::MonthDay(m, d)),
            _ => Some(Found::Other),
        }
    }
}

/// A month and day without a year: the day nearest to `near`, so that New Year does not move it by a year.
pub(crate) fn nearest(month: u32, day: u32, near: NaiveDate) -> Option<NaiveDate> {
    // Nearly every date is of the file's own year.
    let same_year = NaiveDate::from_ymd_opt(near.year(), month, day);
    if let Some(date) = same_year.filter(|date| (*date - near).num_days().abs() < 180) {
        return Some(date);
    }
    (near.year() - 1..=near.year() + 1)
        .filter_map(|year| NaiveDate::from_ymd_opt(year, month, day))
        .min_by_key(|date| (*date - near).num_days().abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn texts_have_exactly_the_shape() {
        let pattern = Pattern::parse("%Y-%m-%d").unwrap();
        assert_eq!(pattern.read("2024-09-01"), Some(Found::Date(day(2024, 9, 1))));
        for text in ["2024-9-1", "2024-09-31", "2024-13-01", "20240901", "2024-09-01 ", "+024-09-01", "２024-09-01", ""]
        {
            assert_eq!(pattern.read(text), None, "{text}");
        }
        assert_eq!(Pattern::parse("%H%M%S").unwrap().read("235959"), Some(Found::Other));
        assert_eq!(Pattern::parse("%H%M%S").unwrap().read("240000"), None);
        assert!(Pattern::parse("%y").is_err());
        assert!(Pattern::parse("abc").is_err());
    }

    #[test]
    fn a_moment_writes_its_digits() {
        let mut out = String::new();
        Pattern::parse("%Y%m%d/%H:%M:%S").unwrap().write(day(2024, 9, 1).and_hms_opt(2, 3, 4).unwrap(), &mut out);
        assert_eq!(out, "20240901/02:03:04");
    }

    #[test]
    fn a_day_without_year_stays_near_the_file() {
        assert_eq!(nearest(1, 1, day(2024, 12, 31)), Some(day(2025, 1, 1)));
        assert_eq!(nearest(12, 31, day(2025, 1, 1)), Some(day(2024, 12, 31)));
        assert_eq!(nearest(9, 2, day(2024, 9, 1)), Some(day(2024, 9, 2)));
        assert_eq!(nearest(2, 29, day(2023, 3, 1)), Some(day(2024, 2, 29)));
    }
}
