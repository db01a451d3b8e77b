//! The head-end's files, read and written by hand: CSV, UTF-8, LF, yuan.

use std::collections::HashSet;

use chrono::NaiveDateTime;

use super::meter::{Command, Meter};
use super::text::{csv_fields, csv_line, digits, fen_of_yuan, from_utf8, yuan};

const CREDIT: &str = "order_no,account,amount";
const RELAY: &str = "order_no,account,command,not_after";

/// One credit order of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditRow {
    /// Order number.
    pub order: String,
    /// Account.
    pub account: String,
    /// Amount, fen.
    pub fen: i64,
}

/// One relay command of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayRow {
    /// Order number.
    pub order: String,
    /// Account.
    pub account: String,
    /// 合闸 or 拉闸.
    pub command: Command,
    /// Not to be carried out after this.
    pub not_after: Option<NaiveDateTime>,
}

/// Reads `credit-{YYYYMMDD}-{seq}.csv`.
pub fn read_credit(name: &str, bytes: &[u8]) -> Result<Vec<CreditRow>, String> {
    if !name.starts_with("credit-") || !name.ends_with(".csv") {
        return Err("the name is neither credit-….csv nor relay-….csv".to_owned());
    }
    let mut lines = lines(bytes, CREDIT)?;
    let trailer = lines.pop().unwrap_or_default();
    if trailer.len() != 3 || trailer[0] != "TOTAL" {
        return Err("no trailer `TOTAL,count,sum`".to_owned());
    }
    let mut rows = Vec::with_capacity(lines.len());
    let mut seen = HashSet::new();
    for fields in lines {
        let [order, account, amount] =
            <[String; 3]>::try_from(fields).map_err(|_| "a row has not 3 fields".to_owned())?;
        let fen = fen_of_yuan(&amount)?;
        if fen == 0 || order.is_empty() || !seen.insert(order.clone()) {
            return Err(format!("order `{order}` is empty, without amount, or stands twice"));
        }
        rows.push(CreditRow { order, account, fen });
    }
    let sum: i64 = rows.iter().map(|row| row.fen).sum();
    if usize::try_from(digits(&trailer[1])?) != Ok(rows.len()) || fen_of_yuan(&trailer[2])? != sum {
        return Err("the trailer does not tie with the rows".to_owned());
    }
    Ok(rows)
}

/// Reads `relay-{YYYYMMDD}-{seq}.csv`.
pub fn read_relay(bytes: &[u8]) -> Result<Vec<RelayRow>, String> {
    let row = |fields: Vec<String>| {
        let [order, account, command, limit] =
            <[String; 4]>::try_from(fields).map_err(|_| "a row has not 4 fields".to_owned())?;
        let command = match command.as_str() {
            "close" | "reclose" => Command::Close,
            "open" | "cut" => Command::Open,
            other => return Err(format!("`{other}` is no command of a relay")),
        };
        let parsed = NaiveDateTime::parse_from_str(&limit, "%Y-%m-%d %H:%M:%S");
        let not_after = if limit.is_empty() {
            None
        } else {
            Some(parsed.map_err(|_| format!("`{limit}` is not YYYY-MM-DD HH:MM:SS"))?)
        };
        Ok(RelayRow { order, account, command, not_after })
    };
    let lines = lines(bytes, RELAY)?;
    lines.into_iter().filter(|fields| fields[0] != "TOTAL").map(row).collect()
}

fn lines(bytes: &[u8], titles: &str) -> Result<Vec<Vec<String>>, String> {
    let text = from_utf8(bytes)?;
    let mut lines = text.strip_suffix('\n').unwrap_or(&text).split('\n');
    if text.contains('\r') || lines.next() != Some(titles) {
        return Err(format!("the titles are not `{titles}`, or a line ends with CR"));
    }
    Ok(lines.map(csv_fields).collect())
}

/// `x.csv` is acknowledged by `x.ack.csv`.
pub fn ack_name(name: &str) -> String {
    format!("{}.ack.csv", name.strip_suffix(".csv").unwrap_or(name))
}

/// The acknowledgement of credits: row, result, message.
pub fn write_credit_ack(answers: &[(&CreditRow, &str, &str)]) -> String {
    let mut text = "order_no,account,amount,result,message\n".to_owned();
    let mut accepted = 0;
    for (row, result, message) in answers {
        accepted += if *result == "accepted" { row.fen } else { 0 };
        text.push_str(&csv_line(&[&row.order, &row.account, &yuan(row.fen), result, message]));
        text.push('\n');
    }
    text.push_str(&format!("TOTAL,{},{}\n", answers.len(), yuan(accepted)));
    text
}

/// The acknowledgement of relay commands: row, result, state.
pub fn write_relay_ack(answers: &[(&RelayRow, &str, &str)]) -> String {
    let mut text = "order_no,account,result,state\n".to_owned();
    for (row, result, state) in answers {
        text.push_str(&csv_line(&[&row.order, &row.account, result, state]));
        text.push('\n');
    }
    text
}

/// The balances of all meters.
pub fn write_balances<'a>(meters: impl Iterator<Item = &'a Meter>, read_at: NaiveDateTime) -> String {
    let mut text = "account,balance,free,read_at\n".to_owned();
    let read_at = read_at.format("%Y-%m-%d %H:%M:%S").to_string();
    for meter in meters {
        text.push_str(&csv_line(&[&meter.account, &yuan(meter.balance), &yuan(meter.free), &read_at]));
        text.push('\n');
    }
    text
}
