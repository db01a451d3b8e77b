//! The XML families: a request written, an answer and a statement read, each beside the bare events of quick-xml.

use std::fs::File;
use std::hint::black_box;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::Path;

use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use yichong_core::formats::records::{AnswerRow, DebitRow};
use yichong_core::formats::{AnswerReader, Format, StatementReader, Writer};

use super::sample::{facts, row};
use super::watch::{Lap, timed};
use super::{Outcome, load};

/// One document that is read.
pub struct Document {
    what: &'static str,
    format: &'static str,
    before: &'static str,
    row: fn(&DebitRow, &mut Vec<u8>) -> std::io::Result<()>,
    behind: &'static str,
}

pub const DOCUMENTS: [Document; 3] = [
    Document {
        what: "AIPG answer read",
        format: "aipg-answer",
        before: "<?xml version=\"1.0\" encoding=\"GBK\"?><AIPG><INFO><TRX_CODE>100001</TRX_CODE><VERSION>03</VERSION>\
            <DATA_TYPE>2</DATA_TYPE><REQ_SN>700000000000001-20261120001</REQ_SN><RET_CODE>0000</RET_CODE>\
            <ERR_MSG>ok</ERR_MSG></INFO><BODY><RET_DETAILS>",
        row: |row, out| {
            let sn = &row.bank_ref;
            write!(out, "<RET_DETAIL><SN>{sn}</SN><RET_CODE>0000</RET_CODE><ERR_MSG>paid</ERR_MSG></RET_DETAIL>")
        },
        behind: "</RET_DETAILS></BODY></AIPG>",
    },
    Document {
        what: "pain.002 read",
        format: "iso-answer",
        before: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.10\">\
            <CstmrPmtStsRpt><GrpHdr><MsgId>R1</MsgId><CreDtTm>2026-11-20T23:00:00</CreDtTm></GrpHdr>\
            <OrgnlGrpInfAndSts><OrgnlMsgId>700000000000001-20261120-0001</OrgnlMsgId>\
            <OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>\
            <OrgnlPmtInfId>P1</OrgnlPmtInfId>",
        row: |row, out| {
            let (number, amount) = (row.debit_no, row.amount);
            write!(
                out,
                "<TxInfAndSts><OrgnlEndToEndId>{number}</OrgnlEndToEndId><TxSts>ACSC</TxSts><OrgnlTxRef>\
                 <Amt><InstdAmt Ccy=\"CNY\">{amount}</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>"
            )
        },
        behind: "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>",
    },
    Document {
        what: "camt.053 read",
        format: "iso-camt053",
        before: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08\">\
            <BkToCstmrStmt><GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-11-21T06:00:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id>\
            <Acct><Id><Othr><Id>6222020000000001</Id></Othr></Id><Ccy>CNY</Ccy></Acct>",
        row: |row, out| {
            let (number, amount, line) = (row.debit_no, row.amount, row.line);
            write!(
                out,
                "<Ntry><Amt Ccy=\"CNY\">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>\
                 <BookgDt><Dt>2026-11-21</Dt></BookgDt><ValDt><Dt>2026-11-21</Dt></ValDt>\
                 <AcctSvcrRef>A{line}</AcctSvcrRef><BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>IDDT</Cd>\
                 <SubFmlyCd>BBDD</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls><TxDtls><Refs>\
                 <EndToEndId>{number}</EndToEndId></Refs><Amt Ccy=\"CNY\">{amount}</Amt></TxDtls></NtryDtls></Ntry>"
            )
        },
        behind: "</Stmt></BkToCstmrStmt></Document>",
    },
];

/// Writes and reads every XML family.
pub fn measure(rows: u64, folder: &Path, laps: &mut Vec<Lap>) -> Outcome<()> {
    let path = folder.join("document");
    for (what, name) in [("AIPG written", "aipg-debit"), ("pain.008 written", "iso-debit")] {
        let format = load(name)?;
        let ours = timed(|| write(&format, rows, &path))?;
        let bytes = path.metadata()?.len();
        let floor = timed(|| events_written(rows, &folder.join("floor")))?;
        laps.push(Lap { what: what.to_owned(), bytes, ours, floor, bare: None });
    }
    for document in &DOCUMENTS {
        let format = load(document.format)?;
        made(document, rows, &path)?;
        let ours = timed(|| read(&format, rows, &path))?;
        let floor = timed(|| events_read(&path, rows))?;
        laps.push(Lap { what: document.what.to_owned(), bytes: path.metadata()?.len(), ours, floor, bare: None });
    }
    Ok(())
}

