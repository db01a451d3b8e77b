//! The numbers of a sheet: digits as people see them, days as dates. No binary fraction is ever made.

use chrono::{Days, NaiveDate, NaiveDateTime, TimeDelta};

/// Excel keeps so many digits of a number; behind them stands noise.
const KEPT: usize = 15;
/// So many decimals are looked at: a sum of a thousand amounts has its noise in the tenth and further.
const DECIMALS: i32 = 9;

/// A number as a sheet holds it (`0.30000000000000004`, `1.5E3`) → its decimal digits (`0.3`, `1500`). `None` if it is
/// no number; an error if it has more digits before the point than Excel keeps: the last ones are lost.
pub fn plain(text: &str) -> Option<Result<String, TooLong>> {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], exponent(&rest[at + 1..])?),
        None => (rest, 0),
    };
    let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(part) || mantissa.len() > 400 {
        return None;
    }
    let all = format!("{whole}{part}");
    let leading = all.len() - all.trim_start_matches('0').len();
    // The point stands behind so many of the significant digits.
    let point = i32::try_from(whole.len()).ok()? - i32::try_from(leading).ok()? + exponent;
    let (digits, point) = rounded(all[leading..].trim_end_matches('0'), point);
    if digits.is_empty() {
        return Some(Ok("0".to_owned()));
    }
    if point > KEPT as i32 {
        return Some(Err(TooLong { digits: point.unsigned_abs() as usize }));
    }
    let mut out = sign.to_owned();
    match usize::try_from(point) {
        Ok(point @ 1..) => {
            let (before, after) = digits.split_at(point.min(digits.len()));
            out.push_str(before);
            out.extend(std::iter::repeat_n('0', point - before.len()));
            if !after.is_empty() {
                out.push('.');
                out.push_str(after);
            }
        }
        _ => {
            out.push_str("0.");
            out.extend(std::iter::repeat_n('0', point.unsigned_abs() as usize));
            out.push_str(&digits);
        }
    }
    Some(Ok(out))
}

/// A number with more digits than Excel keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// Digits before the point.
    pub digits: usize,
}

fn exponent(text: &str) -> Option<i32> {
    let digits = text.trim_start_matches(['+', '-']);
    let sign = text.len() - digits.len() <= 1 && (1..=4).contains(&digits.len());
    text.strip_prefix('+').unwrap_or(text).parse().ok().filter(|_| sign)
}

/// At most the kept number of significant digits, without zeros at the end; and where the point then stands.
fn rounded(digits: &str, point: i32) -> (String, i32) {
    let most = usize::try_from(point + DECIMALS).unwrap_or(0).min(KEPT);
    let mut kept: Vec<u8> = digits.bytes().take(most).collect();
    let mut point = point;
    if most == 0 {
        return (String::new(), point);
    }
    if digits.as_bytes().get(most).is_some_and(|next| *next >= b'5') {
        let nines = kept.iter().rev().take_while(|b| **b == b'9').count();
        kept.truncate(most - nines);
        match kept.last_mut() {
            Some(last) => *last += 1,
            None => {
                kept.push(b'1');
                point += 1;
            }
        }
    }
    while kept.last() == Some(&b'0') {
        kept.pop();
    }
    (kept.into_iter().map(char::from).collect(), point)
}

/// A day number (序列值) as a moment: 45537.5 is noon on 2024-09-02. `text` is what [`plain`] made.
pub fn moment(text: &str, from_1904: bool) -> Option<NaiveDateTime> {
    let (days, part) = text.split_once('.').unwrap_or((text, ""));
    let days: u64 = days.parse().ok().filter(|days| *days <= 2_958_465)?;
    let first = match (from_1904, days) {
        (true, _) => NaiveDate::from_ymd_opt(1904, 1, 1)?,
        // Excel's 1900 has a 29 February, its day 60.
        (false, 0 | 60) => return None,
        (false, 1..60) => NaiveDate::from_ymd_opt(1899, 12, 31)?,
        (false, _) => NaiveDate::from_ymd_opt(1899, 12, 30)?,
    };
    let date = first.checked_add_days(Days::new(days))?;
    let fraction: u128 = if part.is_empty() { 0 } else { part.parse().ok().filter(|_| part.len() <= 20)? };
    let unit = 10_u128.pow(u32::try_from(part.len()).ok()?);
    let seconds = (fraction * 86_400 * 2 + unit) / (unit * 2);
    date.and_hms_opt(0, 0, 0)?.checked_add_signed(TimeDelta::seconds(i64::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_those_people_see() {
        for (held, seen) in [
            ("50", "50"),
            ("50.00", "50"),
            ("0.30000000000000004", "0.3"),
            ("30.050000000000001", "30.05"),
            ("1.5E3", "1500"),
            ("1.0E-2", "0.01"),
            ("5e-05", "0.00005"),
            ("-3.2", "-3.2"),
            ("0", "0"),
            ("-0.0", "0"),
            ("100.005", "100.005"),
            ("622609000000004", "622609000000004"),
            ("9.9999999999999997", "10"),
            ("0.99999999999999989", "1"),
            ("1234567890123.4501", "1234567890123.45"),
            ("00012", "12"),
            ("6.0999999999999890", "6.1"),
            ("99.9999999999986", "100"),
            ("1.000000001", "1.000000001"),
            ("0.00000000001", "0"),
            ("1E-300", "0"),
        ] {
            assert_eq!(plain(held), Some(Ok(seen.to_owned())), "{held}");
        }
    }

    #[test]
    fn long_numbers_lost_their_last_digits() {
        for (held, digits) in
            [("6226090000000048", 16), ("9.010051600001234E16", 17), ("90100516000012340", 17), ("1E+20", 21)]
        {
            assert_eq!(plain(held), Some(Err(TooLong { digits })), "{held}");
        }
    }

    #[test]
    fn other_things_are_no_numbers() {
        for held in ["", "-", ".5", "1,000", "1e", "1e99999", "0x1F", "NaN", "inf", "１", "1.2.3", "+5", "1E--2"] {
            assert_eq!(plain(held), None, "{held}");
        }
    }

    #[test]
    fn days_are_counted_as_excel_does() {
        // Excel: 1 = 1900-01-01, 59 = 1900-02-28, 61 = 1900-03-01, 45537 = 2024-09-02; 1904: 44075 = the same day.
        for (text, from_1904, seen) in [
            ("1", false, "1900-01-01 00:00:00"),
            ("59", false, "1900-02-28 00:00:00"),
            ("61", false, "1900-03-01 00:00:00"),
            ("45537", false, "2024-09-02 00:00:00"),
            ("45537.5", false, "2024-09-02 12:00:00"),
            ("45537.5555555556", false, "2024-09-02 13:20:00"),
            ("45537.9999999", false, "2024-09-03 00:00:00"),
            ("44075", true, "2024-09-02 00:00:00"),
        ] {
            assert_eq!(moment(text, from_1904).map(|at| at.to_string()), Some(seen.to_owned()), "{text}");
        }
        for text in ["60", "0", "-1", "2958466", "abc", ""] {
            assert_eq!(moment(text, false), None, "{text}");
        }
    }
}
