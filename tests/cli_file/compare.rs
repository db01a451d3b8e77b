//! `file diff`: two files record by record.

use super::{Said, sample, shows_nobody, written, yichong};

fn diff(a: &str, b: &str, more: &[&str]) -> Said {
    let (a, b) = (sample(a), sample(b));
    yichong(&[&["file", "diff", a.to_str().unwrap(), b.to_str().unwrap()], more].concat())
}

#[test]
fn differences_are_named_and_masked() {
    let said = diff("M1-20240901-001.csv", "M1-20240901-005.csv", &[]);
    shows_nobody(&said.out);
    assert_eq!((said.code, said.err.as_str()), (Some(3), ""));
    let want = [
        "DIFFERENT 1 same, records told apart by debit_no",
        "  tail count: `2` → `3`",
        "  tail sum: `80.00` → `170.00`",
        "only in B: 1",
        "  90100516000099991 (line 4)",
        "differing: 1",
        "  90100516000056781 (line 3 → 3)",
        "    amount: `30.00` → `20.00`",
        "    payer_name: `测**` → `测**` (they differ in what is hidden)",
    ];
    let lines: Vec<&str> = said.out.lines().collect();
    assert_eq!(lines[2..], want);
    assert!(lines[0].starts_with("A: ") && lines[0].ends_with(": plain-debit, 2 rows, 80.00 yuan"), "{}", lines[0]);
    assert!(lines[1].starts_with("B: ") && lines[1].ends_with(": plain-debit, 3 rows, 170.00 yuan"), "{}", lines[1]);
}

#[test]
fn the_other_way_round_it_is_only_in_a() {
    let said = diff("M1-20240901-005.csv", "M1-20240901-001.csv", &["--json"]);
    shows_nobody(&said.out);
    let json = said.json();
    assert_eq!((&json["equal"], &json["same"], &json["key"]), (&false.into(), &1.into(), &"debit_no".into()));
    assert_eq!((&json["only_in_a"]["count"], &json["only_in_b"]["count"]), (&1.into(), &0.into()));
    assert_eq!(json["only_in_a"]["first"][0]["key"], "90100516000099991");
    assert_eq!(json["differing"]["first"][0]["cells"][0]["b"], "30.00");
    assert_eq!((&json["a"]["sum"], &json["b"]["sum"]), (&17000.into(), &8000.into()));
    assert_eq!(json["edges"][0]["name"], "tail count");
}

#[test]
fn another_order_is_no_difference() {
    let said = diff("M1-20240901-001.csv", "M1-20240901-006.csv", &[]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(said.out.ends_with("\nEQUAL 2 same, in another order, records told apart by debit_no\n"), "{}", said.out);
}

#[test]
fn a_request_and_its_answer_are_compared_by_what_both_mean() {
    // The answer writes 50 and 30.0 where the request has 50.00 and 30.00; its codes and serials have no counterpart.
    let said = diff("M1-20240901-001.csv", "M1-20240901-001.answer.csv", &[]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(said.out.ends_with("\nEQUAL 2 same, records told apart by debit_no\n"), "{}", said.out);
    let said = diff("M1-20240901-001.answer.csv", "M1-20240901-005.csv", &["--json"]);
    let json = said.json();
    // 005 asks 20.00 of the second; the name has no counterpart in the answer.
    let cells = &json["differing"]["first"][0]["cells"];
    assert_eq!((cells.as_array().map(Vec::len), &cells[0]["name"]), (Some(1), &"amount".into()));
    assert_eq!((&cells[0]["a"], &cells[0]["b"]), (&"30.00".into(), &"20.00".into()));
}

#[test]
fn a_wrong_file_is_not_compared() {
    let said = diff("M1-20240901-001.csv", "M1-20240901-002.csv", &[]);
    assert_eq!((said.code, said.out.as_str()), (Some(3), ""));
    let words = "M1-20240901-002.csv line 3 column 84, amount: `30.0O` is no amount (";
    assert!(said.err.contains(words) && said.err.ends_with("`yichong file lint` shows the line\n"), "{}", said.err);
    let said = diff("M1-20240901-001.csv", "absent.csv", &[]);
    assert_eq!(said.code, Some(3));
}

#[test]
fn counts_are_of_all_whatever_is_shown() {
    let row = |n: u32| format!("{}0000000000{n:03}|x\n", 9010 + n);
    let one = |from: u32| (from..from + 60).map(row).collect::<String>();
    let format = "# Test.\ntitle = \"t\"\nmessage = \"reconciliation\"\n[file]\nname = \"{any}\"\ncharset = \"utf-8\"\n\
        line_end = \"lf\"\n[delimited]\nseparator = \"|\"\n[row]\nfields = [{ name = \"no\", means = \"debit_no\" }, \
        { name = \"x\" }]\n";
    let (folder, a) = written("a.txt", one(0).as_bytes());
    let b = folder.path().join("b.txt");
    std::fs::write(&b, one(30)).unwrap();
    std::fs::create_dir(folder.path().join("formats")).unwrap();
    std::fs::write(folder.path().join("formats/own.toml"), format).unwrap();
    let config = folder.path().join("yichong.toml");
    let (config, a, b) = (config.to_str().unwrap(), a.to_str().unwrap(), b.to_str().unwrap());
    let said = yichong(&["--config", config, "file", "diff", a, b, "--format", "own", "--rows", "7", "--json"]);
    let json = said.json();
    for side in ["only_in_a", "only_in_b"] {
        assert_eq!((&json[side]["count"], json[side]["first"].as_array().unwrap().len()), (&30.into(), 7), "{side}");
    }
    assert_eq!(json["same"], 30);
}
