//! `yichong format …` as people run it: what it proposes loads, and reads the sample it came from.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::path::Path;
use std::process::Command;

use encoding_rs::GBK;
use yichong_core::formats::records::{Params, Totals};
use yichong_core::formats::{Format, Message, RecordReader};
use yichong_core::model::money::Fen;

/// Exit code, what was printed, what was complained of.
fn format(args: &[&str]) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let program =
        Command::new(env!("CARGO_BIN_EXE_yichong")).arg("format").args(args).current_dir(&folder).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (program.status.code(), text(program.stdout), text(program.stderr))
}

/// The proposal for a file of this name and content; it loads and reads the file.
fn proposed(name: &str, bytes: &[u8], more: &[&str]) -> (String, Format, Totals) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let (code, out, err) = format(&[&["new", "--from", path.to_str().unwrap()], more].concat());
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    for secret in ["6221558812340000", "测试甲", "13552535506"] {
        assert!(!out.contains(secret), "{secret} is shown: {out}");
    }
    let format = Format::parse("new.toml", &out).unwrap();
    let totals = RecordReader::open(&format, &Params::new(), name, bytes).finish().unwrap();
    (out, format, totals)
}

#[test]
fn an_answer_of_a_bank_nobody_knows() {
    let text = "序号|卡号|户名|应扣金额|实扣金额|返回码|失败原因|网点|\r\n\
                1|6221558812340000|测试甲|50.00|50.00|0000||A|\r\n\
                2|6226090000000048|测试乙|30.05|0.00|1001|余额不足|A|\r\n\
                合计|2|80.05|\r\n";
    let (gbk, _, _) = GBK.encode(text);
    let (out, format, totals) = proposed("湖泊_20240901.txt", &gbk, &[]);
    assert_eq!((format.message(), totals), (Message::Answer, Totals { count: 2, sum: Fen(8005) }));
    for line in [
        "message = \"answer\" # ? guessed from the titles",
        "name = \"湖泊_{file_date:%Y%m%d}.txt\" # ? does another part change from file to file?",
        "charset = \"gbk\"",
        "line_end = \"crlf\"",
        "amounts = \"yuan\"",
        "separator = \"|\"",
        "trailing_separator = \"always\"",
        "    { name = \"序号\", means = \"bank_ref\" }, # ? is it our short key? `debit_no` if it holds our whole number",
        "    { name = \"应扣金额\", means = \"asked\" },",
        "    { name = \"网点\" }, # ? what does it mean to us?",
        "    { name = \"tail1.1\", value = \"合计\" },",
        "    { name = \"tail1.2\", means = \"count\" }, # ? so many rows",
        "    { name = \"tail1.3\", means = \"sum\" }, # ? so much in all rows",
        "    # ? { code = \"0000\", category = \"paid\" }, # seen 1 times",
        "    # ? { code = \"1001\", category = \"funds\" }, # seen 1 times",
    ] {
        assert!(out.lines().any(|own| own == line), "missing: {line}\n{out}");
    }
    assert_eq!(
        format.name_facts("湖泊_20241231.txt", &Params::new()).unwrap().file_date.unwrap().to_string(),
        "2024-12-31"
    );
}

#[test]
fn a_statement_with_a_mark_quotes_and_a_head() {
    let text = "\u{FEFF}单位,\"某大学, 水电中心\"\n交易日期,流水号,收入金额,支出金额,摘要,余额\n\
                20240902,S1,50.00,,代扣入账,1\n20240902,S2,30,,代扣入账,2\n20240902,S3,,1.00,转给张三,3\n";
    let (out, format, totals) = proposed("stmt.csv", text.as_bytes(), &["--name", "lake-statement"]);
    assert_eq!((format.message(), totals.count), (Message::Statement, 3));
    for line in [
        "bom = \"strip\"",
        "quotes = \"rfc4180\"",
        "name = \"stmt.csv\" # ? where does the date stand?",
        "    { name = \"交易日期\", means = \"value_date\", format = \"%Y%m%d\" },",
        "[[head]]",
        "    # ? { text = \"代扣入账\", kind = \"single\" }, # seen 2 times",
    ] {
        assert!(out.lines().any(|own| own == line), "missing: {line}\n{out}");
    }
    assert!(!out.contains("张三"), "{out}");
}

#[test]
fn a_request_in_fen_is_asked_about() {
    let text = "订单号;户名;卡号;金额;手机号\n90100516000012340;测试甲;6221558812340000;5000;13552535506\n";
    let (out, format, totals) = proposed("REQ20240901.TXT", text.as_bytes(), &["--message", "debit"]);
    assert_eq!((format.message(), totals), (Message::Debit, Totals { count: 1, sum: Fen(5000) }));
    assert!(
        out.contains("\nmessage = \"debit\"\n") && out.contains("amounts = \"fen\" # ? no decimals were seen"),
        "{out}"
    );
}

#[test]
fn what_cannot_be_proposed_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    for (path, words) in [
        (write("a.csv", b"a,b\n1,2\n"), "no line holds titles that are known"),
        (write("b.csv", b"\xFF\xFF,\xFF\n"), "it is neither UTF-8 nor GBK"),
        (write("c.xlsx", b"PK\x03\x04"), "for a workbook begin with formats/sheet-statement.toml"),
        (write("d.csv", "卡号,金额\n1,2\n".as_bytes()), "it does not load yet: new.toml:"),
        (folder.path().join("absent").to_str().unwrap().to_owned(), "No such file"),
    ] {
        let (code, _, err) = format(&["new", "--from", &path]);
        assert!(code == Some(3) && err.contains(words), "{err}");
    }
}

#[test]
fn a_format_file_is_checked() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("formats/plain-answer.toml");
    let (code, out, err) = format(&["check", shipped.to_str().unwrap()]);
    assert_eq!((code, err.as_str()), (Some(0), ""));
    assert!(
        out.starts_with("OK plain-answer 通用 CSV 回盘\n  message: answer\n  [bank.params] merchant: it must be set\n"),
        "{out}"
    );
    let (_, out, _) = format(&["check", shipped.to_str().unwrap(), "--json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&json["lists"], &json["params"][0][0]), (&"all".into(), &"merchant".into()));
    let folder = tempfile::tempdir().unwrap();
    let wrong = folder.path().join("wrong.toml");
    std::fs::write(&wrong, "title = 1\n").unwrap();
    let (code, _, err) = format(&["check", wrong.to_str().unwrap()]);
    assert!(code == Some(3) && err.contains("wrong.toml:1:9: invalid type"), "{err}");
}
