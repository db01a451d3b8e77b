//! File names: written from the facts of a file, read back into facts, from one template.
//!
//! `DK{institution:8}{merchant:15}{file_date:%Y%m%d}{seq:04}I.txt` · `{bank_code}{file_date:%Y%m%d}[_{seq}].PK`

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};

use super::pattern::Pattern;
use super::records::FileFacts;

/// A compiled name.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    pub(super) parts: Vec<Part>,
}

/// One part of a name.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Plain(String),
    Param {
        name: String,
        width: Option<usize>,
    },
    Moment(Clock, Pattern),
    Seq {
        width: usize,
    },
    /// `{any}`: what a bank puts there and nobody documents. Only where we never write the name.
    Any,
    /// `[…]`: written from the second file of a date on; absent means the first.
    Later(Vec<Part>),
}

/// The moments a file knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    FileDate,
    BusinessDate,
    MadeAt,
    SentAt,
}

impl Clock {
    fn of(word: &str) -> Option<Clock> {
        match word {
            "file_date" => Some(Clock::FileDate),
            "business_date" => Some(Clock::BusinessDate),
            "made_at" => Some(Clock::MadeAt),
            "sent_at" => Some(Clock::SentAt),
            _ => None,
        }
    }

    /// The moment itself. `sent_at` moves one second per file: a head that carries a time may not repeat within a date.
    pub(super) fn of_file(self, facts: &FileFacts) -> NaiveDateTime {
        match self {
            Clock::FileDate => facts.file_date.and_time(NaiveTime::MIN),
            Clock::BusinessDate => facts.business_date.and_time(NaiveTime::MIN),
            Clock::MadeAt => facts.made_at,
            Clock::SentAt => {
                let later = TimeDelta::seconds(i64::from(facts.seq.saturating_sub(1)));
                facts.made_at.checked_add_signed(later).unwrap_or(facts.made_at)
            }
        }
    }
}

const WORDS: &str = "write a parameter of the bank as {merchant} or {merchant:15}, {file_date:%Y%m%d}, \
                     {business_date:…}, {made_at:%H%M%S}, {sent_at:…}, {seq} or {seq:04}, {any}, or [_{seq}]";

impl Template {
    /// Compiles; the error is (offset in the text, problem).
    pub(crate) fn parse(source: &str) -> Result<Template, (usize, String)> {
        let mut rest = source;
        let parts = parse_parts(&mut rest, source, false)?;
        if parts.is_empty() {
            return Err((0, format!("the name is empty; {WORDS}")));
        }
        Ok(Template { parts })
    }

    /// The parameters it takes from the bank.
    pub(crate) fn params(&self) -> Vec<&str> {
        let name = |part: &'_ Part| matches!(part, Part::Param { .. });
        self.flat().into_iter().filter(|p| name(p)).filter_map(Part::param).collect()
    }

    /// Whether every part can be written.
    pub(crate) fn writable(&self) -> bool {
        !self.flat().iter().any(|part| matches!(part, Part::Any))
    }

    /// Whether two files of one date get two names.
    pub(crate) fn tells_files_apart(&self) -> bool {
        self.flat().iter().any(|part| matches!(part, Part::Seq { .. } | Part::Moment(Clock::SentAt, _)))
    }

    /// Whether any name fits, or any with an ending half the world uses: such a name is no sign of the format.
    pub(crate) fn says_nothing(&self) -> bool {
        match self.parts.as_slice() {
            [Part::Any] => true,
            [Part::Any, Part::Plain(ending)] => [".xml", ".txt", ".csv"].contains(&ending.as_str()),
            _ => false,
        }
    }

    /// Characters that stand for themselves: how much a match says.
    pub(super) fn plain_chars(&self) -> usize {
        self.flat().iter().map(|p| if let Part::Plain(text) = p { text.chars().count() } else { 0 }).sum()
    }

    fn flat(&self) -> Vec<&Part> {
        let mut all = Vec::new();
        for part in &self.parts {
            match part {
                Part::Later(inner) => all.extend(inner),
                other => all.push(other),
            }
        }
        all
    }

    /// The name of a file we write; the error is (part, problem).
    pub(crate) fn write(&self, facts: &FileFacts) -> Result<String, (String, String)> {
        let mut out = String::new();
        write_parts(&self.parts, facts, &mut out)?;
        Ok(out)
    }
}

