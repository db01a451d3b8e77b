//! 通联 AIPG 100001: `{merchant 15}_{date}_{batch}.aipg.xml` → `.aipg.ret.xml`, one XML document in GBK, fen. Read with a
//! few lines of our own: every element the request must have, once, in its place.

use super::super::outcome::Reason;
use super::super::text::{compact, date_of_compact, digits, from_gbk, to_gbk};
use super::{Answer, AnswerRow, OutFile, Party, Request, RequestRow, named, renumbered, tie};

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"GBK\"?>";

/// Reads a request.
pub fn read(party: Party<'_>, name: &str, bytes: &[u8]) -> Result<Request, String> {
    let (merchant, date, batch) = parts(name)?;
    named("merchant", merchant, party.merchant)?;
    let file_date = date_of_compact(date)?;
    if batch.len() < 3 || digits(batch)? == 0 {
        return Err(format!("`{name}` has no batch number"));
    }
    let text = from_gbk(bytes)?;
    let document = text.strip_prefix(DECLARATION).ok_or("the declaration is not that of an AIPG document in GBK")?;
    let root = whole(document, "AIPG")?;
    let (info, body) = root.split_once("</INFO>").ok_or("no <INFO>")?;
    let info = info.strip_prefix("<INFO>").ok_or("something stands before <INFO>")?;
    let body = whole(body, "BODY")?;
    for (element, wanted) in [("TRX_CODE", "100001"), ("DATA_TYPE", "2")] {
        let found = value(info, element)?;
        if found != wanted {
            return Err(format!("{element} is `{found}`, not `{wanted}`"));
        }
    }
    for needed in ["VERSION", "LEVEL", "USER_NAME", "USER_PASS"] {
        if value(info, needed)?.is_empty() {
            return Err(format!("{needed} is empty"));
        }
    }
    let number = value(info, "REQ_SN")?;
    if number != format!("{merchant}-{date}{batch}") {
        return Err(format!("REQ_SN `{number}` is not of the file `{name}`"));
    }
    let sum = inside(body, "TRANS_SUM")?;
    named("merchant", &value(sum, "MERCHANT_ID")?, merchant)?;
    let submitted = value(sum, "SUBMIT_TIME")?;
    if submitted.len() != 14 || digits(&submitted).is_err() {
        return Err(format!("SUBMIT_TIME `{submitted}` is no YYYYMMDDHHMMSS"));
    }
    let rows = details(inside(body, "TRANS_DETAILS")?)?;
    tie(&rows, digits(&value(sum, "TOTAL_ITEM")?)?, digits(&value(sum, "TOTAL_SUM")?)?)?;
    let (head, titles) = (vec![number], Vec::new());
    Ok(Request { file: name.to_owned(), file_date, line_end: "", closed: false, head, titles, rows })
}

/// Merchant, date and batch of a file's name.
fn parts(name: &str) -> Result<(&str, &str, &str), String> {
    let wrong = || format!("`{name}` is no merchant_YYYYMMDD_NNN.aipg.xml");
    let stem = name.strip_suffix(".aipg.xml").ok_or_else(wrong)?;
    let mut parts = stem.split('_');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(merchant), Some(date), Some(batch), None) => Ok((merchant, date, batch)),
        _ => Err(wrong()),
    }
}

fn details(mut rest: &str) -> Result<Vec<RequestRow>, String> {
    let mut rows = Vec::new();
    while !rest.is_empty() {
        let end = rest.find("</TRANS_DETAIL>").ok_or("a TRANS_DETAIL is not closed")? + "</TRANS_DETAIL>".len();
        let (detail, behind) = rest.split_at(end);
        rows.push(detail_row(whole(detail, "TRANS_DETAIL")?)?);
        rest = behind;
    }
    Ok(rows)
}

fn detail_row(detail: &str) -> Result<RequestRow, String> {
    for (element, accepted) in
        [("ACCOUNT_TYPE", ["00", "01"]), ("ACCOUNT_PROP", ["0", "0"]), ("CURRENCY", ["CNY", "CNY"])]
    {
        let found = value(detail, element)?;
        if !accepted.contains(&found.as_str()) {
            return Err(format!("{element} `{found}` is unknown"));
        }
    }
    let key = value(detail, "SN")?;
    digits(&key)?;
    let (card, name) = (value(detail, "ACCOUNT_NO")?, value(detail, "ACCOUNT_NAME")?);
    if card.len() > 32 || to_gbk(&name).len() > 60 {
        return Err(format!("row `{key}`: a value is longer than its element"));
    }
    let (asked, account) = (digits(&value(detail, "AMOUNT")?)?, Some(value(detail, "CUST_USERID")?));
    Ok(RequestRow { key, account, agreement: None, card, name, asked, fields: Vec::new() })
}

