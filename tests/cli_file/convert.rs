//! `file convert`: a file's records in another format, or an error that names the fields and no file.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Said, gbk, sample, shows_nobody, yichong};

/// Converts a file into `new` of a folder of its own; what was said, and what the file then holds.
fn convert(from: &Path, to: &str, more: &[&str]) -> (Said, Option<Vec<u8>>) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new");
    let named = ["file", "convert", from.to_str().unwrap(), "--to", to, "--out", out.to_str().unwrap()];
    let said = yichong(&[&named, more].concat());
    shows_nobody(&said.out);
    shows_nobody(&said.err);
    let bytes = fs::read(&out).ok();
    if bytes.is_some() {
        assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let left = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, usize::from(bytes.is_some()), "something half-written is left");
    (said, bytes)
}

#[test]
fn a_request_in_another_charset_unit_and_order() {
    let leave = ["--leave-out", "account", "--leave-out", "signed_on", "--json"];
    let (said, bytes) = convert(&sample("M1-20240901-001.csv"), "unionpay-dk-debit", &leave);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let json = said.json();
    assert_eq!((&json["from"], &json["rows"], &json["sum"]), (&"plain-debit".into(), &2.into(), &8000.into()));
    assert_eq!(json["left_out"], serde_json::json!(["account", "signed_on"]));
    assert_eq!(json["empty"], serde_json::json!(["certifTp"]));
    // 50.00 + 30.00 yuan are 8000 fen; GBK, CRLF between lines and none behind the last.
    let want = "5.0.0|8000|2||\r\n\
        orderId|currencyCode|txnAmt|accType|accNo|customerNm|bizType|certifTp|certifId|phoneNo|postscript|\
        reqReserved1\r\n\
        90100516000012341|156|5000|01|6221558812340000|测试甲|||341126197709218366|13552535506|电费|051600001234-1\r\n\
        90100516000056781|156|3000|01|6226090000000048|测试乙|||341126197709218366|13552535506|电费|051600005678-1";
    assert_eq!(bytes.unwrap(), gbk(want));
}

