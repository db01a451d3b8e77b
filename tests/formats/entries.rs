//! ISO 20022: entries of a statement and their details.

use yichong_core::formats::StatementReader;
use yichong_core::formats::records::Params;

use super::format;

fn statement(entries: &str) -> String {
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\"><BkToCstmrStmt><GrpHdr><MsgId>G</MsgId>\
         </GrpHdr><Stmt><Id>S</Id><CreDtTm>2024-09-02T00:00:00</CreDtTm><Acct><Id><IBAN>A</IBAN></Id></Acct>{entries}\
         </Stmt></BkToCstmrStmt></Document>"
    )
}

fn entry(amount: &str, direction: &str, inside: &str) -> String {
    format!("<Ntry><Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd><Sts>BOOK</Sts>{inside}</Ntry>")
}

fn lines(text: &str) -> Vec<(i64, String, String)> {
    let mut reader = StatementReader::open(format("iso-camt053"), &Params::new(), "x.xml", text.as_bytes()).unwrap();
    let mut found = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        found.push((row.amount.0, serde_json::to_value(row.kind).unwrap().as_str().unwrap().to_owned(), row.serial));
    }
    found
}

#[test]
fn details_that_do_not_make_the_entry_leave_it_whole() {
    let details = |amounts: &[&str]| {
        let one = |amount: &&str| {
            format!("<TxDtls><AmtDtls><TxAmt><Amt Ccy=\"CNY\">{amount}</Amt></TxAmt></AmtDtls></TxDtls>")
        };
        format!("<NtryDtls>{}</NtryDtls>", amounts.iter().map(one).collect::<String>())
    };
    let sum = |text: &str| lines(text).iter().map(|line| line.0).collect::<Vec<_>>();
    assert_eq!(sum(&statement(&entry("5.00", "CRDT", &details(&["2.00", "3.00"])))), [200, 300]);
    assert_eq!(sum(&statement(&entry("5.00", "CRDT", &details(&["2.00", "2.00"])))), [500]);
    assert_eq!(sum(&statement(&entry("45.00", "DBIT", &details(&["0.04"])))), [-4500]);
    // Equal bookings of one day are real, and told apart.
    let twice = entry("5.00", "CRDT", "<AcctSvcrRef>R</AcctSvcrRef>").repeat(2);
    assert_eq!(
        lines(&statement(&twice)).into_iter().map(|line| line.2).collect::<Vec<_>>(),
        ["A|R|500C", "A|R|500C~1"]
    );
    let error = |text: &str| {
        let reader = StatementReader::open(format("iso-camt053"), &Params::new(), "x.xml", text.as_bytes()).unwrap();
        reader.finish().unwrap_err().to_string()
    };
    let euro = statement(&entry("5.00", "CRDT", "")).replace("CNY", "EUR");
    assert!(
        error(&euro).contains("the entry is in 5.00 EUR, money of this account is booked in CNY"),
        "{}",
        error(&euro)
    );
    assert!(error(&statement(&entry("5.005", "CRDT", ""))).contains("3 decimals that count, CNY has 2"));
    assert!(error(&statement(&entry("5.00", "UP", ""))).contains("`UP` says no direction"));
    let none = statement("").replace("<Stmt>", "<Odd>").replace("</Stmt>", "</Odd>");
    assert!(error(&none).contains("no Stmt is in it"), "{}", error(&none));
}

#[test]
fn what_leaves_the_schemas_order_is_read_and_told() {
    let text = statement("<Ntry><CdtDbtInd>CRDT</CdtDbtInd><Amt Ccy=\"CNY\">5.00</Amt><Sts>BOOK</Sts></Ntry>");
    let mut reader = StatementReader::open(format("iso-camt053"), &Params::new(), "x.xml", text.as_bytes()).unwrap();
    assert_eq!(reader.next_row().unwrap().map(|row| row.amount.0), Some(500));
    let warnings: Vec<String> = reader.warnings().iter().map(ToString::to_string).collect();
    assert!(warnings[0].contains("Ntry: Amt stands behind CdtDbtInd; the schema puts it before"), "{warnings:?}");
}

#[test]
fn balances_and_totals_that_do_not_fit_are_told() {
    let balance = |kind: &str, amount: &str| {
        format!(
            "<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy=\"CNY\">{amount}</Amt>\
             <CdtDbtInd>CRDT</CdtDbtInd></Bal>"
        )
    };
    let summary = "<TxsSummry><TtlNtries><NbOfNtries>2</NbOfNtries><Sum>5.00</Sum></TtlNtries></TxsSummry>";
    let told = |closing: &str| {
        let parts = balance("OPBD", "1.00") + &balance("CLBD", closing) + summary + &entry("5.00", "CRDT", "");
        let text = statement(&parts);
        let format = format("iso-camt053");
        let mut reader = StatementReader::open(format, &Params::new(), "x.xml", text.as_bytes()).unwrap();
        while reader.next_row().unwrap().is_some() {}
        reader.warnings().iter().map(|warning| warning.problem.clone()).collect::<Vec<_>>()
    };
    assert_eq!(told("6.00"), ["declared entries 2, found 1"]);
    let both =
        ["the opening balance and the booked entries do not make the closing balance", "declared entries 2, found 1"];
    assert_eq!(told("6.01"), both);
}

#[test]
fn a_net_lump_keeps_its_fee_and_a_batch_its_name() {
    let batch = "<NtryDtls><Btch><PmtInfId>P-1</PmtInfId><TtlAmt Ccy=\"CNY\">5.00</TtlAmt></Btch></NtryDtls>";
    let charges = "<Chrgs><Rcrd><Amt Ccy=\"CNY\">0.10</Amt></Rcrd></Chrgs>";
    let text = statement(&entry("4.90", "CRDT", &format!("{charges}{batch}")));
    let mut reader = StatementReader::open(format("iso-camt053"), &Params::new(), "x.xml", text.as_bytes()).unwrap();
    let row = reader.next_row().unwrap().unwrap();
    assert_eq!((row.amount.0, row.fee.0, row.reference.as_str()), (490, 10, "P-1"));
}

#[test]
fn a_part_without_end_is_refused_early() {
    let text =
        statement(&entry("4.90", "CRDT", &format!("<NtryDtls><TxDtls>{}</TxDtls></NtryDtls>", "<a/>".repeat(30_000))));
    let reader = StatementReader::open(format("iso-camt053"), &Params::new(), "x.xml", text.as_bytes()).unwrap();
    let error = reader.finish().unwrap_err().to_string();
    assert!(error.contains("it holds more than 20000 elements"), "{error}");
}
