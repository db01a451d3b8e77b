//! The tree as tidy sees it: every file, and for Rust its code apart from its comments and strings, so that a rule
//! about code is not tripped by prose and a brace in a string does not end a function.

use std::fs;
use std::path::Path;

/// One file of the repository, or a made-up one.
pub struct File {
    /// From the top of the repository, with `/`.
    pub path: String,
    /// Everything in it.
    pub text: String,
    /// Rust only: the text with comments and the insides of strings blanked, line by line as in the file.
    pub code: String,
    /// Rust only: string literals, quotes included, with the line they start on.
    pub strings: Vec<(usize, String)>,
}

/// What a rule reads: files with their line numbers and the names used there.
impl File {
    /// A file with this content.
    pub fn new(path: &str, text: &str) -> File {
        let (code, strings) = if path.ends_with(".rs") { split(text) } else { Default::default() };
        File { path: path.to_owned(), text: text.to_owned(), code, strings }
    }

    /// Rust under src, tests or benches.
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Rust of the program itself.
    pub fn is_src(&self) -> bool {
        self.is_rust() && self.path.starts_with("src/")
    }

    /// Lines of code; a `use` with braces comes as one full path per name, all on its first line, so that
    /// `use crate::{store, web}` names `crate::store`.
    pub fn names(&self) -> Vec<(usize, String)> {
        let mut names = Vec::new();
        let mut lines = self.code.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            let Some((_, tree)) = line.split_once("use ").filter(|(before, _)| is_use(before)) else {
                names.push((at + 1, line.to_owned()));
                continue;
            };
            let mut tree = tree.to_owned();
            while !tree.contains(';') {
                let Some((_, more)) = lines.next() else { break };
                tree.push_str(more.trim());
            }
            names.extend(expand(tree.trim_end_matches(';')).into_iter().map(|name| (at + 1, name)));
        }
        names
    }

    /// Functions outside `#[cfg(test)]`: name, first line, number of lines.
    pub fn functions(&self) -> Vec<(String, usize, usize)> {
        let tests = self.test_modules();
        let line_of = |at: usize| self.code[..at].matches('\n').count() + 1;
        let mut functions = Vec::new();
        for (at, _) in self.code.match_indices("fn ") {
            let name: String = self.code[at + 3..].chars().take_while(|c| is_word(*c)).collect();
            let inside_word = self.code[..at].chars().next_back().is_some_and(is_word);
            let Some(end) = body_end(&self.code, at).filter(|_| !name.is_empty() && !inside_word) else { continue };
            if !tests.iter().any(|(from, to)| (*from..*to).contains(&at)) {
                functions.push((name, line_of(at), line_of(end) - line_of(at) + 1));
            }
        }
        functions
    }

    /// From where to where the `#[cfg(test)]` items reach.
    fn test_modules(&self) -> Vec<(usize, usize)> {
        let starts = self.code.match_indices("#[cfg(test)]").map(|(at, mark)| at + mark.len());
        starts.filter_map(|at| Some((at, body_end(&self.code, at)?))).collect()
    }
}

/// What git, cargo and the fuzzer keep below the repository's top for themselves.
const NOT_OURS: [&str; 5] = [".git", "target", "tests/fuzz/target", "tests/fuzz/corpus", "tests/fuzz/artifacts"];

/// Every file below the repository's top that is ours.
pub fn tree() -> Vec<File> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    let mut folders = vec![top.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
            let path = entry.unwrap_or_else(|e| panic!("{}: {e}", folder.display())).path();
            let name = path.strip_prefix(top).unwrap_or(&path).to_string_lossy().replace('\\', "/");
            if NOT_OURS.contains(&name.as_str()) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{name}: {e}"));
                files.push(File::new(&name, &String::from_utf8_lossy(&bytes)));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Whether `text` holds `name` as whole words: `crate::store` is not in `crate::storefront`.
pub fn has(text: &str, name: &str) -> bool {
    let (first, last) = (name.chars().next().is_some_and(is_word), name.chars().next_back().is_some_and(is_word));
    text.match_indices(name).any(|(at, _)| {
        let longer_before = first && text[..at].chars().next_back().is_some_and(is_word);
        let longer_after = last && text[at + name.len()..].chars().next().is_some_and(is_word);
        !longer_before && !longer_after
    })
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_use(before: &str) -> bool {
    let before = before.trim();
    before.is_empty() || before == "pub" || (before.starts_with("pub(") && before.ends_with(')'))
}

/// `a::{b, c::{d, e}}` → `a::b`, `a::c::d`, `a::c::e`.
fn expand(tree: &str) -> Vec<String> {
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree.trim().to_owned()] };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in inner.chars() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        match parts.last_mut() {
            Some(part) if c != ',' || depth > 0 => part.push(c),
            _ => parts.push(String::new()),
        }
    }
    let names = parts.iter().filter(|part| !part.trim().is_empty()).flat_map(|part| expand(part));
    names.map(|name| format!("{}{name}", prefix.trim())).collect()
}

