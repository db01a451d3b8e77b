//! 竖线文件: `{code}{YYYYMMDD}.PK` → `.PKJG`, GBK, `|`, yuan, a trailer; the name stands in single quotes in the answer.

use super::super::outcome::Reason;
use super::super::text::{date_of_compact, date_of_dashed, digits, fen_of_yuan, from_gbk, to_gbk, yuan};
use super::{Answer, AnswerRow, OutFile, Party, Request, RequestRow, named, tie};

/// Reads `.PK`.
pub fn read(party: Party<'_>, name: &str, bytes: &[u8]) -> Result<Request, String> {
    let stem = name.strip_suffix(".PK").filter(|stem| stem.is_ascii() && stem.len() >= 10);
    let stem = stem.ok_or_else(|| format!("`{name}` is no code+YYYYMMDD.PK"))?;
    named("bank code", &stem[..2], party.code)?;
    let file_date = date_of_compact(&stem[2..10])?;
    let rest = &stem[10..];
    let later = rest.strip_prefix('_').is_some_and(|number| digits(number).is_ok_and(|number| number >= 2));
    if !rest.is_empty() && !later {
        return Err(format!("`{name}` is neither a day's first file nor its `_2`, `_3` …"));
    }
    let text = from_gbk(bytes)?;
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<&str> = text.strip_suffix(line_end).unwrap_or(&text).split(line_end).collect();
    let head: Vec<String> = lines.pop().unwrap_or_default().split('|').map(str::to_owned).collect();
    if head.len() != 5 || head[0] != "0" {
        return Err("no trailer `0|count|sum|date|time`".to_owned());
    }
    date_of_dashed(&head[3])?;
    let rows = lines.into_iter().map(row).collect::<Result<Vec<_>, _>>()?;
    tie(&rows, digits(&head[1])?, fen_of_yuan(&head[2])?)?;
    Ok(Request { file: name.to_owned(), file_date, line_end, closed: true, head, titles: Vec::new(), rows })
}

fn row(line: &str) -> Result<RequestRow, String> {
    let fields: Vec<String> = line.split('|').map(str::to_owned).collect();
    if fields.len() != 8 || line.contains(['\r', '\n']) {
        return Err(format!("a row has {} fields, not 8", fields.len()));
    }
    if digits(&fields[0])? == 0 {
        return Err("费用ID 0 is the trailer's".to_owned());
    }
    let asked = fen_of_yuan(&fields[7])?;
    if fen_of_yuan(&fields[5])? + fen_of_yuan(&fields[6])? != asked {
        return Err(format!("row `{}`: 金额 and 滞纳金 do not make 总金额", fields[0]));
    }
    Ok(RequestRow {
        key: fields[0].clone(),
        account: Some(fields[1].clone()),
        agreement: None,
        card: fields[3].clone(),
        name: fields[2].clone(),
        asked,
        fields,
    })
}

/// Writes `.PKJG`. 扣款日期 repeats the request's: the family states no 清算日 of its own.
pub fn write(answer: &Answer<'_>) -> OutFile {
    let request = answer.request;
    let mut lines: Vec<String> = answer.rows.iter().map(line).collect();
    let paid: Vec<&AnswerRow<'_>> = answer.rows.iter().filter(|row| row.paid).collect();
    let taken = paid.iter().map(|row| row.taken).sum::<i64>() + answer.totals_off;
    let asked = yuan(answer.asked() + answer.totals_off);
    let (count, date, ran_on, taken) = (answer.rows.len(), &request.head[3], answer.ran_on, yuan(taken));
    lines.push(format!("0|{count}|{asked}|{date}|{ran_on} 23:40:00|{taken}|{}", paid.len()));
    lines.push(String::new());
    let stem = request.file.strip_suffix(".PK").unwrap_or(&request.file);
    let first = stem.split('_').next().unwrap_or(stem);
    let name = if answer.copy <= 1 { format!("{stem}.PKJG") } else { format!("{first}_{}.PKJG", 900 + answer.copy) };
    OutFile { name, bytes: to_gbk(&lines.join(request.line_end)) }
}

fn line(row: &AnswerRow<'_>) -> String {
    let mut fields = row.row.fields.clone();
    let late_fee = fen_of_yuan(&fields[6]).unwrap_or_default();
    fields[0].clone_from(&row.key);
    fields[2] = format!("'{}'", fields[2]);
    fields[5] = yuan(row.asked - late_fee);
    fields[7] = yuan(row.asked);
    fields.push(row.code.clone());
    fields.join("|")
}

/// Result flags. There is none for "still in work": such a row is left out by the bank's desk.
pub const fn says(reason: Option<Reason>) -> (&'static str, &'static str) {
    match reason {
        None => ("0", ""),
        Some(Reason::Funds) => ("1", ""),
        Some(Reason::Identity) => ("2", ""),
        Some(Reason::Account) => ("3", ""),
        Some(Reason::Duplicate) => ("4", ""),
        Some(Reason::Strange) => ("77", ""),
        Some(_) => ("99", ""),
    }
}
