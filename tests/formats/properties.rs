//! Properties: what is written reads back the same; no bytes make a reader panic.

use proptest::prelude::*;
use yichong_core::formats::records::{DebitRow, Params};
use yichong_core::formats::{AnswerReader, Kind, RecordReader, RecordWriter, StatementReader};
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;

use super::{day, facts, format, params, shipped, two_debits, write};

/// A debit format of every shape.
const WRITTEN: [&str; 7] =
    ["unionpay-dk-debit", "pipe-debit", "ccb-debit", "city-debit", "plain-debit", "aipg-debit", "beps-debit"];

/// Names of GBK characters, some with a second byte that is a separator.
fn name() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        proptest::sample::select(vec!['珅', '鄚', '晐', '测', '试', '·', 'A', '－', '&', '<', '"']),
        1..8,
    )
    .prop_map(|chars| chars.into_iter().collect())
}

fn debits() -> impl Strategy<Value = Vec<DebitRow>> {
    proptest::collection::vec((name(), 1_i64..999_999_999_999, 1_i64..9_999_999), 0..20).prop_map(|all| {
        let row = |(n, (payer_name, account, fen)): (usize, (String, i64, i64))| DebitRow {
            line: n as u32 + 1,
            bank_ref: (n + 1).to_string(),
            account: AccountNo(account),
            debit_no: DebitNo::of(day(2024, 9, 1), AccountNo(account), 0).unwrap(),
            payer_name,
            amount: Fen(fen),
            ..two_debits().remove(0)
        };
        all.into_iter().enumerate().map(row).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_written_reads_back_and_writes_the_same(rows in debits()) {
        for name in WRITTEN {
            let format = format(name);
            let file = write(format, &facts(1), &rows);
            let mut reader = RecordReader::open(format, &params(), "x", &file[..]);
            let (mut writer, mut again, mut names) = (RecordWriter::new(format), Vec::new(), Vec::new());
            while let Some(section) = reader.next_section().unwrap() {
                let cells: Vec<_> = section.cells.iter().map(|cell| (cell.name, cell.text)).collect();
                writer.section(section.kind, &cells, &mut again).unwrap();
                if section.kind == Kind::Row {
                    names.extend(section.cells.iter().map(|cell| cell.text.to_owned()));
                }
            }
            prop_assert_eq!(&again, &file, "{}", name);
            let totals = reader.finish().unwrap();
            let sum = Fen::sum(rows.iter().map(|r| r.amount)).unwrap();
            prop_assert_eq!((totals.count, totals.sum), (rows.len() as u64, sum));
            for row in &rows {
                prop_assert!(names.contains(&row.payer_name));
            }
        }
    }

    #[test]
    fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_as_everything(&bytes);
    }

    #[test]
    fn no_damage_makes_a_reader_panic(
        rows in debits(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        cut in any::<prop::sample::Index>(),
    ) {
        for name in WRITTEN {
            let mut file = write(format(name), &facts(1), &rows);
            if !file.is_empty() {
                let place = at.index(file.len());
                file[place] = byte;
                file.truncate(cut.index(file.len()) + 1);
            }
            read_as_everything(&file);
        }
    }
}

fn read_as_everything(bytes: &[u8]) {
    let catalogue = shipped();
    let _ = catalogue.recognise("JS20240901.PK", bytes);
    for format in catalogue.iter() {
        let none = Params::new();
        let _ = RecordReader::open(format, &none, "x", bytes).finish();
        let _ = AnswerReader::open(format, &none, "x", bytes).and_then(AnswerReader::finish);
        let _ = StatementReader::open(format, &none, "x", bytes).and_then(StatementReader::finish);
    }
}

#[test]
fn a_file_longer_than_a_block_reads_the_same_from_a_slow_source() {
    /// Hands out seven bytes at a time: every border falls somewhere.
    struct Slow<'a>(&'a [u8]);
    impl std::io::Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
            let n = self.0.len().min(7).min(out.len());
            out[..n].copy_from_slice(&self.0[..n]);
            self.0 = &self.0[n..];
            Ok(n)
        }
    }
    let rows: Vec<DebitRow> =
        (1..=1900).map(|line| DebitRow { line, bank_ref: line.to_string(), ..two_debits().remove(1) }).collect();
    for name in WRITTEN {
        let format = format(name);
        let file = write(format, &facts(1), &rows);
        assert!(file.len() > 96 * 1024, "{name}");
        let totals = RecordReader::open(format, &params(), "x", Slow(&file)).finish().unwrap();
        assert_eq!((totals.count, totals.sum), (1900, Fen(1900 * 3005)), "{name}");
    }
}
