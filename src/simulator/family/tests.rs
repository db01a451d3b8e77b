//! The codecs against vectors written by hand.

use chrono::NaiveDate;

use super::super::text::to_gbk;
use super::*;

const PARTY: Party<'static> = Party { merchant: "M1", institution: "12345678", code: "JS" };

fn date() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 12, 31).unwrap()
}

fn answer(request: &Request, refused: &[usize]) -> Vec<OutFile> {
    let family = match request.file.get(..2) {
        Some("DK") => Family::Unionpay,
        Some("JS") => Family::Pipe,
        Some("CM") => Family::City,
        _ if request.file.ends_with(".csv") => Family::Plain,
        _ if request.file.ends_with(".pain008.xml") => Family::Iso,
        _ if request.file.ends_with(".xml") => Family::Aipg,
        _ => Family::Ccb,
    };
    let row = |(place, row)| {
        let reason = refused.contains(&place).then_some(Reason::Funds);
        let (code, message) = family.says(reason);
        let row: &RequestRow = row;
        AnswerRow {
            row,
            key: row.key.clone(),
            asked: row.asked,
            taken: if reason.is_none() { row.asked } else { 0 },
            code: code.to_owned(),
            message: message.to_owned(),
            paid: reason.is_none(),
            pending: false,
            bank_date: date() + chrono::Days::new(1),
            nth: place + 1,
        }
    };
    let rows = request.rows.iter().enumerate().map(row).collect();
    family.write(&Answer { request, rows, ran_on: date(), totals_off: 0, copy: 1 })
}

#[test]
fn plain_both_ways() {
    let text = "debit_no,account,payer_name,card,id_number,mobile,amount,agreement,signed_on\n\
                98620516000012341,051600001234,测试甲,6226090000000048,X1,13552535506,50.00,051600001234-1,2026-03-01\n\
                98620516000012351,051600001235,\"王,五\",6226090000000049,X2,13552535507,0.05,051600001235-1,2026-03-02\n\
                TOTAL,2,50.05\n";
    let request = Family::Plain.read(PARTY, "M1-20261231-001.csv", text.as_bytes()).unwrap();
    assert_eq!(request.file_date, date());
    assert_eq!(request.rows[1].name, "王,五");
    assert_eq!(request.rows[1].asked, 5);
    assert_eq!(request.rows[0].account.as_deref(), Some("051600001234"));
    let made = answer(&request, &[1]);
    assert_eq!(made[0].name, "M1-20261231-001.answer.csv");
    assert_eq!(
        String::from_utf8(made[0].bytes.clone()).unwrap(),
        "debit_no,card,amount,taken,code,message,bank_date,serial\n\
         98620516000012341,6226090000000048,50.00,50.00,00,成功,2027-01-01,S202701010000001\n\
         98620516000012351,6226090000000049,0.05,0.00,51,余额不足,,\n\
         TOTAL,2,50.05,1,50.00\n"
    );
}

#[test]
fn unionpay_both_ways() {
    // The titles' order is free, and the second byte of 珅 is the separator's.
    let text = "5.0.0|8000|2|r1|\r\norderId|accNo|customerNm|accType|txnAmt|reqReserved1\r\n\
                9862051600001|6226|王珅|01|5000|A-1\r\n9862051600002|6227|测试|01|3000|A-2";
    let name = "DK12345678M1             202612310002I.txt";
    let request = Family::Unionpay.read(Party { merchant: "M1             ", ..PARTY }, name, &to_gbk(text)).unwrap();
    assert_eq!(request.rows[0].name, "王珅");
    assert_eq!(request.rows[0].agreement.as_deref(), Some("A-1"));
    let made = answer(&request, &[0]);
    assert_eq!(made[0].name, "DK12345678M1             202612310002O.txt");
    assert_eq!(
        from_gbk(&made[0].bytes),
        "5.0.0|8000|2|r1||3000|1||\r\n\
         orderId|accNo|customerNm|accType|txnAmt|reqReserved1|respCode|respMsg|queryId|sysTraNo|sysTm|settleDate\r\n\
         9862051600001|6226|王珅|01|5000|A-1|64|卡上的余额不足||000001|1231230102|\r\n\
         9862051600002|6227|测试|01|3000|A-2|00|成功[0000000]|202612312300010000002|000002|1231230103|0101"
    );
}

