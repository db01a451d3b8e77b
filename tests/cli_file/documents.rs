//! `file lint`, `inspect` and `diff` on XML documents: found by their root, places of the document, nobody shown.

use super::{file, shows_nobody, written, yichong};

const NAME: &str = "700000000000001_20240901_001.aipg.ret.xml";

/// A case of the formats' tests.
fn case(format: &str, name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/formats/{format}/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The answer with one text replaced; ASCII is the same in GBK.
fn changed(from: &str, to: &str) -> Vec<u8> {
    let mut bytes = case("aipg-answer", NAME);
    let at = bytes.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
    bytes.splice(at..at + from.len(), to.bytes());
    bytes
}

#[test]
fn a_document_is_known_by_its_root_whatever_its_name() {
    for (format, name) in [("aipg-answer", NAME), ("ght-answer", "700000000000001_20240901_001.ght.ret.xml")] {
        let (_folder, path) = written("some.xml", &case(format, name));
        let (code, out) = file("lint", &path, &[]).report(&path);
        assert_eq!(code, 0);
        assert!(out.starts_with(&format!("OK 5 rows, 0.00 yuan\n  FILE: {format} ")), "{out}");
    }
    let (_folder, path) = written("some.txt", &case("beps-debit", "written.xml"));
    let said = file("inspect", &path, &[]);
    assert_eq!(said.code, Some(0));
    assert!(said.out.contains("totals: 2 rows, 80.05 yuan"), "{}", said.out);
    assert!(said.out.contains("MesgType: beps.380.001.01") && said.out.contains("622155******0000"), "{}", said.out);
    shows_nobody(&said.out);
}

#[test]
fn the_first_wrong_place_is_one_of_the_document() {
    // 38 and 290 characters stand before the second SN: the declaration with the root, then what is in it.
    let (_folder, path) = written(NAME, &changed("<SN>2</SN>", "<SN></SN>"));
    let said = file("lint", &path, &[]);
    let (code, out) = said.report(&path);
    assert_eq!(code, 3);
    assert!(out.contains("  line 1 column 334, BODY/RET_DETAILS/RET_DETAIL[2]/SN: it is empty\n"), "{out}");
    let (_folder, path) = written(NAME, &changed("</AIPG>", ""));
    let (code, out) = file("lint", &path, &[]).report(&path);
    assert_eq!(code, 3);
    assert!(out.contains("the document: the document ends inside `AIPG`"), "{out}");
}

#[test]
fn two_documents_are_compared_row_by_row() {
    let (_a, one) = written(NAME, &case("aipg-answer", NAME));
    let (_b, other) = written(NAME, &changed("<RET_CODE>3008", "<RET_CODE>3009"));
    let said = yichong(&["file", "diff", one.to_str().unwrap(), other.to_str().unwrap()]);
    assert!(said.out.contains("DIFFERENT 4 same, records told apart by bank_ref"), "{}", said.out);
    assert!(said.out.contains("RET_CODE: `3008` → `3009`"), "{}", said.out);
    shows_nobody(&said.out);
}
