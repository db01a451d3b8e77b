//! Money, dates and charsets as banks write them. Written by hand here, so that an error in the
//! engine's own readers cannot hide behind the same error in the simulator's.

use chrono::NaiveDate;
use encoding_rs::GBK;

/// Fen as yuan with two decimals: `-5` is `-0.05`.
pub fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let whole = fen.unsigned_abs();
    format!("{sign}{}.{:02}", whole / 100, whole % 100)
}

/// Yuan with exactly two decimals, not negative, as fen.
pub fn fen_of_yuan(text: &str) -> Result<i64, String> {
    let wrong = || format!("`{text}` is not an amount in yuan with two decimals");
    let (whole, cents) = text.split_once('.').ok_or_else(wrong)?;
    if cents.len() != 2 || whole.is_empty() || (whole.len() > 1 && whole.starts_with('0')) {
        return Err(wrong());
    }
    digits(&format!("{whole}{cents}")).map_err(|_| wrong())
}

/// A number written in digits only.
pub fn digits(text: &str) -> Result<i64, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(format!("`{text}` is not a number"));
    }
    text.parse().map_err(|_| format!("`{text}` is too large a number"))
}

/// `20240901`.
pub fn compact(date: NaiveDate) -> String {
    date.format("%Y%m%d").to_string()
}

/// The date in `20240901`.
pub fn date_of_compact(text: &str) -> Result<NaiveDate, String> {
    let wrong = || format!("`{text}` is not a date YYYYMMDD");
    if text.len() != 8 || digits(text).is_err() {
        return Err(wrong());
    }
    NaiveDate::parse_from_str(text, "%Y%m%d").map_err(|_| wrong())
}

/// The date in `2024-09-01`.
pub fn date_of_dashed(text: &str) -> Result<NaiveDate, String> {
    let wrong = || format!("`{text}` is not a date YYYY-MM-DD");
    if text.len() != 10 {
        return Err(wrong());
    }
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| wrong())
}

/// GBK bytes as text; a byte that is no GBK is refused.
pub fn from_gbk(bytes: &[u8]) -> Result<String, String> {
    GBK.decode_without_bom_handling_and_without_replacement(bytes)
        .map(std::borrow::Cow::into_owned)
        .ok_or_else(|| "the file holds bytes that are no GBK".to_owned())
}

/// Text as GBK bytes. What GBK cannot write becomes `?`: only text we made ourselves or decoded from GBK comes here.
pub fn to_gbk(text: &str) -> Vec<u8> {
    let (bytes, _, failed) = GBK.encode(text);
    if !failed {
        return bytes.into_owned();
    }
    text.chars()
        .flat_map(|letter| {
            let one = letter.to_string();
            let (bytes, _, failed) = GBK.encode(&one);
            if failed { vec![b'?'] } else { bytes.into_owned() }
        })
        .collect()
}

/// UTF-8 bytes as text, without a byte order mark.
pub fn from_utf8(bytes: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "the file holds bytes that are no UTF-8".to_owned())?;
    if text.starts_with('\u{feff}') {
        return Err("the file begins with a byte order mark".to_owned());
    }
    Ok(text.to_owned())
}

/// The fields of one comma-separated line, quotes taken off.
pub fn csv_fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                push(&mut fields, '"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => push(&mut fields, other),
        }
    }
    fields
}

fn push(fields: &mut [String], letter: char) {
    if let Some(last) = fields.last_mut() {
        last.push(letter);
    }
}

/// One comma-separated line, without its line end; quoted only where it must be.
pub fn csv_line(fields: &[&str]) -> String {
    let quote = |field: &&str| {
        if field.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", field.replace('"', "\"\""))
        } else {
            (*field).to_owned()
        }
    };
    fields.iter().map(quote).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_and_fen() {
        for (fen, text) in [(0, "0.00"), (5, "0.05"), (5000, "50.00"), (123_456_789, "1234567.89")] {
            assert_eq!(yuan(fen), text);
            assert_eq!(fen_of_yuan(text), Ok(fen));
        }
        assert_eq!(yuan(-5), "-0.05");
        for wrong in ["", "50", "50.0", "50.000", ".50", "-1.00", "050.00", "5O.00", "1.00 ", "+1.00"] {
            assert!(fen_of_yuan(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn dates() {
        let day = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
        assert_eq!(compact(day), "20240229");
        assert_eq!(date_of_compact("20240229"), Ok(day));
        assert_eq!(date_of_dashed("2024-02-29"), Ok(day));
        for wrong in ["20230229", "2024229", "2024-2-29", ""] {
            assert!(date_of_compact(wrong).is_err() && date_of_dashed(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn gbk_both_ways() {
        assert_eq!(to_gbk("测试甲"), [0xb2, 0xe2, 0xca, 0xd4, 0xbc, 0xd7]);
        assert_eq!(from_gbk(&[0xb2, 0xe2]).unwrap(), "测");
        assert!(from_gbk(&[0xff, 0x41]).is_err());
        assert_eq!(to_gbk("a𠮷b"), b"a?b");
    }

    #[test]
    fn commas_and_quotes() {
        let line = csv_line(&["1", "王,五", "a\"b", ""]);
        assert_eq!(line, "1,\"王,五\",\"a\"\"b\",");
        assert_eq!(csv_fields(&line), ["1", "王,五", "a\"b", ""]);
    }
}
