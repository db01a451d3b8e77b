//! The words of an entry (附言): `:86:` as banks write it: free lines, `166?00…?20…`, or `/EREF/…/REMI/…`.

/// What an entry says in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Narrative {
    /// Three digits before the subfields (业务代码), where there are any.
    pub code: String,
    /// Parts by their keys: `?20`, `/EREF/`. None if the words are free.
    pub parts: Vec<(String, String)>,
    /// Everything that is for people.
    pub words: String,
}

/// A line of so many characters is full: what follows goes on with the same word.
const FULL: usize = 65;

impl Narrative {
    /// Reads the lines of a field.
    pub(super) fn parse(lines: &[String]) -> Narrative {
        let joined = lines.concat();
        question_marks(&joined)
            .or_else(|| slashes(&joined))
            .unwrap_or_else(|| Narrative { words: free(lines), ..Narrative::default() })
    }

    /// A part by its key; empty if there is none.
    pub fn part(&self, key: &str) -> &str {
        self.parts.iter().find(|(own, _)| own == key).map_or("", |(_, text)| text)
    }

    /// What stands behind a mark such as `EREF+` in the words, up to the next such mark or the next blank.
    pub fn behind(&self, mark: &str) -> &str {
        let Some((_, rest)) = self.words.split_once(mark) else { return "" };
        let end = rest.find(' ').unwrap_or(rest.len());
        let next = rest[..end].find('+').map_or(end, |plus| {
            let key = rest[..plus].bytes().rev().take_while(|b| b.is_ascii_uppercase()).count();
            plus - key.min(4)
        });
        &rest[..next]
    }
}

/// `166?00代扣入账?20…?21…`: the character behind the code separates, two digits are the key.
fn question_marks(text: &str) -> Option<Narrative> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let code = text.get(..digits).filter(|_| digits == 3 || digits == 0)?;
    let rest = &text[digits..];
    let separator = rest.chars().next().filter(|c| if digits == 0 { *c == '?' } else { c.is_ascii_punctuation() })?;
    rest[1..].get(..2).filter(|key| key.bytes().all(|b| b.is_ascii_digit()))?;
    let mut narrative = Narrative { code: code.to_owned(), ..Narrative::default() };
    for part in rest[1..].split(separator) {
        match part.split_at_checked(2).filter(|(key, _)| key.bytes().all(|b| b.is_ascii_digit())) {
            Some((key, value)) => narrative.parts.push((format!("?{key}"), value.to_owned())),
            // The separator stands inside a value: it belongs to it.
            None => {
                if let Some((_, value)) = narrative.parts.last_mut() {
                    value.push(separator);
                    value.push_str(part);
                }
            }
        }
    }
    let purpose = |key: &str| matches!(key.as_bytes(), [_, b'2', _] | [_, b'6', b'0'..=b'3']);
    let posting = narrative.part("?00").trim().to_owned();
    let words: String = narrative.parts.iter().filter(|(key, _)| purpose(key)).map(|(_, text)| text.as_str()).collect();
    narrative.words = [posting, words.trim().to_owned()].join(" ").trim().to_owned();
    Some(narrative)
}

/// `/EREF/9010…/REMI/电费`: a key is two to eight capitals or digits between slashes.
fn slashes(text: &str) -> Option<Narrative> {
    let key = |at: usize| {
        let inside = text[at + 1..].split_once('/')?.0;
        let capitals = inside.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
        let word = inside.bytes().next().is_some_and(|b| b.is_ascii_uppercase());
        (capitals && word && (2..=8).contains(&inside.len())).then_some(inside.len() + 2)
    };
    if !text.starts_with('/') {
        return None;
    }
    let first = key(0)?;
    let mut narrative = Narrative::default();
    let (mut start, mut at) = ((0, first), first);
    let push = |narrative: &mut Narrative, (from, length): (usize, usize), end: usize| {
        let value = text[from + length..end].trim_matches(['/', ' ']).to_owned();
        narrative.parts.push((text[from..from + length].to_owned(), value));
    };
    while let Some(found) = text[at..].find('/') {
        let slash = at + found;
        match key(slash) {
            Some(length) => {
                push(&mut narrative, start, slash);
                start = (slash, length);
                at = slash + length;
            }
            None => at = slash + 1,
        }
    }
    push(&mut narrative, start, text.len());
    // `USTD//` only says that the words behind it are free.
    let remittance = narrative.part("/REMI/").trim_start_matches("USTD//");
    narrative.words = if remittance.is_empty() { text.to_owned() } else { remittance.to_owned() };
    Some(narrative)
}

/// Lines that are full go on in the next one without a gap.
fn free(lines: &[String]) -> String {
    let mut words = String::new();
    for line in lines {
        words.push_str(line.trim_end());
        if line.chars().count() < FULL {
            words.push(' ');
        }
    }
    words.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(lines: &[&str]) -> Narrative {
        Narrative::parse(&lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn subfields() {
        let read = parse(&["166?00代扣入账?20EREF+90100516000012340SVWZ+", "电费?3062?32测试甲?2112月"]);
        assert_eq!((read.code.as_str(), read.part("?32"), read.part("?99")), ("166", "测试甲", ""));
        assert_eq!(read.words, "代扣入账 EREF+90100516000012340SVWZ+电费12月");
        assert_eq!(
            (read.behind("EREF+"), read.behind("SVWZ+"), read.behind("KREF+")),
            ("90100516000012340", "电费12月", "")
        );
        // Another separator; a question mark inside a value belongs to it.
        assert_eq!(parse(&["051>00a>20b"]).words, "a b");
        assert_eq!(parse(&["051?00why?x?20b"]).part("?00"), "why?x");
        assert_eq!(parse(&["?20ref"]).part("?20"), "ref");
    }

    #[test]
    fn keys_between_slashes() {
        let read = parse(&["/EREF/90100516000012340//MARF/M1", "/REMI/电费 2024/09"]);
        assert_eq!((read.part("/EREF/"), read.part("/MARF/")), ("90100516000012340", "M1"));
        assert_eq!(read.words, "电费 2024/09");
        assert_eq!(parse(&["/EREF/A"]).words, "/EREF/A");
    }

    #[test]
    fn free_words() {
        assert_eq!(parse(&["代扣汇总", "JS20240901.PK"]).words, "代扣汇总 JS20240901.PK");
        let full = "x".repeat(65);
        assert_eq!(parse(&[&full, "y"]).words, format!("{full}y"));
        for odd in ["", "12", "1234?20x", "/", "//", "/a/", "/EREF", "166", "166?", "166代?20"] {
            assert_eq!(parse(&[odd]).words, odd.trim(), "{odd}");
        }
    }
}
