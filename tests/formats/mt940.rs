//! MT940 as a format: what its table may say, what lint finds, how it hangs in the engine.

use yichong_core::formats::records::{Params, Totals};
use yichong_core::formats::{AnswerReader, Format, Kind, RecordReader, StatementReader};
use yichong_core::model::money::Fen;

use super::{format, root};

fn toml() -> String {
    std::fs::read_to_string(root().join("formats/mt940-statement.toml")).unwrap()
}

fn sample() -> Vec<u8> {
    std::fs::read(root().join("tests/formats/mt940-statement/20240902.sta")).unwrap()
}

#[test]
fn its_table_is_checked() {
    for (from, to, wanted) in [
        ("message = \"statement\"", "message = \"answer\"", "[mt940] belongs to message = \"statement\" only"),
        ("\"customer\"]", "\"?2\"]", "made-up.toml:11:33: `?2` is no place of a reference; accepted: customer, bank"),
        (
            "reference = ",
            "references = ",
            "unknown field `references`, expected one of `reference`, `currency`, `pages`",
        ),
        ("[mt940]\n", "[mt940]\ncurrency = \"yuan\"\n", "a currency is three capitals"),
        ("[mt940]\n", "[mt940]\npages = \"lost\"\n", "unknown variant `lost`, expected `together` or `apart`"),
        ("{ code = \"CHG\", kind = \"fee\" }", "{ kind = \"fee\" }", "every line is of a kind without words"),
        ("charset = \"gb18030\"", "", "missing field `charset`"),
        ("[statement]", "[delimited]\nseparator = \"|\"\n[statement]", "[delimited] cannot stand beside a standard"),
        ("[statement]", "[workbook]\n[statement]", "[workbook] cannot stand beside a standard"),
        ("[statement]", "[row]\nfields = []\n[statement]", "[row] cannot stand beside a standard"),
    ] {
        let text = toml();
        assert!(text.contains(from), "{from}");
        let found = Format::parse("made-up.toml", &text.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(found.contains(wanted), "found  {found}\nwanted {wanted}");
    }
    let (head, _) = toml().split_once("[statement]").map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    let found = Format::parse("made-up.toml", &head).unwrap_err().to_string();
    assert!(found.contains("a statement needs [statement] with `kinds`"), "{found}");
}

#[test]
fn codes_of_kinds_are_for_it_alone() {
    let plain = std::fs::read_to_string(root().join("formats/plain-statement.toml")).unwrap();
    let text = plain.replacen("{ text = \"手续费\"", "{ code = \"手续费\"", 1);
    let found = Format::parse("made-up.toml", &text).unwrap_err().to_string();
    assert!(found.contains("`code` is for MT940"), "{found}");
}

#[test]
fn a_statement_is_looked_at_page_by_page() {
    let (format, bytes) = (format("mt940-statement"), sample());
    let mut reader = RecordReader::open(format, &Params::new(), "20240902.sta", &bytes[..]);
    let mut kinds = Vec::new();
    while let Some(section) = reader.next_section().unwrap() {
        kinds.push((section.kind, section.line));
        if section.line == 12 {
            let cell = |name| section.cells.iter().find(|cell| cell.name == name).map(|cell| cell.text);
            assert_eq!((cell("income"), cell("outgo"), cell("kind")), (Some(""), Some("30.05"), Some("reversal")));
        }
    }
    use Kind::{Group, GroupEnd, Row};
    let rows = [Row; 4];
    let lines = [2, 6, 8, 10, 12, 14, 17, 21, 23, 25];
    let wanted: Vec<_> = [Group].into_iter().chain(rows).chain([GroupEnd, Group, Row, Row, GroupEnd]).collect();
    assert_eq!(kinds, wanted.into_iter().zip(lines).collect::<Vec<_>>());
    // 50.00 + 80.05 + 0.50 + 30.05 + 7.00 + 30.05 moved; the entry of nothing (line 24) is passed over.
    assert_eq!(reader.finish(), Ok(Totals { count: 6, sum: Fen(19_765) }));
    let money = StatementReader::open(format, &Params::new(), "x", &bytes[..]).and_then(StatementReader::finish);
    assert_eq!(money, Ok(Totals { count: 6, sum: Fen(19_765) }));
    assert!(AnswerReader::open(format, &Params::new(), "x", &bytes[..]).is_err());
}

#[test]
fn a_page_that_does_not_tie_is_refused_with_both_sums() {
    let bytes = sample();
    let at = bytes.windows(5).position(|w| w == b"80,05").unwrap();
    let mut changed = bytes.clone();
    changed[at + 4] = b'6';
    let read = StatementReader::open(format("mt940-statement"), &Params::new(), "20240902.sta", &changed[..]);
    let error = read.and_then(StatementReader::finish).unwrap_err().to_string();
    let wanted = "20240902.sta line 14 column 0, :62M:: the page closes with 1099.50; it opened with 1000.00 and its 4 \
                  entries make 1099.51 (opening balance and entries make the closing balance";
    assert!(error.contains(wanted), "{error}");
}

#[test]
fn no_damage_makes_the_reader_panic() {
    let whole = sample();
    for at in 0..whole.len() {
        for byte in [0, b'\n', b':', b'/', b'?', 0xFF] {
            let mut bytes = whole.clone();
            bytes[at] = byte;
            let mut reader = RecordReader::open(format("mt940-statement"), &Params::new(), "x", &bytes[..]);
            while let Ok(Some(_)) = reader.next_section() {}
        }
    }
}
