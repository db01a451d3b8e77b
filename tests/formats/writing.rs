//! Debit files are written to the byte, read back to the same texts, and refused rather than cut or replaced.

use yichong_core::formats::records::{DebitRow, Params, Totals};
use yichong_core::formats::{Kind, RecordReader, RecordWriter, Writer};
use yichong_core::model::money::Fen;

use super::{facts, format, params, root, two_debits, write};

/// (format, file name of the first, of the second file of a date).
const DEBITS: &[(&str, &str, &str)] = &[
    ("unionpay-dk-debit", "DK00000000700000000000001202409010001I.txt", "DK00000000700000000000001202409010002I.txt"),
    ("pipe-debit", "JS20240901.PK", "JS20240901_2.PK"),
    ("ccb-debit", "700000000000001_20240901_0001.txt", "700000000000001_20240901_0002.txt"),
    ("city-debit", "CMT031223000S.Z01", "CMT031223001S.Z01"),
    ("plain-debit", "700000000000001-20240901-001.csv", "700000000000001-20240901-002.csv"),
    ("aipg-debit", "700000000000001_20240901_001.aipg.xml", "700000000000001_20240901_002.aipg.xml"),
    ("gzelink-debit", "700000000000001_20240901_001.gzelink.xml", "700000000000001_20240901_002.gzelink.xml"),
    ("ght-debit", "700000000000001_20240901_001.ght.xml", "700000000000001_20240901_002.ght.xml"),
    ("beps-debit", "BEPS380_1000000001_2024090100000001.xml", "BEPS380_1000000001_2024090100000002.xml"),
    ("iso-debit", "700000000000001-20240901-0001.pain008.xml", "700000000000001-20240901-0002.pain008.xml"),
];

#[test]
fn files_are_written_to_the_byte() {
    for (name, first, _) in DEBITS {
        let format = format(name);
        let extension = first.rsplit('.').next().unwrap();
        let wanted = std::fs::read(root().join(format!("tests/formats/{name}/written.{extension}"))).unwrap();
        let written = write(format, &facts(1), &two_debits());
        assert!(written == wanted, "{name}:\n{}\n{}", written.escape_ascii(), wanted.escape_ascii());
    }
}

#[test]
fn names_follow_the_number() {
    for (name, first, second) in DEBITS {
        let format = format(name);
        assert_eq!(format.file_name(&facts(1)).unwrap(), *first);
        assert_eq!(format.file_name(&facts(2)).unwrap(), *second);
        let read = format.name_facts(second, &params()).unwrap();
        let timed = *name == "city-debit";
        assert_eq!((read.file_date, read.seq), if timed { (None, None) } else { (Some(facts(1).file_date), Some(2)) });
        let other = Params::from([
            ("merchant".into(), "800000000000001".into()),
            ("bank_code".into(), "GH".into()),
            ("sender".into(), "9".into()),
        ]);
        assert_eq!(format.name_facts(first, &other).is_some(), timed, "{name}: another bank's name is refused");
    }
}

#[test]
fn what_was_written_reads_back() {
    for (name, first, _) in DEBITS {
        let format = format(name);
        let rows = two_debits();
        let file = write(format, &facts(1), &rows);
        let mut reader = RecordReader::open(format, &params(), first, &file[..]);
        let mut read = Vec::new();
        while let Some(section) = reader.next_section().unwrap() {
            if section.kind == Kind::Row {
                read.push(section.cells.iter().map(|cell| cell.text.to_owned()).collect::<Vec<_>>());
            }
        }
        assert_eq!(reader.finish().unwrap(), Totals { count: 2, sum: Fen(8005) }, "{name}");
        for (row, cells) in rows.iter().zip(&read) {
            for text in [row.card.reveal(), &row.payer_name] {
                assert!(cells.iter().any(|cell| cell == text), "{name}: {text} in {cells:?}");
            }
        }
    }
}

#[test]
fn generic_records_are_written_back_to_the_same_bytes() {
    for (name, first, _) in DEBITS.iter().filter(|debit| !format(debit.0).is_standard()) {
        let format = format(name);
        let file = write(format, &facts(1), &two_debits());
        let mut reader = RecordReader::open(format, &Params::new(), first, &file[..]);
        let (mut writer, mut again) = (RecordWriter::new(format), Vec::new());
        while let Some(section) = reader.next_section().unwrap() {
            let cells: Vec<_> = section.cells.iter().map(|cell| (cell.name, cell.text)).collect();
            writer.section(section.kind, &cells, &mut again).unwrap();
        }
        assert!(again == file, "{name}:\n{}\n{}", again.escape_ascii(), file.escape_ascii());
    }
}

