//! Files that are refused, each with its first wrong place and the rule: one case for each message.

use yichong_core::formats::Format;
use yichong_core::formats::records::Params;
use yichong_core::formats::{AnswerReader, StatementReader};

use super::{first_wrong, format, gbk};

const PK: &str = "1|051600001234|测试甲|6221558812340000|2024-09|50.00|0.00|50.00\n\
                  2|051600001235|和珅|6226090000000048|2024-09|30.05|0.00|30.05\n\
                  0|2|80.05|2024-09-01|2024-09-01 22:30:00\n";

const DK: &str = "5.0.0|5000|1|||5000|1||\r\norderId|txnAmt|accNo|respCode|respMsg|settleDate\r\n\
                  90100516000012340|5000|6221558812340000|00||0902";

const CSV: &str = "debit_no,card,amount,taken,code,message,bank_date,serial\n\
                   90100516000012340,6221558812340000,50.00,50.00,00,,2024-09-02,S1\nTOTAL,1,50.00,1,50.00\n";

/// Replaces once, and insists that there was something to replace.
fn with(text: &str, from: &str, to: &str) -> Vec<u8> {
    assert!(text.contains(from), "{from}");
    gbk(&text.replacen(from, to, 1))
}

fn check(format: &Format, name: &str, cases: &[(Vec<u8>, &str)]) {
    for (bytes, wanted) in cases {
        let found = first_wrong(format, name, bytes);
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
}

#[test]
fn a_debit_file() {
    let mut nul = gbk(PK);
    nul.extend([0, 0]);
    let mut mark = gbk(PK);
    mark.push(0x1A);
    let mut bom = vec![0xEF, 0xBB, 0xBF];
    bom.extend(gbk(PK));
    let cut = gbk(PK)[..100].to_vec();
    let long = vec![b'1'; 70_000];
    check(
        format("pipe-debit"),
        "JS20240901.PK",
        &[
            (gbk(PK), "nothing"),
            (gbk(&PK.replace('\n', "\r\n")), "nothing"),
            (gbk(PK.trim_end()), "nothing"),
            (
                with(PK, "50.00\n2", "1e3\n2"),
                "JS20240901.PK line 1 column 56, 总金额: `1e3` is no amount (an amount is yuan",
            ),
            (with(PK, "50.00\n2", "1,000.00\n2"), "总金额: `1,000.00` is no amount"),
            (with(PK, "50.00\n2", "100.005\n2"), "总金额: `100.005` is no amount"),
            (with(PK, "50.00\n2", "-50.00\n2"), "总金额: `-50.00` is below zero"),
            (with(PK, "50.00\n2", "\n2"), "总金额: it is empty"),
            (with(PK, "80.05", "80.06"), "line 3 column 5, 总金额: the file states 80.06, its rows make 80.05"),
            (with(PK, "0|2|", "0|3|"), "line 3 column 3, 总笔数: the file states 3, its rows make 2"),
            (with(PK, "0|2|", "0|x|"), "总笔数: `x` is no number"),
            (
                with(PK, "|2024-09-01|", "|2024-09-02|"),
                "扣款日期: the file states 2024-09-02, its name or head 2024-09-01",
            ),
            (with(PK, "|2024-09|", "|2024-13|"), "水费月份: `2024-13` is no such date (the format writes it as %Y-%m)"),
            (with(PK, "测试甲|", ""), "line 1 column 0, the line: the line has 7 columns, it should have 8"),
            (with(PK, "2|0516", "\n2|0516"), "line 2 column 0, the line: it is empty"),
            (with(PK, "\n0|2|80.05|2024-09-01|2024-09-01 22:30:00\n", "\n"), "the file ends without its last line"),
            ([gbk(PK), gbk("3|x\n")].concat(), "line 4 column 0, the line: a line stands behind the last one"),
            (with(PK, "测试甲", "测\u{1}甲"), "line 1 column 17, the line: it holds the control character 0x01"),
            (nul, "line 0 column 0, the file: it ends in 2 NUL or 0x1A bytes"),
            (mark, "it ends in 1 NUL or 0x1A bytes"),
            (bom, "line 1 column 1, the line: it starts with a byte order mark"),
            (cut, "the line has 4 columns, it should have 8"),
            (long, "it is longer than 65536 bytes"),
            (Vec::new(), "the file ends without its last line"),
            (
                b"1|0516\xFF\xFF|x\n".to_vec(),
                "line 1 column 7, the line: the bytes FF FF 7C 78 are no character of gbk",
            ),
        ],
    );
}

#[test]
fn an_answer_with_titles() {
    let format = format("unionpay-dk-answer");
    let name = "DK00000000700000000000001202409010001O.txt";
    check(
        format,
        name,
        &[
            (gbk(DK), "nothing"),
            (with(DK, "|txnAmt", "|orderId"), "line 2 column 9, orderId: the title stands twice"),
            (with(DK, "respCode|", "resp|"), "line 2 column 0, respCode: the title is missing"),
            (with(DK, "1|||5000", "1|||4000"), "successAmount: the file states 40.00, its rows make 50.00"),
            (with(DK, "|5000|1||\r", "|5000|2||\r"), "successCount: the file states 2, its rows make 1"),
            (with(DK, "|0902", "|0230"), "settleDate: `0230` is no such date"),
            (with(DK, "00||0902", "64||0902"), "successAmount: the file states 50.00, its rows make 0.00"),
            (with(DK, "6221558812340000", ""), "line 3 column 24, accNo: it is empty"),
            (b"5.0.0|5000|1|||5000|1||".to_vec(), "the file ends before its titles"),
            (b"5.0.0|5000|1".to_vec(), "line 1 column 0, the line: the line has 3 columns, it should have 9"),
            (Vec::new(), "the file is empty"),
            (b"14|no\r\n15|no".to_vec(), "a line stands behind the last one"),
        ],
    );
    let nameless = first_wrong(format, "answer.txt", &gbk(DK));
    assert!(nameless.contains("settleDate: `0902` has no year, and the file does not say its date"), "{nameless}");
}

#[test]
fn an_answer_in_csv() {
    check(
        format("plain-answer"),
        "M01-20240901-001.answer.csv",
        &[
            (gbk(CSV), "nothing"),
            (with(CSV, ",50.00,00", ",60.00,00"), "`60.00` was taken, `50.00` was asked (taken is what was asked"),
            (with(CSV, ",50.00,00", ",40.00,00"), "`40.00` was taken, `50.00` was asked"),
            (
                with(CSV, ",50.00,00", ",50.00,51"),
                "`50.00` was taken, but the code means funds (a refused debit takes nothing; ask",
            ),
            (with(CSV, "00,,", "00,\"a,"), "line 2 column 0, the line: a quote is not closed"),
            (with(CSV, "00,,", "00,\"a\"b,"), "line 2 column 54, the line: text stands behind a closed quote"),
            (with(CSV, "00,,", "00,a\"b\",").to_vec(), "a quote stands inside a cell"),
        ],
    );
    let success = format("ccb-answer-success");
    let failed = "1|6221558812340000||50.00|0||||90100516000012340|||||失败|";
    let found = first_wrong(success, "M_20240901_0001_R1.txt", failed.as_bytes());
    assert!(found.contains("code `失败` means unexplained, in a list of successes"), "{found}");
}

#[test]
fn fixed_records() {
    let file = super::write(format("city-debit"), &super::facts(1), &super::two_debits());
    let name = "CMT031223000S.Z01";
    let changed = |at: usize, byte: u8| {
        let mut changed = file.clone();
        changed[at] = byte;
        changed
    };
    let shifted = [&file[..52], b" ", &file[52..]].concat();
    check(
        format("city-debit"),
        name,
        &[
            (file.clone(), "nothing"),
            (
                file[..file.len() - 1].to_vec(),
                "line 3 column 0, the line: the record has 304 bytes, it should have 305",
            ),
            (file[..40].to_vec(), "line 1 column 0, the line: the record has 40 bytes, it should have 52"),
            ([&file[..], b"\r\n"].concat(), "line 4 column 0, the line: the record has 2 bytes, it should have 305"),
            (shifted, "line 2 column 1, 收费单位代码: ` 300000000` stands where `3000000001` should"),
            (
                changed(52 + 66 + 59, 0xB2),
                "line 2 column 67, 付款人名称: byte 126 is no character of gbk, or one across",
            ),
            (changed(52 + 100, b'\n'), "付款人名称: it holds the control character 0x0A"),
            (changed(52 + 169, b'x'), "line 2 column 170, 金额: `x00000005000` is no amount"),
            (changed(0, b'X'), "line 1 column 1, 报文类型: `XMT031` stands where `CMT031` should"),
        ],
    );
}

#[test]
fn a_statement() {
    let format = format("plain-statement");
    let titles = "交易日期,清算日,流水号,收入,支出,手续费,参考号,摘要\n";
    for (row, wanted) in [
        ("2024-09-02,,S1,50.00,50.00,,,x\n", "line 2 column 0, the line: money comes in and goes out in one line"),
        ("2024-09-02,,S1,,,,,x\n", "no money moves in this line"),
        ("2024-09-02,,,50.00,,,,x\n", "流水号: it is empty"),
        (",,S1,50.00,,,,x\n", "交易日期: it is empty"),
        ("2024/09/02,,S1,50.00,,,,x\n", "交易日期: `2024/09/02` is no such date"),
    ] {
        let text = format!("{titles}{row}");
        let read =
            StatementReader::open(format, &Params::new(), "s", text.as_bytes()).and_then(StatementReader::finish);
        let found = read.unwrap_err().to_string();
        assert!(found.contains(wanted), "{found}\n{wanted}");
    }
    let wrong = AnswerReader::open(format, &Params::new(), "s", titles.as_bytes()).unwrap_err().to_string();
    assert!(wrong.contains("format plain-statement is for a statement, not for answers"), "{wrong}");
}

#[test]
fn secrets_stay_masked() {
    let column = |from: &str, to: &str| first_wrong(format("pipe-debit"), "JS20240901.PK", &with(PK, from, to));
    for found in [column("50.00\n2", "6221558812340000\n2"), column("测试甲", "测试甲|6221558812340000")] {
        assert!(!found.contains("测试甲"), "{found}");
    }
    let toml = super::unshipped::AFA.replace("means = \"card\"", "means = \"card\", max = 10");
    let format = Format::parse("afa.toml", &toml).unwrap();
    let mut writer = yichong_core::formats::Writer::new(&format, &super::facts(1)).unwrap();
    let error = writer.row(&super::two_debits()[0], &mut Vec::new()).unwrap_err().to_string();
    assert!(error.contains("`622155******0000` takes 16 bytes"), "{error}");
}

#[test]
fn an_end_mark_may_be_expected() {
    let toml = super::unshipped::AFA.replace("line_end = \"crlf\"", "line_end = \"crlf\"\nend_mark = \"ignore\"");
    let format = Format::parse("afa.toml", &toml).unwrap();
    assert_eq!(first_wrong(&format, "x", b"1|6221558812340000|A|50.00|\r\n\x1A\0\0"), "nothing");
}