impl Part {
    fn param(&self) -> Option<&str> {
        if let Part::Param { name, .. } = self { Some(name) } else { None }
    }
}

fn parse_parts<'s>(rest: &mut &'s str, source: &'s str, inside: bool) -> Result<Vec<Part>, (usize, String)> {
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let at = source.len() - rest.len();
        if let Some(after) = rest.strip_prefix('{') {
            let Some((word, tail)) = after.split_once('}') else {
                return Err((at, format!("`{{` is not closed; {WORDS}")));
            };
            parts.push(parse_word(word).map_err(|problem| (at, problem))?);
            *rest = tail;
        } else if let Some(after) = rest.strip_prefix('[') {
            if inside {
                return Err((at, "`[` inside `[…]`; close the first one".to_owned()));
            }
            *rest = after;
            let inner = parse_parts(rest, source, true)?;
            let Some(after) = rest.strip_prefix(']') else {
                return Err((at, "`[` is not closed; write ] after the part that only later files carry".to_owned()));
            };
            if !inner.iter().any(|part| matches!(part, Part::Seq { .. })) {
                return Err((at, "`[…]` stands for the second and later files of a date; it needs {seq}".to_owned()));
            }
            *rest = after;
            parts.push(Part::Later(inner));
        } else if rest.starts_with(']') && inside {
            return Ok(parts);
        } else {
            let end = rest.find(['{', '[', ']', '}']).unwrap_or(rest.len());
            if end == 0 || rest[..end].contains(['/', '\\']) {
                return Err((at, "a file name holds no `}`, `]`, `/` or `\\` here".to_owned()));
            }
            parts.push(Part::Plain(rest[..end].to_owned()));
            *rest = &rest[end..];
        }
    }
    Ok(parts)
}

fn parse_word(word: &str) -> Result<Part, String> {
    let (name, option) = word.split_once(':').unwrap_or((word, ""));
    if let Some(clock) = Clock::of(name) {
        if option.is_empty() {
            return Err(format!("`{{{name}}}` needs a date format; write {{{name}:%Y%m%d}}"));
        }
        return Ok(Part::Moment(clock, Pattern::parse(option)?));
    }
    let width = match option.trim_start_matches('0') {
        "" if option.is_empty() => None,
        digits => match digits.parse::<usize>() {
            Ok(width @ 1..=64) => Some(width),
            _ => return Err(format!("`{option}` is no width from 1 to 64; {WORDS}")),
        },
    };
    match name {
        "seq" => Ok(Part::Seq { width: width.unwrap_or(1) }),
        "any" if width.is_none() => Ok(Part::Any),
        _ if !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') => {
            Ok(Part::Param { name: name.to_owned(), width })
        }
        _ => Err(format!("`{{{word}}}` is no part of a name; {WORDS}")),
    }
}

fn write_parts(parts: &[Part], facts: &FileFacts, out: &mut String) -> Result<(), (String, String)> {
    for part in parts {
        match part {
            Part::Plain(text) => out.push_str(text),
            Part::Moment(clock, pattern) => pattern.write(clock.of_file(facts), out),
            Part::Seq { width } => {
                let digits = facts.seq.to_string();
                if facts.seq == 0 || (*width > 1 && digits.len() > *width) {
                    return Err(("seq".into(), format!("{digits} is outside 1 to {}", "9".repeat(*width))));
                }
                out.extend(std::iter::repeat_n('0', width.saturating_sub(digits.len())));
                out.push_str(&digits);
            }
            Part::Later(inner) if facts.seq >= 2 => write_parts(inner, facts, out)?,
            Part::Later(_) => {}
            Part::Any => return Err(("any".into(), "the bank makes this name, we never write it".into())),
            Part::Param { name, width } => {
                let value = facts.params.get(name).map(String::as_str).unwrap_or_default();
                let plain = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
                if value.is_empty() || !plain || width.is_some_and(|w| w != value.len()) {
                    let wanted = width.map_or("letters, digits".to_owned(), |w| format!("{w} letters or digits"));
                    return Err((name.clone(), format!("the bank's parameter is `{value}`, the name needs {wanted}")));
                }
                out.push_str(value);
            }
        }
    }
    Ok(())
}
