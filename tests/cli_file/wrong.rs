//! `file lint`: right files, the first wrong place of wrong ones, and what is no file of a bank.

use super::{bank_sample, file, gbk, sample, shows_nobody, written, yichong};

#[test]
fn a_right_file_is_ok() {
    let path = sample("M1-20240901-001.csv");
    let (code, out) = file("lint", &path, &[]).report(&path);
    assert_eq!((code, out.as_str()), (0, "OK 2 rows, 80.00 yuan\n  FILE: plain-debit 通用 CSV 送盘\n"));
    let json = file("lint", &path, &["--json"]).json();
    assert_eq!(json["file"], path.to_str().unwrap());
    assert_eq!((&json["format"], &json["ok"]), (&"plain-debit".into(), &true.into()));
    assert_eq!((&json["rows"], &json["sum"], &json["error"]), (&2.into(), &8000.into(), &().into()));
}

#[test]
fn the_first_wrong_place_has_a_caret() {
    // Before the amount of line 3 stand 17+1+12+1+3+1+16+1+18+1+11+1 = 83 characters; 50 of them are shown.
    let path = sample("M1-20240901-002.csv");
    let said = file("lint", &path, &[]);
    shows_nobody(&said.out);
    let want = [
        "WRONG FILE: plain-debit 通用 CSV 送盘",
        "  line 3 column 84, amount: `30.0O` is no amount",
        "  rule: an amount is yuan with at most two decimals and nothing else, e.g. 50.00",
        "    …*,622609******0048,341126********8366,135****5506,30.0O,051600**5678-1,2024-08-02",
        &format!("    {}^", " ".repeat(51)),
        "",
    ];
    assert_eq!(said.report(&path), (3, want.join("\n")));
    let said = file("lint", &path, &["--json"]);
    let error = &said.json()["error"];
    assert_eq!((said.code, &error["line"], &error["column"]), (Some(3), &3.into(), &84.into()));
    assert_eq!((&error["field"], &error["problem"]), (&"amount".into(), &"`30.0O` is no amount".into()));
    assert_eq!((&said.json()["rows"], &said.json()["ok"]), (&1.into(), &false.into()));
}

#[test]
fn totals_and_the_end_are_checked() {
    let path = sample("M1-20240901-003.csv");
    let want = [
        "WRONG FILE: plain-debit 通用 CSV 送盘",
        "  line 4 column 9, sum: the file states 81.00, its rows make 80.00",
        "  rule: totals tie to the rows; the file is cut short or damaged, fetch it again or ask the bank",
        "    TOTAL,2,81.00",
        "            ^",
        "",
    ];
    assert_eq!(file("lint", &path, &[]).report(&path), (3, want.join("\n")));
    // Cut short: the line that is missing would be the fourth, and there is nothing to show.
    let path = sample("M1-20240901-004.csv");
    let (code, out) = file("lint", &path, &[]).report(&path);
    assert_eq!(code, 3);
    assert!(out.contains("\n  line 4 column 0, the file: the file ends without its last line\n"), "{out}");
}

#[test]
fn a_caret_under_chinese_counts_two_columns() {
    // 1002| 30002| '测试乙'| card| 2024-09| 30.00| 0.00| are 5+6+6+17+8+6+5 = 53 characters.
    let bytes = gbk(concat!(
        "1001|30001|'测试甲'|6221558812340000|2024-09|50.00|0.00|50.00|0\n",
        "1002|30002|'测试乙'|6226090000000048|2024-09|30.00|0.00|30,00|1\n",
        "0|2|80.00|2024-09-01|2024-09-01 23:40:00|50.00|1\n",
    ));
    let (_folder, path) = written("JS20240901.PKJG", &bytes);
    let (code, out) = file("lint", &path, &[]).report(&path);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!((code, lines[1]), (3, "  line 2 column 54, 总金额: `30,00` is no amount"));
    assert_eq!(lines[3], "    …2|30002|'测**'|622609******0048|2024-09|30.00|0.00|30,00|1");
    // One for the mark, 49 narrow characters and one wide one.
    assert_eq!(lines[4], format!("    {}^", " ".repeat(1 + 49 + 2)));
}

