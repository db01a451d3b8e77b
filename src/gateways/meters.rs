//! The meters' head-end by files: orders out, acknowledgements and balances in. CSV, UTF-8, LF, yuan, Asia/Shanghai.
//!
//! | file | titles |
//! |---|---|
//! | `credit-{YYYYMMDD}-{seq}.csv` | `order_no,account,amount`, trailer `TOTAL,count,sum` |
//! | `credit-….ack.csv` | `order_no,account,amount,result,message`, trailer `TOTAL,count,sum of accepted` |
//! | `relay-{YYYYMMDD}-{seq}.csv` | `order_no,account,command,not_after` |
//! | `relay-….ack.csv` | `order_no,account,result,state` |
//! | `balances-{YYYYMMDD}.csv` | `account,balance,free,read_at`; `free` may be left out |
//!
//! An order's number is its debit's. Readers are strict: a file that breaks one rule is not believed at all.

use std::collections::HashSet;
use std::io::Read;

use chrono::{DateTime, NaiveDateTime, Utc};
use csv::StringRecord;
use yichong_core::model::ids::{AccountNo, DebitNo};
use yichong_core::model::money::Fen;

use super::clock::{instant, local};

const CREDIT: &[&str] = &["order_no", "account", "amount"];
const CREDIT_ACK: &[&str] = &["order_no", "account", "amount", "result", "message"];
const RELAY: &[&str] = &["order_no", "account", "command", "not_after"];
const RELAY_ACK: &[&str] = &["order_no", "account", "result", "state"];
const BALANCES: &[&str] = &["account", "balance", "free", "read_at"];
const BALANCES_PAID_ONLY: &[&str] = &["account", "balance", "read_at"];
const TOTAL: &str = "TOTAL";
const TIME: &str = "%Y-%m-%d %H:%M:%S";

/// Why a file of the head-end is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct Unbelievable {
    /// Which line; 1 holds the titles.
    pub line: u64,
    /// What is wrong.
    pub problem: String,
}

/// What the head-end says of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Carried out.
    Accepted,
    /// Not carried out.
    Rejected,
    /// It does not know.
    Unknown,
    /// Relays only: it came too late and was not carried out.
    Expired,
}

/// One line of a credit acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreditAnswer {
    /// The debit.
    pub order: DebitNo,
    /// Meter account.
    pub account: AccountNo,
    /// What we ordered, fen.
    pub amount: Fen,
    /// The answer.
    pub said: Said,
    /// In words.
    pub message: String,
}

/// One line of a relay acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayAnswer {
    /// The debit.
    pub order: DebitNo,
    /// Meter account.
    pub account: AccountNo,
    /// The answer.
    pub said: Said,
    /// The switch was read back and lets power through.
    pub closed: bool,
}

/// One line of the balances.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceLine {
    /// Meter account.
    pub account: AccountNo,
    /// Paid money left, fen; below zero: 欠费.
    pub paid: Fen,
    /// Free credit left, fen; none where the file has no such column.
    pub free: Option<Fen>,
    /// When it was read.
    pub read_at: DateTime<Utc>,
}

/// The credit orders' file.
pub fn write_credits(orders: &[(DebitNo, AccountNo, Fen)]) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    out.write_record(CREDIT)?;
    let mut sum = 0;
    for (order, account, amount) in orders {
        out.write_record([order.to_string(), account.to_string(), amount.to_string()])?;
        sum += amount.0;
    }
    out.write_record([TOTAL.to_owned(), orders.len().to_string(), Fen(sum).to_string()])?;
    out.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}

/// The relay commands' file: close the switch, not after an instant.
pub fn write_relays(orders: &[(DebitNo, AccountNo, Option<DateTime<Utc>>)]) -> Result<Vec<u8>, csv::Error> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(RELAY)?;
    for (order, account, not_after) in orders {
        let not_after = not_after.map_or(String::new(), |at| local(at).format(TIME).to_string());
        out.write_record([order.to_string(), account.to_string(), "close".to_owned(), not_after])?;
    }
    out.into_inner().map_err(|e| csv::Error::from(e.into_error()))
}

/// Reads a credit acknowledgement: no order twice, the trailer ties.
pub fn read_credit_answers(from: impl Read) -> Result<Vec<CreditAnswer>, Unbelievable> {
    let mut rows = Rows::open(from, &[CREDIT_ACK])?;
    let (mut answers, mut seen, mut sum) = (Vec::new(), HashSet::new(), Fen::ZERO);
    while rows.next()? {
        if rows.cell(0) == TOTAL {
            let (count, stated) = (rows.cell(1).to_owned(), rows.money(2)?);
            if count != answers.len().to_string() || stated != sum {
                let found = format!("{} orders and {sum} accepted", answers.len());
                return Err(rows.wrong(format!("the trailer says {count} and {stated}, the lines are {found}")));
            }
            return if rows.next()? { Err(rows.wrong("a line after the trailer".to_owned())) } else { Ok(answers) };
        }
        rows.width(CREDIT_ACK.len())?;
        let said = match rows.cell(3) {
            "accepted" => Said::Accepted,
            "rejected" => Said::Rejected,
            "unknown" => Said::Unknown,
            other => return Err(rows.wrong(format!("result `{other}` is not accepted, rejected or unknown"))),
        };
        let (order, account) = (rows.order(&mut seen)?, rows.account(1)?);
        let (amount, message) = (rows.money(2)?, rows.cell(4).to_owned());
        if said == Said::Accepted {
            sum = sum.plus(amount).map_err(|e| rows.wrong(e.to_string()))?;
        }
        answers.push(CreditAnswer { order, account, amount, said, message });
    }
    Err(rows.wrong("the trailer TOTAL,count,sum is missing: the file is cut short".to_owned()))
}