#[test]
fn a_line_the_format_does_not_list_is_not_written() {
    let format = format("pipe-debit");
    let (mut writer, mut out) = (RecordWriter::new(format), Vec::new());
    let tail = [("标志", "0"), ("总笔数", "0"), ("总金额", "0.00"), ("扣款日期", "2024-09-01")];
    writer.section(Kind::Tail, &tail, &mut out).unwrap();
    assert_eq!(out, b"0|0|0.00|2024-09-01|\n");
    for kind in [Kind::Head, Kind::Tail, Kind::Refusal, Kind::Group, Kind::Detail, Kind::GroupEnd] {
        let error = writer.section(kind, &tail, &mut out).unwrap_err().to_string();
        let wanted = "line 2 column 0, the line: the format has no such line here (write the lines the format lists";
        assert!(error.contains(wanted), "{kind:?}: {error}");
        assert_eq!(out, b"0|0|0.00|2024-09-01|\n");
    }
}

/// The error of writing one changed debit.
fn refused(name: &str, change: impl Fn(&mut DebitRow)) -> String {
    let format = format(name);
    let mut row = two_debits().remove(0);
    change(&mut row);
    let mut writer = Writer::new(format, &facts(1)).unwrap();
    let mut out = b"kept".to_vec();
    let error = writer.row(&row, &mut out).unwrap_err();
    assert_eq!(out, b"kept", "a refused row leaves nothing behind");
    assert_eq!(writer.written(), (0, 0));
    error.to_string()
}

#[test]
fn nothing_is_cut_or_replaced() {
    let long = "测".repeat(31);
    type Change<'a> = &'a dyn Fn(&mut DebitRow);
    let cases: &[(&str, &str, Change<'_>)] = &[
        ("unionpay-dk-debit", "customerNm: `甲**` holds `𠮷` (U+20BB7), which gbk does not have", &|row| {
            row.payer_name = "甲𠮷乙".into();
        }),
        ("city-debit", "takes 62 bytes (the bank's field has 60 bytes", &|row| row.payer_name = long.clone()),
        ("pipe-debit", "开户名: `甲**` holds `|`", &|row| row.payer_name = "甲|乙".into()),
        ("plain-debit", "payer_name: `甲**` holds a control character", &|row| row.payer_name = "甲\n乙".into()),
        ("pipe-debit", "开户名: it is empty", &|row| row.payer_name.clear()),
        ("pipe-debit", "费用ID: it reads like the mark of the file's last line", &|row| row.bank_ref = "0".into()),
        ("city-debit", "流水号: `007` starts with a zero", &|row| row.bank_ref = "007".into()),
        ("city-debit", "流水号: `M7` is not digits only", &|row| row.bank_ref = "M7".into()),
        ("city-debit", "流水号: it is empty", &|row| row.bank_ref.clear()),
        ("city-debit", "付款人名称: `甲*` has a space at its end", &|row| row.payer_name = "甲 ".into()),
        ("ccb-debit", "金额: `-0.01` is below zero", &|row| row.amount = Fen(-1)),
        ("unionpay-dk-debit", "certifId: `341126*", &|row| row.id_number = "341126197709218366000".into()),
    ];
    for (name, wanted, change) in cases {
        let found = refused(name, change);
        assert!(found.contains(wanted), "{name}: {found}\nwanted {wanted}");
    }
}

#[test]
fn a_comma_in_a_name_is_quoted() {
    let format = format("plain-debit");
    let mut rows = two_debits();
    rows[0].payer_name = "甲, \"乙\"".into();
    let text = String::from_utf8(write(format, &facts(1), &rows)).unwrap();
    assert!(text.contains(",051600001234,\"甲, \"\"乙\"\"\",6221558812340000,"), "{text}");
}

#[test]
fn limits_and_parameters_are_kept() {
    let ccb = format("ccb-debit");
    let mut writer = Writer::new(ccb, &facts(1)).unwrap();
    let (row, mut out) = (two_debits().remove(0), Vec::new());
    for _ in 0..2000 {
        writer.row(&row, &mut out).unwrap();
    }
    let full = writer.row(&row, &mut out).unwrap_err().to_string();
    assert!(full.contains("it would be row 2001, the bank takes 2000"), "{full}");

    let mut poor = facts(1);
    poor.params.remove("unit_code");
    let error = Writer::new(format("city-debit"), &poor).unwrap_err().to_string();
    assert!(error.contains("the bank's parameter `unit_code` is not set"), "{error}");
    poor.params.insert("merchant".into(), "12".into());
    let error = format("unionpay-dk-debit").file_name(&poor).unwrap_err().to_string();
    assert!(error.contains("merchant: the bank's parameter is `12`, the name needs 15 letters or digits"), "{error}");
}

#[test]
fn an_empty_night_is_a_whole_file() {
    // A standard's message holds at least one debit: no night without debits has such a file.
    for (name, first, _) in DEBITS.iter().filter(|debit| !format(debit.0).is_standard()) {
        let file = write(format(name), &facts(1), &[]);
        let read = RecordReader::open(format(name), &params(), first, &file[..]).finish();
        assert_eq!(read.unwrap(), Totals::default(), "{name}");
    }
}
