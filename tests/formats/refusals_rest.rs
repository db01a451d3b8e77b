//! Files that are refused, the rarer messages: each a shipped format's own sample, changed in one place. And every
//! sample of every shipped format broken the same ways: refused with a place, a rule and nobody's card.

use std::path::PathBuf;

use yichong_core::formats::agreements::AgreementReader;
use yichong_core::formats::records::{FileError, Params};
use yichong_core::formats::{AnswerReader, Format, Message, RecordReader, StatementReader};

use super::{files, format, name_of, root, shipped};

/// The first wrong place, by the reader that the engine reads such files with.
fn wrong(format: &Format, name: &str, bytes: &[u8]) -> Option<FileError> {
    let any = Params::new();
    let generic = RecordReader::open(format, &any, name, bytes).finish().err();
    let own = match format.message() {
        Message::Answer => AnswerReader::open(format, &any, name, bytes).and_then(AnswerReader::finish).err(),
        Message::Statement => StatementReader::open(format, &any, name, bytes).and_then(StatementReader::finish).err(),
        Message::Agreements | Message::AgreementAnswer => {
            AgreementReader::open(format, &any, name, bytes).and_then(AgreementReader::finish).err()
        }
        _ => None,
    };
    own.or(generic)
}

fn samples(format: &str) -> Vec<PathBuf> {
    let folder = root().join("tests/formats").join(format);
    files(&folder).into_iter().filter(|path| path.extension().is_none_or(|ending| ending != "json")).collect()
}

/// A sample changed in one place (the first of its kind), as bytes.
fn changed(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|piece| piece == from.as_bytes());
    let at = at.unwrap_or_else(|| panic!("{from} stands nowhere"));
    [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
}

#[test]
fn the_rarer_messages() {
    for (name, from, to, wanted) in [
        ("pipe-agreements", "|1|", "|3|", "`3` is neither `1` (signed) nor `2` (cancelled)"),
        ("pipe-agreements-answer", "|1|", "|3|", "`3` is neither `1` (signed) nor `2` (cancelled)"),
        ("plain-statement", "F1,50.00,,", "F1,50.00,1.00,", "exactly one of the two amounts is above zero"),
        ("plain-statement", "F1,50.00,,", "F1,,,", "exactly one of the two amounts is above zero"),
        ("iso-debit", "<NbOfTxs>2</NbOfTxs>", "<NbOfTxs>3</NbOfTxs>", "NbOfTxs states 3, there are 2"),
        (
            "iso-debit",
            "<CtrlSum>80.05</CtrlSum>",
            "<CtrlSum>80.06</CtrlSum>",
            "CtrlSum states 80.06, the amounts make 80.05",
        ),
        ("aipg-answer", "<AIPG>", "<AIPX>", "the root is `AIPX`, it should be `AIPG`"),
        ("iso-debit", ">50.00</InstdAmt>", ">0.00</InstdAmt>", "0.00 CNY is not above zero"),
    ] {
        let path = samples(name).remove(0);
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(wrong(format(name), &name_of(&path), &bytes), None, "{name} as it is");
        let error = wrong(format(name), &name_of(&path), &changed(&bytes, from, to)).unwrap().to_string();
        assert!(error.contains(wanted), "found  {error}\nwanted {wanted}");
    }
}

#[test]
fn every_sample_that_is_broken_is_refused_with_its_place() {
    let mut tried = 0;
    for format in shipped().iter() {
        for path in samples(format.name()) {
            let (name, bytes) = (name_of(&path), std::fs::read(&path).unwrap());
            let half = bytes.len() / 2;
            let breaks = [
                ("cut in the middle", bytes[..half].to_vec()),
                ("bytes that are no character", [&bytes[..half], b"\xFF\xFF", &bytes[half..]].concat()),
                ("NUL in the middle", [&bytes[..half], b"\0\0", &bytes[half..]].concat()),
                ("something behind its end", [&bytes[..], b"\n<<<\n"].concat()),
            ];
            for (how, broken) in breaks {
                // A line that refuses a whole file ends in words: nobody can tell that some are missing. What follows
                // a SWIFT statement outside its blocks is the line's, and a ZIP archive is read from its end.
                let free = how == "cut in the middle" && bytes.len() < 40
                    || how == "something behind its end" && (format.is_workbook() || name.ends_with(".sta"));
                let Some(error) = wrong(format, &name, &broken) else {
                    assert!(free, "{} {name}, {how}: it is taken", format.name());
                    continue;
                };
                let said = error.to_string();
                assert!(!error.problem.is_empty() && !error.rule.is_empty() && !error.field.is_empty(), "{said}");
                assert!(error.line > 0 || format.is_workbook() || how.starts_with("something"), "{how}: {said}");
                for card in ["6221558812340000", "6226090000000048", "341126197709218366"] {
                    assert!(!said.contains(card), "{said}");
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 120, "only {tried} broken files");
}
