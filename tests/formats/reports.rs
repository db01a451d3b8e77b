//! ISO 20022: what the levels of a status report decide, and documents that are odd or no answer at all.

use yichong_core::formats::AnswerReader;
use yichong_core::formats::records::{AnswerRow, Decision, Params};
use yichong_core::model::category::Category;

use super::iso20022::changed;
use super::{day, format};

/// A report about two payment informations of ours, P1 and P2.
fn report(group: &str, payments: &str) -> String {
    let original = "<OrgnlMsgId>M-20240901-0001</OrgnlMsgId><OrgnlMsgNmId>pain.008</OrgnlMsgNmId>";
    format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03\"><CstmrPmtStsRpt>\
         <GrpHdr><MsgId>B</MsgId></GrpHdr><OrgnlGrpInfAndSts>{original}{group}</OrgnlGrpInfAndSts>\
         {payments}</CstmrPmtStsRpt></Document>"
    )
}

fn payment(id: &str, inside: &str) -> String {
    format!("<OrgnlPmtInfAndSts><OrgnlPmtInfId>{id}</OrgnlPmtInfId>{inside}</OrgnlPmtInfAndSts>")
}

fn tx(number: u32, inside: &str) -> String {
    let key = 90_100_516_000_010_000_u64 + u64::from(number) * 10;
    format!("<TxInfAndSts><OrgnlEndToEndId>{key}</OrgnlEndToEndId>{inside}</TxInfAndSts>")
}

const AM04: &str = "<StsRsnInf><Rsn><Cd>AM04</Cd></Rsn></StsRsnInf>";

/// Rows, decisions, and warnings of a report.
fn read(text: &str) -> (Vec<AnswerRow>, Vec<Decision>, Vec<String>) {
    let mut reader = AnswerReader::open(format("iso-answer"), &Params::new(), "x.xml", text.as_bytes()).unwrap();
    assert_eq!(reader.names(), Some((day(2024, 9, 1), 1)));
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row().unwrap() {
        rows.push(row);
    }
    let warnings = reader.warnings().iter().map(ToString::to_string).collect();
    let decisions = reader.decisions().to_vec();
    reader.finish().unwrap();
    (rows, decisions, warnings)
}

#[test]
fn a_refusal_takes_its_reason_from_a_level_that_refuses() {
    let inside = |status: &str| format!("<PmtInfSts>{status}</PmtInfSts>{AM04}{}", tx(1, "<TxSts>RJCT</TxSts>"));
    let code = |status: &str| read(&report("", &payment("P1", &inside(status)))).0.remove(0).code;
    assert_eq!([code("RJCT"), code("PART"), code("ACTC")], ["AM04", "AM04", "RJCT"]);
    // A masked account is no other card.
    let account = "<OrgnlTxRef><DbtrAcct><Id><Othr><Id>6226******0048</Id></Othr></Id></DbtrAcct></OrgnlTxRef>";
    let (rows, ..) = read(&report("", &payment("P1", &tx(1, &format!("<TxSts>ACSC</TxSts>{account}")))));
    assert_eq!(rows[0].card, None);
}

/// Which payment, what becomes of its others, by which code.
fn short(decisions: &[Decision]) -> Vec<String> {
    let one = |d: &Decision| {
        let count = d.count.map(|count| format!(" if {count}")).unwrap_or_default();
        format!("{}: {} {}{count}", d.payment.as_deref().unwrap_or("all"), d.category, d.code)
    };
    decisions.iter().map(one).collect()
}

#[test]
fn a_level_decides_for_what_it_does_not_list() {
    let refused = format!("<PmtInfSts>RJCT</PmtInfSts>{AM04}");
    let (rows, decisions, _) = read(&report("", &payment("P1", &refused)));
    assert!(rows.is_empty());
    assert_eq!(short(&decisions), ["P1: funds AM04", "all: unknown "]);
    let (_, decisions, _) = read(&report("<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Cd>DU01</Cd></Rsn></StsRsnInf>", ""));
    assert_eq!(short(&decisions), ["all: duplicate DU01"]);
    // Accepted is not paid; settled is.
    let (_, decisions, _) = read(&report("<GrpSts>ACTC</GrpSts>", ""));
    assert_eq!(short(&decisions), ["all: unknown ACTC"]);
    let (_, decisions, _) = read(&report("<GrpSts>ACSC</GrpSts>", ""));
    assert_eq!(short(&decisions), ["all: paid ACSC"]);
    // A payment information that says nothing has the group's word; its own goes before that.
    let both = payment("P1", "") + &payment("P2", "<PmtInfSts>ACCP</PmtInfSts>");
    let (_, decisions, warnings) = read(&report(&format!("<GrpSts>RJCT</GrpSts>{AM04}"), &both));
    assert_eq!(short(&decisions), ["P1: funds AM04", "P2: unknown ACCP", "all: funds AM04"]);
    assert!(warnings.iter().any(|w| w.contains("GrpSts says RJCT, PmtInfSts says ACCP: the lower")), "{warnings:?}");
}

#[test]
fn a_part_says_who_the_others_are_only_if_it_counts_them() {
    let counts = "<PmtInfSts>PART</PmtInfSts>\
                  <NbOfTxsPerSts><DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>RJCT</DtldSts></NbOfTxsPerSts>\
                  <NbOfTxsPerSts><DtldNbOfTxs>9</DtldNbOfTxs><DtldSts>ACSC</DtldSts></NbOfTxsPerSts>";
    let listed = tx(1, &format!("<TxSts>RJCT</TxSts>{AM04}"));
    let (rows, decisions, _) = read(&report("<GrpSts>PART</GrpSts>", &payment("P1", &format!("{counts}{listed}"))));
    assert_eq!(rows[0].category, Category::Funds);
    assert_eq!(short(&decisions), ["P1: paid ACSC if 9", "all: unknown "]);
    let silent = format!("<PmtInfSts>PART</PmtInfSts>{listed}");
    let (_, decisions, _) = read(&report("", &payment("P1", &silent)));
    assert_eq!(short(&decisions), ["P1: unknown ", "all: unknown "]);
}

