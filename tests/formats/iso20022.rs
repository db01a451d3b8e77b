//! ISO 20022: what is written, for every version, and what is refused; properties of both directions.

use std::process::Command;

use proptest::prelude::*;
use yichong_core::formats::records::{DebitRow, FileFacts, Params, Totals};
use yichong_core::formats::{AnswerReader, Format, Kind, RecordReader, StatementReader, Writer};
use yichong_core::model::calendar::Calendar;
use yichong_core::model::card::CardNo;
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;

use super::{day, facts, format, name_of, root, two_debits, write};

pub fn euro_facts() -> FileFacts {
    let mut facts = facts(1);
    for (name, value) in [
        ("creditor_name", "Université d'Exemple"),
        ("creditor_account", "NL91ABNA0417164300"),
        ("creditor_bank", "ABNANL2A"),
        ("creditor_id", "NL00ZZZ123456780000"),
    ] {
        facts.params.insert(name.to_owned(), value.to_owned());
    }
    facts.calendar = Some(Calendar::new("euro", [2024], []));
    facts
}

/// A first collection and a later one; the IBANs are the registry's examples.
pub fn euro_debits() -> Vec<DebitRow> {
    let mut rows = two_debits();
    (rows[0].payer_name, rows[0].first) = ("Müller & Söhne".into(), true);
    rows[0].card = CardNo::parse("DE89370400440532013000").unwrap();
    rows[1].payer_name = "Wang Fang".into();
    rows[1].card = CardNo::parse("GB29NWBK60161331926819").unwrap();
    rows
}

/// The whole file, each group with its own totals.
pub fn written(format: &Format, facts: &FileFacts, rows: &[DebitRow]) -> Vec<u8> {
    let mut writer = Writer::new(format, facts).unwrap();
    let mut bodies: Vec<(Totals, Vec<u8>)> = Vec::new();
    let add = |totals: &mut Totals, row: &DebitRow| {
        *totals = Totals { count: totals.count + 1, sum: totals.sum.plus(row.amount).unwrap() };
    };
    let mut whole = Totals::default();
    for row in rows {
        let group = writer.group_of(row);
        bodies.resize_with(bodies.len().max(group + 1), Default::default);
        writer.row(row, &mut bodies[group].1).unwrap();
        add(&mut bodies[group].0, row);
        add(&mut whole, row);
    }
    let mut file = Vec::new();
    writer.head(whole, &mut file).unwrap();
    for (group, (totals, body)) in bodies.iter().enumerate() {
        writer.group(group, *totals, &mut file).unwrap();
        file.extend_from_slice(body);
    }
    writer.tail(whole, &mut file).unwrap();
    file
}

/// A shipped format with other words in its text.
pub fn changed(name: &str, changes: &[(&str, &str)]) -> Format {
    let mut text = std::fs::read_to_string(root().join(format!("formats/{name}.toml"))).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    Format::parse(&format!("{name}.toml"), &text).unwrap()
}

#[test]
fn one_payment_information_for_each_sequence_type() {
    let wanted = std::fs::read_to_string(root().join("tests/formats/iso-debit-sepa/written.xml")).unwrap();
    let file = String::from_utf8(written(format("iso-debit-sepa"), &euro_facts(), &euro_debits())).unwrap();
    assert_eq!(file, wanted);
}

#[test]
fn groups_take_so_many_rows_and_go_on() {
    let format = changed("iso-debit", &[("rows_per_group = 10000", "rows_per_group = 2")]);
    let rows: Vec<DebitRow> = (1..=5).map(|line| DebitRow { line, ..two_debits().remove(0) }).collect();
    let file = written(&format, &facts(1), &rows);
    let mut reader = RecordReader::open(&format, &Params::new(), "x.xml", &file[..]);
    let mut groups = Vec::new();
    while let Some(section) = reader.next_section().unwrap() {
        if section.kind == Kind::GroupEnd {
            groups.push(section.cells.iter().map(|cell| cell.text.to_owned()).collect::<Vec<_>>().join(" "));
        }
    }
    // 50.00 each: two, two, one.
    assert_eq!(groups, ["2 100", "2 100", "1 50"]);
    assert_eq!(reader.finish().unwrap(), Totals { count: 5, sum: Fen(25_000) });
}

