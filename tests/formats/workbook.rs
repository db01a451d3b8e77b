//! Excel workbooks that are refused or read with care: made with another writer, or by hand where no writer would.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{Format as Look, Formula, Workbook, Worksheet};
use yichong_core::formats::records::{FileError, Params};
use yichong_core::formats::{Format, StatementReader};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::{cases, format, root};

pub const TITLES: [&str; 8] = ["交易日期", "清算日", "流水号", "收入", "支出", "手续费", "参考号", "摘要"];

/// A statement of one line and its last line, changed before it is saved.
pub fn book(change: impl FnOnce(&mut Worksheet) -> &mut Worksheet) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("流水").unwrap();
    for (column, title) in TITLES.iter().enumerate() {
        sheet.write(0, column as u16, *title).unwrap();
    }
    sheet.write(1, 0, "2024-09-02").unwrap().write(1, 2, "S1").unwrap().write(1, 3, 50).unwrap();
    sheet.write(1, 7, "代扣入账").unwrap();
    sheet.write(2, 0, "合计").unwrap().write(2, 1, 1).unwrap();
    change(sheet);
    book.save_to_buffer().unwrap()
}

fn write(row: u32, column: u16, text: &str) -> impl FnOnce(&mut Worksheet) -> &mut Worksheet {
    move |sheet| sheet.write(row, column, text).unwrap()
}

fn number(row: u32, column: u16, value: i64) -> impl FnOnce(&mut Worksheet) -> &mut Worksheet {
    move |sheet| sheet.write(row, column, value).unwrap()
}

pub fn read_as(format: &Format, bytes: &[u8]) -> Result<u64, FileError> {
    let reader = StatementReader::open(format, &Params::new(), "M01-20240902.stmt.xlsx", bytes)?;
    reader.finish().map(|totals| totals.count)
}

pub fn said(bytes: &[u8]) -> String {
    read_as(format("sheet-statement"), bytes).map_or_else(|error| error.to_string(), |rows| format!("{rows} rows"))
}

pub fn changed(from: &str, to: &str) -> Format {
    let toml = std::fs::read_to_string(root().join("formats/sheet-statement.toml")).unwrap();
    assert!(toml.contains(from), "{from}");
    Format::parse("made-up.toml", &toml.replacen(from, to, 1)).unwrap()
}

