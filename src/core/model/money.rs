//! Money: whole fen (分), checked, never a float.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in fen (1/100 yuan). Signed: a balance may be below zero (欠费).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fen(pub i64);

/// Why a text is not an amount, or a sum left the range.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not of the strict grammar `digits[.dd]` (or `digits` for fen).
    #[error("`{text}` is not an amount in {unit}; write {example}")]
    Grammar {
        /// What was read.
        text: String,
        /// `yuan` or `fen`.
        unit: &'static str,
        /// A right one.
        example: &'static str,
    },
    /// More digits than any account holds.
    #[error("{0} is outside the range of money (±9,999,999,999,999.99 yuan)")]
    Range(String),
}

/// No amount, balance or sum may pass this many fen; sums of sums stay inside `i64`.
const LIMIT: i64 = 1_000_000_000_000_000;

impl Fen {
    /// Nothing.
    pub const ZERO: Fen = Fen(0);

    /// Whole yuan.
    pub const fn yuan(yuan: i64) -> Fen {
        Fen(yuan * 100)
    }

    /// Reads yuan with at most two decimals: `50`, `50.0`, `50.00`, `-3.20`. No `1e3`, `1,000`, `+5`, `.5`, `5.`.
    #[inline]
    pub fn parse_yuan(text: &str) -> Result<Fen, MoneyError> {
        let bad = || MoneyError::Grammar { text: text.to_owned(), unit: "yuan", example: "50.00" };
        let (sign, digits) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text),
        };
        let (whole, part) = match digits.bytes().position(|b| b == b'.') {
            Some(at) if matches!(digits.len() - at, 2 | 3) => (&digits[..at], &digits[at + 1..]),
            Some(_) => return Err(bad()),
            None => (digits, ""),
        };
        if whole.is_empty() {
            return Err(bad());
        }
        let number = |digits: &str| {
            digits.bytes().try_fold(0_i64, |n, b| {
                let digit = b.is_ascii_digit().then_some(i64::from(b.wrapping_sub(b'0'))).ok_or_else(bad)?;
                // One more digit than any account holds: out of range, and still far inside `i64`.
                if n > LIMIT { Err(MoneyError::Range(text.to_owned())) } else { Ok(n * 10 + digit) }
            })
        };
        let cents = number(part)? * if part.len() == 1 { 10 } else { 1 };
        let whole = number(whole)?;
        if whole > LIMIT {
            return Err(MoneyError::Range(text.to_owned()));
        }
        Fen(sign * (whole * 100 + cents)).in_range()
    }

    /// Reads whole fen: `5000`. Leading zeros are allowed (fixed-width fields), signs and points are not.
    #[inline]
    pub fn parse_fen(text: &str) -> Result<Fen, MoneyError> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(MoneyError::Grammar { text: text.to_owned(), unit: "fen", example: "5000" });
        }
        let digits = text.trim_start_matches('0');
        if digits.len() > 15 {
            return Err(MoneyError::Range(text.to_owned()));
        }
        Fen(digits.bytes().fold(0_i64, |n, b| n * 10 + i64::from(b - b'0'))).in_range()
    }

    /// Adds; an overflow is an error, never a wrap.
    #[inline]
    pub fn plus(self, other: Fen) -> Result<Fen, MoneyError> {
        let sum = self.0.checked_add(other.0).ok_or_else(|| MoneyError::Range(format!("{self} + {other}")))?;
        Fen(sum).in_range()
    }

    /// Subtracts; an overflow is an error, never a wrap.
    pub fn minus(self, other: Fen) -> Result<Fen, MoneyError> {
        self.plus(Fen(-other.0))
    }

    /// Sums many amounts.
    pub fn sum(amounts: impl IntoIterator<Item = Fen>) -> Result<Fen, MoneyError> {
        amounts.into_iter().try_fold(Fen::ZERO, Fen::plus)
    }

    fn in_range(self) -> Result<Fen, MoneyError> {
        if self.0.abs() > LIMIT {
            return Err(MoneyError::Range(self.to_string()));
        }
        Ok(self)
    }
}

impl fmt::Display for Fen {
    /// Yuan with two decimals, as people read it: `50.00`, `-0.05`.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        out.pad(&format!("{sign}{}.{:02}", fen / 100, fen % 100))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_follows_a_strict_grammar() {
        for (text, fen) in
            [("50", 5000), ("50.0", 5000), ("50.05", 5005), ("0.01", 1), ("-3.20", -320), ("007.10", 710)]
        {
            assert_eq!(Fen::parse_yuan(text), Ok(Fen(fen)), "{text}");
        }
        for text in ["", "-", ".5", "5.", "1e3", "1,000.00", "100.005", "+5", " 5", "5 ", "１００", "--1", "1.-1"] {
            assert!(matches!(Fen::parse_yuan(text), Err(MoneyError::Grammar { .. })), "{text}");
        }
        assert!(matches!(Fen::parse_yuan("99999999999999999999"), Err(MoneyError::Range(_))));
    }

    #[test]
    fn fen_are_digits_only() {
        assert_eq!(Fen::parse_fen("000000005000"), Ok(Fen(5000)));
        for text in ["", "-5", "5.0", "5000x", "５"] {
            assert!(Fen::parse_fen(text).is_err(), "{text}");
        }
        assert!(Fen::parse_fen("10000000000000000").is_err());
    }

    #[test]
    fn sums_are_checked() {
        assert_eq!(Fen::sum([Fen(1), Fen(2)]), Ok(Fen(3)));
        assert!(Fen(LIMIT).plus(Fen(1)).is_err());
        assert_eq!(Fen(-5).to_string(), "-0.05");
    }

    proptest::proptest! {
        #[test]
        fn what_is_printed_reads_back(fen in -LIMIT..LIMIT) {
            proptest::prop_assert_eq!(Fen::parse_yuan(&Fen(fen).to_string()), Ok(Fen(fen)));
        }
    }
}
