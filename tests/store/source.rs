//! Reads SQL texts out of the store's source: `const NAME: &str = …;` with string literals, `concat!` and the files'
//! own macros around them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// One statement: where it stands, its name, its text.
#[derive(Clone, Debug)]
pub struct Statement {
    /// File below `src/store`, and line.
    pub at: String,
    /// The constant's name.
    pub name: String,
    /// The text with every macro carried out; `{rows …}` still in it.
    pub sql: String,
}

/// A macro of literals: its parameters and its body.
#[derive(Clone, Debug)]
struct Macro {
    parameters: Vec<String>,
    body: String,
}

/// Every Rust file below a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for item in fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The text of a file without its tests.
pub fn program(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    text.split("#[cfg(test)]").next().unwrap_or_default().to_owned()
}

/// Every SQL constant below a folder.
pub fn statements(folder: &Path) -> Vec<Statement> {
    let texts: Vec<(PathBuf, String)> = files(folder).into_iter().map(|path| (path.clone(), program(&path))).collect();
    let macros: BTreeMap<String, Macro> = texts.iter().flat_map(|(_, text)| macros(text)).collect();
    let mut found = Vec::new();
    for (path, text) in &texts {
        let file = path.strip_prefix(folder).unwrap().display();
        let mut from = 0;
        while let Some(place) = text[from..].find(": &str =").map(|place| from + place) {
            from = place + 8;
            let line = text[..place].rsplit('\n').next().unwrap_or_default();
            let Some(name) = line.trim_start().trim_start_matches("pub ").strip_prefix("const ") else { continue };
            let at = format!("{file}:{}", text[..place].matches('\n').count() + 1);
            let (sql, _) = Reader { text: &text[from..], macros: &macros, bound: &BTreeMap::new() }
                .value()
                .unwrap_or_else(|problem| panic!("src/store/{at}: {name}: {problem}; teach this test to read it"));
            if is_sql(&sql) {
                found.push(Statement { at, name: name.to_owned(), sql });
            }
        }
    }
    found
}

fn is_sql(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default();
    ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "ANALYZE", "CREATE", "DROP"].contains(&first)
}

/// `macro_rules! name { ($a:literal, $b:literal) => { body } }`; others are none of ours.
fn macros(text: &str) -> Vec<(String, Macro)> {
    let mut found = Vec::new();
    for part in text.split("macro_rules! ").skip(1) {
        let Some((name, rest)) = part.split_once('{') else { continue };
        let Some((head, body)) = rest.split_once("=>") else { continue };
        let head = head.trim().trim_start_matches('(').trim_end_matches(')');
        let parameters: Vec<String> = head
            .split(',')
            .filter_map(|parameter| parameter.trim().strip_suffix(":literal")?.strip_prefix('$').map(str::to_owned))
            .collect();
        let body = body.trim_start().trim_start_matches('{').to_owned();
        if !parameters.is_empty() || head.is_empty() {
            found.push((name.trim().to_owned(), Macro { parameters, body }));
        }
    }
    found
}

/// Carries out one expression of literals.
struct Reader<'a> {
    text: &'a str,
    macros: &'a BTreeMap<String, Macro>,
    bound: &'a BTreeMap<String, String>,
}

impl Reader<'_> {
    /// The value at the beginning of the text, and how long its source is.
    fn value(&self) -> Result<(String, usize), String> {
        let skipped = self.text.len() - self.text.trim_start().len();
        let rest = &self.text[skipped..];
        let (value, length) = if rest.starts_with('"') {
            literal(rest)?
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            let end = raw.find("\"#").ok_or("a raw text without an end")?;
            (raw[..end].to_owned(), end + 5)
        } else if let Some(name) = rest.strip_prefix('$') {
            let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            (self.bound.get(&name).cloned().ok_or_else(|| format!("${name} is bound to nothing"))?, name.len() + 1)
        } else {
            self.call(rest)?
        };
        Ok((value, skipped + length))
    }

    /// `name!(a, b)`.
    fn call(&self, rest: &str) -> Result<(String, usize), String> {
        let words = |rest: &str| rest.chars().take(30).collect::<String>();
        let (name, after) = rest.split_once("!(").ok_or_else(|| format!("no literal and no macro: {}", words(rest)))?;
        if !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return Err(format!("no literal and no macro: {}", words(rest)));
        }
        let mut arguments = Vec::new();
        let mut at = 0;
        loop {
            let blank =
                after[at..].len() - after[at..].trim_start_matches(|c: char| c.is_whitespace() || c == ',').len();
            at += blank;
            if after[at..].starts_with(')') {
                break;
            }
            let (value, length) = Reader { text: &after[at..], ..*self }.value()?;
            arguments.push(value);
            at += length;
        }
        let length = name.len() + 2 + at + 1;
        if name == "concat" {
            return Ok((arguments.concat(), length));
        }
        let known = self.macros.get(name).ok_or_else(|| format!("`{name}!` is not a macro of the store's literals"))?;
        let bound = known.parameters.iter().cloned().zip(arguments).collect();
        let (value, _) = Reader { text: &known.body, macros: self.macros, bound: &bound }.value()?;
        Ok((value, length))
    }
}

/// A string literal and the length of its source.
fn literal(rest: &str) -> Result<(String, usize), String> {
    let (mut value, mut skip) = (String::new(), false);
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            _ if skip && c.is_whitespace() => {}
            '"' => return Ok((value, at + 1)),
            '\\' => {
                skip = false;
                match chars.next() {
                    Some((_, 'n')) => value.push('\n'),
                    Some((_, '\n')) => skip = true,
                    Some((_, other)) => value.push(other),
                    None => break,
                }
            }
            _ => {
                skip = false;
                value.push(c);
            }
        }
    }
    Err("a text without an end".into())
}

#[test]
fn what_it_reads_is_what_the_compiler_reads() {
    let text = r#"
        macro_rules! a_columns { ($rest:literal) => { concat!("SELECT a, ", "b ", $rest) }; }
        macro_rules! from { ($t:literal, $w:literal) => { concat!(a_columns!("FROM "), $t, $w) }; }
    "#;
    let macros: BTreeMap<String, Macro> = macros(text).into_iter().collect();
    let read = |text| Reader { text, macros: &macros, bound: &BTreeMap::new() }.value().map(|(value, _)| value);
    assert_eq!(read(" \"SELECT 'x', \\\"y\\\"\"; rest"), Ok("SELECT 'x', \"y\"".into()));
    assert_eq!(read("\n  a_columns!(\n \"FROM t\"\n );"), Ok("SELECT a, b FROM t".into()));
    assert_eq!(read("from!(\"t\", \" WHERE x\")"), Ok("SELECT a, b FROM t WHERE x".into()));
    assert_eq!(read("concat!(\"a\\\n    b\", \"c\",)"), Ok("abc".into()));
    assert!(read("format!(\"a\")").is_err() && read("OTHER").is_err() && read("\"a").is_err());
}
