//! Agreements to a bank and back: the files written field by field are the case files, made by hand; their answers say
//! yes and no.

use yichong_core::formats::agreements::{AgreementReader, AgreementRow, AgreementWriter};
use yichong_core::formats::records::{FileFacts, Params};
use yichong_core::formats::{Format, Message};
use yichong_core::model::agreement::Operation;
use yichong_core::model::card::CardNo;
use yichong_core::model::ids::AccountNo;
use yichong_core::model::person::IdType;

use super::{format, root};

fn params() -> Params {
    let pairs = [
        ("bank_code", "JS"),
        ("operator", "柜员01"),
        ("sender", "1000000001"),
        ("receiver", "2000000001"),
        ("unit_code", "3000000001"),
        ("debit_bank", "1020000001"),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn facts(city: bool) -> FileFacts {
    let mut params = params();
    if city {
        params.remove("operator");
    }
    let day = "2026-03-02".parse().unwrap();
    FileFacts {
        params,
        business_date: day,
        file_date: day,
        seq: 1,
        made_at: "2026-03-02T17:00:00".parse().unwrap(),
        calendar: None,
    }
}

fn rows() -> [AgreementRow; 2] {
    let row = |nth: u32, operation, card: &str, name: &str, holder: &str| AgreementRow {
        line: nth,
        operation,
        account: AccountNo(51_600_001_233 + i64::from(nth)),
        agreement: String::new(),
        holder: holder.into(),
        address: format!("东区1幢10{nth}"),
        payer_name: name.into(),
        card: CardNo::parse(card).unwrap(),
        id_type: IdType::Resident,
        id_number: String::new(),
        mobile: String::new(),
        signed_on: format!("2024-03-{}", 9 + nth).parse().unwrap(),
    };
    [
        row(1, Operation::Sign, "6221558812340000", "测试甲", "户主甲"),
        row(2, Operation::Cancel, "6226090000000048", "和珅", "户主乙"),
    ]
}

fn written(format: &Format, facts: &FileFacts) -> Vec<u8> {
    let mut writer = AgreementWriter::new(format, facts).unwrap();
    let mut out = Vec::new();
    writer.head(2, &mut out).unwrap();
    rows().iter().for_each(|row| writer.row(row, &mut out).unwrap());
    writer.tail(2, &mut out).unwrap();
    out
}

#[test]
fn what_is_written_are_the_case_files() {
    for (name, file) in [("pipe-agreements", "DKQYJS20240901.TXT"), ("city-agreements", "AUT031170000S.Z01")] {
        let bytes = std::fs::read(root().join("tests/formats").join(name).join(file)).unwrap();
        assert!(written(format(name), &facts(name == "city-agreements")) == bytes, "{name}");
    }
    assert_eq!(format("city-agreements").file_name(&facts(true)).unwrap(), "AUT031170000S.Z01");
    let wrong = AgreementWriter::new(format("pipe-debit"), &facts(false)).unwrap_err();
    assert!(wrong.problem.contains("is for debits"), "{wrong}");
}

#[test]
fn a_row_that_cannot_be_written_leaves_nothing_behind() {
    let facts = facts(false);
    let mut writer = AgreementWriter::new(format("pipe-agreements"), &facts).unwrap();
    let mut out = b"kept".to_vec();
    let [mut row, _] = rows();
    row.payer_name = "王𬱖".into();
    let error = writer.row(&row, &mut out).unwrap_err();
    assert_eq!((error.line, error.field.as_str(), out.as_slice()), (1, "户名", &b"kept"[..]), "{error}");
}

#[test]
fn answers_say_yes_and_no() {
    let table = [
        ("pipe-agreements-answer", "DKQYRJS20240901.TXT", ["Y", "N"], ["", "无此签约"]),
        ("city-agreements-answer", "AUT032083000S.Z01", ["00", "17"], ["", ""]),
    ];
    for (name, file, codes, texts) in table {
        assert_eq!(format(name).message(), Message::AgreementAnswer);
        let bytes = std::fs::read(root().join("tests/formats").join(name).join(file)).unwrap();
        let mut reader = AgreementReader::open(format(name), &Params::new(), file, &bytes[..]).unwrap();
        for (at, accepted) in [true, false].into_iter().enumerate() {
            let (row, told) = (reader.next_row().unwrap().unwrap(), &rows()[at]);
            assert_eq!(
                (row.accepted, row.code.as_str(), row.text.as_str()),
                (accepted, codes[at], texts[at]),
                "{name}"
            );
            assert_eq!((row.operation, row.account), (Some(told.operation), Some(told.account)), "{name}");
            assert_eq!(row.card.as_deref(), Some(told.card.reveal()));
        }
        assert_eq!(reader.finish().unwrap(), 2);
    }
}

#[test]
fn a_wrong_agreement_format_is_refused_where_it_is_wrong() {
    let text = std::fs::read_to_string(root().join("formats/pipe-agreements-answer.toml")).unwrap();
    let said = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        Format::parse("formats/x.toml", &text.replace(from, to)).unwrap_err().to_string()
    };
    assert!(said("accepted = [\"Y\"]", "").contains("`accepted`"));
    assert!(said("cancel = \"2\"", "cancel = \"1\"").contains("two different words"));
    assert!(said("[agreement]\nsign = \"1\"\ncancel = \"2\"\naccepted = [\"Y\"]", "").contains("[agreement]"));
    assert!(said("means = \"code\"", "means = \"mobile\"").contains("`code`"));
    assert!(
        said("means = \"code\"", "means = \"amount\"").contains("`amount` cannot stand here; accepted: line, account")
    );
}

#[test]
fn a_format_that_can_only_be_read_says_where_and_what_to_do() {
    let text = std::fs::read_to_string(root().join("formats/pipe-agreements.toml")).unwrap();
    let xml = "[xml]\nroot = \"A\"\nrows = \"B\"";
    let sheet = "[workbook]";
    let lines = "[delimited]\nseparator = \"|\"";
    // The line of each is counted in the shipped file.
    let table: [(&[(&str, &str)], &str); 6] = [
        (&[(lines, xml)], "formats/x.toml:10:1: agreements are told in lines or fixed records, XML is only read"),
        (
            &[(lines, sheet), ("[row]", "[row]\ntitles = true")],
            "formats/x.toml:10:1: agreements are told in lines or fixed records, a workbook is only read",
        ),
        (&[("DKQY{bank_code}", "DKQY{any}")], "formats/x.toml:6:8: `{any}` cannot be written"),
        (&[(", means = \"payer_name\"", "")], "formats/x.toml:13:1: no field of [row] means `payer_name`"),
        (
            &[(", means = \"operation\"", ""), ("[agreement]\nsign = \"1\"\ncancel = \"2\"", "")],
            "formats/x.toml:13:1: no field of [row] means `operation`",
        ),
        (
            &[("param = \"operator\", default = \"YICHONG\"", "means = \"text\"")],
            "formats/x.toml:22:14: field `处理人员` is the bank's to fill, we have nothing to write",
        ),
    ];
    assert_eq!(Format::parse("formats/x.toml", &text).unwrap().only_read(), None);
    for (changes, wanted) in table {
        let mut changed = text.clone();
        for (from, to) in changes {
            assert!(changed.contains(from), "{from}");
            changed = changed.replacen(from, to, 1);
        }
        let format = Format::parse("formats/x.toml", &changed).unwrap();
        let why = format.only_read().unwrap().to_string();
        assert!(
            why.starts_with(wanted) && why.contains("name this format in `lists`"),
            "found  {why}\nwanted {wanted}"
        );
        let error = AgreementWriter::new(&format, &facts(false)).unwrap_err();
        assert!(error.problem.starts_with("a bank cannot be told in this format"), "{error}");
    }
    let standard = std::fs::read_to_string(root().join("formats/iso-answer.toml")).unwrap();
    let told = standard.replace("message = \"answer\"", "message = \"agreements\"");
    let error = Format::parse("formats/x.toml", &told).unwrap_err().to_string();
    assert!(error.contains("the two `message` must fit"), "{error}");
}
