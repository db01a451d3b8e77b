//! Rules about the shape of the tree: openings, sizes, what stands where.

use std::collections::BTreeSet;

use super::source::{File, has};
use super::{at, check, each, when};

const FILE_LINES_MAX: usize = 300;
const FUNCTION_LINES_MAX: usize = 80;
const LINE_CHARS_MAX: usize = 120;

const TOP: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "src",
    "jobs",
    "formats",
    "migrations",
    "tests",
    "samples",
    "benches",
    "docs",
    "README.md",
    "README.zh-CN.md",
    "ARCHITECTURE.md",
    "LICENSE",
    "check",
    ".cargo",
    ".ci",
    "rustfmt.toml",
    "clippy.toml",
    "deny.toml",
]; // and `.git*`

#[test]
fn every_file_opens_with_what_it_is_for() {
    let red =
        [("src/a.rs", "use x;"), ("jobs/a.toml", "x = 1"), ("migrations/a.sql", "\nCREATE"), ("benches/b.rs", "")];
    check(&red, &[("formats/a.toml", "# Why.\nx = 1"), ("samples/a.toml", "x = 1")], |files| {
        let in_data = |f: &File| ["formats/", "jobs/", "migrations/"].iter().any(|folder| f.path.starts_with(folder));
        each(files, |f| {
            let mark = match f.path.rsplit('.').next() {
                Some("rs") => "//!",
                Some("toml") if in_data(f) => "#",
                Some("sql") if in_data(f) => "--",
                _ => return vec![],
            };
            when(!f.text.starts_with(mark), 1, format!("open with `{mark}` and a sentence on what the file is for"))
        })
    });
}

#[test]
fn files_functions_and_lines_are_short() {
    let (file, function) = ("//!\n".repeat(301), format!("fn a() {{\n{}}}\n", "b();\n".repeat(79)));
    let tests = format!("#[cfg(test)]\nmod tests {{\n{function}}}");
    let red = [("src/a.rs", &*file), ("src/b.rs", &*function), ("benches/c.rs", &*"键".repeat(121))];
    check(&red, &[("tests/a.rs", &function), ("src/d.rs", &tests), ("src/e.rs", &"键".repeat(120))], |files| {
        each(files, |f| {
            if !f.is_rust() {
                return vec![];
            }
            let lines = f.text.lines().count();
            let split = format!("{lines} lines, the limit is {FILE_LINES_MAX}: give a part of it a file of its own");
            let mut found = when(lines > FILE_LINES_MAX, 1, split);
            for (at, line) in f.text.lines().enumerate() {
                let chars = line.chars().count();
                let wide = format!("{chars} characters, the limit is {LINE_CHARS_MAX}: break the line");
                found.extend(when(chars > LINE_CHARS_MAX, at + 1, wide));
            }
            for (name, at, lines) in f.functions().into_iter().filter(|_| !f.path.starts_with("tests/")) {
                let long = format!("fn {name} has {lines} lines, the limit is {FUNCTION_LINES_MAX}: split it");
                found.extend(when(lines > FUNCTION_LINES_MAX, at, long));
            }
            found
        })
    });
}

#[test]
fn every_source_file_is_compiled() {
    let (red, green) = ([("src/lone.rs", ""), ("src/far/mod.rs", "")], [("src/main.rs", ""), ("benches/a.rs", "")]);
    check(&red, &green, |files| {
        each(files, |f| {
            let path = f.path.trim_end_matches(".rs").trim_end_matches("/mod");
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            // Benches and fuzz targets are declared in a Cargo.toml, one by one.
            let declared = ["benches/", "tests/fuzz/targets/"].iter().any(|place| f.path.starts_with(place));
            let root = !f.is_rust() || declared || ["main", "lib"].contains(&name);
            let parents = [".rs", "/mod.rs", "/lib.rs", "/main.rs"].map(|end| format!("{folder}{end}"));
            let declaration = format!("mod {name};");
            let declared = files.iter().any(|p| parents.contains(&p.path) && has(&p.code, &declaration));
            when(!root && !declared, 1, format!("no parent says `{declaration}`: declare it or delete the file"))
        })
    });
}

#[test]
fn the_top_level_is_a_table_of_contents() {
    check(&[("notes.txt", ""), ("scripts/a", "")], &[(".gitignore", ""), ("src/a.rs", "//!")], |files| {
        let known = |top: &str| TOP.contains(&top) || top.starts_with(".git");
        each(files, |f| {
            let top = f.path.split('/').next().unwrap_or_default();
            when(!known(top), 1, format!("`{top}` does not belong at the top: move it into one of {TOP:?}"))
        })
    });
}

#[test]
fn the_architecture_names_every_folder() {
    let architecture = |text| File::new("ARCHITECTURE.md", text);
    let rule = |files: &[File]| {
        let Some(map) = files.iter().find(|f| f.path == "ARCHITECTURE.md") else { return vec![] };
        let rust = files.iter().filter(|f| f.is_src()).filter_map(|f| f.path.rsplit_once('/'));
        let folders: BTreeSet<&str> = rust.map(|(folder, _)| folder).filter(|folder| *folder != "src").collect();
        let named = |folder: &str| has(&map.text, &format!("{}/", folder.rsplit('/').next().unwrap_or(folder)));
        let missing = folders.into_iter().filter(|folder| !named(folder));
        missing.map(|folder| at(map, 1, &format!("add `{folder}/` to the map and say what it is for"))).collect()
    };
    let files = |text| [architecture(text), File::new("src/core/model/a.rs", "")];
    assert!(rule(&files("core/ and supermodel/")).len() == 1 && rule(&files("`src/core/model/`")).is_empty());
    check(&[], &[], rule);
}

#[test]
fn every_dependency_says_why() {
    let inherited = "[workspace.dependencies]\na = \"1\" # why\n[dependencies]\na.workspace = true\nb = [\n] # why\n";
    let red =
        [("Cargo.toml", "[dependencies]\na = \"1\"\n"), ("x/Cargo.toml", "[dev-dependencies.a]\nversion = \"#\"\n")];
    check(&red, &[("src/core/Cargo.toml", inherited), ("y/Cargo.toml", "[features]\na = []\n")], |files| {
        each(files, |f| {
            let (mut found, mut table, mut depth) = (Vec::new(), String::new(), 0i32);
            for (n, line) in f.text.lines().enumerate().filter(|_| f.path.rsplit('/').next() == Some("Cargo.toml")) {
                let (code, comment) =
                    line.rsplit_once('#').filter(|(code, _)| code.matches('"').count() % 2 == 0).unwrap_or((line, ""));
                for c in code.chars() {
                    depth += i32::from("[{".contains(c)) - i32::from("]}".contains(c));
                }
                let entry =
                    depth == 0 && !code.trim().is_empty() && !code.starts_with('[') && table.contains("dependencies");
                // An inherited line's reason stands where the version does.
                let silent = comment.trim().is_empty() && code.trim().rsplit_once(".workspace").is_none();
                found.extend(when(entry && silent, n + 1, "end the line with `# why it is here`".to_owned()));
                if let Some(name) = code.trim().strip_prefix('[').filter(|_| depth == 0) {
                    table = name.trim_end_matches(']').to_owned();
                }
            }
            found
        })
    });
}
