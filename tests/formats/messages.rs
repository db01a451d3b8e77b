//! Every error a reader or the loader of formats can say has a case somewhere: its words are looked for in the tests.
//!
//! A message is found in the source by what makes it (`Problem::new`, `source.error`, `#[error]` …); a case is a test
//! that quotes fourteen characters in a row of it. What has none yet stands in [`WITHOUT`], which may only shrink.

use std::fs;
use std::path::{Path, PathBuf};

use super::root;

/// Where messages are made.
const FOLDERS: [&str; 5] = ["formats", "iso20022", "mt940", "workbook", "xml"];
/// What makes one.
const MAKERS: [&str; 7] = ["Problem::new(", "source.error(", "wrong(", "refuse(", "#[error(", "let problem =", "bad("];
/// So many characters of a message name it.
const ENOUGH: usize = 14;

/// Messages no test quotes yet. Take one out when it has its case; add none.
const WITHOUT: &[&str] = &[
    " parts, at most ",
    "` is no name of an element or attribute",
    "` is no sheet of cells, or its part is missing",
    "ask the bank which file it refuses, and give the answer its right name",
    "it cannot be signed: ",
    "it names more than ",
    "it speaks of more than ",
    "it stands outside ",
    "it tells of account ",
    "its text is interrupted",
    "its texts have more than ",
    "neither the entry nor its statement says a day",
    "no statement in it is of our account; ",
    "put fewer rows into one file",
    "the format has no such line here",
    "the id of the message; set the parameter",
    "the words of one entry have more than ",
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in super::files(folder) {
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found
}

/// A source's text, lines that are broken inside a literal put together; and what of it is tests.
fn halves(path: &Path) -> (String, String) {
    let text = fs::read_to_string(path).unwrap();
    let mut joined = String::new();
    for line in text.lines() {
        match line.strip_suffix('\\') {
            Some(line) => joined += line.trim_start_matches(|c: char| joined.ends_with('\u{1}') && c == ' '),
            None => {
                joined += line;
                joined.push('\n');
                continue;
            }
        }
        joined.push('\u{1}');
    }
    let mut whole = String::new();
    let mut parts = joined.split('\u{1}');
    whole += parts.next().unwrap_or_default();
    for part in parts {
        whole += part.trim_start();
    }
    let whole = whole.replace("\\\"", "\"");
    if path.file_name().is_some_and(|name| name == "tests.rs") {
        return (String::new(), whole);
    }
    match whole.split_once("#[cfg(test)]\nmod tests {") {
        Some((code, tests)) => (code.to_owned(), tests.to_owned()),
        None => (whole, String::new()),
    }
}

/// The longest fixed part of each message of a source.
fn messages(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    for maker in MAKERS {
        for (at, _) in code.match_indices(maker) {
            let rest = &code[at + maker.len()..];
            let Some(open) = rest.find('"').filter(|open| *open < 80 && !rest[..*open].contains([';', '}'])) else {
                continue;
            };
            let literal = rest[open + 1..].split(['"', '\n']).next().unwrap_or_default();
            let fixed = literal.split(['{', '}']).step_by(2);
            found.extend(fixed.max_by_key(|part| part.chars().count()).map(str::to_owned));
        }
    }
    found.retain(|part| part.chars().count() >= ENOUGH && part.contains(' '));
    found
}

#[test]
fn every_message_has_a_case() {
    let mut tests = String::new();
    for path in sources(&root().join("tests")).into_iter().filter(|path| !path.ends_with("formats/messages.rs")) {
        let (code, inner) = halves(&path);
        tests += &code;
        tests += &inner;
    }
    let mut made = Vec::new();
    for folder in FOLDERS {
        for path in sources(&root().join("src/core").join(folder)) {
            let (code, inner) = halves(&path);
            made.extend(messages(&code));
            tests += &inner;
        }
    }
    assert!(made.len() > 200, "only {} messages are found: does the source make them another way?", made.len());
    let quoted = |message: &String| {
        let chars: Vec<char> = message.chars().collect();
        chars.windows(ENOUGH).any(|piece| tests.contains(&piece.iter().collect::<String>()))
    };
    let mut without: Vec<String> = made.into_iter().filter(|message| !quoted(message)).collect();
    without.sort();
    without.dedup();
    let new: Vec<&String> = without.iter().filter(|message| !WITHOUT.contains(&message.as_str())).collect();
    assert!(new.is_empty(), "no test quotes these; add a case for each: {new:#?}");
    let done: Vec<&&str> = WITHOUT.iter().filter(|known| !without.iter().any(|message| message == *known)).collect();
    assert!(done.is_empty(), "these have a case (or are gone): take them out of WITHOUT: {done:#?}");
}
