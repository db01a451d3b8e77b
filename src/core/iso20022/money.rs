//! Money of the standard: decimal text and currency → exact minor units. Never a float, never rounded.

use std::fmt;

use crate::formats::push_number;

/// An amount in minor units of its currency (fen of CNY, cents of EUR, whole yen of JPY).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Money {
    /// Minor units; an amount has no sign of its own, a summary may.
    pub minor: i64,
    /// ISO 4217.
    pub currency: Currency,
}

/// A currency's three letters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Three capital letters, nothing else.
    pub fn parse(text: &str) -> Option<Currency> {
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Currency(bytes))
    }

    /// Its letters.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Decimals of its minor unit.
    pub fn exponent(&self) -> u32 {
        match &self.0 {
            b"BIF" | b"CLP" | b"DJF" | b"GNF" | b"ISK" | b"JPY" | b"KMF" | b"KRW" => 0,
            b"PYG" | b"RWF" | b"UGX" | b"VND" | b"VUV" | b"XAF" | b"XOF" | b"XPF" => 0,
            b"BHD" | b"IQD" | b"JOD" | b"KWD" | b"LYD" | b"OMR" | b"TND" => 3,
            b"CLF" | b"UYW" => 4,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code())
    }
}

/// A decimal number of the standard, exactly: `units` × 10^-`scale`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Decimal {
    units: i128,
    scale: u32,
}

/// The standard allows 18 digits; hand-made files have zeros around them.
const DIGITS: usize = 34;