/// A record of the fixed-width answers: 257 bytes, the name in GBK, the amount as it is given.
fn record(name: &str, amount: &str) -> Vec<u8> {
    let mut bytes = format!("{:<10}20240901{:0>8}{:<10}{:<30}", "3000000001", 2, "1020000001", "6226090000000048");
    bytes.push_str(&" ".repeat(60));
    bytes.push_str(&format!("{:<10}{:<30}RMB{amount}{:<20}", "1050000001", "33000000001", "051600001234"));
    bytes.push_str(&format!("{:<12}0{:<16}{:<16}20240902000", "M1", "", "")); // 授权号 … 清算标志
    let mut bytes = bytes.into_bytes();
    bytes[66..66 + gbk(name).len()].copy_from_slice(&gbk(name));
    assert_eq!(bytes.len(), 257);
    bytes
}

#[test]
fn records_without_lines_are_counted_in_bytes() {
    let heads = concat!(
        "DLD03208100000000100000000122024090122300000OPER0001", // 52 bytes
        "1000000001202409010120240902010000OPER0001",           // 42 bytes
    );
    let file_of =
        |second: &str| [heads.as_bytes(), &record("测试甲", "000000005000"), &record("测试乙", second)].concat();
    let (_folder, path) = written("DLD032_a.bin", &file_of("000000003000"));
    let (code, out) = file("lint", &path, &[]).report(&path);
    assert_eq!((code, out.lines().next()), (0, Some("OK 2 rows, 80.00 yuan")), "{out}");

    // Before 金额 stand 10+8+8+10+30+60+10+30+3 = 169 bytes; two heads and one row come before the record.
    let (_folder, path) = written("DLD032_b.bin", &file_of("00000000300O"));
    let said = file("lint", &path, &["--json"]);
    let error = &said.json()["error"];
    assert_eq!((&error["line"], &error["column"], &error["field"]), (&4.into(), &170.into(), &"金额".into()));
    // Twelve digits are as long as an account: their middle is hidden even here.
    assert_eq!((said.code, &error["problem"]), (Some(3), &"`000000**300O` is no amount".into()));
    shows_nobody(&said.out);
    // 测试乙 is 6 bytes and 3 characters, so 166 characters stand before the place. The last 50 of them: 7 blanks of the
    // name's 60, two numbers of 10 + 11 digits in one run, 19 blanks, RMB. Behind it: amount and account in one run.
    let (left, right) = ("105000***********0001", "RMB000*****************1234");
    let text = format!("    …{:7}{left}{:19}{right}{:8}M1{:10}0{:5}…", "", "", "", "", "");
    let out = file("lint", &path, &[]).out;
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[3], text);
    assert_eq!(lines[4], format!("    {}^", " ".repeat(51)));
}

#[test]
fn every_sample_of_the_banks_is_right() {
    for (name, format, rows, sum) in [
        ("CMT031223000S.Z01", "city-debit", 2, 8000),
        ("DK00000000700000000000001202409010001I.txt", "unionpay-dk-debit", 3, 18000),
        ("DK00000000700000000000001202409010001O.txt", "unionpay-dk-answer", 3, 18000),
        ("DLD032_result.bin", "city-answer", 2, 8000),
        ("JS20240901.DZ", "pipe-reconciliation", 1, 5000),
        ("JS20240901.PK", "pipe-debit", 3, 18000),
        ("JS20240901.PKJG", "pipe-answer", 3, 18000),
        ("ccb_upload.txt", "ccb-debit", 2, 8000),
    ] {
        let Some(path) = bank_sample(name) else { return };
        let json = file("lint", &path, &["--json"]).json();
        assert_eq!((&json["format"], &json["ok"]), (&format.into(), &true.into()), "{name}");
        assert_eq!((&json["rows"], &json["sum"]), (&rows.into(), &sum.into()), "{name}");
    }
}

#[test]
fn a_refusal_is_right_and_said() {
    let path = sample("M1-20240901-002.answer.csv");
    let (code, out) = file("lint", &path, &[]).report(&path);
    assert_eq!(code, 0);
    assert!(out.contains("\n  the bank refuses our whole file: REFUSED 30 文件格式错误\n"), "{out}");
}

