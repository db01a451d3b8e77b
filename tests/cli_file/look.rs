//! `file inspect`: what stands in a file, masked.

use super::{file, sample, shows_nobody};

#[test]
fn everything_stands_in_its_order() {
    let path = sample("M1-20240901-001.csv");
    let said = file("inspect", &path, &["--rows", "1"]);
    shows_nobody(&said.out);
    let (code, out) = said.report(&path);
    assert_eq!(code, 0);
    let (mut at, size) = (0, std::fs::metadata(&path).unwrap().len());
    for words in [
        &*format!("FILE: {size} bytes, plain-debit 通用 CSV 送盘\n"),
        "payer_name",
        "90100516000012341",
        "测**",
        "622155******0000",
        "341126********8366",
        "135****5506",
        "tail, line 4\n  mark: TOTAL\n  count: 2\n  sum: 80.00\n",
        "totals: 2 rows, 80.00 yuan\n",
    ] {
        at += out[at..].find(words).unwrap_or_else(|| panic!("{words} is missing behind {at}: {out}"));
    }
    assert!(!out.contains("90100516000056781"), "only one row was asked for: {out}");
    assert!(file("inspect", &path, &["--rows", "0"]).out.contains("90100516000056781"));
}

#[test]
fn scripts_get_the_same() {
    let said = file("inspect", &sample("M1-20240901-001.csv"), &["--json", "--rows", "1"]);
    shows_nobody(&said.out);
    let json = said.json();
    assert_eq!((&json["format"], &json["message"]), (&"plain-debit".into(), &"debit".into()));
    let sections = json["sections"].as_array().unwrap();
    let kinds: Vec<_> = sections.iter().map(|s| (s["kind"].as_str().unwrap(), s["line"].as_u64().unwrap())).collect();
    assert_eq!(kinds, [("titles", 1), ("row", 2), ("tail", 4)]);
    assert_eq!(sections[1]["cells"][3]["name"], "card");
    assert_eq!(sections[1]["cells"][3]["text"], "622155******0000");
    assert_eq!((&json["ok"], &json["rows"]), (&true.into(), &2.into()));
    assert_eq!(json["totals"]["sum"], 8000);
}

#[test]
fn what_was_read_is_shown_before_the_mistake() {
    let path = sample("M1-20240901-002.csv");
    let (code, out) = file("inspect", &path, &[]).report(&path);
    assert_eq!(code, 3);
    let row = out.find("90100516000012341").unwrap();
    let wrong = out.find("WRONG behind 1 rows\n  line 3 column 84, amount: `30.0O` is no amount\n").unwrap();
    assert!(row < wrong);
    let json = file("inspect", &path, &["--json"]).json();
    assert_eq!((&json["ok"], &json["error"]["column"], &json["totals"]), (&false.into(), &84.into(), &().into()));
}
