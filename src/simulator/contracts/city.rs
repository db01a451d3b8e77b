//! 同城集中代收付 授权, fixed widths in GBK *bytes*, no line breaks: `AUT031` (52 + n × 273) → `AUT032` (52 + n × 147).

use chrono::NaiveDate;

use super::super::family::Family;
use super::super::text::{compact, date_of_compact, digits, from_gbk, to_gbk};
use super::journal::{Contract, File, Notice};
use super::{Out, Row, says};

const HEAD: [usize; 8] = [6, 2, 10, 10, 8, 6, 2, 8];
const TOLD: [usize; 10] = [1, 10, 12, 8, 20, 60, 10, 32, 60, 60];

/// Reads `AUT031….Z01`, strictly.
pub fn read(name: &str, bytes: &[u8]) -> Result<(Vec<String>, Vec<Row>), String> {
    if !name.ends_with(".Z01") {
        return Err("the name is no AUT031….Z01".to_owned());
    }
    let (head_len, record): (usize, usize) = (HEAD.iter().sum(), TOLD.iter().sum());
    if bytes.len() <= head_len || !(bytes.len() - head_len).is_multiple_of(record) {
        return Err(format!("{} bytes are no head of {head_len} and records of {record}", bytes.len()));
    }
    let head = cut(bytes, &HEAD)?;
    if head[0] != "AUT031" || head[1] != "04" || head[6] != "99" {
        return Err("the head is no AUT031 (type, service 04, code 99)".to_owned());
    }
    date_of_compact(&head[4])?;
    let rows = bytes[head_len..].chunks(record).map(row).collect::<Result<_, _>>()?;
    Ok((head, rows))
}

fn row(record: &[u8]) -> Result<Row, String> {
    let fields = cut(record, &TOLD)?;
    let text = |at: usize| fields[at].trim_end().to_owned();
    let (account, card, name) = (text(4), text(7), text(8));
    digits(&account)?;
    date_of_compact(&fields[3])?;
    let sign = match fields[0].as_str() {
        "1" => true,
        "2" => false,
        other => return Err(format!("操作标志 `{other}` is neither 1 nor 2")),
    };
    if text(2) != account || card.is_empty() || name.is_empty() || text(1).is_empty() {
        return Err(format!("the record of `{account}` lacks something, or its 委托号 is another"));
    }
    Ok(Row { sign, account, card, name, fields })
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

/// Spaces behind a text, up to a width in GBK bytes.
fn padded(text: &str, width: usize) -> String {
    let length = to_gbk(text).len();
    format!("{text}{}", " ".repeat(width.saturating_sub(length)))
}

/// Writes `AUT032…`: our file's day and a number keep replies apart, for our own names come again every day.
pub fn reply(file: &File, lines: &[Notice], copy: u32) -> Out {
    let head = &file.head;
    let mut text = format!("AUT032{}{}{}{}{}00{}", head[1], head[3], head[2], head[4], head[5], head[7]);
    for line in lines {
        let of = &line.fields;
        let operation = if line.sign { "1" } else { "2" };
        let (code, _) = says(Family::City, line.refused);
        let (account, meter) = (padded(&line.account, 12), padded(&line.account, 20));
        text += &format!("{operation}{}{account}{meter}{}{}{}{code}", of[1], of[6], of[7], of[8]);
    }
    let middle = file.name.trim_start_matches("AUT031").trim_end_matches(".Z01");
    (format!("AUT032{middle}-{}-{copy}.Z01", compact(file.came_on)), to_gbk(&text))
}

/// The bank's own list, in the form of the file that told it, whose head is `head`.
pub fn list(on: NaiveDate, head: &[String], contracts: &[&Contract]) -> Out {
    let party = |at: usize| head.get(at).map_or("", String::as_str);
    let mut text = format!("AUT03104{:10}{:10}{}23000099{:8}", party(2), party(3), compact(on), party(7));
    for contract in contracts {
        text += &contract.fields.concat();
    }
    ("AUT031230000S.Z01".to_owned(), to_gbk(&text))
}
