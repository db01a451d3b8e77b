//! 银联全渠道批量代收: `DK` + institution 8 + merchant 15 + date 8 + batch 4 + `I`/`O` + `.txt`; GBK, `|`, CRLF
//! between lines, fen.

use super::super::outcome::Reason;
use super::super::text::{compact, date_of_compact, digits, from_gbk, to_gbk};
use super::{Answer, AnswerRow, OutFile, Party, Request, RequestRow, named, renumbered, tie};

const NEEDED: [&str; 5] = ["orderId", "txnAmt", "accType", "accNo", "customerNm"];
const ADDED: [&str; 6] = ["respCode", "respMsg", "queryId", "sysTraNo", "sysTm", "settleDate"];

/// Reads `DK…I.txt`.
pub fn read(party: Party<'_>, name: &str, bytes: &[u8]) -> Result<Request, String> {
    let middle = name.strip_prefix("DK").and_then(|rest| rest.strip_suffix("I.txt"));
    let middle = middle.filter(|middle| middle.len() == 35 && middle.is_ascii());
    let middle = middle.ok_or_else(|| format!("`{name}` is no DK…I.txt"))?;
    named("institution", &middle[..8], party.institution)?;
    named("merchant", &middle[8..23], party.merchant)?;
    let file_date = date_of_compact(&middle[23..31])?;
    if digits(&middle[31..])? == 0 {
        return Err("batch number 0000".to_owned());
    }
    let text = from_gbk(bytes)?;
    let mut lines = text.split("\r\n");
    let head: Vec<String> = lines.next().unwrap_or_default().split('|').map(str::to_owned).collect();
    if head.len() != 5 || head[0] != "5.0.0" {
        return Err("the head is not `5.0.0` and four more fields".to_owned());
    }
    let titles: Vec<String> = lines.next().unwrap_or_default().split('|').map(str::to_owned).collect();
    if let Some(lacking) = NEEDED.iter().find(|title| !titles.iter().any(|own| own == *title)) {
        return Err(format!("no column `{lacking}`"));
    }
    let rows = lines.map(|line| row(&titles, line)).collect::<Result<Vec<_>, _>>()?;
    tie(&rows, digits(&head[2])?, digits(&head[1])?)?;
    Ok(Request { file: name.to_owned(), file_date, line_end: "\r\n", closed: false, head, titles, rows })
}

fn row(titles: &[String], line: &str) -> Result<RequestRow, String> {
    let fields: Vec<String> = line.split('|').map(str::to_owned).collect();
    if fields.len() != titles.len() || line.contains(['\r', '\n']) {
        return Err(format!("a row has {} fields for {} titles", fields.len(), titles.len()));
    }
    let field = |title: &str| {
        let place = titles.iter().position(|own| own == title);
        place.map(|place| fields[place].clone()).unwrap_or_default()
    };
    let key = field("orderId");
    if !(8..=32).contains(&key.len()) || !key.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(format!("orderId `{key}` is not 8 to 32 letters and digits"));
    }
    if !["01", "02", "04"].contains(&field("accType").as_str()) {
        return Err(format!("accType `{}` is unknown", field("accType")));
    }
    let asked = digits(&field("txnAmt"))?;
    let agreement = Some(field("reqReserved1")).filter(|text| !text.is_empty());
    let (card, name) = (field("accNo"), field("customerNm"));
    Ok(RequestRow { key, account: None, agreement, card, name, asked, fields })
}

/// Writes `DK…O.txt`.
pub fn write(answer: &Answer<'_>) -> OutFile {
    let request = answer.request;
    let success: Vec<&AnswerRow<'_>> =
        answer.rows.iter().filter(|row| ["00", "A6"].contains(&row.code.as_str())).collect();
    let taken: i64 = success.iter().map(|row| row.taken).sum();
    let head = format!(
        "{}|{}|{}|{}|{}|{}|{}||",
        request.head[0],
        answer.asked() + answer.totals_off,
        answer.rows.len(),
        request.head[3],
        request.head[4],
        taken + answer.totals_off,
        success.len()
    );
    let mut lines = vec![head, [request.titles.join("|"), ADDED.join("|")].join("|")];
    lines.extend(answer.rows.iter().map(|row| line(answer, row)));
    OutFile { name: answer_name(&request.file, answer.copy), bytes: to_gbk(&lines.join("\r\n")) }
}

fn line(answer: &Answer<'_>, row: &AnswerRow<'_>) -> String {
    let mut fields = row.row.fields.clone();
    for (title, field) in answer.request.titles.iter().zip(&mut fields) {
        match title.as_str() {
            "orderId" => field.clone_from(&row.key),
            "txnAmt" => *field = row.asked.to_string(),
            _ => {}
        }
    }
    fields.extend([row.code.clone(), row.message.clone()]);
    if row.pending {
        fields.extend(["", "", "", ""].map(str::to_owned));
        return fields.join("|");
    }
    let batch = request_batch(answer) - 1;
    let clock = 82_861 + row.nth % 3000;
    let worked = answer.ran_on.format("%m%d");
    fields.push(if row.paid {
        format!("{}23{:02}{:02}{:07}", compact(answer.ran_on), batch / 60 % 60, batch % 60, row.nth)
    } else {
        String::new()
    });
    fields.push(format!("{:06}", row.nth % 1_000_000));
    fields.push(format!("{worked}{:02}{:02}{:02}", clock / 3600, clock / 60 % 60, clock % 60));
    fields.push(if row.paid { row.bank_date.format("%m%d").to_string() } else { String::new() });
    fields.join("|")
}

fn request_batch(answer: &Answer<'_>) -> usize {
    answer.request.file.get(33..37).and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
}

/// The single line that refuses a whole file.
pub fn write_refusal(name: &str) -> OutFile {
    OutFile { name: answer_name(name, 1), bytes: to_gbk("14|批量文件格式错误") }
}

fn answer_name(request: &str, copy: u32) -> String {
    let stem = request.strip_suffix("I.txt").unwrap_or(request);
    let (fixed, batch) = stem.split_at_checked(stem.len().saturating_sub(4)).unwrap_or((stem, ""));
    format!("{fixed}{}O.txt", renumbered(batch, copy))
}

/// Codes.
pub const fn says(reason: Option<Reason>) -> (&'static str, &'static str) {
    match reason {
        None => ("00", "成功[0000000]"),
        Some(Reason::Funds) => ("64", "卡上的余额不足"),
        Some(Reason::Limit) => ("33", "交易金额超限"),
        Some(Reason::Account) => ("61", "输入的卡号无效"),
        Some(Reason::Identity) => ("66", "持卡人身份信息或手机号输入不正确"),
        Some(Reason::Agreement) => ("40", "绑定关系检查失败"),
        Some(Reason::Unexplained) => ("01", "交易失败"),
        Some(Reason::Format) => ("13", "报文要素缺失"),
        Some(Reason::System) => ("02", "系统未开放"),
        Some(Reason::Duplicate) => ("12", "重复交易"),
        Some(Reason::Pending) => ("05", "交易已受理，请稍后查询交易结果"),
        Some(Reason::Reversed) => ("46", "交易已被冲正"),
        Some(Reason::Strange) => ("Z9", "未知应答"),
    }
}