#[test]
fn a_stranger_is_tried_as_every_format_and_shows_nobody() {
    let (_folder, path) = written("list.txt", &gbk("1|6221558812340000|测试甲|50.00|\r\n"));
    let said = file("lint", &path, &[]);
    shows_nobody(&said.out);
    let (code, out) = said.report(&path);
    assert_eq!(code, 3);
    assert!(out.contains("the file: no format fits, neither by name nor by its first lines"), "{out}");
    // The card stands where this format has its sum; 1| are 2 characters.
    let card = "  tried unionpay-dk-debit: line 1 column 3, totalAmount: `622155******0000` is no amount\n";
    assert!(out.contains(card), "{out}");
    assert!(out.contains("  tried pipe-debit: line 1 column 0, the line: the line has 5 columns, it should have 8\n"));
    let said = file("lint", &path, &["--json"]);
    // Every format but workbooks, which no text can be.
    let formats = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/formats")).unwrap();
    let text = |path| !std::fs::read_to_string(path).unwrap().contains("[workbook]");
    let formats = formats.filter(|entry| text(entry.as_ref().unwrap().path())).count();
    assert_eq!(said.json()["tried"].as_array().map(Vec::len), Some(formats));
    shows_nobody(&said.out);
    let said = file("inspect", &path, &[]);
    assert_eq!((said.code, said.out.as_str()), (Some(3), ""));
    shows_nobody(&said.err);
}

#[test]
fn what_is_no_file_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let (_a, empty) = written("list.csv", b"");
    let (_b, zip) = written("M1-20240901-001.csv", b"PK\x03\x04 and so on");
    let (_c, noise) = written("noise.bin", &[0, 1, 2, 0xFF, 0, 7]);
    let absent = folder.path().join("absent.csv");
    for (path, code, words) in [
        (absent.as_path(), 3, "No such file or directory"),
        (folder.path(), 3, "is a folder; name one file in it"),
        (empty.as_path(), 3, "the file is empty (a bank's file holds at least one line; fetch it again)"),
        (zip.as_path(), 3, "it looks like a ZIP archive or an Excel workbook (.xlsx)"),
        (noise.as_path(), 3, "no format fits"),
        // A regular file that cannot be read.
        (std::path::Path::new("/proc/self/mem"), 8, "Input/output error"),
        (std::path::Path::new("/dev/null"), 3, "is no regular file"),
    ] {
        let said = file("inspect", path, &[]);
        assert_eq!((said.code, said.out.as_str()), (Some(code), ""), "{}", path.display());
        assert!(
            said.err.starts_with(&format!("error: {}", path.display())) && said.err.contains(words),
            "{}",
            said.err
        );
        assert_eq!(file("lint", path, &[]).code, Some(code), "{}", path.display());
    }
    let said = yichong(&["file", "lint", empty.to_str().unwrap(), "--format", "plain"]);
    assert_eq!(said.code, Some(3));
    assert!(said.err.starts_with("error: there is no format `plain`; there are: aipg-answer, "), "{}", said.err);
}

#[test]
fn a_web_page_in_place_of_the_file_is_said_to_be_one() {
    // A portal whose login ran out answers with a page, under the file's own name.
    for (name, page) in [
        ("JS20240901.PKJG", "<!DOCTYPE html><html><head><title>504 Gateway Timeout</title></head></html>"),
        ("M1-20240901-001.csv", "\r\n <HTML><body>请重新登录</body></HTML>"),
    ] {
        let (_folder, path) = written(name, page.as_bytes());
        let (code, out) = file("lint", &path, &[]).report(&path);
        assert_eq!(code, 3, "{out}");
        assert!(out.contains("it looks like a web page (HTML)") && out.contains("log in and fetch"), "{out}");
    }
}

#[test]
fn a_file_of_no_bytes_is_never_simply_right() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("nothing.txt");
    std::fs::write(&path, "").unwrap();
    let mut formats: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/formats"))
        .unwrap()
        .map(|item| item.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    formats.sort();
    assert!(formats.len() > 30);
    for format in formats {
        let said = file("lint", &path, &["--format", &format]);
        // Wrong, or right with a word that nobody can see whether it is whole.
        let told = said.code == Some(3) || said.out.contains("the file is empty");
        assert!(told, "{format}: {:?} {}", said.code, said.out);
    }
}