#[test]
fn each_cell_that_is_refused_is_named() {
    for (bytes, wanted) in [
        (book(|s| s), "1 rows"),
        (book(write(1, 3, "5O.00")), "M01-20240902.stmt.xlsx line 2 column 4, 收入 (D2): `5O.00` is no amount"),
        (book(|s| s.write(1, 3, 100.005).unwrap()), "收入 (D2): `100.005` is no amount (an amount is yuan"),
        (book(number(1, 3, -50)), "收入 (D2): `-50.00` is below zero"),
        (book(write(1, 2, " \u{3000}")), "line 2 column 3, 流水号 (C2): it is empty"),
        (book(write(1, 0, "2024/9/2")), "交易日期 (A2): `2024/9/2` is no such date"),
        (
            book(|s| s.write(1, 3, Formula::new("=25+25").set_result("50")).unwrap()),
            "收入 (D2): it holds a formula (what a formula came to may be old",
        ),
        (book(|s| s.write(1, 3, Formula::new("=1/0").set_result("#DIV/0!")).unwrap()), "收入 (D2): it holds a formula"),
        (
            book(|s| s.write(1, 2, 6_226_090_000_000_048_i64).unwrap()),
            "流水号 (C2): it holds a number of 16 digits, Excel keeps 15",
        ),
        (book(write(1, 7, "代扣\n入账")), "摘要 (H2): its text holds the control character 0x0A"),
        (book(write(1, 8, "x")), "line 2 column 0, the line: the line has 9 columns, it should have 8"),
        (book(|s| s.set_row_hidden(1).unwrap()), "line 2 column 0, row 2: it is hidden (what nobody sees is not taken"),
        (
            book(|s| s.merge_range(1, 4, 1, 5, "", &Look::new()).unwrap()),
            "line 2 column 5, the cells E2:F2: these cells are merged",
        ),
        (book(number(2, 1, 2)), "line 3 column 2, 笔数 (B3): the file states 2, its rows make 1"),
        (book(write(2, 0, "共计")), "line 3 column 1, 交易日期 (A3): `共计` is no such date"),
        (book(write(3, 0, "x")), "a line stands behind the last one"),
        (book(write(0, 2, "流水")), "no row holds the titles that are needed; row 1 comes nearest and lacks 流水号"),
        (book(write(0, 5, "流水号")), "line 1 column 6, 流水号 (F1): the title stands twice"),
        (book(|s| s.write(0, 1, "清算\n日").unwrap()), "1 rows"),
        (
            book(|s| s.write(2, 0, " ").unwrap().write(2, 1, " ").unwrap().write(4, 0, "合计").unwrap()),
            "line 3 column 0, row 3: it is empty, and rows follow it",
        ),
    ] {
        let found = said(&bytes);
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
}

#[test]
fn what_a_format_allows_is_read() {
    let formula = book(|s| s.write(1, 3, Formula::new("=25+25").set_result("50")).unwrap());
    assert_eq!(read_as(&changed("[workbook]", "[workbook]\nformulas = \"cached\""), &formula), Ok(1));
    let hidden = book(|s| s.set_row_hidden(1).unwrap());
    assert_eq!(read_as(&changed("[workbook]", "[workbook]\nhidden = \"read\""), &hidden), Ok(1));
    let gap = book(|s| {
        s.write(2, 0, " ").unwrap().write(2, 1, " ").unwrap().write(4, 0, "合计").unwrap().write(4, 1, 1).unwrap()
    });
    assert_eq!(read_as(&changed("\"制表\"", "\"\""), &gap), Ok(1));
    let error = read_as(&changed("sheet = \"first\"", "sheet = \"Sheet9\""), &book(|s| s)).unwrap_err();
    assert_eq!(error.problem, "it has no sheet `Sheet9`; it has: 流水");
    assert_eq!(read_as(&changed("sheet = \"first\"", "sheet = \"流水\"\ntitle_row = 1"), &book(|s| s)), Ok(1));
    let error = read_as(&changed("sheet = \"first\"", "title_row = 2"), &book(|s| s)).unwrap_err().to_string();
    assert!(error.contains("交易日期: the title is missing"), "{error}");
}

#[test]
fn days_may_be_texts_dates_or_numbers() {
    let dated = |value: f64, look: Option<&str>| {
        book(move |sheet| {
            let look = look.map(|code| Look::new().set_num_format(code)).unwrap_or_default();
            sheet.write_number_with_format(1, 0, value, &look).unwrap()
        })
    };
    // 45537 is 2024-09-02; half a day later is still that day.
    for bytes in
        [dated(45537.5, Some("yyyy\"年\"m\"月\"d\"日\"")), dated(45537.0, Some("m/d/yy")), dated(45537.0, None)]
    {
        let read = cases::read(format("sheet-statement"), "M01-20240902.stmt.xlsx", &bytes);
        assert_eq!(read["rows"][0]["value_date"], "2024-09-02");
        assert_eq!(read["rows"][0]["amount"], 5000);
    }
    assert!(said(&dated(902.0, None)).contains("交易日期 (A2): `902` is no such date"));
}

/// A statement whose lines have these incomes, as other programs put them: binary fractions.
fn incomes(values: &[f64]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, title) in TITLES.iter().enumerate() {
        sheet.write(0, column as u16, *title).unwrap();
    }
    for (at, value) in values.iter().enumerate() {
        let row = at as u32 + 1;
        sheet.write(row, 0, "2024-09-02").unwrap().write(row, 2, format!("S{row}")).unwrap();
        sheet.write(row, 3, *value).unwrap().write(row, 7, "代扣入账").unwrap();
    }
    let last = values.len() as u32 + 1;
    sheet.write(last, 0, "合计").unwrap().write(last, 1, values.len() as u32).unwrap();
    book.save_to_buffer().unwrap()
}

