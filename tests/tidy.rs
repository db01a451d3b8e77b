//! The source is tested too: layers, sizes, words. Each rule is one test, shown first to turn red on made-up offences
//! (a rule that cannot fail is a defect) and then run over the tree. A limit may be lowered, never raised.

mod shape;
mod source;
mod words;

use std::sync::LazyLock;

use source::{File, has};

static TREE: LazyLock<Vec<File>> = LazyLock::new(source::tree);

/// Shows that `rule` turns red on each offending file and stays green on the innocent ones, then runs it on the tree.
fn check(red: &[(&str, &str)], green: &[(&str, &str)], rule: impl Fn(&[File]) -> Vec<String>) {
    for (path, text) in red {
        let found = rule(&[File::new(path, text)]);
        assert!(
            found.iter().any(|line| line.starts_with(&format!("{path}:"))),
            "not caught: {path}\n{text}\n{found:?}"
        );
    }
    for (path, text) in green {
        let found = rule(&[File::new(path, text)]);
        assert!(found.is_empty(), "caught though innocent:\n{}", found.join("\n"));
    }
    let found = rule(&TREE);
    assert!(found.is_empty(), "{} to put right:\n{}\n", found.len(), found.join("\n"));
}

/// What to do, and where: the form editors and terminals turn into a link.
fn at(file: &File, line: usize, advice: &str) -> String {
    format!("{}:{line}: {advice}", file.path)
}

/// A rule about files one by one, from what it finds in one: line and advice.
fn each(files: &[File], rule: impl Fn(&File) -> Vec<(usize, String)>) -> Vec<String> {
    files.iter().flat_map(|f| rule(f).into_iter().map(move |(line, advice)| at(f, line, &advice))).collect()
}

/// One finding, if there is one.
fn when(found: bool, line: usize, advice: String) -> Vec<(usize, String)> {
    if found { vec![(line, advice)] } else { vec![] }
}

/// A rule about words of code in some files.
fn words(files: &[File], among: impl Fn(&File) -> bool, banned: &[&str], advice: &str) -> Vec<String> {
    let mut found = Vec::new();
    for f in files.iter().filter(|f| among(f)) {
        for (line, text) in f.names() {
            let named = banned.iter().filter(|word| has(&text, word));
            found.extend(named.map(|word| at(f, line, &format!("`{word}`: {advice}"))));
        }
    }
    found
}
