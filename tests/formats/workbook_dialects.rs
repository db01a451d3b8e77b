//! Workbooks as other programs and people make them: texts for numbers, both ways of counting days, what is hidden or
//! merged, several sheets, the strict edition of the standard.

use rust_xlsxwriter::{Format as Look, Formula, Workbook};
use serde_json::{Value, json};

use super::workbook::{TITLES, book, changed, packed, read_as, said};
use super::{cases, format};

fn rows(bytes: &[u8]) -> Value {
    cases::read(format("sheet-statement"), "M01-20240902.stmt.xlsx", bytes)["rows"].take()
}

/// (value date, amount, serial, words) of the only row.
fn only(bytes: &[u8]) -> Value {
    let row = rows(bytes)[0].take();
    json!([row["value_date"], row["amount"], row["serial"], row["text"]])
}

#[test]
fn numbers_may_be_texts() {
    for (text, fen) in [("50.00", 5_000), (" 50 ", 5_000), ("1,234.50", 123_450), ("12,345,678.9", 1_234_567_890)] {
        assert_eq!(
            only(&book(|s| s.write(1, 3, text).unwrap())),
            json!(["2024-09-02", fen, "S1", "代扣入账"]),
            "{text}"
        );
    }
    for text in ["1,23.50", "1.234,50", "￥50.00", "50元", "(50.00)"] {
        let found = said(&book(|s| s.write(1, 3, text).unwrap()));
        assert!(found.contains("收入 (D2)") && found.contains("is no amount"), "{text}: {found}");
    }
    // The count of the last line as a text; a serial that is a number.
    assert_eq!(said(&book(|s| s.write(2, 1, "1").unwrap())), "1 rows");
    assert_eq!(only(&book(|s| s.write(1, 2, 9001).unwrap()))[2], "9001");
}

#[test]
fn titles_may_be_merged_above_the_table_and_not_in_it() {
    let above = |rows: (u32, u32), columns: (u16, u16)| {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        sheet.merge_range(0, 0, 1, 7, "银行流水（九月）", &Look::new()).unwrap();
        for (column, title) in TITLES.iter().enumerate() {
            sheet.write(2, column as u16, *title).unwrap();
        }
        sheet.write(3, 0, "2024-09-02").unwrap().write(3, 2, "S1").unwrap().write(3, 3, 50).unwrap();
        sheet.write(3, 7, "代扣入账").unwrap();
        sheet.write(4, 0, "合计").unwrap().write(4, 1, 1).unwrap();
        if rows.0 > 0 {
            let title = TITLES[usize::from(columns.0)];
            sheet.merge_range(rows.0, columns.0, rows.1, columns.1, title, &Look::new()).unwrap();
        }
        workbook.save_to_buffer().unwrap()
    };
    assert_eq!(said(&above((0, 0), (0, 0))), "1 rows");
    // A title over two columns, and one over the first row of values.
    let found = said(&above((2, 2), (7, 8)));
    assert!(found.contains("the cells H3:I3: these cells are merged"), "{found}");
    let found = said(&above((2, 3), (5, 5)));
    assert!(found.contains("the cells F3:F4: these cells are merged (every cell of the table stands by"), "{found}");
}

#[test]
fn hidden_columns_are_read_and_hidden_rows_are_not() {
    let columns = book(|s| s.set_column_hidden(2).unwrap().set_column_hidden(7).unwrap());
    assert_eq!(only(&columns), json!(["2024-09-02", 5_000, "S1", "代扣入账"]));
    let row = book(|s| s.set_row_hidden(1).unwrap());
    assert!(said(&row).contains("row 2: it is hidden"), "{}", said(&row));
    let low = book(|s| s.set_row_height(1, 0).unwrap());
    assert!(said(&low).contains("row 2: it is hidden"), "{}", said(&low));
    // Above the table nobody needs to see anything.
    let title = book(|s| s.set_row_hidden(7).unwrap());
    assert_eq!(said(&title), "1 rows");
}

#[test]
fn formulas_are_taken_only_where_the_format_says_so() {
    let formula = |result: &str| {
        let formula = Formula::new("=SUM(D10:D11)").set_result(result);
        book(|s| s.write(1, 3, formula).unwrap())
    };
    assert!(said(&formula("50")).contains("收入 (D2): it holds a formula (what a formula came to may be old"));
    let cached = changed("[workbook]", "[workbook]\nformulas = \"cached\"");
    assert_eq!(cases::read(&cached, "M01-20240902.stmt.xlsx", &formula("50"))["rows"][0]["amount"], 5_000);
    // A program that never reckons leaves 0 or an error behind; an error is none of the amounts.
    let error = read_as(&cached, &formula("#REF!")).unwrap_err().to_string();
    assert!(error.contains("收入 (D2)"), "{error}");
}