fn amounts(bytes: &[u8]) -> Vec<i64> {
    let mut reader =
        StatementReader::open(format("sheet-statement"), &Params::new(), "M01-20240902.stmt.xlsx", bytes).unwrap();
    std::iter::from_fn(|| reader.next_row().unwrap()).map(|row| row.amount.0).collect()
}

#[test]
fn amounts_come_back_to_the_fen() {
    // Every fen of small amounts, and some up to 99,999,999,999.99: as many digits as Excel keeps.
    let fen: Vec<i64> = (1..=2000).chain((1..200).map(|n| n * 49_999_999_999 + 7)).collect();
    let yuan: Vec<f64> = fen.iter().map(|fen| *fen as f64 / 100.0).collect();
    assert_eq!(amounts(&incomes(&yuan)), fen);
}

#[test]
fn what_a_spreadsheet_added_up_has_no_noise() {
    // 0.1 + 0.1 + … is 99.9999999999986 after a thousand times; people see 100.00.
    let sum = |times: u32| (0..times).map(|_| 0.1).sum::<f64>();
    let times: Vec<u32> = (1..=1000).collect();
    let values: Vec<f64> = times.iter().map(|times| sum(*times)).collect();
    assert!(values.iter().any(|value| value.to_string() == "99.9999999999986"), "no noise to be taken off");
    assert_eq!(amounts(&incomes(&values)), times.iter().map(|times| i64::from(*times) * 10).collect::<Vec<_>>());
    // What is more than noise is another amount: refused, not rounded to fen.
    let error = read_as(format("sheet-statement"), &incomes(&[50.000_000_1])).unwrap_err().to_string();
    assert!(error.contains("收入 (D2): `50.0000001` is no amount"), "{error}");
}

/// An archive of these parts.
pub fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(*name, options).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const RELS: &[u8] =
    br#"<Relationships><Relationship Id="r1" Type="x/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &[u8] = br#"<workbook xmlns:r="r"><sheets><sheet name="a" r:id="r1"/></sheets></workbook>"#;
const LIST: &[u8] = br#"<Relationships><Relationship Id="r1" Type="x/worksheet" Target="/xl/s.xml"/></Relationships>"#;

/// A workbook whose one sheet is this text.
fn sheet(text: &str) -> Vec<u8> {
    let parts = [("_rels/.rels", RELS), ("xl/workbook.xml", BOOK), ("xl/_rels/workbook.xml.rels", LIST)];
    packed(&[&parts[..], &[("xl/s.xml", text.as_bytes())]].concat())
}

#[test]
fn a_zip_bomb_is_not_unpacked() {
    let zeros = vec![b' '; 40 * 1024 * 1024];
    let bytes = packed(&[("_rels/.rels", RELS), ("xl/s.xml", &zeros)]);
    assert!(bytes.len() < 100 * 1024);
    let found = said(&bytes);
    assert!(
        found.contains("the workbook: its part xl/s.xml has ") || found.contains("its part xl/s.xml has "),
        "{found}"
    );
    assert!(found.contains("and would unpack into 41943040"), "{found}");
    let large = [b"PK".to_vec(), vec![0; 33 * 1024 * 1024]].concat();
    assert!(said(&large).contains("it has more than 33554432 bytes"), "{}", said(&large));
}