/// Every version that is written, in both profiles, against ISO's own schemas, where they and xmllint are.
#[test]
fn every_version_is_valid_by_its_schema() {
    let top = root();
    let schemas = top.ancestors().map(|up| up.join("shared/iso20022/xsd")).find(|path| path.is_dir());
    let Some(schemas) = schemas.filter(|_| Command::new("xmllint").arg("--version").output().is_ok()) else {
        println!("not run: the schemas or xmllint are not there");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    for version in ["02", "08", "10", "11"] {
        for name in ["iso-debit", "iso-debit-sepa"] {
            let codes = "category_purpose = \"UBIL\"\npurpose = \"ELEC\"\nrows_per_group";
            let message = format!("pain.008.001.{version}");
            let format = changed(name, &[("pain.008.001.08", &message), ("rows_per_group", codes)]);
            let (facts, mut rows) =
                if name == "iso-debit" { (facts(1), two_debits()) } else { (euro_facts(), euro_debits()) };
            rows[1].replaced = Some(rows[0].card.clone());
            let path = folder.path().join(format!("{name}.xml"));
            std::fs::write(&path, written(&format, &facts, &rows)).unwrap();
            let schema = schemas.join(format!("pain.008.001.{version}.xsd"));
            let out = Command::new("xmllint").arg("--noout").arg("--schema").arg(&schema).arg(&path).output().unwrap();
            assert!(out.status.success(), "{name} {version}: {}", String::from_utf8_lossy(&out.stderr));
        }
    }
}

#[test]
fn what_the_standard_cannot_say_is_refused_before_it_is_written() {
    type Change<'a> = &'a dyn Fn(&mut DebitRow);
    let cases: &[(&str, &str, Change<'_>)] = &[
        ("iso-debit", "line 1 column 0, InstdAmt: `0.00` cannot be collected", &|row| row.amount = Fen(0)),
        ("iso-debit", "InstdAmt: `-0.01` cannot be collected", &|row| row.amount = Fen(-1)),
        ("iso-debit", "MndtId: `` is no id", &|row| row.agreement.clear()),
        ("iso-debit", "MndtId: `A_1` is no id", &|row| row.agreement = "A_1".into()),
        ("iso-debit", "Dbtr: `甲*` does not fit (a name: letters, no control", &|row| row.payer_name = "甲\r".into()),
        ("iso-debit", "Dbtr: `` does not fit", &|row| row.payer_name.clear()),
        ("iso-debit", "at most 140 characters", &|row| row.payer_name = "测".repeat(141)),
        ("iso-debit-sepa", "DbtrAcct: `622155******0000` does not fit (an IBAN", &|row| {
            row.card = CardNo::parse("6221558812340000").unwrap();
        }),
        ("iso-debit-sepa", "DbtrAcct: `DE8837************3000` does not fit", &|row| {
            row.card = CardNo::parse("DE88370400440532013000").unwrap();
        }),
        ("iso-debit-sepa", "Dbtr: `测**` does not fit (a name of Latin letters", &|row| {
            row.payer_name = "测试甲".into();
        }),
        ("iso-debit-sepa", "`1000000000.00` cannot be collected", &|row| row.amount = Fen(100_000_000_000)),
    ];
    for (name, wanted, change) in cases {
        let (facts, mut row) = match *name {
            "iso-debit" => (facts(1), two_debits().remove(0)),
            _ => (euro_facts(), euro_debits().remove(0)),
        };
        change(&mut row);
        let mut writer = Writer::new(format(name), &facts).unwrap();
        let mut out = b"kept".to_vec();
        let error = writer.row(&row, &mut out).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}\nwanted {wanted}");
        assert_eq!((out.as_slice(), writer.written()), (&b"kept"[..], (0, 0)));
    }
    for (param, value, wanted) in [
        ("creditor_account", "1", "creditor_account: the bank's parameter `creditor_account` is `1`"),
        ("creditor_bank", "ICBKCNBJ", "a bank number of 12 digits (行号)"),
        ("creditor_name", "", "a name: letters"),
        (
            "merchant",
            "",
            "merchant: the bank's parameter is ``, the name needs letters, digits (the id of the message; set the",
        ),
        ("merchant", "a-very-long-merchant-number", "is too long for an id"),
    ] {
        let mut facts = facts(1);
        facts.params.insert(param.to_owned(), value.to_owned());
        let error = Writer::new(format("iso-debit"), &facts).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}\nwanted {wanted}");
    }
}

