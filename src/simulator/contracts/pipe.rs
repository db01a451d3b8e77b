//! 竖线签约: `DKQY{code}{YYYYMMDD}.TXT` → `DKQYR{code}{YYYYMMDD}.TXT`, GBK, CRLF, `|`; the reply ends its lines with the
//! separator.

use chrono::NaiveDate;

use super::super::family::Family;
use super::super::text::{compact, date_of_compact, digits, from_gbk, to_gbk};
use super::journal::{Contract, File, Notice};
use super::{Out, Row, says};

/// Reads `DKQY…`, strictly.
pub fn read(code: &str, name: &str, bytes: &[u8]) -> Result<(Vec<String>, Vec<Row>), String> {
    let rest = name.strip_prefix("DKQY").and_then(|rest| rest.strip_suffix(".TXT"));
    let date = rest.and_then(|rest| rest.strip_prefix(code)).ok_or_else(|| format!("the name is no DKQY{code}…"))?;
    date_of_compact(date)?;
    let text = from_gbk(bytes)?;
    let body = text.strip_suffix("\r\n").ok_or_else(|| "the last line has no end".to_owned())?;
    let rows: Vec<Row> = body.split("\r\n").map(|line| row(code, line)).collect::<Result<_, _>>()?;
    for (at, row) in rows.iter().enumerate() {
        if row.fields[0] != (at + 1).to_string() {
            return Err(format!("line {} has the number `{}`", at + 1, row.fields[0]));
        }
    }
    Ok((vec![date.to_owned()], rows))
}

fn row(code: &str, line: &str) -> Result<Row, String> {
    let fields: Vec<String> = line.split('|').map(str::to_owned).collect();
    let [_, account, bank, card, name, sign, day, clerk] = fields.as_slice() else {
        return Err(format!("a line has {} columns, not 8", fields.len()));
    };
    digits(account)?;
    date_of_compact(day)?;
    let sign = match sign.as_str() {
        "1" => true,
        "2" => false,
        other => return Err(format!("签约状态 `{other}` is neither 1 nor 2")),
    };
    if account.len() != 12 || bank != code || card.is_empty() || name.is_empty() || clerk.is_empty() {
        return Err(format!("the line of `{account}` lacks something, or is another bank's"));
    }
    let (account, card, name) = (account.clone(), card.clone(), name.clone());
    Ok(Row { sign, account, card, name, fields })
}

/// Writes `DKQYR…`; a second reply to one file has `-2` in its name.
pub fn reply(file: &File, lines: &[Notice], now: NaiveDate, copy: u32) -> Out {
    let mut text = String::new();
    for (at, line) in lines.iter().enumerate() {
        let mut fields = line.fields.clone();
        fields[0] = (at + 1).to_string();
        fields[1].clone_from(&line.account);
        let (code, words) = says(Family::Pipe, line.refused);
        text += &format!("{}|{code}|{}|{words}|\r\n", fields.join("|"), compact(now));
    }
    let stem = file.name.replacen("DKQY", "DKQYR", 1);
    let name = if copy <= 1 { stem } else { stem.replace(".TXT", &format!("-{copy}.TXT")) };
    (name, to_gbk(&text))
}

/// The bank's own list, in the form of the file that told it.
pub fn list(code: &str, on: NaiveDate, contracts: &[&Contract]) -> Out {
    let mut text = String::new();
    for (at, contract) in contracts.iter().enumerate() {
        let mut fields = contract.fields.clone();
        fields[0] = (at + 1).to_string();
        text += &format!("{}\r\n", fields.join("|"));
    }
    (format!("DKQY{code}{}.TXT", compact(on)), to_gbk(&text))
}