#[test]
fn a_size_that_is_a_lie_is_found_out() {
    let mut bytes = sheet("<worksheet><sheetData/></worksheet>");
    assert!(said(&bytes).contains("the file is empty"), "{}", said(&bytes));
    // The size stands 24 bytes into each entry of the directory, its checksum 16; the last entry is the sheet's.
    let entry = bytes.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    let size = bytes[entry + 24];
    bytes[entry + 24] = size - 1;
    assert!(said(&bytes).contains("a part is longer than the archive says"), "{}", said(&bytes));
    bytes[entry + 24] = size + 1;
    assert!(said(&bytes).contains("a part is shorter than the archive says"), "{}", said(&bytes));
    bytes[entry + 24] = size;
    bytes[entry + 16] ^= 1;
    assert!(said(&bytes).contains("a part's checksum is wrong"), "{}", said(&bytes));
}

#[test]
fn parts_that_leave_the_archive_are_refused() {
    for name in ["../evil.xml", "xl/../../evil.xml", "/etc/passwd", "xl\\..\\evil.xml", "C:/evil.xml"] {
        let found = said(&packed(&[("_rels/.rels", RELS), (name, b"x")]));
        assert!(found.contains("names a place outside the workbook"), "{name}: {found}");
    }
}

#[test]
fn what_is_no_workbook_says_so() {
    let macros = packed(&[("_rels/.rels", RELS), ("xl/workbook.xml", BOOK), ("xl/vbaProject.bin", b"x")]);
    let doctype = "<!DOCTYPE x [<!ENTITY a \"b\">]><worksheet/>";
    for (bytes, wanted) in [
        (
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 W\0o\0r\0k\0b\0o\0o\0k\0".to_vec(),
            "it is an old workbook (.xls) (open it in Excel and save it as .xlsx",
        ),
        (
            b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0".to_vec(),
            "it has a password (open it in Excel with its password and save it without one",
        ),
        (b"a,b\n".to_vec(), "it is no Excel workbook (.xlsx)"),
        (b"PK\x03\x04 and so on".to_vec(), "the workbook is damaged; open it in Excel"),
        (packed(&[("a.txt", b"x")]), "it is a ZIP archive, but no workbook"),
        (
            packed(&[("_rels/.rels", RELS), ("xl/workbook.xml", BOOK), ("xl/_rels/workbook.xml.rels", LIST)]),
            "the workbook: the sheet `a` is no sheet of cells, or its part is missing",
        ),
        (macros, "it holds macros (macros are never taken"),
        (sheet(doctype), "it declares a document type"),
        (sheet("<worksheet><sheetData><row r=\"1\"><c r=\"A1\">"), "xl/s.xml, line 1 column"),
        (sheet("<worksheet><sheetData><row r=\"2\"/><row r=\"1\"/></sheetData></worksheet>"), "has a wrong number"),
        (
            sheet("<worksheet><sheetData><row r=\"1\"><c r=\"B1\"/><c r=\"A1\"/></row></sheetData></worksheet>"),
            "its cells are not in order",
        ),
        (
            sheet("<worksheet><sheetData><row r=\"1\"><c r=\"XFD1\"/></row></sheetData></worksheet>"),
            "it has a cell in column 16384",
        ),
        (
            sheet("<worksheet><sheetData><row r=\"1\"><c t=\"s\"><v>9</v></c></row></sheetData></worksheet>"),
            "it holds no text the workbook has",
        ),
        (
            sheet("<worksheet><sheetData><row r=\"1\"><c><v>NaN</v></c></row></sheetData></worksheet>"),
            "the cell A1: it holds no number",
        ),
        (Vec::new(), "the file is empty"),
    ] {
        let found = said(&bytes);
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
    let whole = book(|s| s);
    for cut in (0..whole.len()).step_by(97) {
        assert!(read_as(format("sheet-statement"), &whole[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn no_damage_makes_the_reader_panic() {
    let whole = book(|s| s);
    for at in (0..whole.len()).step_by(5) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        let _ = read_as(format("sheet-statement"), &bytes);
    }
}
