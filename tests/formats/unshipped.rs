//! Three formats that are not shipped, each added by a TOML alone: no line of Rust knows them.

use serde_json::json;
use yichong_core::formats::records::{Params, Totals};
use yichong_core::formats::{Format, RecordReader};
use yichong_core::model::money::Fen;

use super::{cases, facts, first_wrong, gbk, two_debits, write};

/// 农信 ABDT: 编号|账号|姓名|金额|, GB18030, no head.
pub const AFA: &str = r#"
title = "农信代扣 (ABDT)"
message = "debit"
[file]
name = "{unit}{file_date:%Y%m%d}{seq:03}.txt"
charset = "gb18030"
line_end = "crlf"
amounts = "yuan"
[delimited]
separator = "|"
trailing_separator = "always"
[limits]
rows = 150000
[row]
fields = [
    { name = "编号", means = "bank_ref" },
    { name = "账号", means = "card" },
    { name = "姓名", means = "payer_name", required = true },
    { name = "金额", means = "amount" },
]
"#;

/// Ten columns told apart by blanks, fen, GBK, a summary line with fewer columns.
pub const BLANKS: &str = r#"
title = "十列文本回盘"
message = "answer"
[file]
name = "{unit}_{file_date:%Y%m%d}.txt"
charset = "gbk"
line_end = "crlf"
amounts = "fen"
[delimited]
separator = "blanks"
[row]
fields = [
    { name = "姓名", means = "payer_name" },
    { name = "卡号", means = "card", required = true },
    { name = "协议号", means = "agreement" },
    { name = "金额", means = "asked" },
    { name = "附言", means = "debit_no" },
    { name = "实处理金额", means = "taken" },
    { name = "处理标志", means = "code" },
    { name = "日期", means = "bank_date", format = "%Y%m%d" },
    { name = "地区号" },
    { name = "网点号" },
]
[[tail]]
fields = [
    { name = "总笔数", means = "count" },
    { name = "总金额", means = "sum" },
    { name = "成功笔数", means = "paid_count" },
    { name = "成功金额", means = "paid_sum" },
]
[answer]
lists = "all"
partial = true
codes = [{ code = "001", category = "paid" }, { code = "002", category = "unexplained" }]
"#;

/// A text report with rules drawn across; successes have three columns, failures a fourth with the reason.
pub const REPORT: &str = r#"
title = "文本报告回盘"
message = "answer"
[file]
name = "report{any}.txt"
charset = "gbk"
bom = "strip"
line_end = "lf"
amounts = "yuan"
[delimited]
separator = "blanks"
skip = ["====", "", "卡号"]
[row]
fields = [
    { name = "卡号", means = "card", required = true },
    { name = "户名", means = "payer_name" },
    { name = "金额", means = "asked" },
    { name = "失败原因", means = "text", may_be_missing = true },
]
[answer]
lists = "all"
key = "none"
codes = [{ code = "三列", category = "paid" }, { code = "四列", category = "unexplained" }]
code_by_columns = [{ columns = 3, code = "三列" }, { columns = 4, code = "四列" }]
reasons = [{ contains = "余额不足", category = "funds" }]
"#;

#[test]
fn the_rural_banks_rows_both_ways() {
    let format = Format::parse("afa.toml", AFA).unwrap();
    let mut facts = facts(1);
    facts.params.insert("unit".into(), "U1".into());
    assert_eq!(format.file_name(&facts).unwrap(), "U120240901001.txt");
    let mut rows = two_debits();
    let plain = write(&format, &facts, &rows);
    assert_eq!(plain, gbk("1|6221558812340000|测试甲|50.00|\r\n2|6226090000000048|和珅|30.05|\r\n"));
    // Four bytes in GB18030, and none in GBK.
    rows[0].payer_name = "𠮷".into();
    let file = write(&format, &facts, &rows);
    let totals = RecordReader::open(&format, &Params::new(), "x", &file[..]).finish().unwrap();
    assert_eq!(totals, Totals { count: 2, sum: Fen(8005) });
    let as_gbk = Format::parse("afa.toml", &AFA.replace("gb18030", "gbk")).unwrap();
    let error = RecordReader::open(&as_gbk, &Params::new(), "x", &file[..]).finish().unwrap_err();
    assert!(error.problem.ends_with("are no character of gbk"), "{error}");
    assert_eq!((error.line, error.column), (1, 20));
}

#[test]
fn ten_columns_between_blanks() {
    let format = Format::parse("blanks.toml", BLANKS).unwrap();
    let file = gbk("测试甲  6221558812340000 P1  5000 90100516000012340   5000 001 20240901 0200 0001\r\n\
                    和珅\t6226090000000048 P2 3005 90100516000012350 0 002 20240901 0200 0001\r\n2 8005 1 5000\r\n");
    let read = cases::read(&format, "U1_20240901.txt", &file);
    assert_eq!(
        read["facts"],
        json!({ "rows": [2, 8005], "taken": [1, 5000], "stated_request": [2, 8005], "stated_taken": [1, 5000] })
    );
    assert_eq!(read["rows"][0]["category"], "paid");
    assert_eq!(read["rows"][1]["name"], "和珅");
    assert_eq!(read["rows"][1]["taken"], 0);
    // Less than asked is taken: this format says that the bank may.
    let partial = b"A 6221558812340000 P1 5000 90100516000012340 4000 001 20240901 0200 0001\r\n1 5000 1 4000\r\n";
    assert_eq!(cases::read(&format, "U1_20240901.txt", partial)["facts"]["taken"], json!([1, 4000]));
    let strict = Format::parse("blanks.toml", &BLANKS.replace("partial = true", "partial = false")).unwrap();
    let found = first_wrong(&strict, "U1_20240901.txt", partial);
    assert!(found.contains("`40.00` was taken, `50.00` was asked"), "{found}");
}

#[test]
fn a_report_told_apart_by_its_columns() {
    let format = Format::parse("report.toml", REPORT).unwrap();
    let text = "====================\n卡号 户名 金额 失败原因\n====================\n\
                6221558812340000  测试甲  50.00\n\n6226090000000048  和珅  30.05  账户余额不足\n\
                6226090000000048  和珅  30.00  原因不明\n====================\n";
    let utf8 = Format::parse("report.toml", &REPORT.replace("\"gbk\"", "\"utf-8\"")).unwrap();
    let read = cases::read(&utf8, "report1.txt", format!("\u{feff}{text}").as_bytes());
    let said: Vec<_> = read["rows"].as_array().unwrap().iter().map(|row| (&row["line"], &row["category"])).collect();
    assert_eq!(said, [(&json!(4), &json!("paid")), (&json!(6), &json!("funds")), (&json!(7), &json!("unexplained"))]);
    assert_eq!(read["facts"], json!({ "rows": [3, 11005], "taken": [1, 5000] }));
    let short = first_wrong(&format, "report1.txt", b"6221558812340000 A\n");
    assert!(short.contains("the line has 2 columns, it should have 4"), "{short}");
}
