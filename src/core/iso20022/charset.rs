//! Characters (字符集) that may stand in ids and names: the Latin set of the euro countries, and accents put into it.

use std::borrow::Cow;

/// What may stand in an id and, in Latin files, in a name.
fn is_latin(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '?' | ':' | '(' | ')' | '.' | ',' | '\'' | '+' | ' ')
}

/// Whether a text may be an id of the standard: 1 to 35 characters of the Latin set, no `/` at its ends, no `//`.
pub(super) fn is_id(text: &str) -> bool {
    let bytes = text.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
    let ends = [first, last].into_iter().any(|b| matches!(b, b'/' | b' '));
    let plain = bytes.iter().all(|b| is_latin(char::from(*b)));
    bytes.len() <= 35 && plain && !ends && !bytes.windows(2).any(|two| two == b"//")
}

/// Letters beyond ASCII and what stands for them: EPC 217-08.
const LETTERS: &[(&str, &str)] = &[
    ("ÀÁÂÃĀĂĄǍ", "A"),
    ("ÄÅÆ", "A"),
    ("àáâãāăąǎäåæ", "a"),
    ("ÇĆĈĊČ", "C"),
    ("çćĉċč", "c"),
    ("ĎĐÐ", "D"),
    ("ďđð", "d"),
    ("ÈÉÊËĒĔĖĘĚ", "E"),
    ("èéêëēĕėęě", "e"),
    ("ĜĞĠĢ", "G"),
    ("ĝğġģ", "g"),
    ("ĤĦ", "H"),
    ("ĥħ", "h"),
    ("ÌÍÎÏĨĪĬĮİ", "I"),
    ("ìíîïĩīĭįı", "i"),
    ("Ĵ", "J"),
    ("ĵ", "j"),
    ("Ķ", "K"),
    ("ķ", "k"),
    ("ĹĻĽĿŁ", "L"),
    ("ĺļľŀł", "l"),
    ("ÑŃŅŇ", "N"),
    ("ñńņňŉ", "n"),
    ("ÒÓÔÕÖØŌŎŐŒ", "O"),
    ("òóôõöøōŏőœ", "o"),
    ("ŔŖŘ", "R"),
    ("ŕŗř", "r"),
    ("ŚŜŞŠȘ", "S"),
    ("śŝşšșß", "s"),
    ("ŢŤŦȚÞ", "T"),
    ("ţťŧțþ", "t"),
    ("ÙÚÛÜŨŪŬŮŰŲ", "U"),
    ("ùúûüũūŭůűų", "u"),
    ("Ŵ", "W"),
    ("ŵ", "w"),
    ("ÝŶŸ", "Y"),
    ("ýŷÿ", "y"),
    ("ŹŻŽ", "Z"),
    ("źżž", "z"),
    ("&", "+"),
    ("_–—", "-"),
    ("\"`´’‘“”", "'"),
    ("[{<", "("),
    ("]}>", ")"),
    (";", ","),
    ("!", "?"),
    ("@#%|\\*=^~$€£§°", "."),
    ("\u{a0}\t", " "),
];

/// A text in the Latin set; `None` where a character has no place in it and nothing stands for it. Such a name is
/// never sent shortened: somebody else's name might be left.
pub(super) fn transliterate(text: &str) -> Option<Cow<'_, str>> {
    if text.chars().all(is_latin) {
        return Some(Cow::Borrowed(text));
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_latin(c) {
            out.push(c);
            continue;
        }
        let (_, stands) = LETTERS.iter().find(|(letters, _)| letters.contains(c))?;
        out.push_str(stands);
    }
    Some(Cow::Owned(out))
}

/// Whether an account number is an IBAN: its shape, and its check digits (mod 97).
pub(super) fn is_iban(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shape = (15..=34).contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes[4..].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let rest = shape.then(|| {
        bytes[4..].iter().chain(&bytes[..4]).fold(0_u64, |rest, b| {
            // Divided only where two digits more might not fit: once or twice.
            let rest = if rest < u64::MAX / 1_000 { rest } else { rest % 97 };
            match b {
                b'0'..=b'9' => rest * 10 + u64::from(b - b'0'),
                letter => rest * 100 + u64::from(letter - b'A') + 10,
            }
        })
    });
    rest.is_some_and(|rest| rest % 97 == 1)
}

/// Whether a text is a BIC: bank, country, place, and a branch or none.
pub(super) fn is_bic(text: &str) -> bool {
    let bytes = text.as_bytes();
    matches!(bytes.len(), 8 | 11)
        && bytes[..4].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        && bytes[4..6].iter().all(u8::is_ascii_uppercase)
        && bytes[6..].iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_into_letters_or_refused() {
        let latin = |text| transliterate(text);
        assert_eq!(latin("Müller & Söhne_Ltd").as_deref(), Some("Muller + Sohne-Ltd"));
        assert_eq!(latin("Łódź Œuvre").as_deref(), Some("Lodz Ouvre"));
        assert_eq!(latin("Иван"), None);
        assert_eq!(latin("测试甲"), None);
        assert_eq!(latin("A测"), None, "half a name is another name");
    }

    #[test]
    fn ids_are_short_and_plain() {
        assert!(is_id("M1-20260302-0001-1") && is_id("a".repeat(35).as_str()));
        for bad in ["", "a_b", "/a", "a/", "a//b", "a ", "测", "123e4567-e89b-12d3-a456-426614174000"] {
            assert!(!is_id(bad), "{bad}");
        }
    }

    #[test]
    fn account_numbers_are_checked_by_published_ones() {
        // The registry's own examples.
        let long = ["MT84MALT011000012345MTLCAST001S", "LC55HEMM000100010012001200023015"];
        let usual = ["DE89370400440532013000", "GB29NWBK60161331926819", "CH9300762011623852957", "NL91ABNA0417164300"];
        for iban in usual.into_iter().chain(long) {
            assert!(is_iban(iban), "{iban}");
        }
        for bad in
            ["DE88370400440532013000", "6226090000000048", "DE8937040044053201300O", "", "de89370400440532013000"]
        {
            assert!(!is_iban(bad), "{bad}");
        }
        assert!(is_bic("DEUTDEFF") && is_bic("DEUTDEFF500") && !is_bic("DEUTDEF") && !is_bic("deutdeff"));
    }
}
