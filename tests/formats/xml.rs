//! XML formats: what documents may look like, where each refusal stands, what a head's code says.

use std::io::{Read, repeat};

use yichong_core::formats::records::{DebitRow, Params};
use yichong_core::formats::{AnswerReader, Format, RecordReader};

use super::{facts, first_wrong, format, params, root, two_debits, write};

const ANSWER: &str = "<?xml version=\"1.0\" encoding=\"GBK\"?>\n<AIPG>\n <INFO><TRX_CODE>100001</TRX_CODE>\
    <REQ_SN>700000000000001-20240901001</REQ_SN><RET_CODE>0000</RET_CODE><ERR_MSG/></INFO>\n <BODY><RET_DETAILS>\n\
    \x20 <RET_DETAIL><SN>1</SN><RET_CODE>0000</RET_CODE><ERR_MSG/></RET_DETAIL>\n\
    \x20 <RET_DETAIL><SN>2</SN><RET_CODE>3008</RET_CODE><ERR_MSG/></RET_DETAIL>\n </RET_DETAILS></BODY>\n</AIPG>\n";

/// A format with everything that may be chosen: attributes, optional elements, a tail, own declaration.
const LAKE: &str = r#"
title = "湖泊银行 XML"
message = "debit"

[file]
name = "LAKE_{file_date:%Y%m%d}_{seq:02}.xml"
charset = "gb18030"
line_end = "lf"
last_line_end = false
amounts = "yuan"

[xml]
root = "批扣"
declaration = "<?xml version='1.0' encoding='gb2312'?>"
rows = "明细/户"
unknown = "refuse"

[[head]]
fields = [
    { name = "@版本", value = "2" },
    { name = "日期", means = "file_date", format = "%Y-%m-%d" },
    { name = "备注/甲", param = "note", default = "", may_be_missing = true },
    { name = "备注/乙", param = "note", default = "", may_be_missing = true },
]

[row]
fields = [
    { name = "@号", means = "bank_ref" },
    { name = "卡/@类", value = "借记" },
    { name = "卡", means = "card" },
    { name = "名", means = "payer_name", max = 12 },
    { name = "额", means = "amount" },
    { name = "证件/号码", means = "id_number", may_be_missing = true },
]

[[tail]]
fields = [{ name = "合计/笔数", means = "count" }, { name = "合计/金额", means = "sum" }]
"#;

pub fn lake(from: &str, to: &str) -> Result<Format, String> {
    assert!(LAKE.contains(from), "{from}");
    Format::parse("lake.toml", &LAKE.replacen(from, to, 1)).map_err(|error| error.to_string())
}

/// Two debits, the first without an ID number.
fn rows() -> Vec<DebitRow> {
    let mut rows = two_debits();
    rows[0].id_number.clear();
    rows[1].payer_name = "<和&珅>".to_owned();
    rows
}

const WRITTEN: &str = "<?xml version='1.0' encoding='gb2312'?><批扣 版本=\"2\"><日期>2024-09-01</日期><明细>\n\
    <户 号=\"1\"><卡 类=\"借记\">6221558812340000</卡><名>测试甲</名><额>50.00</额></户>\n\
    <户 号=\"2\"><卡 类=\"借记\">6226090000000048</卡><名>&lt;和&amp;珅&gt;</名><额>30.05</额><证件><号码>E12345678\
    </号码></证件></户>\n</明细><合计><笔数>2</笔数><金额>80.05</金额></合计></批扣>";

#[test]
fn elements_share_parents_and_may_be_missing() {
    let format = lake("", "").unwrap();
    let written = write(&format, &facts(1), &rows());
    let text = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(&written).unwrap();
    assert_eq!(text, WRITTEN);
    let totals = RecordReader::open(&format, &params(), "x", &written[..]).finish().unwrap();
    assert_eq!((totals.count, totals.sum.0), (2, 8005));
    let mut facts = facts(1);
    facts.params.insert("note".to_owned(), "甲".to_owned());
    let noted = write(&format, &facts, &rows());
    let text = encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(&noted).unwrap();
    assert_eq!(text, WRITTEN.replace("<明细>", "<备注><甲>甲</甲><乙>甲</乙></备注><明细>"));
}

#[test]
fn a_written_text_is_whole_or_refused() {
    let format = lake("", "").unwrap();
    let mut writer = yichong_core::formats::Writer::new(&format, &facts(1)).unwrap();
    for (name, wanted) in [
        ("七个汉字太长了", "takes 14 bytes"),
        ("甲\u{1}", "holds a control character"),
        ("甲\u{85}", "holds a control character"),
    ] {
        let mut out = b"before".to_vec();
        let error = writer.row(&DebitRow { payer_name: name.to_owned(), ..rows().remove(0) }, &mut out).unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
        assert_eq!(out, b"before");
    }
    // Twelve bytes of text, more when escaped: the bank's field holds what is read back.
    let mut out = Vec::new();
    writer.row(&DebitRow { payer_name: "&&&&&&&&&&&&".to_owned(), ..rows().remove(0) }, &mut out).unwrap();
}

