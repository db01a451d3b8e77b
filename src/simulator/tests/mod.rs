//! Tests of the simulator as a whole, and the request files they are made from.

mod answers;
mod meters;
mod money;
mod persistence;
mod samples;

use std::fs;
use std::path::Path;

use chrono::NaiveDate;

use super::text::{to_gbk, yuan};
use super::{Bank, BankConfig, Family, Settle};

/// The first day of the tests.
pub fn day(offset: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 10).unwrap() + chrono::Days::new(offset)
}

/// A configuration.
pub fn config(family: Family, scenario: &str) -> BankConfig {
    BankConfig {
        family,
        merchant: match family {
            Family::Unionpay | Family::Aipg => "000000000000001".to_owned(),
            _ => "M0001".to_owned(),
        },
        institution: "00000000".to_owned(),
        code: "JS".to_owned(),
        seed: 42,
        scenario: scenario.parse().unwrap(),
        settle: Settle::Singles,
        seal: None,
    }
}

/// A bank on a folder.
pub fn bank(root: &Path, family: Family, scenario: &str) -> Bank {
    Bank::open(root, config(family, scenario)).unwrap()
}

/// The name of the nth request of a day.
pub fn name(family: Family, date: NaiveDate, nth: u32) -> String {
    let compact = date.format("%Y%m%d");
    match family {
        Family::Unionpay => format!("DK00000000000000000000001{compact}{nth:04}I.txt"),
        Family::Pipe if nth == 1 => format!("JS{compact}.PK"),
        Family::Pipe => format!("JS{compact}_{nth}.PK"),
        Family::Ccb => format!("M0001_{compact}_{nth:04}.txt"),
        Family::City => format!("CMT031{compact}{nth:02}S.Z01"),
        Family::Plain => format!("M0001-{compact}-{nth:03}.csv"),
        Family::Aipg => format!("000000000000001_{compact}_{nth:03}.aipg.xml"),
        Family::Iso => format!("M0001-{compact}-{nth:04}.pain008.xml"),
    }
}

/// A key as our side would send it.
pub fn key(family: Family, date: NaiveDate, nth: u32, row: usize) -> String {
    match family {
        Family::Pipe | Family::Aipg => format!("{}", nth as usize * 1000 + row),
        Family::City => format!("{:08}", nth as usize * 1000 + row),
        _ => format!("{}{:04}{row:06}", date.format("%Y%m%d"), nth),
    }
}

/// A request of so many rows: row n asks n × 10 yuan.
pub fn request(family: Family, date: NaiveDate, nth: u32, rows: usize) -> Vec<u8> {
    let fen = |row: usize| row as i64 * 1000;
    let sum: i64 = (1..=rows).map(fen).sum();
    let card = |row: usize| format!("62260900000{row:05}");
    let key = |row: usize| key(family, date, nth, row);
    let mut lines: Vec<String> = Vec::new();
    match family {
        Family::Unionpay => {
            lines.push(format!("5.0.0|{sum}|{rows}||"));
            lines.push("orderId|currencyCode|txnAmt|accType|accNo|customerNm|reqReserved1".to_owned());
            lines.extend((1..=rows).map(|n| format!("{}|156|{}|01|{}|王珅{n}|A{n:04}", key(n), fen(n), card(n))));
            to_gbk(&lines.join("\r\n"))
        }
        Family::Pipe => {
            let row = |n| {
                let (key, card, amount) = (key(n), card(n), yuan(fen(n)));
                format!("{key}|{n:012}|王珅{n}|{card}|2026-03|{amount}|0.00|{amount}")
            };
            lines.extend((1..=rows).map(row));
            lines.push(format!("0|{rows}|{}|{date}|{date} 22:30:00\n", yuan(sum)));
            to_gbk(&lines.join("\n"))
        }
        Family::Ccb => {
            let row = |n| format!("{n}|{}|王珅{n}|{}|0|||A{n:04}|{}|电费||", card(n), yuan(fen(n)), key(n));
            lines.extend((1..=rows).map(row));
            to_gbk(&lines.join("\r\n"))
        }
        Family::City => {
            let compact = date.format("%Y%m%d");
            let mut text = format!("CMT0310410000000012000000001{compact}22300099OPER0001");
            for n in 1..=rows {
                let name = format!("王珅{n}");
                let pad = " ".repeat(60 - to_gbk(&name).len());
                text.push_str(&format!("3000000001{compact}{}1020000001{:<30}{name}{pad}", key(n), card(n)));
                text.push_str(&format!(
                    "1050000001{:<30}RMB{:012}{n:<20}{:<12}3",
                    "33000000000000000001",
                    fen(n),
                    "A0001"
                ));
                text.push_str(&format!("{:<16}电费{:<12}5004600000000{:<46}", "", "", ""));
            }
            to_gbk(&text)
        }
        Family::Aipg => aipg_request(date, nth, rows),
        Family::Plain => {
            lines.push("debit_no,account,payer_name,card,id_number,mobile,amount,agreement,signed_on".to_owned());
            let row = |n: usize| {
                format!("{},{n:012},王珅{n},{},X,13800000000,{},A{n:04},2026-01-05", key(n), card(n), yuan(fen(n)))
            };
            lines.extend((1..=rows).map(row));
            lines.push(format!("TOTAL,{rows},{}\n", yuan(sum)));
            lines.join("\n").into_bytes()
        }
        Family::Iso => iso_request(date, nth, rows),
    }
}

