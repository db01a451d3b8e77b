//! Persons: names, ID numbers (GB 11643), mobiles.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

/// The kind of ID shown at the counter (证件类型). The words stand in imports and tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdType {
    /// 居民身份证: the only one with a checkable number.
    Resident,
    /// 护照.
    Passport,
    /// 军官证 or 士兵证.
    Military,
    /// 港澳台通行证.
    HomeReturn,
    /// Any other.
    Other,
}

impl IdType {
    /// All, in the order of the form.
    pub const ALL: &'static [IdType] =
        &[IdType::Resident, IdType::Passport, IdType::Military, IdType::HomeReturn, IdType::Other];

    /// The word in tables and imports.
    pub const fn word(self) -> &'static str {
        match self {
            IdType::Resident => "resident",
            IdType::Passport => "passport",
            IdType::Military => "military",
            IdType::HomeReturn => "home_return",
            IdType::Other => "other",
        }
    }

    /// Reads the word, or what the paper form says (居民身份证, 身份证, 护照 …).
    pub fn parse(text: &str) -> Option<IdType> {
        match text {
            "居民身份证" | "身份证" => Some(IdType::Resident),
            "护照" => Some(IdType::Passport),
            "军官证" | "士兵证" => Some(IdType::Military),
            "港澳台通行证" | "回乡证" => Some(IdType::HomeReturn),
            "其他" => Some(IdType::Other),
            _ => IdType::ALL.iter().copied().find(|t| t.word() == text),
        }
    }
}

/// What is wrong with an ID number; the number is never repeated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdNumberError {
    /// Not 18 characters.
    #[error("a resident ID number has 18 characters, this has {0}")]
    Length(usize),
    /// A character out of place.
    #[error("character {0} of the ID number is not a digit (the last may be X)")]
    Character(usize),
    /// No such day.
    #[error("the ID number's birth date {0} does not exist")]
    Birth(String),
    /// The check character differs (ISO 7064 MOD 11-2).
    #[error("the ID number's last character should be {expected}, it is {found}")]
    Check {
        /// By the rule.
        expected: char,
        /// As read.
        found: char,
    },
}

/// Checks a resident ID number by GB 11643-1999.
pub fn check_resident_id(number: &str) -> Result<(), IdNumberError> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let chars: Vec<char> = number.chars().collect();
    if chars.len() != 18 {
        return Err(IdNumberError::Length(chars.len()));
    }
    let mut sum = 0;
    for (place, weight) in WEIGHTS.iter().enumerate() {
        let digit = chars[place].to_digit(10).ok_or(IdNumberError::Character(place + 1))?;
        sum += digit * weight;
    }
    let birth: String = chars[6..14].iter().collect();
    if NaiveDate::parse_from_str(&birth, "%Y%m%d").is_err() {
        return Err(IdNumberError::Birth(birth));
    }
    let expected = b"10X98765432"[(sum % 11) as usize] as char;
    let found = chars[17].to_ascii_uppercase();
    if expected != found {
        return Err(IdNumberError::Check { expected, found });
    }
    Ok(())
}

/// Whether a text is a mainland mobile number: `1[3-9]` and nine digits.
pub fn is_mobile(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1]) && bytes.iter().all(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_ids_by_the_standard() {
        // A card scheme's published test number, and the standard's own example.
        assert_eq!(check_resident_id("341126197709218366"), Ok(()));
        assert_eq!(check_resident_id("11010519491231002X"), Ok(()));
        assert_eq!(check_resident_id("34112619770921836"), Err(IdNumberError::Length(17)));
        assert_eq!(check_resident_id("341126197709218367"), Err(IdNumberError::Check { expected: '6', found: '7' }));
        assert_eq!(check_resident_id("341126197713218366"), Err(IdNumberError::Birth("19771321".into())));
        assert_eq!(check_resident_id("3411261977O9218366"), Err(IdNumberError::Character(11)));
    }

    #[test]
    fn mobiles() {
        assert!(is_mobile("13552535506"));
        for text in ["12552535506", "1355253550", "1355253550６", ""] {
            assert!(!is_mobile(text), "{text}");
        }
    }
}
