//! Every error a reader or the loader of formats can say has a case somewhere: its words are looked for in the tests.
//!
//! A message is found in the source by what makes it (`Problem::new`, `source.error`, `#[error]` …); a case is a test,
//! or what stands beside a file of a test, that quotes fourteen characters in a row of it.

use std::fs;
use std::path::{Path, PathBuf};

use super::root;

/// Where messages are made.
const FOLDERS: [&str; 5] = ["formats", "iso20022", "mt940", "workbook", "xml"];
/// What makes one.
const MAKERS: [&str; 7] = ["Problem::new(", "source.error(", "wrong(", "refuse(", "#[error(", "let problem =", "bad("];
/// So many characters of a message name it.
const ENOUGH: usize = 14;

/// Source files; below the tests also what is said of each file.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for path in super::files(folder) {
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs" || ending == "json") {
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
    assert!(without.is_empty(), "no test quotes these; add a case for each: {without:#?}");
}