#[test]
fn the_sheet_is_the_first_people_see_or_the_one_named() {
    let whole = |hidden: bool| {
        let mut workbook = Workbook::new();
        let cover = workbook.add_worksheet().set_name("封面").unwrap();
        cover.write(0, 0, "九月").unwrap();
        if hidden {
            cover.set_hidden(true);
        }
        let sheet = workbook.add_worksheet().set_name("流水").unwrap();
        sheet.set_active(true);
        for (column, title) in TITLES.iter().enumerate() {
            sheet.write(0, column as u16, *title).unwrap();
        }
        sheet.write(1, 0, "2024-09-02").unwrap().write(1, 2, "S1").unwrap().write(1, 3, 50).unwrap();
        sheet.write(1, 7, "代扣入账").unwrap();
        sheet.write(2, 0, "合计").unwrap().write(2, 1, 1).unwrap();
        workbook.add_worksheet().set_name("说明").unwrap().write(0, 0, "x").unwrap();
        workbook.save_to_buffer().unwrap()
    };
    let found = said(&whole(false));
    assert!(found.contains("no row holds the titles that are needed; row 1 comes nearest"), "{found}");
    assert_eq!(said(&whole(true)), "1 rows");
    let named = changed("sheet = \"first\"", "sheet = \"流水\"");
    assert_eq!(read_as(&named, &whole(false)), Ok(1));
}

/// A workbook by hand: the words of its parts differ by edition.
fn by_hand(main: &str, relations: &str, days: &str, sheet: &str) -> Vec<u8> {
    let kind = |id: &str, kind: &str, target: &str| {
        format!("<Relationship Id=\"{id}\" Type=\"{relations}/{kind}\" Target=\"{target}\"/>")
    };
    let list = |inside: &str| {
        let namespace = "http://schemas.openxmlformats.org/package/2006/relationships";
        format!("<Relationships xmlns=\"{namespace}\">{inside}</Relationships>")
    };
    let root = list(&kind("r1", "officeDocument", "xl/workbook.xml"));
    let parts = list(&(kind("r1", "worksheet", "worksheets/sheet1.xml") + &kind("r2", "styles", "styles.xml")));
    let workbook = format!(
        "<workbook xmlns=\"{main}\" xmlns:r=\"{relations}\">{days}<sheets><sheet name=\"a\" sheetId=\"1\" r:id=\"r1\"/>\
         </sheets></workbook>"
    );
    let styles = format!(
        "<styleSheet xmlns=\"{main}\"><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>"
    );
    let sheet = format!("<worksheet xmlns=\"{main}\"><sheetData>{sheet}</sheetData></worksheet>");
    packed(&[
        ("_rels/.rels", root.as_bytes()),
        ("xl/workbook.xml", workbook.as_bytes()),
        ("xl/_rels/workbook.xml.rels", parts.as_bytes()),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

/// Titles, one row and the last line, all texts inline; `day` is the cell of the value date.
fn inline(day: &str) -> String {
    let text = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    let rich = "<c t=\"inlineStr\"><is><r><t>代扣</t></r><r><rPr><b/></rPr><t>入账</t></r><rPh><t>x</t></rPh></is></c>";
    let titles: String = ["交易日期", "流水号", "收入", "摘要", "支出", "参考号"].map(text).concat();
    let row = format!("{day}{}<c><v>50</v></c>{rich}", text("S1"));
    format!("<row>{titles}</row><row>{row}</row><row>{}<c><v>1</v></c></row>", text("合计"))
}

const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

#[test]
fn days_are_counted_from_either_year() {
    // 2024-09-02 is day 45537 of the count from 1900, day 44075 of the one from 1904.
    for (days, cell) in [
        ("", "<c s=\"1\"><v>45537</v></c>"),
        ("<workbookPr date1904=\"0\"/>", "<c><v>45537</v></c>"),
        ("<workbookPr date1904=\"1\"/>", "<c s=\"1\"><v>44075</v></c>"),
        ("<workbookPr date1904=\"true\"/>", "<c><v>44075</v></c>"),
        ("", "<c t=\"inlineStr\"><is><t>2024-09-02</t></is></c>"),
    ] {
        let bytes = by_hand(MAIN, RELATIONS, days, &inline(cell));
        assert_eq!(only(&bytes), json!(["2024-09-02", 5_000, "S1", "代扣入账"]), "{days} {cell}");
    }
}

#[test]
fn the_strict_edition_is_read() {
    let strict =
        ("http://purl.oclc.org/ooxml/spreadsheetml/main", "http://purl.oclc.org/ooxml/officeDocument/relationships");
    let bytes = by_hand(strict.0, strict.1, "", &inline("<c t=\"d\"><v>2024-09-02T00:00:00</v></c>"));
    assert_eq!(only(&bytes), json!(["2024-09-02", 5_000, "S1", "代扣入账"]));
}
