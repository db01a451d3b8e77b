//! `file …` on SWIFT statements: the wrong line is shown, two deliveries are compared line by line.

use super::{file, gbk, written, yichong};

const TEXT: &str = ":20:A\n:25:33000000000000000001\n:28C:245/1\n:60F:C240901CNY1000,00\n\
    :61:2409020902C50,00NTRF90100516000012340//B1\n:86:代扣入账\n\
    :61:2409020902C30,00NTRFNONREF//B2\n:86:代扣入账 6226090000000048\n:62F:C240902CNY1080,00\n";

#[test]
fn a_statement_is_known_and_shown() {
    // No format has this name.
    let (_folder, path) = written("下载.txt", &gbk(TEXT));
    let json = file("lint", &path, &["--json"]).json();
    assert_eq!((&json["format"], &json["rows"]), (&"mt940-statement".into(), &2.into()));
    assert_eq!((&json["ok"], &json["sum"]), (&true.into(), &8000.into()));
    let said = file("inspect", &path, &[]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    for words in ["group, line 1", "number: 245/1", "opening: 1000.00", "90100516000012340", "622609******0048"] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    assert!(!said.out.contains("6226090000000048"), "{}", said.out);
}

#[test]
fn the_first_wrong_place_has_a_caret() {
    let (_folder, path) = written("20240902.sta", &gbk(&TEXT.replace("C30,00", "C3O,00")));
    let (code, out) = file("lint", &path, &[]).report(&path);
    let lines: Vec<&str> = out.lines().collect();
    // :61: are four characters, the dates ten, the mark one.
    assert_eq!((code, lines[1]), (3, "  line 7 column 16, :61:: `3` is no amount"));
    // A line that is wrong may hold anything: runs as long as an ID, and words nobody knows, are masked even here.
    assert_eq!(lines[3], "    :61:240902***2C3O,00NTRF**NREF//B2");
    assert_eq!(lines[4], format!("    {}^", " ".repeat(15)));
}

#[test]
fn two_deliveries_are_compared_by_their_serials() {
    let (_a, a) = written("a.sta", &gbk(TEXT));
    let (_b, b) = written("b.sta", &gbk(&TEXT.replace("C30,00", "C31,00").replace("1080,00", "1081,00")));
    let said = yichong(&["file", "diff", a.to_str().unwrap(), b.to_str().unwrap()]);
    assert_eq!((said.code, said.err.as_str()), (Some(3), ""));
    assert!(said.out.contains("records told apart by serial"), "{}", said.out);
    assert!(said.out.contains("differing: 1\n  B2 (line 7 → 7)\n    income: `30.00` → `31.00`\n"), "{}", said.out);
    assert!(said.out.contains("  end of group closing: `1080.00` → `1081.00`"), "{}", said.out);
}
