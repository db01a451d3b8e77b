//! Numbers that name things: one type per meaning, made by arithmetic so that they are known before anything leaves.

use std::fmt;
use std::str::FromStr;

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

/// A text that is not such a number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}; {remedy}")]
pub struct IdError {
    /// What was read.
    pub text: String,
    /// What was wanted.
    pub what: &'static str,
    /// What to write instead.
    pub remedy: &'static str,
}

/// A meter account (户号): 12 digits, printed with leading zeros, e.g. `051600001234`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AccountNo(pub i64);

/// The largest account number: twelve nines.
const ACCOUNT_MAX: i64 = 999_999_999_999;

impl AccountNo {
    /// Takes a number of at most 12 digits.
    pub fn new(number: i64) -> Result<AccountNo, IdError> {
        if (1..=ACCOUNT_MAX).contains(&number) {
            return Ok(AccountNo(number));
        }
        Err(IdError { text: number.to_string(), what: "an account number", remedy: "write its 12 digits" })
    }
}

impl FromStr for AccountNo {
    type Err = IdError;
    fn from_str(text: &str) -> Result<AccountNo, IdError> {
        let bad = || IdError { text: text.to_owned(), what: "an account number", remedy: "write its 12 digits" };
        if text.len() != 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(bad());
        }
        AccountNo::new(text.parse().map_err(|_| bad())?)
    }
}

impl fmt::Display for AccountNo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&format!("{:012}", self.0))
    }
}

/// The number of a debit: days since 2000-01-01 × 10¹³ + account × 10 + attempt.
///
/// Made before anything leaves, the same in plan and run; the account and the date are arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DebitNo(pub i64);

const DAY: i64 = 10_000_000_000_000;
/// Attempts 0–9: how many times a date may be voided and planned again.
pub const ATTEMPT_MAX: u8 = 9;

fn epoch() -> NaiveDate {
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap_or_default()
}

impl DebitNo {
    /// The number of an account's debit on a business date; `attempt` counts voids.
    pub fn of(business_date: NaiveDate, account: AccountNo, attempt: u8) -> Result<DebitNo, IdError> {
        let days = (business_date - epoch()).num_days();
        if !(1..=90_000).contains(&days) || attempt > ATTEMPT_MAX {
            return Err(IdError {
                text: format!("{business_date}/{account}/{attempt}"),
                what: "a date, account and attempt a debit can have",
                remedy: "dates run from 2000-01-02, attempts from 0 to 9",
            });
        }
        Ok(DebitNo(days * DAY + account.0 * 10 + i64::from(attempt)))
    }

    /// The account, by arithmetic.
    pub fn account(self) -> AccountNo {
        AccountNo(self.0 % DAY / 10)
    }

    /// The business date, by arithmetic.
    pub fn business_date(self) -> NaiveDate {
        epoch().checked_add_days(Days::new((self.0 / DAY).unsigned_abs())).unwrap_or_default()
    }

    /// The attempt, by arithmetic.
    pub fn attempt(self) -> u8 {
        u8::try_from(self.0 % 10).unwrap_or(0)
    }
}

impl FromStr for DebitNo {
    type Err = IdError;
    #[inline]
    fn from_str(text: &str) -> Result<DebitNo, IdError> {
        let bad = || IdError { text: text.to_owned(), what: "a debit number", remedy: "write its 15 to 18 digits" };
        if !(14..=20).contains(&text.len()) {
            return Err(bad());
        }
        // Every answer of a night has one: one pass over the digits, and no division for the days.
        let digit = |n: i64, b: u8| {
            let digit = b.is_ascii_digit().then_some(i64::from(b.wrapping_sub(b'0')))?;
            n.checked_mul(10)?.checked_add(digit)
        };
        let number = text.bytes().try_fold(0_i64, digit).ok_or_else(bad)?;
        if !(DAY..90_001 * DAY).contains(&number) || number % DAY < 10 {
            return Err(bad());
        }
        Ok(DebitNo(number))
    }
}

impl fmt::Display for DebitNo {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_debit_number_holds_its_parts() {
        let date = NaiveDate::from_ymd_opt(2026, 11, 20).unwrap_or_default();
        let account: AccountNo = "051600001234".parse().unwrap_or(AccountNo(0));
        let number = DebitNo::of(date, account, 2).map(|n| n.0);
        // 2000-01-01 → 2026-11-20 is 26 years with 7 leap days (2000…2024) + 323 days: 9497 + 323.
        assert_eq!(number, Ok(9_820 * DAY + 516_000_012_342));
        let number = DebitNo(number.unwrap_or(0));
        assert_eq!((number.account(), number.business_date(), number.attempt()), (account, date, 2));
        assert_eq!(number.to_string().parse(), Ok(number));
    }

    #[test]
    fn wrong_numbers_are_refused() {
        for text in ["", "5160000", "05160000123x", "000000000000", "0516000012345"] {
            assert!(text.parse::<AccountNo>().is_err(), "{text}");
        }
        for text in ["1", "00000000000000000000", "99999999999999999999"] {
            assert!(text.parse::<DebitNo>().is_err(), "{text}");
        }
    }
}