#[test]
fn a_document_that_is_refused() {
    let lake = lake("", "").unwrap();
    let document = |text: &str| {
        let mut bytes = Vec::new();
        for c in text.chars() {
            let mut buffer = [0; 4];
            let (encoded, _, bad) = encoding_rs::GB18030.encode(c.encode_utf8(&mut buffer));
            assert!(!bad);
            bytes.extend_from_slice(&encoded);
        }
        bytes
    };
    assert_eq!(first_wrong(&lake, "x", &document(WRITTEN)), "nothing");
    for (from, to, wanted) in [
        ("50.00<", "5O.00<", "x line 2 column 53, 明细/户[1]/额: `5O.00` is no amount"),
        ("<名>测", "<名><b/>测", "批扣/明细/户[1]/名: `b` is not known here"),
        ("<笔数>2", "<笔数>3", "line 4 column 14, 合计/笔数: the file states 3, its rows make 2"),
        ("版本=\"2\"", "版本=\"3\"", "line 1 column 40, @版本: `3` stands where `2` should"),
        ("号=\"1\"", "", "line 2 column 1, 明细/户[1]/@号: it is empty"),
        ("<额>30.05</额>", "", "line 3 column 1, 明细/户[2]/额: it is empty"),
        ("<日期>2024-09-01</日期>", "", "nothing"),
        ("</户>\n<户", "</户>x<户", "批扣/明细: a text stands where none belongs"),
        ("<名>测试甲</名>", "<名>测试甲</名><名/>", "批扣/明细/户[1]/名: the element stands twice"),
        ("<明细>", "</批扣><批扣><明细>", "the document: a second root `批扣` stands behind the first"),
        ("批扣 版本", "批收 版本", "the document: "),
        ("<明细>", "<新/><明细>", "批扣: `新` is not known here (the format says `unknown = \"refuse\"`"),
        ("<合计>", "<明细/><合计>", "批扣/明细: the element stands twice"),
        ("<明细>", "<合计><笔数>2</笔数></合计><明细>", "an element of the tail stands before the rows"),
        ("encoding='gb2312'", "encoding='utf-8'", "it says utf-8, the format expects gb18030"),
        ("<卡 ", "<!-- 卡 --><卡 ", "nothing"),
        ("<名>测试甲</名>", "<名><![CDATA[测试甲]]></名>", "nothing"),
    ] {
        assert!(WRITTEN.contains(from), "{from}");
        let found = first_wrong(&lake, "x", &document(&WRITTEN.replacen(from, to, 1)));
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
    let moved = WRITTEN.replace("<日期>2024-09-01</日期>", "").replace("<合计>", "<日期>2024-09-01</日期><合计>");
    let found = first_wrong(&lake, "x", &document(&moved));
    assert!(found.contains("批扣/日期: an element of the head stands behind the first row"), "{found}");
}

#[test]
fn the_heads_code_speaks_first() {
    let format = format("aipg-answer");
    let name = "700000000000001_20240901_001.aipg.ret.xml";
    let head = |code: &str| ANSWER.replacen(">0000<", &format!(">{code}<"), 1);
    let without_rows = |text: &str| {
        let (from, to) = (text.find(" <BODY>").unwrap(), text.find("</AIPG>").unwrap());
        format!("{}{}", &text[..from], &text[to..])
    };
    let open = |text: &str| AnswerReader::open(format, &params(), name, text.as_bytes().to_vec().leak() as &[u8]);
    let finished = |text: &str| {
        open(text).and_then(|mut reader| {
            while reader.next_row()?.is_some() {}
            reader.finish()
        })
    };
    assert_eq!(finished(ANSWER).unwrap().taken.count, 1);
    // In work: rows that are listed count, and a document without any says nothing against anybody.
    assert_eq!(finished(&head("2000")).unwrap().rows.count, 2);
    assert_eq!(finished(&without_rows(&head("4000"))).unwrap().rows.count, 0);
    let refused = open(&without_rows(&head("2004"))).unwrap();
    assert_eq!(refused.refusal().map(|r| (r.code.as_str(), r.category.word())), Some(("2004", "unexplained")));
    for (text, wanted) in [
        (head("2004"), "line 3 column 89, INFO/RET_CODE: the head refuses the whole file (code `2004`), and rows"),
        (
            without_rows(&head("2004").replace("-20240901001", "-20240901002")),
            "line 3 column 89, INFO/RET_CODE: code `2004` refuses a file, and the number in the head is not that of",
        ),
        (
            without_rows(&head("2004").replace("-20240901001", "-1725")),
            "the number in the head is not that of the file's name (ask the bank which file it refuses, and give",
        ),
        (head("7777"), "line 3 column 89, INFO/RET_CODE: `7777` is no code for a whole file that the format knows"),
        (head(""), "line 3 column 79, INFO/RET_CODE: it is empty"),
        (head("").replace("<RET_CODE></RET_CODE>", ""), "line 2 column 1, INFO/RET_CODE: it is empty"),
        (
            ANSWER.replace("-20240901001", "-20240902001"),
            "INFO/REQ_SN: the file states 2024-09-02, its name or head 2024-09-01",
        ),
        (ANSWER.replace(">100001<", ">100002<"), "INFO/TRX_CODE: `100002` stands where `100001` should"),
        (ANSWER.replace("<SN>2</SN>", "<SN/>"), "line 6 column 15, BODY/RET_DETAILS/RET_DETAIL[2]/SN: it is empty"),
        (
            ANSWER.replace("<SN>2</SN>", "<SN>2</SN><SN>3</SN>"),
            "AIPG/BODY/RET_DETAILS/RET_DETAIL[2]/SN: the element stands twice",
        ),
        (
            ANSWER.replace("<SN>2</SN>", "<SN>2<NEW/>2</SN>"),
            "line 6 column 26, AIPG/BODY/RET_DETAILS/RET_DETAIL[2]/SN: its text is interrupted (an element that is a",
        ),
        (ANSWER.replace("</AIPG>", ""), "the document: the document ends inside `AIPG`"),
    ] {
        let found = finished(&text).unwrap_err().to_string();
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
        let generic = RecordReader::open(format, &params(), name, text.as_bytes()).finish();
        assert!(
            generic.is_err() || wanted.contains("2004") || wanted.contains("the number in the head"),
            "lint takes what a night refuses: {wanted}"
        );
    }
}

#[test]
fn a_batch_that_is_not_ours_leaves_its_rows_alone() {
    let text = ANSWER.replace("700000000000001-20240901001", "somebody-else");
    let name = "700000000000001_20240901_001.aipg.ret.xml";
    let mut reader = AnswerReader::open(format("aipg-answer"), &params(), name, text.as_bytes()).unwrap();
    assert_eq!(reader.next_row().unwrap().unwrap().foreign.as_deref(), Some("somebody-else"));
}

#[test]
fn the_line_before_the_document_is_read_too() {
    let written = std::fs::read(root().join("tests/formats/beps-debit/written.xml")).unwrap();
    let text = String::from_utf8(written).unwrap();
    let format = format("beps-debit");
    for (from, to, wanted) in [
        ("", "", "nothing"),
        (
            "XMLbeps.380",
            "XMLbeps.127",
            "x line 1 column 59, MesgType: `beps.127.001.01` stands where `beps.380.001.01`",
        ),
        ("XMLbeps", "XML beps", "the line before the document has 131 bytes or more, it should have 130"),
        ("}\r\n", "\r\n", "the line before the document has 129 bytes, it should have 130"),
        ("TtlAmt Ccy=\"CNY\"", "TtlAmt Ccy=\"USD\"", "BtchColltnChrgs/BtchColltnChrgsInf/TtlAmt/@Ccy: `USD` stands"),
        (
            "beps.380.001.01\">",
            "beps.380.001.02\">",
            "the root is `Document` of urn:cnaps:std:beps:2010:tech:xsd:beps.380.001.02",
        ),
        (
            "xsd:beps.380.001.01\"><B",
            "xsd:beps.380.001.01\">\n</B",
            "x line 3 column 1, the document: `BtchColltnChrgs` is closed",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let found = first_wrong(format, "x", text.replacen(from, to, 1).as_bytes());
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
}

#[test]
fn a_document_without_end_takes_no_memory() {
    /// Counts what is read.
    struct Counted<R>(R, usize);
    impl<R: Read> Read for Counted<R> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let read = self.0.read(out)?;
            self.1 += read;
            Ok(read)
        }
    }
    let format = format("aipg-answer");
    for start in ["<AIPG><INFO><ERR_MSG>", "<AIPG><BODY><RET_DETAILS><RET_DETAIL a='", "<AIPG><NEW>"] {
        let mut input = Counted(start.as_bytes().chain(repeat(b'x')), 0);
        let error = RecordReader::open(format, &Params::new(), "x", &mut input).finish().unwrap_err();
        assert!(error.problem.contains("longer than 65536 bytes"), "{error}");
        assert!(input.1 < 400_000, "{}", input.1);
    }
}
