//! The bank samples that lie beside the repository, where they do: read with the right values.

use serde_json::json;
use yichong_core::formats::RecordReader;
use yichong_core::formats::records::{Params, Totals};
use yichong_core::model::money::Fen;

use super::{cases, format, root};

fn sample(name: &str) -> Option<Vec<u8>> {
    let path = root().join("../shared/bank-samples").join(name);
    let bytes = std::fs::read(&path).ok();
    if bytes.is_none() {
        println!("not run: {name} is not there");
    }
    bytes
}

/// (format, file, rows, fen).
const FILES: &[(&str, &str, u64, i64)] = &[
    ("unionpay-dk-debit", "DK00000000700000000000001202409010001I.txt", 3, 18_000),
    ("unionpay-dk-answer", "DK00000000700000000000001202409010001O.txt", 3, 18_000),
    ("unionpay-dk-answer", "DK00000000700000000000001202409010002O.txt", 0, 0),
    ("pipe-debit", "JS20240901.PK", 3, 18_000),
    ("pipe-answer", "JS20240901.PKJG", 3, 18_000),
    ("pipe-reconciliation", "JS20240901.DZ", 1, 5000),
    ("pipe-reconciliation-errors", "JS20240901.DZCW", 1, 0),
    ("ccb-debit", "ccb_upload.txt", 2, 8000),
    ("city-debit", "CMT031223000S.Z01", 2, 8000),
    ("city-answer", "DLD032_result.bin", 2, 8000),
];

#[test]
fn samples_tie() {
    for (name, file, count, fen) in FILES {
        let Some(bytes) = sample(file) else { continue };
        let totals = RecordReader::open(format(name), &Params::new(), file, &bytes[..]).finish();
        assert_eq!(totals, Ok(Totals { count: *count, sum: Fen(*fen) }), "{file}");
        let catalogue = super::shipped();
        let best = catalogue.recognise(file, &bytes);
        assert_eq!(best.first().map(|c| c.format.name()), Some(*name), "{file}");
    }
}

#[test]
fn sample_answers_say_what_their_readme_says() {
    let name = "DK00000000700000000000001202409010001O.txt";
    if let Some(bytes) = sample(name) {
        let read = cases::read(format("unionpay-dk-answer"), name, &bytes);
        assert_eq!(
            read["rows"][0],
            json!({
                "line": 3, "file_date": "2024-09-01", "card": "6221558812340000", "name": "测试甲", "asked": 5000,
                "code": "00", "text": "成功[0000000]", "category": "paid", "bank_date": "2024-09-02",
                "serial": "202409012300000000001", "foreign": "0000000020240901000001",
            })
        );
        assert_eq!(read["rows"][1]["category"], "funds");
        assert_eq!(read["rows"][2]["category"], "unknown");
        assert_eq!(read["facts"]["stated_taken"], json!([1, 5000]));
    }
    let name = "JS20240901.PKJG";
    if let Some(bytes) = sample(name) {
        let read = cases::read(format("pipe-answer"), name, &bytes);
        assert_eq!(
            read["rows"][2],
            json!({
                "line": 3, "bank_ref": "1003", "file_date": "2024-09-01", "account": "000000030003",
                "card": "6226090000000048", "name": "测试乙", "asked": 10000, "code": "99", "text": "其他",
                "category": "unexplained",
            })
        );
    }
    let name = "DLD032_result.bin";
    if let Some(bytes) = sample(name) {
        let read = cases::read(format("city-answer"), name, &bytes);
        assert_eq!(read["rows"][0]["bank_ref"], "1");
        assert_eq!(read["rows"][0]["bank_date"], "2024-09-02");
        assert_eq!(read["rows"][1]["code"], "17");
        assert_eq!(read["rows"][1]["code_known"], false);
    }
}