impl Decimal {
    /// Reads `10`, `01.00`, `10.1`, `8.850`, `-509.12`. No `1e3`, no `1,000`, no spaces within.
    pub fn parse(text: &str) -> Result<Decimal, String> {
        let bad = || format!("`{}` is no decimal number", text.chars().take(40).collect::<String>());
        let text = text.trim();
        let (sign, digits) = match text.as_bytes().first() {
            Some(b'-') => (-1, &text[1..]),
            Some(b'+') => (1, &text[1..]),
            _ => (1, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let plain = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if whole.len() + part.len() == 0 || !plain(whole) || !plain(part) {
            return Err(bad());
        }
        let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
        if whole.len() + part.len() > DIGITS {
            return Err(format!("{} has more digits than money has", bad()));
        }
        let units = if whole.len() + part.len() <= 18 {
            // Nearly all of them fit into a machine's word.
            let digits = |from: i64, text: &str| text.bytes().fold(from, |n, b| n * 10 + i64::from(b - b'0'));
            i128::from(digits(digits(0, whole), part))
        } else {
            let digits = |from: i128, text: &str| text.bytes().fold(from, |n, b| n * 10 + i128::from(b - b'0'));
            digits(digits(0, whole), part)
        };
        Ok(Decimal { units: sign * units, scale: u32::try_from(part.len()).unwrap_or(u32::MAX) })
    }

    /// Minor units of a currency; zeros behind the last decimal are nothing, other digits an error.
    pub fn minor(self, currency: Currency) -> Result<i64, String> {
        let exponent = currency.exponent();
        if self.scale > exponent {
            let places = self.scale;
            return Err(format!("it has {places} decimals that count, {currency} has {exponent}: nothing is rounded"));
        }
        let up = self.units.checked_mul(i128::from(10_i64.pow(exponent - self.scale)));
        let minor = up.and_then(|minor| i64::try_from(minor).ok()).filter(|minor| minor.abs() <= 1_000_000_000_000_000);
        minor.ok_or_else(|| "it is outside the range of money".to_owned())
    }
}

impl Decimal {
    /// The sum; `None` where it has more digits than fit.
    pub fn plus(self, other: Decimal) -> Option<Decimal> {
        let scale = self.scale.max(other.scale);
        let at = |number: Decimal| number.units.checked_mul(10_i128.checked_pow(scale - number.scale)?);
        let mut sum = Decimal { units: at(self)?.checked_add(at(other)?)?, scale };
        while sum.scale > 0 && sum.units % 10 == 0 {
            sum = Decimal { units: sum.units / 10, scale: sum.scale - 1 };
        }
        Some(sum)
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.units.unsigned_abs().to_string();
        let sign = if self.units < 0 { "-" } else { "" };
        let scale = self.scale as usize;
        if scale == 0 {
            return write!(out, "{sign}{digits}");
        }
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (whole, part) = digits.split_at(digits.len() - scale);
        write!(out, "{sign}{whole}.{part}")
    }
}

impl PartialEq for Decimal {
    fn eq(&self, other: &Decimal) -> bool {
        // Zeros at the end are gone: one number has one form.
        (self.units, self.scale) == (other.units, other.scale)
    }
}

impl Money {
    /// Reads an amount with its currency; the error says what is wrong with which.
    pub fn parse(text: &str, currency: &str) -> Result<Money, String> {
        let wrong = || format!("`{}` is no currency", currency.chars().take(10).collect::<String>());
        let currency = Currency::parse(currency).ok_or_else(wrong)?;
        let minor = Decimal::parse(text).and_then(|number| number.minor(currency));
        let shown = || text.trim().chars().take(40).collect::<String>();
        Ok(Money { minor: minor.map_err(|why| format!("amount `{}`: {why}", shown()))?, currency })
    }

    /// The number as the standard writes it: `60.12`.
    pub fn number(&self) -> String {
        decimal(self.minor, self.currency.exponent())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.number(), self.currency)
    }
}

/// Minor units with a point: 6012 with two decimals is `60.12`.
pub(super) fn decimal(minor: i64, exponent: u32) -> String {
    let mut text = String::new();
    push_decimal(minor, exponent, &mut text);
    text
}

/// Appends [`decimal`].
pub(super) fn push_decimal(minor: i64, exponent: u32, out: &mut String) {
    if minor < 0 {
        out.push('-');
    }
    let factor = 10_i64.pow(exponent.min(9));
    push_number(minor / factor, 1, out);
    if factor > 1 {
        out.push('.');
        push_number(minor % factor, exponent.min(9) as usize, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_in_every_currency() {
        for (text, currency, minor) in [
            ("01.00", "EUR", 100),
            ("10.1", "CNY", 1_010),
            ("200000", "CHF", 20_000_000),
            ("8.850", "EUR", 885),
            ("0.05000", "CNY", 5),
            (".5", "EUR", 50),
            ("5.", "EUR", 500),
            ("-509.12", "USD", -50_912),
            ("1500", "JPY", 1_500),
            ("1500.00", "JPY", 1_500),
            ("1.234", "KWD", 1_234),
        ] {
            assert_eq!(Money::parse(text, currency).map(|money| money.minor), Ok(minor), "{text} {currency}");
        }
    }

    #[test]
    fn what_is_no_amount_says_why() {
        for (text, currency, why) in [
            ("8.8500000000001", "EUR", "13 decimals that count, EUR has 2"),
            ("1.5", "JPY", "JPY has 0"),
            ("1,000.00", "CNY", "no decimal"),
            ("1e3", "CNY", "no decimal"),
            ("", "CNY", "no decimal"),
            ("-", "CNY", "no decimal"),
            ("1 0", "CNY", "no decimal"),
            ("10.00", "eur", "no currency"),
            ("10.00", "", "no currency"),
            ("99999999999999999999", "CNY", "outside the range"),
            ("9999999999999999999999999999999999999999", "CNY", "more digits"),
        ] {
            let error = Money::parse(text, currency).map_err(|e| e.contains(why));
            assert_eq!(error, Err(true), "{text} {currency} {:?}", Money::parse(text, currency));
        }
    }

    #[test]
    fn numbers_are_written_as_they_are() {
        let money = |minor, code: &str| Money { minor, currency: Currency::parse(code).unwrap() }.to_string();
        assert_eq!([money(6012, "EUR"), money(5, "CNY"), money(-5, "CNY")], ["60.12 EUR", "0.05 CNY", "-0.05 CNY"]);
        assert_eq!([money(1500, "JPY"), money(1234, "KWD")], ["1500 JPY", "1.234 KWD"]);
        assert_eq!(Decimal::parse("60.120"), Decimal::parse("060.12"));
        assert_ne!(Decimal::parse("6.012"), Decimal::parse("60.12"));
    }
}