/// A message of the standard with so many rows, one line each.
fn iso_request(date: NaiveDate, nth: u32, rows: usize) -> Vec<u8> {
    let fen = |row: usize| row as i64 * 1000;
    let sum: i64 = (1..=rows).map(fen).sum();
    let card = |row: usize| format!("62260900000{row:05}");
    let key = |row: usize| key(Family::Iso, date, nth, row);
    let mut lines: Vec<String> = Vec::new();
    let bank = "<ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId><MmbId>105100000017</MmbId></ClrSysMmbId>";
    let row = |n: usize| {
        format!(
            "<DrctDbtTxInf><PmtId><EndToEndId>{}</EndToEndId></PmtId><InstdAmt Ccy=\"CNY\">{}</InstdAmt>\
             <MndtRltdInf><MndtId>A{n:04}</MndtId><DtOfSgntr>2026-01-05</DtOfSgntr></MndtRltdInf>\
             <DbtrAgt>{bank}</DbtrAgt><Dbtr><Nm>王珅{n}</Nm></Dbtr><DbtrAcct><Id><Othr><Id>{}</Id></Othr></Id>\
             </DbtrAcct><RmtInf><Ustrd>{n:012}</Ustrd></RmtInf></DrctDbtTxInf>",
            key(n),
            yuan(fen(n)),
            card(n)
        )
    };
    let id = format!("M0001-{}-{nth:04}", date.format("%Y%m%d"));
    let sums = format!("<NbOfTxs>{rows}</NbOfTxs><CtrlSum>{}</CtrlSum>", yuan(sum));
    lines.push("<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.008.001.08\">".to_owned());
    lines.push(format!("<GrpHdr><MsgId>{id}</MsgId>{sums}</GrpHdr><PmtInf><PmtInfId>{id}-1</PmtInfId>"));
    lines.push(format!("{sums}<ReqdColltnDt>{date}</ReqdColltnDt>"));
    lines.extend((1..=rows).map(row));
    lines.push("</PmtInf></Document>\n".to_owned());
    lines.join("\n").into_bytes()
}

/// The same in XML, as one line.
fn aipg_request(date: NaiveDate, nth: u32, rows: usize) -> Vec<u8> {
    let fen = |row: usize| row as i64 * 1000;
    let sum: i64 = (1..=rows).map(fen).sum();
    let card = |row: usize| format!("62260900000{row:05}");
    let key = |row: usize| key(Family::Aipg, date, nth, row);
    let mut lines: Vec<String> = Vec::new();
    let compact = date.format("%Y%m%d");
    lines.push(format!(
        "<?xml version=\"1.0\" encoding=\"GBK\"?><AIPG><INFO><TRX_CODE>100001</TRX_CODE><VERSION>03</VERSION>\
         <DATA_TYPE>2</DATA_TYPE><LEVEL>5</LEVEL><USER_NAME>U</USER_NAME><USER_PASS>P</USER_PASS>\
         <REQ_SN>000000000000001-{compact}{nth:03}</REQ_SN></INFO><BODY><TRANS_SUM>\
         <BUSINESS_CODE>10600</BUSINESS_CODE><MERCHANT_ID>000000000000001</MERCHANT_ID>\
         <SUBMIT_TIME>{compact}223000</SUBMIT_TIME><TOTAL_ITEM>{rows}</TOTAL_ITEM><TOTAL_SUM>{sum}</TOTAL_SUM>\
         </TRANS_SUM><TRANS_DETAILS>"
    ));
    lines.extend((1..=rows).map(|n| {
        format!(
            "<TRANS_DETAIL><SN>{}</SN><ACCOUNT_TYPE>00</ACCOUNT_TYPE><ACCOUNT_NO>{}</ACCOUNT_NO>\
             <ACCOUNT_NAME>王珅&amp;{n}</ACCOUNT_NAME><ACCOUNT_PROP>0</ACCOUNT_PROP><AMOUNT>{}</AMOUNT>\
             <CURRENCY>CNY</CURRENCY><CUST_USERID>{n:012}</CUST_USERID></TRANS_DETAIL>",
            key(n),
            card(n),
            fen(n)
        )
    }));
    lines.push("</TRANS_DETAILS></BODY></AIPG>".to_owned());
    to_gbk(&lines.concat())
}

/// Puts the nth request of a day into `out/`.
pub fn send(root: &Path, family: Family, date: NaiveDate, nth: u32, rows: usize) -> String {
    let name = name(family, date, nth);
    fs::create_dir_all(root.join("out")).unwrap();
    fs::write(root.join("out").join(&name), request(family, date, nth, rows)).unwrap();
    name
}

/// A delivered file as text.
pub fn text(root: &Path, name: &str) -> String {
    let bytes = fs::read(root.join("in").join(name)).unwrap();
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => super::text::from_gbk(error.as_bytes()).unwrap(),
    }
}

/// Sends five rows, lets the bank work, and gives the names of the answers.
pub fn night(root: &Path, family: Family, scenario: &str) -> (Bank, Vec<String>) {
    let mut bank = bank(root, family, scenario);
    send(root, family, day(0), 1, 5);
    bank.receive(day(0)).unwrap();
    let names = bank.answer(day(0)).unwrap();
    (bank, names)
}
