//! Messages of ISO 20022 that others wrote, beside what a correct reader must report for each: where the folder is.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use yichong_core::formats::records::Params;
use yichong_core::formats::{Kind, RecordReader};

use super::rendered::{Part, plain, said};
use super::{format, name_of, root};

/// The folder of samples: beside the repository, or beside one of its parents.
fn folder() -> Option<PathBuf> {
    let top = root();
    let found = top.ancestors().map(|up| up.join("shared/iso20022/samples")).find(|path| path.is_dir());
    if found.is_none() {
        println!("not run: the folder of samples is not there");
    }
    found
}

/// Everything a reader says, whatever the format; the family decides which.
fn parts(bytes: &[u8], file: &str) -> Result<Vec<Part>, String> {
    let mut last = String::new();
    for name in ["iso-debit", "iso-answer", "iso-camt053", "iso-camt054"] {
        let mut reader = RecordReader::open(format(name), &Params::new(), file, bytes);
        let mut parts = Vec::new();
        loop {
            match reader.next_section() {
                Ok(Some(section)) => {
                    let cells = section.cells.iter().map(|cell| (cell.name.to_owned(), cell.text.to_owned()));
                    parts.push(Part { kind: section.kind, cells: cells.collect() });
                }
                Ok(None) => return Ok(parts),
                Err(error) if parts.is_empty() => {
                    last = error.to_string();
                    break;
                }
                Err(error) => return Err(error.to_string()),
            }
        }
    }
    Err(last)
}

/// The same through the program: `file inspect --json`.
fn inspected(path: &Path) -> Result<Vec<Part>, String> {
    let out = Command::new(env!("CARGO_BIN_EXE_yichong"))
        .current_dir(std::env::temp_dir())
        .args(["file", "inspect", "--json", "--rows", "0"])
        .arg(path)
        .output()
        .unwrap();
    let Ok(said) = serde_json::from_slice::<Value>(&out.stdout) else {
        return Err(String::from_utf8_lossy(&out.stderr).into_owned());
    };
    if said["ok"] != true {
        return Err(said["error"]["problem"].as_str().unwrap().to_owned());
    }
    let part = |section: &Value| Part {
        kind: match section["kind"].as_str().unwrap() {
            "head" => Kind::Head,
            "group" => Kind::Group,
            "row" => Kind::Row,
            "detail" => Kind::Detail,
            "group_end" => Kind::GroupEnd,
            "tail" => Kind::Tail,
            other => panic!("{other}"),
        },
        cells: section["cells"].as_array().unwrap().iter().map(cell).collect(),
    };
    Ok(said["sections"].as_array().unwrap().iter().map(part).collect())
}

fn cell(cell: &Value) -> (String, String) {
    (cell["name"].as_str().unwrap().to_owned(), cell["text"].as_str().unwrap().to_owned())
}

#[test]
fn every_sample_says_what_it_should() {
    compare(|path| parts(&std::fs::read(path).unwrap(), &name_of(path)));
}

#[test]
fn the_program_says_the_same_of_every_sample() {
    compare(inspected);
}

fn compare(read: impl Fn(&Path) -> Result<Vec<Part>, String>) {
    let Some(folder) = folder() else { return };
    let text = std::fs::read_to_string(folder.join("EXPECTED.md")).unwrap();
    let mut lines = text.lines();
    let (mut seen, mut wrong) = (0, Vec::new());
    while let Some(line) = lines.next() {
        let Some((file, rest)) = line.strip_prefix("- **").and_then(|line| line.split_once("** — ")) else {
            continue;
        };
        let expected = lines.next().and_then(|line| line.trim().strip_prefix("- expect: ")).unwrap();
        let kind = rest.split(" — ").next().unwrap();
        let found = match read(&folder.join(file)) {
            Ok(parts) => {
                let message = parts[0].or("message", "?").to_owned();
                assert_eq!(message, kind, "{file}");
                said(&parts)
            }
            Err(error) if error.contains("no message is in the document") => {
                "no known message element; children=".into()
            }
            Err(error) => error,
        };
        let (found, expected) = (plain(&found), plain(expected));
        if found != expected {
            wrong.push(format!("{file}\n  found  {found}\n  wanted {expected}"));
        }
        seen += 1;
    }
    assert!(wrong.is_empty(), "{} of {seen}:\n{}", wrong.len(), wrong.join("\n"));
    assert!(seen >= 55, "only {seen} samples");
}
