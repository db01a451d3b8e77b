//! 代扣直联: rows without head, GBK, CRLF, yuan → three return files, UTF-8 with a byte order mark: summary,
//! successes, failures.

use super::super::outcome::Reason;
use super::super::text::{date_of_compact, digits, fen_of_yuan, from_gbk, yuan};
use super::{Answer, AnswerRow, OutFile, Party, Request, RequestRow, named, renumbered};

const ROWS_MAX: usize = 2000;
const BYTES_MAX: usize = 625 * 1024;
const PAID: &str = "成功";

/// Reads `{merchant}_{YYYYMMDD}_{seq}.txt`.
pub fn read(party: Party<'_>, name: &str, bytes: &[u8]) -> Result<Request, String> {
    let wrong_name = || format!("`{name}` is no merchant_YYYYMMDD_nnnn.txt");
    let mut parts = name.strip_suffix(".txt").ok_or_else(wrong_name)?.rsplitn(3, '_');
    let (sequence, date, merchant) = (parts.next(), parts.next(), parts.next());
    if sequence.is_none_or(|text| text.len() != 4 || digits(text).is_err()) {
        return Err(wrong_name());
    }
    let file_date = date_of_compact(date.unwrap_or_default())?;
    named("merchant", merchant.unwrap_or_default(), party.merchant)?;
    if bytes.len() > BYTES_MAX {
        return Err(format!("the file has {} bytes, the limit is {BYTES_MAX}", bytes.len()));
    }
    let text = from_gbk(bytes)?;
    let body = text.strip_suffix("\r\n").unwrap_or(&text);
    let rows =
        body.split("\r\n").enumerate().map(|(place, line)| row(place + 1, line)).collect::<Result<Vec<_>, _>>()?;
    if rows.len() > ROWS_MAX {
        return Err(format!("the file has {} rows, the limit is {ROWS_MAX}", rows.len()));
    }
    let (head, titles, closed) = (Vec::new(), Vec::new(), body.len() < text.len());
    Ok(Request { file: name.to_owned(), file_date, line_end: "\r\n", closed, head, titles, rows })
}

fn row(nth: usize, line: &str) -> Result<RequestRow, String> {
    let mut fields: Vec<String> = line.split('|').map(str::to_owned).collect();
    if fields.len() != 12 || fields.pop().is_none_or(|last| !last.is_empty()) || line.contains(['\r', '\n']) {
        return Err(format!("row {nth} has not 11 fields, each ended by `|`"));
    }
    if fields[0] != nth.to_string() {
        return Err(format!("row {nth} has 序号 `{}`", fields[0]));
    }
    if !["0", "1"].contains(&fields[4].as_str()) || fields[8].is_empty() {
        return Err(format!("row {nth}: 跨行标识 is neither 0 nor 1, or 标识号 is empty"));
    }
    let asked = fen_of_yuan(&fields[3])?;
    let agreement = Some(fields[7].clone()).filter(|text| !text.is_empty());
    let (key, card, name) = (fields[8].clone(), fields[1].clone(), fields[2].clone());
    Ok(RequestRow { key, account: None, agreement, card, name, asked, fields })
}

/// Writes `_R0.txt` (all), `_R1.txt` (successes), `_R2.txt` (failures); the last line has its end where the request's
/// had one. Wrong totals show as a success missing from `_R1`.
pub fn write(answer: &Answer<'_>) -> Vec<OutFile> {
    let paid = |row: &&AnswerRow<'_>| row.code == PAID;
    let skipped = usize::from(answer.totals_off != 0);
    let sets: [Vec<&AnswerRow<'_>>; 3] = [
        answer.rows.iter().collect(),
        answer.rows.iter().filter(paid).skip(skipped).collect(),
        answer.rows.iter().filter(|row| !paid(row)).collect(),
    ];
    let stem = answer.request.file.strip_suffix(".txt").unwrap_or(&answer.request.file);
    let (fixed, sequence) = stem.rsplit_once('_').unwrap_or((stem, "0001"));
    let stem = format!("{fixed}_{}", renumbered(sequence, answer.copy));
    let file = |(place, rows): (usize, Vec<&AnswerRow<'_>>)| {
        let mut text = rows.into_iter().map(line).collect::<Vec<_>>().join("\r\n");
        if answer.request.closed && !text.is_empty() {
            text.push_str("\r\n");
        }
        OutFile { name: format!("{stem}_R{place}.txt"), bytes: format!("\u{feff}{text}").into_bytes() }
    };
    sets.into_iter().enumerate().map(file).collect()
}

fn line(row: &AnswerRow<'_>) -> String {
    let mut fields = row.row.fields.clone();
    fields[3] = yuan(row.asked);
    fields[8].clone_from(&row.key);
    format!("{}|||{}|{}|", fields.join("|"), row.code, row.message)
}

/// State and reason.
pub const fn says(reason: Option<Reason>) -> (&'static str, &'static str) {
    match reason {
        None => (PAID, ""),
        Some(Reason::Funds) => ("失败", "余额不足"),
        Some(Reason::Limit) => ("失败", "超过限额"),
        Some(Reason::Account) => ("失败", "账号不存在"),
        Some(Reason::Identity) => ("失败", "户名不符"),
        Some(Reason::Agreement) => ("失败", "未签约"),
        Some(Reason::Unexplained) => ("失败", "交易失败"),
        Some(Reason::Format) => ("失败", "格式错误"),
        Some(Reason::System) => ("失败", "系统故障"),
        Some(Reason::Duplicate) => ("失败", "重复扣款"),
        Some(Reason::Pending) => ("处理中", ""),
        Some(Reason::Reversed) => ("失败", "已冲正"),
        Some(Reason::Strange) => ("异常", "未知应答"),
    }
}
