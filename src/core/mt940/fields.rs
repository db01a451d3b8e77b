//! Lines → fields `:61:…`, in messages with or without SWIFT's blocks `{1:…}{2:…}{4: … -}`.

use std::io::Read;

use super::broken;
use super::lines::Lines;
use crate::formats::LIMIT;
use crate::formats::records::FileError;

/// One field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Field {
    /// `61`, `60F`.
    pub tag: String,
    /// Where it begins.
    pub line: u64,
    /// Its value, line by line: the first stands behind the tag.
    pub lines: Vec<String>,
}

impl Field {
    /// The first line of the value.
    pub(super) fn first(&self) -> &str {
        self.lines.first().map_or("", String::as_str)
    }
}

/// What the fields come out of.
#[derive(Debug)]
pub(super) struct Fields<R> {
    lines: Lines<R>,
    /// A field whose value may go on in the next line.
    open: Option<Field>,
    /// Bytes of its value.
    bytes: usize,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// No message has begun, or the last one has ended.
    Between,
    /// In a message without blocks.
    Bare,
    /// In the text block of one with blocks, which began in this line.
    Block(u64),
}

impl<R: Read> Fields<R> {
    pub(super) fn new(lines: Lines<R>) -> Fields<R> {
        Fields { lines, open: None, bytes: 0, place: Place::Between }
    }

    /// How many lines were read.
    pub(super) fn line(&self) -> u64 {
        self.lines.number
    }

    /// The next field; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Field>, FileError> {
        loop {
            let Some(text) = self.lines.next()? else { return self.end() };
            let line = self.lines.number;
            if let Some((tag, value)) = tag(&text) {
                if self.place == Place::Between {
                    self.place = Place::Bare;
                }
                self.bytes = value.len();
                let field = Field { tag: tag.to_owned(), line, lines: vec![value.to_owned()] };
                if let Some(done) = self.open.replace(field) {
                    return Ok(Some(done));
                }
                continue;
            }
            let ends = match self.place {
                Place::Block(_) => text.starts_with("-}"),
                Place::Bare => text.trim_end() == "-" || text.starts_with("-}"),
                Place::Between => false,
            };
            if ends {
                self.place = Place::Between;
                let done = self.open.take();
                if text.starts_with("-}") {
                    self.between(&text, 2, line)?;
                }
                if done.is_some() {
                    return Ok(done);
                }
                continue;
            }
            match self.place {
                Place::Between => self.between(&text, 0, line)?,
                _ => self.more(text, line)?,
            }
        }
    }

    /// One more line of the open field.
    fn more(&mut self, text: String, line: u64) -> Result<(), FileError> {
        let Some(open) = &mut self.open else {
            let rule = "a message begins with its fields, `:20:` first; something stands before them";
            return Err(broken(line, 1, "no field has begun", rule));
        };
        self.bytes += text.len();
        if self.bytes > LIMIT {
            let rule = "no bank writes such fields; the line ends or the whole file are broken";
            return Err(broken(line, 0, format!("the field :{}: is longer than {LIMIT} bytes", open.tag), rule));
        }
        open.lines.push(text);
        Ok(())
    }

    fn end(&mut self) -> Result<Option<Field>, FileError> {
        if let Place::Block(began) = self.place {
            let rule = "a file is taken whole or not at all; it was cut short on its way, fetch it again";
            let problem = format!("the message that began in line {began} has no end `-}}`");
            return Err(broken(self.lines.number + 1, 0, problem, rule));
        }
        Ok(self.open.take())
    }

    /// What may stand between messages, from this byte of the line on: nothing, a dash, the blocks around a text.
    fn between(&mut self, text: &str, from: usize, line: u64) -> Result<(), FileError> {
        let mut rest = text[from..].trim_matches([' ', '$']);
        if rest == "-" {
            return Ok(());
        }
        while let Some(block) = rest.strip_prefix('{') {
            if let Some(inside) = block.strip_prefix("4:") {
                if !inside.trim().is_empty() {
                    return Err(broken(line, 0, "text stands behind `{4:`", "the fields begin in the next line"));
                }
                self.place = Place::Block(line);
                return Ok(());
            }
            let Some(end) = closing(block) else {
                let rule = "blocks {1:…} to {3:…} and {5:…} are closed in their line; the file is damaged";
                return Err(broken(line, 0, "a block is not closed", rule));
            };
            if let Some(header) = block.strip_prefix("2:") {
                check_type(&header[..end.saturating_sub(2).min(header.len())], line)?;
            }
            rest = block[end + 1..].trim_matches([' ', '$']);
        }
        if rest.is_empty() {
            return Ok(());
        }
        let before = text.find(rest).unwrap_or(0);
        let column = u32::try_from(text[..before].chars().count() + 1).unwrap_or(u32::MAX);
        let rule = "statements hold fields such as :20: and :61: and nothing around them; is it an MT940 file?";
        Err(broken(line, column, "this is no field of a statement", rule))
    }
}

/// Where the brace that was opened before `block` closes; braces inside are pairs.
fn closing(block: &str) -> Option<usize> {
    let mut depth = 1;
    block.char_indices().find_map(|(at, c)| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        (depth == 0).then_some(at)
    })
}

/// `I940…` or `O940…`: other messages look alike and mean something else.
fn check_type(header: &str, line: u64) -> Result<(), FileError> {
    let kind = header.get(1..4).unwrap_or_default();
    if kind == "940" {
        return Ok(());
    }
    let rule = "only MT940 says what was booked; ask the bank for it, or leave the other messages out";
    Err(broken(line, 0, format!("it is a message MT{kind}"), rule))
}

/// `:61:…` → (`61`, `…`).
fn tag(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix(':')?;
    let (tag, value) = rest.split_at_checked(rest.find(':').filter(|at| matches!(at, 2 | 3))?)?;
    let mut letters = tag.bytes();
    let digits = letters.by_ref().take(2).all(|b| b.is_ascii_digit());
    (digits && letters.all(|b| b.is_ascii_uppercase())).then(|| (tag, &value[1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_two_digits_and_perhaps_a_letter() {
        assert_eq!(tag(":61:2409"), Some(("61", "2409")));
        assert_eq!(tag(":28C:1/1"), Some(("28C", "1/1")));
        for text in [":6:1", ":611:1", ":NS:1", "61:1", ":61", "：61：1", ":61", ""] {
            assert_eq!(tag(text), None, "{text}");
        }
    }

    #[test]
    fn blocks_may_nest() {
        assert_eq!(closing("3:{108:A}}{4:"), Some(9));
        assert_eq!(closing("1:F01"), None);
    }
}