#[test]
fn codes_are_carried_by_what_they_mean() {
    let (said, bytes) = convert(&sample("M1-20240901-001.answer.csv"), "unionpay-dk-answer", &["--leave-out", "taken"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let text = String::from_utf8_lossy(&bytes.unwrap()).into_owned();
    let lines: Vec<&str> = text.split("\r\n").collect();
    // One of two was paid: 50.00. What the old bank calls 51 is 64 here; 2024-09-02 is 0902.
    assert_eq!(lines[0], "|8000|2|||5000|1||");
    let cells = |line: &str| line.split('|').map(str::to_owned).collect::<Vec<_>>();
    let (titles, paid, refused) = (cells(lines[1]), cells(lines[2]), cells(lines[3]));
    let at = |title: &str| titles.iter().position(|own| own == title).unwrap();
    assert_eq!((paid[at("respCode")].as_str(), refused[at("respCode")].as_str()), ("00", "64"));
    assert_eq!((paid[at("txnAmt")].as_str(), paid[at("settleDate")].as_str()), ("5000", "0902"));
}

#[test]
fn a_sheet_becomes_text() {
    let sheet = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/sheet-statement/M01-20240902.stmt.xlsx");
    let (said, bytes) = convert(&sheet, "plain-statement", &[]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let want = "交易日期,清算日,流水号,收入,支出,手续费,参考号,摘要\n\
        2024-09-02,2024-09-01,S0001,0.30,,,90100516000012340,代扣入账\n\
        2024-09-02,,S0002,1999.50,,0.50,M01-20240901-001.csv,代扣汇总\n\
        2024-09-02,2024-09-02,S0003,,30.05,,90100516000012350,代扣退回\n\
        2024-09-02,,S0004,,1.00,,,手续费\n\
        2024-09-02,,S0005,7.00,,,,利息\n";
    assert_eq!(String::from_utf8(bytes.unwrap()).unwrap(), want);
}

#[test]
fn a_standards_statement_becomes_text() {
    let swift = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/mt940-statement/20240902.sta");
    let (said, bytes) = convert(&swift, "plain-statement", &["--leave-out", "code"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let text = String::from_utf8(bytes.unwrap()).unwrap();
    // The entry of nothing is no line of money.
    assert_eq!(text.lines().count(), 7);
    assert_eq!(
        text.lines().nth(1),
        Some("2024-09-02,2024-09-02,BK20240902000001,50.00,,,90100516000012340,代扣入账 电费")
    );
    assert_eq!(text.lines().nth(6), Some("2025-01-02,2024-12-31,BK7,,30.05,,90100516000012350,NRTI"));
}

#[test]
fn what_cannot_be_carried_is_named_at_once() {
    let (said, bytes) = convert(&sample("M1-20240901-001.csv"), "pipe-debit", &[]);
    assert_eq!((said.code, bytes), (Some(3), None));
    for words in [
        "the records do not fit into pipe-debit: ",
        "`debit_no` has no field there (--leave-out debit_no gives it up)",
        "`agreement` has no field there",
        "field `费用ID` needs `bank_ref`, which no row has",
    ] {
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
    let wrong = [
        (sample("M1-20240901-002.csv"), "unionpay-dk-debit", "amount: `30.0O` is no amount"),
        (sample("M1-20240901-001.csv"), "sheet-statement", "sheet-statement is only read"),
        (sample("M1-20240901-001.csv"), "nobody", "there is no format `nobody`; there are: "),
        (sample("M1-20240901-001.csv"), "city-debit", "field `收费单位代码` needs --param unit_code=…"),
        (sample("M1-20240901-001.answer.csv"), "ccb-answer-success", "lists all, ccb-answer-success successes"),
        (sample("M1-20240901-002.answer.csv"), "unionpay-dk-answer", "the file only says that ours is refused"),
    ];
    for (from, to, words) in wrong {
        let (said, bytes) = convert(&from, to, &[]);
        assert_eq!((said.code, bytes), (Some(3), None), "{to}");
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
}

#[test]
fn nothing_is_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("old");
    fs::write(&out, "mine").unwrap();
    let from = sample("M1-20240901-001.csv");
    let named = ["file", "convert", from.to_str().unwrap(), "--to", "plain-debit", "--out", out.to_str().unwrap()];
    let said = yichong(&named);
    assert!(said.code == Some(3) && said.err.contains("File exists"), "{}", said.err);
    assert_eq!((fs::read(&out).unwrap(), fs::read_dir(folder.path()).unwrap().count()), (b"mine".to_vec(), 1));
}

#[test]
fn debits_become_a_pain_008_where_the_creditor_is_given() {
    let from = sample("M1-20240901-001.csv");
    let (said, bytes) = convert(&from, "iso-debit", &[]);
    assert_eq!((said.code, bytes), (Some(3), None));
    // Everything that is missing, at once: what no transaction holds, and who the creditor is.
    for words in ["--leave-out mobile", "creditor_name=…", "creditor_account=…", "creditor_bank=…", "merchant=…"]
    {
        assert!(said.err.contains(words), "{words}: {}", said.err);
    }
    let more = [
        ["--leave-out", "id_type"],
        ["--leave-out", "id_number"],
        ["--leave-out", "mobile"],
        ["--param", "merchant=M1"],
        ["--param", "creditor_name=某大学水电中心"],
        ["--param", "creditor_account=33000000000000000001"],
        ["--param", "creditor_bank=105100000017"],
    ]
    .concat();
    let (said, bytes) = convert(&from, "iso-debit", &more);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let text = String::from_utf8(bytes.unwrap()).unwrap();
    // Two debits, 50.00 and 30.00, in the message and in its one payment information.
    assert_eq!(text.matches("<NbOfTxs>2</NbOfTxs><CtrlSum>80.00</CtrlSum>").count(), 2);
    for piece in [
        "<MsgId>M1-20240901-0001</MsgId>",
        "<EndToEndId>90100516000012341</EndToEndId>",
        "<InstdAmt Ccy=\"CNY\">30.00</InstdAmt>",
        "<MndtId>051600001234-1</MndtId>",
        "<Dbtr><Nm>测试乙</Nm></Dbtr>",
    ] {
        assert!(text.contains(piece), "{piece}: {text}");
    }
    // A statement holds none of what a transaction needs.
    let sheet = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/sheet-statement/M01-20240902.stmt.xlsx");
    let (said, _) = convert(&sheet, "iso-debit", &more);
    assert!(said.err.contains("a transaction needs `card`, which no row has"), "{}", said.err);
}