/// What stands in an element that is the whole of a text.
fn whole<'a>(text: &'a str, name: &str) -> Result<&'a str, String> {
    let inner = text.strip_prefix(&format!("<{name}>")).and_then(|rest| rest.strip_suffix(&format!("</{name}>")));
    inner.ok_or_else(|| format!("something stands around <{name}>"))
}

/// What stands in the one element of a name.
fn inside<'a>(text: &'a str, name: &str) -> Result<&'a str, String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    if text.matches(&open).count() != 1 || text.matches(&close).count() != 1 {
        return Err(format!("<{name}> does not stand once"));
    }
    let (from, to) = (text.find(&open).unwrap_or(0) + open.len(), text.find(&close).unwrap_or(0));
    text.get(from..to).ok_or_else(|| format!("<{name}> is closed before it begins"))
}

/// The text of an element without children.
fn value(text: &str, name: &str) -> Result<String, String> {
    let raw = inside(text, name)?;
    if raw.contains(['<', '>', '"']) {
        return Err(format!("<{name}> holds markup"));
    }
    let plain = raw.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    if plain.replace("&amp;", "").contains('&') {
        return Err(format!("<{name}> holds a lone `&`"));
    }
    Ok(plain.replace("&amp;", "&"))
}

/// Writes an answer: a code for the batch and one for each debit.
pub fn write(answer: &Answer<'_>) -> OutFile {
    let details: String = answer.rows.iter().map(detail).collect();
    let body = format!("<BODY><RET_DETAILS>{details}</RET_DETAILS></BODY>");
    let number = answer.request.head.first().map(String::as_str).unwrap_or_default();
    let done = format!("处理完成 {}", compact(answer.ran_on));
    document(answer_name(&answer.request.file, answer.copy), number, ("0000", &done), &body)
}

fn detail(row: &AnswerRow<'_>) -> String {
    let message = row.message.replace('&', "&amp;").replace('<', "&lt;");
    let (sn, code) = (&row.key, &row.code);
    format!("<RET_DETAIL><SN>{sn}</SN><RET_CODE>{code}</RET_CODE><ERR_MSG>{message}</ERR_MSG></RET_DETAIL>")
}

fn document(name: String, number: &str, (code, words): (&str, &str), body: &str) -> OutFile {
    let text = format!(
        "{DECLARATION}<AIPG><INFO><TRX_CODE>100001</TRX_CODE><VERSION>03</VERSION><DATA_TYPE>2</DATA_TYPE>\
         <REQ_SN>{number}</REQ_SN><RET_CODE>{code}</RET_CODE><ERR_MSG>{words}</ERR_MSG></INFO>{body}</AIPG>"
    );
    OutFile { name, bytes: to_gbk(&text) }
}

/// A document whose head refuses the whole batch.
pub fn write_refusal(name: &str) -> OutFile {
    let number = parts(name).map(|(merchant, date, batch)| format!("{merchant}-{date}{batch}")).unwrap_or_default();
    document(answer_name(name, 1), &number, ("1000", "报文内容检查错"), "")
}

fn answer_name(request: &str, copy: u32) -> String {
    let stem = request.strip_suffix(".aipg.xml").unwrap_or(request);
    let (fixed, batch) = stem.rsplit_once('_').unwrap_or((stem, ""));
    format!("{fixed}_{}.aipg.ret.xml", renumbered(batch, copy))
}

/// Codes of details. What the documents call no more than "other" is 3999: its result is not clear.
pub const fn says(reason: Option<Reason>) -> (&'static str, &'static str) {
    match reason {
        None => ("0000", "处理成功"),
        Some(Reason::Funds) => ("3008", "余额不足"),
        Some(Reason::Limit) => ("3013", "超出提款限额"),
        Some(Reason::Account) => ("3009", "无此账户"),
        Some(Reason::Identity) => ("3031", "账号户名不符"),
        Some(Reason::Agreement) => ("3043", "未与银行签约"),
        Some(Reason::Duplicate) => ("3051", "重复业务"),
        Some(Reason::Pending) => ("2000", "系统正在对数据处理"),
        Some(Reason::Reversed) => ("3056", "退票"),
        Some(Reason::Strange) => ("9999", "未知应答"),
        Some(Reason::Unexplained | Reason::Format | Reason::System) => ("3999", "其它错误"),
    }
}
