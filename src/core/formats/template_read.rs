//! File names read back: which facts a name tells, if it is one of the template.

use super::pattern::Found;
use super::records::{NameFacts, Params};
use super::template::{Clock, Part, Template};

impl Template {
    /// What a name says; `None` if it is not such a name. Parameters that are not given match any.
    pub(crate) fn read(&self, name: &str, params: &Params) -> Option<NameFacts> {
        // A name is at most 255 bytes on every file system; longer ones would only cost time.
        if name.len() > 255 {
            return None;
        }
        let read = |name: &str| {
            let mut facts = NameFacts::default();
            matches(&self.parts, &[], name, params, &mut facts).then_some(facts)
        };
        read(name).or_else(|| read(&first_copy(name)?))
    }
}

/// A file delivered again carries `-2`, `-3` … before its extension: the name of the first delivery.
fn first_copy(name: &str) -> Option<String> {
    let (stem, extension) = name.rsplit_once('.')?;
    let (stem, copy) = stem.rsplit_once('-')?;
    let again = copy.len() <= 3 && !copy.starts_with('0') && copy.parse::<u32>().is_ok_and(|n| n >= 2);
    again.then(|| format!("{stem}.{extension}"))
}

/// Matches `parts` and then `after` against the whole of `text`.
fn matches(parts: &[Part], after: &[Part], text: &str, params: &Params, facts: &mut NameFacts) -> bool {
    let Some((part, rest)) = parts.split_first() else {
        return if after.is_empty() { text.is_empty() } else { matches(after, &[], text, params, facts) };
    };
    match part {
        Part::Plain(plain) => {
            text.strip_prefix(plain.as_str()).is_some_and(|tail| matches(rest, after, tail, params, facts))
        }
        Part::Moment(clock, pattern) => {
            let Some((head, tail)) = text.split_at_checked(pattern.bytes()) else { return false };
            match pattern.read(head) {
                None => return false,
                Some(Found::Date(date)) if *clock == Clock::FileDate => facts.file_date = Some(date),
                Some(_) => {}
            }
            matches(rest, after, tail, params, facts)
        }
        Part::Seq { width } => {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count().min(9);
            (*width..=digits).rev().any(|n| {
                let number = text[..n].parse().ok().filter(|_| n == *width || !text.starts_with('0'));
                number.is_some_and(|seq: u32| {
                    seq > 0 && {
                        facts.seq = Some(seq);
                        matches(rest, after, &text[n..], params, facts)
                    }
                })
            })
        }
        Part::Later(inner) => {
            if matches(inner, rest, text, params, facts) {
                return facts.seq.is_some_and(|seq| seq >= 2);
            }
            facts.seq = Some(1);
            matches(rest, after, text, params, facts)
        }
        Part::Any => text
            .char_indices()
            .map(|(at, _)| at)
            .chain([text.len()])
            .any(|at| matches(rest, after, &text[at..], params, facts)),
        Part::Param { name, width } => match params.get(name) {
            Some(value) => {
                text.strip_prefix(value.as_str()).is_some_and(|tail| matches(rest, after, tail, params, facts))
            }
            None => {
                let plain = text.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"._-".contains(b)).count();
                let (least, most) = width.map_or((1, plain.min(64)), |w| (w, w.min(plain)));
                (least..=most).rev().any(|n| matches(rest, after, &text[n..], params, facts))
            }
        },
    }
}
