//! Names at a door: which incoming names are ours (`*` and `?`), and how a marker's, a receipt's or a temporary name
//! is made of a file's.

use serde::{Deserialize, Deserializer};

/// Whether a name fits a pattern of `*` (anything) and `?` (one character).
pub fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut of, mut star, mut mark) = (0, 0, None, 0);
    while of < name.len() {
        match pattern.get(at) {
            Some('*') => (star, mark, at) = (Some(at), of, at + 1),
            Some(c) if *c == '?' || *c == name[of] => (at, of) = (at + 1, of + 1),
            _ => {
                let Some(back) = star else { return false };
                (at, mark) = (back + 1, mark + 1);
                of = mark;
            }
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

/// Which part of a file's name a template takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// `{name}`: all of it.
    Name,
    /// `{stem}`: without its last ending.
    Stem,
}

/// A name made of another: `{name}.ok`, `{stem}.CHK`, `ACK_{name}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    before: String,
    part: Part,
    after: String,
}

impl Template {
    /// Reads one; it must hold `{name}` or `{stem}` once, add something to it, and stay in its folder.
    pub fn parse(text: &str) -> Result<Template, String> {
        let wrong = |why: &str| Err(format!("`{text}`: {why}; write for example \"{{name}}.ok\" or \"{{stem}}.CHK\""));
        let part = if text.contains("{name}") { Part::Name } else { Part::Stem };
        let word = if part == Part::Name { "{name}" } else { "{stem}" };
        let Some((before, after)) = text.split_once(word) else { return wrong("holds neither {name} nor {stem}") };
        if [before, after].iter().any(|rest| rest.contains(['{', '}', '/', '\0'])) {
            return wrong("only one {name} or {stem} and no folder belongs in it");
        }
        if before.is_empty() && after.is_empty() {
            return wrong("it would be the file itself");
        }
        Ok(Template { before: before.to_owned(), part, after: after.to_owned() })
    }

    /// The name that belongs to a file.
    pub fn of(&self, name: &str) -> String {
        format!("{}{}{}", self.before, self.core_of(name), self.after)
    }

    /// What a file contributes to the names made of it.
    pub fn core_of<'a>(&self, name: &'a str) -> &'a str {
        match self.part {
            Part::Name => name,
            Part::Stem => name.rsplit_once('.').map_or(name, |(stem, _)| stem),
        }
    }

    /// What the file of a made name contributed; none if the name is not made this way.
    pub fn core<'a>(&self, made: &'a str) -> Option<&'a str> {
        let core = made.strip_prefix(&*self.before)?.strip_suffix(&*self.after)?;
        (!core.is_empty()).then_some(core)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Template, D::Error> {
        Template::parse(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_stars_and_question_marks() {
        let cases = [
            ("*", "", true),
            ("DK*.txt", "DK_0001.txt", true),
            ("DK*.txt", "DK_0001.txt.gz", false),
            ("??-*", "ab-", true),
            ("a*b*c", "aXbXbc", true),
            ("a*b*c", "aXbXb", false),
            ("回盘*", "回盘0001", true),
            ("", "a", false),
        ];
        for (pattern, name, wanted) in cases {
            assert_eq!(fits(pattern, name), wanted, "{pattern} {name}");
        }
    }

    #[test]
    fn a_made_name_is_known_again() {
        let ok = Template::parse("{name}.ok").unwrap();
        assert_eq!((ok.of("a.txt").as_str(), ok.core("a.txt.ok"), ok.core("a.txt")), ("a.txt.ok", Some("a.txt"), None));
        let check = Template::parse("{stem}.CHK").unwrap();
        assert_eq!((check.of("a.b.txt").as_str(), check.core("a.b.CHK")), ("a.b.CHK", Some("a.b")));
        assert_eq!(check.core_of("a.b.txt"), "a.b");
        for wrong in ["ok", "{name}", "{name}{stem}", "../{name}.ok"] {
            assert!(Template::parse(wrong).unwrap_err().contains(wrong), "{wrong}");
        }
    }
}
