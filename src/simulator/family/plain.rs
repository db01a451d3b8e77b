//! Our own CSV for a bank without a format: UTF-8, comma, LF, titles, a trailer; yuan.

use super::super::outcome::Reason;
use super::super::text::{csv_fields, csv_line, date_of_compact, date_of_dashed, digits, fen_of_yuan, from_utf8, yuan};
use super::{Answer, AnswerRow, OutFile, Party, Request, RequestRow, named, renumbered, tie};

const TITLES: &str = "debit_no,account,payer_name,card,id_number,mobile,amount,agreement,signed_on";
const ANSWER_TITLES: &str = "debit_no,card,amount,taken,code,message,bank_date,serial";

/// Reads `{merchant}-{YYYYMMDD}-{seq}.csv`.
pub fn read(party: Party<'_>, name: &str, bytes: &[u8]) -> Result<Request, String> {
    let wrong_name = || format!("`{name}` is no merchant-YYYYMMDD-nnn.csv");
    let mut parts = name.strip_suffix(".csv").ok_or_else(wrong_name)?.rsplitn(3, '-');
    let (sequence, date, merchant) = (parts.next(), parts.next(), parts.next());
    if sequence.is_none_or(|text| text.len() != 3 || digits(text).is_err()) {
        return Err(wrong_name());
    }
    let file_date = date_of_compact(date.unwrap_or_default())?;
    named("merchant", merchant.unwrap_or_default(), party.merchant)?;
    let text = from_utf8(bytes)?;
    let mut lines: Vec<&str> = text.strip_suffix('\n').unwrap_or(&text).split('\n').collect();
    if text.contains('\r') || lines.first() != Some(&TITLES) {
        return Err("the titles are not the agreed ones, or a line ends with CR".to_owned());
    }
    lines.remove(0);
    let head = csv_fields(lines.pop().unwrap_or_default());
    if head.len() != 3 || head[0] != "TOTAL" {
        return Err("no trailer `TOTAL,count,sum`".to_owned());
    }
    let rows = lines.into_iter().map(row).collect::<Result<Vec<_>, _>>()?;
    tie(&rows, digits(&head[1])?, fen_of_yuan(&head[2])?)?;
    Ok(Request {
        file: name.to_owned(),
        file_date,
        line_end: "\n",
        closed: true,
        head,
        titles: csv_fields(TITLES),
        rows,
    })
}

fn row(line: &str) -> Result<RequestRow, String> {
    let fields = csv_fields(line);
    if fields.len() != 9 {
        return Err(format!("a row has {} fields, not 9", fields.len()));
    }
    digits(&fields[0])?;
    let asked = fen_of_yuan(&fields[6])?;
    date_of_dashed(&fields[8])?;
    Ok(RequestRow {
        key: fields[0].clone(),
        account: Some(fields[1].clone()),
        agreement: Some(fields[7].clone()),
        card: fields[3].clone(),
        name: fields[2].clone(),
        asked,
        fields,
    })
}

/// Writes `<stem>.answer.csv`.
pub fn write(answer: &Answer<'_>) -> OutFile {
    let mut text = format!("{ANSWER_TITLES}\n");
    for row in &answer.rows {
        text.push_str(&line(row));
        text.push('\n');
    }
    let paid: Vec<&AnswerRow<'_>> = answer.rows.iter().filter(|row| row.paid).collect();
    let paid_sum = paid.iter().map(|row| row.taken).sum::<i64>() + answer.totals_off;
    let asked = yuan(answer.asked() + answer.totals_off);
    text.push_str(&format!("TOTAL,{},{asked},{},{}\n", answer.rows.len(), paid.len(), yuan(paid_sum)));
    OutFile { name: answer_name(&answer.request.file, answer.copy), bytes: text.into_bytes() }
}

fn line(row: &AnswerRow<'_>) -> String {
    let date = if row.paid { row.bank_date.to_string() } else { String::new() };
    let serial = if row.paid { format!("S{}{:07}", row.bank_date.format("%Y%m%d"), row.nth) } else { String::new() };
    let (asked, taken) = (yuan(row.asked), yuan(row.taken));
    csv_line(&[&row.key, &row.row.card, &asked, &taken, &row.code, &row.message, &date, &serial])
}

/// The single line that refuses a whole file.
pub fn write_refusal(name: &str) -> OutFile {
    OutFile { name: answer_name(name, 1), bytes: "REFUSED,30,文件格式错误\n".as_bytes().to_vec() }
}

fn answer_name(request: &str, copy: u32) -> String {
    let stem = request.strip_suffix(".csv").unwrap_or(request);
    let (fixed, sequence) = stem.rsplit_once('-').unwrap_or((stem, "001"));
    format!("{fixed}-{}.answer.csv", renumbered(sequence, copy))
}

/// Codes.
pub const fn says(reason: Option<Reason>) -> (&'static str, &'static str) {
    match reason {
        None => ("00", "成功"),
        Some(Reason::Funds) => ("51", "余额不足"),
        Some(Reason::Limit) => ("61", "超过限额"),
        Some(Reason::Account) => ("14", "无效账户"),
        Some(Reason::Identity) => ("05", "户名或证件不符"),
        Some(Reason::Agreement) => ("40", "未签约"),
        Some(Reason::Unexplained) => ("99", "交易失败"),
        Some(Reason::Format) => ("30", "格式错误"),
        Some(Reason::System) => ("91", "银行系统故障，未扣款"),
        Some(Reason::Duplicate) => ("94", "重复交易"),
        Some(Reason::Pending) => ("96", "结果未知"),
        Some(Reason::Reversed) => ("R1", "已冲正"),
        Some(Reason::Strange) => ("Z9", "未知应答"),
    }
}
