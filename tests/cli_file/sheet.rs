//! `file …` on Excel workbooks: recognised by their titles, mistakes named by cell.

use super::{file, shows_nobody, written, yichong};

/// The answers of an e-bank; the amount of the second row is given.
fn workbook(amount: &str) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let rows = [
        ["姓名", "卡号", "应处理金额", "备注", "实处理金额", "处理标志"],
        ["测试甲", "6221558812340000", "50.00", "1000001", "50.00", "全部成功"],
        ["测试乙", "6226090000000048", "30.00", "1000002", amount, "全部成功"],
    ];
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write(row as u32, column as u16, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_is_known_by_its_titles() {
    // No format has this name.
    let (_folder, path) = written("下载.xlsx", &workbook("30.00"));
    let (code, out) = file("lint", &path, &["--format", "ebank-answer"]).report(&path);
    assert_eq!((code, out.lines().next()), (0, Some("OK 2 rows, 80.00 yuan")), "{out}");
    let json = file("lint", &path, &["--json"]).json();
    assert_eq!((&json["format"], &json["rows"]), (&"ebank-answer".into(), &2.into()));
    let said = file("inspect", &path, &[]);
    shows_nobody(&said.out);
    assert!(said.out.contains("622609******0048") && said.out.contains("全部成功"), "{}", said.out);
}

#[test]
fn a_mistake_is_named_by_its_cell() {
    let (_folder, path) = written("U1_20240901.xlsx", &workbook("3O.00"));
    let said = file("lint", &path, &[]);
    shows_nobody(&said.out);
    let (code, out) = said.report(&path);
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!((code, lines[1]), (3, "  line 3 column 5, 实处理金额 (E3): `3O.00` is no amount"));
    assert_eq!(lines[3], "    测** | 622609******0048 | 30.00 | 1000002 | 3O.00 | 全部成功");
    // A name of three wide characters, a card of 16, 5, 7, and four separators of 3.
    assert_eq!(lines[4], format!("    {}^", " ".repeat(4 + 16 + 5 + 7 + 4 * 3)));
}

#[test]
fn workbooks_are_compared_record_by_record() {
    let (_a, a) = written("U1_20240901.xlsx", &workbook("30.00"));
    let (_b, b) = written("U1_20240901.xlsx", &workbook("29.50"));
    let said = yichong(&["file", "diff", a.to_str().unwrap(), b.to_str().unwrap()]);
    shows_nobody(&said.out);
    assert_eq!(said.code, Some(3));
    assert!(
        said.out.contains("differing: 1\n  1000002 (line 3 → 3)\n    实处理金额: `30.00` → `29.50`\n"),
        "{}",
        said.out
    );
}

#[test]
fn another_workbook_is_tried_as_those_there_are() {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet().write(0, 0, "x").unwrap();
    let (_folder, path) = written("x.xlsx", &book.save_to_buffer().unwrap());
    let (code, out) = file("lint", &path, &[]).report(&path);
    assert_eq!(code, 3);
    let wanted = "tried ebank-answer: line 0 column 0, the file: no row holds the titles that are needed; row 1 comes";
    assert!(out.contains(wanted) && !out.contains("tried pipe-debit"), "{out}");
}