const AIPG: &str = "<?xml version=\"1.0\" encoding=\"GBK\"?><AIPG><INFO><TRX_CODE>100001</TRX_CODE>\
    <VERSION>03</VERSION><DATA_TYPE>2</DATA_TYPE><LEVEL>5</LEVEL><USER_NAME>U</USER_NAME><USER_PASS>P</USER_PASS>\
    <REQ_SN>M1-20261231002</REQ_SN></INFO><BODY><TRANS_SUM><BUSINESS_CODE>10600</BUSINESS_CODE>\
    <MERCHANT_ID>M1</MERCHANT_ID><SUBMIT_TIME>20261231223001</SUBMIT_TIME><TOTAL_ITEM>2</TOTAL_ITEM>\
    <TOTAL_SUM>8000</TOTAL_SUM></TRANS_SUM><TRANS_DETAILS>\
    <TRANS_DETAIL><SN>7</SN><ACCOUNT_TYPE>00</ACCOUNT_TYPE><ACCOUNT_NO>6226</ACCOUNT_NO>\
    <ACCOUNT_NAME>王&lt;珅&gt;</ACCOUNT_NAME><ACCOUNT_PROP>0</ACCOUNT_PROP><AMOUNT>5000</AMOUNT>\
    <CURRENCY>CNY</CURRENCY><CUST_USERID>051600001234</CUST_USERID></TRANS_DETAIL>\
    <TRANS_DETAIL><SN>8</SN><ACCOUNT_TYPE>01</ACCOUNT_TYPE><ACCOUNT_NO>6227</ACCOUNT_NO>\
    <ACCOUNT_NAME>测试</ACCOUNT_NAME><ACCOUNT_PROP>0</ACCOUNT_PROP><AMOUNT>3000</AMOUNT>\
    <CURRENCY>CNY</CURRENCY><CUST_USERID>051600001235</CUST_USERID></TRANS_DETAIL>\
    </TRANS_DETAILS></BODY></AIPG>";

#[test]
fn aipg_both_ways() {
    let name = "M1_20261231_002.aipg.xml";
    let read = |text: &str| Family::Aipg.read(PARTY, name, &to_gbk(text));
    let request = read(AIPG).unwrap();
    assert_eq!((request.file_date, request.rows[0].name.as_str()), (date(), "王<珅>"));
    assert_eq!(request.rows[1].account.as_deref(), Some("051600001235"));
    let made = answer(&request, &[0]);
    assert_eq!(made[0].name, "M1_20261231_002.aipg.ret.xml");
    assert_eq!(
        from_gbk(&made[0].bytes),
        "<?xml version=\"1.0\" encoding=\"GBK\"?><AIPG><INFO><TRX_CODE>100001</TRX_CODE><VERSION>03</VERSION>\
         <DATA_TYPE>2</DATA_TYPE><REQ_SN>M1-20261231002</REQ_SN><RET_CODE>0000</RET_CODE>\
         <ERR_MSG>处理完成 20261231</ERR_MSG></INFO><BODY><RET_DETAILS>\
         <RET_DETAIL><SN>7</SN><RET_CODE>3008</RET_CODE><ERR_MSG>余额不足</ERR_MSG></RET_DETAIL>\
         <RET_DETAIL><SN>8</SN><RET_CODE>0000</RET_CODE><ERR_MSG>处理成功</ERR_MSG></RET_DETAIL>\
         </RET_DETAILS></BODY></AIPG>"
    );
    for (from, to) in [
        ("GBK", "UTF-8"),
        ("<AIPG>", "<AIPG>\n<x/>"),
        ("</AIPG>", "</AIPG> "),
        ("M1-20261231002", "M1-20261231003"),
        ("<LEVEL>5</LEVEL>", ""),
        ("<SN>8</SN>", "<SN>8</SN><SN>9</SN>"),
        ("<SN>8</SN>", "<SN>7</SN>"),
        ("<TOTAL_SUM>8000", "<TOTAL_SUM>8001"),
        ("&lt;", "&"),
        ("5000", "5000.0"),
        ("</TRANS_DETAIL><TRANS_DETAIL>", "</TRANS_DETAIL>x<TRANS_DETAIL>"),
        ("<CURRENCY>CNY", "<CURRENCY>USD"),
    ] {
        assert!(AIPG.contains(from) && read(&AIPG.replacen(from, to, 1)).is_err(), "{from} → {to}");
    }
}

fn from_gbk(bytes: &[u8]) -> String {
    super::super::text::from_gbk(bytes).unwrap()
}

