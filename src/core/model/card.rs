//! Bank cards (银行卡): what is accepted, what only warns, what may be shown.

use serde::{Deserialize, Serialize};

/// A card or passbook number. Never printed whole: `Debug` and `Display` show the last 4 only.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CardNo(String);

/// Why a text is no card number; the number itself is never repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a card number has 8 to 32 digits or letters, this has {length} characters{odd}; check the card")]
pub struct CardError {
    /// How long it was.
    pub length: usize,
    /// ` and others than digits and letters`, or nothing.
    pub odd: &'static str,
}

impl CardNo {
    /// Cards have 13–19 digits, passbooks up to 32 digits or letters.
    pub fn parse(text: &str) -> Result<CardNo, CardError> {
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric());
        if plain && (8..=32).contains(&text.len()) {
            return Ok(CardNo(text.to_owned()));
        }
        let odd = if plain { "" } else { " and others than digits and letters" };
        Err(CardError { length: text.chars().count(), odd })
    }

    /// The number itself, for a bank's file only.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The last 4, kept in clear for search and texts.
    pub fn last4(&self) -> &str {
        &self.0[self.0.len() - 4..]
    }

    /// Whether the Luhn check passes. A warning at the counter, never a refusal: passbooks have none, and a
    /// published demo
    /// card, 6221558812340000, fails it.
    pub fn luhn(&self) -> bool {
        let digits: Vec<u32> = self.0.chars().filter_map(|c| c.to_digit(10)).collect();
        let sum: u32 =
            digits.iter().rev().enumerate().map(|(i, d)| if i % 2 == 0 { *d } else { d * 2 / 10 + d * 2 % 10 }).sum();
        digits.len() == self.0.len() && sum.is_multiple_of(10)
    }
}

impl std::fmt::Debug for CardNo {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "****{}", self.last4())
    }
}

impl std::fmt::Display for CardNo {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "****{}", self.last4())
    }
}

/// Masks any secret for people: the first 6 and last 4 of a card, `*` between; short texts keep the last 4 only.
pub fn mask(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let (head, tail) = match chars.len() {
        0..=4 => (0, 0),
        5..=10 => (0, 4),
        11 => (3, 4),
        _ => (6, 4),
    };
    let hidden = chars.len() - head - tail;
    chars[..head]
        .iter()
        .copied()
        .chain(std::iter::repeat_n('*', hidden))
        .chain(chars[chars.len() - tail..].iter().copied())
        .collect()
}

/// Masks a name: the first character, then `*`.
pub fn mask_name(name: &str) -> String {
    name.chars().enumerate().map(|(i, c)| if i == 0 { c } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luhn_warns_by_the_published_cards() {
        let luhn = |text: &str| CardNo::parse(text).map(|card| card.luhn());
        assert_eq!(luhn("6226090000000048"), Ok(true));
        assert_eq!(luhn("6221558812340000"), Ok(false));
    }

    #[test]
    fn nothing_prints_a_card() {
        let card = CardNo::parse("6226090000000048").map(|card| format!("{card} {card:?}"));
        assert_eq!(card.as_deref(), Ok("****0048 ****0048"));
        assert_eq!(mask("6226090000000048"), "622609******0048");
        assert_eq!(mask("13552535506"), "135****5506");
        assert_eq!(mask_name("测试甲"), "测**");
        assert!(CardNo::parse("6226 0900").is_err());
        assert!(CardNo::parse("622").is_err());
    }
}
