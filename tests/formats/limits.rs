//! Files that hold, or would hold, more than is read or written at once: what fits, and the words for one more.

use yichong_core::formats::records::{Params, StatementRow, Totals};
use yichong_core::formats::{Format, StatementReader, Writer};
use yichong_core::model::money::Fen;

use super::iso20022::changed;
use super::workbook::{packed, said};
use super::{facts, format, two_debits, write};

/// The rows of a statement up to its end or its first error.
fn statement(format: &Format, name: &str, text: &str) -> (Vec<StatementRow>, String) {
    let mut reader = StatementReader::open(format, &Params::new(), name, text.as_bytes()).unwrap();
    let mut rows = Vec::new();
    loop {
        match reader.next_row() {
            Ok(Some(row)) => rows.push(row),
            Ok(None) => return (rows, "nothing".to_owned()),
            Err(error) => return (rows, error.to_string()),
        }
    }
}

#[test]
fn a_workbook_has_so_many_parts() {
    let archive = |parts: usize| {
        let names: Vec<String> = (1..=parts).map(|n| format!("xl/{n}.xml")).collect();
        packed(&names.iter().map(|name| (name.as_str(), &b""[..])).collect::<Vec<_>>())
    };
    let found = said(&archive(4096));
    assert!(found.contains("it is a ZIP archive, but no workbook"), "{found}");
    let found = said(&archive(4097));
    let wanted =
        "line 0 column 0, the workbook: it has 4097 parts, at most 4096 are taken (no workbook of a bank has so";
    assert!(found.contains(wanted), "{found}");
}

/// A camt.053 of one entry; each group of batches is a line of its own, from line 2.
fn batches(groups: &[usize]) -> String {
    let group = |many: &usize| {
        format!("\n<NtryDtls>{}</NtryDtls>", "<Btch><PmtInfId>M-20240901-0001-1</PmtInfId></Btch>".repeat(*many))
    };
    let details: String = groups.iter().map(group).collect();
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\"><BkToCstmrStmt><Stmt><Id>S1</Id>\
         <Acct><Id><Othr><Id>33000000000000000001</Id></Othr></Id><Ccy>CNY</Ccy></Acct>\
         <Ntry><Amt Ccy=\"CNY\">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
         <ValDt><Dt>2024-09-02</Dt></ValDt>{details}</Ntry></Stmt></BkToCstmrStmt></Document>"
    )
}

#[test]
fn an_entry_names_so_many_batches() {
    let format = format("iso-camt053");
    let (rows, found) = statement(format, "x.xml", &batches(&[5000, 5000]));
    assert_eq!((rows.iter().map(|row| row.amount).collect::<Vec<_>>(), found.as_str()), (vec![Fen(5000)], "nothing"));
    let (rows, found) = statement(format, "x.xml", &batches(&[5000, 5000, 1]));
    // `<NtryDtls>` has ten characters.
    let wanted = "x.xml line 4 column 11, NtryDtls/Btch: it names more than 10000 batches (the document is broken; ask";
    assert!(rows.is_empty() && found.contains(wanted), "{found}");
}

#[test]
fn an_entry_has_so_many_lines_of_words() {
    let text = |words: usize| {
        format!(
            ":20:A\n:25:33000000000000000001\n:28C:1/1\n:60F:C240901CNY0,00\n:61:240902C1,00NTRFx//B1\n{}\
             :62F:C240902CNY1,00\n",
            ":86:词\n".repeat(words)
        )
    };
    let format = changed("mt940-statement", &[("charset = \"gb18030\"", "charset = \"utf-8\"")]);
    let (rows, found) = statement(&format, "x.sta", &text(500));
    assert_eq!((rows.len(), found.as_str()), (1, "nothing"));
    let (rows, found) = statement(&format, "x.sta", &text(501));
    // The words begin in line 6.
    let wanted =
        "x.sta line 506 column 0, :86:: the words of one entry have more than 500 lines (no bank writes so many";
    assert!(rows.is_empty() && found.contains(wanted), "{found}");
}

#[test]
fn a_file_has_as_many_bytes_as_the_bank_takes() {
    // The sizes of the two written files beside these tests.
    for (name, before, whole, less) in
        [("pipe-debit", "[delimited]", 167, 166), ("iso-debit", "rows = 100000", 2006, 2005)]
    {
        let limited = |most: u64| {
            let limit = match name {
                "pipe-debit" => format!("[limits]\nbytes = {most}\n{before}"),
                _ => format!("bytes = {most}\n{before}"),
            };
            changed(name, &[(before, &limit)])
        };
        assert_eq!(write(&limited(whole), &facts(1), &two_debits()).len() as u64, whole, "{name}");
        let format = limited(less);
        let mut writer = Writer::new(&format, &facts(1)).unwrap();
        for row in &two_debits() {
            writer.row(row, &mut Vec::new()).unwrap();
        }
        let error = writer.tail(Totals { count: 2, sum: Fen(8005) }, &mut Vec::new()).unwrap_err().to_string();
        let wanted = format!(
            "line 0 column 0, the file: the file has {whole} bytes, the bank takes {less} (put fewer rows into one file"
        );
        assert!(error.contains(&wanted), "{name}: {error}");
    }
}