/// Where the block of the item starting at `at` ends; none if it has no block (`fn f();`, `mod m;`).
fn body_end(code: &str, at: usize) -> Option<usize> {
    let (mut braces, mut brackets) = (0, 0);
    for (offset, c) in code[at..].char_indices() {
        match c {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets -= 1,
            ';' if braces == 0 && brackets == 0 => return None,
            '{' => braces += 1,
            '}' if braces == 1 => return Some(at + offset),
            '}' => braces -= 1,
            _ => {}
        }
    }
    None
}

/// Rust text → (code, strings). Knows comments (nested too), strings, raw strings, characters and lifetimes: no more
/// is needed to tell prose from code.
fn split(text: &str) -> (String, Vec<(usize, String)>) {
    let chars: Vec<char> = text.chars().collect();
    let is = |at: usize, c: char| chars.get(at) == Some(&c);
    let (mut code, mut strings, mut at) = (String::new(), Vec::new(), 0);
    while at < chars.len() {
        let raw = raw_hashes(&chars, at);
        let end = match chars[at] {
            '/' if is(at + 1, '/') => (at..).find(|i| *i >= chars.len() || is(*i, '\n')).unwrap_or(at),
            '/' if is(at + 1, '*') => comment_end(&chars, at),
            '"' => quote_end(&chars, at),
            'r' if raw.is_some() => {
                let hashes = raw.unwrap_or(0);
                let closes = |i: usize| is(i, '"') && (1..=hashes).all(|n| is(i + n, '#'));
                (at + hashes + 2..chars.len()).find(|i| closes(*i)).map_or(chars.len(), |i| i + hashes + 1)
            }
            '\'' if is(at + 1, '\\') => (at + 3..chars.len()).find(|i| is(*i, '\'')).map_or(chars.len(), |i| i + 1),
            '\'' if is(at + 2, '\'') => at + 3,
            c => {
                code.push(c);
                at += 1;
                continue;
            }
        };
        if chars[at] == '"' || chars[at] == 'r' {
            strings.push((code.matches('\n').count() + 1, chars[at..end].iter().collect()));
        }
        code.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    (code, strings)
}

/// How many `#` a raw string starting here has; none if no raw string starts here.
fn raw_hashes(chars: &[char], at: usize) -> Option<usize> {
    // `br"…"` and `cr"…"` are raw too; in `parser"…"` no string starts at the r.
    let before = at.checked_sub(1).map_or(' ', |i| chars[i]);
    let prefixed = matches!(before, 'b' | 'c') && !at.checked_sub(2).is_some_and(|i| is_word(chars[i]));
    let hashes = chars[at + 1..].iter().take_while(|c| **c == '#').count();
    let quoted = chars.get(at + 1 + hashes) == Some(&'"');
    (chars[at] == 'r' && quoted && (prefixed || !is_word(before))).then_some(hashes)
}

fn quote_end(chars: &[char], start: usize) -> usize {
    let mut at = start + 1;
    while at < chars.len() && chars[at] != '"' {
        at += if chars[at] == '\\' { 2 } else { 1 };
    }
    (at + 1).min(chars.len())
}

fn comment_end(chars: &[char], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0);
    while at < chars.len() {
        match (chars[at], chars.get(at + 1)) {
            ('/', Some('*')) => (depth, at) = (depth + 1, at + 2),
            ('*', Some('/')) => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at.min(chars.len())
}

#[test]
fn code_is_told_from_prose() {
    let text = "fn a() { let b = \"}\"; } // fn c() {\n/* fn /* d */ { */ const E: &str = r#\"SELECT \"}\"#;\n\
                fn f<'a>(x: &'a [u8; 2]) -> char {\n'{' }\nuse crate::{g::{H, I}, j};\n";
    let file = File::new("src/a.rs", text);
    assert_eq!(file.strings, [(1, "\"}\"".to_owned()), (2, "r#\"SELECT \"}\"#".to_owned())]);
    assert_eq!(file.functions(), [("a".to_owned(), 1, 1), ("f".to_owned(), 3, 2)]);
    let names: Vec<String> = file.names().into_iter().filter(|(line, _)| *line == 5).map(|(_, name)| name).collect();
    assert_eq!(names, ["crate::g::H", "crate::g::I", "crate::j"]);
    assert!(has("a crate::store b", "crate::store") && !has("crate::storefront", "crate::store"));
}
