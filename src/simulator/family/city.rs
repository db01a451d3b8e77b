//! 同城集中代收付, fixed widths in GBK *bytes*, no line breaks: `CMT031` (52 + n × 305) → `DLD032` (52 + 42 + n × 257); fen.

use super::super::outcome::Reason;
use super::super::text::{compact, date_of_compact, digits, from_gbk, to_gbk};
use super::{Answer, AnswerRow, OutFile, Request, RequestRow};

const HEAD: [usize; 8] = [6, 2, 10, 10, 8, 6, 2, 8];
const COMMON: [usize; 15] = [10, 8, 8, 10, 30, 60, 10, 30, 3, 12, 20, 12, 1, 16, 16];
const REQUEST_REST: [usize; 4] = [2, 3, 8, 46];
const RECORD: usize = 305;
const SERIAL: usize = 2;
const AMOUNT: usize = 9;

/// Reads `CMT031….Z01`.
pub fn read(name: &str, bytes: &[u8]) -> Result<Request, String> {
    if !name.starts_with("CMT031") || !name.ends_with(".Z01") {
        return Err(format!("`{name}` is no CMT031….Z01"));
    }
    let head_len = HEAD.iter().sum::<usize>();
    if bytes.len() < head_len || !(bytes.len() - head_len).is_multiple_of(RECORD) {
        return Err(format!("{} bytes are no head of {head_len} and records of {RECORD}", bytes.len()));
    }
    let head = cut(bytes, &HEAD)?;
    if head[0] != "CMT031" || head[1] != "04" || head[6] != "99" {
        return Err("the head is no CMT031 request (type, service 04, code 99)".to_owned());
    }
    let file_date = date_of_compact(&head[4])?;
    let rows = bytes[head_len..].chunks(RECORD).map(row).collect::<Result<Vec<_>, _>>()?;
    Ok(Request { file: name.to_owned(), file_date, line_end: "", closed: false, head, titles: Vec::new(), rows })
}

fn cut(bytes: &[u8], widths: &[usize]) -> Result<Vec<String>, String> {
    let mut at = 0;
    let mut fields = Vec::with_capacity(widths.len());
    for width in widths {
        fields.push(from_gbk(&bytes[at..at + width])?);
        at += width;
    }
    Ok(fields)
}

fn row(record: &[u8]) -> Result<RequestRow, String> {
    let widths: Vec<usize> = COMMON.iter().chain(&REQUEST_REST).copied().collect();
    let fields = cut(record, &widths)?;
    date_of_compact(&fields[1])?;
    digits(&fields[SERIAL])?;
    if fields[8] != "RMB" || fields[15] != "50" || fields[16] != "046" {
        return Err(format!("record `{}`: currency, 附加域子类 or its length is wrong", fields[SERIAL]));
    }
    let asked = digits(&fields[AMOUNT])?;
    let some = |text: &str| Some(text.trim_end().to_owned()).filter(|text| !text.is_empty());
    Ok(RequestRow {
        key: fields[SERIAL].clone(),
        account: some(&fields[10]),
        agreement: some(&fields[11]),
        card: fields[4].trim_end().to_owned(),
        name: fields[5].trim_end().to_owned(),
        asked,
        fields,
    })
}

/// Writes `DLD032….bin`. It has no totals that could be wrong. Requests of two days may have one name, so the rest of
/// the answer's name is free: `-2`, `-3` … keeps answers apart.
pub fn write(answer: &Answer<'_>) -> OutFile {
    let head = &answer.request.head;
    let mut text = format!("DLD03208{}{}{}{}00{}", head[2], head[3], head[4], head[5], head[7]);
    text.push_str(&format!("{}{}01{}010000{}", head[2], head[4], compact(answer.ran_on), head[7]));
    for row in &answer.rows {
        text.push_str(&record(row));
    }
    let file = &answer.request.file;
    let middle = file.strip_prefix("CMT031").and_then(|rest| rest.strip_suffix(".Z01")).unwrap_or(file);
    let number = if answer.copy <= 1 { String::new() } else { format!("-{}", answer.copy) };
    OutFile { name: format!("DLD032{middle}{number}.bin"), bytes: to_gbk(&text) }
}

fn record(row: &AnswerRow<'_>) -> String {
    let mut fields = row.row.fields[..COMMON.len()].to_vec();
    fields[SERIAL].clone_from(&row.key);
    fields[AMOUNT] = format!("{:012}", row.asked);
    format!("{}{}{}1", fields.concat(), compact(row.bank_date), row.code)
}

/// Codes. No public table names more than 00; 17 stands for a refusal.
pub const fn says(reason: Option<Reason>) -> (&'static str, &'static str) {
    match reason {
        None => ("00", ""),
        Some(Reason::Strange) => ("88", ""),
        Some(_) => ("17", ""),
    }
}