#[test]
fn what_a_bank_does_not_forgive() {
    let plain = "debit_no,account,payer_name,card,id_number,mobile,amount,agreement,signed_on\n\
                 1,2,测,3,4,5,50.00,6,2026-03-01\nTOTAL,1,50.00\n";
    let read = |name: &str, text: &str| Family::Plain.read(PARTY, name, text.as_bytes());
    let name = "M1-20261231-001.csv";
    assert!(read(name, plain).is_ok());
    for (wrong_name, wrong) in [
        ("M2-20261231-001.csv", plain.to_owned()),
        ("M1-20261331-001.csv", plain.to_owned()),
        ("M1-20261231-01.csv", plain.to_owned()),
        (name, plain.replace('\n', "\r\n")),
        (name, plain.replace("TOTAL,1", "TOTAL,2")),
        (name, plain.replace("TOTAL,1,50.00", "TOTAL,1,50.01")),
        (name, plain.replace(",50.00,6", ",50.0,6")),
        (name, plain.replace(",50.00", ",0.00")),
        (name, plain.replace("测", "")),
        (name, plain.replace("debit_no", "debit")),
        (
            name,
            plain.replace(
                "1,2,测,3,4,5,50.00,6,2026-03-01\nTOTAL,1,50.00",
                "1,2,测,3,4,5,50.00,6,2026-03-01\n1,2,测,3,4,5,50.00,6,2026-03-01\nTOTAL,2,100.00",
            ),
        ),
        (name, format!("\u{feff}{plain}")),
    ] {
        assert!(read(wrong_name, &wrong).is_err(), "{wrong_name}: {wrong}");
    }
    let gbk = to_gbk(plain);
    assert!(Family::Plain.read(PARTY, name, &gbk).is_err());
}

#[test]
fn families_have_words_and_codes() {
    for family in Family::ALL {
        assert_eq!(family.word().parse::<Family>(), Ok(*family));
        let paid = family.says(None).0;
        assert!(Reason::ALL.iter().all(|reason| family.says(Some(*reason)).0 != paid), "{family}");
    }
    assert!("icbc".parse::<Family>().is_err());
}

#[test]
fn iso_both_ways() {
    let bank = "<ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId><MmbId>105100000017</MmbId></ClrSysMmbId>";
    let tx = |key: &str, amount: &str, name: &str| {
        format!(
            "<DrctDbtTxInf><PmtId><EndToEndId>{key}</EndToEndId></PmtId><InstdAmt Ccy=\"CNY\">{amount}</InstdAmt>\
             <MndtRltdInf><MndtId>A-1</MndtId><DtOfSgntr>2026-01-05</DtOfSgntr></MndtRltdInf><DbtrAgt>{bank}</DbtrAgt>\
             <Dbtr><Nm>{name}</Nm></Dbtr><DbtrAcct><Id><Othr><Id>6226</Id></Othr></Id></DbtrAcct>\
             <RmtInf><Ustrd>051600001234</Ustrd></RmtInf></DrctDbtTxInf>"
        )
    };
    let text = format!(
        "<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.008.001.08\"><GrpHdr><MsgId>M1-20261231-0001</MsgId>\
         <NbOfTxs>2</NbOfTxs><CtrlSum>50.05</CtrlSum></GrpHdr><PmtInf><PmtInfId>M1-20261231-0001-1</PmtInfId>\
         <NbOfTxs>2</NbOfTxs><CtrlSum>50.05</CtrlSum><ReqdColltnDt>2026-12-31</ReqdColltnDt>{}{}</PmtInf></Document>",
        tx("98620516000012341", "50.00", "王 &amp; 珅"),
        tx("98620516000012351", "0.05", "测试")
    );
    let name = "M1-20261231-0001.pain008.xml";
    let request = Family::Iso.read(PARTY, name, text.as_bytes()).unwrap();
    assert_eq!((request.file_date, request.rows[0].name.as_str()), (date(), "王 & 珅"));
    assert_eq!((request.rows[1].asked, request.rows[1].agreement.as_deref()), (5, Some("A-1")));
    let made = answer(&request, &[1]);
    assert_eq!(made[0].name, "M1-20261231-0001.pain002.xml");
    let said = String::from_utf8(made[0].bytes.clone()).unwrap();
    assert!(
        said.contains("<DtldNbOfTxs>1</DtldNbOfTxs><DtldSts>ACSC</DtldSts><DtldCtrlSum>50.00</DtldCtrlSum>"),
        "{said}"
    );
    assert!(
        said.contains("<TxSts>RJCT</TxSts><StsRsnInf><Rsn><Cd>AM04</Cd></Rsn><AddtlInf>余额不足</AddtlInf>"),
        "{said}"
    );
    assert!(said.contains("<IntrBkSttlmDt>2027-01-01</IntrBkSttlmDt>"), "{said}");
    let wrong = text.replace("<CtrlSum>50.05", "<CtrlSum>50.06");
    assert!(Family::Iso.read(PARTY, name, wrong.as_bytes()).is_err());
}