/// Documents to be damaged.
fn documents() -> Vec<Vec<u8>> {
    let mut all = vec![write(format("iso-debit"), &facts(1), &two_debits())];
    for folder in ["iso-answer", "iso-camt053", "iso-camt054", "iso-debit-sepa"] {
        let files = super::files(&root().join("tests/formats").join(folder));
        all.extend(
            files.iter().filter(|path| name_of(path).ends_with(".xml")).map(|path| std::fs::read(path).unwrap()),
        );
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_damage_makes_a_reader_panic(
        which in any::<prop::sample::Index>(),
        from in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let all = documents();
        let mut file = which.get(&all).clone();
        let (from, to) = (from.index(file.len()), to.index(file.len()));
        // A stretch moves elsewhere, a byte changes: elements in another order, twice, or torn.
        let stretch: Vec<u8> = file[from.min(to)..from.max(to)].iter().take(200).copied().collect();
        file[from] = byte;
        let place = to;
        file.splice(place..place, stretch);
        for name in ["iso-debit", "iso-answer", "iso-camt053", "iso-camt054"] {
            let none = Params::new();
            let _ = RecordReader::open(format(name), &none, "x", &file[..]).finish();
            let _ = AnswerReader::open(format(name), &none, "x", &file[..]).and_then(AnswerReader::finish);
            let _ = StatementReader::open(format(name), &none, "x", &file[..]).and_then(StatementReader::finish);
        }
    }

    #[test]
    fn what_is_written_reads_back(
        amounts in proptest::collection::vec((1_i64..999_999_999, any::<bool>(), "[A-Za-z测试甲&<>'\"é-]{1,20}"), 1..30),
    ) {
        let format = changed("iso-debit", &[("rows_per_group = 10000", "rows_per_group = 7")]);
        let row = |(n, (fen, first, name)): (usize, &(i64, bool, String))| DebitRow {
            line: n as u32 + 1,
            debit_no: DebitNo::of(day(2024, 9, 1), AccountNo(n as i64 + 1), 0).unwrap(),
            amount: Fen(*fen),
            first: *first,
            payer_name: format!("甲{name}"),
            ..two_debits().remove(0)
        };
        let rows: Vec<DebitRow> = amounts.iter().enumerate().map(row).collect();
        let file = written(&format, &facts(1), &rows);
        let mut reader = RecordReader::open(&format, &Params::new(), "x", &file[..]);
        let mut read = Vec::new();
        while let Some(section) = reader.next_section().unwrap() {
            let text = |name: &str| section.cells.iter().find(|c| c.name == name).map_or("", |c| c.text).to_owned();
            if section.kind == Kind::Row {
                read.push((text("EndToEndId"), text("InstdAmt"), text("Dbtr")));
            }
        }
        let wanted: Vec<_> =
            rows.iter().map(|r| (r.debit_no.to_string(), r.amount.to_string(), r.payer_name.clone())).collect();
        prop_assert_eq!(read, wanted);
        let sum = Fen::sum(rows.iter().map(|row| row.amount)).unwrap();
        prop_assert_eq!(reader.finish().unwrap(), Totals { count: rows.len() as u64, sum });
    }
}