#[test]
fn the_transactions_word_goes_before_its_payments() {
    let inside = format!(
        "<PmtInfSts>RJCT</PmtInfSts>{AM04}{}{}{}",
        tx(1, "<TxSts>ACSP</TxSts>"),
        tx(2, ""),
        tx(3, "<TxSts>RVNM</TxSts>")
    );
    let (rows, decisions, warnings) = read(&report("<GrpSts>ACTC</GrpSts>", &payment("P1", &inside)));
    let said: Vec<_> = rows.iter().map(|r| (r.category, r.code.as_str(), r.code_known, r.pending)).collect();
    // The first is still in work, but others of its payment are decided: it stands on a line of its own.
    assert_eq!(said[0], (Category::Unknown, "ACSP", true, false));
    assert_eq!(said[1], (Category::Funds, "AM04", true, false));
    assert_eq!(said[2], (Category::Unknown, "RVNM", false, false));
    assert_eq!(short(&decisions), ["P1: funds AM04", "all: unknown ACTC"]);
    assert!(warnings.iter().any(|w| w.contains("PmtInfSts says RJCT, TxSts says ACSP")), "{warnings:?}");
    assert!(warnings.iter().any(|w| w.contains("`RVNM` stands in no table")), "{warnings:?}");
    // Nothing is decided above: what is in work waits.
    let (rows, ..) = read(&report("<GrpSts>ACTC</GrpSts>", &payment("P1", &tx(1, "<TxSts>ACSP</TxSts>"))));
    assert!(rows[0].pending);
}

#[test]
fn what_is_no_answer_to_debits_is_refused() {
    for (from, to, wanted) in [
        ("M-20240901-0001", "EBICS", "it is the protocol of the EBICS transfer (HAC), not a result of debits"),
        ("pain.008</", "pain.001.001.03</", "it answers a pain.001.001.03, our debits are a pain.008"),
        ("CstmrPmtStsRpt", "BkToCstmrStmt", "the message is a camt.053"),
        ("CstmrPmtStsRpt", "BkToCstmrAcctRpt", "camt.052, an account report within the day: not final"),
        ("CstmrPmtStsRpt", "Nonsense", "no message is in the document; it holds Document, Nonsense"),
        ("pain.002.001.03", "camt.053.001.03", "the namespace says camt.053.001.03, the body is a pain.002"),
        ("</Document>", "", "the document ends inside `Document`"),
        ("<OrgnlGrpInfAndSts>", "<!DOCTYPE a><OrgnlGrpInfAndSts>", "line 1 column"),
        (
            "</CstmrPmtStsRpt>",
            "\n <TxInfAndSts><TxSts>ACSC</TxSts></TxInfAndSts></CstmrPmtStsRpt>",
            "x.xml line 2 column 2, TxInfAndSts: it stands outside OrgnlPmtInfAndSts (nobody would read it",
        ),
    ] {
        let text = report("<GrpSts>ACTC</GrpSts>", "").replace(from, to);
        let read = AnswerReader::open(format("iso-answer"), &Params::new(), "x.xml", text.as_bytes());
        let error = read.and_then(AnswerReader::finish).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}\nwanted {wanted}");
    }
}

#[test]
fn a_report_speaks_of_so_many_payment_informations() {
    let text = |many: usize| report("<GrpSts>RJCT</GrpSts>", &payment("P", "").repeat(many));
    // Each is a decision, and the whole message one more.
    assert_eq!(read(&text(10_000)).1.len(), 10_001);
    let many = text(10_001);
    let reader = AnswerReader::open(format("iso-answer"), &Params::new(), "x.xml", many.as_bytes());
    let error = reader.and_then(AnswerReader::finish).unwrap_err().to_string();
    // `<Document xmlns="…">` has 65 characters.
    let wanted =
        "x.xml line 1 column 66, OrgnlPmtInfAndSts: it speaks of more than 10000 payment informations (we never";
    assert!(error.contains(wanted), "{error}");
}

#[test]
fn wrapped_and_odd_documents_are_read() {
    let bare = report("<GrpSts>RJCT</GrpSts>", "");
    let envelope = format!("<Envelope xmlns=\"urn:e\"><AppHdr><BkToCstmrStmt/></AppHdr>{bare}</Envelope>");
    let swift = bare.replace("urn:iso:std:iso:20022:tech:xsd:pain", "urn:swift:xsd:$pain");
    let nobody = bare.replace(" xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03\"", "");
    let future = bare.replace("pain.002.001.03", "pain.002.001.99");
    for (text, odd) in [(envelope, 0), (swift, 0), (nobody, 1), (future, 1), (format!("\u{feff}{bare}"), 0)] {
        let (_, decisions, warnings) = read(&text);
        assert_eq!(short(&decisions), ["all: unexplained RJCT"], "{text}");
        assert_eq!(warnings.len(), odd, "{text} {warnings:?}");
    }
    let strict = changed("iso-answer", &[("message = \"pain.002\"", "message = \"pain.002\"\nstrict = true")]);
    let text = bare.replace("pain.002.001.03", "pain.002.001.99");
    let error = AnswerReader::open(&strict, &Params::new(), "x.xml", text.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("pain.002.001.99 is a version that is not on the list"), "{error}");
}
