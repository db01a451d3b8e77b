//! What a bank's format says about its statements: where our reference stands, what kinds of money there are.

use super::entry::Entry;
use crate::formats::records::MoneyKind;

/// How one bank's statements are read.
#[derive(Clone, Debug)]
pub struct Options {
    /// The currency of the account; another one is refused.
    pub currency: String,
    /// Where our reference is looked for, best place first.
    pub references: Vec<Reference>,
    /// What a line is; the first rule that fits decides.
    pub kinds: Vec<KindRule>,
    /// Pages of one statement may come in files of their own.
    pub pages_apart: bool,
}

/// A place where a bank repeats what a line belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// The customer's reference of `:61:`.
    Customer,
    /// The bank's reference, behind `//`.
    Bank,
    /// The second line of `:61:`.
    Supplementary,
    /// A part of `:86:`: `?20`, `/EREF/`.
    Part(String),
    /// Behind a mark inside the words of `:86:`: `EREF+`.
    Mark(String),
    /// All the words.
    Words,
}

impl Reference {
    /// Reads a word of a format file; the error says which there are.
    pub fn parse(word: &str) -> Result<Reference, String> {
        let capitals = |text: &str| (2..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_uppercase());
        let digits = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        let between = |text: &str| text.strip_prefix('/').and_then(|t| t.strip_suffix('/')).is_some_and(capitals);
        match word {
            "customer" => Ok(Reference::Customer),
            "bank" => Ok(Reference::Bank),
            "supplementary" => Ok(Reference::Supplementary),
            "words" => Ok(Reference::Words),
            _ if word.strip_prefix('?').is_some_and(digits) || between(word) => Ok(Reference::Part(word.to_owned())),
            _ if word.strip_suffix('+').is_some_and(capitals) => Ok(Reference::Mark(word.to_owned())),
            _ => Err(format!(
                "`{word}` is no place of a reference; accepted: customer, bank, supplementary, words, and parts of \
                 :86: such as ?20, /EREF/ or EREF+"
            )),
        }
    }

    fn of<'e>(&self, entry: &'e Entry) -> &'e str {
        let text = match self {
            Reference::Customer => &entry.customer,
            Reference::Bank => &entry.bank,
            Reference::Supplementary => &entry.supplementary,
            Reference::Words => &entry.narrative.words,
            Reference::Part(key) => entry.narrative.part(key),
            Reference::Mark(mark) => entry.narrative.behind(mark),
        };
        text.trim()
    }
}

/// One rule of the table of kinds; what is not given fits all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindRule {
    /// The type of `:61:` (`NTRF`, or `TRF` whoever made it), or the three digits before the subfields of `:86:`.
    pub code: Option<String>,
    /// Stands in the words of `:86:`, or in the second line of `:61:`.
    pub text: Option<String>,
    /// What the line then is.
    pub kind: MoneyKind,
}

impl KindRule {
    fn fits(&self, entry: &Entry) -> bool {
        let code =
            |code: &String| entry.code == *code || entry.code.get(1..) == Some(code) || entry.narrative.code == *code;
        let text = |text: &String| entry.narrative.words.contains(text) || entry.supplementary.contains(text);
        self.code.as_ref().is_none_or(code) && self.text.as_ref().is_none_or(text)
    }
}

impl Options {
    /// What the bank says an entry belongs to; empty if it says nothing.
    pub fn reference<'e>(&self, entry: &'e Entry) -> &'e str {
        self.references.iter().map(|place| place.of(entry)).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// What an entry is by the table.
    pub fn kind(&self, entry: &Entry) -> MoneyKind {
        self.kinds.iter().find(|rule| rule.fits(entry)).map_or(MoneyKind::Other, |rule| rule.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_a_closed_list() {
        assert_eq!(Reference::parse("customer"), Ok(Reference::Customer));
        assert_eq!(Reference::parse("?20"), Ok(Reference::Part("?20".to_owned())));
        assert_eq!(Reference::parse("/EREF/"), Ok(Reference::Part("/EREF/".to_owned())));
        assert_eq!(Reference::parse("EREF+"), Ok(Reference::Mark("EREF+".to_owned())));
        for word in ["", "?2", "?ab", "//", "/eref/", "+", "eref+", "86"] {
            assert!(Reference::parse(word).unwrap_err().contains("accepted: customer, bank"), "{word}");
        }
    }
}
