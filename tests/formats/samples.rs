//! The bank samples that lie beside the repository, where they do: read with the right values.

use serde_json::json;
use yichong_core::formats::RecordReader;
use yichong_core::formats::records::{Params, Totals};
use yichong_core::model::money::Fen;

use super::{cases, facts, format, root, two_debits, write};

fn sample(name: &str) -> Option<Vec<u8>> {
    // Beside the repository, or beside the folder that its working trees stand in.
    let beside = |shared: &str| std::fs::read(root().join(shared).join("bank-samples").join(name)).ok();
    let bytes = beside("../shared").or_else(|| beside("../../shared"));
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
    ("aipg-debit", "aipg_100001_request.xml", 2, 8000),
    ("aipg-answer", "aipg_100001_response.xml", 2, 0),
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
    let name = "aipg_100001_response.xml";
    if let Some(bytes) = sample(name) {
        let read = cases::read(format("aipg-answer"), name, &bytes);
        // The number of its batch is not one of ours, so no row is applied.
        let foreign = "200000000000001-1725200000000";
        let row = |line: u32, sn: &str, code: &str, text: &str, category: &str| {
            json!({
                "line": line, "bank_ref": sn, "code": code, "text": text, "category": category, "foreign": foreign,
            })
        };
        let rows = [row(1, "0001", "0000", "处理成功", "paid"), row(2, "0002", "3008", "余额不足", "funds")];
        assert_eq!(read["rows"], json!(rows));
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

#[test]
fn the_sample_document_is_written_again() {
    let Some(sample) = sample("aipg_100001_request.xml") else { return };
    let mut facts = facts(1);
    let told = [("merchant", "200000000000001"), ("user_pass", "TESTPASS"), ("bank_code", "105")];
    facts.params.extend(told.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut rows = two_debits();
    for (row, name, fen) in [(0, "测试甲", 5000), (1, "测试乙", 3000)] {
        rows[row].payer_name = name.to_owned();
        rows[row].amount = Fen(fen);
        rows[row].bank_ref = format!("000{}", row + 1);
        (rows[row].id_type, rows[row].id_number) = (rows[0].id_type, rows[0].id_number.clone());
        rows[row].mobile = rows[0].mobile.clone();
    }
    let mut written = write(format("aipg-debit"), &facts, &rows);
    // What is ours: the numbers of batch and accounts. What the sample only stands in for: a signature.
    for (ours, theirs) in [
        ("200000000000001-20240901001</REQ_SN>", "200000000000001-1725200000000</REQ_SN><SIGNED_MSG>00</SIGNED_MSG>"),
        ("051600001234", "M00000001"),
        ("051600001235", "M00000002"),
    ] {
        let at = written.windows(ours.len()).position(|part| part == ours.as_bytes()).unwrap();
        written.splice(at..at + ours.len(), theirs.bytes());
    }
    assert!(written == sample, "{}\n{}", written.escape_ascii(), sample.escape_ascii());
}
