//! The samples of the shipped formats damaged as clerks and lines damage files: a letter in an amount, a column lost,
//! a total of another day, a file cut or in another charset, a line behind the end. Places were counted by hand.

use yichong_core::formats::records::Params;

use super::cases::read_with;
use super::{format, gbk, root};

/// In the place of a new text: the file ends in front of the old one.
const CUT: &str = "\u{0}";

/// A sample: its format, its file, and each damage: what stands there, what is put instead, what is said of it. Nothing
/// standing there: it is put behind the end.
type Damages<'t> = &'t [(&'t str, &'t str, &'t str)];

fn sample(name: &str, file: &str) -> Vec<u8> {
    std::fs::read(root().join("tests/formats").join(name).join(file)).unwrap()
}

fn damaged(whole: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    if from.is_empty() {
        return [whole, to].concat();
    }
    let at = whole.windows(from.len()).position(|part| part == from);
    let at = at.unwrap_or_else(|| panic!("{} is not in the sample", from.escape_ascii()));
    match to {
        b"\0" => whole[..at].to_vec(),
        _ => [&whole[..at], to, &whole[at + from.len()..]].concat(),
    }
}

fn refused(name: &str, file: &str, bytes: &[u8], wanted: &str) {
    let found = read_with(format(name), &Params::new(), file, bytes).map_or_else(|e| e, |_| "nothing".to_owned());
    assert!(found.starts_with(file) && found.contains(wanted), "{name}\nfound  {found}\nwanted {wanted}");
}

fn check(name: &str, file: &str, damages: Damages<'_>) {
    let whole = sample(name, file);
    assert!(read_with(format(name), &Params::new(), file, &whole).is_ok(), "{name}");
    for (from, to, wanted) in damages {
        refused(name, file, &damaged(&whole, from.as_bytes(), to.as_bytes()), wanted);
    }
}

#[test]
fn answers_in_lines() {
    check(
        "pipe-answer",
        "JS20240901_2.PKJG",
        &[
            ("|50.00|0", "|5O.00|0", "line 1 column 58, 总金额: `5O.00` is no amount (an amount is yuan"),
            ("0.00|30.05|2", "30.05|2", "line 2 column 0, the line: the line has 8 columns, it should have 9"),
            ("0|3|110.05", "0|3|110.06", "line 4 column 5, 总金额: the file states 110.06, its rows make 110.05"),
            ("0|3|110.05", "0|4|110.05", "line 4 column 3, 总笔数: the file states 4, its rows make 3"),
            ("0|3|110.05", CUT, "the file ends without its last line"),
            ("0.00|30.05|2", CUT, "line 2 column 0, the line: the line has 7 columns, it should have 9"),
            ("", "9|051600001236|", "line 5 column 0, the line: a line stands behind the last one"),
        ],
    );
    check(
        "plain-answer",
        "M01-20240901-001.answer.csv",
        &[
            ("30.05,0.00", "3O.05,0.00", "line 3 column 36, amount: `3O.05` is no amount"),
            (",51,,,", ",51,,", "line 3 column 0, the line: the line has 7 columns, it should have 8"),
            (",3,110.05", ",3,110.06", "line 5 column 9, "),
            (",3,110.05", ",3,110.06", "the file states 110.06, its rows make 110.05"),
            ("TOTAL", CUT, "the file ends without its last line"),
            ("", "TOTAL,0,0.00,0,0.00\n", "line 6 column 0, the line: a line stands behind the last one"),
        ],
    );
    check(
        "ccb-answer",
        "M01_20240901_0001_R0.txt",
        &[
            ("30.05", "3O.05", "line 2 column 23, 金额: `3O.05` is no amount"),
            (
                "|0||||90100516000012350",
                "|0|||90100516000012350",
                "line 2 column 0, the line: the line has 14 columns, it should have 15",
            ),
            ("00012350", CUT, "line 2 column 0, the line: the line has 9 columns, it should have 15"),
        ],
    );
}

#[test]
fn answers_of_fixed_records() {
    let (name, file) = ("city-answer", "DLD032223000S.bin");
    check(
        name,
        file,
        &[
            // Behind 169 bytes; the zeros in front are no part of it.
            ("RMB000000005000", "RMB00000000500O", "line 3 column 170, 金额: `"),
            ("RMB000000005000", "RMB00000000500O", "500O` is no amount"),
            ("", "\r\n", "line 5 column 0, the line: the record has 2 bytes, it should have 257"),
        ],
    );
    let whole = sample(name, file);
    let wanted = "line 4 column 0, the line: the record has 256 bytes, it should have 257";
    refused(name, file, &whole[..whole.len() - 1], wanted);
    // The same name in UTF-8, in as many bytes: its ninth byte and the space behind it are no character of GBK.
    let bytes = damaged(&whole, &[&gbk("测试甲")[..], b"   "].concat(), "测试甲".as_bytes());
    refused(name, file, &bytes, "line 3 column 67, 付款人名称: byte 75 is no character of gbk, or one across");
}

#[test]
fn answers_in_documents() {
    for (name, root) in [("gzelink-answer", "GZELINK"), ("ght-answer", "GHT")] {
        let file = format!("700000000000001_20240901_001.{}.ret.xml", root.to_lowercase());
        check(
            name,
            &file,
            &[
                ("<SN>2</SN>", "", "line 6 column 1, BODY/RET_DETAILS/RET_DETAIL[2]/SN: it is empty"),
                (">0000<", ">7777<", "line 3 column 133, INFO/RET_CODE: `7777` is no code for a whole file"),
                (
                    "-20240901001",
                    "-20240902001",
                    "INFO/REQ_SN: the file states 2024-09-02, its name or head 2024-09-01",
                ),
                ("<RET_DETAIL><SN>4", CUT, "the document: the document ends inside `RET_DETAILS`"),
                ("\"GBK\"", "\"UTF-8\"", "it says utf-8, the format expects gbk"),
                ("", "<A/>", "the document: a second root `A` stands behind the first"),
            ],
        );
    }
    check(
        "beps-answer",
        "BEPS381_1000000001_2024090100000001.xml",
        &[
            (">30.05</Amt", ">3O.05</Amt", "BtchColltnChrgsRspnInf/RcvgDtls[2]/Amt: `3O.05` is no amount"),
            ("\"CNY\">50.00", "\"CNY\">50.01", "/RcvgTtlAmt: the file states 50.01, its rows make 50.00"),
            ("\"CNY\">80.05", "\"CNY\">80.06", "/OrgnlTtlAmt: the file states 80.06, its rows make 80.05"),
            // No code but PR02 is money: then the bank's own total does not tie.
            ("PR02", "PR03", "/RcvgTtlAmt: the file states 50.00, its rows make 0.00"),
            ("</BtchColltnChrgsRspnInf>", CUT, "the document ends inside `BtchColltnChrgsRspnInf`"),
        ],
    );
}

#[test]
fn reconciliations_agreements_and_statements() {
    check(
        "pipe-reconciliation",
        "JS20240901.DZ",
        &[
            ("|80.05|", "|8O.05|", "line 1 column 31, 实收款: `8O.05` is no amount"),
            ("|2|110.05", "|2|110.06", "line 3 column 16, 总金额: the file states 110.06, its rows make 110.05"),
            ("|2|110.05", "|3|110.05", "line 3 column 14, 总笔数: the file states 3, its rows make 2"),
            ("0|2024-09-01|", "0|2024-09-02|", "清算日: the file states 2024-09-02, its name or head 2024-09-01"),
            ("0|2024-09-01|", CUT, "the file ends without its last line"),
            ("", "B3|2024-09-01 23:42:00|1\n", "line 4 column 0, the line: a line stands behind the last one"),
        ],
    );
    check(
        "pipe-agreements-answer",
        "DKQYRJS20240901.TXT",
        &[
            ("20240902||", "20240902|", "line 1 column 0, the line: the line has 10 columns, it should have 11"),
            ("20240311", "20240231", "line 2 column 41, 日期: `20240231` is no such date"),
            ("|N|", CUT, "the line does not end with the separator"),
        ],
    );
    check(
        "plain-statement",
        "M01-20240902.stmt.csv",
        &[
            ("79.90", "79.9O", "line 3 column 15, 收入: `79.9O` is no amount"),
            ("79.90,0.00,", "79.90,", "line 3 column 0, the line: the line has 7 columns, it should have 8"),
            ("2024-09-02,F4", "2024-09-31,F4", "line 5 column 1, 交易日期: `2024-09-31` is no such date"),
            ("79.90", CUT, "line 3 column 0, the line: the line has 3 columns, it should have 8"),
        ],
    );
}

#[test]
fn lists_and_records_of_the_rest() {
    check(
        "ccb-answer-success",
        "M01_20240901_0001_R1.txt",
        &[(
            "成功",
            "失败",
            "code `失败` means unexplained, in a list of successes (the format says what the file lists",
        )],
    );
    check(
        "ccb-answer-failure",
        "M01_20240901_0001_R2.txt",
        &[
            ("30.05", "3O.05", "line 1 column 23, 金额: `3O.05` is no amount"),
            ("失败", "成功", "code `成功` means paid, in a list of failures"),
        ],
    );
    check(
        "aipg-answer-query",
        "700000000000001_20240901_001.aipg.query.xml",
        &[
            (">5000<", ">5O00<", "BODY/QTRANSRSP/QTDETAIL[1]/AMOUNT: `5O00` is no amount"),
            (">20240902<", ">20240931<", "BODY/QTRANSRSP/QTDETAIL[1]/SETTDAY: `20240931` is no such date"),
            ("<QTDETAIL><BATCHID>s", CUT, "the document: the document ends inside `QTRANSRSP`"),
        ],
    );
    check(
        "pipe-agreements",
        "DKQYJS20240901.TXT",
        &[
            ("|1|20240310", "|20240310", "line 1 column 0, the line: the line has 7 columns, it should have 8"),
            ("20240311", "20240231", "line 2 column 41, 日期: `20240231` is no such date"),
        ],
    );
    check(
        "pipe-reconciliation-errors",
        "JS20240901.DZCW",
        &[
            ("-1|2", "-1|3", "line 3 column 4, 错误记录数: the file states 3, its rows make 2"),
            ("02|B9|", "02|", "line 2 column 0, the line: the line has 2 columns, it should have 3"),
            ("-1|2", CUT, "the file ends without its last line"),
        ],
    );
    for (name, file, whole) in
        [("city-agreements", "AUT031170000S.Z01", 273), ("city-agreements-answer", "AUT032083000S.Z01", 147)]
    {
        let bytes = sample(name, file);
        let wanted = format!("line 3 column 0, the line: the record has {} bytes, it should have {whole}", whole - 1);
        refused(name, file, &bytes[..bytes.len() - 1], &wanted);
        let wanted = format!("line 4 column 0, the line: the record has 1 bytes, it should have {whole}");
        refused(name, file, &damaged(&bytes, b"", b"\n"), &wanted);
    }
}

#[test]
fn a_file_in_another_charset() {
    // 甲 ends with 0xB2 in UTF-8, and no character of GBK is 0xB2 and a quote.
    let whole = sample("pipe-answer", "JS20240901_2.PKJG");
    let bytes = damaged(&whole, &gbk("测试甲"), "测试甲".as_bytes());
    let wanted = "line 1 column 21, the line: the bytes B2 27 7C 36 are no character of gbk";
    refused("pipe-answer", "JS20240901_2.PKJG", &bytes, wanted);
    let whole = sample("ccb-answer", "M01_20240901_0001_R0.txt");
    let bytes = damaged(&whole, "测试甲".as_bytes(), &gbk("测试甲"));
    let wanted = "line 1 column 20, the line: the bytes B2 E2 CA D4 are no character of utf-8";
    refused("ccb-answer", "M01_20240901_0001_R0.txt", &bytes, wanted);
}

#[test]
fn a_code_that_stands_in_no_table_decides_nothing() {
    for (name, file, from, to, nth) in [
        ("pipe-answer", "JS20240901_2.PKJG", "30.05|2", "30.05|77", 1),
        ("plain-answer", "M01-20240901-001.answer.csv", ",51,", ",Q9,", 1),
        ("ccb-answer", "M01_20240901_0001_R0.txt", "失败|", "已收|", 1),
        ("gzelink-answer", "700000000000001_20240901_001.gzelink.ret.xml", ">3008<", ">Q777<", 1),
        ("ght-answer", "700000000000001_20240901_001.ght.ret.xml", ">3008<", ">Q777<", 1),
        ("beps-answer", "BEPS381_1000000001_2024090100000001.xml", "PR09", "PR99", 1),
    ] {
        let bytes = damaged(&sample(name, file), from.as_bytes(), to.as_bytes());
        let (said, _) = read_with(format(name), &Params::new(), file, &bytes).unwrap();
        let row = &said["rows"][nth];
        assert_eq!((row["category"].as_str(), row["code_known"].as_bool()), (Some("unknown"), Some(false)), "{name}");
    }
}
