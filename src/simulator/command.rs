//! The simulators as plain calls, one for each thing an operator of a demo types. Each call opens the books anew.

use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

use chrono::{NaiveDate, NaiveDateTime};

use super::bank::{Bank, BankConfig};
use super::headend::{HeadEnd, HeadEndConfig};
use super::text::{csv_fields, fen_of_yuan, yuan};

/// One call of the bank.
#[derive(Clone, Debug)]
pub struct BankSimArgs {
    /// The exchange folder: holds `out/`, `in/` and `bank/`.
    pub exchange: PathBuf,
    /// The bank.
    pub config: BankConfig,
    /// What it shall do.
    pub step: BankStep,
}

/// What a bank can be told.
#[derive(Clone, Debug)]
pub enum BankStep {
    /// Take the waiting files.
    Receive(NaiveDate),
    /// Work on them with this 清算日 and answer.
    Answer(NaiveDate),
    /// Answer, held answers too.
    Release(NaiveDate),
    /// Answer this file once more, without faults.
    Again(String, NaiveDate),
    /// Write the statement of a day.
    Statement(NaiveDate),
    /// Take, answer and settle a whole day.
    Day(NaiveDate),
    /// Say the sums.
    Report,
}

/// Carries out one step of the bank; returns lines to be shown: names of files, or figures.
pub fn bank_command(args: &BankSimArgs) -> io::Result<Vec<String>> {
    let mut bank = Bank::open(&args.exchange, args.config.clone())?;
    match &args.step {
        BankStep::Receive(date) => bank.receive(*date),
        BankStep::Answer(date) => bank.answer(*date),
        BankStep::Release(date) => {
            bank.release_held();
            bank.answer(*date)
        }
        BankStep::Again(file, date) => {
            bank.answer_again(file)?;
            bank.answer(*date)
        }
        BankStep::Statement(date) => Ok(vec![bank.statement(*date)?]),
        BankStep::Day(date) => {
            let mut lines = bank.receive(*date)?;
            lines.extend(bank.answer(*date)?);
            lines.push(bank.statement(*date)?);
            Ok(lines)
        }
        BankStep::Report => Ok(report(&bank)),
    }
}

fn report(bank: &Bank) -> Vec<String> {
    let totals = bank.totals();
    let mut lines = vec![
        format!("debits {} of which {} took {}", totals.debits, totals.taken_count, yuan(totals.taken)),
        format!("given back {}", yuan(totals.given_back)),
        format!("settled {} fees {} taken back {}", yuan(totals.settled), yuan(totals.fees), yuan(totals.taken_back)),
        format!("strangers {}", yuan(totals.strangers)),
        format!("double debits {}", bank.double_debits().len()),
    ];
    lines.extend(bank.complaints().into_iter().map(|text| format!("unreadable {text}")));
    lines
}

/// One call of the head-end.
#[derive(Clone, Debug)]
pub struct MeterSimArgs {
    /// The meters' folder: holds `out/`, `in/` and `meters/`.
    pub meters: PathBuf,
    /// The head-end.
    pub config: HeadEndConfig,
    /// What it shall do.
    pub step: MeterStep,
}

/// What a head-end can be told.
#[derive(Clone, Debug)]
pub enum MeterStep {
    /// Apply and acknowledge the waiting orders.
    Run(NaiveDateTime),
    /// Write the balances read at this time.
    Snapshot(NaiveDateTime),
    /// Say the sums.
    Report,
}

/// Carries out one step of the head-end; returns lines to be shown.
pub fn meter_command(args: &MeterSimArgs) -> io::Result<Vec<String>> {
    let mut head_end = HeadEnd::open(&args.meters, args.config.clone())?;
    match args.step {
        MeterStep::Run(now) => head_end.run(now),
        MeterStep::Snapshot(read_at) => Ok(vec![head_end.snapshot_at(read_at)?]),
        MeterStep::Report => {
            let (meters, orders) = (head_end.meters().count(), head_end.orders().count());
            let mut lines = vec![
                format!("meters {meters} orders {orders} credited {}", yuan(head_end.credited())),
                format!("double credits {}", head_end.double_credits().len()),
            ];
            lines.extend(head_end.complaints().iter().map(|text| format!("unreadable {text}")));
            Ok(lines)
        }
    }
}

/// Opening balances from CSV with titles `account,balance,free`, more columns ignored: a written snapshot will do.
pub fn opening_balances(text: &str) -> Result<BTreeMap<String, (i64, i64)>, String> {
    let mut lines = text.lines();
    if !lines.next().is_some_and(|titles| titles.starts_with("account,balance,free")) {
        return Err("the titles do not begin with `account,balance,free`".to_owned());
    }
    let signed = |text: &str| match text.strip_prefix('-') {
        Some(rest) => fen_of_yuan(rest).map(|fen| -fen),
        None => fen_of_yuan(text),
    };
    let mut balances = BTreeMap::new();
    for line in lines {
        let fields = csv_fields(line);
        let [account, balance, free, ..] = fields.as_slice() else { return Err(format!("`{line}` lacks a field")) };
        balances.insert(account.clone(), (signed(balance)?, signed(free)?));
    }
    Ok(balances)
}