/// The document with so many rows: made outside the measured time.
pub fn made(document: &Document, rows: u64, path: &Path) -> Outcome<()> {
    let mut file = BufWriter::new(File::create(path)?);
    file.write_all(document.before.as_bytes())?;
    let mut one = Vec::new();
    for n in 0..rows {
        one.clear();
        (document.row)(&row(n), &mut one)?;
        file.write_all(&one)?;
    }
    file.write_all(document.behind.as_bytes())?;
    Ok(file.flush()?)
}

/// The rows of a request, in as many files as the bank's limit asks for.
fn write(format: &Format, rows: u64, path: &Path) -> Outcome<()> {
    let mut file = BufWriter::new(File::create(path)?);
    let mut bytes = Vec::new();
    let facts = facts();
    let mut writer = Writer::new(format, &facts)?;
    let most = format.limits().rows.unwrap_or(u64::MAX);
    for n in 0..rows {
        if writer.written().0 == most {
            writer = Writer::new(format, &facts)?;
        }
        bytes.clear();
        writer.row(&DebitRow { line: u32::try_from(n % most)? + 1, ..row(n) }, &mut bytes)?;
        file.write_all(&bytes)?;
    }
    Ok(file.flush()?)
}

fn read(format: &Format, rows: u64, path: &Path) -> Outcome<()> {
    let facts = facts();
    let input = BufReader::new(File::open(path)?);
    let count = if format.lists().is_some() {
        let mut reader = AnswerReader::open(format, &facts.params, "answer.xml", input)?;
        let mut row = AnswerRow::default();
        while reader.next_into(&mut row)? {
            black_box(&row);
        }
        reader.finish()?.rows.count
    } else {
        let mut reader = StatementReader::open(format, &facts.params, "statement.xml", input)?;
        while let Some(row) = reader.next_row()? {
            black_box(&row);
        }
        reader.finish()?.count
    };
    if count == rows { Ok(()) } else { Err(format!("{count} rows were read, there are {rows}").into()) }
}

fn events_read(path: &Path, rows: u64) -> Outcome<()> {
    let mut reader = quick_xml::Reader::from_reader(BufReader::new(File::open(path)?));
    let (mut buffer, mut texts) = (Vec::new(), 0);
    loop {
        match reader.read_event_into(&mut buffer)? {
            Event::Eof => break,
            Event::Text(_) => texts += 1,
            other => drop(black_box(other)),
        }
        buffer.clear();
    }
    if texts < rows { Err(format!("the floor saw {texts} texts").into()) } else { Ok(()) }
}

/// As many elements as a request's row has, written by quick-xml alone.
fn events_written(rows: u64, path: &Path) -> Outcome<()> {
    let mut xml = quick_xml::Writer::new(BufWriter::new(File::create(path)?));
    for n in 0..rows {
        let row = row(n);
        let (number, amount) = (row.debit_no.to_string(), row.amount.to_string());
        xml.write_event(Event::Start(BytesStart::new("TRANS_DETAIL")))?;
        let texts = [&number, &row.payer_name, &row.id_number, &row.mobile, &amount, &row.agreement];
        let card = row.card.reveal().to_owned();
        for text in texts.into_iter().chain([&card, &number, &amount, &number, &card, &amount]) {
            xml.write_event(Event::Start(BytesStart::new("ACCOUNT_NO")))?;
            xml.write_event(Event::Text(BytesText::new(text)))?;
            xml.write_event(Event::End(BytesEnd::new("ACCOUNT_NO")))?;
        }
        xml.write_event(Event::End(BytesEnd::new("TRANS_DETAIL")))?;
    }
    Ok(xml.into_inner().flush()?)
}