/// Reads a relay acknowledgement: no order twice.
pub fn read_relay_answers(from: impl Read) -> Result<Vec<RelayAnswer>, Unbelievable> {
    let mut rows = Rows::open(from, &[RELAY_ACK])?;
    let (mut answers, mut seen) = (Vec::new(), HashSet::new());
    while rows.next()? {
        rows.width(RELAY_ACK.len())?;
        let said = match rows.cell(2) {
            "accepted" => Said::Accepted,
            "rejected" => Said::Rejected,
            "expired" => Said::Expired,
            "unknown" => Said::Unknown,
            other => return Err(rows.wrong(format!("result `{other}` is not accepted, rejected, expired or unknown"))),
        };
        let closed = match rows.cell(3) {
            "closed" => true,
            "open" | "unknown" => false,
            other => return Err(rows.wrong(format!("state `{other}` is not closed, open or unknown"))),
        };
        let (order, account) = (rows.order(&mut seen)?, rows.account(1)?);
        answers.push(RelayAnswer { order, account, said, closed });
    }
    Ok(answers)
}

/// A head-end's balances, read line by line.
pub struct Balances<R> {
    rows: Rows<R>,
    free: bool,
}

impl<R: Read> Balances<R> {
    /// Reads the titles.
    pub fn open(from: R) -> Result<Balances<R>, Unbelievable> {
        let rows = Rows::open(from, &[BALANCES, BALANCES_PAID_ONLY])?;
        let free = rows.record.len() == BALANCES.len();
        Ok(Balances { rows, free })
    }

    /// The next line; none at the end.
    pub fn line(&mut self) -> Result<Option<BalanceLine>, Unbelievable> {
        if !self.rows.next()? {
            return Ok(None);
        }
        let rows = &self.rows;
        rows.width(if self.free { BALANCES.len() } else { BALANCES_PAID_ONLY.len() })?;
        let free = if self.free { Some(rows.money(2)?) } else { None };
        if let Some(free) = free.filter(|free| *free < Fen::ZERO) {
            return Err(rows.wrong(format!("free credit {free} is below zero")));
        }
        let text = rows.cell(rows.record.len() - 1);
        let read_at = NaiveDateTime::parse_from_str(text, TIME)
            .map_err(|_| rows.wrong(format!("read_at `{text}` is not YYYY-MM-DD HH:MM:SS")))?;
        let read_at = instant(read_at.date(), read_at.time());
        Ok(Some(BalanceLine { account: rows.account(0)?, paid: rows.money(1)?, free, read_at }))
    }

    /// Names a problem of the line read last.
    pub fn wrong(&self, problem: String) -> Unbelievable {
        self.rows.wrong(problem)
    }
}

struct Rows<R> {
    reader: csv::Reader<R>,
    record: StringRecord,
    line: u64,
}

impl<R: Read> Rows<R> {
    fn open(from: R, titles: &[&[&str]]) -> Result<Rows<R>, Unbelievable> {
        let reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(from);
        let mut rows = Rows { reader, record: StringRecord::new(), line: 0 };
        let any = rows.next()?;
        if any && titles.iter().any(|titles| rows.record.iter().eq(titles.iter().copied())) {
            return Ok(rows);
        }
        let wanted: Vec<String> = titles.iter().map(|titles| titles.join(",")).collect();
        Err(Unbelievable { line: 1, problem: format!("the titles are not {}", wanted.join(" or ")) })
    }

    fn next(&mut self) -> Result<bool, Unbelievable> {
        self.line = self.reader.position().line();
        self.reader.read_record(&mut self.record).map_err(|e| self.wrong(e.to_string()))
    }

    fn cell(&self, at: usize) -> &str {
        self.record.get(at).unwrap_or_default()
    }

    fn wrong(&self, problem: String) -> Unbelievable {
        Unbelievable { line: self.line, problem }
    }

    fn width(&self, wanted: usize) -> Result<(), Unbelievable> {
        if self.record.len() == wanted {
            return Ok(());
        }
        Err(self.wrong(format!("{} fields, {wanted} belong here", self.record.len())))
    }

    fn order(&self, seen: &mut HashSet<i64>) -> Result<DebitNo, Unbelievable> {
        let order: DebitNo = self.cell(0).parse().map_err(|e| self.wrong(format!("order_no: {e}")))?;
        if seen.insert(order.0) { Ok(order) } else { Err(self.wrong(format!("order {order} stands twice"))) }
    }

    fn account(&self, at: usize) -> Result<AccountNo, Unbelievable> {
        self.cell(at).parse().map_err(|e| self.wrong(format!("account: {e}")))
    }

    fn money(&self, at: usize) -> Result<Fen, Unbelievable> {
        Fen::parse_yuan(self.cell(at)).map_err(|e| self.wrong(e.to_string()))
    }
}
